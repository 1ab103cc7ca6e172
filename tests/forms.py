"""Songs of known form, made of drums, bass, chords and a lead: sections, build-ups and drops for every kind of trouble.

``tuning()`` and ``held_out()`` name them: two halves of the same kinds of song with other seeds, tempos, keys and
lengths. Thresholds are chosen on the first half alone. ``perform(form)`` plays one and tells where everything is.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 22050

Sound = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """What a label sounds like. Levels are amplitudes, 0 is silent.

    ``drums`` names a pattern; ``bass`` and ``chords`` a way of playing; ``degrees`` are the roots of its chords
    on the scale, one for each bar; ``lead`` the level of the melody, ``high`` its octave.
    """

    drums: str = ""
    bass: str = ""
    chords: str = "pad"
    degrees: tuple[int, ...] = (0, 5, 2, 6)
    lead: float = 0.0
    high: int = 0
    drum_level: float = 1.0
    bass_level: float = 1.0
    chord_level: float = 1.0
    riser: float = 0.0
    fades: bool = False
    same_as: str = ""  # a label whose melody it has


@dataclass(frozen=True)
class Form:
    """A song: parts by label, and (label, bars) in order. ``gap``: beats of silence before each drop."""

    name: str
    bpm: float
    tonic: int  # 0 is C
    minor: bool
    parts: dict[str, Part]
    order: tuple[tuple[str, int], ...]
    seed: int
    gap: float = 0.0
    drops: tuple[int, ...] = ()  # places in ``order`` that begin with a drop
    builds: tuple[int, ...] = ()  # places in ``order`` that are build-ups
    beats: bool = True
    drive: float = 1.0  # how hard the master is driven
    joined: tuple[int, ...] = ()  # places in ``order`` that belong to the section before: a break of a bar or two
    metre: int = 4  # beats of a bar
    stops: tuple[int, ...] = ()  # places in ``order`` that are silence
    returns: tuple[int, ...] = ()  # places that come after a rest of a bar or two: to some ears a drop
    cymbals: str = "parts"  # crash at the beginning of parts; ``"none"``; ``"often"``: every four bars


@dataclass(frozen=True)
class Performance:
    """Sound (n,) float32 at ``RATE``, and the truth in seconds; ``key`` as ``features.tonal.key`` counts."""

    sound: NDArray[np.float32]
    sections: tuple[tuple[float, float, str], ...]
    drops: NDArray[np.float64]
    builds: tuple[tuple[float, float], ...]
    beats: NDArray[np.float64]
    bars: NDArray[np.float64]
    kicks: NDArray[np.float64]
    key: int
    returns: NDArray[np.float64]


# sixteenths of a bar: kick, snare, hat, open hat
DRUMS: dict[str, dict[str, tuple[int, ...]]] = {
    "rock": {"kick": (0, 8, 10), "snare": (4, 12), "hat": tuple(range(0, 16, 2))},
    "full": {"kick": (0, 6, 8, 10), "snare": (4, 12), "hat": tuple(range(0, 16, 2)), "open": (2, 6, 10, 14)},
    "house": {"kick": (0, 4, 8, 12), "snare": (4, 12), "hat": tuple(range(16)), "open": (2, 6, 10, 14)},
    "kicks": {"kick": (0, 4, 8, 12), "hat": (2, 6, 10, 14)},
    "hats": {"hat": tuple(range(0, 16, 2))},
    "soft": {"kick": (0, 8), "snare": (4, 12), "hat": tuple(range(0, 16, 4))},
    "half": {"kick": (0, 3), "snare": (8,), "hat": tuple(range(0, 16, 2))},
    "jungle": {"kick": (0, 10), "snare": (4, 7, 9, 12), "hat": tuple(range(0, 16, 2))},
    "waltz": {"kick": (0,), "snare": (4, 8), "hat": (0, 2, 4, 6, 8, 10)},
    "stroll": {"kick": (0, 6), "snare": (8,), "hat": (0, 4, 8)},
    "shaker": {"hat": tuple(range(16))},
    "rim": {"kick": (0, 10), "snare": (8,), "hat": (4, 12)},
    "roll": {},
}
BASS: dict[str, tuple[tuple[int, int], ...]] = {  # (sixteenth, length)
    "eighths": tuple((k, 2) for k in range(0, 16, 2)),
    "long": ((0, 16),),
    "off": ((2, 2), (6, 2), (10, 2), (14, 2)),
    "synco": ((0, 3), (3, 3), (6, 4), (10, 4), (14, 2)),
    "two": ((0, 8), (8, 8)),
}
_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))  # major, natural minor


def perform(form: Form) -> Performance:
    """Plays a song."""
    rng = np.random.default_rng([form.seed, 11])
    beat = 60.0 / form.bpm
    first = float(rng.uniform(0.05, 0.6))
    counts = np.cumsum([0, *(bars for _, bars in form.order)])
    edges = first + counts * form.metre * beat
    end = float(edges[-1]) + 0.8
    n = int(end * RATE)
    music, drums, kicks = np.zeros(n), np.zeros(n), []
    kit = _kit(form.seed)
    for place, (label, bars) in enumerate(form.order):
        part = form.parts[label]
        last = place + 1 == len(form.order)
        for k in range(bars):
            at = float(edges[place]) + k * form.metre * beat
            quiet = form.gap if k == bars - 1 and place + 1 in form.drops else 0.0
            if form.cymbals == "often" and k and k % 4 == 0 and part.drums:
                _mix(drums, kit["crash"], at, 0.25 * part.drum_level)
            kicks += _bar(form, label, k, bars, at, quiet, (music, drums), kit, rng, last)
        if part.drums and part.drum_level > 0.8 and place and form.cymbals != "none":
            _mix(drums, kit["crash"], float(edges[place]), 0.25)
        if part.riser:
            rise = _riser(bars * form.metre * beat - form.gap * beat, form.seed)
            _mix(music, rise, float(edges[place]), part.riser)
    sound = _master(form, music, drums, edges, n, rng)
    spans = [(float(a), float(b)) for a, b in pairwise(edges)]
    spans[0] = (0.0, spans[0][1])
    spans[-1] = (spans[-1][0], end)
    beats = first + np.arange(counts[-1] * form.metre) * beat if form.beats else np.zeros(0)
    sections: list[tuple[float, float, str]] = []
    for place, ((a, b), (label, _)) in enumerate(zip(spans, form.order, strict=True)):
        if place in form.joined:
            begin, _, label = sections.pop()
            a = begin
        sections.append((a, b, label))
    return Performance(
        sound,
        tuple(sections),
        edges[list(form.drops)],
        tuple((spans[k][0], spans[k][1]) for k in form.builds),
        beats,
        beats[:: form.metre],
        np.array(sorted(kicks)),
        form.tonic + 12 * form.minor,
        edges[list(form.returns)],
    )


def _master(
    form: Form, music: Sound, drums: Sound, edges: Sound, n: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    beat = 60.0 / form.bpm
    t = np.arange(n) / RATE
    for k in form.drops:
        gap = (t > edges[k] - form.gap * beat + 0.01) & (t < edges[k] - 0.001)
        music[gap] *= 0.02
    for k in form.stops:
        silent = (t > edges[k] + 0.05) & (t < edges[k + 1] - 0.001)
        music[silent] *= 0.003
        drums[silent] *= 0.003
    for k, (label, _) in enumerate(form.order):
        if form.parts[label].fades:
            a, b = np.searchsorted(t, edges[k : k + 2])
            music[a:b] *= np.linspace(1, 0.15, b - a)
            drums[a:b] *= np.linspace(1, 0.15, b - a)
    sound = (music + drums) * 0.6 * form.drive + 0.0006 * rng.standard_normal(n)
    return (0.9 * np.tanh(sound)).astype(np.float32)


def _bar(
    form: Form,
    label: str,
    k: int,
    bars: int,
    at: float,
    quiet: float,
    buses: tuple[Sound, Sound],
    kit: dict[str, Sound],
    rng: np.random.Generator,
    last: bool,
) -> list[float]:
    """Plays bar ``k`` of a part; gives the kicks."""
    part, beat = form.parts[label], 60.0 / form.bpm
    step, stop = beat / 4, 4 * form.metre - round(4 * quiet)
    music, drums = buses
    kicks = []
    pattern = dict(DRUMS[part.drums]) if part.drums else {}
    if part.drums == "roll":
        share = (k + 1) / bars
        pattern["snare"] = tuple(range(0, 4 * form.metre, 4 if share <= 0.5 else 2 if share <= 0.75 else 1))
    elif part.drums and part.drum_level > 0.5 and k == bars - 1 and not last:  # a fill
        pattern["snare"] = (*pattern.get("snare", ()), *(int(s) for s in rng.choice([10, 11, 13, 14, 15], 3, False)))
    for voice, gain in (("kick", 0.55), ("snare", 0.32), ("hat", 0.09), ("open", 0.1)):
        for s in pattern.get(voice, ()):
            if s >= stop or rng.random() < 0.02:
                continue
            gain_now = gain * part.drum_level * float(rng.uniform(0.8, 1.0))
            if part.drums == "roll":
                gain_now *= 0.4 + 0.6 * (k + s / 16) / bars
            _mix(drums, kit[voice], at + s * step, gain_now)
            if voice == "kick":
                kicks.append(at + s * step)
    degree = part.degrees[k % len(part.degrees)]
    _harmony(form, part, degree, at, step, stop, music, rng)
    if part.lead:
        _melody(form, label, part, k, at, step, stop, music, rng)
    return kicks


def _harmony(
    form: Form, part: Part, degree: int, at: float, step: float, stop: int, music: Sound, rng: np.random.Generator
) -> None:
    colour = form.seed % 4
    if part.bass:
        pitch = 28 + (_note(form, degree) - 28) % 12
        for s, length in BASS[part.bass]:
            if s < stop:
                octave = 12 * (part.bass in ("off", "eighths") and s % 8 == 6)
                tone = _tone(pitch + octave, min(length, stop - s) * step * 0.95, 0.004, 0.6, colour, 0.5)
                _mix(music, tone, at + s * step, 0.28 * part.bass_level * float(rng.uniform(0.9, 1)))
    notes = [48 + (_note(form, degree + k) - 48) % 12 + 12 * (k > 2) for k in (0, 2, 4)]
    if part.chords == "pad":
        for note in notes:
            _mix(music, _tone(note, stop * step, 0.08, 9.0, colour, 0.9), at, 0.07 * part.chord_level)
    elif part.chords in ("stabs", "guitar"):
        for s in (0, 3, 6, 10, 12) if part.chords == "stabs" else range(0, 16, 2):
            if s < stop:
                for note in notes:
                    tone = _tone(note + 12 * (part.chords == "stabs"), 1.8 * step, 0.003, 0.2, (colour + 1) % 4, 1.3)
                    _mix(music, tone, at + s * step, 0.08 * part.chord_level * (1.0 if s % 4 == 0 else 0.7))
    elif part.chords == "arp":
        for i, s in enumerate(range(0, stop, 2)):
            tone = _tone(notes[(0, 1, 2, 1)[i % 4]] + 12, 4 * step, 0.003, 0.35, (colour + 2) % 4, 0.8)
            _mix(music, tone, at + s * step, 0.12 * part.chord_level * float(rng.uniform(0.8, 1)))


def _melody(
    form: Form,
    label: str,
    part: Part,
    k: int,
    at: float,
    step: float,
    stop: int,
    music: Sound,
    rng: np.random.Generator,
) -> None:
    """Four bars made once for each label, repeated with small changes."""
    own = np.random.default_rng([form.seed, sum((part.same_as or label).encode()), k % 4])
    place = int(own.integers(0, 5))
    s = int(own.choice([0, 0, 2]))
    while s < stop:
        length = int(own.choice([2, 2, 3, 4, 6]))
        place = int(np.clip(place + own.integers(-2, 3), -2, 7))
        rest = own.random() < 0.15
        degree = place + (int(rng.integers(-1, 2)) if rng.random() < 0.1 else 0)
        if not rest:
            note = 60 + (form.tonic + 3) % 12 - 3 + 12 * part.high + _scale(form, degree)
            tone = _tone(note, min(length, stop - s) * step * 0.95, 0.01, 0.8, (form.seed // 4) % 4, 1.1)
            _mix(music, tone, at + s * step, 0.11 * part.lead * float(rng.uniform(0.85, 1)))
        s += length


def _scale(form: Form, degree: int) -> int:
    return _SCALES[form.minor][degree % 7] + 12 * (degree // 7)


def _note(form: Form, degree: int) -> int:
    return form.tonic + _scale(form, degree)


@functools.lru_cache(maxsize=4096)
def _tone(note: int, seconds: float, attack: float, decay: float, colour: int, bright: float) -> Sound:
    """A tone of partials; ``colour`` 0 soft, 1 hollow, 2 string, 3 reed."""
    pitch = 440.0 * 2 ** ((note - 69) / 12)
    t = np.arange(max(8, int(seconds * RATE))) / RATE
    slope = (2.2, 1.4, 1.2, 0.9)[colour] / bright
    count = int(min(14, 9000 / pitch))
    body = np.zeros(len(t))
    for h in range(1, count + 1, 2 if colour == 1 else 1):
        body += np.sin(2 * np.pi * pitch * h * t + h) * h**-slope * np.exp(-t * (h - 1) * (2.0 if colour == 2 else 0.2))
    fade = np.clip(np.minimum(t / attack, (t[-1] - t) / 0.02), 0.0, 1.0)
    return np.asarray(body * fade * np.exp(-t / decay))


def _mix(sound: Sound, part: Sound, at: float, gain: float) -> None:
    begin = round(at * RATE)
    if 0 <= begin < len(sound):
        end = min(len(sound), begin + len(part))
        sound[begin:end] += gain * part[: end - begin]


@functools.lru_cache(maxsize=64)
def _kit(seed: int) -> dict[str, Sound]:
    rng = np.random.default_rng([seed, 3])
    t = np.arange(int(0.4 * RATE)) / RATE
    low, drop = float(rng.uniform(42, 60)), float(rng.uniform(60, 160))
    sweep = low * t + drop * 0.03 * (1 - np.exp(-t / 0.03))
    noise = rng.standard_normal(int(1.5 * RATE))
    kick = np.sin(2 * np.pi * sweep) * np.exp(-t / float(rng.uniform(0.07, 0.14)))
    kick += 0.15 * np.diff(noise[: len(t)], prepend=0.0) * np.exp(-t / 0.004)
    snare = 0.7 * noise[: len(t)] * np.exp(-t / float(rng.uniform(0.05, 0.1)))
    snare += 0.5 * np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.05)
    bright = np.diff(noise, prepend=0.0)
    hat, open_hat = bright[: len(t)] * np.exp(-t / 0.025), bright[: len(t)] * np.exp(-t / 0.12)
    long = np.arange(len(noise)) / RATE
    return {"kick": kick, "snare": snare, "hat": hat, "open": open_hat, "crash": bright * np.exp(-long / 0.5)}


def _riser(seconds: float, seed: int) -> Sound:
    """Noise whose band climbs while it swells."""
    n = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng([seed, 5]).standard_normal(n))
    freqs = np.fft.rfftfreq(n, 1 / RATE)
    x = np.linspace(0, 1, n)
    out = np.zeros(n)
    for k in range(6):
        low = 300 * 2.0 ** (0.8 * k)
        band = np.fft.irfft(spectrum * ((freqs > low) & (freqs < 2.5 * low)), n)
        out += band / band.std() * np.exp(-0.5 * ((x - k / 5) / 0.15) ** 2)
    return out * x**1.5


def tuning() -> list[Form]:
    """The half on which thresholds may be chosen."""
    return [_KINDS[kind](seed) for seed, kind in enumerate(_NAMES)]


def form_of(kind: int, seed: int) -> Form:
    """A song of a kind, by its number, with a seed of one's own; the two halves have those below 200."""
    return _KINDS[_NAMES[kind]](seed)


