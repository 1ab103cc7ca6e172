"""Export and import of a project as one zip archive."""
