"""A drop that the artist moves in the cues, as it is seen: signals, curves, shots, frames."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from avwalk.contracts import Analysis
from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.request.resolve import Request, resolve
from avwalk.score.findings import findings, merged
from avwalk.score.musical_time import clock
from avwalk.settings import shipped

FILM = {"preset": "lsd", "generator": "cppn", "size": "64x36", "seed": 3}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("moved")


@pytest.fixture(scope="module")
def untouched(folder: Path) -> tuple[Plan, Analysis]:
    return film(folder, "heard")


def film(folder: Path, name: str, rows: str = "") -> tuple[Plan, Analysis]:
    """The plan of the demo song with a cues file, and the corrected analysis."""
    request = asked(folder, name, rows)
    return plan_of(request)[0], request.analysis()


def asked(folder: Path, name: str, rows: str) -> Request:
    song = folder / f"{name}.ogg"
    shutil.copy(shipped("demo-song.ogg"), song)
    if rows:
        song.with_name(f"{name}.cues.csv").write_text(rows, encoding="utf-8")
    return resolve(song, FILM)


def written(analysis: Analysis) -> str:
    """The cues file as avwalk writes it."""
    return merged(None, findings(analysis.score)).decode()


@pytest.mark.parametrize("bars", [-2, 2])
def test_a_row_that_is_moved_moves_what_is_seen(folder: Path, untouched: tuple[Plan, Analysis], bars: int) -> None:
    before, heard = untouched
    old = float(heard.score.drops[0])
    bar = float(np.median(np.diff(heard.score.bars)))
    new = old + bars * bar
    lines = written(heard).splitlines(keepends=True)
    (row,) = [line for line in lines if ",,drop," in line and line.startswith(clock(old))]
    text = "".join(line.replace(clock(old), clock(new)) if line == row else line for line in lines)
    after, told = film(folder, f"told{bars}", text)
    frame, was = round(new * 30), round(old * 30)

    score = told.score
    assert score.drops == pytest.approx([new], abs=1e-3)
    start, end = heard.score.builds[-1]
    first = max(s.start for s in heard.score.sections if s.start <= start)
    assert score.builds[-1] == pytest.approx((max(first, start + new - end), new), abs=1e-3)
    assert new == pytest.approx(next(s.start for s in score.sections if abs(s.start - new) < 1), abs=1e-3)
    assert [s.label for s in score.sections] == [s.label for s in heard.score.sections]

    signals = told.signals
    assert np.flatnonzero(signals["drop"]).tolist() == [frame]
    assert signals["time_to_drop"][frame - 1] < 0.07
    assert signals["build"][frame] == 1.0 and (signals["build"][frame + 1 :] == 0).all()

    assert frame in [shot.i0 for shot in after.shots] and was not in [shot.i0 for shot in after.shots]
    zoom, previous = after.params["camera.zoom"], before.params["camera.zoom"]
    release = zoom[frame] / zoom[frame - 1] - 1, previous[was] / previous[was - 1] - 1
    # it opens there, as before; a kick, which zooms by up to 10 %, may fall on one of them
    assert release[0] < -0.05 and release[0] == pytest.approx(release[1], abs=0.1)
    assert zoom[was] / zoom[was - 1] - 1 > 0.5 * release[0]  # and no longer where it was

    pictures = [source_of(plan).frames(frame - 1, frame + 2).astype(np.float64) for plan in (before, after)]
    change = [np.abs(p[1] - p[0]).mean() for p in pictures]
    assert change[1] > 1.5 * change[0]  # another world, on that frame


def test_a_drop_that_is_added_begins_a_shot(folder: Path, untouched: tuple[Plan, Analysis]) -> None:
    _, heard = untouched
    longest = max(heard.score.sections, key=lambda s: s.end - s.start)
    at = float(heard.score.bars[np.abs(heard.score.bars - (longest.start + longest.end) / 2).argmin()])
    plan, told = film(folder, "added", f"at,until,what,value\n{at},,drop,\n")
    assert told.score.sections == heard.score.sections
    assert round(at * 30) in [shot.i0 for shot in plan.shots]


def test_a_drop_whose_row_is_taken_out_takes_its_build_up_along(folder: Path, untouched: tuple[Plan, Analysis]) -> None:
    _, heard = untouched
    text = "".join(line for line in written(heard).splitlines(keepends=True) if ",,drop," not in line)
    told = asked(folder, "less", text).analysis()
    assert len(told.score.drops) == 0 and told.score.builds == ()
    assert not told.signals["build"].any() and told.score.sections == heard.score.sections
