"""Prompts over a song: keyframes from the preset, the command line, a file or the cues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.config import Preset, targets
from avwalk.contracts import Analysis, Curve
from avwalk.score.cues import Cues
from avwalk.score.pins import timeline
from avwalk.score.prompt_file import on_frames, read_prompts
from avwalk.walk.prompts import (
    Keyframe,
    Spacing,
    arrivals,
    checked,
    guidance,
    latents,
    positions,
    respaced,
    seed_of,
    spread,
)

GAP_SECONDS = 1.0  # between two arrivals, at least


def keyframes(
    prompts: Sequence[str],
    analysis: Analysis,
    cues: Cues,
    *,
    seed: int,
    arrive: str = "sections",
    every: int = 4,
    negative: str = "",
    file: str = "",
) -> tuple[Keyframe, ...]:
    """The prompts of a film in the order of time.

    Args:
        prompts: in turn, from the first again behind the last; not used where there is a file.
        analysis: of the whole song.
        cues: their rows ``prompt`` come in on their frames, and hold until theirs end; what lay there gives way.
        seed: of the film; every keyframe has noise of its own.
        arrive: on what prompts arrive: ``"sections"``, ``"bars"`` or ``"even"``.
        every: of bars, each so many.
        negative: what is not to be seen.
        file: CSV with columns ``at, prompt, seed, guidance_scale, negative_prompt``.

    Raises:
        OptionError: there is no prompt at all.
        CuesError: there is something wrong in the file.
    """
    if file:
        rows = on_frames(read_prompts(Path(file)), analysis)
        found = [
            Keyframe(
                frame, row.prompt, seed_of(seed, k) if row.seed is None else row.seed, row.guidance,
                negative if row.negative is None else row.negative,
            )
            for k, (frame, row) in enumerate(rows)
        ]  # fmt: skip
    elif prompts:
        found = spread(prompts, arrivals(_marks(analysis, arrive, every), len(prompts), analysis.n_frames,
                                         round(GAP_SECONDS * float(analysis.fps))), seed, negative)  # fmt: skip
    else:
        found = []
    for k, pin in enumerate(timeline(cues, analysis, "prompt")):
        found = [key for key in found if not pin.i0 <= key.frame < pin.i1]
        own = seed_of(seed, 1, k)
        found += [Keyframe(i, pin.value, own, None, negative) for i in dict.fromkeys((pin.i0, pin.i1 - 1))]
    return checked(found, analysis.n_frames)


def _marks(analysis: Analysis, arrive: str, every: int) -> list[int]:
    """Frames that prompts may arrive on; none: evenly."""
    score = analysis.score
    times = {"sections": [s.start for s in score.sections], "bars": score.bars[::every].tolist(), "even": []}[arrive]
    return [int(frame) for frame in np.rint(np.asarray(times, np.float64) * float(analysis.fps))]


def way(
    options: Mapping[str, Any], preset: Preset, analysis: Analysis, params: dict[str, Curve],
    spacings: Mapping[int, Spacing],
) -> NDArray[np.float32]:  # fmt: skip
    """Latents of the generator `sd` over the whole song; sets ``sd.guidance``, where keyframes and routes add up.

    Args:
        options: of the generator, from `avwalk.diffused.sd_options`.
        preset: how fast it goes when.
        analysis: of the whole song.
        params: curves of the targets.
        spacings: how far apart pictures are along transitions; none: they are not looked at.
    """
    rows = zip(*(options[name] for name in ("frames", "prompts", "seeds", "guidance", "negatives")), strict=True)
    line = tuple(Keyframe(*row) for row in rows)
    energy = analysis.signals["percussive"]
    position = respaced(positions(line, analysis.n_frames, energy, preset.sd.smooth, preset.sd.ease), spacings)
    pulled = guidance(line, position, 0.0) + (params["sd.guidance"] - np.float32(preset.sd.guidance))
    params["sd.guidance"] = np.clip(pulled, 0, targets()["sd.guidance"].high).astype(np.float32)
    return latents(position, params["sd.noise"], params["sd.embedding"])


def place(frames: Sequence[int], n_frames: int) -> Curve:
    """Where on a row of prompts each frame is, (n_frames,): evenly from the frame of one to that of the next."""
    return np.interp(np.arange(n_frames), frames, np.arange(len(frames))).astype(np.float32)
