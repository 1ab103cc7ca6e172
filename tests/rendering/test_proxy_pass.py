"""What is decided at plan time: exposure, flashes; measured on the plan and on the encoded film."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import soundfile

import avwalk
from avwalk.arrays.colour import LUMA
from avwalk.contracts import EXPOSURE, Analysis, Birth, Lineage
from avwalk.errors import OutputError
from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.rendering.exposure import IRIS_STOPS, iris
from avwalk.rendering.proxy_measures import thumbnails
from avwalk.rendering.proxy_pass import flashing
from avwalk.request.resolve import resolve
from avwalk.video.emptiness import ToneMeter, empty_runs
from avwalk.video.flashes import FlashMeter
from tests.conftest import clicks
from tests.pictures import read
from tests.rhythms import Rhythm, perform

STROBE = 'routes=["onset -> light.gain +90% r40", "onset -> bloom.amount +2 r40"]'


@pytest.fixture(scope="module")
def rattle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven clicks a second."""
    path = tmp_path_factory.mktemp("rattle") / "rattle.wav"
    t = np.arange(4 * 22050) / 22050
    burst = np.exp(-(t % (1 / 7)) / 0.01) * np.random.default_rng(0).standard_normal(len(t))
    soundfile.write(path, 0.5 * burst / np.abs(burst).max(), 22050)
    return path


