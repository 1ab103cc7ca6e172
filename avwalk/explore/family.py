"""Child worlds for `--vary` and `--breed`: numbering, names, and their form in a preset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from avwalk.config.preset import Ancestor, Preset
from avwalk.errors import OptionError

MAX_PARENTS = 8
AMOUNT = 0.3
"""Default variation of children."""


@dataclass(frozen=True)
class Family:
    """Children of one world, or of several.

    Attributes:
        parents: seeds, as rows are numbered.
        amount: variation, 0 to 1.
    """

    parents: tuple[int, ...]
    amount: float

    @property
    def name(self) -> str:
        """``7v`` or ``3x7x9``; a part of file names, legal on every system."""
        return "x".join(map(str, self.parents)) + ("v" if len(self.parents) == 1 else "") + self._by

    def child(self, number: int) -> str:
        """``7v2`` or ``3x7x9-4``; with a non-default amount ``7v2-by60``, in per cent."""
        parents = "x".join(map(str, self.parents))
        return f"{parents}{'v' if len(self.parents) == 1 else '-'}{number}{self._by}"

    @property
    def _by(self) -> str:
        return "" if self.amount == AMOUNT else f"-by{100 * self.amount:g}".replace(".", "_")

    def ancestors(self, preset: Preset) -> list[Any]:
        """The parents as plain values for a preset: in one that has parents already, they are its children."""
        cppn = preset.cppn
        found = [Ancestor(seed=seed, parents=cppn.parents, variation=cppn.variation) for seed in self.parents]
        return [ancestor.model_dump(mode="json") for ancestor in found]


def family(vary: int | None, breed: Sequence[int] | None, amount: float | None) -> Family | None:
    """The family of the options; None: worlds without parents.

    Raises:
        OptionError: options that contradict each other, or are out of range.
    """
    if vary is None and breed is None:
        if amount is not None:
            raise OptionError(f"--amount {amount:g} says how far children are; give --vary or --breed with it")
        return None
    if vary is not None and breed is not None:
        raise OptionError("--vary and --breed: give one of them; a bred world can be varied once it is kept")
    parents = (vary,) if vary is not None else tuple(breed or ())
    if vary is None and not 2 <= len(parents) <= MAX_PARENTS:
        raise OptionError(f"--breed wants 2 to {MAX_PARENTS} worlds and got {len(parents)}; for one there is --vary")
    if len(set(parents)) < len(parents):
        raise OptionError(f"--breed {','.join(map(str, parents))} names a world twice; give each once")
    if wrong := [seed for seed in parents if not 0 <= seed < 2**63]:
        raise OptionError(f"there is no world {wrong[0]}; worlds are numbered from 0 to {2**63 - 1}")
    amount = AMOUNT if amount is None else amount
    if not (0 < amount <= 1 or (amount == 0 and len(parents) > 1)):
        raise OptionError(f"--amount {amount:g} is out of range; give more than 0, at most 1")
    return Family(parents, amount)
