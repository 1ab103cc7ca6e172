"""``avwalk score``."""

from avwalk.cli.score.command import app

__all__ = ["app"]
