from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import avwalk
from avwalk.errors import OptionError
from avwalk.pipeline import options_of, plan_of, source_of
from avwalk.rendering.finish import check_film
from avwalk.request.resolve import resolve
from tests.conftest import clicks

SMALL: dict[str, Any] = {"generator": "cppn", "size": "96x54"}


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("loop") / "clicks.wav"
    soundfile.write(path, clicks(9.0), 44100)
    return path


@pytest.mark.parametrize(("preset", "start"), [("lsd", None), ("idol", "bar:2"), ("lsd", 0.0)])
def test_the_last_step_to_the_first_frame_is_a_step_like_any_other(song: Path, preset: str, start: object) -> None:
    plan, worlds, _ = plan_of(resolve(song, {**SMALL, "preset": preset, "loop": "2bars", "start": start}))
    assert plan.n_frames == pytest.approx(120, abs=3)
    frames = source_of(plan, worlds).frames(plan.i0, plan.i1)
    steps = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    last = float(np.abs(frames[0] - frames[-1]).mean())
    assert last <= 1.3 * steps.max()
    open_end, _, _ = plan_of(
        resolve(song, {**SMALL, "preset": preset, "start": plan.i0 / 30, "duration": plan.n_frames / 30})
    )
    plain = source_of(open_end).frames(open_end.i1 - 1, open_end.i1)[0]
    assert float(np.abs(frames[0] - plain).mean()) > 1.3 * last  # without the melt it would jump


def test_a_loop_is_rendered_checked_and_made_again(song: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    done = avwalk.render(song, out=out, loop="bars:2", **SMALL)
    assert check_film(out, song)["ok"] and done["n_frames"] == pytest.approx(120, abs=3)
    again = avwalk.render(song, out=tmp_path / "b.mp4", **options_of(out))
    assert again["n_frames"] == done["n_frames"]
    assert (tmp_path / "b.mp4").read_bytes() == out.read_bytes()


def test_the_beginning_of_a_loop_comes_in_over_its_last_bar(tmp_path: Path) -> None:
    path = tmp_path / "waltz.wav"
    soundfile.write(path, clicks(12.0), 44100)
    path.with_name("waltz.cues.csv").write_text("at,until,what,value\n0.5,,downbeat,3\n", encoding="utf-8")
    assert resolve(path, {**SMALL, "loop": "4bars", "start": "bar:1"}).film.loop == pytest.approx(45, abs=1)


def test_a_loop_has_one_length(song: Path) -> None:
    with pytest.raises(OptionError, match="loop and duration"):
        resolve(song, {**SMALL, "loop": "2bars", "duration": 3})
    with pytest.raises(OptionError):
        resolve(song, {**SMALL, "loop": "many"})
    with pytest.raises(OptionError, match=r"past the end of the song \(.* s\); begin earlier, or give fewer bars"):
        resolve(song, {**SMALL, "loop": "2bars", "start": "bar:4"})
