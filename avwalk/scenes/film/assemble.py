"""Films of scenes with their song: the path and its frames are there, what remains is when each is shown.

Each version has a folder, ``stories/<NAME>/``: the film, one for each section, and the path that they show.
"""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path
from typing import Any

from avwalk.config.film_options import FilmOptions
from avwalk.errors import OutputError, PlanError, VideoError
from avwalk.events import warning, warnings_as_events
from avwalk.files.atomic import make_folder
from avwalk.files.checksums import State
from avwalk.rendering.draw import Report, draw
from avwalk.rendering.finish import finish, problems, publish
from avwalk.rendering.job import FilmFile, FilmJob
from avwalk.rendering.soundtrack import Soundtrack
from avwalk.rendering.work_folder import WorkFolder
from avwalk.rendering.writers import encoded_state
from avwalk.runners.segment_work import Drawing
from avwalk.runners.segments import Segment
from avwalk.runners.threads import draw_segments
from avwalk.scenes.film.assembly import STYLE, TAG, Assembly, assembly_of
from avwalk.scenes.film.encoder_frames import DITHER_SEED, Ready, ReadyEncoder
from avwalk.scenes.film.frames import Pictures, Reel
from avwalk.scenes.film.material import sizes_note
from avwalk.scenes.graph.path_csv import SHOWN, write_shown
from avwalk.scenes.project.project import Project
from avwalk.video.encode import SegmentEncoder
from avwalk.video.join import read_metadata


def assemble(project: Project, song: Path, options: FilmOptions, on_event: Report | None = None) -> dict[str, Any]:
    """Makes the film of a project's path, and one for each section; a film that is there already is left alone.

    Args:
        project: its path and frames.
        song: the audio file.
        options: how.
        on_event: called with ``plan``, ``progress``, ``segment``, ``warning`` and ``done``.

    Returns:
        The ``done`` event: ``out``, ``n_frames``, ``resumed_frames``, ``wall_s``, ``arrivals`` (frames), ``sections``
        (files).

    Raises:
        AvwalkError: what happened; finished pieces stay for the next call.
        KeyboardInterrupt: as it came; what is done is kept.
    """
    began, report = time.perf_counter(), on_event or (lambda event: None)
    with warnings_as_events(report):
        film = assembly_of(project, song, options)
    for note in (*film.song.warnings, sizes_note(project, film.leg_frames)):
        if note:
            report(warning(note))
    job, sections, resumed = film.job, film.section_files, film.timing.n_frames
    if not _is_there(film, job):
        make_folder(film.folder)
        with _work_folder(film, report) as work:
            sounds = {_sound_name(file): job.sound(file.i0, file.i1) for file in (film.file, *sections)}
            if told := sounds[_sound_name(film.file)].note:
                report(warning(told))
            with Soundtrack(sounds, work.path, job.hash) as soundtrack:
                resumed = _draw(film, job, work, report)
                files = (*sections, film.file)
                made = [work.path / f"film-{k}{file.path.suffix}" for k, file in enumerate(files)]
                for file, place in zip(files, made, strict=True):
                    pieces = [work.piece(s) for s in job.segments if file.i0 <= s.i0 < file.i1]
                    finish(job, file, pieces, soundtrack.ready(_sound_name(file)), place)
            write_shown(film.folder, film.hops).replace(film.folder / _table_name(options.out))
            for file, place in zip(files, made, strict=True):  # the film comes last: where it is, all is
                publish(place, file.path)
            work.remove()
    done = {
        "event": "done",
        "out": str(film.path),
        "n_frames": film.timing.n_frames,
        "resumed_frames": resumed,
        "wall_s": round(time.perf_counter() - began, 3),
        "lag_frames": None,
        "arrivals": list(film.timing.arrivals),
        "sections": [str(file.path) for file in sections],
    }
    report(done)
    return done


def _table_name(out: str) -> str:
    return f"{Path(SHOWN[0]).stem}_{out}.csv"


def _sound_name(file: FilmFile) -> str:
    return f"sound_{file.i0}-{file.i1}"


def _is_there(film: Assembly, job: FilmJob) -> bool:
    """Whether this very film is finished.

    Raises:
        OutputError: another film has its name, and is not to be replaced.
    """
    if not film.path.exists():
        return False
    try:
        same = read_metadata(film.path).get(TAG) == film.metadata[TAG]
        whole = same and not problems(job, film.file, film.path)
    except VideoError:
        same = whole = False
    if whole and all(file.path.exists() for file in film.section_files):
        return True
    if same or film.options.force:
        return False
    raise OutputError(f"'{film.path}' is another film; --out NAME keeps both, --force replaces it")


def _work_folder(film: Assembly, report: Report) -> WorkFolder:
    """The pieces that are done; those of another path or other frames are thrown away."""
    try:
        return WorkFolder(film.path, film.spec)
    except PlanError:
        report(warning("the path, its times or its frames have changed: parts are made anew"))
        return WorkFolder(film.path, film.spec, fresh=True)


def _draw(film: Assembly, job: FilmJob, work: WorkFolder, report: Report) -> int:
    """Draws the segments that are not there; gives the number of frames that were."""
    workers = job.workers or os.cpu_count() or 1
    pictures = Pictures(film.size, film.options.fit, threads=max(2, workers))
    source = Ready(Reel(film.timing, film.leg_frames, pictures), pictures, film.timing, film.captions, STYLE, job.fps)

    def open_writer(segment: Segment) -> ReadyEncoder:
        file = work.file(segment)
        encoder = SegmentEncoder(file, job.size, job.fps, job.encoder, DITHER_SEED, segment.i0)
        return ReadyEncoder(encoder, job.hash)

    drawing = Drawing(source, open_writer, job.size[0] * job.size[1] * 12)
    run = partial(draw_segments, drawing=drawing, workers=workers)
    try:
        return draw(job, run, _SceneFiles(job, work), work, report)[0]
    finally:
        pictures.close()


class _SceneFiles:
    """What earlier runs left of a film of scenes: whole segments, since frames cost little."""

    def __init__(self, job: FilmJob, work: WorkFolder) -> None:
        self._job, self._work = job, work

    def state(self, segment: Segment) -> State:
        """Whether it is there."""
        return encoded_state(self._work.file(segment), segment, self._job.hash)

    def n_done(self, segment: Segment) -> int:
        """None."""
        return 0
