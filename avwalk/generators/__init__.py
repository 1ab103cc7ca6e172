"""Latent positions to frames."""
