"""Records of simulated codices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.codex.record import Record


def design(n: int, categories: int, values: int, rng: np.random.Generator, scenes: int = 11) -> list[Record]:
    """Records of a balanced design: each value, and each scene, as often as any other, within one."""
    columns = [rng.permutation(np.arange(n) % values) for _ in range(categories)]
    scene = rng.permutation(np.arange(n) % scenes)
    return [
        Record(i, "test", f"scene {scene[i]}", {f"c{k}": f"v{column[i]}" for k, column in enumerate(columns)})
        for i in range(n)
    ]


def taste(
    records: list[Record], liked: set[tuple[str, str]], rng: np.random.Generator, strength: float = 2.0
) -> NDArray[np.bool_]:
    """Marks of somebody who likes a picture with odds of e⁻¹, and e^strength times that for each liked attribute."""
    z = np.array([-1 + strength * len(liked & set(record.attributes.items())) for record in records])
    return np.asarray(rng.random(len(z)) < 1 / (1 + np.exp(-z)))
