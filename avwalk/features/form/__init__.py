"""Song form: sections and their labels, build-ups, drops."""
