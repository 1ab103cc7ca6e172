"""The preset gallery: a Markdown page with description, command and a strip of frames per preset."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk import presets
from avwalk.arrays.colour import to_8bit
from avwalk.config.preset import Preset
from avwalk.errors import OutputError, VideoError
from avwalk.files.atomic import write_file
from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve

FRAMES = 6
SIZE = (640, 360)  # drawn; shown at a third, so that lines and grain are those of a film
STRIP_SIZE = (214, 120)
MAX_BYTES = 60_000
INTRODUCTION = """# Presets

{n} frames of one song for each, evenly spread, in colour and in grey: looks that cannot be told apart without their
colours would be one. Made by `avwalk presets gallery`.
"""


def gallery(
    song: Path,
    readme: Path,
    pictures: Path,
    names: Sequence[str],
    on_preset: Callable[[str], None] = lambda name: None,
) -> list[Path]:
    """Draws a strip for each preset and writes the page that shows them.

    Args:
        song: any audio file.
        readme: the page, Markdown.
        pictures: folder of the strips, JPEG of at most `MAX_BYTES` each.
        names: of the presets, in this order.
        on_preset: called with each name before it is drawn.

    Returns:
        The strips, then the page.

    Raises:
        OutputError: the files cannot be written.
        VideoError: a strip does not fit into its size.
    """
    try:
        pictures.mkdir(parents=True, exist_ok=True)
        readme.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write '{error.filename}': {error.strerror}; choose another folder") from error
    made, parts = [], [INTRODUCTION.format(n=FRAMES)]
    for name in names:
        on_preset(name)
        strip = pictures / f"{name}.jpg"
        write_file(strip, _jpeg(_strip(song, name)))
        link = Path(os.path.relpath(strip, readme.parent)).as_posix()
        parts.append(_entry(name, presets.load(name).values, link))
        made.append(strip)
    write_file(readme, "\n".join(parts))
    return [*made, readme]


def _entry(name: str, preset: Preset, link: str) -> str:
    title = preset.title or name
    text = f"{preset.description}\n\n" if preset.description else ""
    command = f"    avwalk render song.wav --preset {name}\n"
    return f"## {title}\n\n{text}{command}\n![Frames of {title} in colour and in grey]({link})\n"


def _strip(song: Path, name: str) -> NDArray[np.uint8]:
    """Frames in a row, and the same in grey below: (2h, n·w, 3), B, G, R."""
    request = resolve(song, {"preset": name, "size": SIZE, "no_cues": True})
    plan, worlds, _ = plan_of(request)
    source = source_of(plan, worlds)
    cells = []
    for k in range(FRAMES):
        i = plan.i0 + int((k + 0.5) / FRAMES * plan.n_frames)
        small = cv2.resize(source.frames(i, i + 1)[0], STRIP_SIZE, interpolation=cv2.INTER_AREA)
        cells.append(to_8bit(small[..., ::-1]))
    row = np.concatenate(cells, axis=1)
    grey = cv2.cvtColor(row, cv2.COLOR_BGR2GRAY)
    return np.concatenate([row, np.repeat(grey[..., None], 3, axis=2)])


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    """As good as fits into `MAX_BYTES`."""
    for quality in range(90, 20, -6):
        done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if done and data.size <= MAX_BYTES:
            return data.tobytes()
    raise VideoError(f"a strip of {picture.shape[1]}x{picture.shape[0]} does not fit into {MAX_BYTES} bytes as JPEG")
