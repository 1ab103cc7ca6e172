"""Breakpoint curves from CSV files with the columns ``time,value``."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.clock import parse_time
from avwalk.errors import OptionError, PresetError

MAX_BYTES = 4 << 20
MAX_VALUE = 1e6


@dataclass(frozen=True)
class BreakpointCurve:
    """A piecewise linear curve through breakpoints.

    Attributes:
        times: (n,) float64 seconds, ascending.
        values: (n,) float64.
        sha256: of the file's bytes, hexadecimal.
    """

    times: NDArray[np.float64]
    values: NDArray[np.float64]
    sha256: str

    def at(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at any times: linear between points, constant before the first and after the last."""
        return np.interp(times, self.times, self.values)


def read_curve(path: Path) -> BreakpointCurve:
    """Reads a file of breakpoints, one per line, ``time,value``, with or without a header line.

    Times are seconds or m:ss.fff, ascending; values are any numbers to ±10⁶, usually 0 to 1. Empty
    lines and lines that start with ``#`` are skipped; delimiters are commas, semicolons or tabs.

    Raises:
        PresetError: the file cannot be read or holds no curve; names the faulty line.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise PresetError(f"curve '{path.name}' cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise PresetError(f"curve '{path.name}' is not text; save it as CSV in UTF-8") from None
    if len(raw) > MAX_BYTES:
        raise PresetError(f"curve '{path.name}' is larger than {MAX_BYTES >> 20} MiB; give it fewer points")
    points: list[tuple[float, float]] = []
    divider = next((mark for mark in ";\t" if mark in text), ",")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=divider)
    for row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#") or (not points and cells[:2] == ["time", "value"]):
            continue
        points.append(_point(cells, points, f"{path.name}:{rows.line_num}"))
    if not points:
        raise PresetError(f"curve '{path.name}' holds no points; write lines such as 12.5,0.8")
    times, values = np.array(points).T
    return BreakpointCurve(times.copy(), values.copy(), hashlib.sha256(raw).hexdigest())


def _point(cells: list[str], before: list[tuple[float, float]], place: str) -> tuple[float, float]:
    if len(cells) < 2:
        raise PresetError(f"{place}: '{cells[0]}' has no value; write time,value such as 12.5,0.8")
    try:
        time, value = parse_time(cells[0]), float(cells[1])
    except OptionError as error:
        raise PresetError(f"{place}: {error}") from None
    except ValueError:
        raise PresetError(f"{place}: value '{cells[1]}' is not a number; write time,value such as 12.5,0.8") from None
    if not (math.isfinite(value) and abs(value) <= MAX_VALUE):
        raise PresetError(f"{place}: value {cells[1]} is out of range; it must be −10⁶ to 10⁶")
    if before and time <= before[-1][0]:
        raise PresetError(f"{place}: time {cells[0]} is not after the one before; sort the lines by time")
    return time, value
