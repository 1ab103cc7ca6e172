"""Small projects for tests: files written from texts, pictures of one colour."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from avwalk.scenes.project.project import Project, load_project

DEFINITIONS = """\
name,prompt,seeds,guidance_scale
forest,"a forest, at dawn",1000 1001 1002,7.5
sea,the sea at night,7 8 9,
city,a city of glass,70 71,8
"""
SEQUENCE = "scene,duration,section,start\nforest,2,1,forest_1000\nsea,1,1,random\ncity,1,2,\n"


class Folders:
    """A project ``song`` in a folder of its own."""

    def __init__(
        self, root: Path, definitions: str | bytes | None = DEFINITIONS, sequence: str | None = SEQUENCE
    ) -> None:
        self.root, self.meta, self.media = root, root / "meta" / "song", root / "media" / "song"
        self.meta.mkdir(parents=True)
        if definitions is not None:
            self.text("prompt_image_definitions.csv", definitions)
        if sequence is not None:
            self.text("scene_sequence.csv", sequence)

    def text(self, name: str, text: str | bytes) -> Path:
        path = self.meta / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def picture(self, name: str, colour: int = 128) -> Path:
        path = self.media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(path), np.full((8, 12, 3), colour, np.uint8))
        return path

    def load(self, sequence: str | None = "", profile: str = "default") -> Project:
        return load_project(
            "song", sequence=sequence, profile=profile, meta_dir=self.root / "meta", media_dir=self.root / "media"
        )
