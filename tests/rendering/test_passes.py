"""Passes as files: names, values, what is there already, and what is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import avwalk
from avwalk.contracts import Drive, Lineage, Shot
from avwalk.errors import AvwalkError
from avwalk.generators.cppn.generator import Cppn
from avwalk.pipeline import plan_of
from avwalk.rendering.passes import decoded, encoded, passes_of, runs
from avwalk.request.resolve import resolve
from tests import pictures
from tests.spies import noting

NAMES = ("depth", "normal", "mask", "flow")
SMALL: dict[str, Any] = {"preset": "lsd", "generator": "cppn", "size": "64x36", "fps": 10, "start": 1, "duration": 1}
SMALL["set"] = ("seed=0", "structure.pace=0", "structure.path=seed")


def read(path: Path) -> np.ndarray:
    picture = pictures.read(path, cv2.IMREAD_UNCHANGED)
    return picture[..., ::-1] if picture.ndim == 3 else picture


def test_what_is_stored_is_what_was_known() -> None:
    rng = np.random.default_rng(0)
    normal = rng.standard_normal((9, 16, 3)).astype(np.float32)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    flow = rng.uniform(-500, 500, (9, 16, 2)).astype(np.float32)
    for name, picture, step in (
        ("depth", rng.random((9, 16)).astype(np.float32), 1 / 65535),
        ("normal", normal, 2 / 65535),
        ("mask", rng.random((9, 16)).astype(np.float32), 1 / 255),
        ("flow", flow, 1 / 64),
    ):
        assert np.abs(decoded(name, encoded(name, picture)) - picture).max() <= step / 2 + 1e-4, name
    assert encoded("flow", np.zeros((2, 2, 2), np.float32)).tolist()[0][0] == [32768, 32768, 1]
    assert not decoded("flow", encoded("flow", flow, valid=False)).any()


def test_a_film_with_passes(click_song: Path, tmp_path: Path) -> None:
    events: list[Mapping[str, Any]] = []
    out = tmp_path / "a.mp4"
    options: dict[str, Any] = {**SMALL, "out": out, "passes": "depth,normal,mask,flow"}
    done = avwalk.render(click_song, on_event=events.append, **options)
    folder = tmp_path / "a_passes"
    assert done["passes"] == str(folder)
    wanted = [f"{i:06d}.png" for i in range(10, 20)]
    for name in NAMES:
        assert sorted(file.name for file in (folder / name).iterdir()) == wanted
    assert {**[e for e in events if e["event"] == "progress"][-1], "fps": 0, "eta_s": 0} == {
        "event": "progress",
        "done": 10,
        "total": 10,
        "fps": 0,
        "eta_s": 0,
        "limit": "passes",
    }

    request = resolve(click_song, {key: value for key, value in options.items() if key != "passes"})
    assert request.film == resolve(click_song, options).film, "passes are no part of the film"
    plan, worlds, _ = plan_of(request)
    generator = worlds.of_shot(plan.shots[0])
    assert isinstance(generator, Cppn)
    drawn = generator.passes(plan.drive(14, 16), NAMES)
    for name in NAMES:
        stored = read(folder / name / "000015.png")
        assert stored.dtype == (np.uint8 if name == "mask" else np.uint16)
        assert np.array_equal(stored, encoded(name, drawn[name][1])), name
    assert read(folder / "flow" / "000010.png")[..., 2].min() == 1, "the song has a frame before the film's first"


def test_nothing_is_known_of_a_frame_before_the_songs_first(click_song: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    avwalk.render(click_song, **{**SMALL, "out": out, "start": 0, "duration": 0.2, "passes": "flow"})
    flow = tmp_path / "a_passes" / "flow"
    assert read(flow / "000000.png")[..., 2].max() == 0
    assert read(flow / "000001.png")[..., 2].min() == 1


def test_what_is_there_is_not_drawn_again(click_song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {**SMALL, "out": tmp_path / "a.mp4", "passes": ["mask"], "workers": 1}
    real = Cppn.passes
    drawn: list[int] = []

    def fails_late(self: Cppn, drive: Drive, names: Sequence[str]) -> Any:
        drawn.extend(range(drive.i0, drive.i0 + len(drive)))
        if drive.i0 > 10:
            raise KeyboardInterrupt
        return real(self, drive, names)

    monkeypatch.setattr(Cppn, "passes", fails_late)
    with pytest.raises(KeyboardInterrupt):
        avwalk.render(click_song, **options)
    masks = tmp_path / "a_passes" / "mask"
    assert len(list(masks.glob("*.png"))) == 8 and (tmp_path / "a.mp4.work").exists()
    before = {file: file.stat().st_mtime_ns for file in masks.glob("*.png")}
    drawn.clear()
    monkeypatch.setattr(Cppn, "passes", noting(lambda *a: drawn.extend(range(a[1].i0, a[1].i0 + len(a[1]))), real))
    done = avwalk.render(click_song, **options)
    assert done["resumed_frames"] == 10 and drawn == [18, 19]
    assert all(file.stat().st_mtime_ns == at for file, at in before.items())
    damaged = masks / "000013.png"
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-20])
    drawn.clear()
    avwalk.render(click_song, force=True, **options)
    assert 13 in drawn and 3 not in drawn and damaged.read_bytes() == whole


def test_those_of_another_film_are_not_touched(click_song: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {**SMALL, "out": tmp_path / "a.mp4", "passes": "mask"}
    avwalk.render(click_song, **options)
    (tmp_path / "a.mp4").unlink()
    old = (tmp_path / "a_passes" / "mask" / "000012.png").read_bytes()
    with pytest.raises(AvwalkError, match=r"'.*a_passes' holds the passes of another film; force replaces them"):
        avwalk.render(click_song, **options, seed=9)
    assert not list(tmp_path.glob("*.work")) and (tmp_path / "a_passes" / "mask" / "000012.png").read_bytes() == old
    avwalk.render(click_song, **options, seed=9, force=True)
    assert (tmp_path / "a_passes" / "mask" / "000012.png").read_bytes() != old


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"generator": "testcard", "passes": "depth"}, "generator 'testcard' knows no passes; .* generator cppn"),
        ({"passes": "depth,norml"}, r"passes 'norml': must be 'depth', .* \(did you mean 'normal'\?\)"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_drawn(
    click_song: Path, tmp_path: Path, wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(AvwalkError, match=message):
        avwalk.render(click_song, **{**SMALL, "out": tmp_path / "a.mp4", **wrong})
    assert not list(tmp_path.iterdir())


def test_flow_ends_at_a_cut_and_melts_change_hands_in_the_middle(click_song: Path) -> None:
    plan, worlds, _ = plan_of(resolve(click_song, {**SMALL, "start": 0, "duration": 4}))
    first = plan.shots[0]
    shots = (
        first._replace(i0=0, i1=15),
        first._replace(i0=15, i1=30, lineage=Lineage(1), transition="cut"),
        first._replace(i0=30, i1=40, lead=6, lineage=Lineage(2), transition="melt"),
    )
    own = {"latents": plan.latents[24:30] + 1, "camera.x": np.full(6, 0.5, np.float32)}
    plan = dataclasses.replace(plan, shots=shots, leads=({}, {}, own))
    found = runs(plan, worlds)
    assert [(run.shot, run.i0, run.i1) for run in found] == [(0, 0, 15), (1, 15, 27), (2, 27, 40)]
    # the last scene, before and after its first frame: its own camera comes back to that of the film
    flow = passes_of(found[2], 27, 32, ("flow", "mask"))["flow"]
    assert not flow[0].any()
    assert np.abs(flow[3] - (plan.params["camera.x"][30] - 0.5) * -18).mean(axis=(0, 1))[0] < 20
    together = passes_of(found[2], 29, 32, ("flow",))["flow"]
    assert np.array_equal(together[1], passes_of(found[2], 30, 31, ("flow",))["flow"][0])
    assert isinstance(shots[0], Shot)
