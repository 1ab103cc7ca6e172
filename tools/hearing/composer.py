"""Composes songs whose beats, bars, drums and sections are known: notes in seconds, and the truth about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tools.hearing.bands import BANDS, MELODIC
from tools.hearing.form import draw_bars, draw_sections
from tools.hearing.grooves import Groove
from tools.hearing.piece import ROLES, Piece
from tools.hearing.players import play
from tools.hearing.styles import STYLES, Style
from tools.hearing.timeline import draw_timeline

_IRREGULAR = {"": 0.72, "add": 0.06, "meter": 0.05, "pause": 0.05, "silence": 0.03, "tempo": 0.05, "rit": 0.04}


def compose(rng: np.random.Generator, seconds: float, grooves: Sequence[Groove], name: str | None = None) -> Piece:
    """A song.

    Args:
        rng: draws everything: the same state gives the same song.
        seconds: about how long; sections are not cut.
        grooves: drums of drummers, which some songs with drums take.
        name: a key of `STYLES`; None draws one.

    Returns:
        Its notes and the truth.
    """
    if name is None:
        weights = np.array([style.weight for style in STYLES.values()])
        name = str(rng.choice(list(STYLES), p=weights / weights.sum()))
    style = STYLES[name]
    bpm = float(np.exp(rng.uniform(np.log(style.low), np.log(style.high))))
    drums = bool(style.kick) and rng.random() > style.drumless
    groove = _draw_groove(rng, style, grooves) if drums else None
    if groove is not None:
        bpm = groove.bpm * float(np.exp(rng.normal(0, 0.12)))
    swing = 0.5
    if style.sub == 4 and groove is None and rng.random() < style.swings:
        swing = float(rng.uniform(0.54, 0.68))
    band = BANDS[style.band]
    irregular = str(rng.choice(list(_IRREGULAR), p=list(_IRREGULAR.values())))
    sections = draw_sections(rng, seconds * bpm / 60 / style.units, drums)
    bars = draw_bars(rng, style, sections, irregular)
    timeline, silences, drift = draw_timeline(rng, bars, 60 / bpm, swing, irregular, drums)
    piece = Piece(
        style=name, band=band, notes=[], bpm=bpm, meter=len(bars[0].beats), swing=swing, drift=drift, drums=drums,
        beats=[timeline(b.start + x) for b in bars for x in b.beats],
        downbeats=[timeline(b.start) for b in bars],
        sections=[timeline(bars[s.first].start) for s in sections],
        programs={role: _draw_program(rng, getattr(band, role)) for role in ROLES},
        synthesised={role: bool(rng.random() < band.synthetic) for role in ROLES},
        irregular=irregular, silences=silences,
    )  # fmt: skip
    play(rng, piece, bars, sections, timeline, groove)
    last = max([0.0, *(note.start + 0.02 for note in piece.notes)])
    for start, _ in silences:
        piece.notes = [
            n if not start - n.length < n.start < start else replace(n, length=max(0.05, start - n.start))
            for n in piece.notes
        ]
    piece.beats = [t for t in piece.beats if t <= last]
    piece.downbeats = [t for t in piece.downbeats if t <= last]
    return piece


def _draw_program(rng: np.random.Generator, usual: Sequence[int]) -> int:
    """One of the usual programs; for one role in eight any: nobody knows what people will play on."""
    return int(rng.choice(usual if rng.random() < 0.875 else list(MELODIC)))


def _draw_groove(rng: np.random.Generator, style: Style, grooves: Sequence[Groove]) -> Groove | None:
    """Drums of a drummer for three songs in ten that can take them."""
    if style.units not in (3, 4) or style.sub != 4 or rng.random() >= 0.3:
        return None
    fitting = [g for g in grooves if g.meter == style.units and g.fits(style.band)]
    return fitting[int(rng.integers(len(fitting)))] if fitting else None
