"""All pictures of a codex at a glance: a contact sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from avwalk.arrays.upscale import resized
from avwalk.codex.record import Record
from avwalk.contracts import Frames
from avwalk.errors import VideoError
from avwalk.files.image_meta import read
from avwalk.files.png_text import origin_text
from avwalk.video.contact_sheet import contact_sheet

MAX_CELLS = 400
CELL = 240
"""Pixels of the longer side of a cell."""
MAX_COLUMNS = 12
COLUMNS = 10


def write_sheet(out: Path, records: Sequence[Record], paths: Sequence[Path], scenes: int) -> int:
    """Writes the sheet: a column for each scene, if there are so few; pictures that are not there stay black.

    Args:
        out: the file.
        records: of the pictures; of very many, the first.
        paths: their files.
        scenes: number of scenes.

    Returns:
        Number of pictures on it; 0: none is there, and nothing was written.

    Raises:
        OutputError: it cannot be written.
    """
    cells: list[tuple[str, Frames | None]] = []
    for record, path in list(zip(records, paths, strict=True))[:MAX_CELLS]:
        cells.append((f"{record.index} {record.scene}", _small(path)))
    shape = next((picture.shape for _, picture in cells if picture is not None), None)
    if shape is None:
        return 0
    empty = np.zeros(shape, np.float32)
    pictures = [(label, empty if picture is None else picture) for label, picture in cells]
    columns = scenes if 1 < scenes <= MAX_COLUMNS else COLUMNS
    contact_sheet(pictures, columns, out, origin_text("sheet of a codex", codex=records[0].codex))
    return sum(picture is not None for _, picture in cells)


def _small(path: Path) -> Frames | None:
    if not path.is_file():
        return None
    try:
        picture = read(path)
    except VideoError:
        return None
    height, width = picture.shape[:2]
    scale = min(1.0, CELL / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(np.clip(resized(picture, size), 0, 1), np.float32)
