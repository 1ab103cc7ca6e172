"""Inputs of routes: song signals, LFOs, random values, constants, breakpoint curves, stems; each as a curve in [0, 1].

Signals of the song go by their names. Further inputs:

    lfo.4bars.sine      a wave over 4 bars (beats, bars; sine, tri, saw, square), 0 on the bar line
    random.beat         a new random value on every beat (or random.bar, random.4bars)
    const               1 all the time
    curve:zoom.csv      a breakpoint curve, see `avwalk.modulation.curve_file`
    drums.kick          a signal of a stem: `--stem drums=FILE`

Levels, impulses and phases are in [0, 1] as they come. In a song without a bass drum ``kick`` is ``accent``: its bass
notes; in one without any drums ``snare`` is what else begins, the onsets beside these. A time becomes 1 − t / window,
so that it is 1 when the moment is there; a label becomes its number over the highest number, or, with a modulus m,
(number mod m) / (m − 1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Analysis
from avwalk.errors import did_you_mean
from avwalk.modulation.curve_file import BreakpointCurve

CURVE = "curve:"
SHAPES = ("sine", "tri", "saw", "square")
GENERATED = {
    "lfo.<n>beats.<shape>": f"a wave over n beats, 0 on the beat; shapes: {', '.join(SHAPES)}",
    "lfo.<n>bars.<shape>": "the same over n bars, such as lfo.4bars.sine",
    "random.beat": "a new random value on every beat; random.2beats on every second",
    "random.bar": "the same for bars: random.bar, random.4bars",
    "const": "1 all the time",
    "curve:FILE.csv": "a drawn curve: columns time,value; beside the preset's file, else in the current folder",
    "STEM.SIGNAL": "a signal of a stem given by --stem STEM=FILE, such as drums.kick",
}
"""Generated signals, for lists: pattern → description."""

BESIDE = 2
"""Frames from a bass note: an onset so near is the same."""

_CYCLE = r"(?P<n>\d+(?:\.\d+)?)?(?P<unit>beat|bar)s?"
_LFO = re.compile(rf"lfo\.{_CYCLE}\.(?P<shape>{'|'.join(SHAPES)})")
_RANDOM = re.compile(rf"random\.{_CYCLE}")
_STEM = re.compile(r"[A-Za-z][A-Za-z0-9_\-]{0,31}")
_BEAT_TIMES = ("since_beat", "time_to_beat")
_KEYS = 24
_PURPOSE_RANDOM = 0x72616E64


@dataclass(frozen=True)
class Inputs:
    """The inputs of routes.

    Attributes:
        analysis: of the whole song; the signals of stems are among its signals, ``"drums.kick"``.
        kinds: name of a song's signal → level, impulse, phase, label or time.
        seed: of everything random.
        curves: file name → breakpoint curve.
    """

    analysis: Analysis
    kinds: Mapping[str, str]
    seed: int = 0
    curves: Mapping[str, BreakpointCurve] = field(default_factory=dict)

    @property
    def beat_seconds(self) -> float:
        """Length of a beat at the song's median tempo; without a tempo as at 120 BPM."""
        return 60 / (self.analysis.score.tempo_bpm or 120.0)

    @property
    def times(self) -> NDArray[np.float64]:
        """When each frame is shown, (n_frames,) seconds."""
        fps = self.analysis.fps
        return np.arange(self.analysis.n_frames) * fps.denominator / fps.numerator

    def position(self, n: float, unit: str) -> NDArray[np.float64]:
        """Position in cycles of n beats or bars, (n_frames,): 0 on the first one, evenly on beyond the last.

        A song without beats gets an even grid at 120 BPM, bars of four.
        """
        score = self.analysis.score
        marks = score.bars if unit == "bar" else score.beats
        period = self.beat_seconds * (4 if unit == "bar" else 1)
        return _count(marks, self.times, period) / n

    def cycle_seconds(self, n: float, unit: str) -> float:
        """Typical length of n beats or bars."""
        score = self.analysis.score
        marks = score.bars if unit == "bar" else score.beats
        if len(marks) > 1:
            return n * float(np.median(np.diff(marks)))
        return n * self.beat_seconds * (4 if unit == "bar" else 1)


def kind_of(name: str, kinds: Mapping[str, str]) -> str | None:
    """Level, impulse, phase, label or time; ``level`` for generated signals and curves; None: no such signal."""
    if name in kinds:
        return kinds[name]
    if name == "const" or (name.startswith(CURVE) and len(name) > len(CURVE)):
        return "level"
    made = _LFO.fullmatch(name) or _RANDOM.fullmatch(name)
    if made:
        return "level" if made["n"] is None or float(made["n"]) > 0 else None
    if stem_of(name, kinds):
        return kinds[name.partition(".")[2]]
    return None


