"""Settings: the environment comes before `.env`, `.env` before the defaults."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from avwalk.errors import OptionError
from avwalk.settings import NOWHERE, Settings, user_folder


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("MEDIA_DIR", "META_DIR", "MODEL_CACHE_DIR"):
        monkeypatch.delenv(f"AVWALK_{name}", raising=False)


def env(text: str) -> None:
    Path(".env").write_text(text, encoding="utf-8")


def test_the_names_of_ai_art_are_read_from_the_file() -> None:
    env("media_dir=m\nmeta_dir='my texts'\nmodel_cache_dir=/weights\nREPO_DIR=x\n")
    found = Settings()
    assert (found.media_dir, found.meta_dir, found.model_cache_dir) == (Path("m"), Path("my texts"), Path("/weights"))


def test_our_names_are_read_too_and_come_first() -> None:
    env("media_dir=theirs\nAVWALK_MEDIA_DIR=ours\nAVWALK_META_DIR=texts\n")
    assert (Settings().media_dir, Settings().meta_dir) == (Path("ours"), Path("texts"))


@pytest.mark.parametrize("line", ["media_dir=file", "MEDIA_DIR=file", "AVWALK_MEDIA_DIR=file", "avwalk_media_dir=file"])
def test_the_environment_comes_before_the_file(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    env(line)
    assert Settings().media_dir == Path("file")
    monkeypatch.setenv("AVWALK_MEDIA_DIR", "environment")
    assert Settings().media_dir == Path("environment")
    assert Settings(media_dir=Path("said")).media_dir == Path("said")


def test_variables_of_other_programs_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_DIR", "/srv/website")
    assert Settings().media_dir is None


def test_nothing_said_is_nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    env("media_dir=\nmeta_dir=texts\n")
    monkeypatch.setenv("AVWALK_META_DIR", "")
    assert (Settings().media_dir, Settings().meta_dir) == (None, Path("texts"))


def test_a_byte_order_mark_and_the_home_folder() -> None:
    Path(".env").write_bytes(b"\xef\xbb\xbfmedia_dir=~/films\r\nmeta_dir=~/texts\r\n")
    assert (Settings().media_dir, Settings().meta_dir) == (Path.home() / "films", Path.home() / "texts")


def test_the_example_says_what_there_is() -> None:
    from tests.conftest import ROOT

    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {line[2:].partition("=")[0] for line in lines if line.startswith("# ") and "=" in line and "." not in line}
    assert named == {"media_dir", "meta_dir", "model_cache_dir", "presets_dir", "AVWALK_CACHE_DIR"}
    env("\n".join(line[2:] for line in lines if line.startswith("# media_dir=")))
    assert Settings().media_dir == Path("media")


def test_a_user_without_a_home_has_no_folders_and_none_is_made_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As containers run under any number: platformdirs raises, or older ones give a path that begins with ``~``."""

    def homeless(*args: object, **more: object) -> str:
        raise RuntimeError("could not determine the home directory")

    for answer in (homeless, lambda *args, **more: "~/.cache/avwalk"):
        monkeypatch.setattr(platformdirs, "user_cache_dir", answer)
        assert user_folder("cache") == NOWHERE
    with pytest.raises(OSError):
        (NOWHERE / "a").mkdir(parents=True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_the_file_in_every_encoding_of_an_editor(encoding: str) -> None:
    Path(".env").write_bytes("AVWALK_MEDIA_DIR=Böden\nmeta_dir=m\n".encode(encoding))
    assert (Settings().media_dir, Settings().meta_dir) == (Path("Böden"), Path("m"))


def test_what_cannot_be_read_in_the_file_is_told() -> None:
    Path(".env").write_bytes(b"\xff\xfeA\x00V\x00W")
    with pytest.raises(OptionError, match=r"'\.env' is not text"):
        Settings()
    env("media_dir=~nobody_of_that_name/films\n")
    with pytest.raises(OptionError, match="no user 'nobody_of_that_name' here; write the folder out"):
        Settings()


def test_an_encoding_of_tables_is_a_setting() -> None:
    env("encoding=cp1251\n")
    assert Settings().encoding == "cp1251"
