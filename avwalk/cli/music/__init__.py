"""``avwalk music``."""

from avwalk.cli.music.command import app

__all__ = ["app"]
