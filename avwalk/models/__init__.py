"""Weights: where they are, what is in them, and the names of what they can draw.

Anything may import this package; torch is imported inside of the functions that need it.
"""
