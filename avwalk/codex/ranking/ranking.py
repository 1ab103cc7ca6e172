"""Which attributes and scenes of a codex are liked, with what is chance told from what is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from avwalk.codex.folder import SortedPictures
from avwalk.codex.ranking.logistic import Array, Auc, cross_validated_auc, fit
from avwalk.codex.ranking.pairs import PairTests, pair_tests
from avwalk.codex.ranking.posterior import Prior, chance_of, findings, posterior_of
from avwalk.codex.record import Record
from avwalk.errors import CodexError

LEVEL = 0.05
"""Share of the findings that may be chance. Where pairs are tested too, either kind gets half of it."""
HANDFUL = 5
"""Marks below which nothing can be told."""
DIVIDED = 3
"""Likes, and dislikes, from which an attribute is a complex one."""
SCENE: None = None
Verdict = Literal["liked", "disliked", "complex", "open"]


@dataclass(frozen=True)
class Rank:
    """An attribute or a scene, and how much it is liked.

    Attributes:
        category: of the attribute; None: it is a scene.
        value: of the attribute, or the scene.
        likes: good pictures that show it.
        dislikes: bad ones.
        mean: posterior share of likes, 0 to 1.
        low: of its 90 % interval.
        high: of its 90 % interval.
        chance: probability of such a split by chance.
        verdict: ``liked`` and ``disliked`` are findings; ``complex`` ones were both, without one; the rest is open.
    """

    category: str | None
    value: str
    likes: int
    dislikes: int
    mean: float
    low: float
    high: float
    chance: float
    verdict: Verdict

    @property
    def name(self) -> str:
        """Category and value; scenes have their word for it."""
        return f"{self.category or 'scene'}: {self.value}"


@dataclass(frozen=True)
class PairRank:
    """Two attributes, or a scene and one, that are liked more or less together than each of them says: a finding.

    Attributes:
        first: the one.
        second: the other.
        likes: good pictures that show both.
        dislikes: bad ones.
        expected: likes if neither changed what the other does.
        chance: probability of such a difference by chance.
    """

    first: Rank
    second: Rank
    likes: int
    dislikes: int
    expected: float
    chance: float


@dataclass(frozen=True)
class Ranking:
    """What is liked in a codex.

    Attributes:
        good: pictures marked good.
        bad: pictures marked bad.
        prior: of every attribute.
        ranks: of scenes, then of each category, as pictures show them in turn; the most liked first.
        pairs: findings among pairs, the surest first.
        tested_pairs: pairs with enough data.
        possible_pairs: pairs in all.
        auc: of a model of single attributes; None: too few marks.
        pairs_auc: of one with pairs; None: no pair has enough data, or too few marks.
    """

    good: int
    bad: int
    prior: Prior
    ranks: tuple[Rank, ...]
    pairs: tuple[PairRank, ...]
    tested_pairs: int
    possible_pairs: int
    auc: Auc | None
    pairs_auc: Auc | None

    def of(self, verdict: Verdict) -> list[Rank]:
        """All of one kind: findings by how sure they are, the others by how much they are liked."""
        chosen = [rank for rank in self.ranks if rank.verdict == verdict]
        return sorted(chosen, key=lambda r: r.chance if verdict in ("liked", "disliked") else -r.mean)

    @property
    def caveat(self) -> str | None:
        """Why there is little to learn from so few marks; None: there are enough."""
        marks = self.good + self.bad
        if marks < HANDFUL:
            return f"{marks} marks tell nothing yet; mark a few dozen pictures"
        if not self.good or not self.bad:
            other = "bad" if self.good else "good"
            return f"all {marks} marks are {'good' if self.good else 'bad'}: mark some pictures {other}, too"
        return None


def rank_pictures(pictures: SortedPictures) -> Ranking:
    """Learns what is liked from pictures that were sorted.

    Raises:
        CodexError: none of them was.
    """
    records = [picture.record for picture in (*pictures.good, *pictures.bad)]
    good = np.arange(len(records)) < len(pictures.good)
    if not records:
        raise CodexError("no picture is marked: press g or b on the codex's page, or copy some into good/ and bad/")
    return rank(records, good)


def rank(records: Sequence[Record], good: NDArray[np.bool_]) -> Ranking:
    """Learns what is liked.

    Args:
        records: of n ≥ 1 pictures.
        good: (n,) whether each is liked; the others are not.
    """
    keys, x = features(records)
    y = np.asarray(good, bool)
    n_good, n_bad = int(y.sum()), int((~y).sum())
    likes, dislikes = x[y].sum(axis=0).astype(np.int64), x[~y].sum(axis=0).astype(np.int64)
    told = n_good > 0 and n_bad > 0 and len(y) >= HANDFUL
    tests, auc, pairs_auc = None, None, None
    if told:
        model = fit(x, y)
        tests, auc = pair_tests(x, y, [category for category, _ in keys], model), cross_validated_auc(x, y)
        if len(tests):
            pairs_auc = cross_validated_auc(np.hstack([x, tests.columns(x)]), y)
    level = LEVEL / 2 if tests is not None and len(tests) else LEVEL
    prior = Prior((n_good + 0.5) / (len(y) + 1))
    chance = chance_of(likes, dislikes, n_good, n_bad)
    sure = findings(chance, level) & told
    posterior = posterior_of(likes, dislikes, prior)
    ranks = [
        Rank(
            *keys[k],
            int(likes[k]),
            int(dislikes[k]),
            float(posterior.mean[k]),
            float(posterior.low[k]),
            float(posterior.high[k]),
            float(chance[k]),
            _verdict(bool(sure[k]), likes[k] * n_bad > dislikes[k] * n_good, int(likes[k]), int(dislikes[k])),
        )
        for k in range(len(keys))
    ]
    return Ranking(
        n_good, n_bad, prior, _sorted(ranks), _pairs(ranks, tests, level), 0 if tests is None else len(tests),
        0 if tests is None else tests.possible, auc, pairs_auc,
    )  # fmt: skip


def features(records: Sequence[Record]) -> tuple[list[tuple[str | None, str]], Array]:
    """Category and value of each column, scenes first, and which picture shows which: (n, m) of 0 and 1.

    Scenes and attributes are compared whole: ``red`` is not in ``red brick``.
    """
    order = list(dict.fromkeys(category for record in records for category in record.attributes))
    keys: list[tuple[str | None, str]] = [(SCENE, text) for text in dict.fromkeys(record.scene for record in records)]
    for category in order:
        shown = dict.fromkeys(r.attributes[category] for r in records if category in r.attributes)
        keys += [(category, value) for value in shown]
    column = {key: k for k, key in enumerate(keys)}
    x = np.zeros((len(records), len(keys)))
    for row, record in enumerate(records):
        x[row, [column[SCENE, record.scene], *(column[item] for item in record.attributes.items())]] = 1
    return keys, x


def _verdict(sure: bool, above: bool, likes: int, dislikes: int) -> Verdict:
    if sure:
        return "liked" if above else "disliked"
    return "complex" if min(likes, dislikes) >= DIVIDED else "open"


def _sorted(ranks: Sequence[Rank]) -> tuple[Rank, ...]:
    """Categories in their order, the most liked first; equals as they came."""
    order = {category: k for k, category in enumerate(dict.fromkeys(rank.category for rank in ranks))}
    return tuple(sorted(ranks, key=lambda r: (order[r.category], -r.mean, -(r.likes + r.dislikes))))


def _pairs(ranks: Sequence[Rank], tests: PairTests | None, level: float) -> tuple[PairRank, ...]:
    """The findings among pairs."""
    if tests is None:
        return ()
    found = [
        PairRank(
            ranks[int(tests.first[k])], ranks[int(tests.second[k])], int(tests.likes[k]), int(tests.dislikes[k]),
            float(tests.expected[k]), float(tests.chance[k]),
        )
        for k in np.flatnonzero(findings(tests.chance, level))
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda pair: pair.chance))
