"""Any frame from the plan alone: those of an excerpt are those of the whole film, whoever draws them and after what.

A few random films with the other tests, 200 with the full ones; a case that fails is made again by its number.
"""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from avwalk import presets
from avwalk.clock import parse_fps
from avwalk.config.matter import SPAWNS
from avwalk.contracts import Frames, Source
from avwalk.frames.generators import GeneratorPool
from avwalk.frames.needs import needs
from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.rendering.passes import PassFolder
from avwalk.request.resolve import Request, resolve
from avwalk.runners.segment_work import Drawing
from avwalk.runners.segments import Segment, partition
from avwalk.runners.threads import draw_segments
from avwalk.spec import RestyleSpec
from tests.conftest import clicks
from tests.pictures import read
from tests.restyle.moving import Grainy

FEW, ALL = 6, 200
SECONDS = 4.0
CUES = {
    "none": "",
    "sections": "0,1.6,section,A,\n1.6,3,section,B,\n3,4,section,A,\n",
    "presets": "1,2,preset,papercut,melt:0.5\n2,2.5,preset,sumi,cut\n",
    "pins": "0.5,3,camera.zoom,1.3,smoothstep\n1.5,2.5,seed,7,melt:0.4\n2,3,trails.amount,0.2,linear\n",
    "words": "0.5,3,text,hello,\n",
}


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("song")
    path = folder / "song.wav"
    soundfile.write(path, clicks(SECONDS, rate=22050), 22050)
    ends = np.append(clicks(1.8, rate=22050), np.zeros(round((SECONDS - 1.8) * 22050)))
    soundfile.write(folder / "ends in silence.wav", ends, 22050)
    for name, rows in CUES.items():
        (folder / f"{name}.csv").write_text(f"at,until,what,value,ease\n{rows}", encoding="utf-8")
    return path


class Kept:
    """What a segment's encoder would get."""

    n_done = 0

    def __init__(self, found: dict[int, np.ndarray], segment: Segment) -> None:
        self._found, self._at = found, segment.i0

    def write(self, frames: Frames) -> None:
        for frame in frames:
            self._found[self._at] = frame.copy()
            self._at += 1

    def close(self) -> None: ...

    def cut(self) -> None: ...

    def abort(self) -> None: ...


def by_workers(source: Source, i0: int, i1: int, length: int, workers: int) -> Frames:
    found: dict[int, np.ndarray] = {}
    draw_segments(
        partition(i0, i1, length),
        Drawing(source, lambda segment: Kept(found, segment), 12_000_000),
        workers=workers,
        on_frames=lambda segment, n, stages: None,
        on_segment=lambda segment: None,
    )
    return np.stack([found[i] for i in range(i0, i1)])


def in_parts(source: Source, i0: int, i1: int, chance: random.Random) -> Frames:
    """In runs of random length, after others that nobody keeps."""
    runs, at = [], i0
    while at < i1:
        if chance.random() < 0.3:
            a = chance.randrange(i0, i1)
            source.frames(a, min(i1, a + chance.randint(1, 5)))
        end = min(i1, at + chance.randint(1, 9))
        runs.append(source.frames(at, end))
        at = end
    return np.concatenate(runs)


def random_film(chance: random.Random, song: Path) -> dict[str, Any]:
    """Options of a small film, often with trails."""
    effects = chance.sample(["light", "bloom", "aberration", "vignette", "grain", "posterise"], chance.randint(0, 3))
    if chance.random() < 0.7:
        effects.insert(chance.randint(0, len(effects)), "trails")
    changed = [f"effects={effects}", f"trails.seconds={chance.choice([0.1, 0.4, 1])}"]
    changed += spawning(chance)
    return {
        "preset": chance.choice(presets.names()),
        "generator": chance.choice(["cppn", "cppn", "cppn", "testcard"]),
        "seed": chance.randrange(1000),
        "size": chance.choice(["32x18", "48x28", "18x32", "26x26", "192x108"]),
        "fps": chance.choice(["10", "12.5", "23.976", "30"]),
        "cues": song.parent / f"{chance.choice(list(CUES))}.csv",
        "explain": chance.random() < 0.2,
        "text": chance.choice(["none", "none", "both"]),
        "title": "A title",
        "av_offset_ms": chance.choice([0.0, 0.0, -120.0, 150.0]),
        "set": tuple(changed),
    }


def spawning(chance: random.Random) -> list[str]:
    """Mostly routes that spawn matter, some of it for longer than the film; else those of the preset."""
    if chance.random() < 0.3:
        return []
    lives = ("", " r2b", " r100", " r16b", " q1b", " p0.6", " d40", " r8b d-0.5b")
    signals = ("onset", "kick", "beat", "snare")
    found = [
        f"{chance.choice(signals)} -> {chance.choice(SPAWNS)} {chance.randint(1, 6)}{chance.choice(lives)}"
        for _ in range(chance.randint(1, 3))
    ]
    moving = ["low ~> cppn.flow +1", "onset ~> camera.dive +0.5", "onset -> matter.opacity -40%"]
    return [f"routes={found + chance.sample(moving, 2)}", f"structure.transition={chance.choice(['melt', 'cut'])!r}"]


def random_range(chance: random.Random, fps: Fraction) -> tuple[int, int]:
    n = round(SECONDS * fps)
    length = chance.randint(1, 16)
    i0 = chance.choice([0, n - length, chance.randrange(n - length), chance.randrange(n - length)])
    return i0, i0 + length


def part_of(i0: int, i1: int, fps: Fraction) -> dict[str, float]:
    return {"start": float(i0 / fps), "duration": float((i1 - i0) / fps)}


NUMBERS = [*range(FEW), *(pytest.param(k, marks=pytest.mark.full) for k in range(FEW, ALL))]


