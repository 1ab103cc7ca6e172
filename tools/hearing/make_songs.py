"""Makes songs to learn from.

    python -m tools.hearing.make_songs OUT --seed 1 --count 400 --grooves FOLDER --soundfont FILE... [--audio]

Each song gives ``SEED_NUMBER.npz``: the network's bands of the mix, of the drums alone and of the rest alone (float16),
and the truth: beats, downbeats, sections, drums (seconds, velocity), when somebody sings or speaks. ``--audio`` writes
``.ogg`` and ``.json`` instead, for benchmarks. The same seed and the same inputs give the same songs; a song that is
there already is not made again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.features.onsets import OnsetDetector
from tools.hearing.bands import KITS
from tools.hearing.composer import compose
from tools.hearing.drums import drum_machine, drum_samples
from tools.hearing.grooves import read_grooves
from tools.hearing.mixing import coarse, duck, level, master
from tools.hearing.piece import HAT, KICK, SNARE, Note, Piece
from tools.hearing.sound import RATE, Sound, write_ogg
from tools.hearing.soundfont import Job, play_soundfont
from tools.hearing.synthesiser import play_synthesised
from tools.hearing.voices import singer, speaker

SECONDS = 60.0
"""Length of a song."""
_BATCH = 8  # songs for one start of FluidSynth: loading a soundfont takes a while
_DRUMS = {"kick": KICK, "snare": SNARE, "hat": HAT}


@dataclass(frozen=True)
class Inputs:
    """What songs are made of.

    Attributes:
        soundfonts: ``.sf2`` or ``.sf3``, taken in turn for every eight songs.
        grooves: folder of the Groove MIDI Dataset.
        samples: folder of Sonic Pi's samples; None does without.
        speech: folder of phrases, ``.wav``; None does without.
    """

    soundfonts: tuple[Path, ...]
    grooves: Path
    samples: Path | None = None
    speech: Path | None = None


@dataclass(frozen=True)
class Stems:
    """A song's drums and the rest at their levels, mono, and (start, end) in seconds where somebody sings or speaks."""

    drums: Sound
    rest: Sound
    voice: Sequence[tuple[float, float]]


def make_songs(
    out: Path, inputs: Inputs, seed: int, numbers: range, styles: Sequence[str] = (), audio: bool = False
) -> None:
    """Makes the songs that are not there.

    Args:
        out: folder, made where it is missing.
        inputs: what they are made of.
        seed: of the set.
        numbers: of the songs; a song depends on seed and number.
        styles: keys of `STYLES`, taken in turn; empty draws them.
        audio: write ``.ogg`` and ``.json`` instead of ``.npz``.
    """
    grooves = read_grooves(inputs.grooves)

    def composed(rng: np.random.Generator, number: int) -> Piece:
        return compose(rng, SECONDS, grooves, styles[number % len(styles)] if styles else None)

    play_songs(out, inputs, seed, numbers, composed, audio)


def play_songs(
    out: Path,
    inputs: Inputs,
    seed: int,
    numbers: range,
    written: Callable[[np.random.Generator, int], Piece],
    audio: bool = False,
) -> None:
    """Makes the songs that are not there, of pieces from anywhere.

    Args:
        out: folder, made where it is missing.
        inputs: what they are made of.
        seed: of the set.
        numbers: of the songs.
        written: the piece of a number; it may draw from the song's generator.
        audio: write ``.ogg`` and ``.json`` instead of ``.npz``.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for part in (numbers[i : i + _BATCH] for i in range(0, len(numbers), _BATCH)):
            names = {k: out / f"{seed}_{k:05d}" for k in part}
            names = {k: p for k, p in names.items() if not p.with_suffix(".json" if audio else ".npz").exists()}
            if not names:
                continue
            soundfont = inputs.soundfonts[(part[0] // _BATCH) % len(inputs.soundfonts)]
            rngs = [np.random.default_rng([seed, k]) for k in names]
            pieces = [written(rng, k) for rng, k in zip(rngs, names, strict=True)]
            sounds = _play(pieces, rngs, soundfont, Path(scratch))
            for name, piece, rng, (drums, rest) in zip(names.values(), pieces, rngs, sounds, strict=True):
                stems = _silenced(make_stems(piece, rng, drums, rest, inputs), piece)
                mix = master(stems.drums + stems.rest, rng)
                (_write_audio if audio else _write_bands)(name, piece, mix, stems, soundfont.stem)


def _play(
    pieces: Sequence[Piece], rngs: Sequence[np.random.Generator], soundfont: Path, scratch: Path
) -> list[tuple[Sound, Sound]]:
    """The drums and the rest of each piece by a soundfont."""
    jobs = []
    for piece, rng in zip(pieces, rngs, strict=True):
        kits = piece.band.kits if rng.random() < 0.8 else KITS
        jobs.append(Job(_drums_of(piece), {}, int(rng.choice(kits))))
        played = [n for n in piece.notes if not piece.synthesised.get(n.role, True)]
        jobs.append(Job(played, piece.programs, 0))
    sounds = play_soundfont(jobs, soundfont, SECONDS, scratch)
    return list(zip(sounds[::2], sounds[1::2], strict=True))


def make_stems(piece: Piece, rng: np.random.Generator, drums: Sound, rest: Sound, inputs: Inputs) -> Stems:
    """What is mixed.

    Args:
        piece: what is played.
        rng: draws which instruments play it, and how loud.
        drums: played by a soundfont; six songs in ten take others, or add them.
        rest: roles that the soundfont plays.
        inputs: samples and phrases.
    """
    notes = _drums_of(piece)
    kind = rng.random()
    if notes and kind < 0.25:
        drums = drum_machine(notes, SECONDS, rng)
    elif notes and kind < 0.5 and inputs.samples:
        drums = drum_samples(notes, SECONDS, rng, inputs.samples)
    elif notes and kind < 0.6:  # two kits, one on the other, as producers do
        drums = level(drums) + level(drum_machine(notes, SECONDS, rng)) * np.float32(rng.uniform(0.2, 1.5))
    if notes and rng.random() < 0.12:
        drums = coarse(drums, rng)
    sung = [n for n in piece.notes if n.role == "voice"]
    rest = rest + play_synthesised(piece, SECONDS, rng) * np.float32(rng.uniform(0.5, 1.5))
    spans = [(n.start, n.start + n.length) for n in sung]
    if sung:
        rest = level(rest) + level(singer(sung, SECONDS, rng)) * np.float32(rng.uniform(0.4, 1.5))
    elif inputs.speech and rng.random() < 0.1:
        talk, spans = speaker(SECONDS, rng, inputs.speech)
        rest = level(rest) + level(talk) * np.float32(rng.uniform(0.4, 1.5))
    gain = np.float32(10 ** (rng.normal(0, 6) / 20))
    drums = np.asarray(level(drums) * gain, np.float32) if notes else np.zeros_like(rest)
    rest = level(rest)
    if notes and rng.random() < 0.2:
        rest = duck(rest, notes, rng)
    return Stems(drums, rest, spans)


def _silenced(stems: Stems, piece: Piece) -> Stems:
    """Nothing sounds in the piece's silences."""
    for start, end in piece.silences:
        for stem in (stems.drums, stems.rest):
            stem[int(start * RATE) : int(end * RATE)] = 0
    return stems