def held_out() -> list[Form]:
    """The half that is looked at only to report."""
    return [_KINDS[kind](100 + seed) for seed, kind in enumerate(_NAMES)]


def _start(kind: str, seed: int) -> tuple[np.random.Generator, str, int]:
    rng = np.random.default_rng([seed, 17])
    return rng, f"{kind}-{seed}", int(rng.integers(12))


_MINORS = ((0, 5, 2, 6), (0, 3, 5, 4), (0, 6, 5, 6), (0, 3, 0, 4), (5, 6, 0, 0), (0, 2, 5, 6))
_MAJORS = ((0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 4, 3), (0, 3, 0, 4), (3, 4, 0, 0), (0, 2, 3, 4))


def _chords(rng: np.random.Generator, minor: bool, count: int) -> list[tuple[int, ...]]:
    """Different progressions, the first of which begins on the tonic."""
    pool = _MINORS if minor else _MAJORS
    order = rng.permutation(len(pool))
    order = np.array(sorted(order, key=lambda k: pool[k][0] != 0 and k == order[0]))
    return [pool[k] for k in order[:count]]


def _pop(seed: int, plain: bool = False) -> Form:
    """Intro, verses, choruses, bridge, outro; ``plain``: the bridge keeps its drums, so that nothing drops."""
    rng, name, tonic = _start("plain" if plain else "pop", seed)
    minor = bool(rng.integers(2))
    a, b, c = _chords(rng, minor, 3)
    verse, chorus = int(rng.choice([8, 12, 16])), int(rng.choice([8, 8, 10]))
    parts = {
        "intro": Part("hats", "", "arp", a),
        "verse": Part("rock", "two", "pad", a, 0.8, 0, 0.8),
        "chorus": Part("full", "eighths", str(rng.choice(["stabs", "guitar"])), b, 1.0, 1, 1.0, 1.0, 1.2),
        "bridge": Part("half" if plain else "", "long" if plain else "", "pad", c, 0.5, 0, 0.8, 0.7),
        "outro": Part("", "", "arp", a, 0, fades=True),
    }
    order = (
        ("intro", 4),
        ("verse", verse),
        ("chorus", chorus),
        ("verse", verse),
        ("chorus", chorus),
        ("bridge", 8),
        ("chorus", chorus),
        ("outro", 4),
    )
    bpm = float(rng.uniform(100, 140))
    return Form(name, bpm, tonic, minor, parts, order, seed, drops=() if plain else (6,))


