"""Breakpoint curves from CSV files with the columns ``time,value``."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.clock import parse_time
from avwalk.errors import OptionError, PresetError
from avwalk.files.csv_table import open_table, with_point

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
    """Reads a table of breakpoints, one per row, ``time,value``, with or without a header.

    Times are seconds or m:ss.fff, ascending; values are any numbers to ±10⁶, usually 0 to 1. It is read as cues and
    batches are, see `avwalk.files.csv_table`: any encoding and delimiter of a spreadsheet, comments, decimal commas.

    Raises:
        PresetError: the file cannot be read or holds no curve; names the faulty line.
    """
    table = open_table(path, "curve", MAX_BYTES, kind=PresetError)
    points: list[tuple[float, float]] = []
    order = (0, 1)
    for record in table.records:
        place = f"{path.name}:{record.cells[0].line}"
        if record.open_quote:
            raise PresetError(f"{place}: a quotation mark is never closed; close it, or take it out")
        if record.blank or record.comment:
            continue
        cells = [cell.text for cell in record.cells]
        names = [text.lower() for text in cells]
        if not points and {"time", "value"} <= set(names):
            order = (names.index("time"), names.index("value"))
        else:
            points.append(_point([cells[k] if k < len(cells) else "" for k in order], points, place))
    if not points:
        raise PresetError(f"curve '{path.name}' holds no points; write lines such as 12.5,0.8")
    times, values = np.array(points).T
    return BreakpointCurve(times.copy(), values.copy(), hashlib.sha256(path.read_bytes()).hexdigest())


def _point(cells: list[str], before: list[tuple[float, float]], place: str) -> tuple[float, float]:
    if not cells[1]:
        raise PresetError(f"{place}: '{cells[0]}' has no value; write time,value such as 12.5,0.8")
    try:
        time, value = parse_time(with_point(cells[0])), float(with_point(cells[1]))
    except OptionError as error:
        raise PresetError(f"{place}: {error}") from None
    except ValueError:
        raise PresetError(f"{place}: value '{cells[1]}' is not a number; write time,value such as 12.5,0.8") from None
    if not (math.isfinite(value) and abs(value) <= MAX_VALUE):
        raise PresetError(f"{place}: value {cells[1]} is out of range; it must be −10⁶ to 10⁶")
    if before and time <= before[-1][0]:
        raise PresetError(f"{place}: time {cells[0]} is not after the one before; sort the lines by time")
    return time, value
