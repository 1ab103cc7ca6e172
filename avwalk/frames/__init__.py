"""A plan's frames: the generator's or a file's, restyled, with effects."""