def stem_of(name: str, kinds: Mapping[str, str]) -> str | None:
    """``"drums"`` for ``"drums.kick"``; None for a signal of the song itself."""
    stem, dot, signal = name.partition(".")
    return stem if dot and name not in kinds and signal in kinds and fits_stem(stem, kinds) else None


def fits_stem(name: str, kinds: Mapping[str, str]) -> bool:
    """Whether a stem may have this name: letters, digits, _ and -, and not what other signals begin with."""
    taken = {"lfo", "random", "const", "curve"} | {known.partition(".")[0] for known in kinds if "." in known}
    return bool(_STEM.fullmatch(name)) and name not in taken


def unknown_signal(name: str, kinds: Mapping[str, str]) -> str:
    """Error message for a name that is no signal."""
    if name.startswith("lfo"):
        return f"unknown signal '{name}'; write it as lfo.4bars.sine or lfo.2beats.tri (shapes: {', '.join(SHAPES)})"
    if name.startswith("random"):
        return f"unknown signal '{name}'; write it as random.beat, random.bar or random.4bars"
    stem, dot, rest = name.partition(".")
    if dot and fits_stem(stem, kinds) and (hint := did_you_mean(rest, kinds)):
        return f"unknown signal '{rest}' of stem '{stem}'{hint}"
    return f"unknown signal '{name}'{did_you_mean(name, [*kinds, 'const', 'random.beat', 'random.bar'])}"


def curve_of(name: str, inputs: Inputs, window: float | None = None, modulus: int | None = None) -> NDArray[np.float64]:
    """A signal over the whole song.

    Args:
        name: one that `kind_of` knows.
        inputs: where it comes from.
        window: seconds in which a time goes from 0 to 1; None: a beat for beats, 16 beats for sections and drops.
        modulus: for labels.

    Returns:
        (n_frames,) float64 in [0, 1]; a breakpoint curve has the values of its file.
    """
    if name == "const":
        return np.ones(inputs.analysis.n_frames)
    if name.startswith(CURVE):
        return inputs.curves[name[len(CURVE) :]].at(inputs.times)
    if wave := _LFO.fullmatch(name):
        return _wave(inputs.position(float(wave["n"] or 1), wave["unit"]), wave["shape"])
    if dice := _RANDOM.fullmatch(name):
        cell = np.floor(inputs.position(float(dice["n"] or 1), dice["unit"]) + 1e-9).astype(np.int64)
        cell -= cell[0]
        purpose = [_PURPOSE_RANDOM, *name.encode()]
        return np.random.default_rng([inputs.seed, *purpose]).random(int(cell[-1]) + 1)[cell]
    x = np.asarray(inputs.analysis.signals[name], np.float64)
    kind, own = kind_of(name, inputs.kinds), name.rpartition(".")[2]
    if own in ("kick", "snare") and not x.any():  # no drums: what takes their role moves the picture
        x = _in_place_of(own, name.removesuffix(own), inputs)
    if kind == "time":
        if window is None:
            window = inputs.beat_seconds * (1 if own in _BEAT_TIMES else 16)
        return np.clip(1 - x / window, 0.0, 1.0)
    if kind == "label":
        number = np.maximum(x, 0.0)
        if modulus is not None:
            return np.mod(number, modulus) / (modulus - 1)
        highest = _KEYS - 1 if own == "key" else float(number.max())
        return number / max(highest, 1.0)
    return x


def _in_place_of(drum: str, stem: str, inputs: Inputs) -> NDArray[np.float64]:
    """What moves the picture in a song without this drum: its bass notes; in one without any its other onsets."""
    kick, accent, onset = (
        np.asarray(inputs.analysis.signals[stem + name], np.float64) for name in ("kick", "accent", "onset")
    )
    if drum == "kick":
        return accent
    beside = accent > 0
    for far in range(1, BESIDE + 1):
        beside[far:] |= accent[:-far] > 0
        beside[:-far] |= accent[far:] > 0
    return np.where(beside | kick.any(), 0.0, onset)


def _wave(position: NDArray[np.float64], shape: str) -> NDArray[np.float64]:
    phase: NDArray[np.float64] = np.mod(position, 1.0)
    if shape == "sine":
        phase = 0.5 - 0.5 * np.cos(2 * np.pi * phase)
    elif shape == "tri":
        phase = 1 - np.abs(2 * phase - 1)
    elif shape == "square":
        phase = (phase < 0.5).astype(np.float64)
    return phase


def _count(marks: NDArray[np.float64], t: NDArray[np.float64], period: float) -> NDArray[np.float64]:
    """Position counted in marks; evenly on outside of them, by their median distance."""
    if len(marks) < 2:
        return (t - (marks[0] if len(marks) else 0.0)) / period
    period = float(np.median(np.diff(marks)))
    outside: NDArray[np.float64] = (np.minimum(0.0, t - marks[0]) + np.maximum(0.0, t - marks[-1])) / period
    return outside + np.interp(t, marks, np.arange(len(marks)))
