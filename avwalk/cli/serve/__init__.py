"""``avwalk serve``."""

from avwalk.cli.serve.command import app

__all__ = ["app"]
