from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from avwalk.errors import StoryError
from avwalk.files import image_meta
from avwalk.story.build import tell_story
from avwalk.story.folder import StoryFolder, story_options
from avwalk.story.redo import edit, read_mask, redo, soft_mask
from tests.painters.services import A1111, serving
from tests.story.tales import SMALL, tale


def white(path: Path, size: tuple[int, int], part: slice = slice(0, 20)) -> Path:
    mask = np.zeros((size[1], size[0], 3), np.uint8)
    mask[:, part] = 255
    cv2.imwrite(str(path), mask)
    return path


def told(folder: Path, painter: str) -> StoryFolder:
    options = {**SMALL, "out": str(folder / "t_story"), "film": False, "painter": painter, "picture_size": "64x40"}
    tell_story(tale(folder), story_options(options))
    return StoryFolder(folder / "t_story")


def test_an_edit_changes_only_what_is_white(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AVWALK_A1111_AUTH", raising=False)
    with serving(A1111) as service:
        folder = told(tmp_path, f"a1111@{service.url}")
        before = {k: image_meta.read(folder.picture(k)) for k in (1, 2, 3)}
        edit(folder, 2, white(tmp_path / "m.png", (64, 40)), "a yellow moon", seed=5)
        body = service.posted("img2img")[-1]
        assert body["prompt"] == "a yellow moon" and body["seed"] == 5 and body["mask"] and body["init_images"]
        after = {k: image_meta.read(folder.picture(k)) for k in (1, 2, 3)}
        assert np.array_equal(after[1], before[1]) and np.array_equal(after[3], before[3])
        assert np.array_equal(after[2][:, 20:], before[2][:, 20:])
        assert not np.array_equal(after[2][:, :18], before[2][:, :18])
        record = folder.load().pictures[2]
        assert record.edited == ("m.png: a yellow moon (seed 5)",)
        n = len(service.asked)
        tell_story(None, story_options({**folder.load().options.model_dump(exclude_defaults=True)}))
        assert len(service.asked) == n  # an edited picture is not painted over


def test_a_painter_that_cannot_inpaint_says_so(tmp_path: Path) -> None:
    folder = told(tmp_path, "worlds")
    with pytest.raises(StoryError, match="painter 'worlds' cannot change a part"):
        edit(folder, 1, white(tmp_path / "m.png", (64, 40)), "a moon")
    with pytest.raises(StoryError, match="the prompt is empty"):
        edit(folder, 1, tmp_path / "m.png", "  ")


def test_masks_are_looked_at(tmp_path: Path) -> None:
    assert read_mask(white(tmp_path / "m.png", (128, 80), slice(0, 40)), (64, 40)).sum() == 20 * 40
    for size, part, said in (((64, 64), slice(0, 9), "the same shape"), ((64, 40), slice(0, 0), "nowhere white")):
        with pytest.raises(StoryError, match=said):
            read_mask(white(tmp_path / "m.png", size, part), (64, 40))
    with pytest.raises(StoryError, match="is not there"):
        read_mask(tmp_path / "nothing.png", (64, 40))


def test_a_mask_is_soft_inwards_only() -> None:
    mask = np.zeros((40, 64), np.float32)
    mask[10:30, 10:50] = 1
    soft = soft_mask(mask)
    assert not soft[mask == 0].any() and soft[20, 30] == 1.0 and 0 < soft[10, 30] < 1


def test_without_seed_or_prompt_the_next_seed_is_taken(tmp_path: Path) -> None:
    folder = told(tmp_path, "worlds")
    table, before = folder.table.read_text(), folder.picture(1).read_bytes()
    redo(folder, 1)
    assert folder.picture(1).read_bytes() != before
    changed = [a != b for a, b in zip(table.splitlines(), folder.table.read_text().splitlines(), strict=True)]
    assert sum(changed) == 1
    with pytest.raises(StoryError, match="out of range"):
        redo(folder, 1, seed=-1)
