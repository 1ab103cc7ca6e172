"""A project as one zip file, and back."""
