"""The page of a codex: whole, escaped, and nothing of elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

from avwalk.codex.page import page_facts, write_page
from avwalk.codex.record import read_record, record_texts
from avwalk.codex.thumbnails import SIDE, make_thumbnails, thumbnail
from avwalk.files.image_meta import image_info, read, write
from tests.codex.pictures import MOODS, SCENES, small_codex

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u2028\"'&"


def data_of(text: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert found
    told = json.loads(found[1])
    assert isinstance(told, dict)
    return told


def test_the_page_knows_every_picture(tmp_path: Path) -> None:
    folder = small_codex(tmp_path / "shore")
    folder.add_mark("00001.png", "good")
    folder.bad.mkdir()
    shutil.copy(folder.picture(2), folder.bad)
    told = data_of(write_page(folder.path).read_text(encoding="utf-8"))
    assert told["codex"] == "shore" and told["scenes"] == list(SCENES) and told["scene_counts"] == [3, 3]
    assert told["categories"] == [{"name": "Mood", "values": list(MOODS), "counts": [2, 2, 2]}]
    assert told["marks"] == {"00001.png": "good", "00002.png": "bad"}
    pictures = told["pictures"]
    assert isinstance(pictures, list) and len(pictures) == 6
    assert pictures[1]["n"] == "00001.png" and pictures[1]["a"] == [[0, "crimson and gold"]]
    assert pictures[1]["f"] == "pictures/00001.png" and (folder.path / pictures[1]["t"]).is_file()


def test_whatever_the_codex_says_is_text(tmp_path: Path) -> None:
    folder = small_codex(tmp_path / "shore", 1)
    record = replace(read_record(folder.picture(0)), scene=EVIL, attributes={EVIL: EVIL}, prompt=EVIL, codex=EVIL)
    write(folder.picture(0), read(folder.picture(0)), record_texts(record))
    text = write_page(folder.path).read_text(encoding="utf-8")
    script = re.findall(r"<script>(.*?)</script>", text, re.S)
    assert len(re.findall(r"<script", text)) == 2 and len(script) == 1
    assert "<img src=x" not in text and "alert(1)</script>" not in text
    assert data_of(text)["scenes"] == [EVIL]
    permission = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{permission}'" in text and "default-src 'none'" in text


def test_nothing_comes_from_elsewhere_and_nothing_is_put_in_as_markup(tmp_path: Path) -> None:
    text = write_page(small_codex(tmp_path / "shore").path).read_text(encoding="utf-8")
    assert not re.findall(r"(?:https?:)?//[a-z]", re.sub(r"^\s*//.*$|// .*$", "", text, flags=re.M))
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)


def test_a_codex_that_was_shared_shows_its_small_pictures(tmp_path: Path) -> None:
    folder = small_codex(tmp_path / "shore")
    write_page(folder.path)
    shutil.rmtree(folder.pictures)
    told = page_facts(folder)
    assert [each["t"] for each in told["pictures"]][:2] == ["thumbnails/00000.png", "thumbnails/00001.png"]
    assert {each["f"] for each in told["pictures"]} == {""}
    folder.add_mark("00001.png", "bad")
    assert page_facts(folder)["marks"] == {"00001.png": "bad"}
    assert [each.record.index for each in folder.sorted_pictures().bad] == [1]


def test_an_empty_codex_has_a_page(tmp_path: Path) -> None:
    told = data_of(write_page(tmp_path / "none").read_text(encoding="utf-8"))
    assert told["pictures"] == [] and told["codex"] == "none"


def test_small_pictures_are_made_once_and_say_only_the_kind_of_painter(tmp_path: Path) -> None:
    folder = small_codex(tmp_path / "shore", 1, "a1111@http://10.0.0.2:7860")
    record = read_record(folder.picture(0))
    large = read(folder.picture(0)).repeat(40, 0).repeat(40, 1)
    write(folder.picture(0), large, record_texts(record))
    small = thumbnail(folder.picture(0), folder.path)
    assert small is not None
    info = image_info(small)
    assert info is not None and info.size == (SIDE, SIDE * 2 // 3)
    assert read_record(small) == replace(record, painter="a1111")
    before = small.stat().st_mtime_ns
    assert make_thumbnails([folder.picture(0)], folder.path) == [] and small.stat().st_mtime_ns == before
    (folder.pictures / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert make_thumbnails([folder.pictures / "x.png"], folder.path) == ["x.png"]
