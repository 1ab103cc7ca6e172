"""Paths in latent space."""