def _edm(seed: int, gap: float = 0.0, riser: float = 0.06) -> Form:
    rng, name, tonic = _start("edm" if riser else "break", seed)
    a, b = _chords(rng, True, 2)
    size = int(rng.choice([8, 16]))
    parts = {
        "intro": Part("kicks", "", "", a, 0, 0, 0.8),
        "build": Part("roll", "", "arp", a, 0, 0, 1.0, 0, 1.0, riser),
        "drop": Part("house", str(rng.choice(["off", "eighths", "synco"])), "stabs", a, 0.9, 1, 1.0, 1.1, 1.2),
        "break": Part("", "", "pad", b, 0.5),
        "outro": Part("kicks", "off", "", a, 0, 0, 0.8, fades=True),
    }
    build = [("build", int(rng.choice([4, 8])))] if riser else []
    order = (("intro", 8), *build, ("drop", size), ("break", 8), *build, ("drop", size), ("outro", 8))
    drops = tuple(k for k, (label, _) in enumerate(order) if label == "drop" and (riser or k > 1))
    builds = tuple(k for k, (label, _) in enumerate(order) if label == "build")
    bpm = float(rng.uniform(120, 174))
    return Form(name, bpm, tonic, True, parts, order, seed, gap, drops, builds, drive=1.6)


