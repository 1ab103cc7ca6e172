"""Restyle: frames painted anew by image-to-image diffusion, steady from frame to frame."""
