"""Makes the music that the network of ``avwalk.features.beats`` learns from, and trains it."""