def _ballad(seed: int) -> Form:
    rng, name, tonic = _start("ballad", seed)
    minor = bool(rng.integers(2))
    a, b = _chords(rng, minor, 2)
    parts = {
        "verse": Part("", "long", "arp", a, 0.9, 0, 0, 0.8),
        "chorus": Part("soft", "two", "pad", b, 1.0, 0, 0.6, 1.0, 1.2),
        "outro": Part("", "long", "arp", a, 0, bass_level=0.6, fades=True),
    }
    order = (("verse", 8), ("chorus", 8), ("verse", 8), ("chorus", 8), ("outro", 4))
    return Form(name, float(rng.uniform(80, 96)), tonic, minor, parts, order, seed)


def _rock(seed: int, odd: bool = False) -> Form:
    """The band plays on: parts differ by chords, melody and the way the guitars are played."""
    rng, name, tonic = _start("odd" if odd else "rock", seed)
    minor = bool(rng.integers(2))
    a, b, c = _chords(rng, minor, 3)
    parts = {
        "verse": Part("rock", "eighths", "guitar", a, 0.8, 0, 0.9, 1.0, 0.7),
        "chorus": Part("full", "eighths", "pad", b, 1.1, 1, 1.0, 1.0, 1.5),
        "solo": Part("rock", "synco", "guitar", c, 1.4, 2, 1.0, 1.0, 0.9),
    }
    verse, chorus, solo = (9, 6, 10) if odd else (8, 8, 8)
    order = (
        ("verse", verse),
        ("chorus", chorus),
        ("verse", verse),
        ("chorus", chorus),
        ("solo", solo),
        ("chorus", chorus),
    )
    return Form(name, float(rng.uniform(110, 160)), tonic, minor, parts, order, seed, drive=1.8)


