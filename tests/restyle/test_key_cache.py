from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk import events
from avwalk.arrays.sealed import unsealed
from avwalk.restyle.key_cache import KeyCache, cache_folder, name_of
from avwalk.restyle.restyled import Coherence, Footage, Restyled
from avwalk.restyle.schedule import Schedule
from tests.restyle.moving import MOVES, Grainy, Moving

RNG = np.random.default_rng(0)
PICTURE = RNG.integers(0, 65535, (20, 30, 3), np.uint16)


def film(folder: Path, shot: Moving, strength: float = 0.5, **options: Any) -> tuple[Any, ...]:
    calls: list[int] = []
    grainy = Grainy(shot.size, **options)

    class Counting(Grainy):
        def __call__(self, frames: np.ndarray, wish: Any) -> np.ndarray:
            calls.extend(wish.indices)
            return grainy(frames, wish)

    source = Restyled(
        Footage(shot, shot.size, lambda a, b: shot.drive(a, b, strength)),
        Counting(shot.size, **options),
        Schedule(0, 9, 4),
        Coherence(1),
        key_cache=KeyCache(folder),
    )
    return source.frames(0, 9), calls


def test_a_second_render_paints_nothing_and_gives_the_same_bits(tmp_path: Path) -> None:
    shot = Moving((96, 54), **MOVES["all"])
    first, painted = film(tmp_path, shot)
    again, more = film(tmp_path, shot)
    assert painted == [0, 4, 8] and more == []
    assert np.array_equal(first, again)


def test_what_changes_the_picture_is_painted_again(tmp_path: Path) -> None:
    shot = Moving((96, 54), **MOVES["all"])
    film(tmp_path, shot)
    assert film(tmp_path, shot, strength=0.6)[1] == [0, 4, 8]
    assert film(tmp_path, shot, amount=0.7)[1] == [0, 4, 8]
    other = Moving((96, 54), **MOVES["zoom"])
    assert film(tmp_path, other)[1] == [4, 8]  # the first frame is the same


def test_names_depend_on_everything() -> None:
    picture, noise = np.zeros((4, 6, 3), np.uint8), np.zeros((4, 1, 1), np.float32)
    names = {
        name_of(picture, {"steps": 4}, (0.5, 7.5, 0), noise),
        name_of(picture + 1, {"steps": 4}, (0.5, 7.5, 0), noise),
        name_of(picture.reshape(6, 4, 3), {"steps": 4}, (0.5, 7.5, 0), noise),
        name_of(picture, {"steps": 5}, (0.5, 7.5, 0), noise),
        name_of(picture, {"steps": 4}, (0.5, 7.5, 1), noise),
        name_of(picture, {"steps": 4}, (0.5, 7.5, 0), noise + 1),
    }
    assert len(names) == 6
    assert names == {name for name in names if len(name) == 64}


def test_pictures_come_back_as_they_were(tmp_path: Path) -> None:
    kept = KeyCache(tmp_path)
    assert kept.find("a") is None
    kept.store("a", PICTURE)
    found = kept.find("a")
    assert found is not None and np.array_equal(found, PICTURE)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_pictures_of_another_user_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_yours(path: Path) -> None:
        raise PermissionError(1, "Operation not permitted", str(path))

    kept = KeyCache(tmp_path)
    kept.store("a", PICTURE)
    monkeypatch.setattr(os, "utime", not_yours)
    found = kept.find("a")
    assert found is not None and np.array_equal(found, PICTURE)


def test_without_a_folder_nothing_is_kept() -> None:
    kept = KeyCache(None)
    kept.store("a", PICTURE)
    assert kept.find("a") is None


@pytest.mark.parametrize("harm", ["torn", "empty", "flipped", "other"])
def test_what_is_damaged_is_not_there(tmp_path: Path, harm: str) -> None:
    kept = KeyCache(tmp_path)
    kept.store("a", PICTURE)
    path = tmp_path / "a.png"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    harmed = {"torn": path.read_bytes()[:-40], "empty": b"", "flipped": bytes(data), "other": b"GIF89a"}
    path.write_bytes(harmed[harm])
    assert kept.find("a") is None


def test_a_picture_of_an_earlier_version_is_found_while_its_own_checksums_are_right(tmp_path: Path) -> None:
    """Decoders take pixels that are other ones, as long as they can be unpacked."""
    kept = KeyCache(tmp_path)
    kept.store("a", PICTURE)
    path = tmp_path / "a.png"
    data = unsealed(path.read_bytes())
    assert data is not None
    path.write_bytes(data)
    found = kept.find("a")
    assert found is not None and np.array_equal(found, PICTURE)
    path.write_bytes(data[:60] + b"\0" + data[61:])
    assert kept.find("a") is None


def test_what_does_not_work_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_said", set())
    (tmp_path / "file").write_text("")
    kept = KeyCache(tmp_path / "file")
    for name in "abc":
        kept.store(name, PICTURE)
    assert [record.getMessage() for record in caplog.records] == [
        f"painted pictures cannot be kept in '{tmp_path / 'file'}' (File exists); each film paints its own"
    ]


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    size = len(_stored(tmp_path / "try"))
    kept = KeyCache(tmp_path / "kept", limit=int(3.5 * size))
    for k, name in enumerate("abc"):
        kept.store(name, PICTURE)
        os.utime(tmp_path / "kept" / f"{name}.png", (1000 + k, 1000 + k))
    kept.find("a")
    kept.store("d", PICTURE)
    assert sorted(path.stem for path in (tmp_path / "kept").glob("*.png")) == ["a", "c", "d"]


def _stored(folder: Path) -> bytes:
    KeyCache(folder).store("x", PICTURE)
    return (folder / "x.png").read_bytes()


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = KeyCache(tmp_path / "file")
    kept.store("a", PICTURE)
    assert kept.find("a") is None


def test_the_users_folder_is_that_of_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path))
    assert cache_folder() == tmp_path / "restyle"
