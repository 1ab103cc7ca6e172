"""The scenes of a film: read, or made of its words, and turned into pictures on their time or into rows of its cues."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.config.lock import Lock
from avwalk.config.options import RenderOptions
from avwalk.contracts import Song
from avwalk.errors import OptionError, PainterError, WordsError, clipped
from avwalk.files.atomic import make_folder
from avwalk.files.image_meta import image_info
from avwalk.files.names import as_there
from avwalk.frames.still_camera import SPARE
from avwalk.frames.timed_pictures import Shown, write_timeline
from avwalk.painters.cached import request_name
from avwalk.painters.contract import PaintRequest
from avwalk.painters.pictures import estimated, paint_files
from avwalk.painters.registry import PAINTERS, open_painter, prompt_limit
from avwalk.painters.service import MAX_SIDE
from avwalk.painters.several import Commission, Estimate
from avwalk.presets.prompt_to_preset import choose_preset
from avwalk.score.cues import Cue, Cues
from avwalk.score.musical_time import parse_moment
from avwalk.screenplay.prompting import Style, merged
from avwalk.screenplay.scene import Scene, count_words
from avwalk.screenplay.screenplay import ScreenplayOptions, screenplay_of
from avwalk.screenplay.source import telling_of_words
from avwalk.screenplay.table import TABLE, read_screenplay, table_file, write_screenplay
from avwalk.words.files import transcript_of, words_beside

AUTO = "auto"
BY_CUES = ("cppn", "sd")
"""Generators that take scenes as rows of the cues."""
USUAL_PAINTER = "worlds"
MOST_PRESETS = 6
"""Presets that scenes pin: each is planned for the whole song."""
_log = logging.getLogger(__name__)


class Unpainted(NamedTuple):
    """Pictures of a film that is only estimated.

    Attributes:
        estimate: what they will take.
        folder: of what stands in for them; it goes with this.
    """

    estimate: Estimate
    folder: TemporaryDirectory[str]


@dataclass(frozen=True)
class SceneFilm:
    """What scenes make of a film.

    Attributes:
        options: of the render; with pictures the folder is its source.
        cues: with the rows of the scenes.
        notes: what was read and made.
        unpainted: pictures that are not there, of a film that is only estimated; None: all are.
    """

    options: RenderOptions
    cues: Cues
    notes: tuple[str, ...] = ()
    unpainted: Unpainted | None = None


def with_scenes(
    options: RenderOptions,
    song: Song,
    size: tuple[int, int],
    cues: Cues,
    bars: Callable[[], NDArray[np.float64] | None],
    *,
    writes: bool,
    has_source: bool = False,
    lock: Lock = Lock(),  # noqa: B008  # frozen
) -> SceneFilm:
    """A film with the scenes that are asked for, or that a preset with a locked style makes of the song's words; as it
    is where none are.

    Args:
        options: of the render.
        song: of the film.
        size: of the film.
        cues: the artist's.
        bars: times of the song's bars, seconds; None: it has no beat.
        writes: a film is made of it, and the table of its scenes is kept.
        has_source: a film that was made of pictures is made again, whatever generator it names.
        lock: style of the preset, put around the prompt of each scene.

    Raises:
        OptionError: contradictions, or no words.
        ScenesError: the table is wrong.
        WordsError: the words are wrong.
        PainterError: no picture could be painted.
    """
    notes: list[str] = []
    if lock.prompt and not options.scenes:
        options = options.model_copy(update={"prompt": tuple(locked(each, lock) for each in options.prompt)})
        if _has_scenes(options, song):
            options = options.model_copy(update={"scenes": AUTO})
            notes = [f"preset '{options.preset}' has a locked style: scenes of the words are painted in it"]
    if not options.scenes:
        return SceneFilm(options, cues)
    if options.source:
        raise OptionError("--scenes and --source exclude each other; leave one out")
    by_cues = options.generator in BY_CUES and not has_source
    if by_cues and options.painter and not options.restyle:
        raise OptionError(
            f"--painter {options.painter} paints pictures, and --generator {options.generator} takes the "
            "scenes as prompts; leave one out"
        )
    scenes, said = _scenes(options, song, bars, lock, writes=writes and not options.estimate)
    seconds = Fraction(song.n_samples, song.sample_rate)
    scenes, more = on_clock(scenes, seconds)
    scenes, notes = [with_lock(scene, lock) for scene in scenes], [*notes, *said, *more]
    if by_cues:
        rows = scene_cues(scenes, options.generator)
        notes.append(f"{len(scenes)} scenes as {len(rows)} rows of cues for {options.generator}")
        return SceneFilm(options, replace(cues, rows=(*cues.rows, *rows), name=cues.name or "scenes"), tuple(notes))
    folder, done, unpainted = _painted(options, song, scenes, size, lock)
    changed = {"source": str(folder), "scenes": None}
    if not options.restyle:
        changed["painter"] = None
    return SceneFilm(options.model_copy(update=changed), cues, (*notes, *done), unpainted)


def locked(prompt: str, lock: Lock) -> str:
    """A prompt with a locked style around it; as it is where nothing is locked."""
    return merged(prompt, Style(style=lock.template)) if lock.prompt else prompt


def with_lock(scene: Scene, lock: Lock) -> Scene:
    """A scene in a locked style; as it is where nothing is locked."""
    if not lock.prompt:
        return scene
    negative = ", ".join(dict.fromkeys(each for each in (scene.negative, lock.negative) if each))
    return replace(scene, prompt=locked(scene.prompt, lock), negative=negative)


def _has_scenes(options: RenderOptions, song: Song) -> bool:
    """Whether a preset with a locked style has scenes to show, and nothing else is to be seen."""
    if options.source or options.no_words or options.prompt or options.generator not in ("auto", *BY_CUES):
        return False
    return bool(options.words) or table_file(song.path).exists() or words_beside(song.path) is not None


def on_clock(scenes: Sequence[Scene], seconds: Fraction) -> tuple[list[Scene], list[str]]:
    """Scenes with times inside a song; without a clock they share it by how long they take to say.

    Raises:
        OptionError: none is inside.
    """
    length = float(seconds)
    if scenes[0].start_s is None:
        weights = np.array([max(1, count_words(scene.text or scene.prompt)) for scene in scenes], np.float64)
        ends = np.cumsum(weights) * length / weights.sum()
        starts = [0.0, *ends[:-1].tolist()]
        found = [replace(s, start_s=a, end_s=b) for s, a, b in zip(scenes, starts, ends.tolist(), strict=True)]
        return found, [f"the scenes have no times: they share the {length:.1f} s by their length; fill column start"]
    inside = [scene for scene in scenes if (scene.start_s or 0.0) < length]
    if not inside:
        raise OptionError(f"no scene begins within the song's {length:.1f} s; are these its scenes?")
    left = len(scenes) - len(inside)
    return inside, [f"{left} scenes begin behind the end of the song and are left out"] if left else []


def scene_cues(scenes: Sequence[Scene], generator: str) -> tuple[Cue, ...]:
    """Rows of cues that show scenes: prompts for `sd`; for `cppn` preset, palette and seed by the prompt's words.

    Args:
        scenes: with times.
        generator: of `BY_CUES`.
    """
    rows: list[Cue] = []
    choices = [choose_preset("", scene.prompt) for scene in scenes]
    usual = [name for name, _ in Counter(choice.preset for choice in choices).most_common(MOST_PRESETS)]
    for k, (scene, choice) in enumerate(zip(scenes, choices, strict=True)):
        at = parse_moment(f"{0.0 if k == 0 else scene.start_s or 0.0:.3f}")
        if generator == "sd":
            rows.append(Cue(at, None, "prompt", scene.prompt, ""))
            continue
        preset = choice.preset if choice.preset in usual else usual[choice.pick % len(usual)]
        rows.append(Cue(at, None, "preset", preset, ""))
        rows.append(Cue(at, None, "seed", str(scene.seed), ""))
        if choice.palette:
            rows.append(Cue(at, None, "palette", choice.palette, ""))
    return tuple(rows)


def _scenes(
    options: RenderOptions, song: Song, bars: Callable[[], NDArray[np.float64] | None], lock: Lock, *, writes: bool
) -> tuple[list[Scene], list[str]]:
    """The scenes of a table, else of the words; and notes."""
    named = options.scenes or AUTO
    file = table_file(song.path) if named == AUTO else as_there(Path(named))
    if named != AUTO and not file.exists():
        raise OptionError(
            f"--scenes '{clipped(named)}' does not exist; `avwalk script` writes one, or say --scenes auto"
        )
    if named != AUTO and file.suffix.lower() not in (".csv", ".tsv"):
        raise OptionError(f"--scenes '{file.name}' is no table; `avwalk script {file.name}` makes one of it")
    style = Style(fits=prompt_limit(_painter(options, lock)[0]))
    if file.exists():
        return (scenes := read_screenplay(file, style)), [f"scenes: {len(scenes)} from '{file.name}'"]
    words = as_there(Path(options.words)) if options.words else words_beside(song.path)
    if words is None or options.no_words:
        raise OptionError(
            f"--scenes auto: neither {song.path.stem}{TABLE} nor words of '{song.path.name}' are here; put "
            f"{song.path.stem}.lrc or .srt beside it, or make them: avwalk words"
        )
    if not words.exists():
        raise WordsError(f"file of words '{options.words}' does not exist; check its name")
    transcript, notes = transcript_of(words, song.n_samples / song.sample_rate)
    made = screenplay_of(telling_of_words(transcript), ScreenplayOptions(bars=bars(), style=style))
    said = f"scenes: {len(made)} made of '{words.name}'"
    if writes and not options.estimate:
        said += f"; {write_screenplay(file, made)}, yours to correct"
    return made, [*notes, said]


def _painter(options: RenderOptions, lock: Lock) -> tuple[str, list[str]]:
    """Name of the painter of the scenes, and notes; a preset alone calls no service."""
    if options.painter and not options.restyle:
        return options.painter, []
    kind = lock.painter.partition("@")[0]
    if not kind or (kind in PAINTERS and not PAINTERS[kind].remote):
        return lock.painter or USUAL_PAINTER, []
    return USUAL_PAINTER, [f"the locked style is of {kind}, and {USUAL_PAINTER} paints here; --painter {kind} asks it"]


def _painted(
    options: RenderOptions, song: Song, scenes: Sequence[Scene], size: tuple[int, int], lock: Lock
) -> tuple[Path, list[str], Unpainted | None]:
    """The folder with the scenes' pictures and their timeline; those that are there already are not painted again. Of
    a film that is only estimated nothing is painted."""
    name, notes = _painter(options, lock)
    painter = open_painter(name)
    folder = as_there(song.path.with_name(f"{song.path.stem}{TABLE.removesuffix('.csv')}"))
    large = _size(size)
    wanted = [PaintRequest(scene.prompt, scene.negative, scene.seed, large) for scene in scenes]
    digests = [request_name(painter.identity, request)[:12] for request in wanted]
    there = {path.stem.rpartition("_")[2]: path for path in sorted(folder.glob("*.png")) if image_info(path)}
    files: dict[str, Path] = {}
    work: list[tuple[Commission, Path]] = []
    for k, (request, digest) in enumerate(zip(wanted, digests, strict=True), 1):
        if digest not in files:
            files[digest] = there.get(digest, folder / f"{k:04d}_{digest}.png")
            if digest not in there:
                work.append((Commission(painter, request), files[digest]))
    kept, unpainted = len(files) - len(work), None
    said = f"pictures: {len(files)} by {name} in {folder.name}/, {kept} of them from before"
    if work and options.estimate:
        unpainted = Unpainted(estimated([commission for commission, _ in work]), TemporaryDirectory(prefix="avwalk-"))
        stand_in = Commission(open_painter(USUAL_PAINTER), work[0][0].request)
        folder = Path(unpainted.folder.name)
        paint_files([stand_in], [folder / "stand_in.png"])
        files = dict.fromkeys(files, folder / "stand_in.png")
    elif work:
        n, of = (f"{k} {what}{'s' * (k != 1)}" for k, what in ((len(work), "picture"), (len(scenes), "scene")))
        _log.warning("painting %s of %s with %s into %s", n, of, name, folder)
        failed: list[str] = []
        paint_files(
            [c for c, _ in work], [p for _, p in work], lambda _, d: failed.append(d.error) if d.error else None
        )
        if failed:
            raise PainterError(
                f"{len(failed)} of {len(work)} pictures failed, first: {failed[0]}; the others are kept: run it again"
            )
    make_folder(folder)
    shown = [
        Shown(
            files[digest].name, Fraction(round((scene.start_s or 0.0) * 1000), 1000) if k else Fraction(0), scene.seed
        )
        for k, (scene, digest) in enumerate(zip(scenes, digests, strict=True))
    ]
    write_timeline(folder, shown)
    return folder, [*notes, said], unpainted


def _size(size: tuple[int, int]) -> tuple[int, int]:
    """Of a picture, so that the camera has room: wider than the film by `SPARE`, in steps of 8 pixels."""
    share = min(SPARE, MAX_SIDE / max(size))
    return (max(8, round(size[0] * share / 8) * 8), max(8, round(size[1] * share / 8) * 8))