def flashes(film: Path) -> float:
    """Most flashes in any second of an encoded film."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        meter = FlashMeter(Fraction(stream.average_rate or 0))
        for frame in container.decode(stream):
            meter.push(np.asarray(frame.to_ndarray(format="rgb24")[None], np.float32) / np.float32(255))
    return float(meter.per_second().max())


def test_a_strobing_preset_is_held_to_three_flashes_a_second_in_the_film(rattle: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "preset": "idol",
        "generator": "cppn",
        "size": "160x90",
        "set": (STROBE, "palette.saturation=0.3"),
    }
    said: list[str] = []

    def listen(event: Mapping[str, Any]) -> None:
        if event["event"] == "warning":
            said.append(event["message"])

    avwalk.render(rattle, out=tmp_path / "free.mp4", allow_flashes=True, on_event=listen, **options)
    avwalk.render(rattle, out=tmp_path / "held.mp4", on_event=listen, **options)
    assert flashes(tmp_path / "free.mp4") > 3 >= flashes(tmp_path / "held.mp4")
    assert any("warn your viewers" in line for line in said) and any("allow_flashes" in line for line in said)


@pytest.mark.parametrize("species", ["ray", "ring"])
def test_bursts_of_matter_are_held_to_three_flashes_a_second(species: str, tmp_path: Path) -> None:
    """Sixteenths at 200 BPM, 64 pieces each."""
    t, every = np.arange(4 * 22050) / 22050, 60 / 200 / 4
    burst = np.exp(-(t % every) / 0.008) * np.random.default_rng(0).standard_normal(len(t))
    soundfile.write(tmp_path / "burst.wav", 0.5 * burst / np.abs(burst).max(), 22050)
    routes = f'routes=["onset -> spawn.{species} 64 r60"]'
    counted = {}
    for free in (True, False):
        options: dict[str, Any] = {
            "preset": "idol",
            "generator": "cppn",
            "size": "160x90",
            "seed": 1,
            "allow_flashes": free,
        }
        options["set"] = (routes, "palette.saturation=0.3", "matter.size=3", "matter.wake='none'")
        plan, worlds, _ = plan_of(resolve(tmp_path / "burst.wav", options))
        assert len(plan.births) > 40 and (plan.births[:, Birth._fields.index("count")] > 30).all()
        meter, source = FlashMeter(plan.fps), source_of(plan, worlds)
        for i in range(plan.i0, plan.i1, 30):
            meter.push(source.frames(i, min(i + 30, plan.i1)))
        counted[free] = meter.per_second().max(), float(plan.params["matter.opacity"].min())
    assert counted[False][0] <= 3
    if species == "ray":
        assert counted[True][0] > 3 and counted[True][1] == 1 and counted[False][1] < 0.6


def test_films_that_nobody_can_look_through_before_are_counted_on_the_way(tmp_path: Path) -> None:
    """Frames of a file: six flashes a second are said, six gentle swells are not."""
    song, said = tmp_path / "clicks.wav", []
    soundfile.write(song, clicks(4.0), 44100)
    counted = {}
    for name, low in (("strobe", 20), ("swell", 215)):
        folder = tmp_path / name
        folder.mkdir()
        for k in range(30):
            grey = low if k % 5 < 3 else 220
            cv2.imwrite(str(folder / f"{k:03d}.png"), np.full((36, 64, 3), grey, np.uint8))
        done = avwalk.render(
            song,
            preset="lsd",
            source=folder,
            out=tmp_path / f"{name}.mp4",
            size="64x36",
            set=["effects=[]"],
            on_event=lambda event: said.append(str(event.get("message", ""))),
        )
        counted[name] = done["flashes"], sum("warn your viewers" in line for line in said)
    assert counted["strobe"][0] > 3 and counted["strobe"][1] == 1
    assert counted["swell"][0] == 0 and counted["swell"][1] == 1  # none was added


def test_exposure_is_slow_and_near_the_scene(tmp_path: Path) -> None:
    song = tmp_path / "clicks.wav"
    soundfile.write(song, clicks(8.0), 44100)
    plan, _, _ = plan_of(resolve(song, {"preset": "lsd", "generator": "cppn", "size": "64x36"}))
    for name in EXPOSURE:
        curve = plan.params[name]
        assert curve.shape == (plan.n_frames,) and np.isfinite(curve).all()
        assert np.abs(np.diff(curve)).max() < 0.1  # stops a frame
        assert np.ptp(curve) <= 2 * IRIS_STOPS + 1e-4


def test_the_iris_holds_what_is_even_and_bounds_what_is_not() -> None:
    at = np.arange(0, 301, 8).astype(float)
    even = iris(at, np.tile([-6.0, -1.0], (len(at), 1)), Fraction(30))
    assert even.shape == (297, 2) and np.allclose(even, [-6.0, -1.0])
    wild = np.tile([-6.0, -1.0], (len(at), 1))
    wild[10:14] += 9
    bound = iris(at, wild, Fraction(30))
    assert bound[:, 0].max() <= -6 + IRIS_STOPS and np.abs(np.diff(bound[:, 0])).max() < 0.05


def test_spans_that_flash_are_widened_and_joined() -> None:
    counts = np.zeros(300)
    counts[100:110] = counts[130:135] = 4
    assert flashing(counts, Fraction(30)) == [(70, 150)]
    assert flashing(np.full(300, 2.5), Fraction(30)) == []


def test_badly_composed_worlds_are_replaced_unless_the_artist_asked_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = tmp_path / "clicks.wav"
    soundfile.write(song, clicks(4.0), 44100)
    options: dict[str, Any] = {"preset": "idol", "generator": "cppn", "size": "64x36", "seed": 3}
    faults = iter([0.5, 0.3, 0.4])
    monkeypatch.setattr("avwalk.generators.cppn.generator.Cppn.fault", lambda self, pictures: next(faults))
    plan, worlds, _ = plan_of(resolve(song, options))
    assert [shot.lineage.world for shot in plan.shots] == [1] and plan.facts["worlds_replaced"] == 1
    assert worlds.of_shot(plan.shots[0]) is worlds.of(Lineage(3, world=1), plan.shots[0].palette)
    (tmp_path / "clicks.cues.csv").write_text("at,until,what,value,ease,note\n0,,seed,7,,\n", encoding="utf-8")
    plan, _, _ = plan_of(resolve(song, options))
    assert [shot.lineage._replace(song=0) for shot in plan.shots] == [Lineage(7)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A song that is loud from its first bar on."""
    path = tmp_path_factory.mktemp("house") / "house.wav"
    soundfile.write(path, perform(Rhythm("house", 124, "house", seconds=24, seed=5)).sound, 22050)
    return path


def seen(song: Path, **options: Any) -> tuple[Plan, list[tuple[int, int]]]:
    """A plan, and its runs of frames that show nearly nothing where nobody pinned anything, as drawn in the small."""
    plan, worlds, _ = plan_of(resolve(song, {"generator": "cppn", "size": "160x90", **options}))
    tone = ToneMeter()
    for i in range(0, plan.n_frames, 64):
        for picture in thumbnails(plan, worlds, i, min(plan.n_frames, i + 64)):
            tone.push(picture @ LUMA)
    return plan, empty_runs(tone.tones, np.ones(plan.n_frames, bool), float(plan.fps))


@pytest.mark.parametrize(("preset", "seed"), [("papercut", 6), ("papercut", 10), ("papercut", 23)])
def test_the_iris_opens_where_nothing_would_be_seen(preset: str, seed: int, house: Path) -> None:
    plan, empty = seen(house, preset=preset, seed=seed)
    assert empty == [] and plan.facts["empty_s"] == 0
    assert plan.facts["lit_s"] > 0.7, "it was dark, or of one grey, before"
    cuts = [shot.i0 for shot in plan.shots[1:]]  # what comes in there is lit as it goes on
    for name in EXPOSURE:
        for part in np.split(plan.params[name], cuts):
            assert np.abs(np.diff(part)).max() < 0.5, "no frame is stops apart from the next"


