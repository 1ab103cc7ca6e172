"""Batch rendering: one film per row of a table of songs."""
