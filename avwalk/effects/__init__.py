"""Frames to frames, cheaply."""
