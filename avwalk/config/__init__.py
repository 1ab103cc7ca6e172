"""Typed models of all settings with their defaults: presets, generators, options of a render."""
