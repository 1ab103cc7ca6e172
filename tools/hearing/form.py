"""Form: sections that come back, and bars one after the other, irregular ones among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tools.hearing.piece import ROLES, Bar, Section
from tools.hearing.styles import STYLES, Style

_QUOTA = dict(zip(ROLES, (0.85, 0.7, 0.5, 0.55, 0.35), strict=True))  # how likely a role plays in a section
_ORDERS = ("ABABCAB", "DABACAB", "AABBAACC", "DAABBCD", "ABCABD", "AAAA", "DADBDA")
_LENGTHS = (4, 4, 8, 8, 8, 16, 6, 2)  # bars of a section


def draw_sections(rng: np.random.Generator, bars: float, drums: bool) -> list[Section]:
    """Sections with labels that come back, and who plays in each; at least ``bars`` bars together."""
    kinds: dict[str, frozenset[str]] = {}
    for label in "ABCD":
        roles = {role for role in ROLES if rng.random() < _QUOTA[role]}
        if drums and rng.random() < 0.88:
            roles.add("drums")
        if not roles & set(ROLES) and ("drums" not in roles or rng.random() < 0.6):
            roles.add("comp")
        kinds[label] = frozenset(roles)
    if rng.random() < 0.4:  # an intro that builds up
        first = sorted(kinds["A"]) or ["pad"]  # sorted: the order of a set of words is another in every process
        kinds["D"] = frozenset({first[int(rng.spawn(1)[0].integers(len(first)))]})
    order = str(rng.choice(_ORDERS))
    out: list[Section] = []
    at, k = 0, 0
    while at < bars:
        label = order[k % len(order)]
        n = int(rng.choice(_LENGTHS))
        playing = kinds[label]
        if rng.random() < 0.25:  # somebody comes in or leaves
            playing = playing ^ {str(rng.choice(ROLES))}
        if drums and rng.random() < 0.08:
            playing = playing ^ {"drums"}
        out.append(Section(label, at, n, playing or frozenset({"comp"})))
        at, k = at + n, k + 1
    return out


def draw_bars(rng: np.random.Generator, style: Style, sections: Sequence[Section], irregular: str) -> list[Bar]:
    """The bars of all sections, and one more that ends the last."""
    out: list[Bar] = []
    at = 0.0
    other = _other_meter(rng, style) if irregular == "meter" else style
    turn = max(1, int(rng.integers(1, max(2, len(sections)))))
    for k, section in enumerate(sections):
        current = other if (irregular == "meter" and k >= turn and (k - turn) % 3 != 2) else style
        for j in range(section.bars):
            units = current.units
            if irregular == "add" and not style.beats and j == section.bars - 1 and rng.random() < 0.5:
                near = [u for u in (units - 2, units - 1, units + 1, units + 2) if u >= 2]
                units = float(rng.choice(near or [units]))
            out.append(Bar(at, units, _taps(current, units), current, k))
            at += units
    out.append(Bar(at, style.units, _taps(style, style.units), style, len(sections) - 1))
    return out


def _taps(style: Style, units: float) -> tuple[float, ...]:
    return style.beats or tuple(float(x) for x in range(int(units)))


def _other_meter(rng: np.random.Generator, style: Style) -> Style:
    """The style with the metre and the drums of another."""
    near = [s for s in STYLES.values() if s.sub == style.sub and s.units != style.units and not s.beats]
    if style.beats or not near:
        return style
    units, kick, snare, hat = (
        getattr(near[int(rng.integers(len(near)))], key) for key in ("units", "kick", "snare", "hat")
    )
    return replace(style, units=units, kick=kick, snare=snare, hat=hat)
