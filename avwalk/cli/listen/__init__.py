"""``avwalk listen``."""

from avwalk.cli.listen.command import app

__all__ = ["app"]
