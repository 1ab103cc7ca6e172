"""Who draws the segments: this process, others, a cluster."""
