"""Means of marks, tables of them, and paired differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.hearing.marks import DRUM, FALSE, FORM, MARKS, RHYTHM

Marks = Mapping[str, float]
TABLES = {
    "rhythm": RHYTHM,
    "drums, 50 ms": tuple(mark for mark in DRUM if mark.endswith("50")),
    "drums, 25 ms": tuple(mark for mark in DRUM if mark.endswith("25")),
    "false drums a minute; form": (*FALSE, *FORM),
}


@dataclass(frozen=True)
class Difference:
    """Of a mark between two estimates of the same songs.

    Attributes:
        n: songs that have it in both.
        change: mean of new − old.
        error: standard error of it; NaN of one song.
        worse: it is worse by more than one standard error (of one song: worse at all).
    """

    n: int
    change: float
    error: float
    worse: bool


def mean(rows: Sequence[Marks], mark: str) -> tuple[float, int]:
    """Mean of a mark over the songs that have it, and how many those are."""
    values = [row[mark] for row in rows if not np.isnan(row[mark])]
    return (float(np.mean(values)) if values else float("nan")), len(values)


def difference(old: Sequence[Marks], new: Sequence[Marks], mark: str) -> Difference | None:
    """Paired difference of a mark; None if no song has it. Less is better for what is false."""
    change = np.array([b[mark] - a[mark] for a, b in zip(old, new, strict=True)])
    change = change[~np.isnan(change)]
    n = len(change)
    if n == 0:
        return None
    error = float(change.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    better = -change.mean() if mark in FALSE else change.mean()
    return Difference(n, float(change.mean()), error, bool(better < -np.nan_to_num(error) - 1e-12))


def table(title: str, sets: Mapping[str, Mapping[str, Sequence[Marks]]]) -> str:
    """A row for each set and program; ``compound`` as a count.

    Args:
        title: out of `TABLES`.
        sets: set → program → the marks of its songs.
    """
    names = [mark for mark in TABLES[title] if _any(sets, mark)]
    if not names:
        return ""
    width = max(8, *(len(name) for rows in sets.values() for name in rows))
    heads = [_short(name) for name in names]
    lines = [f"\n{title}", f"{'':<10}{'n':>3}  {'':<{width}}" + "".join(f"{head:>{_wide(head)}}" for head in heads)]
    for name, rows in sets.items():
        for k, (program, songs) in enumerate(rows.items()):
            cells = "".join(f"{_cell(songs, mark):>{_wide(_short(mark))}}" for mark in names)
            lines.append(f"{name if k == 0 else '':<10}{len(songs) if k == 0 else '':>3}  {program:<{width}}{cells}")
    return "\n".join(lines)


def differences(sets: Mapping[str, tuple[Sequence[Marks], Sequence[Marks]]]) -> tuple[str, int]:
    """A block for each set: every mark that differs, with its standard error; and how many are worse.

    Args:
        sets: set → marks of (old, new), song by song.
    """
    lines, worse, total = [], 0, 0
    for name, (old, new) in sets.items():
        lines.append(f"\n{name}: new − old, mean of the songs ± standard error (songs)")
        same = 0
        for mark in MARKS:
            found = difference(old, new, mark)
            if found is None:
                continue
            total += 1
            if found.change == 0 and not found.error > 0:
                same += 1
                continue
            worse += found.worse
            error = "one song" if found.n == 1 else f"± {found.error:.3f}"
            lines.append(f"  {mark:<18}{found.change:>+8.3f} {error:<10} ({found.n}){'   WORSE' * found.worse}")
        lines.append(f"  {same} marks are the same")
    lines.append(f"\n{worse} of {total} are worse by more than a standard error; by chance alone about one in six is")
    return "\n".join(lines), worse


def _any(sets: Mapping[str, Mapping[str, Sequence[Marks]]], mark: str) -> bool:
    return any(mean(songs, mark)[1] for rows in sets.values() for songs in rows.values())


def _short(mark: str) -> str:
    return mark.removesuffix(" 50").removesuffix(" 25")


def _wide(head: str) -> int:
    return max(7, len(head) + 2)


def _cell(songs: Sequence[Marks], mark: str) -> str:
    value, n = mean(songs, mark)
    if n == 0:
        return "–"
    if mark == "compound":
        return f"{round(value * n)}/{n}"
    return f"{value:.1f}" if mark in FALSE else f"{value:.3f}"
