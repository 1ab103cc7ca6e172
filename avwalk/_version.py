"""The version, where everything may import it: nothing else is here."""

__version__ = "0.1.0"
