from __future__ import annotations

from itertools import pairwise

import pytest

from avwalk.diffusion import tiers
from avwalk.diffusion.tiers import SD_TIERS, SDXL_TIERS, tier

GB = 1 << 30


@pytest.mark.parametrize("base", ["sd1", "sd2", "sdxl"])
def test_every_size_of_card_has_its_tier(base: str) -> None:
    for gigabytes in (4, 6, 8, 12, 24):
        for told in (gigabytes, gigabytes * 0.95):  # cards tell a little less than they are sold as
            assert tier(round(told * GB), base).gigabytes == gigabytes
    assert tier(2 * GB, base).gigabytes == 4 and tier(80 * GB, base).gigabytes == 24
    assert tier(16 * GB, base).gigabytes == 12


@pytest.mark.parametrize("tiers", [SD_TIERS, SDXL_TIERS])
def test_less_memory_is_never_less_careful(tiers: tuple[tiers.Tier, ...]) -> None:
    care = ["", "text", "network", "layers"]
    for less, more in pairwise(tiers):
        assert less.batch <= more.batch and less.slicing >= more.slicing and less.tiling >= more.tiling
        assert care.index(less.offload) >= care.index(more.offload)


def test_a_large_model_is_treated_with_more_care() -> None:
    assert tier(6 * GB, "sdxl").offload == "layers" and tier(6 * GB, "sd1").offload == "text"


def test_it_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from avwalk.device import Card

    assert tier(8 * GB, "sdxl").summary() == (
        "8 GB: the text encoders make room for the UNet, the autoencoder in slices and tiles, at most 1 at once"
    )
    assert tier(24 * GB, "sd1").summary() == "24 GB: all on the card, at most 32 at once"
    monkeypatch.setattr(tiers, "cards", lambda: [Card("a card", 12 * GB)])
    assert tiers.listed().startswith("SD 12 GB: ") and "\n" not in tiers.listed()
    monkeypatch.setattr(tiers, "cards", lambda: [])
    assert tiers.listed() == "on the processor"
    assert tiers.chosen("cpu", "sdxl") == tiers.PROCESSOR
