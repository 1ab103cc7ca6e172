"""Scene projects: text files and image folders, read, validated, created."""
