"""The scene graph (pictures as nodes, transitions as edges): path search, inventory, plots, reports."""
