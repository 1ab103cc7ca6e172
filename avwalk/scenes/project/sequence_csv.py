"""`scene_sequence[_x].csv`: the scenes of a film in order, with durations, times and transitions.

    scene,duration,section,start,at,until,transition
    forest,3,1,forest_1000,0:00,,
    sea,2,1,,bar:9,,
    city,4,2,"city_7, city_9",drop:1,,cut

Only `scene` is required. `duration` counts hops from picture to picture, not seconds. `at` fixes when the scene's
first picture is reached; otherwise `duration` counts; otherwise the scenes of a section share its length evenly.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from avwalk.errors import OptionError, did_you_mean
from avwalk.scenes.nodes import Node
from avwalk.scenes.project.csv_rows import Findings, Row, integer, read_rows
from avwalk.scenes.project.image_folders import find_node
from avwalk.scenes.project.names import file_name, node_name
from avwalk.score.musical_time import Moment, parse_moment

COLUMNS = ("scene", "duration", "section", "start", "at", "until", "transition")
ALIASES = {"name": "scene", "hops": "duration", "transitions": "transition"}
TRANSITIONS = ("melt", "cut", "whip")
HOPS = 3
"""Hops in a scene whose duration is empty."""
MAX_HOPS = 10_000

Transition = Literal["melt", "cut", "whip"]
_Latest = tuple[Moment | None, str]


@dataclass(frozen=True)
class SceneRow:
    """A row, checked.

    Attributes:
        scene: name of a prompt, or of a folder in ``scenes/``.
        duration: hops inside the scene, from picture to picture; 0: pass through.
        section: scenes of one section belong together, and also form a film of their own.
        start: candidates for the first picture; ``"random"``: any; None: chosen by the path.
        at: when the scene's first picture is reached; None: by the durations.
        until: when the scene's last picture is reached; None: as late as possible.
        transition: into the scene; None: the rendered transition.
        counted: the duration is explicit; else it is `HOPS`, and the section's length is shared evenly.
        locations: column → ``file:line:column``, for messages.
    """

    scene: str
    duration: int = HOPS
    section: int = 1
    start: tuple[Node, ...] | Literal["random"] | None = None
    at: Moment | None = None
    until: Moment | None = None
    transition: Transition | None = None
    counted: bool = True
    locations: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def location(self) -> str:
        """``file:line:column`` of the scene's name."""
        return self.locations.get("scene", "")


@dataclass(frozen=True)
class SceneTable:
    """The scenes that rows may name.

    Attributes:
        members: scene → its pictures, possibly none.
        pictures: non-standard locations of pictures.
    """

    members: Mapping[str, tuple[Node, ...]]
    pictures: Mapping[Node, Path]


def sequence_file(meta: Path, name: str = "") -> Path:
    """The file of a sequence: ``scene_sequence.csv``, or ``scene_sequence_x.csv`` for ``"x"``.

    Raises:
        OptionError: a name that would leave the folder.
    """
    return meta / (f"scene_sequence_{file_name(name, 'sequence')}.csv" if name else "scene_sequence.csv")


def sequence_names(meta: Path) -> list[str]:
    """The sequences that there are, the default one (``""``) first."""
    stems = [file.stem.removeprefix("scene_sequence") for file in meta.glob("scene_sequence*.csv")]
    return sorted(stem[1:] for stem in stems if stem == "" or (stem[0] == "_" and len(stem) > 1))


def read_sequence(
    file: Path, scenes: SceneTable, findings: Findings, timed: list[SceneRow] | None = None
) -> tuple[SceneRow, ...]:
    """The rows of a sequence; problems go to ``findings``.

    Args:
        file: of the sequence.
        scenes: the scenes that it may name.
        findings: receives problems and notes.
        timed: receives every row with readable times, in spite of other problems.
    """
    rows: list[SceneRow] = []
    section = 1
    latest: _Latest = None, ""
    for row in read_rows(file, COLUMNS, ("scene",), findings, ALIASES):
        made, times = _row(row, section, scenes, findings)
        latest = _in_order(row, times, latest, findings)
        if timed is not None:
            timed.append(times)
        if made:
            rows.append(made)
            section = made.section
    if not rows and not findings.problems:
        findings.add(file, None, f"it holds no scenes; its columns are {','.join(COLUMNS)}")
    _check_shared(rows, scenes, findings, file)
    return tuple(rows)