def _jungle(seed: int) -> Form:
    rng, name, tonic = _start("jungle", seed)
    a, b = _chords(rng, True, 2)
    parts = {
        "intro": Part("hats", "", "pad", a, 0, 0, 0.7),
        "drop": Part("jungle", "synco", "pad", a, 0.6, 1, 1.0, 1.2, 0.7),
        "break": Part("", "", "arp", b, 0.7),
        "outro": Part("hats", "long", "pad", a, 0, 0, 0.7, fades=True),
    }
    order = (("intro", 16), ("drop", 16), ("break", 16), ("drop", 32), ("outro", 8))
    return Form(name, float(rng.uniform(165, 174)), tonic, True, parts, order, seed, float(rng.choice([0, 1])), (3,))


def _through(seed: int) -> Form:
    rng, name, tonic = _start("through", seed)
    minor = bool(rng.integers(2))
    chords = _chords(rng, minor, 5)
    parts = {
        "a": Part("soft", "two", "arp", chords[0], 0.8),
        "b": Part("rock", "eighths", "stabs", chords[1], 0.8, 1),
        "c": Part("half", "long", "pad", chords[2], 1.0),
        "d": Part("full", "synco", "guitar", chords[3], 0.9, 1),
        "e": Part("hats", "two", "pad", chords[4], 1.0, 2),
    }
    order = tuple((label, int(rng.choice([4, 8, 12]))) for label in parts)
    return Form(name, float(rng.uniform(90, 130)), tonic, minor, parts, order, seed)


