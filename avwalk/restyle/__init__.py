"""Restyle: image-to-image diffusion of keyframes, warped to the frames between, temporally stable."""
