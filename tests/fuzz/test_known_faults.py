"""Inputs that crashed, hung or filled the memory once, each of a kind: now one line says what is wrong."""

from __future__ import annotations

import io
import json
import struct
import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk import presets
from avwalk.audio.probe import probe
from avwalk.audio.pyav_reader import named_speakers
from avwalk.batch.table import read_jobs
from avwalk.cli.info import about
from avwalk.clock import Clock, parse_fps, parse_time
from avwalk.errors import AvwalkError, OptionError, PresetError, SongError, VideoError
from avwalk.files import png_text
from avwalk.frames.files import open_source
from avwalk.models import diffusers_folder
from avwalk.plan.plan import Plan
from avwalk.rendering.finish import check_film
from avwalk.scenes.project.project import load_project
from avwalk.score.musical_time import parse_length, parse_moment
from avwalk.settings import settings
from avwalk.video.join import read_metadata
from avwalk.video.verify import verify
from tests.fuzz import seeds

NINES = "9" * 5000


def file(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "text", ["1e999999999", "1e-999999999", "9" * 5000, "1/" + "9" * 5000, "0.0000001", "1e-30", "١"]
)
def test_frame_rates_have_few_digits(text: str) -> None:
    with pytest.raises(OptionError) as said:
        parse_fps(text)
    assert len(str(said.value)) < 200


@pytest.mark.parametrize("read", [parse_time, parse_moment, parse_length])
@pytest.mark.parametrize(
    "text", ["9" * 5000, "1:0\0", "1\0", "9" * 5000 + ":30", "bar:" + "9" * 5000, "section:" + "9" * 5000]
)
def test_times_have_few_digits(read: Callable[[str], Any], text: str) -> None:
    try:
        read(text)
    except OptionError as error:
        assert len(str(error)) < 400
    else:
        assert text.startswith("section:")  # a label may be anything


def test_whole_numbers_of_any_length_are_times() -> None:
    with pytest.raises(OptionError, match="past the end"):
        Clock(Fraction(30), 44100, 44100).span(parse_time(10**400), None)


def wav(rate: int, channels: int = 1, n: int = 20_000) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(np.random.default_rng(1).integers(-9999, 9999, n * channels).astype("<i2").tobytes())
    return made.getvalue()


@pytest.mark.parametrize(("rate", "channels"), [(1, 1), (999, 2), (2**31 - 1, 1), (44_100, 65)])
def test_sounds_that_nobody_can_hear(rate: int, channels: int, tmp_path: Path) -> None:
    with pytest.raises(SongError, match="are read|holds no sound"):
        probe(file(tmp_path, "x.wav", wav(rate, channels, 2000)))


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile 'secret.mp4'\n",
    ],
)
def test_lists_of_files_are_not_followed(text: str, tmp_path: Path) -> None:
    file(tmp_path, "secret.mp4", seeds.film())
    path = file(tmp_path, "list.mp4", text.encode())
    for read in (verify, read_metadata, lambda path: open_source(path, (32, 18), Fraction(8))):
        with pytest.raises(VideoError, match="cannot be opened"):
            read(path)
    with pytest.raises(SongError):
        probe(path)


def test_a_codec_that_nobody_knows(tmp_path: Path) -> None:
    path = file(tmp_path, "x.mkv", seeds.film("mkv").replace(b"V_MPEG4/ISO", b"V_ZZZZZ/ISO"))
    with pytest.raises(VideoError, match="codec that is not known here; encode it anew"):
        open_source(path, (32, 18), Fraction(8))
    with pytest.raises(VideoError, match="holds no picture"):
        verify(path)


def test_a_codec_of_sound_that_nobody_knows(tmp_path: Path) -> None:
    path = file(tmp_path, "x.mkv", seeds.film("mkv").replace(b"A_AAC", b"A_ZZZ").replace(b"AVWALK", b"OTHERS"))
    assert "the codec of its sound is not known here" in verify(path)["problems"]
    with pytest.raises(SongError):
        probe(path)
    assert named_speakers(path) == ()
    assert check_film(path, file(tmp_path, "song.wav", wav(8000, n=8000)))["ok"] is False


