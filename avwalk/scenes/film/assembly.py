"""A film of scenes, settled: its path, its times, its frames and what is written over them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from avwalk._version import __version__
from avwalk.audio.probe import probe
from avwalk.clock import Clock, parse_fps
from avwalk.config.film_options import FilmOptions
from avwalk.config.options import RenderOptions
from avwalk.config.problems import option_error
from avwalk.config.text import Text
from avwalk.contracts import Analysis, Caption, Song
from avwalk.errors import ScenesError
from avwalk.files.names import is_regular
from avwalk.plan.analysis import analysis_of
from avwalk.plan.captions import captions, chosen_text
from avwalk.plan.cues_files import cues_of
from avwalk.rendering.job import FilmFile, FilmJob
from avwalk.runners.segments import Segment, partition
from avwalk.scenes.film.frames import LegFrames
from avwalk.scenes.film.material import frames_of_legs, path_of, read_size, size_of
from avwalk.scenes.film.spec import SceneFilmSpec
from avwalk.scenes.film.timing import Timing, timing
from avwalk.scenes.graph.path_csv import Hop
from avwalk.scenes.project.names import file_name
from avwalk.scenes.project.project import Project
from avwalk.spec.encoder import Encoder
from avwalk.video.profiles import profile

TAG = "avwalk_scenes"
"""Tag of a film in which it says, as JSON, what it shows."""
SEGMENT_SECONDS = 10
STYLE = Text()
"""Of what is written. avwalk's own letters: moviepy draws with Pillow, and would encode the film a second time."""


def film_options(values: Mapping[str, Any]) -> FilmOptions:
    """Options as given, checked.

    Raises:
        OptionError: values out of range, all at once.
    """
    try:
        return FilmOptions(**values)
    except ValidationError as error:
        raise option_error(error, FilmOptions.model_fields) from None


@dataclass(frozen=True)
class Assembly:
    """A film, settled: nothing is drawn yet.

    Attributes:
        project: whose film it is.
        options: as given.
        song: probed.
        analysis: of the song, on the film's clock.
        hops: the path.
        timing: when it is where.
        captions: what is written over it: title, credit, the rows ``text`` of the song's cues.
        found: of each leg, its frames by place.
        size: width and height.
        encoder: settings.
    """

    project: Project
    options: FilmOptions
    song: Song
    analysis: Analysis
    hops: Sequence[Hop]
    timing: Timing
    captions: Sequence[Caption]
    leg_frames: Sequence[LegFrames]
    size: tuple[int, int]
    encoder: Encoder

    @property
    def clock(self) -> Clock:
        """Frames against samples."""
        return Clock(self.analysis.fps, self.song.sample_rate, self.song.n_samples)

    @property
    def folder(self) -> Path:
        """Of this version."""
        return self.project.stories / self.options.out

    @property
    def path(self) -> Path:
        """Of the film."""
        return self.folder / f"{self.options.out}{self.encoder.suffix}"

    @cached_property
    def spec(self) -> SceneFilmSpec:
        """Everything that decides it."""
        timing = self.timing
        files = {path: path.stat() for frames in self.leg_frames for _, path in frames}
        return SceneFilmSpec(
            avwalk=__version__,
            song=self.song.sha256,
            fps=str(self.analysis.fps),
            size=self.size,
            fit=self.options.fit,
            encoder=self.encoder,
            arrivals=tuple(timing.arrivals),
            leads=tuple(timing.leads),
            pace=timing.pace,
            captions=tuple(tuple(caption) for caption in self.captions),
            legs=tuple((leg.node.id, leg.section, leg.enter) for leg in timing.legs),
            places=tuple(tuple(str(place) for place, _ in frames) for frames in self.leg_frames),
            frames=tuple(
                (f"{path.parent.name}/{path.name}", files[path].st_size, files[path].st_mtime_ns)
                for frames in self.leg_frames
                for _, path in frames
            ),
            track=self.song.track,
        )

    @property
    def metadata(self) -> dict[str, str]:
        """What the film says of itself."""
        told: dict[str, Any] = {
            "project": self.project.name,
            "version": __version__,
            "film": self.spec.hash,
        }
        told |= {"pace": self.timing.pace, "arrivals": self.timing.arrivals}
        tags = {"title": self.song.title, "artist": self.song.artist}
        comment = f"avwalk {__version__}, scenes of {self.project.name}"
        return {name: value for name, value in tags.items() if value} | {"comment": comment, TAG: json.dumps(told)}

    @property
    def job(self) -> FilmJob:
        """The film, as far as drawing and joining it is concerned."""
        return FilmJob(
            song=self.song,
            clock=self.clock,
            size=self.size,
            encoder=self.encoder,
            segments=self.segments,
            hash=self.spec.hash,
            tempo_bpm=self.analysis.score.tempo_bpm,
            retry="call again with --force",
            workers=self.options.workers,
        )

    @property
    def file(self) -> FilmFile:
        """All of it, from the first section to the last."""
        return FilmFile(self.path, 0, self.timing.n_frames, self.metadata)

    @property
    def section_files(self) -> list[FilmFile]:
        """A film of each section; none where there is only one section."""
        spans, seen = self.timing.sections, Counter[int]()
        files = []
        for number, i0, i1 in spans if len(spans) > 1 else ():
            seen[number] += 1
            again = f"_{seen[number]}" if seen[number] > 1 else ""
            path = self.folder / "sections" / f"section_{number}{again}{self.encoder.suffix}"
            files.append(FilmFile(path, i0, i1))
        return files

    @property
    def segments(self) -> list[Segment]:
        """Pieces that are encoded on their own; none goes across the border of two sections."""
        length = max(8, round(self.analysis.fps * SEGMENT_SECONDS))
        return [segment for _, i0, i1 in self.timing.sections for segment in partition(i0, i1, length)]


