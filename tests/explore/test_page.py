"""The page on which pictures are marked: what its script is given, and that it fetches nothing."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from avwalk.explore.page import PageCell, page

PICTURE = np.zeros((18, 32, 3), np.float32)


def written(tmp_path: Path, cells: list[PageCell], learn: str = "avwalk codex taste taste.json a.png") -> str:
    page("<worlds>", cells, learn, tmp_path / "a.html")
    return (tmp_path / "a.html").read_text(encoding="utf-8")


def test_each_world_is_one_card_with_all_its_pictures(tmp_path: Path) -> None:
    cells = [PageCell(f"lsd-{k}", "like 80%", [PICTURE] * 4, k, "avwalk explore --preset lsd") for k in range(3)]
    text = written(tmp_path, cells)
    assert text.count("<article") == 3 and text.count("data:image/jpeg;base64,") == 12
    assert 'data-name="lsd-2"' in text and 'data-number="2"' in text and "repeat(3, 1fr)" in text
    assert 'g: "good", b: "bad"' in text and not re.search(r"https?://", text)


def test_names_cannot_end_their_quotes_nor_the_script(tmp_path: Path) -> None:
    cell = PageCell('"><script>', "a < b", [PICTURE], 0, "avwalk explore --preset 'x\"y'")
    text = written(tmp_path, [cell], learn="</script><b>")
    assert text.count("<script>") == 1 and "</script><b>" not in text and "&lt;worlds&gt;" in text
    assert "{" not in text.split("<main>")[1].split("</main>")[0]
