"""Drawing the pictures and transitions of a project, by generator."""
