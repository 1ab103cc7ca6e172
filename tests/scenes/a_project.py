"""A project in a folder, for tests: two prompts, four seeds, small pictures.

project = a_project(tmp_path)                                     # drawn by cppn
project = a_project(tmp_path, {"generator": "sd", "model_string": str(folder)})
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from avwalk.scenes.project.project import Project, load_project

PROMPTS = 'name,prompt,seeds\nreef,"coral reef in the sea",11 1234567\nfox,"a fox in the snow",21 22\n'
SIZE = (64, 36)


def a_project(
    folder: Path, profile: dict[str, Any] | None = None, prompts: str = PROMPTS, size: tuple[int, int] = SIZE
) -> Project:
    meta = folder / "meta" / "song"
    meta.mkdir(parents=True, exist_ok=True)
    (meta / "prompt_image_definitions.csv").write_text(prompts, encoding="utf-8")
    usual = {"res_width": size[0], "res_height": size[1], "interpolation_steps": 5, "generator": "cppn"}
    (meta / "tgen_settings.json").write_text(json.dumps({"default": {**usual, **(profile or {})}}), encoding="utf-8")
    return again(folder)


def again(folder: Path) -> Project:
    """The same, read anew: what lies in its folders is looked up then."""
    return load_project("song", meta_dir=folder / "meta", media_dir=folder / "media")


def pixels(path: Path) -> np.ndarray:
    found = cv2.imread(str(path))
    assert found is not None, path
    return found


def by_hand(folder: Path, name: str = "photo.jpg", size: tuple[int, int] = (90, 60), value: int = 200) -> Path:
    """A picture put into a scene's folder: a bright square on a ground."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = np.full((size[1], size[0], 3), value, np.uint8)
    picture[size[1] // 3 : 2 * size[1] // 3, size[0] // 3 : 2 * size[0] // 3] = (20, 60, 240)
    cv2.imwrite(str(folder / name), picture)
    return folder / name
