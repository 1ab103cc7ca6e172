"""Curves on the frame clock, from the sound alone."""
