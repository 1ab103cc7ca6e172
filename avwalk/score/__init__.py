"""What the song does when, and how that moves the picture."""
