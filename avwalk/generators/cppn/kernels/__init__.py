"""Numba kernels of the built-in generator: fields, coordinate maps, surfaces, shading, bloom."""
