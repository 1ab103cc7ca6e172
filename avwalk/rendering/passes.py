"""Passes: depth, normals, mask and flow of every frame as numbered PNG files, for compositing and restyling.

``<film>_passes/depth/000123.png`` is that of frame 123, counted from the start of the song; no effect is in them.

    depth   16 bits, grey    0 near to 65535 far, the same for the same world in every frame
    normal  16 bits, R G B   n · ½ + ½ of a unit vector: to the right, upwards, to the viewer
    mask     8 bits, grey    255: the subject
    flow    16 bits, R G B   64 u + 2¹⁵, 64 v + 2¹⁵, 1: what is at p was at p + (u, v) in the frame before, in pixels
                             to the right and downwards; B is 0 where that is not known: after a cut

Flow is stored as in KITTI (M. Menze, A. Geiger, "Object scene flow for autonomous vehicles", CVPR 2015). While one
shot melts into another, passes are those of the shot that has more of the picture.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Drive, Event, PresetSpan, RendersPasses, Shot
from avwalk.errors import GeneratorError, OutputError, VideoError
from avwalk.events import progress
from avwalk.files.atomic import write_file
from avwalk.files.image_meta import image_info
from avwalk.files.png_text import origin_text, with_text
from avwalk.frames.generators import GeneratorPool
from avwalk.plan.plan import Plan
from avwalk.registry import renders_passes
from avwalk.request.output import Output
from avwalk.request.resolve import Request

BATCH_BYTES = 256 * 1024 * 1024  # of passes in the memory of a worker
PIXEL_BYTES = 64  # of a frame's passes, with what it takes to make them
FLOW_STEPS, FLOW_ZERO = 64, 1 << 15

Picture = NDArray[np.uint8] | NDArray[np.uint16]


class Run(NamedTuple):
    """Frames [i0, i1) of one shot of one plan: their passes follow from each other."""

    plan: Plan
    worlds: GeneratorPool
    shot: int
    i0: int
    i1: int


class PassFolder:
    """The folder of a film's passes, beside the film. Does nothing where none are asked for.

    Args:
        request: which passes, of which film.
        output: where the film goes.

    Raises:
        GeneratorError: what draws the film knows no passes.
        OutputError: the folder cannot be made, or holds those of another film.
    """

    def __init__(self, request: Request, output: Output) -> None:
        self._names, self._workers = request.options.passes, request.options.workers or os.cpu_count() or 1
        self._request = request
        self.path = output.path.with_name(f"{output.path.stem}_passes")
        if not self._names:
            return
        looks = (request.film.look, *(pinned.look for pinned in request.film.presets.values()))
        for name in (look.generator.name for look in looks):
            if not renders_passes(name):
                raise GeneratorError(f"generator '{name}' knows no passes; leave --passes out, or use --generator cppn")
        try:
            self._open(request.film.hash, fresh=request.options.fresh, force=request.options.force)
        except OSError as error:
            raise OutputError(f"cannot write '{self.path}': {error.strerror}; choose another --out") from error

    def _open(self, film: str, *, fresh: bool, force: bool) -> None:
        label = self.path / "film.txt"
        known = label.exists() and label.read_text(encoding="utf-8").strip() == film
        if self.path.exists() and not known and not (fresh or force) and any(self.path.iterdir()):
            raise OutputError(f"'{self.path}' holds the passes of another film; --force replaces them")
        if fresh or not known:
            shutil.rmtree(self.path, ignore_errors=True)
        for name in self._names:
            (self.path / name).mkdir(parents=True, exist_ok=True)
        for left in self.path.rglob("*.part"):
            left.unlink(missing_ok=True)
        write_file(label, film + "\n")

    def write(self, plan: Plan, worlds: GeneratorPool, report: Callable[[Event], None]) -> None:
        """Writes what is not there yet, or not whole, several batches at once.

        Raises:
            OutputError: disk full, or it went away.
        """
        if not self._names:
            return
        batch = max(1, min(8, BATCH_BYTES // (plan.size[0] * plan.size[1] * PIXEL_BYTES)))
        parts = [
            (run, a, min(run.i1, a + batch))
            for run in runs(plan, worlds)
            for a in range(max(run.i0, plan.i0), run.i1, batch)
        ]
        left = [part for part in parts if not all(map(image_info, self._files(*part[1:])))]
        done = kept = plan.n_frames - sum(b - a for _, a, b in left)
        began = time.perf_counter()
        with ThreadPoolExecutor(self._workers, thread_name_prefix="passes") as pool:
            waiting = {pool.submit(self._write, *part): part[2] - part[1] for part in left}
            try:
                while waiting:
                    # a wait without end cannot be interrupted by Ctrl-C on Windows
                    for future in wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED).done:
                        future.result()
                        done += waiting.pop(future)
                        speed = (done - kept) / max(1e-9, time.perf_counter() - began)
                        report(progress(done, plan.n_frames, speed, "passes"))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _files(self, a: int, b: int, *names: str) -> list[Path]:
        """Of frames [a, b): those of a pass, or of all."""
        return [self.path / name / f"{i:06d}.png" for name in names or self._names for i in range(a, b)]

    def _write(self, run: Run, a: int, b: int) -> None:
        """The passes of frames [a, b) of a run."""
        names = [name for name in self._names if not all(map(image_info, self._files(a, b, name)))]
        for name, pictures in passes_of(run, a, b, names).items():
            for i, picture in enumerate(pictures, a):
                _store(self.path / name / f"{i:06d}.png", encoded(name, picture, i > run.i0), self._texts(name, i))

    def _texts(self, name: str, i: int) -> dict[str, str]:
        """What the pass of a frame says of itself."""
        request, film = self._request, self._request.film
        if not request.options.metadata:
            return {}
        facts = {"preset": request.preset.name, "generator": film.look.generator.name, "seed": film.seed}
        return origin_text(f"pass {name}", frame=i, song_sha256=request.song.sha256, **facts)


def runs(plan: Plan, worlds: GeneratorPool) -> list[Run]:
    """Who has the picture, over the frames of a film, and over the one before, to which its first flow leads."""
    found: list[Run] = []
    for i in range(max(plan.first, plan.i0 - 1), plan.i1):
        turn = plan.preset_spans[_shown(plan.preset_spans, i)].preset if plan.preset_spans else ""
        own = plan.presets[turn] if turn else plan
        shot = _shown(own.shots, i)
        if found and found[-1].plan is own and found[-1].shot == shot:
            found[-1] = found[-1]._replace(i1=i + 1)
        else:
            found.append(Run(own, worlds.of_preset(turn), shot, i, i + 1))
    return found


def _shown(items: Sequence[Shot | PresetSpan], i: int) -> int:
    """Which of them has more of frame ``i``: the one whose it is, or one that comes in and is through half of it."""
    for k, item in enumerate(items[1:], 1):
        begun = i - (item.i0 - item.lead)
        if 0 <= begun < item.lead < 2 * (begun + 1) - 1:
            return k
    return next(k for k, item in enumerate(items) if item.i0 <= i < item.i1)


def passes_of(run: Run, a: int, b: int, names: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """The passes of frames [a, b) of a run, as `RendersPasses` gives them; flow that is not known is 0."""
    generator = run.worlds.of_shot(run.plan.shots[run.shot])
    assert isinstance(generator, RendersPasses)
    still = [name for name in names if name != "flow"]
    found = dict(generator.passes(_rows(run, a, b), still)) if still else {}
    if "flow" in names:
        first = max(a - 1, run.i0)
        found["flow"] = generator.passes(_rows(run, first, b), ("flow",))["flow"][a - first :]
    return found


def _rows(run: Run, a: int, b: int) -> Drive:
    """What is needed to draw frames [a, b) of a shot, those included in which it comes in."""
    at = min(max(run.plan.shots[run.shot].i0, a), b)
    parts = [run.plan.lead(run.shot, a, at)] if a < at else []
    parts += [run.plan.drive(at, b)] if at < b else []
    latents = np.concatenate([part.latents for part in parts])
    params = {name: np.concatenate([part.params[name] for part in parts]) for name in parts[0].params}
    return replace(parts[0], latents=latents, params=params)


def encoded(name: str, picture: NDArray[np.float32], valid: bool = True) -> Picture:
    """A pass of one frame as it is stored, (H, W) or (H, W, 3) R G B.

    Args:
        name: of the pass.
        picture: (H, W), or (H, W, 2 or 3).
        valid: whether its flow is.
    """
    if name == "depth":
        return np.round(picture * 65535).astype(np.uint16)
    if name == "mask":
        return np.round(picture * 255).astype(np.uint8)
    if name == "normal":
        return np.round((picture * 0.5 + 0.5) * 65535).astype(np.uint16)
    steps = np.clip(np.round(picture * FLOW_STEPS) + FLOW_ZERO, 0, 65535).astype(np.uint16)
    return np.dstack([steps, np.full(steps.shape[:2], int(valid), np.uint16)])


def decoded(name: str, stored: Picture) -> NDArray[np.float32]:
    """The inverse of `encoded`; of flow (H, W, 2), 0 where it is not known."""
    if name == "depth":
        return (stored / 65535).astype(np.float32)
    if name == "mask":
        return (stored / 255).astype(np.float32)
    if name == "normal":
        return (stored / 65535 * 2 - 1).astype(np.float32)
    flow = (stored[..., :2].astype(np.float32) - FLOW_ZERO) / FLOW_STEPS
    return np.asarray(flow * (stored[..., 2:] > 0), np.float32)


def _store(path: Path, picture: Picture, texts: Mapping[str, str]) -> None:
    import cv2

    done, data = cv2.imencode(".png", picture[..., ::-1] if picture.ndim == 3 else picture)
    if not done:
        raise VideoError(f"'{path.name}' cannot be made: OpenCV writes no PNG of {picture.shape} {picture.dtype}")
    write_file(path, with_text(data.tobytes(), texts), sync="no")
