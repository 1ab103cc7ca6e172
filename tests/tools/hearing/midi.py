"""MIDI files for the tests of scores."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import mido

Notes = Sequence[tuple[float, float, int]]
"""Quarters of start and length, pitch."""


def write_midi(
    path: Path, tracks: Mapping[int, Notes], meters: Sequence[tuple[float, int, int]] = (), bpm: float = 120
) -> Path:
    """A file with a track for each channel; the first is of the time signatures (quarters, numerator, denominator)."""
    file, first = mido.MidiFile(ticks_per_beat=480), mido.MidiTrack()
    file.tracks.append(first)
    first.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm)))
    last = 0
    for at, numerator, denominator in meters:
        wait, last = round(at * 480) - last, round(at * 480)
        first.append(mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator, time=wait))
    for channel, notes in tracks.items():
        add_track(file, channel, notes)
    file.save(path)
    return path


def add_track(file: mido.MidiFile, channel: int, notes: Notes) -> None:
    """Notes of a channel."""
    track, last = mido.MidiTrack(), 0
    events = [(round(a * 480), 1, pitch) for a, _, pitch in notes]
    events += [(round((a + length) * 480), 0, pitch) for a, length, pitch in notes]
    for tick, on, pitch in sorted(events):
        kind = "note_on" if on else "note_off"
        track.append(mido.Message(kind, channel=channel, note=pitch, velocity=100 * on, time=tick - last))
        last = tick
    file.tracks.append(track)
