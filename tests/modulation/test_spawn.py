"""Hits become births: on their frames, as many as the route says, the same whatever else is heard."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from avwalk.config.matter import MAX_COUNT, NUMBERS, SPECIES
from avwalk.contracts import Analysis, Birth
from avwalk.errors import PresetError
from avwalk.features.signals import KINDS
from avwalk.modulation.matrix import quiet_gain
from avwalk.modulation.routes import crowded, parse_route
from avwalk.modulation.spawn import births
from tests.modulation.test_matrix import KICKS, inputs, song


def born(*lines: str, analysis: Analysis | None = None, rest: float = 0.0, seed: int = 1) -> Birth:
    """Columns of all births."""
    analysis = analysis or song()
    moving = np.arange(analysis.n_frames, dtype=np.float32)
    params = {name: (moving / slow).astype(np.float32) for name, slow in (("cppn.phase", 10), ("camera.depth", 100))}
    found = births([parse_route(line, KINDS) for line in lines], inputs(analysis, seed), params, rest)
    assert found.dtype == np.float64 and found.shape[1] == len(Birth._fields)
    assert (np.diff(found[:, 0]) >= 0).all()
    return Birth(*found.T)


def test_each_hit_gives_birth_on_its_frame() -> None:
    found = born("kick -> spawn.ring 3")
    assert found.frame == pytest.approx(KICKS * 30)
    assert (found.species == NUMBERS["ring"]).all() and (found.count == 3).all() and (found.height == 1).all()
    assert found.beat == pytest.approx(0.5) and found.life == pytest.approx(SPECIES["ring"].beats * 0.5 * 30)
    assert found.phase == pytest.approx(found.frame / 10) and found.depth == pytest.approx(found.frame / 100)
    assert len(np.unique(found.seed)) == len(found.seed) and (found.seed < 2**53).all()
    assert (found.seed == np.rint(found.seed)).all()


@pytest.mark.parametrize("fps", [12, 25, 60])
def test_frames_follow_the_clock_and_lives_the_beat(fps: int) -> None:
    found = born("kick -> spawn.ring 1 r2b", analysis=song(fps))
    assert found.frame / fps == pytest.approx(KICKS, abs=0.51 / fps) and found.life == pytest.approx(2 * 0.5 * fps)
    assert born("kick -> spawn.ring 1 r250", analysis=song(fps)).life == pytest.approx(0.25 * fps)
    assert born("kick -> spawn.ring 1 r1", analysis=song(fps)).life == pytest.approx(1), "on the frame of its hit"


def test_low_hits_make_fewer() -> None:
    analysis = song()
    heights = analysis.signals["snare"][analysis.signals["snare"] > 0]
    found = born("snare -> spawn.spark 9", analysis=analysis)
    assert found.height == pytest.approx(heights)
    assert (found.count == np.clip(np.rint(9 * (0.5 + 0.5 * heights)), 1, MAX_COUNT)).all()
    assert found.count.min() < 7 and found.count.max() == 9
    squared = born("snare -> spawn.spark 9 square", analysis=analysis)
    assert squared.height == pytest.approx(heights**2)


def test_words_of_a_route_choose_and_move_hits() -> None:
    assert 0 < len(born("kick -> spawn.ring 1 p0.4").frame) < 20
    gated = born("snare -> spawn.ring 1 g0.6")
    assert 0 < len(gated.frame) < len(KICKS) and (gated.height == 1).all()
    assert (born("snare -> spawn.ring 1 t0.5").height < 0.99).sum() < len(KICKS)
    assert born("kick -> spawn.ring 1 d100").frame == pytest.approx(KICKS * 30 + 3)
    assert born("kick -> spawn.ring 1 d-100").frame == pytest.approx(KICKS * 30 - 3)
    off = song(kick=np.roll(song().signals["kick"], 5))
    assert set(born("kick -> spawn.ring 1 q1b", analysis=off).frame % 15) == {0}


def test_rest_and_silence() -> None:
    analysis = song(rms=np.where(np.arange(360) < 200, 0.8, 0.02).astype(np.float32))
    loud, calm = (
        born("kick -> spawn.spark 40", analysis=analysis),
        born("kick -> spawn.spark 40", analysis=analysis, rest=1),
    )
    share = quiet_gain(analysis, 1.0)[loud.frame.astype(int)]
    assert share.min() < 0.2 and share.max() > 0.9
    assert calm.height == pytest.approx(share[share > 0])
    assert not len(born("hat -> spawn.ring 1", analysis=song(hat=np.zeros(360, np.float32))).frame)
    assert not len(born("kick -> camera.zoom +6%").frame)


def test_other_hits_change_nothing_of_what_a_hit_makes() -> None:
    analysis = song()
    fewer = analysis.signals["kick"].copy()
    fewer[:100] = 0
    whole, part = born("kick -> spawn.ring 2"), born("kick -> spawn.ring 2", analysis=song(kick=fewer))
    assert 0 < len(part.frame) < len(whole.frame)
    for own, all_ in zip(part, whole, strict=True):
        assert np.array_equal(own, all_[-len(own) :])
    with_more = born("kick -> spawn.ring 2", "snare -> spawn.spark 5")
    assert np.array_equal(with_more.seed[with_more.species == NUMBERS["ring"]], whole.seed)


def test_films_and_routes_have_seeds_of_their_own() -> None:
    first, other = born("kick -> spawn.ring 1"), born("kick -> spawn.ring 1", seed=2)
    assert not set(first.seed) & set(other.seed)
    two = born("kick -> spawn.ring 1", "kick -> spawn.ring 1")
    assert len(set(two.seed)) == 2 * len(first.seed)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("low -> spawn.ring 1", "'low' has no hits to make something at: use kick, snare, hat, onset, beat, bar"),
        ("kick -> spawn.ring 5%", "5% is no number of pieces: write 1 to 64"),
        ("kick -> spawn.ring 0", "0 is no number of pieces: write 1 to 64"),
        ("kick -> spawn.ring 65", "65 is no number of pieces: write 1 to 64"),
        ("kick -> spawn.ring -3", "-3 is no number of pieces: write 1 to 64"),
        ("kick -> spawn.rong 1", "unknown target 'spawn.rong' (did you mean 'spawn.ring'?)"),
        ("kick ~> spawn.ring 1", "matter is born at once"),
        ("kick -> spawn.ring 1 s3:0.5", "matter is born at once"),
        ("kick -> spawn.ring 1 a20", "matter is born at once"),
        ("kick -> spawn.ring 1 max", "matter is born at once"),
    ],
)
def test_a_wrong_route_is_told_in_a_line(line: str, said: str) -> None:
    with pytest.raises(PresetError) as error:
        parse_route(line, KINDS)
    told = str(error.value)
    assert said in told and told.startswith(f"route '{line}': ") and "\n" not in told


def test_what_is_made_does_not_crowd_a_hit() -> None:
    routes = [parse_route(line, KINDS) for line in ["kick -> spawn.ring 1"] * 4 + ["kick -> camera.zoom +6%"] * 3]
    assert not crowded(routes, KINDS)


def test_a_route_that_spawns_is_written_as_it_is_read() -> None:
    route = parse_route("snare -> spawn.shard 3 r2b p0.5", KINDS)
    assert parse_route(str(route), KINDS) == route == parse_route(route.table(), KINDS)


def test_a_song_without_a_beat_has_lives_too() -> None:
    analysis = song(tempo=False)
    assert replace(analysis, fps=Fraction(30)).fps == 30
    found = born("onset -> spawn.ring 1", analysis=analysis)
    assert (found.life >= 1).all() and np.isfinite(found.life).all() and (found.beat > 0).all()
