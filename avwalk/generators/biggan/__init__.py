"""BigGAN: the network, folded for speed, and the generator that walks through it."""