def test_a_film_of_which_no_sound_is_left(tmp_path: Path) -> None:
    untold = seeds.film("mkv").replace(b"AVWALK", b"OTHERS")  # nor of which part of the song it is
    film = file(tmp_path, "film.mkv", untold)
    assert check_film(film, file(tmp_path, "short.wav", wav(8000, n=2)))["ok"] is False


@pytest.mark.parametrize("damage", ["short", "header", "pickle", "name"])
def test_arrays_of_a_plan_that_are_not_whole(damage: str, tmp_path: Path) -> None:
    name = "../x" if damage == "name" else "0" * 64
    np.save(tmp_path / f"{'0' * 64}.npy", np.zeros((3, 2), np.float32))
    data = (tmp_path / f"{'0' * 64}.npy").read_bytes()
    broken = {"short": data[:70], "header": data[:8], "pickle": b"\x93NUMPY\x01\x00\x10\x00{'descr': ((((((\n"}
    file(tmp_path, f"{'0' * 64}.npy", broken.get(damage, data))
    entry = {"sha256": name, "shape": [3, 2], "dtype": "float32"}
    file(tmp_path, "plan.json", json.dumps({"arrays": {"latents": entry}}).encode())
    with pytest.raises(AvwalkError, match="is damaged"):
        Plan.load(tmp_path)


def test_headers_without_end(tmp_path: Path) -> None:
    deep = b"[" * 100_000
    weights = file(tmp_path, "x.safetensors", struct.pack("<Q", len(deep)) + deep)
    with pytest.raises(AvwalkError, match="no file of safetensors"):
        diffusers_folder.part_of(weights)
    file(tmp_path, "model_index.json", b'{"_class_name": "StableDiffusionPipeline", "unet": []}')
    assert diffusers_folder.components(tmp_path) == []
    file(tmp_path, "model_index.json", deep)
    with pytest.raises(AvwalkError, match="cannot be read as JSON"):
        diffusers_folder.components(tmp_path)


def test_a_picture_whose_prompts_are_a_number(tmp_path: Path) -> None:
    told = {"version": "1", "preset": {"name": "lsd"}, "prompts": {"rows": 5, "texts": 7}}
    data = png_text.with_text(seeds.picture("png"), {"avwalk": json.dumps(told)})
    assert about(file(tmp_path, "x.png", data))["preset"] == "lsd"


@pytest.mark.parametrize(
    "text", ["seed = " + "9" * 5000, "a = " + "[" * 50_000, "a." * 100_000 + "b = 1", "[[a]]\n" * 20_000]
)
def test_presets_have_bounds(text: str, tmp_path: Path) -> None:
    with pytest.raises(PresetError):
        presets.load(str(file(tmp_path, "p.toml", text.encode())))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"media_dir=\xff\n", "is not text in UTF-8"),
        (b"media_dir=~nobody-at-all/x\n", "no user 'nobody-at-all' here"),
    ],
)
def test_settings_that_are_none(data: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AVWALK_MEDIA_DIR", raising=False)
    file(tmp_path, ".env", data)
    settings.cache_clear()
    try:
        with pytest.raises(OptionError, match=said):
            settings()
    finally:
        (tmp_path / ".env").unlink()
        settings.cache_clear()


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    file(tmp_path, "a.wav", b"x")
    for row in (f"{'x' * 300}.wav,\n", f"a.wav,{'x' * 300}.mp4\n"):
        with pytest.raises(OptionError, match="bytes long; shorten it to 255"):
            read_jobs(file(tmp_path, "songs.csv", f"song,out\n{row}".encode()))
    file(tmp_path, "meta/song/song.txt", b"x" * 3000)
    file(tmp_path, "meta/song/prompt_image_definitions.csv", seeds.DEFINITIONS)
    project = load_project("song", meta_dir=tmp_path / "meta", media_dir=tmp_path / "media")
    assert "is not there" in project.notes[0]
