"""The tables of a codex anew: what is liked first, what is disliked left out. The originals stay as they are."""

from __future__ import annotations

import csv
import io
from itertools import zip_longest
from pathlib import Path

from avwalk.codex.ranking.ranking import SCENE, Rank, Ranking
from avwalk.codex.tables import Matrix
from avwalk.errors import OutputError
from avwalk.files.atomic import write_file

SCENES, STRUCTURE = "scene-optimized.csv", "structure-optimized.csv"
MOST_SCENES = 10


def write_optimised(matrix: Matrix, ranking: Ranking, folder: Path, *, force: bool = False) -> tuple[Path, Path]:
    """Writes `SCENES`, the ten best, and `STRUCTURE`, each column by how much its values are liked.

    Args:
        matrix: scenes and attributes as they are.
        ranking: of pictures of them.
        folder: that they are written into.
        force: replace those that are there.

    Returns:
        The two files.

    Raises:
        OutputError: one is there already, or cannot be written.
    """
    paths = folder / SCENES, folder / STRUCTURE
    for path in paths:
        if path.exists() and not force:
            raise OutputError(f"'{path}' is there already; --force replaces it, or move it away")
    scenes = best_first(matrix.scenes, ranking, SCENE)[:MOST_SCENES]
    columns = {name: best_first(values, ranking, name) for name, values in matrix.categories.items()}
    write_file(paths[0], _text([["Scene Description"], *([scene] for scene in scenes)]))
    rows = [list(row) for row in zip_longest(*columns.values(), fillvalue="")]
    write_file(paths[1], _text([list(columns), *rows]))
    return paths


def best_first(values: tuple[str, ...], ranking: Ranking, category: str | None) -> list[str]:
    """Values by their posterior mean; those that no picture showed have that of the codex.

    Those that were found to be disliked are left out, unless nothing would be left.

    Args:
        values: of one category, or the scenes.
        ranking: of all.
        category: None: scenes.
    """
    ranks: dict[str, Rank] = {rank.value: rank for rank in ranking.ranks if rank.category == category}
    kept = [value for value in values if value not in ranks or ranks[value].verdict != "disliked"] or list(values)
    return sorted(kept, key=lambda value: -(ranks[value].mean if value in ranks else ranking.prior.mean))


def _text(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
