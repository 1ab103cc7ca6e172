"""Effects: cheap frame-to-frame filters (light, bloom, grain, trails, text, …)."""
