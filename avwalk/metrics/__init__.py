"""Measures of pictures: how well they fit their prompts, how alike they are."""
