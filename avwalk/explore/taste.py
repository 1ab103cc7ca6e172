"""A taste for worlds: what was marked good and bad, the model learnt from it, and the file that keeps it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from avwalk.codex.ranking.logistic import Array, Auc, Logistic, cross_validated_auc, fit
from avwalk.errors import OptionError, clipped
from avwalk.files.atomic import write_file
from avwalk.files.bounded import parse_json

MAX_BYTES = 8 << 20
MAX_MARKS = 2000
MAX_FEATURES = 64
"""Features of a world."""
MAX_COLUMNS = 256
"""Names of features in all marks."""
LARGEST = 1000.0
LEAST_SPREAD = 1e-4
MAX_SPREADS = 3.0
"""How far from the marked worlds a feature counts: what is further is as unknown as that."""

FeatureName = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[\w .:#()-]+$")]
FeatureValue = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]


class WorldMark(BaseModel):
    """What somebody thinks of a world."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    world: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
    good: bool
    features: Annotated[dict[FeatureName, FeatureValue], Field(min_length=1, max_length=MAX_FEATURES)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    avwalk_taste: Annotated[int, Field(ge=1, le=1)]
    marks: Annotated[list[WorldMark], Field(max_length=MAX_MARKS)]


@dataclass(frozen=True)
class Taste:
    """What somebody likes.

    Attributes:
        marks: each world once.
    """

    marks: tuple[WorldMark, ...]

    @property
    def good(self) -> NDArray[np.bool_]:
        """(n,) the marks."""
        return np.array([mark.good for mark in self.marks], bool)

    def with_marks(self, more: Sequence[WorldMark]) -> Taste:
        """With more marks; of a world that has one, the new one counts.

        Raises:
            OptionError: there would be far too many.
        """
        found = {mark.world: mark for mark in (*self.marks, *more)}
        if len(found) > MAX_MARKS:
            raise OptionError(
                f"a taste of {len(found)} marks is too large; at most {MAX_MARKS} are kept, begin another"
            )
        return Taste(tuple(found.values()))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the features, statistics first."""
        names = dict.fromkeys(name for mark in self.marks for name in mark.features)
        return tuple(sorted(names, key=lambda name: (":" in name, name)))

    @cached_property
    def auc(self) -> Auc | None:
        """How well it foretells marks that it was not fitted to; None: too few."""
        return cross_validated_auc(self._x, self.good)

    @property
    def caveat(self) -> str | None:
        """Why proposals by it are guesses; None: they are more than that."""
        good = int(self.good.sum())
        if not 0 < good < len(self.marks):
            return f"{len(self.marks)} marks, {good} of them good: a taste wants some of both"
        if self.auc is None:
            return f"{len(self.marks)} marks are too few to tell whether it knows anything; a few dozen are enough"
        return None if self.auc.knows else f"it {self.auc.text}"

    def scores(self, worlds: Sequence[Mapping[str, float]]) -> Array:
        """Probability that each world is liked, (n,), in [0, 1]; ½ for all where marks are of one kind.

        Args:
            worlds: features of n worlds.
        """
        from scipy.special import expit

        if self._model is None:
            return np.full(len(worlds), 0.5)
        return np.asarray(expit(self._model.log_odds(self._rows(worlds))))

    def distances(self, worlds: Sequence[Mapping[str, float]], others: Sequence[Mapping[str, float]] = ()) -> Array:
        """How far each world is from the nearest that was marked, (n,); units are spreads of the features.

        Args:
            worlds: features of n worlds.
            others: features of worlds that count as if they were marked.
        """
        there = np.vstack([self._x, self._rows(others)])
        return np.array([float(np.sqrt(((there - row) ** 2).sum(axis=1)).min()) for row in self._rows(worlds)])

    def likings(self) -> list[tuple[str, float]]:
        """Features with their weights, log-odds for each spread, the strongest first."""
        if self._model is None:
            return []
        found = zip(self.columns, self._model.weights.tolist(), strict=True)
        return sorted(found, key=lambda item: -abs(item[1]))

    @cached_property
    def _x(self) -> Array:
        return self._rows([mark.features for mark in self.marks])

    @cached_property
    def _scale(self) -> tuple[Array, Array]:
        """Centre and spread of each column. Shares are left in their unit, or a palette seen once would be a giant."""
        table = _table([mark.features for mark in self.marks], self.columns)
        centre = np.array([_mean(column) for column in table.T])
        spread = np.array([float(np.nanstd(column)) if np.isfinite(column).any() else 1.0 for column in table.T])
        share = np.array([":" in name for name in self.columns], bool)
        return centre, np.where(share | (spread < LEAST_SPREAD), 1.0, spread)

    @cached_property
    def _model(self) -> Logistic | None:
        good = self.good
        return fit(self._x, good) if 0 < int(good.sum()) < len(good) else None

    def _rows(self, worlds: Sequence[Mapping[str, float]]) -> Array:
        """(n, m) standardised; a statistic that was not measured is an average one."""
        centre, spread = self._scale
        table = _table(worlds, self.columns)
        found: Array = (np.where(np.isfinite(table), table, centre) - centre) / spread
        return np.clip(found, -MAX_SPREADS, MAX_SPREADS)


def _table(worlds: Sequence[Mapping[str, float]], columns: Sequence[str]) -> Array:
    """(n, m); NaN is a statistic that was not measured, a share that is not named is 0."""
    empty = [0.0 if ":" in name else math.nan for name in columns]
    rows = [[world.get(name, rest) for name, rest in zip(columns, empty, strict=True)] for world in worlds]
    return np.array(rows, np.float64).reshape(len(worlds), len(columns))


def _mean(column: Array) -> float:
    there = column[np.isfinite(column)]
    return float(there.mean()) if len(there) else 0.0


def read_taste(path: Path) -> Taste:
    """Reads a taste; whoever sent it may have written anything.

    Raises:
        OptionError: it cannot be opened, is too large, or is none.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise OptionError(f"taste '{path}' cannot be opened: {error.strerror or error}; check its name") from None
    if len(data) > MAX_BYTES:
        raise OptionError(f"taste '{path}' is larger than {MAX_BYTES >> 20} MiB; that is too much for one")
    try:
        found = _File.model_validate(parse_json(data))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "it"
        raise OptionError(f"'{path}' is no taste: {clipped(where, 80)}: {clipped(first['msg'], 120)}") from None
    except ValueError as error:
        raise OptionError(f"'{path}' is no taste: {clipped(error, 120)}") from None
    taste = Taste(()).with_marks(found.marks)
    if len(taste.columns) > MAX_COLUMNS:
        raise OptionError(
            f"'{path}' is no taste: it names {len(taste.columns)} features; at most {MAX_COLUMNS} are taken"
        )
    return taste


def write_taste(path: Path, taste: Taste) -> None:
    """Writes a taste, a mark a line.

    Raises:
        OutputError: it cannot be written.
    """
    marks = ",\n".join(json.dumps(mark.model_dump(), ensure_ascii=False) for mark in taste.marks)
    write_file(path, f'{{"avwalk_taste": 1, "marks": [\n{marks}\n]}}\n')
