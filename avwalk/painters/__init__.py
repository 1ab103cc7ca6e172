"""Painters: a prompt becomes a picture, by avwalk's own drawing, by local diffusion, or by a service."""
