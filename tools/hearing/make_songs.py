"""Makes songs to learn from.

    python -m tools.hearing.make_songs OUT --seed 1 --count 400 --grooves FOLDER [--soundfont FILE]... [--audio]

Each song gives ``SEED_NUMBER.npz``: the network's bands of the mix, of the drums alone and of the rest alone (float16),
and the truth: beats, downbeats, sections, drums (seconds, velocity), when somebody sings. ``--audio`` writes
``.ogg`` and ``.json`` instead, for benchmarks. The same seed and the same soundfonts give the same songs; a song that
is there already is not made again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from avwalk.features.onsets import OnsetDetector
from tools.hearing.composer import HAT, KICK, ROLES, SNARE, Piece, compose
from tools.hearing.grooves import read_grooves
from tools.hearing.instruments import RATE, drum_machine, drum_samples, own_voices, play_soundfont, singer, speaker
from tools.hearing.mixing import duck, level, master

SECONDS = 60.0
_BATCH = 8  # songs for one start of FluidSynth: loading a soundfont takes a while

Sound = NDArray[np.float32]


def bands_of(sound: Sound) -> NDArray[np.float16]:
    """The network's bands of a mono sound at ``RATE``: (n, 64)."""
    detector = OnsetDetector(RATE, len(sound))
    for a in range(0, len(sound), 1 << 16):
        detector.push(sound[a : a + (1 << 16)])
    return detector.finish().bands


def hits(piece: Piece, pitches: frozenset[int], seconds: float) -> NDArray[np.float64]:
    """(n, 2): time and velocity / 127, ascending."""
    found = sorted(
        (n.start, n.velocity / 127)
        for n in piece.notes
        if n.role == "drums" and n.pitch in pitches and n.start < seconds
    )
    return np.array(found, np.float64).reshape(-1, 2)


def stems(
    piece: Piece, rng: np.random.Generator, drums: Sound, rest: Sound, options: argparse.Namespace
) -> tuple[Sound, Sound, list[tuple[float, float]]]:
    """Drums and rest at their levels, and when somebody sings or speaks."""
    notes = [n for n in piece.notes if n.role == "drums"]
    kind = rng.random()
    if notes and kind < 0.25:
        drums = drum_machine(notes, SECONDS, rng)
    elif notes and kind < 0.5 and options.samples:
        drums = drum_samples(notes, SECONDS, rng, options.samples)
    sung = [n for n in piece.notes if n.role == "voice"]
    rest = rest + own_voices(piece, SECONDS, rng) * np.float32(rng.uniform(0.5, 1.5))
    spans = [(n.start, n.start + n.length) for n in sung]
    if sung:
        rest = level(rest) + level(singer(sung, SECONDS, rng)) * np.float32(rng.uniform(0.4, 1.5))
    elif options.speech and rng.random() < 0.1:
        talk, spans = speaker(SECONDS, rng, options.speech)
        rest = level(rest) + level(talk) * np.float32(rng.uniform(0.4, 1.5))
    gain = np.float32(10 ** (rng.normal(0, 6) / 20))
    drums = level(drums) * gain if notes else np.zeros_like(rest)
    rest = level(rest)
    if notes and rng.random() < 0.2:
        rest = duck(rest, notes, rng)
    return drums, rest, spans


def make(numbers: list[int], soundfont: Path, options: argparse.Namespace, grooves: list, scratch: Path) -> None:
    """Composes, plays and mixes the songs of these numbers."""
    styles = options.styles or [None]
    rngs = [np.random.default_rng([options.seed, k]) for k in numbers]
    pieces = [compose(rng, SECONDS, grooves, styles[k % len(styles)]) for rng, k in zip(rngs, numbers, strict=True)]
    jobs = []
    for piece, rng in zip(pieces, rngs, strict=True):
        jobs.append(([n for n in piece.notes if n.role == "drums"], {}, int(rng.choice(piece.band.kits))))
        played = [n for n in piece.notes if n.role in ROLES and not piece.own[n.role]]
        jobs.append((played, piece.programs, 0))
    sounds = play_soundfont(jobs, soundfont, SECONDS, scratch)
    for k, (number, piece, rng) in enumerate(zip(numbers, pieces, rngs, strict=True)):
        drums, rest, spans = stems(piece, rng, sounds[2 * k], sounds[2 * k + 1], options)
        for start, end in piece.silences:
            for stem in (drums, rest):
                stem[int(start * RATE) : int(end * RATE)] = 0
        mix = master(drums + rest, rng)
        name = options.out / f"{options.seed}_{number:05d}"
        truth = {
            "style": piece.style, "bpm": piece.bpm, "meter": piece.meter, "swing": piece.swing, "drift": piece.drift,
            "irregular": piece.irregular, "duration": SECONDS, "soundfont": soundfont.stem,
        }  # fmt: skip
        times = {
            key: [round(t, 4) for t in getattr(piece, key) if t < SECONDS] for key in ("beats", "downbeats", "sections")
        }
        drummed = {
            key: hits(piece, pitches, SECONDS) for key, pitches in (("kick", KICK), ("snare", SNARE), ("hat", HAT))
        }
        if options.audio:
            with soundfile.SoundFile(name.with_suffix(".ogg"), "w", RATE, 1, "VORBIS", format="OGG") as file:
                for a in range(0, len(mix), 1 << 16):
                    file.write(mix[a : a + (1 << 16)])
            lists = {key: [round(float(t), 4) for t in found[:, 0]] for key, found in drummed.items()}
            name.with_suffix(".json").write_text(json.dumps(truth | times | lists))
        else:
            part = name.with_suffix(".part.npz")
            arrays = {
                "mix": bands_of(mix),
                "drums": bands_of(drums),
                "rest": bands_of(rest),
                "voice": np.array(spans).reshape(-1, 2),
            }
            np.savez(part, **arrays, **drummed, **times, truth=json.dumps(truth))
            part.rename(name.with_suffix(".npz"))


def main() -> None:
    """Makes the songs that are not there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--grooves", type=Path, required=True, help="unpacked Groove MIDI Dataset")
    parser.add_argument("--soundfont", type=Path, action="append", required=True)
    parser.add_argument("--samples", type=Path, help="folder of Sonic Pi's samples")
    parser.add_argument("--speech", type=Path, help="folder of .wav files of speech")
    parser.add_argument("--styles", nargs="*")
    parser.add_argument("--audio", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    grooves = read_grooves(options.grooves)
    suffix = ".json" if options.audio else ".npz"
    with tempfile.TemporaryDirectory() as scratch:
        for a in range(options.first, options.first + options.count, _BATCH):
            numbers = [
                k
                for k in range(a, min(a + _BATCH, options.first + options.count))
                if not (options.out / f"{options.seed}_{k:05d}{suffix}").exists()
            ]
            if numbers:
                soundfont = options.soundfont[(a // _BATCH) % len(options.soundfont)]
                make(numbers, soundfont, options, grooves, Path(scratch))


if __name__ == "__main__":
    main()
