"""How well the form of a song is found: sections, labels, drops, build-ups; keys, bars and kicks beside them.

    python -m tests.benchmarks.form [--each]

Songs of known form in two halves (thresholds are chosen on the first alone) and the demo song. Boundaries: F of
mir_eval.segment.detection, ends left out, within 0.5 and 3 s; a song of one section has 1 if it is found to be one,
else 0. Labels: pairwise F and V-measure. Drops: precision and recall within 0.25 s; build-ups: seconds found and
true over seconds found or true; a return after a rest of a
bar or two may be called a drop or not. Names of sections: the share that is right of those given, and of the parts
that have such a name. ``--each`` shows every song.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import mir_eval
import numpy as np
import soundfile
from numpy.typing import NDArray

from avwalk.contracts import Analysis, Section, Song
from avwalk.features.analysis import analyze_song
from avwalk.features.signals import PITCH_NAMES
from tests.forms import RATE, Form, held_out, perform, tuning

DEMO = Path(__file__).parents[2] / "media" / "demo-song.json"
FPS = Fraction(30)

Times = NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    name: str
    sound: NDArray[np.float32]
    rate: int
    sections: tuple[tuple[float, float, str], ...]
    drops: Times
    builds: tuple[tuple[float, float], ...]
    bars: Times
    kicks: Times
    key: int
    returns: Times


@dataclass(frozen=True)
class Marks:
    """Of one song; pairs are (right, found, true) or (shared, in either)."""

    name: str
    f_half: float
    f_three: float
    pairwise: float
    v_measure: float
    drops: tuple[int, int, int]
    builds: tuple[float, float]
    key: float
    bars_f: float
    kicks: tuple[int, int, int]
    names: tuple[int, int, int]


NAMES = ("intro", "verse", "chorus", "bridge", "build", "drop", "break", "outro")
ALSO = {"kick": "intro", "air": "break", "bare": "break", "drumless": "break", "solo": "bridge"}
"""What people would call a part of the generated songs that has another name."""


def generated(forms: list[Form]) -> Iterator[Truth]:
    """Plays them."""
    for form in forms:
        p = perform(form)
        yield Truth(form.name, p.sound, RATE, p.sections, p.drops, p.builds, p.bars, p.kicks, p.key, p.returns)


def demo() -> Truth:
    """The demo song."""
    told = json.loads(DEMO.read_text())
    sound, rate = soundfile.read(DEMO.with_suffix(".ogg"), dtype="float32", always_2d=True)
    tonic, mode = told["key"].split()
    return Truth(
        "demo",
        sound.mean(axis=1),
        rate,
        tuple((s["start"], s["end"], s["label"]) for s in told["sections"]),
        np.array(told["drops"]),
        tuple((a, b) for a, b in told["builds"]),
        np.array(told["bars"]),
        np.array(told["kick"]),
        PITCH_NAMES.index(tonic) + 12 * (mode == "minor"),
        np.zeros(0),
    )


def hear(truth: Truth) -> Analysis:
    """What avwalk makes of it."""
    song = Song(Path(truth.name), "0" * 64, truth.rate, 1, len(truth.sound), "pcm_s16le")
    return analyze_song(song, iter([truth.sound[:, None]]), FPS)


def matched(true: Times, found: Times, within: float) -> tuple[int, int, int]:
    """(right, found, true); each event counts once."""
    return len(mir_eval.util.match_events(true, found, within)), len(found), len(true)


def shared(true: tuple[tuple[float, float], ...], found: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    """Seconds in both, seconds in either."""
    grid = np.arange(0, max([1.0, *(b for _, b in (*true, *found))]), 0.01)
    a, b = (np.any([(grid >= s) & (grid < e) for s, e in spans] or [grid < 0], axis=0) for spans in (true, found))
    return 0.01 * float((a & b).sum()), 0.01 * float((a | b).sum())


def named(truth: Truth, sections: tuple[Section, ...]) -> tuple[int, int, int]:
    """Sections whose name is that of the part that they share most with; that have a name; parts that have one."""
    right = given = 0
    for section in sections:
        name = section.label.split()[0]
        if name in NAMES:
            overlaps = [min(b, section.end) - max(a, section.start) for a, b, _ in truth.sections]
            label = truth.sections[int(np.argmax(overlaps))][2]
            given += 1
            right += name in (label, ALSO.get(label))
    return right, given, sum(label in NAMES for _, _, label in truth.sections)


def marks(truth: Truth, heard: Analysis) -> Marks:
    """What the answer is worth."""
    score = heard.score
    spans = np.array([(a, b) for a, b, _ in truth.sections])
    names = [label for _, _, label in truth.sections]
    spans[-1, 1] = score.sections[-1].end
    found = np.array([(s.start, s.end) for s in score.sections])
    found_names = [s.label for s in score.sections]
    segment = mir_eval.segment
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of empty answers, which count 0
        if len(spans) == 1:
            near = far = float(len(found) == 1)
        else:
            near, far = (segment.detection(spans, found, window=w, trim=True)[2] for w in (0.5, 3.0))
        pairwise = segment.pairwise(spans, names, found, found_names)[2]
        v = segment.vmeasure(spans, names, found, found_names)[2]
        bars = mir_eval.beat.f_measure(truth.bars, score.bars) if len(truth.bars) else np.nan
    whole = np.bincount(heard.signals["key"].astype(int) + 1).argmax() - 1
    drops = np.array([x for x in score.drops if not (np.abs(truth.returns - x) < 0.25).any()])
    kicks = np.flatnonzero(heard.signals["kick"]) / float(FPS)
    return Marks(
        truth.name,
        near,
        far,
        pairwise,
        v if len(spans) > 1 else float(len(set(found_names)) == 1),
        matched(truth.drops, drops, 0.25),
        shared(truth.builds, score.builds),
        float(whole == truth.key),
        bars,
        matched(truth.kicks, kicks, 0.05),
        named(truth, score.sections),
    )


def _ratio(a: float, b: float) -> float:
    return a / b if b else np.nan


def line(name: str, some: list[Marks]) -> str:
    """Means, and ratios of sums for what is counted."""
    means = [float(np.nanmean([getattr(m, f) for m in some])) for f in ("f_half", "f_three", "pairwise", "v_measure")]
    sums = {f: np.sum([getattr(m, f) for m in some], axis=0) for f in ("drops", "builds", "kicks", "names")}
    right, found, true = sums["drops"]
    hit, heard, played = sums["kicks"]
    named_right, given, could = sums["names"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a mean of nothing is shown as nan
        bars = float(np.nanmean([m.bars_f for m in some]))
    values = [
        *means,
        _ratio(right, found),
        _ratio(right, true),
        _ratio(*sums["builds"]),
        float(np.mean([m.key for m in some])),
        bars,
        _ratio(hit, heard),
        _ratio(hit, played),
        _ratio(named_right, given),
        _ratio(named_right, could),
    ]
    return f"{name:<14}{len(some):>3}" + "".join(f"{v:>8.2f}" for v in values)


HEADER = (
    f"{'':<14}{'n':>3}{'F .5s':>8}{'F 3s':>8}{'pairs':>8}{'V':>8}{'drop P':>8}{'drop R':>8}{'build':>8}{'key':>8}"
    f"{'bars':>8}{'kick P':>8}{'kick R':>8}{'name P':>8}{'name R':>8}"
)


def main(arguments: list[str] | None = None) -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", action="store_true")
    options = parser.parse_args(arguments)
    print(HEADER)
    halves = {"tuning": generated(tuning()), "held out": generated(held_out()), "demo": iter([demo()])}
    for name, truths in halves.items():
        some = [marks(truth, hear(truth)) for truth in truths]
        if options.each:
            print("\n".join(line(m.name, [m]) for m in some))
        print(line(name, some), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
