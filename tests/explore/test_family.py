"""What `--vary` and `--breed` ask for: names, ancestors, contradictions."""

from __future__ import annotations

import re

import pytest

from avwalk import presets
from avwalk.config.preset import MAX_ANCESTORS, Ancestor
from avwalk.contracts import Lineage
from avwalk.errors import OptionError, PresetError
from avwalk.explore.family import family
from avwalk.plan.build import descent


def test_names_are_legal_everywhere_and_say_how_far() -> None:
    asked = ((7, None, None), (7, None, 0.6), (None, (3, 7, 9), None), (None, (3, 7), 0.125), (None, (3, 7), 0.5))
    families = [known for known in (family(*each) for each in asked) if known]
    found = [known.child(n) for known, n in zip(families, (2, 2, 4, 4), strict=False)]
    assert found == ["7v2", "7v2-by60", "3x7x9-4", "3x7-4-by12_5"]
    assert all(re.fullmatch(r"[A-Za-z0-9_\-]+", name) for name in found)
    assert families[0].name == "7v" and families[-1].name == "3x7-by50"
    assert family(None, None, None) is None


@pytest.mark.parametrize(
    ("vary", "breed", "amount", "said"),
    [
        (7, (3, 4), None, "vary and breed"),
        (None, None, 0.3, "vary or breed"),
        (None, (3,), None, "got 1; for one there is vary"),
        (None, (3, 3), None, "names a world twice"),
        (None, tuple(range(9)), None, "2 to 8"),
        (-1, None, None, "no world -1"),
        (2**63, None, None, "no world"),
        (7, None, 0.0, "amount 0"),
        (7, None, 1.5, "amount 1.5"),
        (7, None, float("nan"), "amount nan"),
    ],
)
def test_contradictions(vary: int | None, breed: tuple[int, ...] | None, amount: float | None, said: str) -> None:
    with pytest.raises(OptionError, match=re.escape(said)):
        family(vary, breed, amount)


def test_children_of_children() -> None:
    look = presets.load("lsd", ["cppn.parents=[3, 7]", "cppn.variation=0.2"]).values
    lineage = family(4, None, None)
    assert lineage is not None
    again = presets.load("lsd", [f"cppn.parents={presets.toml_value(lineage.ancestors(look))}"]).values
    elder = Lineage(4, (Lineage(3), Lineage(7)), 0.2)
    assert descent(look, 4) == elder
    assert descent(again, 1) == Lineage(1, (elder,), 0.3) and descent(again, 1).path_seed in (3, 7)
    assert descent(again, 1).path_seed == elder.path_seed, "a variation goes its parent's way"
    assert presets.from_tree("x", again.model_dump(mode="json")).values == again


def test_what_a_preset_may_not_say_of_its_parents() -> None:
    with pytest.raises(PresetError, match=r"cppn.parents.0.seed = -1"):
        presets.load("lsd", ["cppn.parents=[-1]"])
    with pytest.raises(PresetError, match=r"cppn.parents.0"):
        presets.load("lsd", ['cppn.parents=["seven"]'])
    deep = Ancestor(seed=0)
    for k in range(1, MAX_ANCESTORS + 1):
        deep = Ancestor(seed=k, parents=(deep,))
    with pytest.raises(PresetError, match=f"25 ancestors in all, more than {MAX_ANCESTORS}"):
        presets.load("lsd", [f"cppn.parents={presets.toml_value([deep.model_dump(mode='json')])}"])