@pytest.mark.parametrize("number", NUMBERS)
def test_an_excerpt_is_those_frames_of_the_whole_film(number: int, song: Path, tmp_path: Path) -> None:
    chance = random.Random(number)
    film = random_film(chance, song)
    fps = parse_fps(film["fps"])
    i0, i1 = random_range(chance, fps)
    song = song if chance.random() < 0.8 else song.with_name("ends in silence.wav")
    whole, worlds, _ = plan_of(resolve(song, film))
    expected = source_of(whole, worlds).frames(i0, i1)
    request = resolve(song, {**film, **part_of(i0, i1, fps)})
    part, worlds, _ = plan_of(request)
    assert (part.i0, part.i1) == (i0, i1)
    before, after = needs(request.film)
    assert (part.first, part.last) == (max(0, i0 - before), min(whole.n_frames, i1 + after))
    assert len(part.latents) == len(part.params["camera.zoom"]) == part.last - part.first, "and no more"
    part.save(tmp_path)
    for plan in (part, Plan.load(tmp_path)):
        assert np.array_equal(source_of(plan, worlds).frames(i0, i1), expected), film
    assert np.array_equal(in_parts(source_of(part, worlds), i0, i1, chance), expected), film
    workers, length = chance.choice([1, 2, 3]), chance.choice([8, 9, 30])
    assert np.array_equal(by_workers(source_of(part, worlds), i0, i1, length, workers), expected), film


RESTYLE = RestyleSpec(
    model="brush", recipe={"size": 64}, control=None, negative="", every=4, between="carry", noise="carried",
    motion="exact", window=0, seed=3, safety=False, chunks=False, prompts=("ink",), frames=(0,), beside=False,
)  # fmt: skip


def restyled(request: Request, spec: RestyleSpec) -> Request:
    return replace(request, film=replace(request.film, look=replace(request.film.look, restyle=spec)))


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A painter whose brushwork is its noise instead of a diffusion model; every seventh key fails."""

    class Brush(Grainy):
        def __call__(self, frames: Frames, wish: Any) -> Frames:
            made = super().__call__(frames, wish)
            made[[k for k, i in enumerate(wish.indices) if i % 7 == 6]] = np.nan
            return made

    monkeypatch.setattr("avwalk.frames.restyled.DiffusionRepaint", lambda spec, size, *rest, **more: Brush(size))
    monkeypatch.setattr("avwalk.frames.restyled.cache_folder", lambda: None)


@pytest.mark.parametrize("number", [*range(3), *(pytest.param(k, marks=pytest.mark.full) for k in range(3, 30))])
def test_a_restyled_excerpt_is_too(number: int, song: Path, painter: None) -> None:
    chance = random.Random(f"restyled {number}")
    film = random_film(chance, song) | {"size": "96x54", "generator": "cppn"}
    fps = parse_fps(film["fps"])
    spec = replace(
        RESTYLE,
        every=chance.choice([1, 3, 4, 8]),
        between=chance.choice(["carry", "fade", "hold"]),
        noise=chance.choice(["carried", "carried", "fixed", "fresh"]),
        motion=chance.choice(["exact", "seen", "both"]),
        window=chance.choice([0, 0, 2]),
        beside=chance.random() < 0.2,
    )
    n = round(SECONDS * fps)
    i0 = chance.randrange(n // 3, n - 6)
    whole, worlds, _ = plan_of(restyled(resolve(song, film), spec))
    expected = source_of(whole, worlds).frames(i0, i0 + 6)
    part, worlds, _ = plan_of(restyled(resolve(song, {**film, **part_of(i0, i0 + 6, fps)}), spec))
    assert np.array_equal(source_of(part, worlds).frames(i0, i0 + 6), expected), (film, spec)
    assert np.array_equal(by_workers(source_of(part, worlds), i0, i0 + 6, 8, 2), expected), (film, spec)


def test_the_first_flow_of_an_excerpt_goes_back_to_the_frame_before(song: Path, tmp_path: Path) -> None:
    asked = {"preset": "throat", "generator": "cppn", "size": "48x28", "passes": ("flow",), "fps": "10"}
    flows = {}
    for name, more in (("whole", {}), ("part", part_of(20, 23, Fraction(10)))):
        request = resolve(song, {**asked, **more, "out": tmp_path / f"{name}.mp4"})
        plan, worlds, _ = plan_of(request, GeneratorPool(request.film))
        folder = PassFolder(request, request.output)
        folder.write(plan, worlds, lambda event: None)
        flows[name] = [read(folder.path / "flow" / f"{i:06d}.png") for i in range(20, 23)]
    assert all(np.array_equal(a, b) for a, b in zip(flows["whole"], flows["part"], strict=True))


@pytest.mark.parametrize("start", [0, 1.5])
def test_a_loop_has_its_trails_from_before_it_began(start: float, song: Path) -> None:
    """Frames are those of one request, whoever draws them; the last step is one like the others."""
    film = {"preset": "lsd", "generator": "cppn", "size": "64x36", "set": ("effects=['trails']", "matter.wake='none'")}
    plan, worlds, _ = plan_of(resolve(song, {**film, "loop": "1bar", "start": start}))
    expected = source_of(plan, worlds).frames(plan.i0, plan.i1)
    assert plan.margins == (min(plan.i0, 12), 0), "it ends where it begins"
    chance = random.Random(start)
    assert np.array_equal(in_parts(source_of(plan, worlds), plan.i0, plan.i1, chance), expected)
    assert np.array_equal(by_workers(source_of(plan, worlds), plan.i0, plan.i1, 9, 3), expected)
    steps = np.abs(np.diff(expected, axis=0)).mean(axis=(1, 2, 3))
    assert np.abs(expected[-1] - expected[0]).mean() <= 1.3 * steps.max()
