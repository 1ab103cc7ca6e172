"""Contact sheets: everything in its cell, any name, no half files."""

from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import OptionError, OutputError
from avwalk.video.contact_sheet import BACKGROUND, LABEL_HEIGHT, MARGIN, MAX_CELL, contact_sheet
from tests.pictures import read


def plain(height: int, width: int, colour: float | tuple[float, float, float]) -> np.ndarray:
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = colour
    return picture


def test_pictures_are_in_their_cells_with_labels_below(tmp_path: Path) -> None:
    colours = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0.5, 0.5, 0.5)]
    out = tmp_path / "sheet.png"
    contact_sheet([(f"0:0{k}.00", plain(45, 80, c)) for k, c in enumerate(colours)], 3, out)
    sheet = read(out)
    assert sheet.shape == (2 * (45 + LABEL_HEIGHT + MARGIN) + MARGIN, 3 * (80 + MARGIN) + MARGIN, 3)
    for k, (r, g, b) in enumerate(colours):
        y, x = MARGIN + k // 3 * (45 + LABEL_HEIGHT + MARGIN), MARGIN + k % 3 * (80 + MARGIN)
        cell = sheet[y : y + 45, x : x + 80]
        assert np.abs(cell.astype(int) - np.round(np.array([b, g, r]) * 255)).max() <= 1
        assert sheet[y + 45 : y + 45 + LABEL_HEIGHT, x : x + 80].max() > 150, "a label"
    empty = sheet[-(45 + LABEL_HEIGHT + MARGIN) :, -(80 + MARGIN) :]
    assert (empty == BACKGROUND).all()


def test_large_frames_are_shrunk_and_others_fitted(tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    contact_sheet([("wide", plain(720, 1280, 1.0)), ("tall", plain(640, 360, 1.0))], 8, out)
    sheet = read(out)
    assert sheet.shape[1] == 2 * (MAX_CELL + MARGIN) + MARGIN
    second = sheet[MARGIN : MARGIN + 360, 2 * MARGIN + MAX_CELL : 2 * MARGIN + 2 * MAX_CELL]
    white = (second == 255).all(-1)
    assert white.any(0).sum() == pytest.approx(202, abs=1) and white.any(1).sum() == 360


def test_any_label_and_path(tmp_path: Path) -> None:
    out = tmp_path / "Ünï 🎵 - 'song'.png"
    labels = ["", "🎵 naïve", "x" * 500, "a\nb"]
    contact_sheet([(label, plain(9, 16, 0.3)) for label in labels], 2, out)
    assert read(out) is not None
    assert [p.name for p in tmp_path.iterdir()] == [out.name]


def test_values_out_of_range_are_clipped(tmp_path: Path) -> None:
    picture = plain(20, 20, 2.0)
    picture[:10] = -1.0
    picture[0, 0] = np.nan
    out = tmp_path / "a.png"
    contact_sheet([("", picture)], 1, out)
    cell = read(out)[MARGIN : MARGIN + 20, MARGIN : MARGIN + 20]
    assert (cell[:10] == 0).all() and (cell[10:] == 255).all()


def test_nothing_to_show_and_nowhere_to_write(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="0 frames"):
        contact_sheet([], 3, tmp_path / "a.png")
    with pytest.raises(OptionError, match="0 columns"):
        contact_sheet([("", plain(4, 4, 0))], 0, tmp_path / "a.png")
    with pytest.raises(OutputError, match="cannot be written"):
        contact_sheet([("", plain(4, 4, 0))], 1, tmp_path / "none" / "a.png")
    assert not list(tmp_path.iterdir())
