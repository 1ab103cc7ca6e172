"""More frames than were rendered, by motion: FFmpeg's filter `minterpolate` on a finished film.

It estimates how each part of the picture moves and draws what lies between. The generator draws better frames between
(`scenes transitions --steps`); this is for frames that cannot be drawn any more, or not in time.
"""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from avwalk.clock import Clock, parse_fps
from avwalk.config.film_options import FilmOptions
from avwalk.errors import VideoError
from avwalk.events import progress
from avwalk.files.atomic import whole_file
from avwalk.rendering.draw import Report
from avwalk.rendering.finish import finish
from avwalk.rendering.job import FilmFile, Piece
from avwalk.runners.segments import Segment
from avwalk.scenes.film.assembly import TAG, assembly_of
from avwalk.scenes.project.project import Project
from avwalk.spec.encoder import Encoder
from avwalk.video.join import read_metadata
from avwalk.video.profiles import codec_options
from avwalk.video.timebase import timescale

MISSING = "motion interpolation needs {}; pip install 'avwalk[film]'"


def executable() -> str:
    """FFmpeg's program: that on the path, else the one that comes with imageio-ffmpeg.

    Raises:
        VideoError: there is none.
    """
    if program := shutil.which("ffmpeg"):
        return program
    try:
        return str(importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        raise VideoError(MISSING.format("an ffmpeg program, and there is none on the path")) from None


def check() -> None:
    """Whether motion can be interpolated here.

    Raises:
        VideoError: something is missing.
    """
    executable()
    try:
        importlib.import_module("ffmpeg")
    except ImportError:
        raise VideoError(MISSING.format("ffmpeg-python")) from None


def smooth(project: Project, song: Path, options: FilmOptions, fps: str, report: Report) -> Path:
    """A finished film once more at a higher rate, beside it: ``film_60fps.mp4``, with the song and verified.

    Args:
        project: whose film it is.
        song: the audio file.
        options: those that the film was made with.
        fps: of the result.
        report: called with ``progress`` and ``done``.

    Raises:
        AvwalkError: the film is not there, or FFmpeg is missing or fails.
    """
    began, rate = time.perf_counter(), parse_fps(fps)
    film = assembly_of(project, song, options)
    if not film.path.is_file():
        raise VideoError(f"'{film.path}' is not there; `avwalk scenes assemble` makes it")
    out = film.path.with_stem(f"{film.path.stem}_{float(rate):g}fps")
    told = {TAG: json.dumps({"film": film.spec.hash, "fps": str(rate)})}
    clock = Clock(rate, film.song.sample_rate, film.song.n_samples)
    file = FilmFile(out, 0, clock.n_frames, told)
    if not (out.is_file() and read_metadata(out).get(TAG) == told[TAG]):
        between, made = film.folder / "interpolated.mp4", film.folder / f"joined{out.suffix}"
        job = replace(film.job, clock=clock, segments=[Segment(0, clock.n_frames)], retry="leave --smooth out")
        try:
            interpolated(film.path, between, rate, clock.n_frames, film.encoder, report)
            finish(job, file, [Piece(between, clock.n_frames)], job.sound(0, clock.n_frames), made)
        finally:
            between.unlink(missing_ok=True)
            made.unlink(missing_ok=True)
    wall = round(time.perf_counter() - began, 3)
    report({"event": "done", "out": str(out), "n_frames": clock.n_frames, "wall_s": wall, "lag_frames": None})
    return out


def interpolated(film: Path, out: Path, fps: Fraction, n_frames: int, encoder: Encoder, report: Report) -> None:
    """Draws a film's pictures at another rate, without its sound, in one segment that `avwalk.video.join` takes.

    Args:
        film: the film.
        out: an MP4 file; it gets its name when it is whole.
        fps: of the result; frame i is what is seen at i / fps.
        n_frames: of the result.
        encoder: settings.
        report: called with ``progress``.

    Raises:
        VideoError: FFmpeg is missing or fails.
    """
    check()
    with whole_file(out) as part:
        graph = _graph(film, part, fps, n_frames, encoder)
        run = graph.run_async(cmd=executable(), pipe_stdout=True, pipe_stderr=True, overwrite_output=True)
        try:
            _follow(run, n_frames, report)
            said = run.stderr.read().decode(errors="replace").strip()
            if run.wait():
                reason = said.splitlines()[-1] if said else "no reason"
                raise VideoError(f"ffmpeg cannot interpolate '{film.name}': {reason}")
        except BaseException:
            run.kill()
            run.wait()
            raise
        finally:
            run.stdout.close()
            run.stderr.close()


def _graph(film: Path, out: Path, fps: Fraction, n_frames: int, encoder: Encoder) -> Any:
    """FFmpeg's graph: the last picture is held, since what has no successor cannot be interpolated."""
    ffmpeg = importlib.import_module("ffmpeg")
    rate = f"{fps.numerator}/{fps.denominator}"
    pictures = (
        ffmpeg.input(f"file:{film.absolute()}", protocol_whitelist="file")
        .video.filter("tpad", stop_mode="clone", stop_duration=2)
        .filter("minterpolate", fps=rate, mi_mode="mci", mc_mode="aobmc", me_mode="bidir", vsbmc=1)
        .filter("format", encoder.pix_fmt)
    )
    colours = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "color_range": "tv"}
    return ffmpeg.output(
        pictures,
        f"file:{out.absolute()}",
        format="mp4",
        vcodec=encoder.codec,
        threads=encoder.threads,
        video_track_timescale=timescale(fps),
        bf=encoder.bframes,
        g=encoder.gop(fps),
        **{"frames:v": n_frames},
        **codec_options(encoder, fps),
        **colours,
    ).global_args("-loglevel", "error", "-nostdin", "-progress", "pipe:1")


def _follow(run: subprocess.Popen[bytes], n_frames: int, report: Report) -> None:
    """Reports what FFmpeg says of how far it is."""
    began = time.perf_counter()
    for line in run.stdout or ():
        name, _, value = line.decode(errors="replace").strip().partition("=")
        if name == "frame" and value.isdecimal():
            done = min(n_frames, int(value))
            report(progress(done, n_frames, done / max(1e-9, time.perf_counter() - began), "interpolation"))
