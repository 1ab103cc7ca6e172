from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import VideoError
from avwalk.files.png_text import SIGNATURE, is_png, put_text, read_text, with_text
from tests.pictures import decoded

PICTURE = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
PNG = cv2.imencode(".png", PICTURE)[1].tobytes()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def texts_of(folder: Path, png: bytes) -> dict[str, str]:
    file = folder / "a.png"
    file.write_bytes(png)
    return read_text(file)


@given(st.dictionaries(st.text("abc XYZ", min_size=1, max_size=79).map(str.strip).filter(bool), st.text(), max_size=4))
def test_what_is_written_is_read_and_pixels_stay(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[str, Any]
) -> None:
    texts = {name: text.replace("\0", "").encode("utf-8", "replace").decode() for name, text in texts.items()}
    png = with_text(PNG, texts)
    assert texts_of(tmp_path_factory.getbasetemp(), png) == texts
    assert np.array_equal(decoded(png), PICTURE)


def test_the_kind_of_chunk_is_what_other_programs_expect() -> None:
    png = with_text(PNG, {"parameters": "größe\nSteps: 4", "avwalk": '{"a": 1}', "Title": "日本"})
    assert b"tEXtparameters\0gr\xf6\xdfe\nSteps: 4" in png
    assert b'iTXtavwalk\0\0\0\0\0{"a": 1}' in png and "iTXtTitle\0\0\0\0\0日本".encode() in png
    assert png.index(b"IHDR") < png.index(b"tEXt") < png.index(b"IDAT")


def test_a_text_of_the_same_name_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(PNG)
    put_text(file, {"avwalk": "{}", "x": "1"})
    put_text(file, {"avwalk": '{"b": 2}'})
    assert read_text(file) == {"avwalk": '{"b": 2}', "x": "1"}
    assert not list(tmp_path.glob("*.part"))


def test_packed_texts_of_others_are_read(tmp_path: Path) -> None:
    packed = zlib.compress("grün".encode("latin-1"))
    international = b"b\0\x01\0de\0wort\0" + zlib.compress("東".encode())
    png = PNG[:33] + chunk(b"zTXt", b"a\0\0" + packed) + chunk(b"iTXt", international) + PNG[33:]
    assert texts_of(tmp_path, png) == {"a": "grün", "b": "東"}


def test_damaged_and_malicious_chunks_are_left_out(tmp_path: Path) -> None:
    bomb = chunk(b"zTXt", b"bomb\0\0" + zlib.compress(b"0" * (5 << 20)))
    wrong = bytearray(chunk(b"tEXt", b"wrong\0text"))
    wrong[-1] ^= 1
    none = chunk(b"zTXt", b"none\0\0not packed") + chunk(b"iTXt", b"cut") + chunk(b"tEXt", b"\0no name")
    png = PNG[:33] + bomb + bytes(wrong) + none + chunk(b"tEXt", b"good\0yes") + PNG[33:]
    assert texts_of(tmp_path, png) == {"cut": "", "good": "yes"}
    assert texts_of(tmp_path, png[: png.index(b"good")]) == {"cut": ""}  # cut off in the middle of a chunk
    assert texts_of(tmp_path, SIGNATURE + b"\xff\xff\xff\xfftEXt") == {}


def test_what_is_no_png(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"text")
    assert not is_png(file) and not is_png(tmp_path) and not is_png(tmp_path / "none")
    with pytest.raises(VideoError, match="no PNG"):
        read_text(file)
    with pytest.raises(VideoError, match="cannot be opened"):
        read_text(tmp_path / "none.png")
    with pytest.raises(VideoError, match="PNG"):
        with_text(b"text", {"a": "b"})
    for keyword in ("", "x" * 80, "日", " a"):
        with pytest.raises(VideoError, match="cannot name"):
            with_text(PNG, {keyword: "b"})


def test_json_survives_whole(tmp_path: Path) -> None:
    value = {"prompt": 'größe 日本 \n "quoted"', "n": [1, 2.5]}
    assert json.loads(texts_of(tmp_path, with_text(PNG, {"avwalk": json.dumps(value)}))["avwalk"]) == value
