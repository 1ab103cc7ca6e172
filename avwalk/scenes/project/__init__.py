"""The text files and folders of a project: read, checked, created."""