def _riff(seed: int) -> Form:
    rng, name, tonic = _start("riff", seed)
    (a,) = _chords(rng, True, 1)
    part = Part(str(rng.choice(["rock", "house"])), "eighths", "guitar", a, 0.5)
    bpm = float(rng.uniform(100, 130))
    return Form(name, bpm, tonic, True, {"riff": part}, (("riff", round(bpm / 2)),), seed)


def _ambient(seed: int) -> Form:
    rng, name, tonic = _start("ambient", seed)
    a, b = _chords(rng, False, 2)
    parts = {
        "a": Part("", "long", "pad", a, 0, bass_level=0.6),
        "b": Part("", "", "pad", b, 0, chord_level=0.6),
    }
    order = (("a", 4), ("b", 4), ("a", 4), ("b", 4))
    return Form(name, 40.0, tonic, False, parts, order, seed, beats=False)


_CYMBALS = ("parts", "none", "often")


def _breaks(rng: np.random.Generator, sizes: list[int], labels: list[str]) -> dict[str, Any]:
    """Order and joined places of parts, with a break of a bar or two at the end of each but the last."""
    order, joined, stops = [], [], []
    for k, (size, label) in enumerate(zip(sizes, labels, strict=True)):
        gap = int(rng.integers(1, 3)) if k + 1 < len(sizes) else 0
        order.append((label, size - gap))
        if gap:
            joined.append(len(order))
            if rng.random() < 0.3:
                stops.append(len(order))
            order.append((str(rng.choice(["pause", "hold"])), gap))
    returns = tuple(k + 1 for k in joined)
    return {"order": tuple(order), "joined": tuple(joined), "stops": tuple(stops), "returns": returns}


_LOOP_BREAKS: dict[str, dict[str, Any]] = {
    "pause": {"drums": "", "bass": "", "lead": 0.0},
    "hold": {"drums": "hats", "bass": "", "drum_level": 0.6},
}


def _changes(drums: str, chords: str) -> list[dict[str, Any]]:
    """What may be different in another part over the same loop."""
    return [
        {"lead": 1.1, "high": 1},
        {"chord_level": 1.7, "drum_level": 1.2},
        {"drums": "full" if drums != "full" else "rock", "lead": 0.9},
        {"lead": 0.0, "chord_level": 0.6},
        {"chords": "pad" if chords != "pad" else "stabs"},
        {"bass": "", "drum_level": 0.8},
    ]


def _short(seed: int) -> Form:
    """Under a minute: parts of four or eight bars that differ in little, some by their chords."""
    rng, name, tonic = _start("short", seed)
    minor = bool(rng.integers(2))
    progressions = _chords(rng, minor, 4)
    drums, chords = (
        str(rng.choice(["rock", "house", "half", "soft", "full"])),
        str(rng.choice(["pad", "arp", "guitar"])),
    )
    base = Part(drums, str(rng.choice(["eighths", "long", "synco", "two"])), chords, progressions[0], 0.7)
    changes = _changes(drums, chords)
    parts = {"a": base}
    for label, k, degrees in zip("bcd", rng.permutation(len(changes)), progressions[1:], strict=False):
        own = {"degrees": degrees} if rng.random() < 0.6 else {"same_as": "a"}
        parts[label] = replace(base, **(changes[k] | own))
    order: list[tuple[str, int]] = []
    while len(order) < 6:
        label = str(rng.choice(list(parts)))
        if not order or order[-1][0] != label:
            order.append((label, int(rng.choice([4, 4, 8]))))
    bpm = float(rng.uniform(90, 160))
    return Form(name, bpm, tonic, minor, parts, tuple(order), seed, cymbals=_CYMBALS[seed % 3])


def _loop(seed: int, varied: bool = True) -> Form:
    """Seventy seconds of one loop; a break of a bar or two ends each part. ``varied``: parts differ in what plays."""
    rng, name, tonic = _start("loop" if varied else "again", seed)
    minor = bool(rng.integers(2))
    (a,) = _chords(rng, minor, 1)
    if rng.random() < 0.3:
        a = a[: int(rng.integers(1, 4))]
    bpm = float(rng.uniform(84, 132))
    count = round(72 * bpm / 240)
    cuts = [round(count * x) for x in (float(rng.uniform(0.26, 0.36)), float(rng.uniform(0.6, 0.68)))]
    sizes = [cuts[0], cuts[1] - cuts[0], count - cuts[1]]
    drums, chords = (
        str(rng.choice(["rock", "house", "half", "soft"])),
        str(rng.choice(["pad", "arp", "guitar", "stabs"])),
    )
    base = Part(drums, str(rng.choice(["eighths", "long", "off", "synco", "two"])), chords, a, 0.6)
    changes = _changes(drums, chords)
    picks = rng.permutation(len(changes))
    parts = {"a": base}
    parts |= {label: replace(base, same_as="a", **changes[k]) for label, k in zip("bc", picks, strict=False)}
    parts |= {label: replace(base, same_as="a", **change) for label, change in _LOOP_BREAKS.items()}
    labels = ["a", "b", str(rng.choice(["a", "c"]))] if varied else ["a"] * 3
    return Form(name, bpm, tonic, minor, parts, seed=seed, **_breaks(rng, sizes, labels), cymbals=_CYMBALS[seed % 3])


