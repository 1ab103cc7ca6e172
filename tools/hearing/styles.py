"""Styles of music: metre, tempo where people tap, patterns of kick, snare and hat, who plays."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """How a kind of music goes.

    Attributes:
        units: length of a bar in units (a quarter; a dotted quarter where ``sub`` is 3).
        low: slowest units per minute.
        high: fastest.
        kick: positions in the bar, units; so are ``snare`` and ``hat``.
        sub: parts of a unit that notes fall on, 4 or 3.
        beats: where people tap, positions in the bar; empty for every unit.
        band: who plays, a key of ``BANDS``.
        swings: how likely the off-beats are late.
        drumless: how likely there are no drums.
        weight: how often the style is drawn.
    """

    units: float
    low: float
    high: float
    kick: tuple[float, ...] = ()
    snare: tuple[float, ...] = ()
    hat: tuple[float, ...] = ()
    sub: int = 4
    beats: tuple[float, ...] = ()
    band: str = "pop"
    swings: float = 0.1
    drumless: float = 0.06
    weight: float = 1.0


def _every(step: float, until: float, start: float = 0.0) -> tuple[float, ...]:
    return tuple(start + k * step for k in range(round((until - start) / step)))


_E4, _S4, _Q4, _OFF4 = _every(0.5, 4), _every(0.25, 4), _every(1, 4), (0.5, 1.5, 2.5, 3.5)
_T2, _T3, _T4 = _every(1 / 3, 2), _every(1 / 3, 3), _every(1 / 3, 4)
_RIDE = (0, 1, 5 / 3, 2, 3, 11 / 3)

STYLES: dict[str, Style] = {
    # four on the floor
    "house": Style(4, 112, 132, (0, 1, 2, 3), (1, 3), _OFF4, band="electronic"),
    "deep": Style(4, 108, 126, (0, 1, 2, 3), (1, 3), (0.5, 1.5, 1.75, 2.5, 3.5), band="electronic", swings=0.4),
    "techno": Style(4, 122, 148, (0, 1, 2, 3), (), _S4, band="electronic"),
    "trance": Style(4, 128, 146, (0, 1, 2, 3), (1, 3), _OFF4, band="electronic"),
    "psy": Style(4, 138, 150, (0, 1, 2, 3), (), _S4, band="electronic"),
    "hardcore": Style(4, 150, 200, (0, 1, 2, 3), (), _OFF4, band="electronic"),
    "disco": Style(4, 106, 130, (0, 1, 2, 3), (1, 3), _S4, band="funk"),
    "discooff": Style(4, 110, 136, (0, 1, 2, 3), (1, 3), _OFF4, band="funk"),
    "eurobeat": Style(4, 135, 165, (0, 1, 2, 3), (1, 3), _OFF4, band="electronic"),
    "ukgarage": Style(4, 126, 138, (0, 2.5), (1, 3), (0.5, 1.5, 2.25, 2.5, 3.5), band="electronic", swings=0.6),
    # rock and pop
    "rock": Style(4, 85, 165, (0, 2), (1, 3), _E4, band="rock", weight=1.5),
    "rock2": Style(4, 85, 150, (0, 1.5, 2, 2.5), (1, 3), _E4, band="rock"),
    "rockquarter": Style(4, 100, 180, (0, 2, 2.5), (1, 3), _Q4, band="rock"),
    "four": Style(4, 105, 150, (0, 1, 2, 3), (0, 1, 2, 3), _E4, band="rock"),
    "ballad": Style(4, 56, 84, (0, 2), (1, 3), _E4, band="pop", weight=1.3),
    "ballad16": Style(4, 54, 80, (0, 1.75, 2), (1, 3), _S4, band="pop", weight=1.3),
    "slowrock": Style(4, 60, 90, (0, 0.5, 2, 2.5), (1, 3), _E4, band="rock"),
    "punk": Style(4, 150, 208, (0, 1.5, 2, 3.5), (1, 3), _E4, band="rock"),
    "skate": Style(4, 165, 215, (0, 2), (1, 3), _Q4, band="rock"),
    "metal": Style(4, 120, 200, _E4, (1, 3), _Q4, band="rock"),
    "metal16": Style(4, 85, 125, _S4, (1, 3), _E4, band="rock"),
    "blast": Style(4, 95, 130, _Q4, _OFF4, _E4, band="rock"),
    "gallop": Style(4, 110, 180, (0, 0.5, 0.75, 1, 1.5, 1.75, 2, 2.5, 2.75, 3, 3.5, 3.75), (1, 3), _Q4, band="rock"),
    "surf": Style(4, 140, 185, (0, 2, 2.5), (1, 1.5, 3), _E4, band="rock"),
    "rocknroll": Style(4, 140, 190, (0, 2), (1, 3), _E4, band="rock", swings=0.6),
    "pop": Style(4, 90, 130, (0, 0.75, 2, 2.75), (1, 3), _E4, band="pop"),
    "motown": Style(4, 100, 135, (0, 1.5, 2, 3.5), (0, 1, 2, 3), _E4, band="funk"),
    "tomtom": Style(4, 100, 160, (0, 1, 2, 3), (3,), (), band="rock"),
    # funk, hip-hop, broken beats
    "funk": Style(4, 90, 120, (0, 0.75, 2.5), (1, 1.75, 2.25, 3), _S4, band="funk"),
    "hiphop": Style(4, 75, 105, (0, 0.75, 2.5), (1, 3), _E4, band="hiphop", swings=0.4),
    "boombap": Style(4, 80, 100, (0, 1.5, 1.75, 2.5), (1, 3), _E4, band="hiphop", swings=0.6),
    "lofi": Style(4, 68, 92, (0, 1.75, 2.5), (1, 3), _E4, band="hiphop", swings=0.6),
    "half": Style(4, 120, 160, (0, 0.75, 2.5), (2,), _S4, band="hiphop"),
    "trap": Style(4, 120, 160, (0, 1.75, 2.5), (2,), _S4, band="hiphop"),
    "dubstep": Style(4, 135, 145, (0,), (2,), _OFF4, band="electronic"),
    "break": Style(4, 90, 140, (0, 0.5, 2.5, 2.75), (1, 1.75, 2.25, 3, 3.75), _E4, band="electronic"),
    "bigbeat": Style(4, 100, 130, (0, 1.25, 2.5), (1, 3), _E4, band="electronic"),
    "dnb": Style(4, 160, 180, (0, 2.5), (1, 3), _E4, band="electronic", weight=1.2),
    "dnb2": Style(4, 160, 182, (0, 2.75), (1, 3, 3.75), _E4, band="electronic"),
    "amen": Style(4, 135, 200, (0, 0.5, 2.5, 2.75), (1, 1.75, 2.25, 3, 3.75), _E4, band="electronic"),
    "electro": Style(4, 105, 135, (0, 0.75, 1.5, 2.5), (1, 3), _S4, band="electronic"),
    "reggaeton": Style(4, 85, 105, (0, 1, 2, 3), (0.75, 1.5, 2.75, 3.5), _E4, band="latin"),
    # off-beats
    "reggae": Style(4, 62, 95, (2,), (2,), _OFF4, band="reggae", swings=0.3, weight=1.2),
    "steppers": Style(4, 65, 95, (0, 1, 2, 3), (2,), _OFF4, band="reggae", swings=0.3),
    "rockers": Style(4, 65, 95, (0, 2), (2,), _E4, band="reggae", swings=0.3),
    "ska": Style(4, 120, 190, (0, 2), (1, 3), _OFF4, band="reggae", weight=1.3),
    "polka": Style(2, 100, 140, (0,), (0.5, 1.5), (0.5, 1.5), band="folk"),
    "march": Style(4, 90, 130, (0, 2), (1, 2.5, 3, 3.5), _Q4, band="brass"),
    "march2": Style(2, 95, 130, (0,), (0.5, 0.75, 1, 1.5), (), band="brass"),
    # latin, african
    "bossa": Style(4, 110, 150, (0, 1.5, 2, 3.5), (0, 1.5, 3), _E4, band="latin"),
    "samba": Style(2, 90, 122, (0, 0.75, 1, 1.75), (0.5, 1.25), _every(0.25, 2), band="latin"),
    "salsa": Style(4, 150, 210, (1.5, 3), (1, 3, 3.5), _Q4, band="latin", weight=1.2),
    "cumbia": Style(4, 80, 110, (0, 2), (1, 3), (0, 0.5, 0.75, 1, 1.5, 1.75, 2, 2.5, 2.75, 3, 3.5, 3.75), band="latin"),
    "tango": Style(4, 110, 135, (0, 1.5, 2, 3), (3.5,), (), band="folk", drumless=0.5),
    "habanera": Style(2, 60, 90, (0, 0.75, 1, 1.5), (0.75, 1.5), (), band="folk", drumless=0.4),
    "afrobeat": Style(4, 100, 130, (0, 1.5, 2, 3.25), (1, 2.25, 3), _E4, band="latin"),
    # threes
    "waltz": Style(3, 85, 190, (0,), (1, 2), (0, 1, 2), band="folk", weight=1.6),
    "waltz2": Style(3, 80, 165, (0,), (2,), _every(0.5, 3), band="pop"),
    "waltzjazz": Style(3, 120, 190, (0,), (1.5,), (0, 1, 5 / 3, 2), sub=3, band="jazz"),
    "waltzrock": Style(3, 90, 170, (0, 1.5), (2,), _every(0.5, 3), band="rock"),
    "mazurka": Style(3, 110, 160, (0,), (1, 2), (1,), band="folk", drumless=0.5),
    "68": Style(2, 44, 92, (0,), (1,), _T2, sub=3, band="pop", weight=1.6),
    "68b": Style(2, 44, 92, (0, 2 / 3), (1,), _T2, sub=3, band="rock", weight=1.2),
    "68rock": Style(2, 55, 100, (0, 1 / 3, 5 / 3), (1,), (0, 1), sub=3, band="rock"),
    "jig": Style(2, 95, 140, (0, 1), (), _T2, sub=3, band="folk", drumless=0.3),
    "tarantella": Style(2, 100, 145, (0, 1), (2 / 3, 5 / 3), _T2, sub=3, band="folk", drumless=0.3),
    "12slow": Style(4, 46, 84, (0, 2, 8 / 3), (1, 3), _T4, sub=3, band="pop", weight=1.4),
    "12gospel": Style(4, 50, 90, (0, 5 / 3, 2), (1, 3), _T4, sub=3, band="jazz"),
    "12blues": Style(4, 55, 95, (0, 2), (1, 3), _T4, sub=3, band="rock"),
    "shuffle": Style(4, 75, 150, (0, 2), (1, 3), (0, 2 / 3, 1, 5 / 3, 2, 8 / 3, 3, 11 / 3), sub=3, band="rock"),
    "halfshuffle": Style(4, 120, 170, (0, 5 / 3), (2,), (0, 2 / 3, 1, 5 / 3, 2, 8 / 3, 3, 11 / 3), sub=3, band="funk"),
    "afro128": Style(4, 90, 135, (0, 2 / 3, 2, 8 / 3), (1, 3), _T4, sub=3, band="latin"),
    "98": Style(3, 50, 100, (0,), (1, 2), _T3, sub=3, band="folk", weight=0.8),
    "98b": Style(3, 50, 100, (0, 4 / 3), (2,), _T3, sub=3, band="rock", weight=0.6),
    # jazz
    "swing": Style(4, 110, 220, (0, 2), (), _RIDE, sub=3, band="jazz", weight=1.3),
    "swing4": Style(4, 90, 200, (0, 1, 2, 3), (1, 3), _RIDE, sub=3, band="jazz"),
    "brushes": Style(4, 60, 120, (0,), (1, 3), _Q4, sub=3, band="jazz"),
    # odd
    "54": Style(5, 100, 185, (0, 1.5, 3), (2, 4), _every(0.5, 5), band="rock", weight=0.8),
    "54b": Style(5, 95, 185, (0, 3), (1, 2, 4), (0, 1, 2, 3, 4), band="pop", weight=0.8),
    "54c": Style(5, 100, 180, (0, 2.5, 3), (1, 4), _every(0.5, 5), band="electronic", weight=0.5),
    "54jazz": Style(5, 130, 180, (0, 3), (2, 4), (0, 1, 5 / 3, 2, 3, 4), sub=3, band="jazz", weight=0.5),
    "78": Style(7, 150, 260, (0, 3, 5), (2, 4, 6), _every(1, 7), sub=2, band="rock", weight=0.7),
    "74": Style(7, 100, 170, (0, 2, 4), (1, 3, 5), _every(0.5, 7), band="rock", weight=0.6),
    "78fast": Style(3.5, 125, 165, (0, 2), (1, 3), _every(0.5, 3.5), beats=(0, 1, 2), band="rock", weight=0.7),
    "78balkan": Style(3.5, 120, 190, (0, 1.5), (2.5,), _every(0.5, 3.5), beats=(0, 1.5, 2.5), band="folk", weight=0.6),
    "64": Style(6, 90, 165, (0, 3), (2, 5), _every(0.5, 6), band="pop", weight=0.5),
    # mostly without drums
    "piano": Style(4, 60, 140, band="piano", drumless=1.0, weight=2.0),
    "piano3": Style(3, 70, 170, band="piano", drumless=1.0, weight=1.0),
    "piano6": Style(2, 40, 80, sub=3, band="piano", drumless=1.0, weight=0.8),
    "guitar": Style(4, 70, 140, band="guitar", drumless=1.0, weight=1.2),
    "guitar6": Style(2, 44, 80, sub=3, band="guitar", drumless=1.0, weight=0.6),
    "strings": Style(4, 60, 150, band="orchestra", drumless=0.8, weight=1.6),
    "strings3": Style(3, 70, 180, band="orchestra", drumless=0.9, weight=0.8),
    "epic": Style(4, 80, 150, (0, 1.5, 2, 3), (3.5,), (), band="orchestra", drumless=0.1, weight=1.6),
    "epic68": Style(2, 60, 100, (0, 1, 5 / 3), (), (), sub=3, band="orchestra", drumless=0.1, weight=0.7),
    "musicbox": Style(4, 70, 130, band="bells", drumless=1.0, weight=0.8),
    "organ": Style(4, 60, 120, band="organ", drumless=1.0, weight=0.7),
    "choir": Style(4, 55, 110, band="choir", drumless=1.0, weight=0.7),
    "ambient": Style(4, 60, 120, (0,), (), (), band="ambient", drumless=0.8, weight=1.2),
    "chip": Style(4, 100, 180, (0, 2), (1, 3), _E4, band="chip", weight=2.0),
    "chip2": Style(4, 120, 165, (0, 1, 2, 3), (1, 3), _S4, band="chip"),
    "chip3": Style(3, 110, 190, (0,), (1, 2), (0, 1, 2), band="chip", weight=0.6),
    "reel": Style(4, 95, 130, (0, 2), (1, 3), _E4, band="folk", drumless=0.5),
    "country": Style(4, 85, 130, (0, 2), (1, 3), _E4, band="folk"),
    "train": Style(4, 90, 120, (0, 2), _S4, (), band="folk"),
    "klezmer": Style(4, 80, 150, (0, 1.5, 3), (1, 2.5), (), band="folk"),
}
"""What is composed: names → styles."""
