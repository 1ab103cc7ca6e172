"""Plays notes: soundfonts through FluidSynth, synthesisers and a drum machine of our own, drum samples, voices."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

from tools.hearing.composer import HAT, KICK, ROLES, SNARE, Note, Piece

RATE = 44100
Sound = NDArray[np.float32]

_CHANNELS = {role: k for k, role in enumerate(ROLES)} | {"drums": 9}


def play_soundfont(
    jobs: Sequence[tuple[Sequence[Note], dict[str, int], int]], soundfont: Path, seconds: float, scratch: Path
) -> list[Sound]:
    """Mono sounds of ``seconds`` each, rendered in one run of FluidSynth.

    Args:
        jobs: notes, General MIDI program by role, drum kit.
        soundfont: ``.sf2`` or ``.sf3``.
        seconds: length.
        scratch: folder for the MIDI file and the sound.
    """
    import mido

    gap, events = seconds + 1.5, []
    for j, (notes, programs, kit) in enumerate(jobs):
        start = j * gap
        events += [(start, -1, _CHANNELS[role], program, 0) for role, program in programs.items()]
        events.append((start, -1, 9, kit, 0))
        for n in notes:
            if n.start < seconds:
                events.append((start + n.start, 1, _CHANNELS[n.role], n.pitch, n.velocity))
                events.append((start + min(n.start + n.length, seconds), 0, _CHANNELS[n.role], n.pitch, 0))
        events += [(start + seconds + 0.2, -2, channel, 0, 0) for channel in range(16)]
    events.sort(key=lambda e: (e[0], e[1]))
    midi, track, last = mido.MidiFile(ticks_per_beat=960), mido.MidiTrack(), 0
    midi.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=500000))
    for time, kind, channel, value, velocity in events:
        tick = max(last, round(time * 1920))
        wait, last = tick - last, tick
        if kind == -1:
            track.append(mido.Message("program_change", channel=channel, program=int(value), time=wait))
        elif kind == -2:
            track.append(mido.Message("control_change", channel=channel, control=120, value=0, time=wait))
        else:
            track.append(
                mido.Message(
                    "note_on" if kind else "note_off", channel=channel, note=value, velocity=velocity, time=wait
                )
            )
    track.append(mido.Message("note_off", channel=0, note=0, time=4000))
    midi.save(scratch / "notes.mid")
    command = [
        "fluidsynth",
        "-niq",
        "-g",
        ".6",
        "-r",
        str(RATE),
        "-R",
        "0",
        "-C",
        "0",
        "-o",
        "synth.cpu-cores=1",
        "-T",
        "wav",
    ]
    subprocess.run(
        [*command, "-F", scratch / "notes.wav", soundfont, scratch / "notes.mid"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    n, out = int(seconds * RATE), []
    with soundfile.SoundFile(scratch / "notes.wav") as file:
        for j in range(len(jobs)):
            file.seek(min(int(j * gap * RATE), file.frames))
            sound = file.read(n, dtype="float32", always_2d=True).mean(axis=1)
            out.append(np.pad(sound, (0, n - len(sound))))
    return out


def _put(out: Sound, at: float, sound: NDArray[np.floating]) -> None:
    i = int(at * RATE)
    if i < len(out):
        part = sound[: len(out) - i]
        out[i : i + len(part)] += part.astype(np.float32)


# drums


def drum_machine(notes: Sequence[Note], seconds: float, rng: np.random.Generator) -> Sound:
    """Sine-sweep kick, noise snare or clap, filtered-noise hats, tuned toms."""
    t, out = np.arange(int(0.6 * RATE)) / RATE, np.zeros(int(seconds * RATE), np.float32)
    low, high, sweep, fall = (
        rng.uniform(38, 62),
        rng.uniform(100, 450),
        rng.uniform(0.008, 0.05),
        rng.uniform(0.06, 0.4),
    )
    kick = np.sin(2 * np.pi * (low * t + (high - low) * sweep * (1 - np.exp(-t / sweep)))) * np.exp(-t / fall)
    kick += rng.uniform(0, 0.5) * np.exp(-t / 0.002) * rng.normal(0, 1, len(t))
    band = butter(2, [rng.uniform(500, 1500), rng.uniform(4000, 10000)], "band", fs=RATE, output="sos")
    tail = np.exp(-t / rng.uniform(0.04, 0.18))
    if rng.random() < 0.3:  # a clap: several hands
        tail = sum(
            np.where(t > d, np.exp(-(t - d) / (0.008 if d < 0.03 else 0.08)), 0) for d in (0, 0.012, 0.023, 0.034)
        )
    snare = sosfilt(band, rng.normal(0, 1, len(t))) * tail * 2
    snare += rng.uniform(0, 1) * np.sin(2 * np.pi * rng.uniform(150, 260) * t) * np.exp(-t / 0.06)
    noise = sosfilt(butter(4, rng.uniform(5000, 9000), "high", fs=RATE, output="sos"), rng.normal(0, 1, len(t)))
    if rng.random() < 0.4:  # metal: six squares
        metal = sum(
            np.sign(np.sin(2 * np.pi * f * t)) for f in np.array([205, 304, 370, 523, 540, 800]) * rng.uniform(8, 13)
        )
        noise = sosfilt(butter(4, 6000, "high", fs=RATE, output="sos"), metal) * 0.5
    closed, levels = rng.uniform(0.012, 0.06), rng.uniform(0.3, 1.0, 3)
    for n in notes:
        if n.pitch in KICK:
            sound = kick * levels[0]
        elif n.pitch in SNARE:
            sound = snare * levels[1] * 0.6
        elif n.pitch in HAT:
            long = 0.5 if n.pitch in (49, 57, 55, 52) else 0.2
            sound = noise * np.exp(-t / (closed if n.pitch in (42, 44, 22) else long)) * levels[2] * 0.5
        else:
            sound = (
                np.sin(2 * np.pi * (60 + 4 * (n.pitch - 35)) * t * (1 + 0.3 * np.exp(-t / 0.03)))
                * np.exp(-t / 0.15)
                * 0.6
            )
        _put(out, n.start, sound * (n.velocity / 127) ** 1.4)
    return out * 0.5


@lru_cache(maxsize=256)
def _sample(path: Path) -> Sound:
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = sound.mean(axis=1)
    if rate != RATE:
        at = np.arange(int(len(mono) * RATE / rate)) * rate / RATE
        mono = np.interp(at, np.arange(len(mono)), mono).astype(np.float32)
    loud = np.abs(mono) > 0.05 * np.abs(mono).max()
    first = max(0, int(np.argmax(loud)) - 40)  # samples begin with silence: the hit belongs at its time
    return np.asarray(mono[first : first + RATE] / max(1e-6, float(np.abs(mono).max())), np.float32)


def drum_samples(notes: Sequence[Note], seconds: float, rng: np.random.Generator, folder: Path) -> Sound:
    """Recorded and electronic single hits (the samples of Sonic Pi that are in the public domain, CC0)."""
    names = sorted(p.stem for p in folder.glob("*.flac"))

    def one(*starts: str) -> Sound:
        fitting = [n for n in names if n.startswith(starts)]
        sound = _sample(folder / f"{fitting[int(rng.integers(len(fitting)))]}.flac")
        ratio = float(np.exp(rng.uniform(-0.2, 0.2)))
        return np.interp(np.arange(int(len(sound) / ratio)) * ratio, np.arange(len(sound)), sound).astype(np.float32)

    kick, snare = (
        one("bd_", "drum_heavy_kick", "drum_bass", "elec_soft_kick"),
        one("sn_", "drum_snare", "elec_snare", "elec_hi_snare", "elec_lo_snare", "perc_snap"),
    )
    hats = {
        42: one("drum_cymbal_closed", "elec_tick", "elec_blip"),
        46: one("drum_cymbal_open", "drum_cymbal_pedal"),
        49: one("drum_splash", "drum_cymbal_hard", "elec_cymbal"),
    }
    tom, levels, out = (
        one("drum_tom", "tabla_", "elec_fuzz"),
        rng.uniform(0.3, 1.0, 4),
        np.zeros(int(seconds * RATE), np.float32),
    )
    for n in notes:
        if n.pitch in KICK:
            sound = kick * levels[0]
        elif n.pitch in SNARE:
            sound = snare * levels[1]
        elif n.pitch in HAT:
            sound = hats[42 if n.pitch in (22, 42, 44) else 46 if n.pitch in (26, 46) else 49] * levels[2] * 0.6
        else:
            sound = tom * levels[3]
        _put(out, n.start, sound * np.float32((n.velocity / 127) ** 1.4))
    return out * 0.5


# synthesisers


def synthesiser(notes: Sequence[Note], seconds: float, rng: np.random.Generator) -> Sound:
    """A wavetable voice with a bright and a dull table between which an envelope moves, as a filter would."""
    size = 2048
    phase = np.arange(size) / size
    shape = str(rng.choice(["saw", "square", "pulse", "triangle", "fm"]))
    harmonics = np.arange(1, 40)
    weights = {
        "saw": 1 / harmonics, "square": (harmonics % 2) / harmonics, "triangle": (harmonics % 2) / harmonics**2,
        "pulse": np.sin(np.pi * harmonics * rng.uniform(0.1, 0.3)) / harmonics, "fm": rng.uniform(0, 1, 39) / harmonics,
    }[shape]  # fmt: skip
    waves = np.sin(2 * np.pi * harmonics[:, None] * phase)
    bright = (weights[:, None] * waves).sum(axis=0)
    dull = (weights[:, None] * np.exp(-harmonics[:, None] / rng.uniform(1, 6)) * waves).sum(axis=0)
    bright, dull = bright / np.abs(bright).max(), dull / np.abs(dull).max()
    attack, close, release = (
        float(rng.choice([0.002, 0.004, 0.01, 0.04])),
        rng.uniform(0.03, 0.5),
        rng.uniform(0.01, 0.15),
    )
    sustain, fall = rng.uniform(0.2, 1.0), rng.uniform(0.05, 0.6)
    voices, detune = int(rng.choice([1, 1, 2, 3])), rng.uniform(0.001, 0.01)
    out = np.zeros(int(seconds * RATE), np.float32)
    for n in notes:
        if n.start >= seconds:
            continue
        t = np.arange(int((min(n.length, 8) + release) * RATE)) / RATE
        frequency = 440 * 2 ** ((n.pitch - 69) / 12)
        opened = np.exp(-t / close)
        sound = np.zeros(len(t))
        for v in range(voices):
            at = (frequency * (1 + detune * (v - (voices - 1) / 2)) * t + 0.37 * v) % 1 * size
            i = at.astype(np.int64) % size
            high = bright[i] if frequency < 1500 else dull[i]
            sound += dull[i] + (high - dull[i]) * opened
        env = (
            np.minimum(1, t / attack)
            * (sustain + (1 - sustain) * np.exp(-t / fall))
            * np.clip((min(n.length, 8) + release - t) / release, 0, 1)
        )
        _put(out, n.start, sound / voices * env * (n.velocity / 127) ** 1.4 * 0.25)
    return out


_VOWELS = {
    "a": (800, 1150, 2900),
    "e": (400, 1700, 2600),
    "i": (300, 2100, 2900),
    "o": (450, 800, 2830),
    "u": (325, 700, 2530),
}


def singer(notes: Sequence[Note], seconds: float, rng: np.random.Generator) -> Sound:
    """A voice: pulses through three formants, with vibrato, breath and consonants."""
    out = np.zeros(int(seconds * RATE), np.float32)
    size, octave = float(rng.uniform(0.85, 1.25)), int(rng.choice([-12, 0, 0]))
    depth, speed, breath = rng.uniform(0.002, 0.02), rng.uniform(4.5, 6.5), rng.uniform(0.01, 0.15)
    for n in notes:
        if n.start >= seconds:
            continue
        t = np.arange(int(min(n.length, 4) * RATE) + 1) / RATE
        frequency = 440 * 2 ** ((n.pitch + octave - 69) / 12)
        bend = 2 ** (
            depth * np.sin(2 * np.pi * speed * t + rng.uniform(0, 6)) * np.minimum(1, t / 0.3)
            - 0.06 * np.exp(-t / 0.03)
        )
        phase = np.cumsum(frequency * bend) / RATE
        source = 1 - 2 * (phase % 1) + breath * rng.normal(0, 1, len(t))
        formants = _VOWELS[str(rng.choice(list(_VOWELS)))]
        sound = np.zeros(len(t))
        for k, formant in enumerate(formants):
            f, width = formant * size, 60 + 40 * k
            r = np.exp(-np.pi * width / RATE)
            sound += lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * f / RATE), r * r], source) * (1, 0.6, 0.3)[k]
        sound /= max(1e-6, float(np.abs(sound).max()))
        env = np.minimum(1, t / rng.uniform(0.015, 0.06)) * np.clip((t[-1] - t) / 0.04, 0, 1)
        _put(out, n.start, sound * env * (n.velocity / 127) * 0.4)
        if rng.random() < 0.5:  # s, t, k
            burst = np.arange(int(rng.uniform(0.02, 0.09) * RATE)) / RATE
            hiss = sosfilt(
                butter(2, rng.uniform(2500, 6000), "high", fs=RATE, output="sos"), rng.normal(0, 1, len(burst))
            )
            _put(out, max(0.0, n.start - burst[-1]), hiss * np.hanning(len(burst)) * rng.uniform(0.02, 0.12))
    return out


@lru_cache(maxsize=4)
def _speech(folder: Path) -> tuple[Sound, ...]:
    return tuple(_sample_whole(p) for p in sorted(folder.glob("*.wav")))


def _sample_whole(path: Path) -> Sound:
    sound, rate = soundfile.read(path, dtype="float32")
    at = np.arange(int(len(sound) * RATE / rate)) * rate / RATE
    return np.interp(at, np.arange(len(sound)), sound).astype(np.float32)


def speaker(seconds: float, rng: np.random.Generator, folder: Path) -> tuple[Sound, list[tuple[float, float]]]:
    """Somebody talks over the music now and then; sound, and when (seconds)."""
    phrases, out, spans = _speech(folder), np.zeros(int(seconds * RATE), np.float32), []
    at = float(rng.uniform(0, seconds / 2))
    while at < seconds and phrases:
        phrase = phrases[int(rng.integers(len(phrases)))]
        _put(out, at, phrase * 0.4)
        spans.append((at, min(seconds, at + len(phrase) / RATE)))
        at = spans[-1][1] + float(rng.exponential(2.0)) + 0.1
    return out, spans


def own_voices(piece: Piece, seconds: float, rng: np.random.Generator) -> Sound:
    """The roles that our own synthesisers play."""
    out = np.zeros(int(seconds * RATE), np.float32)
    for role in ROLES:
        if piece.own[role]:
            out += synthesiser([n for n in piece.notes if n.role == role], seconds, rng)
    return out
