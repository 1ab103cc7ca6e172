"""From the index of a picture to its record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avwalk.codex.codex import Codex, load_codex, prompt_of, public_address
from avwalk.codex.folder import CodexFolder
from avwalk.codex.settings_file import settings_of
from avwalk.codex.tables import Matrix
from avwalk.errors import CodexError, OptionError

MATRIX = Matrix(("sea", "city", "wood"), {"Prefix": ("ink of", "oil of"), "Hour": ("dawn", "night", "noon")})


def made(**values: Any) -> Codex:
    return Codex("x", settings_of(values), MATRIX)


def test_a_prompt_is_prefix_universe_scene_attributes_style(codex: CodexFolder) -> None:
    records = load_codex(codex).records()
    assert len(records) == 6 and [each.scene for each in records[:3]] == ["a calm sea", "a meadow, in fog", "a volcano"]
    first = records[0]
    assert first.prompt == f"ink of far away, a calm sea, {first.attributes['Hour']}, neon"
    assert (first.negative, first.style, first.codex) == ("boats", "neon", "shore")
    assert (first.width, first.height, first.painter) == (32, 18, "worlds")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**63 - 1), st.integers(1, 4), st.sampled_from((0.0, 0.3, 0.5, 1.0)), st.integers(1, 30))
def test_a_picture_is_a_function_of_codex_and_index(seed: int, variations: int, inclusion: float, n: int) -> None:
    codex = made(seed=seed, variations=variations, inclusion=inclusion)
    longer = made(seed=seed, variations=variations, inclusion=inclusion, cycles=9)
    assert codex.records(n) == codex.records(n + 13)[:n] == longer.records(n)


def test_variations_share_a_prompt_and_have_seeds_of_their_own() -> None:
    records = made(variations=3).records(9)
    assert [each.scene for each in records] == ["sea"] * 3 + ["city"] * 3 + ["wood"] * 3
    assert len({each.prompt for each in records}) == 3 and len({each.seed for each in records}) == 9
    assert all(0 <= each.seed < 2**32 for each in records)


def test_several_painters_share_the_pictures_or_each_paint_all() -> None:
    codex = made(painter="worlds,sd@small", several="all", variations=2)
    records = codex.records()
    assert codex.total == 12 and [each.painter for each in records[:4]] == ["worlds", "sd@small"] * 2
    assert records[0].seed == records[1].seed != records[2].seed
    shared = made(painter="worlds,sd@small", cycles=20).records()
    assert len(shared) == 60 and 15 < sum(each.painter == "worlds" for each in shared) < 45


def test_an_override_stands_in_place_of_the_attributes() -> None:
    codex = made(override="oil of <SCENE>, at night", style="noir")
    assert [each.prompt for each in codex.records()] == [f"oil of {each}, at night, noir" for each in MATRIX.scenes]
    assert not codex.records()[0].attributes
    assert codex.combinations == 3
    named = made(override="mine", overrides={"mine": r"a \1 <SCENE>"})
    assert named.records(1)[0].prompt == r"a \1 sea"


def test_rates_of_single_categories_go_before_inclusion() -> None:
    records = made(rates={"Hour": 0.0}, cycles=4).records()
    assert all(set(each.attributes) == {"Prefix"} for each in records)


@pytest.mark.parametrize("count", [0, -1, 100_001])
def test_far_too_many_pictures_are_refused(count: int) -> None:
    with pytest.raises(OptionError, match="pictures are out of range"):
        made().records(count)


def test_empty_parts_leave_no_commas() -> None:
    assert prompt_of("sea", {}, settings_of({"style": " , "})) == "sea"


def test_a_rate_of_no_category_is_an_error(codex: CodexFolder) -> None:
    with codex.settings.open("a", encoding="utf-8") as file:
        file.write("[rates]\nHours = 0.5\n")
    with pytest.raises(CodexError, match=r"\[rates\] has 'Hours'.*did you mean 'Hour'"):
        load_codex(codex)


def test_a_folder_without_a_codex_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CodexError, match="is no codex.*avwalk codex new"):
        load_codex(CodexFolder(tmp_path))


@pytest.mark.parametrize(("address", "public"), [
    ("worlds", "worlds"),
    ("sd@/home/me/models/small?steps=2", "sd@small?steps=2"),
    (r"sd@C:\me\small", "sd@small"),
    ("a1111@http://me:word@10.0.0.5:7860/x?steps=4", "a1111@http://10.0.0.5:7860/x?steps=4"),
])  # fmt: skip
def test_pictures_tell_no_paths_and_no_passwords(address: str, public: str) -> None:
    assert public_address(address) == public
    assert {each.painter for each in made(painter=address).records()} == {public}


def test_painters_that_pictures_could_not_tell_apart_are_refused() -> None:
    with pytest.raises(OptionError, match="two painters would be 'sd@small'"):
        made(painter="sd@a/small,sd@b/small").records()
