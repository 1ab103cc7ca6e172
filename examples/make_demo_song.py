"""Composes, plays and masters the demo song: numpy for the sound, soundfile for the file.

    python examples/make_demo_song.py [FOLDER]

writes ``demo-song.ogg`` and ``demo-song.json`` (where every beat, hit and section is) into FOLDER, by
default ``media``. Nothing is sampled and nothing is random but the seeded noise, so the same sound comes
out each time. The song is original and in the public domain (CC0 1.0).

A minor, 126 BPM, so that a beat is exactly 21,000 samples: intro (4 bars), verse (4), build (4), drop (6),
and a last chord. A pickup of half a beat comes first: bar 0 begins at 0.238 s.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

Sound = NDArray[np.floating[Any]]  # (n,) mono or (n, 2) stereo

RATE = 44100
BPM = 126
BEAT = RATE * 60 // BPM
BAR, STEP = 4 * BEAT, BEAT // 4
PICKUP = BEAT // 2
SWING = 420  # samples (9.5 ms) by which odd sixteenths are late
BARS = {"intro": 0, "verse": 4, "build": 8, "drop": 12, "outro": 18}  # first bar of each part
N_BARS = 20
N = PICKUP + N_BARS * BAR
GAP = PICKUP + BARS["drop"] * BAR - BEAT  # the beat of near-silence before the drop

# name: (bass note, voicing from low to high), as MIDI notes; inner voices move by a step or stay
CHORDS = {
    "Am9": (33, (52, 57, 60, 64, 71)),
    "Fmaj9": (29, (53, 57, 60, 64, 67)),
    "Cmaj9": (36, (52, 55, 60, 62, 71)),
    "Gadd9": (31, (50, 55, 59, 62, 69)),
}
LOOP = ["Am9", "Fmaj9", "Cmaj9", "Gadd9"]
PROGRESSION = LOOP + LOOP + ["Fmaj9", "Gadd9", "Am9", "Gadd9"] + LOOP + ["Fmaj9", "Gadd9", "Am9", "Am9"]

# (bar of the phrase, step, length in steps, note): two bars of question, two of answer, two to go home
MELODY = [
    (0, 0, 3, 76), (0, 3, 3, 74), (0, 6, 2, 72), (0, 8, 4, 76), (0, 12, 4, 79),
    (1, 0, 3, 81), (1, 3, 3, 79), (1, 6, 2, 76), (1, 8, 5, 72), (1, 14, 2, 74),
    (2, 0, 3, 76), (2, 3, 3, 79), (2, 6, 2, 76), (2, 8, 4, 74), (2, 12, 4, 79),
    (3, 0, 6, 74), (3, 6, 2, 71), (3, 8, 4, 69), (3, 12, 2, 71), (3, 14, 2, 74),
    (4, 0, 3, 76), (4, 3, 3, 81), (4, 6, 2, 79), (4, 8, 4, 76), (4, 12, 4, 84),
    (5, 0, 3, 83), (5, 3, 3, 81), (5, 6, 2, 79), (5, 8, 4, 83), (5, 12, 3, 79),
]  # fmt: skip


def at(bar: float, step: float = 0.0) -> int:
    """The sample of a place in the score; whole odd sixteenths swing."""
    return round(PICKUP + bar * BAR + step * STEP) + (SWING if step % 2 == 1 else 0)


def hertz(note: float) -> float:
    return float(440.0 * 2.0 ** ((note - 69) / 12))


def seconds(length: float) -> Sound:
    """Time axis of a sound of so many seconds."""
    return np.arange(round(length * RATE), dtype=np.float32) / RATE


def noise(length: float, seed: int, channels: int = 0) -> Sound:
    n = round(length * RATE)
    return np.random.default_rng(seed).standard_normal((n, channels) if channels else n, np.float32)


# ---- tools ------------------------------------------------------------------------------------------------


def convolved(x: Sound, response: Sound) -> Sound:
    """x (n,) or (n, 2) through an impulse response (m,) or (m, 2), cut to n; by blocks (overlap-add)."""
    m = len(response)
    size = 1 << (4 * m - 1).bit_length()
    block = size - m + 1
    channels = x.reshape(len(x), -1).T
    n_blocks = -(-len(x) // block)
    blocks = np.pad(channels, ((0, 0), (0, n_blocks * block - len(x))))
    blocks = blocks.reshape(len(channels), n_blocks, block)
    spectrum = np.fft.rfft(response.reshape(m, -1).T, size)
    out = np.empty_like(blocks)
    tail: Sound = np.zeros((len(channels), m - 1), np.float32)
    for k in range(n_blocks):
        y = np.fft.irfft(np.fft.rfft(blocks[:, k], size) * spectrum, size)
        y[:, : m - 1] += tail
        out[:, k], tail = y[:, :block], y[:, block:]
    return out.reshape(len(channels), -1)[:, : len(x)].T.reshape(x.shape)


@cache
def butterworth(low: float | None, high: float | None) -> Sound:
    """Impulse response of a second-order high-pass at ``low`` Hz and low-pass at ``high`` Hz, by analogue
    responses: causal, so nothing rings before its sound."""
    s = 1j * np.fft.rfftfreq(16384, 1 / RATE)
    response = np.ones_like(s)
    if high is not None:
        response /= 1 + np.sqrt(2) * (s / high) + (s / high) ** 2
    if low is not None:
        response *= (s / low) ** 2 / (1 + np.sqrt(2) * (s / low) + (s / low) ** 2)
    return np.fft.irfft(response)[:8192].astype(np.float32)


def filtered(x: Sound, low: float | None = None, high: float | None = None) -> Sound:
    return convolved(x, butterworth(low, high))


def swept(x: Sound, cutoff: Sound, resonance: float = 0.0, floor: float = 0.0) -> Sound:
    """A low-pass whose cutoff (Hz, one value for each sample) moves: 12 dB an octave with a small peak at the
    cutoff, and, for ``floor`` > 0, a high-pass at ``floor`` times the cutoff. By overlapping spectra."""
    size, hop = 2048, 512
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size).astype(np.float32)
    padded = np.pad(x, ((size, size), (0, 0))).T.copy()
    out = np.zeros_like(padded)
    starts = np.arange(0, padded.shape[1] - size, hop)
    f = np.fft.rfftfreq(size, 1 / RATE).astype(np.float32)
    views = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)
    for some in np.split(starts, range(64, len(starts), 64)):
        ratio = f / cutoff[np.clip(some - size // 2, 0, len(cutoff) - 1)][:, None]
        gain = (1 + resonance * np.exp(-((np.log2(ratio + 1e-6) * 2.5) ** 2))) / np.sqrt(1 + ratio**4)
        if floor:
            gain *= ratio**2 / np.sqrt(floor**4 + ratio**4)
        frames = np.fft.irfft(np.fft.rfft(views[:, some] * window) * gain) * (window * (2 * hop / size))
        for k in range(size // hop):  # frames size/hop apart don't overlap: one run for each quarter
            run = frames[:, k :: size // hop].reshape(2, -1)
            out[:, some[0] + k * hop :][:, : run.shape[1]] += run
    return out[:, size:-size].T


def saw(frequency: float | Sound, n: int, phase: float) -> Sound:
    """A sawtooth with rounded edges (PolyBLEP: Välimäki & Huovilainen, 2007), which keeps aliases down."""
    step = np.asarray(frequency, np.float64) / RATE
    turns = step * np.arange(1, n + 1) if step.ndim == 0 else np.cumsum(step)
    t = ((phase + turns) % 1.0).astype(np.float32)
    out = 2 * t - 1
    steps = np.broadcast_to(step.astype(np.float32), (n,))
    after = np.flatnonzero(t < steps)
    u = t[after] / steps[after]
    out[after] -= 2 * u - u**2 - 1
    before = np.flatnonzero(t > 1 - steps)
    u = (t[before] - 1) / steps[before]
    out[before] -= u**2 + 2 * u + 1
    return out


def envelope(n: int, attack: float, release: float) -> Sound:
    """Raised-cosine rise and fall (seconds) around a plateau: no clicks at either end."""
    up, down = max(2, round(attack * RATE)), max(2, round(release * RATE))
    ramp_up = 0.5 - 0.5 * np.cos(np.pi * np.minimum(1, np.arange(n) / up))
    ramp_down = 0.5 - 0.5 * np.cos(np.pi * np.minimum(1, np.arange(n)[::-1] / down))
    return (ramp_up * ramp_down).astype(np.float32)


def curve(*points: tuple[float, float]) -> Sound:
    """A curve over the song through (bar, value) points, straight in the logarithm of the value."""
    bars, values = np.array(points).T
    return np.asarray(np.exp(np.interp((np.arange(N) - PICKUP) / BAR, bars, np.log(values))).astype(np.float32))


def bus() -> Sound:
    return np.zeros((N, 2), np.float32)


def play(into: Sound, start: int, sound: Sound, gain: float = 1.0, pan: float = 0.0) -> None:
    """Adds a sound at a sample; ``pan`` from −1 (left) to 1 with equal power."""
    sound = sound[: max(0, len(into) - start)]
    angle = (pan + 1) * np.pi / 4
    sides = np.array([np.cos(angle), np.sin(angle)], np.float32) * np.float32(gain * np.sqrt(2))
    into[start : start + len(sound)] += (sound[:, None] if sound.ndim == 1 else sound) * sides


def decibels(x: float) -> float:
    return float(10 ** (x / 20))


# ---- instruments ------------------------------------------------------------------------------------------


@cache
def kick() -> Sound:
    """A sine that falls from 1 kHz to 49 Hz; the fast part of the fall is the beater."""
    t = seconds(0.42)
    pitch = 49 + 165 * np.exp(-t / 0.026) + 800 * np.exp(-t / 0.0035)
    body = np.sin(2 * np.pi * np.cumsum(pitch / RATE)) * np.exp(-t / 0.15)
    click = filtered(noise(0.42, 1), 1800, 9000) * np.exp(-t / 0.004) * 0.25
    return np.asarray((np.tanh(1.8 * body) / 1.0 + click) * envelope(len(t), 0.0005, 0.08))


@cache
def snare() -> Sound:
    t = seconds(0.34)
    body = np.sin(2 * np.pi * np.cumsum((178 + 90 * np.exp(-t / 0.012)) / RATE)) * np.exp(-t / 0.065)
    ring = np.sin(2 * np.pi * 331 * t) * np.exp(-t / 0.04) * 0.4
    wires = filtered(noise(0.34, 2), 1100, 9500) * (0.75 * np.exp(-t / 0.085) + 0.6 * np.exp(-t / 0.012))
    return np.asarray(np.tanh(1.3 * (body * 0.75 + ring + wires * 0.75)) * envelope(len(t), 0.0005, 0.1))


@cache
def clap() -> Sound:
    """Three hands, 9 ms apart, then the room."""
    t = seconds(0.25)
    hands = sum(np.where(t >= d, np.exp(-(t - d) / 0.005), 0) for d in (0.0, 0.009, 0.018))
    tail = np.where(t >= 0.026, np.exp(-(t - 0.026) / 0.06), 0)
    sound = filtered(noise(0.25, 3, 2), 900, 7000)
    return sound * (0.6 * hands + 0.8 * tail)[:, None] * envelope(len(t), 0.0005, 0.08)[:, None]


@cache
def hat(decay: float, seed: int) -> Sound:
    """Six inharmonic squares and noise, high-passed: a cymbal."""
    length = min(0.5, 8 * decay)
    t = seconds(length)
    metal = sum(np.sign(np.sin(2 * np.pi * f * t)) for f in (3205, 4127, 5311, 6043, 7219, 8363))
    sound = filtered(0.16 * metal + 0.8 * noise(length, seed), 7600, 15000)
    return np.asarray((sound * np.exp(-t / decay) * envelope(len(t), 0.0006, length / 3)).astype(np.float32))


@cache
def crash() -> Sound:
    t = seconds(3.0)[:, None]
    sound = filtered(noise(3.0, 5, 2), 3200, 13000)
    decay = 0.5 * np.exp(-t / 0.75) + 0.4 * np.exp(-t / 0.05)
    return np.asarray(sound * decay * envelope(len(t), 0.001, 1.0)[:, None])


@cache
def boom() -> Sound:
    """The floor giving way: a sine from 90 to 35 Hz."""
    t = seconds(1.6)
    sine = np.sin(2 * np.pi * np.cumsum((35 + 55 * np.exp(-t / 0.18)) / RATE))
    return np.asarray((sine * np.exp(-t / 0.5) * envelope(len(t), 0.004, 0.5)).astype(np.float32))


@cache
def pluck(note: int, bright: int) -> Sound:
    """A string: partials, slightly stretched, of which the higher die sooner. ``bright`` 0 … 9."""
    t = seconds(0.9)
    out = np.zeros_like(t)
    for k in range(1, 15):
        f = hertz(note) * k * np.sqrt(1 + 0.0002 * k * k)
        if f < 14000:
            level = k**-1.1 * np.exp(-(k - 1) * (0.26 - 0.026 * bright))
            out += level * np.exp(-t * (2.8 + 1.1 * k)) * np.sin(2 * np.pi * f * t)
    return out * envelope(len(t), 0.002, 0.25) * 0.6


@cache
def bass(note: int, steps: int, drive: float) -> Sound:
    """Round: a sine with two harmonics that fade, saturated softly."""
    n = steps * STEP
    t = np.arange(n, dtype=np.float32) / RATE
    w = 2 * np.pi * hertz(note) * t
    tone = np.sin(w) + (0.30 + 0.35 * np.exp(-t / 0.12)) * np.sin(2 * w)
    tone += 0.28 * np.exp(-t / 0.09) * np.sin(3 * w)
    return np.tanh(drive * tone) / np.float32(np.tanh(drive)) * envelope(n, 0.006, 0.035)


@cache
def lead(note: int, steps: int) -> Sound:
    """Five saws a few cents apart, spread over the stereo field, softened towards the end of the note."""
    n = steps * STEP + round(0.10 * RATE)
    t = np.arange(n, dtype=np.float32) / RATE
    vibrato = 1 + 0.0035 * np.sin(2 * np.pi * 5.4 * t) * np.clip((t - 0.18) / 0.2, 0, 1)
    out = np.zeros((n, 2), np.float32)
    for voice, cents in enumerate((-11, -5, 0, 6, 12)):
        sound = saw(hertz(note + cents / 100) * vibrato, n, voice * 0.37 % 1)
        side = np.cos(np.pi / 4 * (1 + np.array([1, -1]) * (-0.8, 0.6, 0.0, -0.6, 0.8)[voice]))
        out += sound[:, None] * side
    cutoff = 1800 + 4500 * np.exp(-t / 0.18) + hertz(note)
    return swept(out * 0.28, cutoff, 0.3) * envelope(n, 0.006, 0.09)[:, None]


def pads() -> Sound:
    """The chords: three detuned saws for each voice and side, an octave above joins them in the drop."""
    out = bus()
    rng = np.random.default_rng(10)
    top = curve((-1, 1e-3), (BARS["drop"] - 0.01, 1e-3), (BARS["drop"], 0.45), (18, 0.30), (20, 0.15))
    for bar, name in enumerate(PROGRESSION[:-1]):  # the last chord is held for two bars
        last = bar == BARS["outro"]
        start = 0 if bar == 0 else at(bar)
        length = N - start if last else at(bar + 1) - start + round(0.30 * RATE)
        attack = 0.35 if bar == 0 else 0.015 if bar >= BARS["drop"] else 0.12
        shape = envelope(length, attack, 2.6 if last else 0.30)[:, None]
        for note in CHORDS[name][1]:
            sound = np.zeros((length, 2), np.float32)
            for cents in (-9, 2, 8):
                for side in (0, 1):
                    f = hertz(note + (cents + rng.uniform(-3, 3)) / 100)
                    sound[:, side] += saw(f, length, rng.uniform())
                    if bar >= BARS["drop"]:
                        sound[:, side] += saw(2 * f, length, rng.uniform()) * top[start : start + length]
            play(out, start, sound * shape, 0.06)
    opening = [(-1, 600), (2, 1000), (4, 1500), (4.01, 1100), (8, 900), (11.7, 7500)]
    cutoff = curve(*opening, (12, 7500), (18, 5500), (18.6, 1800), (20, 400))
    return filtered(swept(out, cutoff, 0.5), 130)


# ---- the band ---------------------------------------------------------------------------------------------


def drums(truth: dict[str, list[int]]) -> dict[str, Sound]:
    """Plays kick, snare, hats and cymbals, and notes down when."""
    rng = np.random.default_rng(20)
    stems = {name: bus() for name in ("kick", "snare", "hat", "cymbal")}

    def hit(kind: str, bar: int, step: float, velocity: float) -> None:
        start = at(bar, step)
        if kind == "kick":
            play(stems["kick"], start, kick(), velocity)
        elif kind == "snare":
            play(stems["snare"], start, snare(), velocity)
        else:
            sound = hat(0.14 if kind == "open" else 0.028, 30 + rng.integers(4))
            play(stems["hat"], start, sound, velocity * rng.uniform(0.9, 1.1), 0.25)
        truth["hat" if kind == "open" else kind].append(start)

    accents = (1.0, 0.35, 0.65, 0.42)
    for bar in (2, 3):  # the intro's second half: a far-off pulse
        for step in range(0, 16, 2):
            hit("hat", bar, step, 0.16 * accents[step % 4] * (bar - 1))
    for bar in range(BARS["verse"], BARS["build"]):
        for step in (0, 10) if bar % 2 == 0 else (0, 6, 10):
            hit("kick", bar, step, 0.92 if step == 0 else 0.8)
        for step in (4, 12):
            hit("snare", bar, step, 0.85)
        for step in range(0, 16, 2 if bar < 6 else 1):
            hit("hat", bar, step, accents[step % 4] * 0.7)
    for step, velocity in ((13, 0.35), (14, 0.55), (15, 0.65)):
        hit("snare", 7, step, velocity)

    rolls = {8: np.arange(0, 16, 4), 9: np.arange(0, 16, 2), 10: np.arange(16), 11: np.r_[0:8, 8:12:0.5]}
    for bar, steps in rolls.items():
        for step in steps:
            progress = (bar - 8 + step / 16) / 3.75
            start = round(PICKUP + bar * BAR + step * STEP)  # a roll does not swing
            play(stems["snare"], start, snare(), (0.22 + 0.55 * progress) * (1 if step % 4 == 0 else 0.8))
            truth["snare"].append(start)
    for bar in (8, 9):
        for step in (0, 4, 8, 12):
            hit("kick", bar, step, 0.8 - 0.1 * (bar - 8))
            hit("hat", bar, step + 2, 0.5)

    for bar in range(BARS["drop"], BARS["outro"]):
        for step in (0, 4, 8, 12):
            hit("kick", bar, step, 1.0)
        for step in (4, 12):
            hit("snare", bar, step, 0.95)
            play(stems["snare"], at(bar, step), clap(), 0.5)
        for step in range(16):
            if step % 4 == 2:
                hit("open", bar, step, 0.75)
            else:
                hit("hat", bar, step, accents[step % 4] * 0.7)
    for step, velocity in ((7, 0.3), (11, 0.35), (13, 0.5), (14, 0.65), (15, 0.75)):
        hit("snare", 17, step, velocity)
    hit("kick", BARS["outro"], 0, 1.0)
    for part, gain in (("verse", 0.55), ("drop", 1.0), ("outro", 0.8)):
        play(stems["cymbal"], at(BARS[part]), crash(), gain)
    play(stems["cymbal"], at(16), crash(), 0.5)
    return stems


def bass_line() -> Sound:
    out = bus()
    for bar in range(BARS["verse"]):  # only the root, soft, an octave up
        play(out, at(bar), bass(CHORDS[PROGRESSION[bar]][0] + 12, 16, 0.5), 0.35)
    for bar in range(BARS["verse"], BARS["outro"]):
        root = CHORDS[PROGRESSION[bar]][0]
        if bar < BARS["build"]:
            notes = [(0, 5, root), (6, 3, root), (10, 4, root), (14, 2, root + 12)]
        elif bar < BARS["build"] + 2:
            notes = [(step, 2, root) for step in range(0, 16, 2)]
        elif bar < BARS["drop"]:
            notes = []  # the floor is taken away before the drop
        else:  # eighths that jump an octave between the kicks
            notes = [(step, 2, root + 12 * (step in (2, 10))) for step in range(0, 14, 2)]
            notes += [(14, 1, root), (15, 1, root + 12)]
        for step, steps, note in notes:
            play(out, at(bar, step), bass(note, steps, 1.2 if bar < BARS["drop"] else 1.8), 0.9)
    play(out, at(BARS["outro"]), bass(33, 24, 1.2) * envelope(24 * STEP, 0.006, 2.0), 0.8)
    return out


def arpeggio() -> Sound:
    """Broken chords; sparse in the intro, running sixteenths afterwards, opening up in the build."""
    out = bus()
    rng = np.random.default_rng(40)
    play(out, 0, pluck(76, 3), 0.5, 0.3)
    play(out, STEP, pluck(79, 3), 0.45, -0.3)
    for bar in range(BARS["outro"]):
        voices = [note + 12 for note in CHORDS[PROGRESSION[bar]][1]]
        order = (0, 2, 4, 3, 1, 3, 4, 2)
        intro, build = bar < BARS["verse"], BARS["build"] <= bar < BARS["drop"]
        for i, step in enumerate(range(0, 16, 2 if intro else 1)):
            if not intro and not build and step % 16 in (5, 13):
                continue  # it breathes
            if build and bar == 11 and step >= 12:
                break
            note = voices[order[i % 8]] + (12 if build and bar >= 10 and i % 2 else 0)
            bright = 3 if intro else 4 if bar < 8 else min(9, 3 + 2 * (bar - 8)) if build else 7
            level = (0.85 if step % 4 == 0 else 0.6) * rng.uniform(0.85, 1.1)
            play(out, at(bar, step), pluck(note, bright), level, 0.55 * np.sin(2.4 * i + bar))
    for i, note in enumerate((57, 64, 69, 71, 76, 81)):
        play(out, at(BARS["outro"], i), pluck(note, 5), 0.8 - 0.07 * i, 0.5 * (-1) ** i)
    return out


def melody() -> tuple[Sound, Sound]:
    """The tune: as a soft bell in the intro's second half and the verse, as the lead in the drop."""
    bells, leads = bus(), bus()
    for bar, step, _, note in MELODY[:20]:
        if bar >= 2 and step in (0, 6, 8):
            play(bells, at(bar, step), pluck(note, 6), 0.55, 0.1)
        play(bells, at(BARS["verse"] + bar, step), pluck(note, 8), 0.9, -0.1)
    for bar, step, steps, note in MELODY:
        play(leads, at(BARS["drop"] + bar, step), lead(note, steps))
        play(bells, at(BARS["drop"] + bar, step), pluck(note + 12, 5), 0.5)
    last = lead(81, 10)
    play(leads, at(BARS["outro"]), last * envelope(len(last), 0.006, 1.0)[:, None])
    return bells, leads


