from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from avwalk.config.film_options import FilmOptions
from avwalk.errors import VideoError
from avwalk.rendering.finish import check_film
from avwalk.scenes.film import motion_interpolation
from avwalk.scenes.film.assemble import assemble
from avwalk.spec.encoder import Encoder
from avwalk.video.encode import SegmentEncoder
from tests.scenes.film.test_assemble import PATH, PLAIN
from tests.scenes.film_project import make


def here() -> bool:
    try:
        motion_interpolation.check()
    except VideoError:
        return False
    return True


needs = pytest.mark.skipif(not here(), reason="no ffmpeg: pip install 'avwalk[film]'")


def bars(path: Path) -> list[int]:
    """The left edge of the bright box in each picture."""
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    return [int(np.argmax(picture[40] > 180)) for picture in pictures]


@needs
def test_frames_between_are_where_things_are_on_their_way(tmp_path: Path) -> None:
    frames = np.full((20, 90, 160, 3), 0.3, np.float32)
    for i in range(20):
        frames[i, 20:60, 20 + 4 * i : 50 + 4 * i] = 0.9
    film = tmp_path / "low.mp4"
    with SegmentEncoder(film, (160, 90), Fraction(10), Encoder(), 0, 0) as encoder:
        encoder.write(frames)
    told: list[int] = []
    out = tmp_path / "high.mp4"
    motion_interpolation.interpolated(film, out, Fraction(20), 40, Encoder(), lambda event: told.append(event["done"]))
    before, after = bars(film), bars(out)
    assert len(after) == 40 and told[-1] == 40
    assert np.abs(np.array(after[::2]) - before).max() <= 1  # a picture stays on its time
    between = np.array(after[1:-1:2])
    assert np.abs(between - (np.array(before[:-1]) + 2)).mean() < 1.5


@needs
def test_a_film_of_scenes_at_a_higher_rate(tmp_path: Path) -> None:
    project, song, _ = make(tmp_path, PLAIN, PATH, seconds=3.0)
    options = FilmOptions(fps="10")
    with pytest.raises(VideoError, match="scenes assemble"):
        motion_interpolation.smooth(project, song, options, "30", lambda event: None)
    film = Path(assemble(project, song, options)["out"])
    out = motion_interpolation.smooth(project, song, options, "30", lambda event: None)
    assert out.name == "film_30fps.mp4"
    checked = check_film(out, song)
    assert checked["ok"] and checked["n_frames"] == 90, checked["problems"]
    before = out.stat().st_mtime_ns
    assert motion_interpolation.smooth(project, song, options, "30", lambda event: None).stat().st_mtime_ns == before
    assert sorted(path.name for path in film.parent.glob("*.mp4")) == ["film.mp4", "film_30fps.mp4"]


@needs
def test_what_ffmpeg_says_is_passed_on(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film")
    with pytest.raises(VideoError, match=r"broken\.mp4"):
        motion_interpolation.interpolated(broken, tmp_path / "a.mp4", Fraction(30), 3, Encoder(), lambda event: None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.mp4"]


def test_without_ffmpeg_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(VideoError, match=r"avwalk\[film\]"):
        motion_interpolation.check()
