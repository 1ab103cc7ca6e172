from pathlib import Path

import numpy as np
import pytest
import soundfile

from avwalk.contracts import Perspective
from avwalk.matter.view import View
from avwalk.matter.wake import FLOWS, Buffers, Carrier, follow, period, start
from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve
from tests.conftest import clicks

SIZE = (96, 54)


def carrier(grown: float = 1.0, zoom: tuple[float, float] = (1.0, 1.0)) -> Carrier:
    before, now = (View(SIZE, each, 0.0, 0.0, 0.0) for each in zoom)
    return Carrier(now, before, Perspective(), grown, 0.0, 1 / 30, 0.0)


def lit(x: int, y: int) -> np.ndarray:
    light = np.zeros((SIZE[1], SIZE[0], 3), np.float32)
    light[y - 1 : y + 2, x - 1 : x + 2] = 1
    return light


def centre(light: np.ndarray) -> tuple[float, float]:
    y, x = np.mgrid[: light.shape[0], : light.shape[1]]
    weight = light.sum(axis=2)
    return float((x * weight).sum() / weight.sum()), float((y * weight).sum() / weight.sum())


def test_a_period_is_even_and_a_frame_needs_no_more_than_one() -> None:
    for seconds in (0.1, 0.35, 0.6, 3.0):
        frames = period(29.97, seconds)
        assert frames % 2 == 0
        for i in range(3 * frames):
            first = start(i, frames)
            assert 0 <= i - first < frames
            clearings = (
                [j for j in range(first, i + 1) if j % frames == 0],
                [j for j in range(first, i + 1) if (j + frames // 2) % frames == 0],
            )
            assert all(clearings)  # both buffers are cleared on the way


@pytest.mark.parametrize("flow", FLOWS)
def test_from_every_first_frame_it_is_the_same(flow: str) -> None:
    frames, seconds = 8, 0.4
    rng = np.random.default_rng(0)
    lights = [rng.random((SIZE[1], SIZE[0], 3), np.float32) * (rng.random() < 0.4) for _ in range(30)]

    def after(first: int, i: int) -> np.ndarray:
        buffers = Buffers.empty(first, SIZE)
        for j in range(first, i + 1):
            out = follow(buffers, lights[j], carrier(1.01), flow, frames, seconds)
        return out

    for i in range(frames, 30):
        assert np.array_equal(after(start(i, frames), i), after(0, i))


def test_what_is_left_fades_to_a_tenth_and_stays_where_nothing_moves() -> None:
    frames, seconds = 400, 0.5
    buffers, light = Buffers.empty(200, SIZE), lit(48, 27)  # in the middle of the first buffer's period
    dark = np.zeros_like(light)
    follow(buffers, light, carrier(), "none", frames, seconds)
    for _ in range(15):
        out = follow(buffers, dark, carrier(), "none", frames, seconds)
    assert out[27, 48, 0] == pytest.approx(0.1, abs=0.01)
    assert centre(out) == pytest.approx((48, 27), abs=0.3)  # OpenCV places pixels by 32nds


def test_it_goes_with_the_camera_and_with_the_stream_of_the_world() -> None:
    middle = np.array(SIZE) / 2 - 0.5
    for given in (carrier(grown=1.2), carrier(zoom=(1.0, 1.2))):
        buffers = Buffers.empty(200, SIZE)
        follow(buffers, lit(58, 27), carrier(), "none", 400, 0.5)
        out = follow(buffers, np.zeros((54, 96, 3), np.float32), given, "none", 400, 0.5)
        assert centre(out)[0] - middle[0] == pytest.approx(1.2 * (58 - middle[0]), abs=0.3)


def test_a_film_with_a_wake_has_the_same_frames_in_any_order(tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    soundfile.write(song, clicks(3.0, rate=22050), 22050)
    routes = 'routes=["kick -> spawn.spark 9", "onset -> spawn.ring 1"]'
    options = {"preset": "mercury", "size": "96x54", "fps": "20", "no_cues": True, "seed": 3, "set": (routes,)}
    plan, generators, _ = plan_of(resolve(song, options))
    assert len(plan.births)
    whole = source_of(plan, generators).frames(0, 40)
    still = source_of(plan, generators)
    for i in (39, 17, 18, 3, 38):
        assert np.array_equal(still.frames(i, i + 1)[0], whole[i]), i
    part, pool, _ = plan_of(resolve(song, {**options, "start": 1.0, "duration": 0.5}))
    assert np.array_equal(source_of(part, pool).frames(20, 30), whole[20:30])
