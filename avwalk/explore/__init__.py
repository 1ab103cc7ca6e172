"""Exploration before rendering: contact sheets of worlds, classes, seeds and settings; previews; the preset gallery."""
