"""The compiled loops of the built-in generator: fields, surfaces, light."""
