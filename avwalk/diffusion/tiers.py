"""Memory tiers for 4, 6, 8, 12 and 24 GB cards: offloading, slicing, tiling and batch size, chosen by device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from avwalk.device import cards

if TYPE_CHECKING:
    pass
_GB = 1 << 30
_ROUNDING = 0.92
"""A nominal 8 GB card reports 7.6 to 8.0: from this share of its nominal size on it counts."""


@dataclass(frozen=True)
class Tier:
    """Memory-saving measures for a card size.

    Attributes:
        gigabytes: smallest card size that it is for.
        offload: networks on the card: ``""``: all; ``"text"``: first the text encoders, then the others;
            ``"network"``: only the active one; ``"layers"``: of the UNet only the active layer.
        slicing: the VAE processes one picture at a time.
        tiling: and that in tiles.
        batch: maximum batch size.
    """

    gigabytes: int
    offload: str = ""
    slicing: bool = False
    tiling: bool = False
    batch: int = 32

    @property
    def means(self) -> str:
        """The measures in words; empty: none."""
        parts = [OFFLOAD[self.offload], "the autoencoder in slices" * self.slicing, "and tiles" * self.tiling]
        return ", ".join(part for part in parts if part).replace(", and tiles", " and tiles")

    def summary(self) -> str:
        """One-line description."""
        return f"{self.gigabytes} GB: {self.means or 'all on the card'}, at most {self.batch} at once"


@dataclass(frozen=True)
class Placement:
    """Where and how the networks of a model run.

    Attributes:
        device: ``"cpu"``, ``"cuda"`` or ``"mps"``.
        dtype: a torch.dtype; None: float16 on CUDA, else float32.
        tier: what is done to fit the memory; None: by that of the device.
        compile: torch compiles the blocks of the UNet at its first image: a minute or so, for a long film of one size
            and batch. Where that fails a warning says so, and it goes on without.
    """

    device: str = "cpu"
    dtype: Any = None
    tier: Tier | None = None
    compile: bool = False


ON_PROCESSOR = Placement()


OFFLOAD = {
    "": "",
    "text": "the text encoders make room for the UNet",
    "network": "one network on the card at a time",
    "layers": "the UNet layer by layer",
}
"""Descriptions of offloading, in order of decreasing memory."""


SD_TIERS = (
    Tier(4, "network", slicing=True, tiling=True, batch=1),
    Tier(6, "text", slicing=True, tiling=True, batch=2),
    Tier(8, slicing=True, batch=4),
    Tier(12, slicing=True, batch=8),
    Tier(24),
)
"""SD 1.x and 2.x: in half precision 1.7 GB of weights in the UNet, 0.2 in the autoencoder, 0.2 to 0.7 for text."""

SDXL_TIERS = (
    Tier(4, "layers", slicing=True, tiling=True, batch=1),
    Tier(6, "layers", slicing=True, tiling=True, batch=1),
    Tier(8, "text", slicing=True, tiling=True, batch=1),
    Tier(12, slicing=True, batch=4),
    Tier(24, batch=16),
)
"""SDXL. In half precision the UNet has 5.1 GB of weights, the text encoders 1.6, the autoencoder in float32 0.3."""

PROCESSOR = Tier(0, batch=1)
"""CPU: nothing to offload."""

SPARING = Tier(0, slicing=True, tiling=True, batch=1)
"""CPU, low memory."""


def tier(memory: int | None, base: str) -> Tier:
    """The tier for a card of so many bytes; the smallest for one that is smaller still. None: the processor."""
    if memory is None:
        return PROCESSOR
    tiers = SDXL_TIERS if base == "sdxl" else SD_TIERS
    return next((each for each in reversed(tiers) if memory >= each.gigabytes * _GB * _ROUNDING), tiers[0])


def chosen(device: str, base: str) -> Tier:
    """The tier for a device that is here."""
    return tier(device_memory(device), base)


def device_memory(device: str) -> int | None:
    """Bytes that the device has; None for the processor. Needs torch for Apple's."""
    if device == "cuda":
        import torch

        return int(torch.cuda.get_device_properties(0).total_memory)
    if device == "mps":
        import torch

        return int(torch.mps.recommended_max_memory())
    return None


def listed() -> str:
    """Description of the first card's tier; without torch."""
    found = cards()
    if not found:
        return "on the processor"
    return f"SD {tier(found[0].memory, 'sd1').summary()}; SDXL {tier(found[0].memory, 'sdxl').summary()}"


def tiers(device: str, base: str) -> tuple[Tier, ...]:
    """Tiers of a device and a model family, the most frugal first."""
    if device == "cpu":
        return SPARING, PROCESSOR
    return SDXL_TIERS if base == "sdxl" else SD_TIERS


def empty_cache(device: str) -> None:
    """Releases cached memory of a card."""
    import gc

    import torch

    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()
