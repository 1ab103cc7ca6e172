"""Generators: latent positions to frames. `cppn` is built in, `biggan` and `sd` need weights, `testcard` is a test."""
