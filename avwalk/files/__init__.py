"""Files that avwalk reads and writes: images and their metadata, CSV tables, atomic writes."""
