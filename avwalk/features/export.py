"""Export of an analysis as JSON or CSV."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from avwalk.contracts import Analysis
from avwalk.errors import OutputError
from avwalk.files.atomic import atomic_file

_DIGITS = 5  # of a signal: finer than any picture shows, and files stay small


def as_dict(analysis: Analysis) -> dict[str, Any]:
    """Plain numbers and lists.

    Keys: ``fps`` ("30/1"), ``n_frames``, ``duration``, ``tempo_bpm``, ``beats``, ``bars``, ``drops``
    (seconds), ``builds`` (``start``, ``end``), ``sections`` (``start``, ``end``, ``label``), ``stretches`` (the
    fields of `Stretch`), ``second_bpm``, ``hits`` (``onset``, ``kick``, ``snare``, ``hat``, ``accent``: seconds),
    ``signals`` (name → one value for each frame).
    """
    return {
        **score_as_dict(analysis),
        "signals": {
            name: np.round(np.asarray(curve, np.float64), _DIGITS).tolist() for name, curve in analysis.signals.items()
        },
    }


def score_as_dict(analysis: Analysis) -> dict[str, Any]:
    """As `as_dict`, without the signals."""
    score = analysis.score
    return {
        "fps": f"{analysis.fps.numerator}/{analysis.fps.denominator}",
        "n_frames": analysis.n_frames,
        "duration": analysis.duration,
        "tempo_bpm": float(score.tempo_bpm),
        "beats": np.round(score.beats, 6).tolist(),
        "bars": np.round(score.bars, 6).tolist(),
        "drops": np.round(score.drops, 6).tolist(),
        "builds": [{"start": start, "end": end} for start, end in score.builds],
        "sections": [{"start": s.start, "end": s.end, "label": s.label} for s in score.sections],
        "stretches": [asdict(stretch) for stretch in score.stretches],
        "second_bpm": float(score.second_bpm),
        "hits": {name: np.round(times, 6).tolist() for name, times in analysis.hits.items()},
    }


def write_json(analysis: Analysis, path: Path) -> None:
    """Writes ``as_dict`` to a file.

    Raises:
        OutputError: it cannot be written.
    """
    _write(path, lambda file: json.dump(as_dict(analysis), file, separators=(",", ":")))


def write_csv(analysis: Analysis, path: Path) -> None:
    """Writes a row for each frame: ``frame``, ``time`` in seconds, then every signal by name.

    Raises:
        OutputError: it cannot be written.
    """

    def rows(file: Any) -> None:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["frame", "time", *analysis.signals])
        for i, values in enumerate(zip(*analysis.signals.values(), strict=True)):
            time = float(i / analysis.fps)
            table.writerow([i, f"{time:.6f}", *(f"{value:.{_DIGITS}g}" for value in values)])

    _write(path, rows)


def _write(path: Path, write: Any) -> None:
    try:
        with atomic_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
            write(file)
    except OSError as error:
        raise OutputError(f"cannot write '{path}': {error.strerror}; choose another --out") from None
