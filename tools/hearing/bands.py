"""Who plays: General MIDI instruments of the bands."""

from __future__ import annotations

from dataclasses import dataclass

KITS = (0, 8, 16, 24, 25, 32, 40, 48)
"""Programs of drum kits, after Roland's GS."""
MELODIC = range(112)
"""Programs that play notes: those after them are effects."""


@dataclass(frozen=True)
class Band:
    """General MIDI programs by role, one of which is drawn, and how likely it is otherwise.

    Attributes:
        bass: programs, and so ``comp`` (chords), ``pad``, ``lead`` (melody) and ``arp`` (arpeggios).
        synthetic: how likely our synthesisers play a role instead.
        kits: programs of the drums.
        vocal: how likely the melody is sung.
    """

    bass: tuple[int, ...]
    comp: tuple[int, ...]
    pad: tuple[int, ...]
    lead: tuple[int, ...]
    arp: tuple[int, ...]
    synthetic: float = 0.1
    kits: tuple[int, ...] = (0, 8, 16, 32)
    vocal: float = 0.15


BANDS: dict[str, Band] = {
    "pop": Band(
        bass=(32, 33, 34, 35),
        comp=(0, 1, 4, 5, 24, 25, 27),
        pad=(48, 50, 52, 89),
        lead=(0, 11, 40, 56, 65, 73, 80),
        arp=(0, 24, 45, 46),
        synthetic=0.1,
        kits=(0, 8, 16),
        vocal=0.35,
    ),
    "rock": Band(
        bass=(33, 34, 36),
        comp=(27, 28, 29, 30, 30, 29),
        pad=(16, 18, 48, 50),
        lead=(29, 30, 27, 56, 65, 81),
        arp=(25, 27, 28),
        synthetic=0.05,
        kits=(0, 8, 16),
        vocal=0.3,
    ),
    "electronic": Band(
        bass=(38, 39, 87),
        comp=(80, 81, 62, 63, 90, 4),
        pad=(88, 89, 90, 91, 94, 95, 50),
        lead=(80, 81, 82, 84, 87, 98),
        arp=(80, 81, 87, 98, 99),
        synthetic=0.6,
        kits=(24, 25, 25, 0),
        vocal=0.25,
    ),
    "funk": Band(
        bass=(33, 36, 37),
        comp=(4, 7, 27, 28, 16, 61),
        pad=(48, 50, 51),
        lead=(56, 61, 65, 66, 81),
        arp=(4, 7, 11),
        synthetic=0.1,
        kits=(0, 8, 25),
        vocal=0.3,
    ),
    "hiphop": Band(
        bass=(32, 33, 38, 39),
        comp=(0, 4, 5, 11, 12, 26),
        pad=(48, 50, 89, 52),
        lead=(11, 73, 56, 80, 75),
        arp=(11, 12, 46, 98),
        synthetic=0.4,
        kits=(25, 24, 0, 8),
        vocal=0.45,
    ),
    "reggae": Band(
        bass=(32, 33),
        comp=(16, 17, 27, 28, 0),
        pad=(16, 17, 48),
        lead=(56, 57, 65, 71, 80, 22),
        arp=(4, 12, 27),
        synthetic=0.05,
        kits=(0, 8),
        vocal=0.3,
    ),
    "latin": Band(
        bass=(32, 33, 35),
        comp=(0, 24, 25, 4, 12),
        pad=(48, 49, 61),
        lead=(56, 57, 73, 75, 65, 11),
        arp=(0, 12, 24, 13),
        synthetic=0.05,
        kits=(0, 8),
        vocal=0.3,
    ),
    "jazz": Band(
        bass=(32, 32, 35),
        comp=(0, 26, 4, 11),
        pad=(48, 17, 61),
        lead=(56, 59, 65, 66, 71, 11, 0),
        arp=(0, 11, 26),
        synthetic=0.0,
        kits=(32, 40, 0),
        vocal=0.2,
    ),
    "folk": Band(
        bass=(32, 33, 43, 58),
        comp=(21, 24, 25, 22, 105, 15, 0),
        pad=(48, 49, 20, 22),
        lead=(40, 110, 21, 22, 71, 73, 75, 78, 109, 105),
        arp=(24, 25, 46, 104, 106),
        synthetic=0.0,
        kits=(0, 40, 48),
        vocal=0.2,
    ),
    "brass": Band(
        bass=(58, 57, 43),
        comp=(61, 60, 58),
        pad=(61, 60, 48),
        lead=(56, 57, 60, 71, 72),
        arp=(68, 70, 71),
        synthetic=0.0,
        kits=(0, 48),
        vocal=0.05,
    ),
    "piano": Band(
        bass=(0, 0, 1),
        comp=(0, 0, 1, 3),
        pad=(0, 48),
        lead=(0, 0, 1),
        arp=(0, 1),
        synthetic=0.0,
        kits=(0,),
        vocal=0.1,
    ),
    "guitar": Band(
        bass=(24, 25, 32),
        comp=(24, 25, 24),
        pad=(24, 48),
        lead=(24, 25, 73),
        arp=(24, 25),
        synthetic=0.0,
        kits=(0,),
        vocal=0.25,
    ),
    "orchestra": Band(
        bass=(43, 42, 58, 47),
        comp=(48, 45, 60, 61, 44),
        pad=(48, 49, 52, 60, 61),
        lead=(40, 56, 60, 61, 68, 71, 73, 48),
        arp=(45, 46, 48, 11, 9),
        synthetic=0.0,
        kits=(48, 48, 0),
        vocal=0.1,
    ),
    "bells": Band(
        bass=(10, 46, 8),
        comp=(10, 8, 11, 9),
        pad=(88, 52, 10),
        lead=(10, 8, 9, 11, 14),
        arp=(10, 8, 46),
        synthetic=0.0,
        kits=(0,),
        vocal=0.05,
    ),
    "organ": Band(
        bass=(19, 20),
        comp=(19, 16, 20),
        pad=(19, 20, 52),
        lead=(19, 20, 73),
        arp=(19, 6, 20),
        synthetic=0.0,
        kits=(0,),
        vocal=0.05,
    ),
    "choir": Band(
        bass=(43, 52, 53),
        comp=(52, 53, 19),
        pad=(52, 53, 54, 91),
        lead=(52, 53, 54, 73),
        arp=(46, 52),
        synthetic=0.0,
        kits=(0,),
        vocal=0.4,
    ),
    "ambient": Band(
        bass=(38, 39, 95),
        comp=(88, 89, 92, 4, 11),
        pad=(88, 89, 91, 92, 93, 94, 95),
        lead=(73, 77, 78, 98, 11, 79),
        arp=(98, 99, 100, 88, 10),
        synthetic=0.3,
        kits=(24, 25),
        vocal=0.1,
    ),
    "chip": Band(
        bass=(80, 38, 81),
        comp=(80, 81),
        pad=(80, 81, 50),
        lead=(80, 81, 82),
        arp=(80, 81),
        synthetic=0.9,
        kits=(24, 25, 0),
        vocal=0.02,
    ),
}
"""Who plays."""
