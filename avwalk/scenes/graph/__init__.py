"""Prompts and seeds as nodes, transitions as edges: paths through them, plots, reports."""
