"""Where channels belong: names of speakers as FFmpeg has them, and matrices from one set of speakers to another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Speakers = tuple[str, ...]
"""A name for each channel, such as ``("FL", "FR", "LFE")``; empty where nothing says where they belong."""

ORDER = (
    *("FL", "FR", "FC", "LFE", "BL", "BR", "FLC", "FRC", "BC", "SL", "SR", "TC", "TFL", "TFC", "TFR", "TBL", "TBC"),
    *("TBR", "DL", "DR", "WL", "WR", "SDL", "SDR", "LFE2", "TSL", "TSR", "BFC", "BFL", "BFR"),
)
"""The order in which sound files have their channels, unless they say another."""

STEREO: Speakers = ("FL", "FR")
_GUESSED: tuple[Speakers, ...] = (
    (),
    ("FC",),
    STEREO,
    ("FL", "FR", "FC"),
    ("FL", "FR", "BL", "BR"),
    ("FL", "FR", "FC", "BL", "BR"),
    ("FL", "FR", "FC", "LFE", "BL", "BR"),
    ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
)
_HALF = float(np.sqrt(0.5))
_LEFT, _RIGHT, _MIDDLE = ("FL", "FC"), ("FR", "FC"), ("FL+FR",)
_ELSEWHERE: dict[str, tuple[str, ...]] = {
    "FL": ("FC",),
    "FR": ("FC",),
    "FC": _MIDDLE,
    "LFE": (),
    "LFE2": ("LFE",),
    "BL": ("SL", "BC", *_LEFT),
    "BR": ("SR", "BC", *_RIGHT),
    "SL": ("BL", "BC", *_LEFT),
    "SR": ("BR", "BC", *_RIGHT),
    "BC": ("BL+BR", "SL+SR", *_MIDDLE, "FC"),
    "FLC": ("FL+FC", *_LEFT),
    "FRC": ("FR+FC", *_RIGHT),
    "TC": (*_MIDDLE, "FC"),
    "TFC": ("FC", *_MIDDLE),
    "BFC": ("FC", *_MIDDLE),
    "TBC": ("BC", "BL+BR", "SL+SR", *_MIDDLE, "FC"),
    **dict.fromkeys(("TFL", "BFL", "DL", "WL"), _LEFT),
    **dict.fromkeys(("TFR", "BFR", "DR", "WR"), _RIGHT),
    **dict.fromkeys(("TBL", "TSL", "SDL"), ("BL", "SL", *_LEFT)),
    **dict.fromkeys(("TBR", "TSR", "SDR"), ("BR", "SR", *_RIGHT)),
}
"""Who takes the channel of a speaker that is not there (ITU-R BS.775): the first that is; of the deep bass nobody."""
_BEHIND = {"BL", "BR", "SL", "SR", "BC"}  # 3 dB down where they come out in front


def guess_speakers(speakers: Speakers, channels: int) -> Speakers:
    """The speakers that a file names; where it does not, what so many channels mostly are. Empty: no telling."""
    if len(speakers) == channels and all(name in ORDER for name in speakers) and len(set(speakers)) == channels:
        return speakers
    return _GUESSED[channels] if channels < len(_GUESSED) else ()


def in_order(speakers: Speakers) -> Speakers:
    """The same speakers in the order of `ORDER`."""
    return tuple(sorted(speakers, key=ORDER.index))


def nearest(speakers: Speakers, layouts: Sequence[Speakers]) -> Speakers:
    """Of some layouts the one that loses least: no bass, then as few channels mixed as may be, then the smallest."""

    def loss(layout: Speakers) -> tuple[int, int, int]:
        used = matrix(speakers, layout) > 0
        lost = sum(not column.any() for column in used.T)
        return lost, max(0, len(speakers) - lost - int(used.any(axis=1).sum())), len(layout)

    return min(layouts, key=loss)


def is_relabelled(source: Speakers, target: Speakers) -> bool:
    """Whether each channel comes out by itself and as it was, at most under the name of the speaker beside it."""
    beside = {"SL": "BL", "SR": "BR", "DL": "FL", "DR": "FR"}
    return set(target) in (set(source), {beside.get(name, name) for name in source})


def matrix(source: Speakers, target: Speakers) -> NDArray[np.float32]:
    """How the channels of one set of speakers come out of another, (len(target), len(source)).

    Quieter where sums could go beyond full scale. Deep bass is left out where nobody takes it.
    """
    if {"SL", "SR"} <= set(target) and "SL" not in source:
        sides: dict[str, str] = {}
        if {"BC", "BL", "BR"} <= set(source):
            sides = {"BL": "SL", "BR": "SR"}  # with somebody behind, those at the back are at the sides
        elif {"FLC", "FRC", "BL", "BR"} <= set(source):
            sides = {"FLC": "SL", "FRC": "SR"}  # WAV's first mask for 7.1; what is meant by it are the sides
        source = tuple(sides.get(name, name) for name in source)
    found = np.zeros((len(target), len(source)))
    for column, name in enumerate(source):
        heirs, weight = _heirs(name, target)
        for heir in heirs:
            found[target.index(heir), column] = weight
    return (found / max(1.0, float(found.sum(axis=1).max()))).astype(np.float32)


def remixed(samples: NDArray[np.float32], source: Speakers, target: Speakers, channels: int) -> NDArray[np.float32]:
    """Samples (n, channels of the source) for other speakers, (n, channels); as they are where nothing changes.

    Args:
        samples: of the source.
        source: its speakers, or none.
        target: the speakers wanted, or none.
        channels: number of those wanted; of channels without a name the odd ones go left, the even ones right.
    """
    if source and target and len(source) == samples.shape[1]:
        if source == target:
            return samples
        return np.ascontiguousarray(samples @ matrix(source, target).T)
    if samples.shape[1] == channels:
        return samples
    sides = [samples[:, 0::2].mean(axis=1), samples[:, 1::2].mean(axis=1)] if samples.shape[1] > 1 else [samples[:, 0]]
    return np.stack([sides[k % len(sides)] for k in range(channels)], axis=1)


def mains(speakers: Speakers, channels: int) -> list[int]:
    """The channels with more than deep bass, which encoders cut off above 120 Hz; all where there are no names."""
    found = [k for k, name in enumerate(speakers) if not name.startswith("LFE")]
    return found if found and len(speakers) == channels else list(range(channels))


def _heirs(name: str, target: Speakers) -> tuple[tuple[str, ...], float]:
    """Who in the target takes a channel, and how much each; nobody: it is left out."""
    for choice in (name, *_ELSEWHERE[name]):
        heirs = tuple(choice.split("+"))
        if all(heir in target for heir in heirs):
            shared = len(heirs) > 1 or (name in _BEHIND and choice[0] == "F") or choice == "BC" != name
            return heirs, _HALF if shared else 1.0
    return (), 0.0
