"""Times for a known text from recognised words, by the cheapest edit of one into the other: any language."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avwalk.words.transcript import Word

SIMILAR = 0.5
"""Cost of taking a word for one that begins alike; of leaving one out or putting one in: 1."""
_ALIKE = 3  # letters
_MAX_CELLS = 40_000_000


def match_words(text: Sequence[str], recognised: Sequence[Word]) -> list[Word | None]:
    """For each word of a text the recognised word that it is.

    Args:
        text: words as they are written.
        recognised: with times, ascending.

    Returns:
        Of each word of the text its counterpart; None: it has none.
    """
    found: list[Word | None] = [None] * len(text)
    a, b = [bare(word) for word in text], [bare(word.text) for word in recognised]
    if not a or not b or len(a) * len(b) > _MAX_CELLS:
        return found
    heads_a, heads_b = ([word[:_ALIKE] if len(word) >= _ALIKE else "" for word in words] for words in (a, b))
    costs = _costs(*_numbers(a, b), *_numbers(heads_a, heads_b))
    for i, j in _pairs(costs):
        if costs[i, j] < 1.5:
            found[i] = recognised[j]
    return found


def word_error_rate(text: Sequence[str], recognised: Sequence[str]) -> float:
    """Words taken wrongly, left out and put in, against the number of words of a text; marks and case do not count.

    Args:
        text: what was said.
        recognised: what was understood.
    """
    a, b = ([word for each in words if (word := bare(each))] for words in (text, recognised))
    rows = np.arange(len(b) + 1)
    for k, word in enumerate(a, 1):
        last, rows = rows, rows.copy()
        rows[0] = k
        for j, other in enumerate(b, 1):
            rows[j] = min(last[j] + 1, rows[j - 1] + 1, last[j - 1] + (word != other))
    return float(rows[-1]) / max(1, len(a))


def bare(word: str) -> str:
    """A word as it is compared: letters and digits alone, small, without accents."""
    spread = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in spread if sign.isalnum())


def _numbers(a: Sequence[str], b: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A number for each word, the same for the same word; empty ones are like none of the other side."""
    table = {word: k for k, word in enumerate(dict.fromkeys([*a, *b]))}
    numbers = [[table[word] if word else side for word in words] for side, words in ((-1, a), (-2, b))]
    return np.array(numbers[0]), np.array(numbers[1])


def _costs(
    same_a: NDArray[np.int64], same_b: NDArray[np.int64], alike_a: NDArray[np.int64], alike_b: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Cost of taking each word for each other, (n, m): 0 for the same, `SIMILAR`, else 2: no better than both edits."""
    costs = np.full((len(same_a), len(same_b)), 2.0, np.float32)
    costs[alike_a[:, None] == alike_b[None]] = SIMILAR
    costs[same_a[:, None] == same_b[None]] = 0.0
    return costs


def _pairs(costs: NDArray[np.float32]) -> list[tuple[int, int]]:
    """The pairs of the cheapest edit (Wagner & Fischer 1974), ascending."""
    n, m = costs.shape
    total = np.zeros((n + 1, m + 1), np.float32)
    total[0] = np.arange(m + 1)
    steps = np.arange(m + 1, dtype=np.float32)
    for i in range(n):
        row = np.empty(m + 1, np.float32)
        row[0] = i + 1
        row[1:] = np.minimum(total[i, :-1] + costs[i], total[i, 1:] + 1)
        total[i + 1] = np.minimum.accumulate(row - steps) + steps  # words put in: each costs 1
    pairs, i, j = list[tuple[int, int]](), n, m
    while i and j:
        if np.isclose(total[i, j], total[i - 1, j - 1] + costs[i - 1, j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif np.isclose(total[i, j], total[i - 1, j] + 1):
            i -= 1
        else:
            j -= 1
    return pairs[::-1]
