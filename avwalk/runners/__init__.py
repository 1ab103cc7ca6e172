"""Runners: draw and encode the segments of a film in threads."""
