"""Audio features: one float32 value per frame and signal, computed from the sound alone."""
