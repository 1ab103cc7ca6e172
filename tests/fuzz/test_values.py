"""Values of every type and text where one type and form is meant: an `AvwalkError`, or what was meant."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avwalk import presets
from avwalk.clock import MAX_FPS, parse_fps, parse_time
from avwalk.errors import AvwalkError
from avwalk.files.bounded import MAX_DEPTH, parse_json, parse_toml
from avwalk.files.image import pixels_of
from avwalk.files.picture_header import header_problem
from avwalk.plan.prompts import Prompts
from avwalk.request.metadata import stored_options
from avwalk.request.parse import parse_options
from avwalk.score.cues import Cues
from avwalk.score.musical_time import parse_length, parse_moment
from avwalk.spec import FilmSpec
from tests.fuzz import seeds
from tests.fuzz.test_loaders import ASKED, FEW

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
NUMBERS = st.from_regex(r"\A[-+ ]?[0-9]{0,40}[./:eE]?[-+]?[0-9]{0,400}(beats|bars|s|ms)?\Z") | st.text(max_size=60)
MANY = settings(max_examples=ASKED or FEW, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(text=NUMBERS)
def test_frame_rates(text: str) -> None:
    try:
        fps = parse_fps(text)
    except AvwalkError:
        return
    assert isinstance(fps, Fraction) and 0 < fps <= MAX_FPS and fps.denominator <= 100_000


@MANY
@given(text=NUMBERS)
@pytest.mark.parametrize("read", [parse_time, parse_moment, parse_length])
def test_times(read: Any, text: str) -> None:
    try:
        found = read(text)
    except AvwalkError as error:
        assert len(str(error)) < 500
        return
    if read is parse_moment:
        assert parse_moment(found.canonical).canonical == found.canonical
    if read is parse_time:
        assert math.isfinite(found)


@MANY
@given(rows=TREES, removed=TREES, row=st.lists(st.text(max_size=12), min_size=5, max_size=5))
def test_stored_cues(rows: Any, removed: Any, row: list[str]) -> None:
    for tree in ({"rows": rows, "removed": removed, "kept": []}, {"rows": [row], "removed": [], "kept": []}, rows):
        try:
            found = Cues.from_json(tree)
        except AvwalkError:
            continue
        assert Cues.from_json(found.as_json()) == found


@MANY
@given(tree=TREES, key=st.sampled_from(["texts", "arrive", "every", "negative", "rows"]))
def test_stored_prompts(tree: Any, key: str) -> None:
    stored = {"texts": ["a"], "arrive": "bars", "every": 1, "negative": "", "rows": [], key: tree}
    try:
        Prompts.from_json(stored)
    except AvwalkError:
        return


@MANY
@given(tree=TREES, key=st.sampled_from(sorted(seeds.again("cues"))))
def test_stored_options(tree: Any, key: str) -> None:
    told = {**seeds.again("cues"), key: tree}
    try:
        options = stored_options({"avwalk": json.dumps(told)}, "film.mp4")
        presets.from_tree(options["preset"], options["preset_values"])
        parse_options({"fps": options["fps"], "start": options["start"], "duration": options["duration"]})
    except AvwalkError:
        return


@MANY
@given(tree=TREES, data=st.data())
def test_stored_specs(tree: Any, data: st.DataObject) -> None:
    told = json.loads((seeds.FILMS / "cues.json").read_text(encoding="utf-8"))
    told[data.draw(st.sampled_from(sorted(told)))] = tree
    try:
        found = FilmSpec.from_json(told)
    except ValueError:
        return
    assert FilmSpec.from_json(found.to_json()) == found


@MANY
@given(depth=st.integers(1, 3 * MAX_DEPTH), digits=st.integers(1, 6000), text=st.text(max_size=200))
def test_json_and_toml_have_bounds(depth: int, digits: int, text: str) -> None:
    for read, given_ in (
        (parse_json, "[" * depth + "]" * depth),
        (parse_json, '{"a":' * depth + "1" + "}" * depth),
        (parse_toml, "a = " + "[" * depth + "]" * depth),
        (parse_json, "9" * digits),
        (parse_toml, "a = " + "9" * digits),
        (parse_json, text),
        (parse_toml, text),
    ):
        try:
            read(given_)
        except ValueError:
            continue
        assert given_ == text or (depth <= MAX_DEPTH or digits < 21)


@MANY
@given(
    head=st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b"II*\0", b"BM", b"GIF89a", b""]),
    rest=st.binary(),
)
def test_pictures(head: bytes, rest: bytes) -> None:
    data = head + rest
    if header_problem(data):
        assert pixels_of(data) is None
