"""A film fits its song: slow and wide for a calm one, fast and dense for a dense one, and its own way at one seed."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avwalk import presets
from avwalk.contracts import Analysis, Lineage, Score
from avwalk.pipeline import plan_of
from avwalk.plan.plan import Plan
from avwalk.plan.song.fit_to_song import fitted, programmes, reaction, speed
from avwalk.request.resolve import resolve

NOTHING = np.zeros(0)
CALM = {"key": 0.0, "key_clarity": 0.5, "brightness": 5.8, "percussive": 0.2, "dynamics": 12.0, "onsets": 0.2}
DENSE = {"key": 0.0, "key_clarity": 0.5, "brightness": 7.9, "percussive": 0.6, "dynamics": 5.0, "onsets": 6.0}


def song(bpm: float, traits: dict[str, float], drums: float) -> Analysis:
    counted = {"kicks": drums, "snares": drums, "hats": drums, "pauses": 0.0}
    score = Score(bpm, NOTHING, NOTHING, NOTHING, (), ())
    return Analysis(Fraction(30), 30, 1.0, score, {}, np.zeros((30, 1), np.float32), traits=traits | counted)


BALLAD, METAL = song(64, CALM, 0.2), song(180, DENSE, 2.0)


@pytest.mark.parametrize("name", ["lsd", "sumi", "lotus", "halcyon"])
def test_a_ballad_is_calm_and_metal_dense_and_fast(name: str) -> None:
    preset = presets.load(name).values
    slow, fast = (fitted(preset, each) for each in (BALLAD, METAL))
    assert speed(preset, BALLAD) < 0.8 and speed(preset, METAL) > 1.2
    assert reaction(preset, BALLAD) < 0.85 and reaction(preset, METAL) > 1.2
    assert slow.camera.zoom > preset.camera.zoom > fast.camera.zoom, "more forms in the frame"
    assert slow.cppn.warp < preset.cppn.warp < fast.cppn.warp and slow.cppn.detail < fast.cppn.detail
    assert fast.camera.zoom / preset.camera.zoom > 0.88 and slow.camera.zoom / preset.camera.zoom < 1.13


def test_a_preset_of_before_is_as_it_was() -> None:
    preset = presets.load("lsd", ["structure.pace=0", "palette.hues=own"]).values
    for each in (BALLAD, METAL):
        assert fitted(preset, each) == preset and speed(preset, each) == reaction(preset, each) == 1.0
    assert presets.load("lsd").values.structure.pace == 1


def test_camera_programmes() -> None:
    every = ("drift", "push", "orbit", "still")
    assert programmes(every, -0.5) == ("drift", "push", "still") and programmes(every, 0.5) == (
        "drift",
        "push",
        "orbit",
    )
    assert programmes(every, 0.0) == every and programmes(("still", "orbit"), 1.0) == ("still", "orbit")


def test_the_way_is_part_of_a_lineage_and_old_ones_are_read() -> None:
    assert Lineage(5).path_seed == 5 != Lineage(5, song=9).path_seed != Lineage(5, song=8).path_seed
    kin = Lineage(2, (Lineage(5),), 0.3, song=9)
    assert kin.path_seed == Lineage(5, song=9).path_seed, "kin move alike"
    assert Lineage.read([5, [], 0.0, 1]) == Lineage(5, world=1)
    assert Lineage.read([5, [], 0.0, 1, 7]) == Lineage(5, world=1, song=7)


def plan(path: Path, **options: object) -> Plan:
    return plan_of(resolve(path, {"preset": "lotus", "generator": "cppn", "size": "64x36", "seed": 3, **options}))[0]


def test_two_songs_go_two_ways_at_one_seed(tmp_path: Path, click_song: Path) -> None:
    sound, rate = soundfile.read(click_song, dtype="float32")
    other, same = tmp_path / "other.wav", tmp_path / "same.flac"
    soundfile.write(other, 0.9 * sound, rate, subtype="PCM_16")
    soundfile.write(same, np.rint(sound * 32768).clip(-32768, 32767).astype(np.int16), rate, subtype="PCM_16")
    soundfile.write(tmp_path / "song.wav", np.rint(sound * 32768).clip(-32768, 32767).astype(np.int16), rate)
    one, two, copy = (plan(path) for path in (tmp_path / "song.wav", other, same))
    assert np.array_equal(one.latents, copy.latents) and one.shots == copy.shots
    assert not np.allclose(one.latents, two.latents)
    fixed = [plan(path, set=("structure.path=seed",)) for path in (tmp_path / "song.wav", other)]
    assert fixed[0].shots[0].lineage.song == 0 and "samples" not in fixed[0].film.song.to_json()
    assert np.allclose(fixed[0].latents[:5], fixed[1].latents[:5], atol=0.05)
    stored = dataclasses.replace(one.film, intensity=1.0)
    assert stored.song.samples and type(stored).from_json(stored.to_json()) == stored
