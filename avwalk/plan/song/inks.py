"""Which two inks a film is printed in: by the song's key, and others for each label of a section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from avwalk.config.preset import Preset
from avwalk.contracts import Analysis, Shot
from avwalk.effects.overprint import INKS
from avwalk.generators.palette_in_key import KEYS
from avwalk.plan.song.song_palettes import key_of


def with_inks(
    params: Mapping[str, NDArray[np.float32]], shots: Sequence[Shot], preset: Preset, analysis: Analysis
) -> dict[str, NDArray[np.float32]]:
    """The parameters of the whole song with ``overprint.pair`` gone on by the song's key and the shots' labels.

    Args:
        params: target → (n_frames,).
        shots: of the whole song, without wishes.
        preset: nothing changes where it does not print.
        analysis: of the song.
    """
    found = dict(params)
    if "overprint" not in preset.effects:
        return found
    pair = params["overprint.pair"].copy()
    first = list(KEYS).index(key_of(analysis))
    for shot in shots:
        pair[shot.i0 : shot.i1] = np.mod(pair[shot.i0 : shot.i1] + first + shot.label, len(INKS))
    found["overprint.pair"] = pair
    return found
