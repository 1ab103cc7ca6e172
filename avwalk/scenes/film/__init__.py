"""A film from the pictures and transitions of a project."""
