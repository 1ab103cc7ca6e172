"""``avwalk words SONG``."""

from avwalk.cli.words.command import app

__all__ = ["app"]
