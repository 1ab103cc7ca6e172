"""Speech: recognised, aligned with a known text, and spoken."""