def riser() -> Sound:
    """Air and a glide that rise through the build; it stops dead at the gap."""
    start, stop = at(BARS["build"]), GAP
    n = stop - start
    x = np.linspace(0, 1, n, dtype=np.float32)
    air = swept(noise(n / RATE, 50, 2)[:n], 500 * 20**x, 0.8, floor=0.5)
    glide = np.stack([saw(hertz(57 + 0.1 * side) * 4**x, n, 0.3 * side) for side in (0, 1)], 1)
    trill = 0.6 + 0.4 * np.sin(2 * np.pi * np.cumsum((4 + 12 * x) * BPM / 240 / RATE))
    sound = air * (0.9 * x**1.8)[:, None] + swept(glide, 300 * 12**x, 0.3) * (0.35 * x**2 * trill)[:, None]
    out = bus()
    play(out, start, sound * envelope(n, 0.2, 0.03)[:, None])
    return out


# ---- mix and master ---------------------------------------------------------------------------------------


def ducking(kicks: list[int], depth: float, hold: float = 0.30) -> Sound:
    """Gain that dives at each kick and swells back over ``hold`` seconds: the pump. (N, 1)."""
    t = np.arange(round(hold * RATE)) / RATE
    dip = depth * np.minimum(t / 0.004, 1) * (0.5 + 0.5 * np.cos(np.pi * t / hold)) ** 0.8
    gain = np.zeros(N, np.float32)
    for start in kicks:
        part = gain[start : start + len(dip)]
        np.maximum(part, dip[: len(part)], out=part)
    return 1 - gain[:, None]


