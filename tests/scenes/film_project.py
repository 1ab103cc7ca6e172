"""A project whose pictures tell what they are: dark and bright by turns, and ways evenly from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from avwalk.scenes.draw.transitions import name_of
from avwalk.scenes.graph.path_csv import Hop, write_shown
from avwalk.scenes.nodes import Edge, Node
from avwalk.scenes.project.project import Project, load_project
from tests.conftest import clicks

SIZE = (64, 48)
GREYS = (0.2, 0.8)


def grey(k: int) -> float:
    """Of the k-th picture of a path: dark and bright by turns."""
    return GREYS[k % 2]


def way(folder: Path, a: float, b: float, steps: int = 9, size: tuple[int, int] = SIZE) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(steps):
        level = round(255 * (a + (b - a) * k / (steps - 1)))
        picture = np.full((size[1], size[0], 3), level, np.uint8)
        assert cv2.imwrite(str(folder / name_of(Fraction(k, steps - 1))), picture)


def make(
    root: Path, sequence: str, hops_of: Sequence[tuple[str, int, str]], *, seconds: float = 8.0, every: float = 0.5
) -> tuple[Project, Path, list[Hop]]:
    """A project with its path and frames.

    Args:
        root: a folder.
        sequence: the rows of ``scene_sequence.csv``, with its header.
        hops_of: of each hop the scene that it begins in, its row, and its transition; the last picture is that of
            the last hop's way out.
        seconds: length of the song.
        every: seconds from click to click.
    """
    import soundfile

    meta, media = root / "meta" / "song", root / "media" / "song"
    meta.mkdir(parents=True)
    song = root / "song.wav"
    soundfile.write(song, clicks(seconds, every, first=0.0), 44100)
    scenes = list(dict.fromkeys([scene for scene, _, _ in hops_of]))
    scenes += ["last"]
    seeds: dict[str, list[str]] = {scene: [] for scene in scenes}
    nodes = []
    for k, (scene, _, _) in enumerate([*hops_of, ("last", 0, "")]):
        seeds[scene].append(str(1000 + k))
        nodes.append(Node(scene, str(1000 + k)))
    lines = [f'{name},a picture of {name},"{" ".join(found)}"' for name, found in seeds.items()]
    (meta / "prompt_image_definitions.csv").write_text("name,prompt,seeds\n" + "\n".join(lines) + "\n")
    (meta / "scene_sequence.csv").write_text(sequence)
    sections = [row.section for row in load_project("song", meta_dir=root / "meta", media_dir=root / "media").sequence]
    hops = []
    for k, (scene, row, transition) in enumerate(hops_of):
        edge = Edge(nodes[k], nodes[k + 1])
        hops.append(Hop(edge, scene, sections[row], False, "" if transition else edge.folder, row, transition))
        if not transition:
            way(media / "transition_images" / edge.folder, grey(k), grey(k + 1))
    images = media / "prompt_images"
    images.mkdir(parents=True)
    for k, node in enumerate(nodes):
        assert cv2.imwrite(str(images / node.picture), np.full((SIZE[1], SIZE[0], 3), round(255 * grey(k)), np.uint8))
    project = load_project("song", meta_dir=root / "meta", media_dir=root / "media")
    write_shown(project.story_dir, hops)
    return project, song, hops
