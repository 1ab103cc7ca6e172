"""From the text files of a project to its film, step by step; what is done already is not done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avwalk.config.film_options import FilmOptions
from avwalk.contracts import Event
from avwalk.events import warning, warnings_as_events
from avwalk.scenes.draw import images, transitions
from avwalk.scenes.draw.choose import artist_of
from avwalk.scenes.film.assemble import assemble
from avwalk.scenes.film.assembly import scheduled, song_of
from avwalk.scenes.graph.graph import graph_of
from avwalk.scenes.graph.path_csv import Hop
from avwalk.scenes.graph.path_store import current_plan, write_plan
from avwalk.scenes.graph.plan_path import plan
from avwalk.scenes.project.create import auto_sequence
from avwalk.scenes.project.project import Project, load_project

Report = Callable[[Event], None]

MOST_NOTES = 3
STEPS = ("images", "plan", "transitions", "assemble")


@dataclass(frozen=True)
class Places:
    """Which project, and with what.

    Attributes:
        song: name of the project, or its song's file.
        sequence: ``"x"`` for ``scene_sequence_x.csv``.
        settings: profile of ``tgen_settings.json``.
        meta_dir: where text files are; None: of the settings.
        media_dir: where generated files are; None: of the settings.
    """

    song: str
    sequence: str = ""
    settings: str = "default"
    meta_dir: Path | None = None
    media_dir: Path | None = None

    def load(self, sequence: str | None) -> Project:
        """The project, read and checked."""
        return load_project(
            self.song, sequence=sequence, profile=self.settings, meta_dir=self.meta_dir, media_dir=self.media_dir
        )


def build(
    places: Places,
    options: FilmOptions,
    *,
    seed: int = 0,
    generator: str | None = None,
    device: str = "auto",
    on_event: Report | None = None,
) -> Mapping[str, Any]:
    """Pictures, a sequence where there is none, the path, its transitions, and the film.

    Args:
        places: which project.
        options: of the film.
        seed: of the path.
        generator: of all prompts; None: as the project says.
        device: what is drawn on.
        on_event: called with ``step`` where one begins, and with what each of them reports.

    Returns:
        The ``done`` event of `avwalk.scenes.film.assemble.assemble`.

    Raises:
        AvwalkError: of the first step that fails. Called again it goes on there.
        KeyboardInterrupt: as it came; what is done is kept.
    """
    report = on_event or (lambda event: None)

    def begin(name: str) -> None:
        report({"event": "step", "name": name, "done": STEPS.index(name), "total": len(STEPS)})

    project = places.load(places.sequence)
    for note in project.short_notes(MOST_NOTES):
        report(warning(note))
    song = song_of(project, places.song)
    artist = artist_of(project, generator=generator, device=device)
    begin("images")
    images.draw(project, None, report, artist=artist)
    begin("plan")
    if not project.sequence:
        written = auto_sequence(project, places.sequence)
        report(warning(f"there was no sequence; '{written}' has one scene per prompt"))
        project = places.load(places.sequence)
    hops = planned(project, seed, report)
    with warnings_as_events(lambda event: None):  # said when it is assembled
        scheduled(project, song, options)  # times that cannot be are told before hours of drawing
    begin("transitions")
    ways = dict.fromkeys(hop.stored_edge.sorted for hop in hops if not hop.transition)
    transitions.draw(project, ways, None, report, artist=artist)
    begin("assemble")
    return assemble(project, song, options, report)


def planned(project: Project, seed: int, report: Report) -> list[Hop]:
    """The plan that is there if it fits the sequence, else a new one, which is written."""
    graph = graph_of(project)
    kept = current_plan(project, graph)
    if kept is not None:
        return kept
    chosen = plan(graph, seed)
    for note in chosen.notes:
        report(warning(note))
    for old in write_plan(project, graph, chosen).backups:
        report(warning(f"the earlier path did not fit any more, and is kept as '{old}'"))
    return list(chosen.hops)