def _layers(seed: int) -> Form:
    """Techno: one chord or two; layers come and go."""
    rng, name, tonic = _start("layers", seed)
    a = ((0,), (0, 0, 0, 5), (0, 5))[int(rng.integers(3))]
    parts = {
        "kick": Part("kicks", "", "", a, drum_level=0.9),
        "bass": Part("kicks", "off", "", a),
        "full": Part("house", "off", "stabs", a),
        "peak": Part("house", "off", "stabs", a, 0.9, 1, 1.0, 1.0, 1.3),
        "air": Part("shaker", "", "pad", a, 0, 0, 0.9),
    }
    size = int(rng.choice([8, 16]))
    order = (("kick", 8), ("bass", 8), ("full", size), ("air", 8), ("full", 8), ("peak", size), ("bass", 8))
    return Form(
        name,
        float(rng.uniform(122, 138)),
        tonic,
        True,
        parts,
        order,
        seed,
        drops=(4,),
        drive=1.5,
        cymbals=_CYMBALS[seed % 3],
    )


def _hiphop(seed: int) -> Form:
    """A loop; rap and hook; the drums rest for a bar before each hook."""
    rng, name, tonic = _start("hiphop", seed)
    a, b = _chords(rng, True, 2)
    drums = str(rng.choice(["rock", "rim", "half"]))
    parts = {
        "intro": Part("", "", "pad", a),
        "verse": Part(drums, "long", "pad", a, 0.9, 0),
        "rest": Part("", "", "pad", a, 0.7, same_as="verse"),
        "chorus": Part(drums, "synco", "arp", b if rng.random() < 0.5 else a, 1.2, 1, 1.1, 1.1, 1.4),
        "outro": Part("", "", "pad", a, 0.0, fades=True),
    }
    verse = int(rng.choice([12, 16]))
    rap = (("verse", verse - 1), ("rest", 1), ("chorus", 8))
    order = (("intro", 4), *rap, *rap, ("outro", 4))
    return Form(
        name,
        float(rng.uniform(76, 98)),
        tonic,
        True,
        parts,
        order,
        seed,
        joined=(2, 5),
        returns=(3, 6),
        cymbals=_CYMBALS[seed % 3],
    )


def _piano(seed: int) -> Form:
    """No drums: register, density and chords tell the parts."""
    rng, name, tonic = _start("piano", seed)
    minor = bool(rng.integers(2))
    a, b, c = _chords(rng, minor, 3)
    parts = {
        "verse": Part("", "", "arp", a, 0.8, 0, chord_level=0.9),
        "chorus": Part("", "two", "guitar", b, 1.2, 1, chord_level=1.2),
        "bridge": Part("", "", "pad", c, 0.7, 1, chord_level=0.7),
    }
    order = (("verse", 8), ("chorus", 8), ("verse", 8), ("bridge", 8), ("chorus", 8), ("verse", 4))
    return Form(name, float(rng.uniform(72, 110)), tonic, minor, parts, order, seed)


def _song(seed: int) -> Form:
    """Verse, pre-chorus and chorus, a bridge with the band, an outro."""
    rng, name, tonic = _start("song", seed)
    minor = bool(rng.integers(2))
    a, b, c, d = _chords(rng, minor, 4)
    bass = str(rng.choice(["two", "eighths", "synco"]))
    parts = {
        "intro": Part("soft", bass, "arp", a, 0, 0, 0.6, 0.7, 0.8),
        "verse": Part("rock", bass, "arp", a, 0.9, 0, 0.8, 0.9, 0.8),
        "pre": Part("rim", "long", "pad", b, 0.9, 0, 0.8),
        "chorus": Part("full", "eighths", str(rng.choice(["pad", "guitar"])), c, 1.2, 1, 1.1, 1.1, 1.4),
        "bridge": Part("half", "long", "arp", d, 0.6, 0, 0.7, 0.8, 0.8),
        "outro": Part("soft", bass, "arp", a, 0, 0, 0.6, 0.7, 0.8, fades=True),
    }
    verse = int(rng.choice([8, 16]))
    round_ = (("verse", verse), ("pre", 4), ("chorus", 8))
    order = (("intro", int(rng.choice([4, 8]))), *round_, *round_, ("bridge", 8), ("chorus", 8), ("outro", 6))
    return Form(
        name, float(rng.uniform(92, 138)), tonic, minor, parts, order, seed, drive=1.3, cymbals=_CYMBALS[seed % 3]
    )


