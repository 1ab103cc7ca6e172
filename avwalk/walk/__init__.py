"""Latent walks: paths through a generator's latent or prompt space, one position per frame."""
