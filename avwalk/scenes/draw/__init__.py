"""Pictures and transitions of a project, drawn by a generator."""
