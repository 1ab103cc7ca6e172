"""Beats, bars and drums: what a small network of our own hears, and one model that judges it as a whole."""
