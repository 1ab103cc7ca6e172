"""One file to give a codex away: a zip with manifest and hashes, checked when it is read."""
