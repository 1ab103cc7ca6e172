"""``--overlay`` and ``--subject``: how they are written, what a film keeps of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import avwalk
from avwalk.errors import OptionError
from avwalk.pipeline import options_of, plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.request.pictures import LONGEST, read_overlay, read_subject
from avwalk.request.resolve import resolve

SMALL: dict[str, Any] = {"generator": "cppn", "size": "96x64", "duration": 0.5}


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    picture = np.zeros((40, 40, 4), np.uint8)
    picture[8:32, 8:32] = (40, 90, 250, 255)
    cv2.imwrite(str(tmp_path / "logo.png"), picture)
    return tmp_path / "logo.png"


def test_an_overlay_is_written_in_one_word(logo: Path) -> None:
    usual, picture = read_overlay(str(logo))
    assert (usual.place, usual.size, usual.margin, usual.opacity) == ("lower-right", 18, -1, 1)
    assert picture.shape == (40, 40, 4) and tuple(picture[20, 20]) == (250, 90, 40, 255) and picture[0, 0, 3] == 0
    other, _ = read_overlay(f"{logo}@center,size=30,margin=5,opacity=0.5")
    assert (other.place, other.size, other.margin, other.opacity) == ("centre", 30, 5, 0.5)
    at = logo.rename(logo.with_name("me@home.png"))
    assert read_overlay(str(at))[0].name == "me@home.png"


@pytest.mark.parametrize(
    ("behind", "said"),
    [("@lower-rigth", "lower-right"), ("@centre,size=0", "size=1 to 100"), ("@centre,colour=1", "opacity=0 to 1")],
)
def test_what_is_wrong_with_it_is_one_line(behind: str, said: str, logo: Path) -> None:
    with pytest.raises(OptionError, match=said) as caught:
        read_overlay(f"{logo}{behind}")
    assert "\n" not in str(caught.value)


def test_a_picture_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    for name, said in (("text.png", "no picture"), ("none.png", "no such file")):
        with pytest.raises(OptionError, match=said):
            read_subject(str(tmp_path / name))


def test_large_pictures_are_made_smaller_and_known_by_their_file(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "large.png"), np.full((30, 3000, 3), 9, np.uint8))
    spec, picture = read_subject(str(tmp_path / "large.png"))
    assert picture.shape == (20, LONGEST, 4) and len(spec.sha256) == 64 and spec.name == "large.png"


def test_a_film_has_its_pictures_in_its_plan_and_its_hash(logo: Path, click_song: Path, tmp_path: Path) -> None:
    plain = resolve(click_song, SMALL)
    request = resolve(click_song, {**SMALL, "subject": str(logo), "overlay": f"{logo}@centre"})
    assert len({plain.film.hash, request.film.hash, resolve(click_song, {**SMALL, "subject": logo}).film.hash}) == 3
    assert type(request.film).from_json(request.film.to_json()) == request.film
    plan, worlds, _ = plan_of(request)
    plan.save(tmp_path / "plan")
    loaded = Plan.load(tmp_path / "plan")
    assert set(loaded.pictures) == {"overlay", "subject"}
    drawn = source_of(plan, worlds).frames(3, 5)
    assert np.array_equal(source_of(loaded).frames(3, 5), drawn)  # as another process draws it
    assert drawn[0, 32, 48] == pytest.approx(np.array([250, 90, 40]) / 255, abs=0.01)


def test_a_film_made_again_asks_for_them(logo: Path, click_song: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    avwalk.render(click_song, out=film, overlay=f"{logo}@centre", subject=logo, **SMALL)
    with pytest.raises(OptionError, match="overlay FILE"):
        resolve(click_song, options_of(film))
    again = resolve(click_song, {**options_of(film), "overlay": f"{logo}@centre", "subject": str(logo)})
    assert again.film.hash == resolve(click_song, {**SMALL, "overlay": f"{logo}@centre", "subject": logo}).film.hash


def test_only_worlds_take_a_subject(logo: Path, click_song: Path) -> None:
    for more in ({"generator": "testcard"}, {"source": str(logo.parent)}):
        with pytest.raises(OptionError, match="cppn"):
            resolve(click_song, {**SMALL, "subject": str(logo), **more})
