"""Finishes a film: joins segments, muxes the sound, verifies, renames; or keeps a partial film after an interrupt."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.audio.decode import read_song
from avwalk.audio.probe import probe
from avwalk.clock import Clock, parse_fps
from avwalk.contracts import Song, Source
from avwalk.errors import OutputError, VideoError
from avwalk.features.cache import cached_analysis
from avwalk.files.atomic import whole_file
from avwalk.files.jpeg_text import with_text
from avwalk.files.png_text import put_text
from avwalk.generators.stable_diffusion import working_size
from avwalk.plan.build import hits
from avwalk.plan.plan import Plan
from avwalk.plan.prompts import keyframes_of, parameters_at
from avwalk.rendering.soundtrack import Soundtrack, blocks_of, samples, sound_of
from avwalk.rendering.work_folder import WorkFolder
from avwalk.rendering.writers import measure_sync
from avwalk.request.metadata import metadata, stored_options
from avwalk.request.output import Output
from avwalk.request.resolve import Request
from avwalk.runners.segments import Segment, partition
from avwalk.video.join import join, read_metadata
from avwalk.video.mux import Sound
from avwalk.video.verify import verify


def finish_film(
    plan: Plan, request: Request, work: WorkFolder, output: Output, soundtrack: Soundtrack
) -> dict[str, Any]:
    """Joins the segments with the sound, opens the film again and checks it, gives it its name.

    Returns:
        ``lag_frames``, ``correlation``, ``luma_pump`` of the picture against the song's hits, None where there are
        too few; ``flicker`` and ``flashes``, None for pictures.

    Raises:
        VideoError: the film is not what it should be.
        OutputError: it cannot be written.
    """
    segments = partition(plan.i0, plan.i1, plan.film.segment_frames)
    film = work.path / f"film{output.path.suffix}"
    files = [work.file(segment) for segment in segments]
    _join(files, [s.i1 - s.i0 for s in segments], plan, soundtrack.ready(), request, film)
    start, stop = samples(request.clock, plan.i0, plan.i1)
    checked = verify(
        film,
        n_frames=plan.n_frames,
        fps=plan.fps,
        sound=span_reader(request.song, start),
        sample_rate=request.song.sample_rate,
        n_samples=stop - start,
        quick=True,
    )
    if problems := checked["problems"]:
        raise VideoError(f"the finished film is wrong: {'; '.join(problems)}; --fresh starts anew")
    _rename(film, output.path)
    output.partial.unlink(missing_ok=True)
    return measure_sync(files, plan.events, plan)


def keep_poster(source: Source, plan: Plan, request: Request, output: Output) -> None:
    """Writes the frame that tells most of the film beside it; that in its middle where the plan names none.

    Raises:
        OutputError: the file cannot be written.
    """
    i = plan.decisions.poster
    if i is None or not plan.i0 <= i < plan.i1:
        i = (plan.i0 + plan.i1) // 2
    picture = (np.clip(source.frames(i, i + 1)[0], 0, 1)[..., ::-1] * 255 + 0.5).astype(np.uint8)
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
    with whole_file(output.poster) as part:
        part.write_bytes(with_text(data, frame_text(request, i)))


def finish_pictures(plan: Plan, request: Request, work: WorkFolder, output: Output) -> dict[str, Any]:
    """Says in every picture how it was made, and moves their folder to its name.

    Raises:
        VideoError: pictures are missing.
        OutputError: the folder cannot be moved.
    """
    frames = work.path / "frames"
    found = sum(1 for _ in frames.glob("*.png"))
    if found != plan.n_frames:
        raise VideoError(f"there are {found} pictures, not {plan.n_frames}; --fresh starts anew")
    if request.options.metadata:
        for picture in frames.glob("*.png"):
            i = int(picture.stem)
            put_text(picture, frame_text(request, i) | prompt_text(plan, i))
    if output.path.is_dir():
        for old in output.path.glob("[0-9]*.png"):
            old.unlink()
        for picture in frames.iterdir():
            picture.replace(output.path / picture.name)
    else:
        _rename(frames, output.path)
    return {"lag_frames": None, "correlation": None, "luma_pump": None, "flicker": None, "flashes": None}


def frame_text(request: Request, i: int) -> dict[str, str]:
    """What the picture of a frame says of itself: what its film says, and its number."""
    tags = metadata(request)
    return {"avwalk": json.dumps({**json.loads(tags["avwalk"]), "frame": i})} if tags else {}


def prompt_text(plan: Plan, i: int) -> dict[str, str]:
    """Of a picture of the generator `sd` its parameters as other programs read them."""
    generator = plan.film.look.generator
    recipe = generator.recipe
    if recipe is None:
        return {}
    row, size = i - plan.i0, working_size(plan.size, int(recipe["size"]))
    text = parameters_at(
        keyframes_of(generator.options),
        float(plan.latents[row, 0]),
        recipe,
        guidance=float(plan.params["sd.guidance"][row]),
        size=size,
        model=recipe["name"],
        model_sha=generator.model or "",
    )
    return {"parameters": text}


def keep_partial(
    segments: Sequence[Segment],
    whole: set[Segment],
    tails: Mapping[Segment, tuple[int, Path]],
    plan: Plan,
    request: Request,
    work: WorkFolder,
    output: Output,
) -> None:
    """Joins what is done from the start, and the song cut to match, into ``<stem>.partial.mp4``."""
    files, lengths = [], []
    for segment in segments:
        if segment in whole:
            files.append(work.file(segment))
            lengths.append(segment.i1 - segment.i0)
            continue
        if segment in tails:
            n, path = tails[segment]
            files.append(path)
            lengths.append(n)
        break
    if files:
        sound = sound_of(plan, request, plan.i0 + sum(lengths))
        _join(files, lengths, plan, sound, request, output.partial)


def span_reader(song: Song, start: int) -> Callable[[int, int], NDArray[np.float32]]:
    """Reads samples [start + a, start + b) of a song, as `verify` asks for them."""

    def read(a: int, b: int) -> NDArray[np.float32]:
        return np.concatenate(list(read_song(song, start + a, start + b)))

    return read


def check_film(video: Path, song: Path | None = None) -> dict[str, Any]:
    """Opens a film and checks it: see `avwalk.video.verify.verify` for what is found.

    Args:
        video: the film.
        song: what must be heard in it and move the picture. An excerpt made by avwalk is found by its metadata.

    Raises:
        AvwalkError: a file that cannot be read.
    """
    if song is None:
        return verify(video)
    probed = probe(song)
    tags = read_metadata(video)
    again = stored_options(tags, video.name) if "avwalk" in tags else {}
    fps = parse_fps(again.get("fps", "30"))
    clock = Clock(fps, probed.sample_rate, probed.n_samples)
    i0, i1 = clock.span(again.get("start"), again.get("duration"))
    start, stop = samples(clock, i0, i1)
    heard = cached_analysis(
        probed, lambda: read_song(probed), fps, bpm=again.get("bpm"), first_beat=again.get("first_beat")
    )
    events = hits(heard, float(again.get("av_offset_ms") or 0.0))
    return verify(
        video,
        sound=span_reader(probed, start),
        sample_rate=probed.sample_rate,
        n_samples=stop - start,
        events=events[:, 0] - float(clock.time(i0)),
        heights=events[:, 1],
    )


def _join(files: Sequence[Path], lengths: Sequence[int], plan: Plan, sound: Sound, request: Request, out: Path) -> None:
    tags = metadata(request)
    join(files, lengths, plan.fps, out, request.film.encoder, sound=sound, blocks=blocks_of(sound), metadata=tags)


def _rename(made: Path, final: Path) -> None:
    try:
        made.replace(final)
    except OSError:
        try:  # another volume, or Windows holding the old file open
            shutil.move(made, final)
        except OSError as error:
            raise OutputError(f"cannot write '{final}': {error.strerror}; the film is in '{made}'") from error