def _waltz(seed: int) -> Form:
    """Three beats to a bar."""
    rng, name, tonic = _start("waltz", seed)
    minor = bool(rng.integers(2))
    a, b = _chords(rng, minor, 2)
    parts = {
        "verse": Part("stroll", "long", "arp", a, 0.8, 0, 0.7),
        "chorus": Part("waltz", "two", "guitar", b, 1.1, 1, 1.0, 1.1, 1.3),
    }
    order = (("verse", 16), ("chorus", 16), ("verse", 16), ("chorus", 16))
    return Form(
        name, float(rng.uniform(110, 160)), tonic, minor, parts, order, seed, metre=3, cymbals=_CYMBALS[seed % 3]
    )


def _strip(seed: int) -> Form:
    """A band on one progression; drums or bass leave for some bars, or all stop."""
    rng, name, tonic = _start("strip", seed)
    minor = bool(rng.integers(2))
    (a,) = _chords(rng, minor, 1)
    full = Part("rock", "eighths", str(rng.choice(["guitar", "pad", "arp"])), a, 0.7)
    parts = {"full": full, "drumless": replace(full, drums="", same_as="full"), "bare": Part("", "", "pad", a, 0.7)}
    order = (("full", 8), ("drumless", 8), ("full", 12), ("bare", 4), ("full", 8))
    return Form(
        name, float(rng.uniform(90, 140)), tonic, minor, parts, order, seed, drops=(4,), cymbals=_CYMBALS[seed % 3]
    )


def _stutter(seed: int) -> Form:
    """A loop whose drums and bass rest in every fourth bar: that is its rhythm."""
    rng, name, tonic = _start("stutter", seed)
    minor = bool(rng.integers(2))
    (a,) = _chords(rng, minor, 1)
    part = Part(str(rng.choice(["rock", "house"])), "eighths", "guitar", a, 0.6)
    parts = {"riff": part, "rest": replace(part, drums="", bass="", same_as="riff")}
    order = (("riff", 3), ("rest", 1)) * 10
    joined = tuple(range(1, 20))
    return Form(name, float(rng.uniform(96, 128)), tonic, minor, parts, order, seed, joined=joined, cymbals="none")


def _textures(seed: int) -> Form:
    """Ambient: textures one after the other, without drums or beat."""
    rng, name, tonic = _start("textures", seed)
    chords = _chords(rng, bool(rng.integers(2)), 3)
    parts = {
        "a": Part("", "", "pad", chords[0], 0),
        "b": Part("", "long", "pad", chords[1], 0.7, 1, bass_level=0.8),
        "c": Part("", "", "arp", chords[2], 0, chord_level=0.8),
    }
    order = (("a", 5), ("b", 6), ("c", 5), ("a", 6))
    return Form(name, float(rng.uniform(42, 56)), tonic, True, parts, order, seed, beats=False)


_KINDS = {
    "pop": _pop,
    "plain": lambda seed: _pop(seed, plain=True),
    "edm": _edm,
    "gap": lambda seed: _edm(seed, gap=1.0),
    "break": lambda seed: _edm(seed, riser=0.0),
    "ballad": _ballad,
    "rock": _rock,
    "odd": lambda seed: _rock(seed, odd=True),
    "jungle": _jungle,
    "through": _through,
    "riff": _riff,
    "ambient": _ambient,
    "loop": _loop,
    "again": lambda seed: _loop(seed, varied=False),
    "layers": _layers,
    "hiphop": _hiphop,
    "piano": _piano,
    "song": _song,
    "waltz": _waltz,
    "strip": _strip,
    "textures": _textures,
    "stutter": _stutter,
    "short": _short,
}
_NAMES = (
    *("pop", "pop", "plain", "edm", "edm", "gap", "break"),
    *("ballad", "rock", "odd", "jungle", "through", "riff", "ambient"),
    *("loop", "loop", "loop", "loop", "again", "again", "layers", "layers", "hiphop", "hiphop"),
    *("piano", "piano", "song", "song", "waltz", "strip", "strip", "textures"),
    *("stutter", "ambient", "through", "odd", "loop", "loop", "again", "waltz", "layers"),
    *("edm", "edm", "edm", "gap", "pop", "plain", "song"),
    *("short", "short", "short", "short", "short", "short"),
)
