from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.errors import OptionError, PainterError
from avwalk.files import image_meta
from avwalk.painters.worlds.painter import WorldsPainter
from avwalk.screenplay.scene import Scene
from avwalk.story.folder import PictureRecord, StoryFolder, story_options
from avwalk.story.pictures import (
    USERS_PICTURE,
    PictureOrder,
    PictureSettings,
    anchors_of,
    film_size,
    order_pictures,
    paint_missing,
    parse_size,
    picture_size,
    take_away,
    take_stock,
)

SETTINGS = PictureSettings("worlds", (64, 40))
SCENES = [
    Scene(0, "The sea.", place="the sea", prompt="a blue sea at noon", seed=1),
    Scene(1, "A forest.", place="a forest", prompt="a green forest", seed=2),
    Scene(2, "The sea again.", place="The sea", prompt="a dark sea at night", seed=3),
]


def told(folder: StoryFolder, scenes: list[Scene], records: dict[int, PictureRecord], **more: Any) -> tuple[Any, Any]:
    orders = order_pictures(scenes, [], replace(SETTINGS, **more))
    stock = take_stock(folder, orders, records)
    return stock, paint_missing(folder, stock)


def test_what_is_there_is_not_painted_again(tmp_path: Path) -> None:
    folder = StoryFolder(tmp_path)
    stock, records = told(folder, SCENES, {})
    assert len(stock.missing) == 3 and all(record.sha256 and not record.error for record in records.values())
    before = [folder.picture(k).read_bytes() for k in (1, 2, 3)]
    stock, again = told(folder, SCENES, records)
    assert not stock.missing and again == records
    changed = [SCENES[0], replace(SCENES[1], seed=9), SCENES[2]]
    stock, again = told(folder, changed, records)
    assert [order.number for order in stock.missing] == [2]
    after = [folder.picture(k).read_bytes() for k in (1, 2, 3)]
    assert after[0] == before[0] and after[2] == before[2] and after[1] != before[1]


def test_pictures_follow_their_storylets_when_one_is_put_between(tmp_path: Path) -> None:
    folder = StoryFolder(tmp_path)
    _, records = told(folder, SCENES, {})
    before = {k: folder.picture(k).read_bytes() for k in (1, 2, 3)}
    more = [SCENES[0], replace(SCENES[0], prompt="a red house", seed=7), *SCENES[1:]]
    stock, records = told(folder, more, records)
    assert [order.number for order in stock.missing] == [2]
    assert folder.picture(3).read_bytes() == before[2] and folder.picture(4).read_bytes() == before[3]
    assert not told(folder, more, records)[0].missing


def test_a_picture_of_ones_own_stays(tmp_path: Path) -> None:
    folder = StoryFolder(tmp_path)
    _, records = told(folder, SCENES, {})
    own = bytes(cv2.imencode(".png", np.full((40, 64, 3), 90, np.uint8))[1].tobytes())
    folder.picture(2).write_bytes(own)
    stock, records = told(folder, SCENES, records)
    assert not stock.missing and records[2].notes == (USERS_PICTURE,) and folder.picture(2).read_bytes() == own


def test_a_picture_that_is_lost_is_painted_again_as_it_was(tmp_path: Path) -> None:
    folder = StoryFolder(tmp_path)
    _, records = told(folder, SCENES, {})
    before = folder.picture(2).read_bytes()
    folder.picture(2).unlink()
    assert [order.number for order in told(folder, SCENES, records)[0].missing] == [2]
    assert folder.picture(2).read_bytes() == before


def test_a_failed_picture_ends_nothing_and_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paint = WorldsPainter.paint

    def sometimes(self: WorldsPainter, prompt: str, *args: Any) -> Any:
        if "forest" in prompt:
            raise PainterError("the forest is closed")
        return paint(self, prompt, *args)

    folder = StoryFolder(tmp_path)
    monkeypatch.setattr(WorldsPainter, "paint", sometimes)
    _, records = told(folder, SCENES, {})
    assert records[2].error == "the forest is closed" and not folder.picture(2).exists()
    assert records[1].sha256 and records[3].sha256
    monkeypatch.setattr(WorldsPainter, "paint", paint)
    stock, records = told(folder, SCENES, records)
    assert [order.number for order in stock.missing] == [2] and not records[2].error


def test_pictures_of_one_place_begin_with_its_first(tmp_path: Path) -> None:
    assert anchors_of(SCENES) == [0, 0, 1]
    folder, seen = StoryFolder(tmp_path), list[bool]()
    orders = order_pictures(SCENES, [], replace(SETTINGS, anchor=0.4))
    stock = take_stock(folder, orders, {})

    def on_picture(order: PictureOrder, record: PictureRecord) -> None:
        seen.append(order.commission.request.init_image is not None)

    paint_missing(folder, stock, on_picture)
    assert seen == [False, False, True]
    apart = StoryFolder(tmp_path / "b")
    told(apart, SCENES, {})
    pairs = [(image_meta.read(f.picture(1)), image_meta.read(f.picture(3))) for f in (folder, apart)]
    near, far = (float(np.abs(a - b).mean()) for a, b in pairs)
    assert near < far


def test_pictures_say_how_they_were_made(tmp_path: Path) -> None:
    folder = StoryFolder(tmp_path)
    _, records = told(folder, SCENES, {})
    assert records[1].used["Prompt"] == "a blue sea at noon" and records[1].used["Seed"] == 1
    assert image_meta.avwalk_metadata(folder.picture(1))["prompt"] == "a blue sea at noon"


def test_a_film_is_as_large_as_its_profile_says() -> None:
    sizes = [film_size(story_options(each)) for each in ({}, {"profile": "vertical"}, {"size": "64x36"})]
    assert sizes == [(1280, 720), (1080, 1920), (64, 36)]
    assert picture_size((1280, 720)) == (1440, 808)


@pytest.mark.parametrize("text", ["", "10", "axb", "15x20", "1280x721", "99999x10", "10x10x10"])
def test_odd_sizes_are_refused(text: str) -> None:
    with pytest.raises(OptionError, match="size"):
        parse_size(text)


def test_pictures_of_storylets_that_are_gone_are_taken_away_but_nobody_elses(tmp_path: Path) -> None:
    folder = StoryFolder(tmp_path)
    folder.pictures.mkdir()
    digests = {}
    for number in (1, 2, 3):
        folder.picture(number).write_bytes(bytes([number]))
        digests[number] = hashlib.sha256(bytes([number])).hexdigest()
    records = {number: PictureRecord("k", digest) for number, digest in digests.items()}
    folder.picture(3).write_bytes(b"somebody's own")
    take_away(folder, {1}, records)
    assert [folder.picture(number).exists() for number in (1, 2, 3)] == [True, False, True]
