"""`scene_sequence[_x].csv`: the scenes of a film, in the order of the rows.

    scene,duration,section,start,at,until,transition
    forest,3,1,forest_1000,0:00,,
    sea,2,1,,bar:9,,
    city,4,2,"city_7, city_9",drop:1,,cut

Only `scene` must be there. `duration` counts hops from picture to picture, no seconds. `at` fixes when the scene's
first picture arrives; else `duration` counts; else the scenes of a section share its length evenly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from avwalk.errors import OptionError, did_you_mean
from avwalk.scenes.names import node_name
from avwalk.scenes.nodes import Node
from avwalk.scenes.tables import Findings, Row, read_rows, whole
from avwalk.score.musical_time import Moment, parse_moment

COLUMNS = ("scene", "duration", "section", "start", "at", "until", "transition")
ALIASES = {"name": "scene", "hops": "duration", "transitions": "transition"}
TRANSITIONS = ("melt", "cut", "whip")
HOPS = 3
"""Hops in a scene whose duration is empty."""
MAX_HOPS = 10_000

Transition = Literal["melt", "cut", "whip"]


@dataclass(frozen=True)
class SceneRow:
    """A row, checked.

    Attributes:
        scene: name of a prompt, or of a folder in ``scenes/``.
        duration: hops inside of the scene, from picture to picture; 0: it is passed through.
        section: scenes of one section belong together, and are a film file.
        start: pictures of which one is drawn; ``"random"``: any, drawn anew; None: left to the path.
        at: when the scene's first picture arrives; None: as the durations have it.
        until: when the scene's last picture is reached; None: when it must go on.
        transition: how the scene is entered; None: by the rendered transition.
        counted: the duration was written; if not, it is `HOPS`, and the section's length is shared evenly.
        place: ``file:line:column`` of the scene.
    """

    scene: str
    duration: int = HOPS
    section: int = 1
    start: tuple[Node, ...] | Literal["random"] | None = None
    at: Moment | None = None
    until: Moment | None = None
    transition: Transition | None = None
    counted: bool = True
    place: str = field(default="", compare=False)


def sequence_file(meta: Path, name: str = "") -> Path:
    """The file of a sequence: ``scene_sequence.csv``, or ``scene_sequence_x.csv`` for ``"x"``."""
    return meta / f"scene_sequence{'_' if name else ''}{name}.csv"


def read_sequence(file: Path, find: Callable[[str, str], Node], found: Findings) -> tuple[SceneRow, ...]:
    """The rows of a sequence; problems go to ``found``.

    Args:
        file: the CSV file.
        find: (scene, text) → the picture of that scene which a start names; raises `OptionError`.
        found: takes problems and notes.
    """
    rows: list[SceneRow] = []
    section = 1
    for row in read_rows(file, COLUMNS, ("scene",), found, ALIASES):
        made = _row(row, section, find, found)
        if made:
            rows.append(made)
            section = made.section
    return tuple(rows)


def _row(row: Row, section: int, find: Callable[[str, str], Node], found: Findings) -> SceneRow | None:
    before = len(found.problems)

    def moment(text: str) -> Moment | None:
        return parse_moment(row.decimal(text)) if text else None

    scene = row.read("scene", lambda text: node_name(text, "scene"), found)
    hops = row.read("duration", lambda text: whole("duration", text, 0, MAX_HOPS), found)
    part = row.read("section", lambda text: whole("section", text, 0, 9999), found)
    at, until = row.read("at", moment, found), row.read("until", moment, found)
    how = row.read("transition", _transition, found)
    start = row.read("start", lambda text: _start(text, scene or "", find), found) if scene else None
    if len(found.problems) > before or scene is None:
        return None
    duration = HOPS if hops is None else hops
    number = section if part is None else part
    return SceneRow(scene, duration, number, start, at, until, how, hops is not None, row.place("scene"))


def _transition(text: str) -> Transition | None:
    how = text.lower()
    if how and how not in TRANSITIONS:
        raise OptionError(
            f"transition '{text}' is not known{did_you_mean(how, TRANSITIONS)}; it is {', '.join(TRANSITIONS)}"
        )
    return cast(Transition, how) if how else None


def _start(text: str, scene: str, find: Callable[[str, str], Node]) -> tuple[Node, ...] | Literal["random"] | None:
    if not text:
        return None
    if text.lower() == "random":
        return "random"
    return tuple(dict.fromkeys(find(scene, word) for word in (word.strip() for word in text.split(",")) if word))
