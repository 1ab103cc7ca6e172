"""What verification measures of an encoded picture."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from avwalk.video.encode import SegmentEncoder
from avwalk.video.profiles import profile
from avwalk.video.verify import ExpectedPicture, verify

FPS = Fraction(30)
HITS = np.arange(6, 120, 15)


def film(path: Path) -> Path:
    """Five seconds: a still pattern with a patch of light at each of eight hits, then a second of plain grey."""
    yy, xx = np.mgrid[:90, :160]
    frames = np.tile((0.5 + 0.2 * np.sin(xx / 4) * np.sin(yy / 5))[None, ..., None], (150, 1, 1, 3)).astype(np.float32)
    for hit in HITS:
        frames[hit : hit + 3, 10:25, 60:90] += 0.3
    frames[120:] = 0.5
    with SegmentEncoder(path, (160, 90), FPS, profile("youtube"), 7, 0) as segment:
        segment.write(frames)
    return path


def test_what_hits_make_is_measured_and_where_nothing_is_shown(tmp_path: Path) -> None:
    made = film(tmp_path / "film.mp4")
    found = verify(made, picture=ExpectedPicture(HITS / 30, drums=HITS / 30, loud=[(-1.0, 4.5)]))
    assert found["salience"]["busiest"] > 3 and found["salience"]["busiest_levels"] > 3
    assert found["salience"]["hits"] == len(HITS) and found["lag_frames"] == 0
    assert found["empty"] == [], "half a second of it is loud"
    found = verify(made, picture=ExpectedPicture(HITS / 30, loud=[(0.0, 9.0)]))
    assert found["empty"] == [(4.0, 5.0)] and found["salience"] is None


def test_a_film_alone_is_not_measured(tmp_path: Path) -> None:
    found = verify(film(tmp_path / "film.mp4"))
    assert [found[name] for name in ("correlation", "salience", "empty")] == [None, None, None]
