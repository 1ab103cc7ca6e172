"""What is liked in a codex, learnt from pictures marked good and bad."""
