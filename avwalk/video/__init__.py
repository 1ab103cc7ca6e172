"""Frames to a film: encode, join, mux, verify."""
