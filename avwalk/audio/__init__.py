"""The song: read, probed, hashed."""