def delayed(x: Sound, time: int, feedback: float, taps: int) -> Sound:
    """Ping-pong echoes, each darker than the one before."""
    out = np.zeros_like(x)
    echo = x
    for k in range(1, taps + 1):
        echo = filtered(echo[:, ::-1] * np.float32(feedback), 250, 5200)
        out[k * time :] += echo[: len(x) - k * time]
    return out


def reverberated(x: Sound, decay: float) -> Sound:
    """A hall: noise in three bands, each with its own decay, after 18 ms. ``decay`` is RT60 in seconds."""
    t = seconds(decay * 1.2)[:, None]
    response = np.zeros((len(t), 2), np.float32)
    for k, (low, high, speed) in enumerate(((180, 900, 1.0), (900, 3500, 0.85), (3500, 9000, 0.55))):
        response += filtered(noise(decay * 1.2, 60 + k, 2), low, high) * np.exp(-6.9 * t / (decay * speed))
    response *= envelope(len(t), 0.012, decay / 3)[:, None]
    response = np.pad(response / np.sqrt((response**2).sum(0)), ((round(0.018 * RATE), 0), (0, 0)))
    return convolved(x, response)


def followed(level: NDArray[np.float64], rise: float, fall: float) -> NDArray[np.float64]:
    """One-pole follower over blocks: coefficients per block for rising and falling."""
    out, y = np.empty_like(level), float(level[0])
    for i, v in enumerate(level):
        y += (v - y) * (rise if v > y else fall)
        out[i] = y
    return out


