"""Finishes a film: joins segments, muxes the sound, verifies; renames when nothing is left that could fail.

Or keeps a partial film after an interrupt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.audio.decode import read_song
from avwalk.audio.probe import probe
from avwalk.clock import Clock, parse_fps, parse_time
from avwalk.contracts import Song
from avwalk.errors import VideoError
from avwalk.features.cache import cached_analysis
from avwalk.files.atomic import make_folder, move
from avwalk.files.names import as_there
from avwalk.plan.hits import drum_hits, hits, loud_frames
from avwalk.rendering.job import FilmFile, FilmJob, Piece
from avwalk.rendering.soundtrack import blocks_of, samples
from avwalk.request.metadata import stored_options
from avwalk.request.parse import parse_options
from avwalk.video.join import Tracks, join_tracks, read_metadata
from avwalk.video.mux import Sound
from avwalk.video.verify import ExpectedPicture, ExpectedSound, verify

CHECKED = ("track", "fps", "start", "duration", "bpm", "first_beat", "av_offset_ms")
"""What a film is asked about itself where it is checked."""
SUBTITLED = (".mp4", ".mov")
"""Containers that hold a track of subtitles."""
_LONGER = 0.25  # seconds by which a film's sound may last longer than the song: encoders pad by less


def finish(job: FilmJob, film: FilmFile, pieces: Sequence[Piece], sound: Sound, made: Path) -> None:
    """Joins pieces with their sound, opens the film again and checks it; `publish` gives it its name.

    Args:
        job: what it is made of.
        film: the result.
        pieces: its frames.
        sound: under them.
        made: where it is, until it has its name.

    Raises:
        VideoError: the film is not what it should be.
        OutputError: it cannot be written.
    """
    _join(job, pieces, sound, film.tags, made)
    if found := problems(job, film, made):
        raise VideoError(f"the finished film '{film.path.name}' is wrong: {'; '.join(found)}; {job.retry}")


def publish(made: Path, final: Path) -> None:
    """Gives a film its name, the last thing that happens to it; folders that it lies in are made.

    Raises:
        OutputError: it cannot be moved; it stays where it is.
    """
    make_folder(final.parent)
    move(made, final)


def problems(job: FilmJob, film: FilmFile, file: Path) -> list[str]:
    """What is wrong with a finished film in a file: its frames, their times, its sound.

    Raises:
        VideoError: it cannot be opened.
    """
    start, stop = samples(job.clock, film.i0, film.i1)
    checked = verify(
        file,
        n_frames=film.i1 - film.i0,
        fps=job.fps,
        sound=None if job.encoder.audio == "none" else expected_sound(job.song, start, stop),
        quick=True,
    )
    return list(checked["problems"])


def keep_partial(job: FilmJob, pieces: Sequence[Piece], out: Path, tags: Mapping[str, str]) -> None:
    """Joins pieces from the film's start, and the song cut to match; nothing if there are none."""
    if pieces:
        i0 = job.segments[0].i0
        _join(job, pieces, job.sound(i0, i0 + sum(piece.n_frames for piece in pieces)), tags, out)


def expected_sound(song: Song, start: int, stop: int) -> ExpectedSound:
    """Samples [start, stop) of a song, as `verify` asks for them."""

    def read(a: int, b: int) -> NDArray[np.float32]:
        parts = list(read_song(song, start + a, start + b))
        return np.concatenate(parts) if parts else np.zeros((b - a, song.channels), np.float32)

    return ExpectedSound(read, song.sample_rate, stop - start, song.speakers)


def check_film(video: Path, song: Path | None = None, track: int | None = None) -> dict[str, Any]:
    """Opens a film and checks it: see `avwalk.video.verify.verify` for what is found.

    Args:
        video: the film.
        song: what must be heard in it and move the picture. An excerpt made by avwalk is found by its metadata.
        track: which audio track of the song's file, from 1; None: what the film says, else the default one.

    Raises:
        AvwalkError: a file that cannot be read.
    """
    video = as_there(video)
    if song is None:
        return verify(video)
    tags = read_metadata(video)
    stored = stored_options(tags, video.name) if "avwalk" in tags else {}
    again = parse_options({name: stored.get(name) for name in CHECKED})
    probed = probe(song, track or again.track)
    fps = parse_fps(again.fps)
    clock = Clock(fps, probed.sample_rate, probed.n_samples)
    i0, i1 = clock.span(*(None if time is None else parse_time(time) for time in (again.start, again.duration)))
    start, stop = samples(clock, i0, i1)
    heard = cached_analysis(probed, lambda: read_song(probed), fps, bpm=again.bpm, first_beat=again.first_beat)
    events, begin = hits(heard, again.av_offset_ms), float(clock.time(i0))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud_frames(heard), [False]]))).reshape(-1, 2)
    picture = ExpectedPicture(
        events[:, 0] - begin,
        events[:, 1],
        drum_hits(heard, again.av_offset_ms) - begin,
        [(a / float(fps) - begin, b / float(fps) - begin) for a, b in edges.tolist()],
    )
    found = verify(video, sound=expected_sound(probed, start, stop), picture=picture)
    there, film = (stop - start) / probed.sample_rate, found["audio_duration"]
    if film is not None and film - there > _LONGER:
        said = f"the song is shorter, or another: {there:.3f} s of it for {film:.3f} s of sound"
        return {**found, "ok": False, "problems": [*found["problems"], said]}
    return found


def _join(job: FilmJob, pieces: Sequence[Piece], sound: Sound, tags: Mapping[str, str], out: Path) -> None:
    files, lengths = [piece.file for piece in pieces], [piece.n_frames for piece in pieces]
    i0 = job.segments[0].i0
    i1 = i0 + sum(lengths)
    subtitles = job.subtitles_of(i0, i1) if job.encoder.suffix in SUBTITLED else []
    tracks = Tracks(sound, blocks_of(sound), tags, subtitles, job.chapters_of(i0, i1))
    join_tracks(files, lengths, job.fps, out, job.encoder, tracks)
