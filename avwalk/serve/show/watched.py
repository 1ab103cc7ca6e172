"""The pictures of a folder that is watched: of a codex, of a story, of what was listened to, or any."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from avwalk.errors import OutputError, VideoError, clipped
from avwalk.files.bounded import parse_json
from avwalk.files.image_meta import METADATA_KEYWORD, image_info
from avwalk.files.png_text import read_text

KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
"""Suffix → type, of what is shown."""
MOST = 20_000
"""Pictures that are looked at."""
PLACES = ("pictures", "thumbnails")
"""Folders in which a codex and a story have their pictures; the second stands in for what is not drawn."""


@dataclass(frozen=True)
class ShownPicture:
    """A picture that can be shown.

    Attributes:
        url: relative to the page, ``pictures/00012.png``.
        path: of the file.
        changed: when it was written, nanoseconds.
    """

    url: str
    path: Path
    changed: int


class WatchedFolder:
    """A folder that is looked at again and again.

    Args:
        path: that has pictures, or a folder ``pictures`` of them.
        every: seconds in which it is looked at once, however many screens ask.

    Raises:
        OutputError: it is not there.
    """

    def __init__(self, path: Path, every: float = 0.0) -> None:
        if not path.is_dir():
            raise OutputError(f"'{path}' is no folder; name that of a codex, a story, or of pictures")
        self.path, self._every = path, every
        self._last: tuple[float, list[ShownPicture]] = (-math.inf, [])

    def pictures(self) -> list[ShownPicture]:
        """The whole pictures that are there now, by name; links are not followed."""
        if time.monotonic() - self._last[0] >= self._every:
            self._last = (time.monotonic(), self._look())
        return self._last[1]

    def _look(self) -> list[ShownPicture]:
        inner = [self.path / name for name in PLACES if (self.path / name).is_dir()]
        found: dict[str, ShownPicture] = {}
        for folder in inner or [self.path]:
            place = folder.name if inner else "files"
            for each in sorted(folder.iterdir())[:MOST]:
                if each.suffix.lower() not in KINDS or each.name in found or each.is_symlink():
                    continue
                try:
                    changed = each.stat().st_mtime_ns
                except OSError:
                    continue
                if image_info(each) is not None:  # what is still being written is not shown
                    found[each.name] = ShownPicture(f"{place}/{each.name}", each, changed)
        return [found[name] for name in sorted(found)]

    def picture(self, url: str) -> ShownPicture | None:
        """The picture of an address; None: there is none. Nothing else of the folder has an address."""
        place, _, name = url.partition("/")
        folder = self.path if place == "files" else self.path / place
        path = folder / name
        known = place == "files" or place in PLACES
        if not known or Path(name).name != name or path.suffix.lower() not in KINDS or path.is_symlink():
            return None
        return ShownPicture(url, path, path.stat().st_mtime_ns) if path.is_file() else None


def caption_of(picture: ShownPicture) -> str:
    """What is seen in a picture, as it says of itself: its scene, what was said, or its prompt; empty: nothing."""
    return _caption(picture.path, picture.changed)


@lru_cache(maxsize=MOST)
def _caption(path: Path, _changed: int) -> str:
    try:
        told: Any = parse_json(read_text(path).get(METADATA_KEYWORD, "{}"))
    except (ValueError, VideoError):
        return ""
    if not isinstance(told, dict):
        return ""
    codex = told.get("codex")
    scene = codex.get("scene") if isinstance(codex, dict) else None
    text = next((each for each in (scene, told.get("text"), told.get("prompt")) if isinstance(each, str) and each), "")
    return clipped(" ".join(text.split()), 300)
