"""Plots of an analysis and of cues."""
