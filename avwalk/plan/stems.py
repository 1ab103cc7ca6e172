"""Stems: parts of the song, each in a file of its own, as further signals: ``drums.kick``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from avwalk.audio.decode import read_song
from avwalk.audio.probe import probe
from avwalk.clock import round_half_up
from avwalk.contracts import Analysis, Curve, Song
from avwalk.errors import OptionError, PresetError, SongError, did_you_mean
from avwalk.features.cache import cached_analysis
from avwalk.features.signals import KINDS, WORD_SIGNALS
from avwalk.modulation.routes import Route
from avwalk.modulation.sources import fits_stem, stem_of


def read_stems(given: Sequence[str]) -> dict[str, Song]:
    """The files of ``--stem NAME=FILE``, probed and hashed; ``FILE:2`` is its second audio track.

    Raises:
        OptionError: not of this form, a name that is taken or given twice.
        SongError: a file that cannot be read.
    """
    stems: dict[str, Song] = {}
    for text in given:
        name, equals, file = (part.strip() for part in text.partition("="))
        if not (name and equals and file):
            raise OptionError(f"--stem '{text}' is not understood; write it as drums=drums.wav")
        if not fits_stem(name, KINDS):
            raise OptionError(f"--stem '{name}' is no name for a stem; use letters, digits, - and _, such as drums")
        if name in stems:
            raise OptionError(f"--stem '{name}' is given twice; give each stem a name of its own")
        try:
            stems[name] = probe(*_file_and_track(file))
        except SongError as error:
            raise SongError(f"--stem {name}: {str(error).removeprefix('song ')}") from None
    return stems


def _file_and_track(text: str) -> tuple[Path, int | None]:
    """``song.mkv:2`` → the file and its second track, unless there is a file of that very name."""
    file, colon, track = text.rpartition(":")
    if colon and file and re.fullmatch(r"[1-9]\d{0,3}", track) and not Path(text).exists():
        return Path(file), int(track)
    return Path(text), None


def needed_stems(routes: Iterable[Route]) -> list[str]:
    """Names of the stems that routes hear, each once."""
    return list(dict.fromkeys(name for route in routes if (name := stem_of(route.signal, KINDS))))


def used_stems(routes: Sequence[Route], stems: Mapping[str, Song], song: Song) -> tuple[dict[str, Song], list[str]]:
    """The stems that routes use; a note for each that none does, and for each that is not as long as the song.

    Raises:
        PresetError: routes hear stems that were not given; a line for each.
    """
    missing = []
    for route in routes:
        name = stem_of(route.signal, KINDS)
        if name and route.signal.partition(".")[2] in WORD_SIGNALS:
            missing.append(
                f"route '{route}': words are the song's, not a stem's; write {route.signal.partition('.')[2]}"
            )
        elif name and name not in stems:
            hint = did_you_mean(name, stems)
            missing.append(f"route '{route}': no stem '{name}' was given{hint}; say --stem {name}=FILE")
    if missing:
        raise PresetError("\n".join(missing))
    needed = needed_stems(routes)
    notes = [f"no route hears the stem '{name}'; one would as {name}.onset" for name in stems if name not in needed]
    whole = song.n_samples / song.sample_rate
    for name in needed:
        said = (text.replace("--track N", f"--stem {name}=FILE:N") for text in stems[name].warnings)
        notes += [f"the stem '{name}': {text}" for text in said]
        seconds = stems[name].n_samples / stems[name].sample_rate
        if abs(seconds - whole) > 1.0:
            notes.append(f"the stem '{name}' is {seconds:.1f} s long, the song {whole:.1f} s: is it of this song?")
    return {name: stem for name, stem in stems.items() if name in needed}, notes


def with_stems(
    analysis: Analysis,
    song: Song,
    stems: Mapping[str, Song],
    bpm: float | None = None,
    first_beat: float | None = None,
) -> Analysis:
    """The song's analysis with the signals of its stems, under ``STEM.SIGNAL``.

    A stem begins with the song and is cut, or followed by silence, where the song ends. It is analysed as a song is,
    and kept in the same cache.

    Args:
        analysis: of the song.
        song: what was analysed.
        stems: name → stem, as `used_stems` gives them.
        bpm: overrules the tempo found, as for the song.
        first_beat: overrules where the beats begin, as for the song.
    """
    signals: dict[str, Curve] = {}
    for name, stem in stems.items():
        part = replace(
            stem, n_samples=max(1, round_half_up(song.n_samples * Fraction(stem.sample_rate, song.sample_rate)))
        )
        heard = cached_analysis(part, partial(read_song, part), analysis.fps, bpm=bpm, first_beat=first_beat)
        signals |= {f"{name}.{signal}": _fitted(curve, analysis.n_frames) for signal, curve in heard.signals.items()}
    return replace(analysis, signals={**analysis.signals, **signals}) if signals else analysis


def _fitted(curve: Curve, n: int) -> Curve:
    """So many frames: another sample rate may round to one frame more or less."""
    return curve[:n] if len(curve) >= n else np.pad(curve, (0, n - len(curve)), mode="edge")
