"""Contact sheets: labelled frames in a grid, as PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import to_8bit
from avwalk.contracts import Frames
from avwalk.errors import OptionError
from avwalk.files.atomic import write_file
from avwalk.files.png_text import with_text

MAX_CELL = 640  # pixels: wider frames are shrunk to this
MARGIN, LABEL_HEIGHT = 14, 26
BACKGROUND, INK = (24, 22, 20), (214, 218, 220)  # B, G, R


def contact_sheet(
    frames: Sequence[tuple[str, Frames]], columns: int, out: Path, texts: Mapping[str, str] | None = None
) -> None:
    """Writes a PNG with the frames in rows from left to right, a label under each, on a dark ground.

    Args:
        frames: label and picture (H, W, 3) float32 sRGB in [0, 1]. Cells have the shape of the first picture;
            others are fitted into theirs. Letters that are not ASCII are shown as ``?``; long labels are cut.
        columns: pictures in a row, ≥ 1; fewer when there are fewer frames.
        out: the file. It appears when it is whole.
        texts: PNG metadata, keyword → text.

    Raises:
        OptionError: no frames, or no columns.
        OutputError: the file cannot be written.
    """
    import cv2

    if not frames or columns < 1:
        raise OptionError(f"{len(frames)} frames in {columns} columns make no contact sheet; give at least one of each")
    columns = min(columns, len(frames))
    rows = -(-len(frames) // columns)
    height, width = frames[0][1].shape[:2]
    shrink = min(1.0, MAX_CELL / width, MAX_CELL / height)
    height, width = max(1, round(height * shrink)), max(1, round(width * shrink))
    pitch_y, pitch_x = height + LABEL_HEIGHT + MARGIN, width + MARGIN
    sheet = np.empty((rows * pitch_y + MARGIN, columns * pitch_x + MARGIN, 3), np.uint8)
    sheet[:] = BACKGROUND
    for k, (label, picture) in enumerate(frames):
        y, x = MARGIN + k // columns * pitch_y, MARGIN + k % columns * pitch_x
        cell = _fitted(picture, height, width)
        top, left = y + (height - cell.shape[0]) // 2, x + (width - cell.shape[1]) // 2
        sheet[top : top + cell.shape[0], left : left + cell.shape[1]] = cell
        _write(sheet[y + height : y + height + LABEL_HEIGHT, x : x + width], label)
    done, data = cv2.imencode(".png", sheet)
    assert done, "PNG takes any 8-bit picture"
    write_file(out, with_text(data.tobytes(), texts or {}))  # not cv2.imwrite: it cannot write every path on Windows


def _fitted(picture: Frames, height: int, width: int) -> NDArray[np.uint8]:
    """8-bit BGR, as large as fits into (height, width), never enlarged."""
    import cv2

    h, w = picture.shape[:2]
    scale = min(1.0, height / h, width / w)
    if scale < 1:
        size = (max(1, round(w * scale)), max(1, round(h * scale)))
        small = cv2.resize(np.ascontiguousarray(picture, np.float32), size, interpolation=cv2.INTER_AREA)
        picture = np.asarray(small, np.float32)
    eight: NDArray[np.uint8] = to_8bit(picture)
    return eight[..., ::-1]


def _write(strip: NDArray[np.uint8], label: str) -> None:
    """Label into a strip (LABEL_HEIGHT, width, 3), cut where it ends."""
    import cv2

    font, size = cv2.FONT_HERSHEY_SIMPLEX, 0.5
    text = "".join(c if " " <= c <= "~" else "?" for c in label)
    if cv2.getTextSize(text, font, size, 1)[0][0] > strip.shape[1]:
        while text and cv2.getTextSize(text + "...", font, size, 1)[0][0] > strip.shape[1]:
            text = text[:-1]
        text = text + "..." if text else ""
    canvas = np.ascontiguousarray(strip)
    cv2.putText(canvas, text, (1, LABEL_HEIGHT - 9), font, size, INK, 1, cv2.LINE_AA)
    strip[:] = canvas
