"""Composes songs whose beats, bars, drums and sections are known: notes in seconds, and the truth about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tools.hearing.grooves import Groove
from tools.hearing.styles import BANDS, STYLES, Band, Style

KICK, SNARE = frozenset({35, 36}), frozenset({37, 38, 39, 40})
HAT = frozenset({22, 26, 42, 44, 46, 49, 51, 52, 53, 55, 57, 59})
ROLES = ("bass", "comp", "pad", "lead", "arp")
_FILLS = (38, 38, 41, 43, 45, 47, 48)


@dataclass(frozen=True)
class Note:
    """A note: role ("drums" or one of ``ROLES`` or "voice"), start and length in seconds, MIDI pitch, velocity 1–127."""

    role: str
    start: float
    length: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Bar:
    """A bar: where it begins in units, its length in units, where one taps in it, its style and section."""

    start: float
    units: float
    beats: tuple[float, ...]
    style: Style
    section: int


@dataclass(frozen=True)
class Section:
    """A part of the song: label, first bar, how many bars, which roles play."""

    label: str
    first: int
    bars: int
    roles: frozenset[str]


@dataclass
class Piece:
    """A song as notes, and the truth. Times in seconds."""

    style: str
    band: Band
    notes: list[Note]
    beats: list[float]
    downbeats: list[float]
    sections: list[float]
    bpm: float
    meter: int
    swing: float
    drift: bool
    drums: bool
    programs: dict[str, int]
    own: dict[str, bool]
    irregular: str = ""
    silences: list[tuple[float, float]] = field(default_factory=list)


class Timeline:
    """Units to seconds: tempo per unit, with pauses, and swing inside units."""

    def __init__(self, knots: Sequence[float], times: Sequence[float], swing: float) -> None:
        self._knots, self._times, self._swing = np.asarray(knots), np.asarray(times), swing

    def __call__(self, unit: float) -> float:
        if self._swing != 0.5:
            whole = np.floor(unit + 1e-6)
            part = max(0.0, unit - whole)
            late = part / 0.5 * self._swing if part <= 0.5 else self._swing + (part - 0.5) / 0.5 * (1 - self._swing)
            unit = whole + late
        return float(np.interp(unit, self._knots, self._times))


def compose(rng: np.random.Generator, seconds: float, grooves: Sequence[Groove], name: str | None = None) -> Piece:
    """A song of about ``seconds``; of the style named, else drawn."""
    if name is None:
        weights = np.array([style.weight for style in STYLES.values()])
        name = str(rng.choice(list(STYLES), p=weights / weights.sum()))
    style = STYLES[name]
    bpm = float(np.exp(rng.uniform(np.log(style.low), np.log(style.high))))
    drums = bool(style.kick) and rng.random() > style.drumless
    played = None
    if drums and style.units in (3, 4) and style.sub == 4 and rng.random() < 0.3:
        fitting = [g for g in grooves if g.meter == style.units and g.style_fits(style.band)]
        if fitting:
            played = fitting[rng.integers(len(fitting))]
            bpm = played.bpm * float(np.exp(rng.normal(0, 0.12)))
    swing = 0.5
    if style.sub == 4 and played is None and rng.random() < style.swings:
        swing = float(rng.uniform(0.54, 0.68))
    band = BANDS[style.band]
    irregular = str(
        rng.choice(
            ["", "add", "meter", "pause", "silence", "tempo", "rit"], p=[0.72, 0.06, 0.05, 0.05, 0.03, 0.05, 0.04]
        )
    )
    sections = _form(rng, seconds * bpm / 60 / style.units, drums)
    bars = _bars(rng, style, sections, irregular)
    timeline, silences, drift = _timeline(rng, bars, 60 / bpm, swing, irregular, drums)
    piece = Piece(
        style=name, band=band, notes=[], bpm=bpm, meter=len(bars[0].beats), swing=swing, drift=drift, drums=drums,
        beats=[timeline(b.start + x) for b in bars for x in b.beats],
        downbeats=[timeline(b.start) for b in bars],
        sections=[timeline(bars[s.first].start) for s in sections],
        programs={role: int(rng.choice(getattr(band, role))) for role in ROLES},
        own={role: bool(rng.random() < band.own) for role in ROLES},
        irregular=irregular, silences=silences,
    )  # fmt: skip
    Player(rng, piece, bars, sections, timeline, played).play()
    last = max([0.0, *(note.start + 0.02 for note in piece.notes)])
    for start, end in silences:
        last = max(last, 0.0)
        piece.notes = [
            n if not start - n.length < n.start < start else replace(n, length=max(0.05, start - n.start))
            for n in piece.notes
        ]
    piece.beats = [t for t in piece.beats if t <= last]
    piece.downbeats = [t for t in piece.downbeats if t <= last]
    return piece


def _form(rng: np.random.Generator, bars: float, drums: bool) -> list[Section]:
    """Sections with labels that come back, and who plays in each."""
    quota = dict(zip(ROLES, (0.85, 0.7, 0.5, 0.55, 0.35), strict=True))
    kinds: dict[str, frozenset[str]] = {}
    for label in "ABCD":
        roles = {role for role in ROLES if rng.random() < quota[role]}
        if drums and rng.random() < 0.88:
            roles.add("drums")
        if not roles & set(ROLES) and ("drums" not in roles or rng.random() < 0.6):
            roles.add("comp")
        kinds[label] = frozenset(roles)
    if rng.random() < 0.4:  # an intro that builds up
        first = sorted(kinds["A"]) or ["pad"]  # sorted: the order of a set of words is another in every process
        kinds["D"] = frozenset({first[int(rng.spawn(1)[0].integers(len(first)))]})
    order = str(rng.choice(["ABABCAB", "DABACAB", "AABBAACC", "DAABBCD", "ABCABD", "AAAA", "DADBDA"]))
    lengths = (4, 4, 8, 8, 8, 16, 6, 2)
    out: list[Section] = []
    at, k = 0, 0
    while at < bars:
        label = order[k % len(order)]
        n = int(rng.choice(lengths))
        roles = kinds[label]
        if rng.random() < 0.25:  # somebody comes in or leaves
            roles = roles ^ {str(rng.choice(ROLES))}
        if drums and rng.random() < 0.08:
            roles = roles ^ {"drums"}
        out.append(Section(label, at, n, roles or frozenset({"comp"})))
        at, k = at + n, k + 1
    return out


def _bars(rng: np.random.Generator, style: Style, sections: Sequence[Section], irregular: str) -> list[Bar]:
    """The bars one after the other, irregular ones among them."""
    other, out, at = style, [], 0.0
    if irregular == "meter":
        near = [s for s in STYLES.values() if s.sub == style.sub and s.units != style.units and not s.beats]
        other = (
            replace(
                style, **{k: getattr(near[int(rng.integers(len(near)))], k) for k in ("units", "kick", "snare", "hat")}
            )
            if near and not style.beats
            else style
        )
    turn = max(1, int(rng.integers(1, max(2, len(sections)))))
    for k, section in enumerate(sections):
        current = other if (irregular == "meter" and k >= turn and (k - turn) % 3 != 2) else style
        for j in range(section.bars):
            units = current.units
            if irregular == "add" and not style.beats and j == section.bars - 1 and rng.random() < 0.5:
                units = float(
                    rng.choice([u for u in (units - 2, units - 1, units + 1, units + 2) if u >= 2] or [units])
                )
            beats = current.beats or tuple(float(x) for x in range(int(units)))
            out.append(Bar(at, units, beats, current, k))
            at += units
    out.append(
        Bar(at, style.units, style.beats or tuple(float(x) for x in range(int(style.units))), style, len(sections) - 1)
    )
    return out


def _timeline(
    rng: np.random.Generator, bars: Sequence[Bar], period: float, swing: float, irregular: str, drums: bool
) -> tuple[Timeline, list[tuple[float, float]], bool]:
    n = len(bars)
    curve, kind = np.ones(n), rng.random()
    if kind < 0.2:
        curve = np.exp(0.03 * np.sin(np.arange(n) / rng.uniform(5, 20) * 2 * np.pi + rng.uniform(0, 6)))
    elif kind < 0.3:
        curve = np.exp(np.clip(np.cumsum(rng.normal(0, 0.008, n)), -0.2, 0.2))
    rubato = not drums and rng.random() < 0.35
    if irregular == "tempo":
        turn = np.array([b.section for b in bars])
        curve = (
            curve * np.exp(rng.uniform(-0.3, 0.3, turn.max() + 1))[turn]
            if rng.random() < 0.6
            else curve * np.exp(np.linspace(0, rng.uniform(-0.3, 0.3), n))
        )
    start = float(rng.uniform(0, 1.5)) if rng.random() < 0.6 else 0.0
    if rng.random() < 0.08:
        start += float(rng.uniform(1, 6))
    knots, times, silences = [0.0], [start], []
    wobble = 0.0
    for k, bar in enumerate(bars):
        last = k + 1 < n and bars[k + 1].section != bar.section
        for u in np.arange(1, np.ceil(bar.units) + 1e-9):
            width = min(u, bar.units) - (u - 1)
            wobble = 0.6 * wobble + (rng.normal(0, 0.045) if rubato else 0.0)
            slow = 1.0 + (0.35 * u / bar.units if irregular == "rit" and last else 0.0)
            knots.append(bar.start + min(u, bar.units))
            times.append(times[-1] + period * width * curve[k] * slow * float(np.exp(wobble)))
        if last and irregular in ("pause", "silence") and rng.random() < (0.7 if irregular == "pause" else 0.4):
            gap = float(rng.uniform(0.4, 3.0)) * period if irregular == "pause" else float(rng.uniform(3, 12))
            if irregular == "silence":
                silences.append((times[-1], times[-1] + gap))
            knots.append(knots[-1] + 1e-9)
            times.append(times[-1] + gap)
    return Timeline(knots, times, swing), silences, kind < 0.3 or rubato or irregular in ("tempo", "rit")


class Player:
    """Fills a piece with notes."""

    def __init__(
        self, rng: np.random.Generator, piece: Piece, bars: Sequence[Bar], sections: Sequence[Section],
        timeline: Timeline, groove: Groove | None,
    ) -> None:  # fmt: skip
        self._rng, self._piece, self._bars, self._sections = rng, piece, bars, sections
        self._time, self._groove = timeline, groove
        self._jitter = float(rng.choice([0, 0, 0.004, 0.010, 0.016]))
        self._accent = float(rng.uniform(0, 0.4))
        self._gain = {role: float(rng.uniform(0.5, 1)) for role in (*ROLES, "drums")}
        self._tonic, minor = int(rng.integers(12)), rng.random() < 0.5
        self._scale = (0, 2, 3, 5, 7, 8, 10) if minor else (0, 2, 4, 5, 7, 9, 11)
        # several bars share their way of playing; each label has one of its own
        self._ways = {label: self._way() for label in "ABCD"}
        self._hands = {
            "hat": int(rng.choice([42, 42, 42, 46, 51, 44, 54, 70, 82, 69])),
            "kick": int(rng.choice([35, 36, 36])),
            "snare": int(rng.choice([38, 38, 40, 39, 37])),
            "open": rng.random() < 0.35,
            "thin": int(rng.integers(0, 5)),
        }
        self._vocal = rng.random() < piece.band.vocal

    def _way(self) -> dict[str, object]:
        rng = self._rng
        chords = [int(x) for x in rng.choice([0, 0, 3, 4, 5, 1, 2], size=int(rng.choice([1, 2, 4, 4, 8])))]
        if rng.random() < 0.8:
            chords[0] = 0
        return {
            "chords": chords,
            "split": rng.random() < 0.25,
            "bass": int(rng.integers(0, 7)),
            "comp": int(rng.integers(0, 7)),
            "arp": int(rng.integers(0, 3)),
            "arp_notes": int(rng.integers(3, 6)),
            "seeds": [int(x) for x in rng.integers(0, 1 << 30, size=8)],
            "phrase": int(rng.choice([1, 2, 2, 4])),
            "off": rng.random() < 0.25,
            "long": rng.random() < 0.3,
        }

    def _degree(self, d: int) -> int:
        return self._tonic + self._scale[d % 7] + 12 * (d // 7)

    def play(self) -> None:
        for k, bar in enumerate(self._bars[:-1]):
            section = self._sections[bar.section]
            inside = k - section.first
            way = self._ways[section.label]
            if "drums" in section.roles and self._piece.drums:
                if self._groove is not None and bar.units == self._groove.meter:
                    self._play_groove(bar, k)
                else:
                    self._drums(bar, inside, section)
            self._pitched(bar, inside, section, way)

    def _add(self, role: str, bar: Bar, x: float, units: float, pitch: float, velocity: float) -> None:
        rng, start = self._rng, bar.start + x
        time = self._time(start) + (float(rng.normal(0, self._jitter)) if self._jitter else 0.0)
        weight = (
            1
            + self._accent * (x < 0.01)
            + 0.5 * self._accent * (min(abs(x - b) for b in bar.beats) < 0.01)
            - 0.5 * self._accent
        )
        velocity = velocity * weight * float(rng.uniform(0.85, 1.1))
        length = max(0.05, (self._time(start + units) - self._time(start)))
        self._piece.notes.append(
            Note(role, max(0.0, time), length, int(np.clip(pitch, 20, 108)), int(np.clip(velocity, 10, 127)))
        )

    # drums

    def _play_groove(self, bar: Bar, k: int) -> None:
        groove = self._groove
        assert groove is not None
        for x, pitch, velocity in groove.bar(k):
            begin = self._time(bar.start + x)
            self._piece.notes.append(
                Note("drums", max(0.0, begin), 0.1, pitch, int(np.clip(velocity * self._gain["drums"] + 10, 8, 127)))
            )

    def _drums(self, bar: Bar, inside: int, section: Section) -> None:
        rng, hands, style = self._rng, self._hands, bar.style
        loud = self._gain["drums"]
        varied = inside % 4 == 3
        fill = inside == section.bars - 1 and rng.random() < 0.5
        kick = [x for x in style.kick if x < bar.units]
        if varied:
            kick = [x for x in kick if x == 0 or rng.random() > 0.25]
            if rng.random() < 0.3:
                kick.append(float(rng.choice(self._grid(bar))))
        for x in kick:
            self._add("drums", bar, x, 0.2, hands["kick"], 112 * loud)
        if fill:
            half = [x for x in self._grid(bar) if x >= bar.units / 2]
            for x in half:
                if rng.random() < 0.7:
                    self._add("drums", bar, x, 0.2, int(rng.choice(_FILLS)), 92 * loud)
        else:
            for x in (x for x in style.snare if x < bar.units):
                self._add("drums", bar, x, 0.2, hands["snare"], 102 * loud)
            if style.band in ("funk", "hiphop", "jazz") and rng.random() < 0.3:  # a ghost note
                self._add("drums", bar, float(rng.choice(self._grid(bar))), 0.2, 38, 35 * loud)
        hats: Sequence[float] = style.hat
        if hands["thin"] == 1:
            hats = [float(x) for x in range(int(bar.units))]
        elif hands["thin"] == 2 and style.hat:
            hats = self._grid(bar)
        elif hands["thin"] == 3:
            hats = ()
        for x in (x for x in hats if x < bar.units):
            pitch = 46 if hands["open"] and x % 1 == 0.5 and rng.random() < 0.5 else hands["hat"]
            self._add("drums", bar, x, 0.2, pitch, (86 if x % 1 == 0 else 66) * loud)
        if inside == 0 and rng.random() < 0.6:
            self._add("drums", bar, 0, 0.5, int(rng.choice([49, 49, 57, 55])), 100 * loud)

    def _grid(self, bar: Bar) -> list[float]:
        step = 1 / bar.style.sub
        return [k * step for k in range(int(np.floor(bar.units / step + 1e-6)))]

    # pitched

    def _rhythm(self, bar: Bar, seed: int, density: float, off: bool) -> list[float]:
        """Positions of a bar's notes; the same for the same seed."""
        rng = np.random.default_rng(seed)
        out = []
        for x in self._grid(bar):
            beat, half = x % 1 < 0.01, abs(x % 1 - 0.5) < 0.01 or bar.style.sub == 3
            strong = 1.0 if beat else 0.6 if half else 0.25
            if off:
                strong = 0.35 if beat else 1.0 if half else 0.3
            if rng.random() < strong * density:
                out.append(x)
        return out

    def _pitched(self, bar: Bar, inside: int, section: Section, way: dict[str, object]) -> None:
        chords, seeds = way["chords"], way["seeds"]
        assert isinstance(chords, list)
        assert isinstance(seeds, list)
        turns = 2 if way["split"] and bar.units in (2, 4) else 1
        for half in range(turns):
            a, b = half * bar.units / turns, (half + 1) * bar.units / turns
            d = chords[(inside * turns + half) % len(chords)]
            triad = [self._degree(d), self._degree(d + 2), self._degree(d + 4)]
            inner: Callable[[Sequence[float]], list[float]] = lambda xs, a=a, b=b: [x for x in xs if a <= x < b]  # type: ignore[misc]
            if "bass" in section.roles:
                self._bass(bar, inside, inner, (a, b), triad, way)
            if "pad" in section.roles:
                for p in triad:
                    self._add(
                        "pad", bar, a, (b - a) * 0.97, 48 + p % 12 + (12 if p % 12 < 5 else 0), 70 * self._gain["pad"]
                    )
            if "comp" in section.roles:
                self._comp(bar, inside, inner, (a, b), triad, way)
            if "arp" in section.roles:
                rate = (1, 2, bar.style.sub)[int(way["arp"])]  # type: ignore[call-overload]
                tones = [*triad, triad[0] + 12, triad[1] + 12]
                for i, x in enumerate(inner([k / rate for k in range(int(bar.units * rate))])):
                    p = tones[i % int(way["arp_notes"])]  # type: ignore[call-overload]
                    self._add("arp", bar, x, 0.8 / rate, 60 + p - triad[0] + triad[0] % 12, 72 * self._gain["arp"])
        if "lead" in section.roles:
            self._lead(bar, inside, way)

    def _bass(
        self, bar: Bar, inside: int, inner: Callable, span: tuple[float, float], triad: list[int], way: dict
    ) -> None:
        style, kind = bar.style, way["bass"]
        if style.band in ("jazz",) and kind < 4:
            places = list(range(int(bar.units)))
        elif style.band == "reggae" and kind < 3:
            places = [0.5, 1, 1.5, 2.5, 3, 3.5]
        elif style.band == "folk" and kind < 3:
            places = [0, bar.units / 2] if style.units in (2, 4) else [0]
        elif kind == 0:
            places = [span[0]]
        elif kind == 1:
            places = list(range(int(bar.units)))
        elif kind == 2:
            places = self._grid(bar)[:: max(1, style.sub // 2)] if style.sub == 4 else self._grid(bar)
        elif kind == 3 and style.kick:
            places = list(style.kick)
        elif kind == 4 and style.sub == 4:
            places = [x + 0.5 for x in range(int(bar.units))]
        else:
            places = self._rhythm(bar, way["seeds"][inside % min(2, way["phrase"])], 0.7, way["off"]) or [0]
        places = sorted(set(inner(places)) or {span[0]})
        for i, x in enumerate(places):
            after = places[i + 1] if i + 1 < len(places) else span[1]
            p = triad[0] if self._rng.random() < 0.75 or style.band != "jazz" else int(self._rng.choice(triad))
            octave = 12 if self._rng.random() < 0.12 else 0
            self._add(
                "bass",
                bar,
                x,
                (after - x) * float(self._rng.choice([0.5, 0.92])),
                28 + (p - 28) % 12 + octave,
                96 * self._gain["bass"],
            )

    def _comp(
        self, bar: Bar, inside: int, inner: Callable, span: tuple[float, float], triad: list[int], way: dict
    ) -> None:
        style, kind = bar.style, way["comp"]
        units = int(bar.units)
        if style.band == "reggae" and kind < 5:
            places = (
                [x + 0.5 for x in range(units)] if style.low > 100 else ([1, 3] if kind < 2 else [0.5, 1.5, 2.5, 3.5])
            )
        elif style.band == "latin" and kind < 3:
            places = [0, 0.5, 1.5, 2.5, 3.5]
        elif style.band in ("folk", "brass") and kind < 4:
            places = (
                [x for x in range(units) if x > 0]
                if units == 3
                else [x + 0.5 for x in range(units)]
                if units == 2
                else [1, 3]
            )
        else:
            places = {
                0: [span[0]], 1: list(range(units)),
                2: [x + (0.5 if style.sub == 4 else 2 / 3) for x in range(units)],
                3: self._grid(bar)[:: max(1, style.sub // 2)],
                4: self._grid(bar) if style.sub == 3 else list(range(units)),
            }.get(kind) or self._rhythm(bar, way["seeds"][2 + inside % min(2, way["phrase"])], 0.5, way["off"])  # fmt: skip
        for x in inner(places):
            length = 0.9 if way["long"] else 0.4
            for p in triad:
                self._add("comp", bar, x, length, 52 + (p - 52) % 12, 76 * self._gain["comp"])

    def _lead(self, bar: Bar, inside: int, way: dict) -> None:
        seed = way["seeds"][4 + inside % way["phrase"]]
        places = self._rhythm(bar, seed, 0.55, way["off"])
        tones = np.random.default_rng(seed + 1).integers(-3, 8, size=64)
        role = "voice" if self._vocal else "lead"
        for i, x in enumerate(places):
            after = places[i + 1] if i + 1 < len(places) else bar.units
            octave = 0 if role == "voice" else 12 * int(way["seeds"][7] % 2)
            self._add(
                role, bar, x, (after - x) * 0.92, self._degree(int(tones[i]) + 7) + 48 + octave, 90 * self._gain["lead"]
            )