@dataclass(frozen=True)
class Schedule:
    """The path of a film and its times: all of it but the frames. Attributes as of `Assembly`."""

    song: Song
    analysis: Analysis
    hops: Sequence[Hop]
    timing: Timing
    captions: Sequence[Caption]


def scheduled(project: Project, song: Path, options: FilmOptions) -> Schedule:
    """Reads the path, hears the song, and settles when the film is where.

    Raises:
        AvwalkError: whatever is wrong with the song, the path or its times.
    """
    file_name(options.out, "--out")
    probed = probe(song, options.track)
    fps, told = parse_fps(options.fps), cues_of(song)
    analysis = analysis_of(probed, fps, bpm=options.bpm, first_beat=options.first_beat, cues=told)
    hops = path_of(project, options.stories)
    rows = () if options.stories else project.sequence
    when = timing(hops, rows, analysis, arrive=options.arrive, pace=options.pace)
    asked = RenderOptions(text=options.text, title=options.title, artist=options.artist)
    text = chosen_text(asked, probed, STYLE)
    return Schedule(probed, analysis, hops, when, captions(text, STYLE, told, analysis))


def assembly_of(project: Project, song: Path, options: FilmOptions) -> Assembly:
    """All of a film, before anything is written.

    Raises:
        AvwalkError: whatever is wrong or missing.
    """
    encoder = profile(options.profile)
    size = read_size(options.size) if options.size else encoder.size
    when = scheduled(project, song, options)
    leg_frames = frames_of_legs(project, when.timing.legs)
    return Assembly(
        project,
        options,
        when.song,
        when.analysis,
        when.hops,
        when.timing,
        when.captions,
        leg_frames,
        size or size_of(leg_frames),
        encoder,
    )


def song_of(project: Project, given: str | Path) -> Path:
    """The song's file: what was given if that is a file, else what the project knows.

    Raises:
        ScenesError: neither is there.
    """
    if is_regular(Path(given)):
        return Path(given)
    if project.song is None or not is_regular(project.song):
        known = f"'{project.song}' is not there" if project.song else "it names no song"
        raise ScenesError(f"project '{project.name}': {known}; give the song's file instead of the name")
    return project.song
