"""Sound as geometry: the waveform, the spectrum and chroma as ridges, ribbons, rings in the world of the picture."""
