from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from avwalk.errors import OutputError, ScenesError
from avwalk.finish import check_film
from avwalk.scenes.assemble import FilmOptions, assemble
from tests.scenes.film_project import GREYS, SIZE, make, way

PLAIN = "scene,duration,section\nforest,2,1\nsea,2,1\nlast,0,1\n"
PATH = [("forest", 0, ""), ("forest", 0, ""), ("forest", 0, ""), ("sea", 1, ""), ("sea", 1, ""), ("sea", 1, "")]


def lumas(path: Path) -> np.ndarray:
    """Mean light of every frame, 0 to 1."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    return np.array([frame.mean() for frame in frames]) / 255


def test_a_film_is_whole_and_arrives_on_the_beat(tmp_path: Path) -> None:
    project, song, _ = make(tmp_path, PLAIN, PATH)
    done = assemble(project, song, FilmOptions(arrive="beats"))
    film = Path(done["out"])
    assert film == project.stories / "film" / "film.mp4"
    checked = check_film(film, song)
    assert checked["ok"], checked["problems"]
    light = lumas(film)
    assert len(light) == 240 == done["n_frames"]
    # arrivals are where the picture is darkest or brightest: on multiples of half a second, which are the clicks
    for k, frame in enumerate(done["arrivals"][:-1]):
        near = light[max(0, frame - 7) : frame + 8]
        extreme = np.argmin(near) if k % 2 == 0 else np.argmax(near)
        measured = (max(0, frame - 7) + extreme) / 30
        assert abs(measured - round(measured * 2) / 2) <= 0.5 / 30 + 1e-9, (k, measured)
        assert light[frame] == pytest.approx(GREYS[k % 2], abs=0.02)
    assert not list((project.stories / "film").glob("*.work"))
