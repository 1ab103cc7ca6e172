"""The built-in painter: it looks words up in tables and draws what they mean, without a network or weights."""
