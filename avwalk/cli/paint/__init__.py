"""``avwalk paint``."""

from avwalk.cli.paint.command import app

__all__ = ["app"]