def _row(row: Row, section: int, scenes: SceneTable, findings: Findings) -> tuple[SceneRow | None, SceneRow]:
    """The row, None after problems; and a row of its readable times alone."""
    before = len(findings.problems)

    def moment(text: str) -> Moment | None:
        return parse_moment(row.decimal(text)) if text else None

    scene = row.read("scene", lambda text: _scene(text, scenes, findings), findings)
    hops = row.read("duration", lambda text: integer("duration", text, 0, MAX_HOPS), findings)
    part = row.read("section", lambda text: integer("section", text, 0, 9999), findings)
    at, until = row.read("at", moment, findings), row.read("until", moment, findings)
    how = row.read("transition", _transition, findings)
    known = scene if scene is not None and scene in scenes.members else ""
    start = row.read("start", lambda text: _start(text, known, scenes), findings) if known else ()
    places = {column: row.location(column) for column in row.cells}
    times = SceneRow(scene or row.text("scene"), at=at, until=until, locations=places)
    if len(findings.problems) > before or scene is None:
        return None, times
    duration = HOPS if hops is None else hops
    number = section if part is None else part
    return SceneRow(scene, duration, number, start or None, at, until, how, hops is not None, places), times


def _scene(text: str, scenes: SceneTable, findings: Findings) -> str:
    name = node_name(text, "scene")
    if findings.no_prompts or name in findings.doubtful:
        return name
    if name not in scenes.members:
        raise OptionError(
            f"no scene '{name}'{did_you_mean(name, scenes.members)}: it is neither a prompt nor a folder with pictures "
            "in scenes/"
        )
    if not scenes.members[name]:
        raise OptionError(
            f"scene '{name}' has no pictures: its prompt has no seeds; "
            f"`avwalk explore --name {name}` shows some to keep"
        )
    return name


def _transition(text: str) -> Transition | None:
    how = text.lower()
    if how and how not in TRANSITIONS:
        near = did_you_mean(how, TRANSITIONS)
        raise OptionError(f"transition '{text}' is not known{near}; it is {', '.join(TRANSITIONS)}")
    return typing.cast(Transition, how) if how else None


def _start(text: str, scene: str, scenes: SceneTable) -> tuple[Node, ...] | Literal["random"]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if "random" in (word.lower() for word in words):
        if len(words) > 1:
            raise OptionError(f"start '{text}': 'random' stands alone; take it out, or all the others")
        return "random"
    found = [find_node(word, scenes.members[scene], scenes.pictures, scene) for word in words]
    return tuple(dict.fromkeys(found))


def _in_order(row: Row, made: SceneRow, latest: _Latest, findings: Findings) -> _Latest:
    """Checks that times ascend, as far as possible without the song; returns the latest, and its column.

    A scene may begin when the one before ends, but not when it begins.
    """
    for column, moment in (("at", made.at), ("until", made.until)):
        if moment is None:
            continue
        before, of = latest
        if before and not _after(moment, before, strictly=(of, column) != ("until", "at")):
            what = f"{column} '{moment.text}' is not after {of} '{before.text}'"
            findings.add(row.file, row.cell(column), f"{what}; rows stand in the order of the film")
        latest = moment, column
    return latest


def _after(one: Moment, other: Moment, strictly: bool) -> bool:
    """Whether one is after the other, or the order is undecidable."""
    if one.kind != other.kind or one.kind not in ("seconds", "beat", "bar", "section", "drop"):
        return True
    own = {"seconds": "s"}.get(one.kind, one.kind)
    if any(unit != own for moment in (one, other) for _, unit in moment.offsets):
        return True
    first, second = (moment.number + sum(amount for amount, _ in moment.offsets) for moment in (other, one))
    return second > first or (second == first and not strictly)


def _check_shared(rows: list[SceneRow], scenes: SceneTable, findings: Findings, file: Path) -> None:
    """Checks that no picture belongs to two scenes: paths identify scenes by their pictures."""
    of: dict[Node, str] = {}
    for scene in dict.fromkeys(row.scene for row in rows if row.scene in scenes.members):
        shared = [node for node in scenes.members[scene] if of.setdefault(node, scene) != scene]
        if shared:
            text = f"picture '{shared[0].id}' is in the scenes '{of[shared[0]]}' and '{scene}'; take it out of one"
            findings.add(file, None, text)
