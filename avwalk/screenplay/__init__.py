"""Words become scenes, and scenes prompts: what is told, who is there, where, when, and how it is to be seen."""
