"""The gallery: a strip for each preset, and a page that links to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.errors import OutputError, PresetError
from avwalk.explore.gallery import FRAMES, MAX_BYTES, STRIP_SIZE, gallery
from tests.pictures import read


def test_strips_in_colour_and_grey_and_a_page_that_links_to_them(click_song: Path, tmp_path: Path) -> None:
    readme, pictures = tmp_path / "looks" / "README.md", tmp_path / "media" / "strips"
    seen: list[Any] = []
    made = gallery(click_song, readme, pictures, ["idol", "lsd"], seen.append)
    assert made == [pictures / "idol.jpg", pictures / "lsd.jpg", readme] and seen == ["idol", "lsd"]
    for strip in made[:2]:
        assert strip.stat().st_size <= MAX_BYTES
        picture = read(strip).astype(int)
        assert picture.shape == (2 * STRIP_SIZE[1], FRAMES * STRIP_SIZE[0], 3)
        colour, grey = picture[: STRIP_SIZE[1]], picture[STRIP_SIZE[1] :]
        assert np.ptp(grey[16:], axis=2).max() <= 8 and np.ptp(colour, axis=2).max() > 40
        assert np.abs(cv2.cvtColor(colour.astype(np.uint8), cv2.COLOR_BGR2GRAY) - grey[..., 0]).mean() < 3
    text = readme.read_text(encoding="utf-8")
    assert "## Idol" in text and "--preset lsd" in text and "](../media/strips/idol.jpg)" in text


def test_an_unknown_preset_writes_no_page(click_song: Path, tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="did you mean 'idol'"):
        gallery(click_song, tmp_path / "README.md", tmp_path, ["idoll"])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said(click_song: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose another folder"):
        gallery(click_song, tmp_path / "README.md", tmp_path / "file" / "strips", ["idol"])
