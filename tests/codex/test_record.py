"""What a picture of a codex carries, written and read again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from avwalk.codex.record import MAX_TEXT, Record, read_record, record_of, record_texts
from avwalk.errors import CodexError
from avwalk.files.image_meta import write
from avwalk.files.infotext import parsed
from avwalk.files.png_text import read_text

RECORD = Record(
    index=12,
    codex="Nächte",
    scene='a lighthouse, seen from the "sea"',
    attributes={"Ambiance": "fog", "Color Palette": "gold; teal"},
    prompt="a lighthouse, fog\nand more",
    negative="blurry",
    style="ink",
    seed=2**63 - 1,
    painter="sd@model?steps=4",
    width=96,
    height=64,
)


def test_a_record_survives_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "00012.png"
    write(path, np.full((64, 96, 3), 0.5, np.float32), record_texts(RECORD, {"Steps": 4}))
    assert read_record(path) == RECORD
    said = parsed(read_text(path)["parameters"])
    assert said["Prompt"] == RECORD.prompt and said["Negative prompt"] == "blurry"
    assert (said["Seed"], said["Size"], said["Steps"], said["Painter"]) == (str(RECORD.seed), "96x64", "4", "sd")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"index": -1}, "index"),
        ({"index": True}, "index"),
        ({"seed": 2**63}, "seed"),
        ({"width": 70_000}, "width"),
        ({"scene": 7}, "scene"),
        ({"prompt": "x" * (MAX_TEXT + 1)}, "prompt"),
        ({"scene": "a\x1b[2Jb"}, "control"),
        ({"attributes": [1]}, "attributes"),
        ({"attributes": {"a": 1}}, "a is no text"),
        ({"attributes": {f"c{k}": "v" for k in range(65)}}, "at most 64"),
    ],
)
def test_a_stranger_s_record_is_checked(change: dict[str, object], reason: str) -> None:
    tree = json.loads(record_texts(RECORD)["avwalk"])
    tree["codex"] |= change
    with pytest.raises(ValueError, match=reason):
        record_of({"avwalk": json.dumps(tree)})


@pytest.mark.parametrize("texts", [{}, {"avwalk": "{}"}, {"avwalk": "[1]"}, {"avwalk": "{"}, {"parameters": "a cat"}])
def test_other_pictures_have_no_record(texts: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "other.png"
    write(path, np.zeros((8, 8, 3), np.float32), texts)
    with pytest.raises(CodexError, match="other.png"):
        read_record(path)