def _drums_of(piece: Piece) -> list[Note]:
    return [n for n in piece.notes if n.role == "drums"]


def bands_of(sound: Sound) -> NDArray[np.float16]:
    """The network's bands of a mono sound: (n, 64) float16."""
    detector = OnsetDetector(RATE, len(sound))
    for a in range(0, len(sound), 1 << 16):
        detector.push(sound[a : a + (1 << 16)])
    return detector.finish().bands


def hits_of(piece: Piece, pitches: frozenset[int]) -> NDArray[np.float64]:
    """Drums of these pitches: (n, 2) seconds and velocity / 127, ascending."""
    hits = [(n.start, n.velocity / 127) for n in _drums_of(piece) if n.pitch in pitches and n.start < SECONDS]
    return np.array(sorted(hits), np.float64).reshape(-1, 2)


def _truth(piece: Piece, soundfont: str) -> dict[str, object]:
    return {
        "style": piece.style, "bpm": piece.bpm, "meter": piece.meter, "swing": piece.swing, "drift": piece.drift,
        "irregular": piece.irregular, "duration": SECONDS, "soundfont": soundfont,
    }  # fmt: skip


def _times(piece: Piece) -> dict[str, list[float]]:
    """Seconds, to a tenth of a millisecond, of what is known."""
    lists = {"beats": piece.beats, "downbeats": piece.downbeats, "sections": piece.sections}
    known = {key: times for key, times in lists.items() if key not in piece.unknown}
    return {key: [round(t, 4) for t in times if t < SECONDS] for key, times in known.items()}


def _write_audio(name: Path, piece: Piece, mix: Sound, stems: Stems, soundfont: str) -> None:
    write_ogg(name.with_suffix(".ogg"), mix)
    drums = {key: [round(float(t), 4) for t in hits_of(piece, pitches)[:, 0]] for key, pitches in _DRUMS.items()}
    truth = json.dumps(_truth(piece, soundfont) | _times(piece) | drums)
    name.with_suffix(".json").write_text(truth, encoding="utf-8")


def _write_bands(name: Path, piece: Piece, mix: Sound, stems: Stems, soundfont: str) -> None:
    part = name.with_suffix(".part.npz")
    arrays: dict[str, Any] = {
        "mix": bands_of(mix),
        "drums": bands_of(stems.drums),
        "rest": bands_of(stems.rest),
        "voice": np.array(stems.voice, np.float64).reshape(-1, 2),
    }
    arrays |= {key: hits_of(piece, pitches) for key, pitches in _DRUMS.items()}
    arrays |= {key: np.array(times) for key, times in _times(piece).items()}
    np.savez(part, truth=np.array(json.dumps(_truth(piece, soundfont))), **arrays)
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
    parser.add_argument("--styles", nargs="*", default=())
    parser.add_argument("--audio", action="store_true")
    options = parser.parse_args()
    inputs = Inputs(tuple(options.soundfont), options.grooves, options.samples, options.speech)
    numbers = range(options.first, options.first + options.count)
    make_songs(options.out, inputs, options.seed, numbers, options.styles, options.audio)


if __name__ == "__main__":
    main()
