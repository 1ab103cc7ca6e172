from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import OutputError, PlanError
from avwalk.rendering.work_folder import WorkFolder
from avwalk.runners.segments import MIN_FRAMES, partition
from avwalk.spec.json_form import Spec


@dataclass(frozen=True)
class Film(Spec):
    """What a work folder is told of a film."""

    seed: int
    preset: dict[str, dict[str, dict[str, float]]]


FILM = Film(1, {"values": {"camera": {"zoom": 1.0}}})


@given(st.integers(0, 5000), st.integers(1, 5000), st.integers(MIN_FRAMES, 400))
def test_segments_are_a_partition_on_the_grid(i0: int, n: int, length: int) -> None:
    parts = partition(i0, i0 + n, length)
    assert parts[0].i0 == i0 and parts[-1].i1 == i0 + n
    assert all(a.i1 == b.i0 for a, b in itertools.pairwise(parts))
    assert all(b.i0 % length == 0 for b in parts[1:])
    if n >= MIN_FRAMES:
        assert all(s.i1 - s.i0 >= MIN_FRAMES for s in parts)


def test_the_grid_counts_from_the_start_of_the_song() -> None:
    assert partition(0, 900, 300) == [(0, 300), (300, 600), (600, 900)]
    assert partition(450, 900, 300) == [(450, 600), (600, 900)]
    assert partition(0, 305, 300) == [(0, 305)]
    assert partition(295, 600, 300) == [(295, 600)]


def test_a_second_avwalk_is_told_so(tmp_path: Path) -> None:
    with WorkFolder(tmp_path / "a.mp4", FILM), pytest.raises(OutputError, match="another avwalk"):
        WorkFolder(tmp_path / "a.mp4", FILM)


def test_another_film_is_refused_and_fresh_discards_it(tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    with WorkFolder(out, FILM) as work:
        (work.segments / "0000000-0000300.mp4").write_bytes(b"x")
    other = Film(2, {"values": {"camera": {"zoom": 1.5}}})
    with pytest.raises(PlanError, match=r"preset.values.camera.zoom: 1.0 → 1.5.*fresh"):
        WorkFolder(out, other)
    with WorkFolder(out, FILM) as work:
        assert not work.is_empty()
    with WorkFolder(out, other, fresh=True) as work:
        assert work.is_empty()


def test_half_written_files_are_swept(tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    with WorkFolder(out, FILM) as work:
        (work.segments / "0000000-0000300.part").write_bytes(b"x")
        (work.segments / "0000000-0000300.tail").write_bytes(b"x")
    with WorkFolder(out, FILM) as work:
        assert list(work.segments.iterdir()) == []


def test_remove_leaves_nothing(tmp_path: Path) -> None:
    with WorkFolder(tmp_path / "a.mp4", FILM) as work:
        work.remove()
    assert list(tmp_path.iterdir()) == []


def test_an_unusable_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot work in"):
        WorkFolder(tmp_path / "file" / "a.mp4", FILM)
