"""What a surface is made of is seen, each knob in its way."""

from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.arrays.colour import LUMA
from avwalk.config.preset import Preset
from avwalk.errors import OptionError
from avwalk.generators.cppn.generator import TARGETS, Cppn
from avwalk.generators.cppn.options import options
from tests.generators.cppn.test_generator import drive, walk

BARE: dict[str, Any] = {"grain_amount": 0, "bloom_amount": 0}
SEEN = [
    ("material_roughness", 0.0, "relief void"),
    ("material_rim", 3.0, "relief void ink"),
    ("material_glint", 4.0, "relief void"),
    ("material_tubes", 1.0, "relief void lines"),
    ("material_subsurface", 1.0, "relief void lines"),
    ("material_dispersion", 1.0, "relief void"),
    ("material_glass", 1.0, "void"),
    ("material_facets", 1.0, "void"),
    ("material_contact", 1.0, "relief void"),
]


@pytest.mark.parametrize(("knob", "value", "topologies"), SEEN, ids=lambda each: str(each))
def test_a_knob_is_seen(knob: str, value: float, topologies: str) -> None:
    for topology in topologies.split():
        generator = Cppn((192, 108), 3, topology=topology)
        moves: list[dict[str, Any]] = [{}, {knob: value}]
        usual, other = (generator.draw(drive(walk(1), **BARE, **move)) for move in moves)
        assert np.abs(usual - other).mean() > 0.15 / 255, topology
        assert np.isfinite(other).all() and other.min() >= 0 and other.max() <= 1


def test_every_target_of_materials_is_looked_at() -> None:
    there = {name.replace(".", "_") for name in TARGETS if name.startswith("material.")}
    assert {knob for knob, _, _ in SEEN} == there - {"material_relief"}  # see test_structure


def test_a_mirror_is_sharper_than_satin() -> None:
    generator = Cppn((320, 180), 3, topology="relief")

    def sharp(roughness: float) -> float:
        luma = generator.draw(drive(walk(1), material_roughness=roughness, **BARE))[0] @ LUMA
        return float(np.abs(cv2.Laplacian(luma, cv2.CV_32F)).mean())

    assert sharp(0.0) > sharp(0.5) > sharp(1.0)


def test_dispersion_splits_highlights_into_red_and_blue() -> None:
    generator = Cppn((192, 108), 3, topology="relief", palette="graphite")
    grey, split = (
        generator.draw(drive(walk(1), material_dispersion=share, palette_saturation=0, **BARE))[0] for share in (0, 1)
    )
    assert np.ptp(grey, axis=2).max() < 0.02
    redder = split[..., 0] - split[..., 2]
    assert redder.max() > 0.05 and redder.min() < -0.05


def test_a_salt_gives_other_worlds_for_the_same_seeds() -> None:
    usual, same, other = (Cppn((96, 54), 3, topology="relief", salt=salt) for salt in (0, 0, 7))
    given = drive(walk(1))
    assert np.array_equal(usual.draw(given), same.draw(given))
    assert np.abs(usual.draw(given) - other.draw(given)).mean() > 0.02


def test_a_preset_that_extends_another_draws_its_worlds() -> None:
    first = Preset.model_validate({"cppn": {"salt": 7}})
    kept = Preset.model_validate({**first.model_dump(), "cppn": {**first.cppn.model_dump(), "parents": [3]}})
    assert options(first)["salt"] == options(kept)["salt"] == 7


def test_an_unknown_structure_is_told() -> None:
    with pytest.raises(OptionError, match="engraved"):
        Cppn((96, 54), 3, structure="engravd")
    with pytest.raises(OptionError, match="structure_size"):
        Cppn((96, 54), 3, structure_size=9)
