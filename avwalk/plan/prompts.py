"""Prompts on the timeline: keyframes from preset, file and cues, and the latents of the generator `sd`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk._version import __version__
from avwalk.config.preset import Preset, targets
from avwalk.contracts import Analysis, Curve, Frames
from avwalk.errors import OptionError, clipped
from avwalk.files.infotext import infotext
from avwalk.score.automation import Automation
from avwalk.score.automation import timeline as automations_in_turn
from avwalk.score.cues import Cues
from avwalk.score.prompt_table import PromptRow, on_frames
from avwalk.walk.prompts import Keyframe, arrivals, checked, guidance, latents, positions, respaced, seed_of, spread
from avwalk.walk.spacing import measured

GAP_SECONDS = 0.5
"""Prompts do not arrive closer than this on sections or bars."""
ARRIVE = ("even", "sections", "bars")
MAX_EVERY = 64
ENERGY = "percussive"
"""The signal that drives the speed: of the whole song, 0 to 1."""
SHORTEST = 8
"""Transitions of fewer frames are not spaced: there is nothing between their pictures to be seen."""
SAMPLERS = {
    "ddim": "DDIM",
    "ddim-trailing": "DDIM",
    "euler": "Euler",
    "euler-trailing": "Euler",
    "euler-a": "Euler a",
    "euler-a-trailing": "Euler a",
    "dpm": "DPM++ 2M",
    "dpm-karras": "DPM++ 2M Karras",
    "unipc": "UniPC",
    "lcm": "LCM",
    "tcd": "TCD",
}
"""Schedulers as other programs call them."""
_PIN, _HELD = 1, 2  # places of seeds beside those of the list


@dataclass(frozen=True)
class Prompts:
    """What a film is asked to show.

    Attributes:
        texts: the list, in order; from the first again where there are more places than texts.
        arrive: one of `ARRIVE`.
        every: on every so manieth section or bar.
        negative: what is not to be seen, where nothing else is said.
        rows: of a file; they stand in for the list.
    """

    texts: tuple[str, ...] = ()
    arrive: str = "sections"
    every: int = 1
    negative: str = ""
    rows: tuple[PromptRow, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """All that decides the film."""
        rows = [row.as_json() for row in self.rows]
        return {
            "texts": list(self.texts),
            "arrive": self.arrive,
            "every": self.every,
            "negative": self.negative,
            "rows": rows,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Prompts:
        """What `as_json` gave.

        Raises:
            OptionError: it is something else.
        """
        try:
            rows = tuple(PromptRow.from_json(row) for row in stored["rows"])
            texts, arrive, every, negative = (stored[name] for name in ("texts", "arrive", "every", "negative"))
            if not (isinstance(texts, list | tuple) and all(isinstance(text, str) for text in (*texts, negative))):
                raise ValueError("texts and negative are texts")
            if arrive not in ARRIVE or type(every) is not int or not 1 <= every <= MAX_EVERY:
                raise ValueError("arrive or every is out of range")
            return cls(tuple(texts), arrive, every, negative, rows)
        except (KeyError, TypeError, ValueError) as error:
            raise OptionError(f"stored prompts cannot be read ({clipped(error)}); give --prompt TEXT") from None


def timeline_of(prompts: Prompts, cues: Cues, analysis: Analysis, seed: int) -> tuple[Keyframe, ...]:
    """The keyframes of a song, from its first frame to its last.

    Rows ``prompt`` of the cues win over file and list. A row arrives on its frame; the walk to it begins at the
    keyframe before, or as late as its ease says. One that says its end is held until then, by other noise, and then
    list or file go on; one that does not leads on to the next row.

    Args:
        prompts: list or file.
        cues: the artist's.
        analysis: of the song, corrected by the cues.
        seed: of the film.

    Raises:
        CuesError: the file names times that this song does not have.
        OptionError: the cues do, or nothing is to be seen at all.
    """
    n = analysis.n_frames
    keys = _of_rows(prompts, analysis, seed) if prompts.rows else _of_list(prompts, analysis, seed)
    keys = pinned(keys, automations_in_turn(cues, analysis, "prompt"), float(analysis.fps), seed, prompts.negative)
    keys = list(checked(keys, n))
    told = {row.seed for row in prompts.rows}
    if keys[0].frame > 0:  # what is there first is there from the start, and what is last to the end: noise moves on
        keys.insert(0, _again(keys[0], 0, seed, told))
    if keys[-1].frame < n - 1:
        keys.append(_again(keys[-1], n - 1, seed, told))
    return checked(keys, n)


def options_of(keys: Sequence[Keyframe], usual: float) -> dict[str, Any]:
    """What the generator `sd` has to know of a timeline, plain JSON.

    Args:
        keys: from `timeline_of`.
        usual: pull of the prompts where a keyframe says nothing.
    """
    return {
        "prompts": [key.prompt for key in keys],
        "negatives": [key.negative for key in keys],
        "seeds": [key.seed for key in keys],
        "guidance": [usual if key.guidance is None else key.guidance for key in keys],
    }


def pinned(
    keys: Sequence[Keyframe], automations: Sequence[Automation], fps: float, seed: int, negative: str = ""
) -> list[Keyframe]:
    """Keyframes with the pins of the cues among them.

    Args:
        keys: of list or file, any number.
        automations: one after the other, none over another.
        fps: frames per second.
        seed: of the film.
        negative: of the pins.
    """
    out = {key.frame: key for key in keys}
    for automation in automations:
        out = {frame: key for frame, key in out.items() if not automation.i0 <= frame < automation.i1}
        if automation.curve != "walk":
            begin = automation.i0 - max(1, round(automation.ease_seconds * fps))
            out = {frame: key for frame, key in out.items() if not begin < frame < automation.i0}
            before = [frame for frame in out if frame < begin]
            if before and begin not in out:
                out[begin] = _again(out[max(before)], begin, seed, set())
        out[automation.i0] = Keyframe(
            automation.i0, automation.value, seed_of(seed, _PIN, automation.i0), None, negative
        )
        if automation.ends and automation.i1 - 1 > automation.i0:
            out[automation.i1 - 1] = _again(out[automation.i0], automation.i1 - 1, seed, set())
    return [out[frame] for frame in sorted(out)]


def prompt_path(
    keys: Sequence[Keyframe],
    analysis: Analysis,
    *,
    smooth: float,
    ease: float = 0.0,
    sketch: Callable[[NDArray[np.float64]], Frames] | None = None,
    pictures: int = 8,
) -> NDArray[np.float64]:
    """Where on the timeline each frame of a song is.

    Args:
        keys: from `timeline_of`.
        analysis: of the song.
        smooth: 0: the sound alone drives the speed, 1: even speed.
        ease: 0 to 1, how far the speed goes down to nothing at keyframes.
        sketch: draws cheap pictures of positions: frames are spaced by what is seen; None: by the share of the way.
        pictures: for each transition.

    Returns:
        (n_frames,), see `avwalk.walk.prompts.positions`.
    """
    position = positions(keys, analysis.n_frames, analysis.signals[ENERGY], smooth, ease)
    if sketch is None:
        return position
    long = [k for k, (a, b) in enumerate(pairwise(keys)) if b.frame - a.frame >= SHORTEST]
    return respaced(position, measured(sketch, long, pictures))


def parameters_at(
    keys: Sequence[Keyframe],
    position: float,
    recipe: Mapping[str, Any],
    *,
    guidance: float,
    size: tuple[int, int],
    model: str,
    model_sha: str = "",
) -> str:
    """The generation parameters of a frame as other programs read them: those of the keyframe next to it.

    Args:
        keys: from `timeline_of`.
        position: of the frame.
        recipe: of `avwalk.diffusion.recipes.Recipe.as_dict`.
        guidance: of the frame.
        size: of what was drawn.
        model: its name.
        model_sha: its sha256.
    """
    key = keys[int(np.clip(np.floor(position + 0.5), 0, len(keys) - 1))]
    values = {
        "Steps": recipe["steps"],
        "Sampler": SAMPLERS.get(recipe["scheduler"], recipe["scheduler"]),
        "CFG scale": round(float(guidance), 3),
        "Seed": key.seed,
        "Size": f"{size[0]}x{size[1]}",
        "Model hash": model_sha[:10] or None,
        "Model": model,
        "Version": f"avwalk {__version__}",
    }
    return infotext(key.prompt, key.negative, values)


def _of_list(wanted: Prompts, analysis: Analysis, seed: int) -> list[Keyframe]:
    if not wanted.texts:
        return []
    score, fps = analysis.score, float(analysis.fps)
    times = {
        "even": np.zeros(0),
        "sections": np.array([section.start for section in score.sections]),
        "bars": score.bars,
    }[wanted.arrive]
    marks = np.rint(times[:: wanted.every] * fps).astype(np.int64)
    frames = arrivals(marks, len(wanted.texts), analysis.n_frames, round(GAP_SECONDS * fps))
    return spread(wanted.texts, frames, seed, wanted.negative)


def _of_rows(wanted: Prompts, analysis: Analysis, seed: int) -> list[Keyframe]:
    keys = []
    for k, (frame, row) in enumerate(on_frames(wanted.rows, analysis)):
        own = seed_of(seed, k) if row.seed is None else row.seed
        negative = wanted.negative if row.negative is None else row.negative
        keys.append(Keyframe(frame, row.prompt, own, row.guidance, negative))
    return keys


def _again(key: Keyframe, frame: int, seed: int, told: set[int | None]) -> Keyframe:
    """The same prompt on another frame; its noise is another, unless the artist said which."""
    return key._replace(frame=frame, seed=key.seed if key.seed in told else seed_of(seed, _HELD, frame))


def keyframes_of(options: Mapping[str, Any]) -> tuple[Keyframe, ...]:
    """The keyframes that the options of the generator `sd` hold."""
    rows = zip(*(options[name] for name in ("frames", "prompts", "seeds", "guidance", "negatives")), strict=True)
    return tuple(Keyframe(*row) for row in rows)


def prompt_latents(
    options: Mapping[str, Any],
    preset: Preset,
    analysis: Analysis,
    params: dict[str, Curve],
    sketch: Callable[[NDArray[np.float64]], Frames] | None = None,
) -> NDArray[np.float32]:
    """Latents of the generator `sd` over the whole song; sets ``sd.guidance``, where keyframes and routes add up.

    Args:
        options: of the generator, from `sd_options`.
        preset: how fast it goes when.
        analysis: of the whole song.
        params: curves of the targets.
        sketch: draws cheap pictures of positions, where the preset wants change to be even.
    """
    own = preset.sd
    line = keyframes_of(options)
    position = prompt_path(
        line,
        analysis,
        smooth=own.smooth,
        ease=own.ease,
        sketch=sketch if own.spacing else None,
        pictures=max(3, own.spacing),
    )
    usual = own.guidance or float(options["recipe"]["guidance"])
    pulled = guidance(line, position, usual) + (params["sd.guidance"] - np.float32(usual))
    params["sd.guidance"] = np.clip(pulled, 0, targets()["sd.guidance"].high).astype(np.float32)
    return latents(position, params["sd.noise"], params["sd.embedding"])


def prompt_positions(frames: Sequence[int], n_frames: int) -> Curve:
    """Where on a row of prompts each frame is, (n_frames,): evenly from the frame of one to that of the next."""
    return np.interp(np.arange(n_frames), frames, np.arange(len(frames))).astype(np.float32)
