"""Films of scenes with their song: the path and its frames are there, what remains is when each is shown.

Each version has a folder, ``stories/<NAME>/``: the film, one for each section, and the path that they show.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from avwalk.config.film_options import FilmOptions
from avwalk.contracts import Event
from avwalk.errors import OutputError, PlanError, VideoError
from avwalk.events import progress
from avwalk.files.atomic import make_folder, output_error
from avwalk.rendering.finish import span_reader
from avwalk.rendering.soundtrack import Sounds, blocks_of, samples
from avwalk.rendering.work_folder import WorkFolder
from avwalk.rendering.writers import n_packets
from avwalk.runners.segments import Segment
from avwalk.runners.threads import Stages, draw_segments
from avwalk.scenes.film.assembly import STYLE, TAG, Assembly, settle
from avwalk.scenes.film.encoder_frames import DITHER_SEED, Ready, ReadyEncoder
from avwalk.scenes.film.frames import Pictures, Reel
from avwalk.scenes.film.material import sizes_note
from avwalk.scenes.graph.path_csv import SHOWN, write_shown
from avwalk.scenes.project.project import Project
from avwalk.video.encode import SegmentEncoder
from avwalk.video.join import join, read_metadata
from avwalk.video.mux import Sound, plan_sound
from avwalk.video.verify import verify

Report = Callable[[Event], None]


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
    film = settle(project, song, options)
    if note := sizes_note(project, film.found):
        report({"event": "warning", "message": note})
    sections = _section_files(film)
    resumed = film.timing.n_frames
    if not _is_there(film, sections):
        make_folder(film.folder)
        with _work_folder(film, report) as work:
            whole = (film.path, 0, film.timing.n_frames)
            planned = {
                _sound_name(i0, i1): plan_sound(film.song, film.encoder, samples(film.clock, i0, i1))
                for _, i0, i1 in (whole, *sections)
            }
            if told := planned[_sound_name(*whole[1:])].note:
                report({"event": "warning", "message": told})
            with Sounds(planned, work.path) as sounds:
                resumed = _draw(film, work, report)
                for file, i0, i1 in (*sections, whole):
                    _finish(film, work, i0, i1, file, sounds.ready(_sound_name(i0, i1)))
            write_shown(film.folder, film.hops).replace(film.folder / _table_name(options.out))
            work.remove()
    done = {
        "event": "done",
        "out": str(film.path),
        "n_frames": film.timing.n_frames,
        "resumed_frames": resumed,
        "wall_s": round(time.perf_counter() - began, 3),
        "lag_frames": None,
        "arrivals": list(film.timing.arrivals),
        "sections": [str(file) for file, _, _ in sections],
    }
    report(done)
    return done


def _table_name(out: str) -> str:
    return f"{Path(SHOWN[0]).stem}_{out}.csv"


def _sound_name(i0: int, i1: int) -> str:
    return f"sound_{i0}-{i1}"


def _section_files(film: Assembly) -> list[tuple[Path, int, int]]:
    """File and frames of each section's film; none where there is only one section."""
    spans, seen = film.timing.sections, dict[int, int]()
    files = []
    for number, i0, i1 in spans if len(spans) > 1 else ():
        seen[number] = seen.get(number, 0) + 1
        again = f"_{seen[number]}" if seen[number] > 1 else ""
        files.append((film.folder / "sections" / f"section_{number}{again}{film.encoder.suffix}", i0, i1))
    return files


def _is_there(film: Assembly, sections: Sequence[tuple[Path, int, int]]) -> bool:
    """Whether this very film is finished.

    Raises:
        OutputError: another film has its name, and is not to be replaced.
    """
    if not film.path.exists():
        return False
    try:
        same = read_metadata(film.path).get(TAG) == film.metadata[TAG]
        whole = same and not _problems(film, film.path, 0, film.timing.n_frames)
    except VideoError:
        same = whole = False
    if whole and all(file.exists() for file, _, _ in sections):
        return True
    if same or film.options.force:
        return False
    raise OutputError(f"'{film.path}' is another film; --out NAME keeps both, --force replaces it")


def _work_folder(film: Assembly, report: Report) -> WorkFolder:
    """The pieces that are done; those of another path or other frames are thrown away."""
    try:
        return WorkFolder(film.path, film.spec)
    except PlanError:
        report({"event": "warning", "message": "the path, its times or its frames have changed: pieces are made anew"})
        return WorkFolder(film.path, film.spec, fresh=True)


def _draw(film: Assembly, work: WorkFolder, report: Report) -> int:
    """Makes the pieces that are not there; gives the number of frames that were."""
    n_frames, segments = film.timing.n_frames, film.segments
    whole = {s for s in segments if n_packets(work.file(s)) == s.i1 - s.i0}
    resumed = sum(s.i1 - s.i0 for s in whole)
    report(
        {
            "event": "plan",
            "n_frames": n_frames,
            "n_segments": len(segments),
            "resumed_frames": resumed,
            "tempo_bpm": film.analysis.score.tempo_bpm,
            "hash": film.spec.hash,
        }
    )
    began, done = time.perf_counter(), resumed

    def on_frames(n: int, stages: Stages) -> None:
        nonlocal done
        done += n
        speed = (done - resumed) / max(1e-9, time.perf_counter() - began)
        report(progress(done, n_frames, speed, stages.limit))

    def on_segment(segment: Segment) -> None:
        whole.add(segment)
        report({"event": "segment", "i0": segment.i0, "i1": segment.i1, "done": len(whole), "total": len(segments)})

    workers = film.options.workers or os.cpu_count() or 1
    pictures = Pictures(film.size, film.options.fit, threads=max(2, workers))
    reel, fps = Reel(film.timing, film.found, pictures), film.analysis.fps
    try:
        draw_segments(
            [segment for segment in segments if segment not in whole],
            Ready(reel, pictures, film.timing, film.captions, STYLE, fps),
            lambda s: ReadyEncoder(SegmentEncoder(work.file(s), film.size, fps, film.encoder, DITHER_SEED, s.i0)),
            frame_bytes=film.size[0] * film.size[1] * 12,
            workers=workers,
            on_frames=on_frames,
            on_segment=on_segment,
        )
    finally:
        pictures.close()
    return resumed


def _finish(film: Assembly, work: WorkFolder, i0: int, i1: int, out: Path, sound: Sound) -> None:
    """Joins frames [i0, i1) with their sound, opens the film again and checks it, and gives it its name."""
    segments = [s for s in film.segments if i0 <= s.i0 < i1]
    made = work.path / f"film{film.encoder.suffix}"
    whole = (i0, i1) == (0, film.timing.n_frames)
    join(
        [work.file(s) for s in segments],
        [s.i1 - s.i0 for s in segments],
        film.analysis.fps,
        made,
        film.encoder,
        sound=sound,
        blocks=blocks_of(sound),
        metadata=film.metadata if whole else None,
    )
    if problems := _problems(film, made, i0, i1):
        raise VideoError(f"the finished film '{out.name}' is wrong: {'; '.join(problems)}; call again with --force")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        made.replace(out)
    except OSError as error:
        raise output_error(out, error) from None


def _problems(film: Assembly, file: Path, i0: int, i1: int) -> list[str]:
    """What is wrong with a finished film: frames, times, sound."""
    start, stop = samples(film.clock, i0, i1)
    checked = verify(
        file,
        n_frames=i1 - i0,
        fps=film.analysis.fps,
        sound=span_reader(film.song, start),
        sample_rate=film.song.sample_rate,
        n_samples=stop - start,
        quick=True,
    )
    return list(checked["problems"])
