"""The codex: scenes × attributes from which pictures are drawn, looked through, and learned from."""
