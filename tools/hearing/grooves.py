"""Drums as drummers play them: the Groove MIDI Dataset.

Gillick, Roberts, Engel, Eck, Bamman, "Learning to Groove with Inverse Sequence Transformations", ICML 2019; CC BY 4.0.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

_METERS = {"4-4": 4, "3-4": 3}
_BANDS: dict[str, tuple[str, ...]] = {
    "afrobeat": ("latin", "funk"),
    "afrocuban": ("latin",),
    "blues": ("rock", "jazz"),
    "country": ("folk", "pop"),
    "dance": ("electronic", "pop"),
    "funk": ("funk", "hiphop", "electronic"),
    "gospel": ("funk", "pop"),
    "highlife": ("latin",),
    "hiphop": ("hiphop", "electronic", "pop"),
    "jazz": ("jazz",),
    "latin": ("latin",),
    "middleeastern": ("folk",),
    "neworleans": ("funk", "jazz"),
    "pop": ("pop", "rock"),
    "punk": ("rock",),
    "reggae": ("reggae",),
    "rock": ("rock", "pop"),
    "soul": ("funk", "pop"),
}
"""Style of the dataset → bands that play it; others go with pop and rock."""
_PITCHES = {22: 42, 26: 46, 58: 43}  # of the electronic kit that was played, as General MIDI has them


@dataclass(frozen=True)
class Groove:
    """Some bars of drums.

    Attributes:
        style: the dataset's word.
        bpm: quarters per minute.
        meter: quarters in a bar.
        hits: (quarters from the start, pitch, velocity).
        bars: whole bars.
    """

    style: str
    bpm: float
    meter: int
    hits: tuple[tuple[float, int, int], ...]
    bars: int

    def bar(self, k: int) -> list[tuple[float, int, int]]:
        """Hits of bar ``k``, positions from its start; the bars come round."""
        start = (k % self.bars) * self.meter
        return [(x - start, p, v) for x, p, v in self.hits if start <= x < start + self.meter]

    def fits(self, band: str) -> bool:
        """Whether such a band, a key of `BANDS`, plays it."""
        return band in _BANDS.get(self.style, ("pop", "rock"))


def read_grooves(folder: Path) -> list[Groove]:
    """Grooves of the training part: those of 12 s or more in 4/4 or 3/4.

    Args:
        folder: the dataset, unpacked: ``info.csv`` and MIDI files.

    Returns:
        In the order of ``info.csv``.
    """
    import mido

    grooves = []
    with (folder / "info.csv").open(newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["beat_type"] == "beat" and r["split"] == "train"]
    for row in rows:
        if float(row["duration"]) < 12 or row["time_signature"] not in _METERS:
            continue
        meter, now = _METERS[row["time_signature"]], 0
        hits: list[tuple[float, int, int]] = []
        midi = mido.MidiFile(folder / row["midi_filename"])
        for message in mido.merge_tracks(midi.tracks):
            now += message.time
            if message.type == "note_on" and message.velocity > 0:
                hits.append((now / midi.ticks_per_beat, _PITCHES.get(message.note, message.note), message.velocity))
        bars = int(max(x for x, _, _ in hits) // meter)
        if bars:
            grooves.append(Groove(row["style"].split("/")[0], float(row["bpm"]), meter, tuple(hits), bars))
    return grooves
