"""A style is locked: out of a picture, or by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avwalk.codex.lock import (
    CodexLock,
    lock_by_hand,
    lock_of,
    lock_of_picture,
    lock_toml,
    painter_kind,
    read_lock,
    write_lock,
)
from avwalk.codex.record import read_record, record_texts
from avwalk.errors import CodexError
from avwalk.files.image_meta import write
from avwalk.files.infotext import infotext
from tests.codex.pictures import small_codex

GREY = np.full((16, 24, 3), 0.5, np.float32)


def test_a_picture_of_a_codex_knows_its_scene_and_its_colours(tmp_path: Path) -> None:
    folder = small_codex(tmp_path / "shore")
    lock = lock_of_picture(folder.picture(1))
    assert lock.prompt == "<SCENE>, crimson and gold" and lock.negative == "people" and lock.painter == "worlds"
    assert lock.scene == "a fox in the forest" and lock.picture == "00001.png" and lock.codex == "shore"
    assert lock.palette is not None and lock.palette.base.chroma > 0.02


def test_a_style_behind_the_prompt_stays_apart(tmp_path: Path) -> None:
    record = replace(read_record(small_codex(tmp_path / "s").picture(0)), style="cinematic", prompt="")
    record = replace(
        record, prompt=f"oil, {record.scene}, misty, cinematic", painter="a1111@http://10.0.0.2:7860?jobs=2"
    )
    write(tmp_path / "x.png", GREY, record_texts(record))
    lock = lock_of_picture(tmp_path / "x.png")
    assert (lock.prompt, lock.style, lock.painter) == ("oil, <SCENE>, misty", "cinematic", "a1111")
    assert lock.template == "oil, <SCENE>, misty, cinematic"


def test_a_picture_of_another_program_needs_to_be_told_its_scene(tmp_path: Path) -> None:
    text = infotext("masterpiece, a red boat, oil", "blurry", {"Steps": 4, "Seed": 7, "Size": "24x16"})
    write(tmp_path / "x.png", GREY, {"parameters": text})
    with pytest.raises(CodexError, match="which part of it is: .masterpiece, a red boat, oil"):
        lock_of_picture(tmp_path / "x.png")
    lock = lock_of_picture(tmp_path / "x.png", "A red boat")
    assert (lock.prompt, lock.negative) == ("masterpiece, <SCENE>, oil", "blurry")
    with pytest.raises(CodexError, match="'a blue boat' is not in"):
        lock_of_picture(tmp_path / "x.png", "a blue boat")


def test_pictures_that_say_nothing(tmp_path: Path) -> None:
    write(tmp_path / "x.png", GREY, {})
    (tmp_path / "x.jpg").write_bytes(b"\xff\xd8\xff")
    for name, said in (("x.png", "does not say its prompt"), ("x.jpg", "is no PNG"), ("none.png", "cannot be opened")):
        with pytest.raises(CodexError, match=said):
            lock_of_picture(tmp_path / name)


def test_a_lock_is_written_and_read(tmp_path: Path) -> None:
    lock = lock_of_picture(small_codex(tmp_path / "shore").picture(2)).model_copy(update={"style": 'a "b" \\ c'})
    path = write_lock(tmp_path / "shore", lock)
    assert path == tmp_path / "shore" / "lock.toml" and read_lock(path) == read_lock(tmp_path / "shore") == lock
    with pytest.raises(CodexError, match="is there already"):
        write_lock(tmp_path / "shore", lock)
    write_lock(path, lock_by_hand({"prompt": "ink, <SCENE>"}), force=True)
    assert read_lock(path) == CodexLock(prompt="ink, <SCENE>")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prompt = 'oil'", "0 times"),
        ("", "no prompt"),
        ("prompt = '<SCENE>'\npainter = 'rest@/etc/x.toml'", "names a place"),
        ("prompt = '<SCENE>'\npicture = '../x.png'", "names a folder"),
        ("prompt = '<SCENE>'\nmodel = 'x'", "model"),
        ("prompt = <SCENE>", "not valid TOML"),
        ("a." * 20000, "nested"),
        ("x" * 70_000, "larger than"),
    ],
)
def test_what_is_no_lock_is_refused_in_a_line(text: str, said: str) -> None:
    with pytest.raises(CodexError, match=said):
        lock_of(text.encode(), "lock.toml")


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("worlds", "worlds"),
        ("a1111@http://10.0.0.2:7860?steps=20", "a1111"),
        ("sd@sd-turbo?steps=2", "sd@sd-turbo"),
        ("sd@/home/ana/x", "sd"),
        ("sd?steps=2", "sd"),
        ("rest@service.toml", "rest"),
        ("../x", ""),
    ],
)
def test_of_a_painter_only_its_kind_is_kept(address: str, kind: str) -> None:
    assert painter_kind(address) == kind


def test_the_file_is_toml_that_reads_well() -> None:
    text = lock_toml(lock_by_hand({"prompt": "oil, <SCENE>", "negative": "text"}))
    assert text.splitlines()[1:] == ["version = 1", 'prompt = "oil, <SCENE>"', 'negative = "text"']
