"""Optimised tables: the most liked first, the disliked out, the originals as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avwalk.codex.ranking.optimised import best_first, write_optimised
from avwalk.codex.ranking.ranking import Ranking, rank
from avwalk.codex.record import Record
from avwalk.codex.tables import Matrix, read_matrix
from avwalk.errors import OutputError

MATRIX = Matrix(
    tuple(f"scene {k}, far" for k in range(12)), {"Prefix": ("ink", "oil", "never shown"), "Light": ("day", "night")}
)


def ranking() -> Ranking:
    records = [
        Record(i, "c", f"scene {i % 12}, far", {"Prefix": "ink" if i % 2 else "oil", "Light": "day"}) for i in range(48)
    ]
    return rank(records, np.arange(48) % 2 == 1)


def test_tables_are_sorted_and_read_back(tmp_path: Path) -> None:
    scenes, structure = write_optimised(MATRIX, ranking(), tmp_path)
    found = read_matrix(scenes, structure)
    assert len(found.scenes) == 10 and found.scenes[0] in {f"scene {k}, far" for k in range(1, 12, 2)}
    assert found.categories["Prefix"] == ("ink", "never shown")  # oil is disliked
    assert found.categories["Light"] == ("day", "night")
    assert scenes.read_text(encoding="utf-8").startswith("Scene Description\n")


def test_what_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    write_optimised(MATRIX, ranking(), tmp_path)
    with pytest.raises(OutputError, match="force replaces it"):
        write_optimised(MATRIX, ranking(), tmp_path)
    write_optimised(MATRIX, ranking(), tmp_path, force=True)


def test_a_category_is_never_emptied() -> None:
    assert best_first(("oil",), ranking(), "Prefix") == ["oil"]
