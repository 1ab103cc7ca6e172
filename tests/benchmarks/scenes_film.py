"""A film of 30 scenes from 1,000 frames that are there, beside the encoders alone, fed from memory.

What is measured, by wall clock, in the same process:

- *assemble*: all of the command's work in a folder without a film: the path, the song's analysis from the cache, the
  frames' files looked through, read, decoded, mixed and encoded, the sound encoded, all joined, opened again, checked.
- *encoders alone*: the same `SegmentEncoder`, settings, segments and number of workers, and as many frames, which are
  in memory as every film of avwalk gives them, float32 R G B. Beside them the sound encoder, as in the assembly.
- *pictures only*: the same without the sound.
- *x264 only*: the same with frames that are eight-bit YUV already: nothing is left but FFmpeg.

All take turns, `ROUNDS` times, and of each the best round counts: the machine is busy with other things. CPU seconds
are those of the best round: where they exceed what the cores have in the encoders' time, no order of work reaches the
limit.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from avwalk.config.film_options import FilmOptions
from avwalk.rendering.soundtrack import blocks_of
from avwalk.runners.segment_work import Drawing
from avwalk.runners.segments import Segment
from avwalk.runners.threads import draw_segments
from avwalk.scenes.draw.transitions import name_of
from avwalk.scenes.film.assemble import assemble
from avwalk.scenes.film.assembly import SEGMENT_SECONDS, Assembly, assembly_of
from avwalk.scenes.film.encoder_frames import DITHER_SEED, ReadyEncoder
from avwalk.scenes.film.frames import Pictures, Reel
from avwalk.scenes.graph.path_csv import Hop, write_shown
from avwalk.scenes.nodes import Edge, Node
from avwalk.scenes.project.project import Project, load_project
from avwalk.video.encode import SegmentEncoder
from avwalk.video.mux import encode_sound, plan_sound
from avwalk.video.pixel_formats import video_frame
from tests.benchmarks.songs import song_of

SCENES, HOPS, STEPS = 30, 2, 17  # 30 scenes × 2 hops, the last way out of each among them: 60 ways of 17 frames
SECONDS = 180
SIZE = (640, 360)
HELD = 120  # frames that are kept in memory for the encoder alone
ROUNDS = 3


def texture(seed: int) -> np.ndarray:
    """A picture that is as hard to keep as a painted one: structure of every size."""
    rng = np.random.default_rng(seed)
    made = np.zeros((SIZE[1], SIZE[0], 3), np.float32)
    for scale in (4, 10, 25, 60, 160):
        grid = rng.random((SIZE[1] // scale + 2, SIZE[0] // scale + 2, 3)).astype(np.float32)
        made += cv2.resize(grid, SIZE, interpolation=cv2.INTER_CUBIC) * scale**0.5
    made -= made.min()
    return np.asarray(made / made.max())


def project_of(root: Path, song: Path) -> tuple[Project, int]:
    """A project with its path and its frames, and how many frames there are."""
    meta, media = root / "meta" / song.stem, root / "media" / song.stem
    meta.mkdir(parents=True)
    names = [f"scene{k}" for k in range(SCENES)]
    nodes = [Node(names[k // HOPS], str(1000 + k)) for k in range(SCENES * HOPS)]
    seeds = {name: " ".join(node.key for node in nodes if node.name == name) for name in names}
    (meta / "prompt_image_definitions.csv").write_text(
        "name,prompt,seeds\n" + "".join(f"{name},words,{seeds[name]}\n" for name in names)
    )
    (meta / "tgen_settings.json").write_text('{"default": {"seed_delimiter": " "}}')
    (meta / "scene_sequence.csv").write_text("scene,duration\n" + "".join(f"{name},{HOPS - 1}\n" for name in names))
    hops, n_frames = [], 0
    for k, (a, b) in enumerate(pairwise(nodes)):
        edge = Edge(a, b)
        hops.append(Hop(edge, a.name, 1, False, edge.folder, k // HOPS))
        folder = media / "transition_images" / edge.folder
        folder.mkdir(parents=True)
        first, last = texture(k), texture(k + 1)
        for j in range(STEPS):
            t = j / (STEPS - 1)
            picture = ((first * (1 - t) + last * t) * 255).astype(np.uint8)
            cv2.imwrite(str(folder / name_of(Fraction(j, STEPS - 1))), picture)
            n_frames += 1
    project = load_project(song.stem, meta_dir=root / "meta", media_dir=root / "media")
    write_shown(project.story_dir, hops)
    return project, n_frames


class Kept:
    """Frames of the film in memory, to and fro, so that none differs more from the one before than in the film."""

    def __init__(self, frames: np.ndarray) -> None:
        self._frames = np.concatenate([frames, frames[-2:0:-1]])

    def frames(self, i0: int, i1: int) -> np.ndarray:
        first = i0 % len(self._frames)
        if first + i1 - i0 <= len(self._frames):
            return self._frames[first : first + i1 - i0]  # nothing is copied: the encoder is alone
        return self._frames[[i % len(self._frames) for i in range(i0, i1)]]


class KeptReady:
    """The same frames, as x264 takes them: several of each, since segments side by side set their times."""

    COPIES = 4

    def __init__(self, kept: Kept) -> None:
        frames = kept._frames[: len(kept._frames) // 2 + 1]
        made = [[video_frame(rgb, DITHER_SEED, i) for i, rgb in enumerate(frames)] for _ in range(self.COPIES)]
        self._frames = [each + each[-2:0:-1] for each in made]

    def frames(self, i0: int, i1: int) -> list[Any]:
        frames = self._frames[i0 // (30 * SEGMENT_SECONDS) % self.COPIES]
        return [frames[i % len(frames)] for i in range(i0, i1)]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    began, before = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - before


def frames_in_memory(film: Assembly) -> Kept:
    """The first frames of a film."""
    pictures = Pictures(film.size)
    reel = Reel(film.timing, film.leg_frames, pictures)
    kept = Kept(np.concatenate([reel.frames(i, i + 10) for i in range(0, HELD, 10)]))
    pictures.close()
    return kept


def encode(film: Assembly, source: Kept | KeptReady, folder: Path, workers: int, *, sound: bool) -> None:
    """The encoders alone, in the segments of the film."""

    def writer(s: Segment) -> Any:
        made = SegmentEncoder(folder / s.name, film.size, film.analysis.fps, film.encoder, DITHER_SEED, s.i0)
        return made if isinstance(source, Kept) else ReadyEncoder(made, "")

    with ThreadPoolExecutor(1) as pool:
        if sound:
            song = plan_sound(film.song, film.encoder)
            beside = pool.submit(encode_sound, song, blocks_of(song), folder / "sound.mp4")
        draw_segments(
            film.segments,
            Drawing(source, writer, film.size[0] * film.size[1] * 12),
            workers=workers,
            on_frames=lambda segment, n, stages: None,
            on_segment=lambda segment: None,
        )
        if sound:
            beside.result()


def compare(project: Project, song: Path, root: Path, workers: int) -> str:
    """A row of the table."""
    film = assembly_of(project, song, FilmOptions())
    kept = frames_in_memory(film)
    ready = KeptReady(kept)
    options = FilmOptions(out=f"film{workers}", workers=workers)
    ways: dict[str, Callable[[], object]] = {
        "assemble": lambda: assemble(project, song, options),
        "encoders alone": lambda: encode(film, kept, root, workers, sound=True),
        "pictures only": lambda: encode(film, kept, root, workers, sound=False),
        "x264 only": lambda: encode(film, ready, root, workers, sound=False),
    }
    best: dict[str, tuple[float, float]] = {}
    for _ in range(ROUNDS):
        for name, work in ways.items():
            shutil.rmtree(project.stories / options.out, ignore_errors=True)
            best[name] = min(best.get(name, (1e9, 0.0)), timed(work))
    n, (wall, cpu) = film.timing.n_frames, best["assemble"]
    lines = [f"{workers} worker{'s' * (workers > 1)}       assemble         {n / wall:5.0f} fps  {cpu:5.1f} CPU s"]
    for name in list(ways)[1:]:
        own, own_cpu = best[name]
        lines.append(
            f"                {name:<16} {n / own:5.0f} fps  {own_cpu:5.1f} CPU s   "
            f"assemble is at {own / wall:.2f} of it"
        )
    return "\n".join(lines)


def lateness(root: Path) -> tuple[float, int]:
    """Largest distance of an arrival from its beat in a finished film, in frames, and the number of arrivals.

    Pictures are dark and bright by turns: an arrival is where the light turns.
    """
    from avwalk.audio.probe import probe
    from avwalk.plan.analysis import analysis_of
    from tests.scenes.film_project import make

    path = [("forest", 0, "")] * 30
    project, song, _ = make(root, "scene,duration\nforest,30\nlast,0\n", path, seconds=24.0, every=60 / 127)
    done = assemble(project, song, FilmOptions(fps="29.97", arrive="beats"))
    with av.open(done["out"]) as container:
        light = np.array([frame.to_ndarray(format="gray").mean() for frame in container.decode(video=0)])
    analysis = analysis_of(probe(song), Fraction(30000, 1001))
    beats = analysis.score.beats * 30000 / 1001
    turns = []
    for k, frame in enumerate(done["arrivals"][1:-1], 1):
        near = light[frame - 8 : frame + 9]
        turns.append(frame - 8 + int(np.argmin(near) if k % 2 == 0 else np.argmax(near)))
    return max(float(np.abs(beats - turn).min()) for turn in turns), len(turns)


def main() -> None:
    """Prints the table."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        song = song_of(SECONDS, root / "minute.wav")
        project, n_files = project_of(root, song)
        assembly_of(project, song, FilmOptions())  # heard, and kept in the cache
        print(
            f"{SCENES} scenes, {n_files} files, {SECONDS * 30} frames of {SIZE[0]}x{SIZE[1]}, {cores} cores; limit 0.9"
        )
        for workers in dict.fromkeys((1, cores)):
            print(compare(project, song, root, workers), flush=True)
        late, count = lateness(root / "beats")
        print(f"arrivals       {count}, at most {late:.2f} frames from their beats (limit 0.5)")


if __name__ == "__main__":
    main()
