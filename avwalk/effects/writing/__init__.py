"""What is written over the picture: text, lyrics and their letters."""
