"""A film for each row of a table of songs."""
