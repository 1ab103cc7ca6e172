"""Segments that were drawn here, known by their packets: how the next edit of a film finds what it can keep of it.

A small file for each in the user's cache says for which label its packets were encoded and what was measured of its
pictures. So a film is no more believed than any other file: it is only asked for packets that this avwalk has encoded
itself. Without the cache nothing is found, and the segment is drawn again.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.files.byte_cache import ByteCache

LIMIT = 256 << 20  # bytes, about a hundred hours of films
_CACHE = ByteCache("segments", LIMIT, "edits of a film draw all of it")


class CachedSegment(NamedTuple):
    """What is known of a segment.

    Attributes:
        label: of `avwalk.rendering.segment_label`: what its frames depend on.
        aspects: what the label was made of, name → sha256.
        changes: how its picture changes, as a `FilmWriter` measures it, (4, n_frames) float64.
    """

    label: str
    aspects: Mapping[str, str]
    changes: NDArray[np.float64]


def remember(segments: Mapping[str, CachedSegment]) -> None:
    """Keeps what is known of segments; that it cannot be written is no error.

    Args:
        segments: `avwalk.video.segment_packets.packets_digest` of each → what is known of it.
    """
    for digest, drawn in segments.items():
        data, told = io.BytesIO(), json.dumps([drawn.label, dict(drawn.aspects)])
        np.savez(data, changes=drawn.changes, told=np.array(told))
        _CACHE.store(digest, data.getvalue())
    _CACHE.trim()


def recall(digest: str) -> CachedSegment | None:
    """What is known of a segment with these packets; None if it was not drawn here."""
    if (data := _CACHE.find(digest)) is None:
        return None
    try:
        with np.load(io.BytesIO(data)) as stored:
            label, aspects = json.loads(str(stored["told"]))
            return CachedSegment(str(label), dict(aspects), np.asarray(stored["changes"], np.float64))
    except (ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile):  # of another version
        return None
