from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.config.preset import targets
from avwalk.contracts import Curve
from avwalk.modulation.matrix import modulate
from avwalk.modulation.sources import Inputs
from avwalk.score.automation import Automation, apply_automations, automations, timeline
from avwalk.score.cues import Cues
from tests.score.songs import KNOWN, analysis, without_beats

SONG = analysis()
FPS = 30
BASE = {name: target.default for name, target in targets().items()}


def cues_of(*rows: str) -> Cues:
    """Rows ``at,until,what,value,ease``."""
    import tempfile
    from pathlib import Path

    from avwalk.score.cues import read_cues

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "c.csv"
        file.write_text("at,until,what,value,ease\n" + "\n".join(rows) + "\n", encoding="utf-8")
        return read_cues(file, KNOWN)


def params(**more: float) -> dict[str, Curve]:
    return modulate([], {**BASE, **more}, Inputs(SONG, {}))


def pinned(what: str, *rows: str, **more: float) -> Curve:
    return apply_automations(params(**more), cues_of(*rows), SONG)[what]


def test_without_pins_nothing_changes() -> None:
    before = params()
    after = apply_automations(before, cues_of("bar:3,,drop,,", "1,,palette,neon,"), SONG)
    assert all(after[name] is before[name] for name in before)


def test_a_cut_holds_exactly_its_frames() -> None:
    zoom = pinned("camera.zoom", "10,12,camera.zoom,1.5,cut")
    assert (zoom[300:360] == 1.5).all() and (zoom[:300] == 1).all() and (zoom[360:] == 1).all()


def test_a_pin_comes_and_goes_by_its_ease() -> None:
    zoom = pinned("camera.zoom", "10,20,camera.zoom,1.5,linear:2")
    assert zoom[300] == 1 and zoom[330] == pytest.approx(1.25) and (zoom[360:541] == 1.5).all()
    assert zoom[570] == pytest.approx(1.25) and zoom[600] == 1
    smooth = pinned("camera.zoom", "10,20,camera.zoom,1.5,")  # a beat, half a second
    assert smooth[300] == 1 and smooth[304] == pytest.approx(1 + 0.5 * (w := 4 / 15) * w * (3 - 2 * w))
    assert (smooth[315:586] == 1.5).all()
    bar = pinned("camera.zoom", "10,20,camera.zoom,1.5,melt:1bar")
    assert bar[330] == pytest.approx(1.25) and bar[360] == 1.5


def test_an_ease_longer_than_the_pin_meets_in_its_middle() -> None:
    zoom = pinned("camera.zoom", "10,12,camera.zoom,2,linear:30")
    assert zoom.argmax() == 330 and zoom.max() == 2 and zoom[315] == pytest.approx(1.5)


def test_touching_pins_ease_from_value_to_value() -> None:
    zoom = pinned("camera.zoom", "10,20,camera.zoom,2,linear:1", "20,30,camera.zoom,3,linear:1")
    assert (zoom[330:601] == 2).all() and zoom[615] == pytest.approx(2.5) and (zoom[630:871] == 3).all()
    open_ended = pinned("camera.zoom", "10,,camera.zoom,2,cut", "20,,camera.zoom,3,linear:2")
    assert (open_ended[300:600] == 2).all() and open_ended[630] == pytest.approx(2.5)
    assert (open_ended[660:] == 3).all()  # to the end, and the end is no reason to let go


def test_a_pin_inside_another_comes_back_to_it() -> None:
    zoom = pinned("camera.zoom", "10,40,camera.zoom,2,cut", "20,30,camera.zoom,3,linear:1")
    assert zoom[599] == 2 and zoom[700] == 3 and zoom[885] == pytest.approx(2.5) and zoom[900] == 2 and zoom[1200] == 1


def test_overlapping_pins_hand_over() -> None:
    zoom = pinned("camera.zoom", "10,25,camera.zoom,2,linear:1", "20,30,camera.zoom,3,linear:1")
    assert zoom[599] == 2 and zoom[615] == pytest.approx(2.5) and (zoom[630:871] == 3).all()


def test_a_pinned_speed_moves_what_it_drives() -> None:
    before = params()["walk.phase"]
    after = pinned("walk.phase", "10,20,walk.speed,0,cut")
    assert np.allclose(after[:300], before[:300])
    assert np.ptp(after[301:599]) == pytest.approx(0, abs=1e-4)
    assert after[-1] == pytest.approx(before[-1] - 10, abs=0.05)
    angle = pinned("camera.angle", "10,20,camera.spin,90,cut")
    assert angle.min() >= 0 and angle.max() < 360 and angle[-1] == pytest.approx(180, abs=3.1)


def test_angles_take_the_short_way() -> None:
    angle = pinned("light.azimuth", "10,20,light.azimuth,10,linear:2", **{"light.azimuth": 350.0})
    assert angle[330] in (pytest.approx(0, abs=1e-3), pytest.approx(360, abs=1e-3)) and angle[400] == pytest.approx(10)


def test_pins_replace_what_routes_do() -> None:
    moving = {**params(), "camera.zoom": (1 + SONG.signals["rms"]).astype(np.float32)}
    zoom = apply_automations(moving, cues_of("bar:5,bar:9,camera.zoom,1.2,cut"), SONG)["camera.zoom"]
    i0, i1 = 248, 488  # 8.25 s and 16.25 s; halves go up
    assert (zoom[i0:i1] == np.float32(1.2)).all()
    assert (zoom[:i0] == moving["camera.zoom"][:i0]).all() and (zoom[i1:] == moving["camera.zoom"][i1:]).all()


def test_a_timeline_has_no_pin_over_another() -> None:
    cues = cues_of("10,40,palette,neon,melt:1", "20,30,palette,ember,melt:2", "50,,palette,ember,", "5,,seed,7,")
    assert timeline(cues, SONG, "palette") == [
        Automation(300, 600, "neon", 1.0, "melt"),
        Automation(600, 900, "ember", 2.0, "melt"),
        Automation(900, 1200, "neon", 2.0, "melt"),
        Automation(1500, 1920, "ember", 0.0, "cut"),
    ]
    assert timeline(cues, SONG, "seed") == [Automation(150, 1920, "7", 0.0, "cut")]
    assert timeline(cues, SONG, "text") == []


def test_a_song_without_beats_has_eases_too() -> None:
    song = without_beats()
    assert automations(cues_of("1,5,camera.zoom,2,"), song, "camera.zoom")[0].ease_seconds == 0.5


def test_the_last_frame_belongs_to_a_pin_without_end() -> None:
    song = dataclasses.replace(SONG, duration=63.99)
    assert automations(cues_of("1,,camera.zoom,2,"), song, "camera.zoom")[0].i1 == song.n_frames


rows = st.builds(
    lambda at, n, what, share, ease: (
        f"{at / 8},{'' if n == 0 else (at + n) / 8},{what},"
        f"{targets()[what].low + share * (targets()[what].high - targets()[what].low)},{ease}"
    ),
    st.integers(0, 500),
    st.integers(0, 200),
    st.sampled_from(sorted(targets())),
    st.floats(0, 1),
    st.sampled_from(["", "cut", "linear:3beats", "smoothstep:2", "melt:1bar"]),
)


@given(st.lists(rows, max_size=6))
def test_any_pins_stay_in_range(lines: list[str]) -> None:
    values = apply_automations(params(), cues_of(*lines), SONG)
    for name, target in targets().items():
        assert values[name].dtype == np.float32 and np.isfinite(values[name]).all()
        if not target.wraps:
            assert values[name].min() >= target.low - 1e-5 and values[name].max() <= target.high + 1e-5
