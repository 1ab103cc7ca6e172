"""The plan of a film: song, preset and seed, resolved into curves, latents and shots."""
