"""BigGAN-deep: the folded network and the generator `biggan`."""
