"""The built-in generator: worlds drawn by a small network of coordinates; no weights, no torch."""