def spread(gain: NDArray[np.float64], block: int, n: int) -> Sound:
    """Gains of blocks as gains of samples, (n, 1)."""
    return np.interp(np.arange(n), (np.arange(len(gain)) + 0.5) * block, gain).astype(np.float32)[:, None]


def compressed(x: Sound, threshold_db: float, ratio: float) -> Sound:
    """Bus glue: RMS over 3 ms blocks, attack 12 ms, release 160 ms, soft by nature of the ratio."""
    block = 128
    m = len(x) // block
    power = (x[: m * block] ** 2).reshape(m, -1).mean(1).astype(np.float64)
    dt = block / RATE
    level = 10 * np.log10(followed(power, 1 - np.exp(-dt / 0.012), 1 - np.exp(-dt / 0.160)) + 1e-12)
    over = np.logaddexp(0, (level - threshold_db) / 3) * 3  # a knee of some 6 dB
    gain = 10 ** (-over * (1 - 1 / ratio) / 20)
    return x * spread(gain, block, len(x))


def limited(x: Sound, ceiling: float) -> Sound:
    """Look-ahead limiter: gain reduction comes 3 ms early, goes in 80 ms; no sample passes the ceiling."""
    block, ahead = 32, 4
    m = -(-len(x) // block)
    peak = np.abs(np.pad(x, ((0, m * block - len(x)), (0, 0)))).max(1).reshape(m, block).max(1)
    need = np.minimum(1, ceiling / np.maximum(peak, 1e-9)).astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(need, ahead, constant_values=1), 2 * ahead + 1)
    held = 1 - followed(1 - windows.min(1), 1.0, 1 - np.exp(-block / RATE / 0.080))
    smooth = np.hanning(2 * ahead + 1)[1:-1] / np.hanning(2 * ahead + 1).sum()
    gain = np.convolve(np.pad(held, ahead - 1, mode="edge"), smooth, "valid")
    return x * spread(gain, block, len(x))