@pytest.mark.parametrize(("preset", "seed"), [("iris", 4), ("fauna", 9), ("flora", 7)])
def test_worlds_that_are_bare_on_their_way_are_replaced(preset: str, seed: int, house: Path) -> None:
    """White paper or a flat tone for seconds, which no iris mends."""
    plan, empty = seen(house, preset=preset, seed=seed)
    assert empty == [] and plan.facts["worlds_replaced"] == 1


@pytest.mark.parametrize(("counts", "chosen"), [([5, 3, 4, 0], 3), ([9, 8, 7, 7, 9, 9, 9, 9], 2), ([0], 0)])
def test_more_worlds_are_tried_where_all_are_bare(
    counts: list[int], chosen: int, click_song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight at most; then the least bare, and of these the best composed."""
    left = iter(counts)
    monkeypatch.setattr("avwalk.rendering.proxy_pass._bare", lambda generator, way: next(left))
    monkeypatch.setattr("avwalk.generators.cppn.generator.Cppn.fault", lambda self, pictures: 0.0)
    plan, _, _ = plan_of(resolve(click_song, {"preset": "idol", "generator": "cppn", "size": "64x36", "seed": 3}))
    assert [shot.lineage.world for shot in plan.shots] == [chosen] and list(left) == []


def test_where_it_is_quiet_it_may_be_dark(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def quiet(analysis: Analysis) -> np.ndarray:
        return np.zeros(analysis.n_frames, bool)

    monkeypatch.setattr("avwalk.rendering.proxy_pass.loud_frames", quiet)
    plan, empty = seen(house, preset="papercut", seed=6)
    assert plan.facts["lit_s"] == plan.facts["empty_s"] == 0 and empty


def test_what_an_artist_pins_to_black_stays_black(house: Path, tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    song.write_bytes(house.read_bytes())
    plan, before = seen(song, preset="lsd", seed=1)
    row = "0:10,0:14,light.gain,0,,\n"
    (tmp_path / "song.cues.csv").write_text(f"at,until,what,value,ease,note\n{row}", encoding="utf-8")
    pinned, empty = seen(song, preset="lsd", seed=1)
    assert before == [] and len(empty) == 1 and empty[0] == pytest.approx((300, 420), abs=15)
    assert pinned.facts["lit_s"] == 0
    for name in EXPOSURE:
        np.testing.assert_array_equal(pinned.params[name][:290], plan.params[name][:290])


def test_a_film_keeps_its_storyboard_and_names_its_poster(click_song: Path, tmp_path: Path) -> None:
    plan, worlds, _ = plan_of(resolve(click_song, {"preset": "lsd", "generator": "cppn", "size": "64x36"}))
    assert plan.thumbnails.shape == (48, 34, 60, 3) and plan.thumbnails.dtype == np.uint8
    middle = source_of(plan, worlds).frames(61, 62)[0].mean()  # the 25th of 48 in 120 frames
    assert plan.thumbnails[24].mean() / 255 == pytest.approx(middle, abs=0.03)
    assert plan.decisions.poster in range(plan.i0, plan.i1)
    plan.save(tmp_path)
    assert np.array_equal(Plan.load(tmp_path).thumbnails, plan.thumbnails)
    card, _, _ = plan_of(resolve(click_song, {"generator": "testcard", "size": "64x36"}))
    assert card.thumbnails.shape == (12, 34, 60, 3) and card.decisions.poster in range(card.i0, card.i1)


def test_a_poster_is_the_frame_that_it_names(click_song: Path, tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "preset": "lsd",
        "generator": "cppn",
        "size": "64x36",
        "poster": True,
        "out": tmp_path / "a.mp4",
    }
    avwalk.render(click_song, **options)
    plan, worlds, _ = plan_of(resolve(click_song, {k: v for k, v in options.items() if k != "out"}))
    i = plan.decisions.poster
    assert i is not None
    picture = read(tmp_path / "a.jpg")[..., ::-1] / 255
    assert np.abs(picture - source_of(plan, worlds).frames(i, i + 1)[0]).mean() < 0.03
    with pytest.raises(OutputError, match=r"a\.jpg' exists; force"):
        (tmp_path / "a.mp4").unlink()
        avwalk.render(click_song, **options)
