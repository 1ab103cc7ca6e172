"""Looking around before rendering: grids of worlds."""