def loudness(x: Sound) -> float:
    """Integrated loudness in LUFS (ITU-R BS.1770-4: K-weighting, 400 ms blocks, both gates)."""
    w = np.exp(-2j * np.pi * np.fft.rfftfreq(16384))
    response = np.ones_like(w)
    for gain_db, q, f0 in ((3.999843854, 0.7071752370, 1681.974451), (None, 0.5003270373, 38.13547088)):
        k = np.tan(np.pi * f0 / RATE)
        norm = 1 + k / q + k * k
        if gain_db is None:
            b: tuple[float, ...] = (1.0, -2.0, 1.0)
        else:
            vh, vb = 10 ** (gain_db / 20), 10 ** (gain_db / 20 * 0.499666774155)
            b = ((vh + vb * k / q + k * k) / norm, 2 * (k * k - vh) / norm, (vh - vb * k / q + k * k) / norm)
        a = (1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm)
        response *= (b[0] + b[1] * w + b[2] * w * w) / (a[0] + a[1] * w + a[2] * w * w)
    weighted = convolved(x, np.fft.irfft(response)[:8192].astype(np.float32))
    energy = np.concatenate([[0.0], np.cumsum((weighted.astype(np.float64) ** 2).sum(1))])
    size = round(0.4 * RATE)
    starts = np.arange(0, len(x) - size, size // 4)
    power = (energy[starts + size] - energy[starts]) / size
    power = power[power > 10 ** ((-70 + 0.691) / 10)]
    power = power[power > power.mean() / 10]
    return float(10 * np.log10(power.mean()) - 0.691)


def mix() -> tuple[Sound, dict[str, list[int]]]:
    """The finished song (N, 2) in [−1, 1], and the samples of kicks, snares and hats."""
    truth: dict[str, list[int]] = {"kick": [], "snare": [], "hat": []}
    stems = drums(truth)
    for hits in truth.values():
        hits.sort()
    bells, leads = melody()
    arp, chords, low, air = arpeggio(), pads(), bass_line(), riser()
    impact = bus()
    play(impact, at(BARS["drop"]), boom(), 0.8)
    play(impact, at(BARS["outro"]), boom(), 0.5)

    arp_level = curve((-1, 1.0), (3.9, 1.0), (4, 0.75), (8, 0.7), (11.7, 1.0), (12, 0.7), (18, 0.9))[:, None]
    pad_level = curve((-1, 0.7), (3.9, 0.85), (4, 0.7), (8, 0.8), (11.7, 0.95), (12, 1.0), (18, 1.0))[:, None]
    pump = ducking(truth["kick"], 0.72)
    chords *= pad_level * pump
    arp *= arp_level * decibels(-7.5)
    bells *= decibels(-8.5)
    leads *= decibels(-6.5)
    air *= decibels(-11)
    low = low * ducking(truth["kick"], 0.6, 0.16) * decibels(-8.5)
    drum_bus = (  # the kick, the bass and the tune in front; hats and cymbals as air
        stems["kick"] * decibels(-4.5)
        + stems["snare"] * decibels(-7.0)
        + stems["hat"] * decibels(-12.0)
        + stems["cymbal"] * decibels(-11.5)
    )
    echoes = delayed(arp + 0.8 * bells, 3 * STEP, 0.5, 5) + delayed(leads, 3 * STEP, 0.4, 4) * 0.6
    send = 0.5 * chords + 0.6 * arp + 0.8 * bells + 0.45 * leads + 0.5 * echoes + 0.3 * air
    send += stems["snare"] * 0.09 + stems["cymbal"] * 0.03 + stems["hat"] * 0.01
    hall = reverberated(send, 2.2) * decibels(-8)
    music = chords + arp + bells + leads + low + air + (0.75 * echoes + hall) * (0.45 + 0.55 * pump)

    gap = np.ones(N, np.float32)
    gap[GAP : GAP + BEAT] = np.maximum(decibels(-34), 1 - np.arange(BEAT) / (0.05 * RATE))
    parts = [(-1, 0.5), (3.9, 0.58), (4, 0.78), (7.9, 0.78), (8, 0.72), (11.7, 1.0), (12, 1.12), (18, 1.0)]
    song = (music + drum_bus) * (gap * curve(*parts))[:, None] + impact * decibels(-7)
    song = filtered(song, 24)
    song *= decibels(-16 - loudness(song))
    song = compressed(song, -17, 2.0)
    fade = np.ones(N, np.float32)
    fade[-BAR:] = 0.5 + 0.5 * np.cos(np.pi * np.linspace(0, 1, BAR))
    fade[:64] *= np.linspace(0, 1, 64)
    for _ in range(3):  # limiting costs some loudness: come near the target in steps
        song = limited(song * decibels(-14 - loudness(song)), decibels(-2.2))
    return song * fade[:, None], truth


def write(folder: Path) -> None:
    song, hits = mix()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "demo-song.ogg"
    with soundfile.SoundFile(path, "w", RATE, 2, "VORBIS", format="OGG", compression_level=0.62) as file:
        file.title, file.artist, file.date = "First Walk", "avwalk", "2026"
        file.license = "CC0 1.0"
        for i in range(0, len(song), 4096):  # libsndfile overflows its stack on long Vorbis writes
            file.write(song[i : i + 4096])

    def times(samples: list[int]) -> list[float]:
        return [round(s / RATE, 6) for s in samples]

    names = list(BARS)
    edges = [0, *(at(BARS[name]) for name in names[1:]), N]
    last = BARS["outro"]
    truth = {
        "title": "First Walk",
        "licence": "CC0 1.0, written by examples/make_demo_song.py",
        "sample_rate": RATE,
        "n_samples": N,
        "duration": round(N / RATE, 6),
        "tempo_bpm": BPM,
        "key": "A minor",
        "beats": times([at(0) + k * BEAT for k in range(4 * last + 1)]),
        "bars": times([at(k) for k in range(last + 1)]),
        "kick": times(hits["kick"]),
        "snare": times(hits["snare"]),
        "hat": times(hits["hat"]),
        "drops": times([at(BARS["drop"])]),
        "builds": [times([at(BARS["build"]), at(BARS["drop"])])],
        "sections": [
            {"start": s, "end": e, "label": name}
            for name, s, e in zip(names, times(edges[:-1]), times(edges[1:]), strict=True)
        ],
    }
    text = json.dumps(truth, indent=1)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    print(f"{path}: {N / RATE:.1f} s, {path.stat().st_size / 1000:.0f} kB, {loudness(song):.1f} LUFS")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "media"))
