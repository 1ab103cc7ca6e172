"""Seeds of pictures, and seeds that encode a variation of another seed.

A seed below 2⁵³ is plain. One from 2⁶² on is a variation: its noise is the slerp from its parent's noise towards a
child's by an amount. So a variation can be stored as a number, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import slerp
from avwalk.errors import OptionError

Array = NDArray[np.float64]

PLAIN = 1 << 53
VARIATION = 1 << 62
AMOUNTS = 16  # amounts are multiples of one in so many
CHILDREN = 32
_PURPOSE_SHEET, _PURPOSE_CHILD = 0x5EED, 0xC41D


class Variation(NamedTuple):
    """A decoded variation seed: parent, number of the child from 0, amount in (0, 1]."""

    parent: int
    child: int
    amount: float


def fresh(first: int, k: int) -> int:
    """Seed k of a sheet, 32 bits, as other programs accept."""
    return int(np.random.SeedSequence([first, k, _PURPOSE_SHEET]).generate_state(1)[0])


def variation(parent: int, child: int, amount: float) -> int:
    """The seed of a variation.

    Args:
        parent: a plain seed.
        child: its number, 0 to 31.
        amount: in (0, 1], rounded to sixteenths.

    Raises:
        OptionError: something is out of range.
    """
    if not 0 <= parent < PLAIN:
        raise OptionError(f"seed {parent} cannot be varied; give one of 0 to {PLAIN - 1}, not a variation")
    if not 0 <= child < CHILDREN:
        raise OptionError(f"there are {CHILDREN} variations with an amount; -n {child + 1} is too many")
    if not 0 < amount <= 1:
        raise OptionError(f"--amount {amount:g} is out of range; give more than 0, at most 1")
    sixteenths = max(1, round(amount * AMOUNTS))
    return VARIATION | (sixteenths - 1) << 58 | child << 53 | parent


def varied(seed: int) -> Variation | None:
    """Decodes a variation seed; None for a plain one."""
    if seed < VARIATION:
        return None
    return Variation(seed & (PLAIN - 1), seed >> 53 & (CHILDREN - 1), ((seed >> 58 & (AMOUNTS - 1)) + 1) / AMOUNTS)


def mixed(seed: int, noise: Callable[[int], Array]) -> Array:
    """The noise of a seed, plain or a variation.

    Args:
        seed: ≥ 0.
        noise: returns the noise of a plain seed, any shape; slerp is over the whole array.
    """
    if not (found := varied(seed)):
        return noise(seed)
    child = int(np.random.SeedSequence([found.parent, found.child, _PURPOSE_CHILD]).generate_state(1)[0])
    a, b = np.asarray(noise(found.parent)), np.asarray(noise(child))
    return slerp(a.ravel(), b.ravel(), np.asarray(found.amount)).reshape(a.shape)
