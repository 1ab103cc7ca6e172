"""Tempo and metre of a song, for people."""

from __future__ import annotations

from avwalk.cli.progress import clock_text
from avwalk.contracts import Analysis, Score, Stretch
from avwalk.score.stretches import SWINGS, metre_name


def tempo_text(score: Score) -> str:
    """``"87.02 BPM, perhaps 174.04: --bpm 174.04"``, or ``"100 BPM, as told"``."""
    if not score.tempo_bpm:
        return "no steady beat"
    told = {stretch.tempo_given for stretch in score.stretches}
    if told == {True}:
        return f"{_short(score.tempo_bpm)} BPM, as told"
    if True in told:
        return f"{score.tempo_bpm:.2f} BPM, in part as told"
    other = _short(score.second_bpm)
    second = f", perhaps {other}: --bpm {other}" if score.second_bpm else ""
    return f"{score.tempo_bpm:.2f} BPM{second}"


def _short(bpm: float) -> str:
    return f"{bpm:.2f}".rstrip("0").rstrip(".")


def stretch_text(stretch: Stretch) -> str:
    """``"120.00 BPM  4/4  swing 0.62  fairly sure"``."""
    swing = f"swing {stretch.swing:.2f}" if stretch.swing >= SWINGS and stretch.division == 2 else ""
    sure = "as told" if stretch.tempo_given else sureness(stretch.confidence)
    parts = (f"{stretch.tempo_bpm:.2f} BPM", metre_name(stretch) or "no metre", swing, sure)
    return "  ".join(part for part in parts if part)


def sureness(confidence: float) -> str:
    """A confidence in words."""
    return "sure" if confidence >= 0.75 else "fairly sure" if confidence >= 0.4 else "unsure"


def score_lines(analysis: Analysis) -> list[str]:
    """What a song does when, a line each."""
    score = analysis.score

    def span(start: float, end: float) -> str:
        return f"{clock_text(start):>6} – {clock_text(end):>6}"

    lines = [
        f"length    {clock_text(analysis.duration)}  ({analysis.duration:.3f} s, {analysis.n_frames} frames)",
        f"tempo     {tempo_text(score)}",
        f"beats     {len(score.beats)}, in {len(score.bars)} bars",
    ]
    lines += [f"metre     {span(each.start, each.end)}  {stretch_text(each)}" for each in score.stretches]
    lines += [f"section   {span(section.start, section.end)}  {section.label}" for section in score.sections]
    lines += [f"build-up  {span(start, end)}" for start, end in score.builds]
    lines += [f"drop      {clock_text(float(drop)):>6}" for drop in score.drops]
    return lines
