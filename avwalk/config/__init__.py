"""Every default, once: presets, generators' options, the options of a render."""
