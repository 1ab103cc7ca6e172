"""Scenes: prompts and kept seeds, the ways between them, and films made of those ways."""
