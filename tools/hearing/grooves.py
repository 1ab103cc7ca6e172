"""Drums as drummers play them: the Groove MIDI Dataset (Gillick et al. 2019, CC BY 4.0)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

_METERS = {"4-4": 4, "3-4": 3}
_BANDS = {
    "rock": ("rock", "pop"), "punk": ("rock",), "pop": ("pop", "rock"), "country": ("folk", "pop"), "blues": ("rock", "jazz"),
    "funk": ("funk", "hiphop", "electronic"), "neworleans": ("funk", "jazz"), "soul": ("funk", "pop"), "gospel": ("funk", "pop"),
    "hiphop": ("hiphop", "electronic", "pop"), "jazz": ("jazz",), "dance": ("electronic", "pop"), "reggae": ("reggae",),
    "latin": ("latin",), "afrobeat": ("latin", "funk"), "afrocuban": ("latin",), "highlife": ("latin",), "middleeastern": ("folk",),
}  # fmt: skip
_PITCHES = {22: 42, 26: 46, 58: 43}  # of the electronic kit that was played, as General MIDI has them


@dataclass(frozen=True)
class Groove:
    """Some bars of drums: (position in units, pitch, velocity)."""

    style: str
    bpm: float
    meter: int
    hits: tuple[tuple[float, int, int], ...]
    bars: int

    def bar(self, k: int) -> list[tuple[float, int, int]]:
        """Hits of bar ``k``, positions from its start; the bars come round."""
        start = (k % self.bars) * self.meter
        return [(x - start, p, v) for x, p, v in self.hits if start <= x < start + self.meter]

    def style_fits(self, band: str) -> bool:
        """Whether such a band plays it."""
        return band in _BANDS.get(self.style, ("pop", "rock"))


def read_grooves(folder: Path) -> list[Groove]:
    """Grooves of the training part of the dataset that lies unpacked in ``folder`` (its ``info.csv`` and MIDI files)."""
    import mido

    found = []
    with (folder / "info.csv").open(newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["beat_type"] == "beat" and r["split"] == "train"]
    for row in rows:
        if float(row["duration"]) < 12 or row["time_signature"] not in _METERS:
            continue
        meter, now, hits = _METERS[row["time_signature"]], 0, []
        midi = mido.MidiFile(folder / row["midi_filename"])
        for message in mido.merge_tracks(midi.tracks):
            now += message.time
            if message.type == "note_on" and message.velocity > 0:
                hits.append((now / midi.ticks_per_beat, _PITCHES.get(message.note, message.note), message.velocity))
        bars = int(max(x for x, _, _ in hits) // meter)
        if bars:
            found.append(Groove(row["style"].split("/")[0], float(row["bpm"]), meter, tuple(hits), bars))
    return found
