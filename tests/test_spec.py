"""Films that were stored before the spec was typed: they are read, and written again to the byte."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from avwalk.config.preset import Preset
from avwalk.request.metadata import stored_options
from avwalk.request.parse import parse_options
from avwalk.score.cues import Cues
from avwalk.spec import NO_TEXT, CuesSpec, FilmSpec, SongSpec
from avwalk.spec.json_form import Spec, later

FILMS = Path(__file__).parent / "golden" / "films"
KINDS = sorted(path.stem for path in FILMS.glob("*.json") if path.stem != "hashes")
HASHES = json.loads((FILMS / "hashes.json").read_text(encoding="utf-8"))


def stored(kind: str) -> str:
    return (FILMS / f"{kind}.json").read_text(encoding="utf-8")


def spec_of(kind: str) -> FilmSpec:
    return FilmSpec.from_json(json.loads(stored(kind)))


def test_there_are_ten_kinds() -> None:
    assert len(KINDS) >= 10 and set(KINDS) == set(HASHES)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stored_film_is_written_again_to_the_byte(kind: str) -> None:
    assert json.dumps(spec_of(kind).to_json(), ensure_ascii=False) == stored(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_its_hash_is_what_it_was(kind: str) -> None:
    assert spec_of(kind).hash == HASHES[kind]


def assert_holds(read: Mapping[str, Any], kept: Mapping[str, Any]) -> None:
    """Every value that the film keeps is read as it is; keys that its version did not have yet have their defaults."""
    for key, value in kept.items():
        if isinstance(value, Mapping):
            assert_holds(read[key], value)
        else:
            assert read[key] == value, key


@pytest.mark.parametrize("kind", KINDS)
def test_its_preset_and_cues_are_read(kind: str) -> None:
    spec = spec_of(kind)
    preset = Preset.model_validate(spec.look.preset.values)
    assert_holds(preset.model_dump(mode="json"), spec.look.preset.values)
    cues = Cues.from_json(spec.cues.to_json())
    assert CuesSpec.from_json(cues.as_json()) == spec.cues


@pytest.mark.parametrize("kind", KINDS)
def test_the_tag_of_a_film_gives_options(kind: str) -> None:
    options = stored_options({"avwalk": (FILMS / f"{kind}.tag").read_text(encoding="utf-8")}, "film.mp4")
    stored_apart = {"preset_values", "stored_cues", "stored_looks", "stored_source", "stored_seed", "stored_paths"}
    stored_apart |= {"stored_redone", "stored_pictures", "stored_words"}
    values = {name: value for name, value in options.items() if name not in stored_apart}
    parsed, spec = parse_options(values), spec_of(kind)
    assert (parsed.seed, parsed.profile, parsed.device) == (spec.seed, spec.profile, spec.device)
    assert Fraction(parsed.fps) == spec.fps and options["preset_values"]["title"] == spec.look.preset.values["title"]


def test_values_have_their_types() -> None:
    spec = spec_of("testcard")
    assert spec.fps == Fraction(24000, 1001) and spec.span == (0, 96) and spec.size == (64, 36)
    assert isinstance(spec.song, SongSpec) and spec.encoder.gop(spec.fps) == 12
    restyled = spec_of("restyle").look.restyle
    assert restyled is not None and restyled.prompts == ("ink", "oil") and len(restyled.frames) == 2
    assert spec_of("biggan").look.generator.classes and spec_of("sd").look.generator.recipe
    assert spec_of("cues").presets["sumi"].look.preset.name == "sumi"


def test_a_pinned_preset_is_a_film_without_what_is_written_over_it() -> None:
    spec = spec_of("cues").with_preset("sumi")
    assert spec.look.preset.name == "sumi" and not spec.presets and spec.text == NO_TEXT and not spec.explain
    assert spec.song == spec_of("cues").song and spec.hash != spec_of("cues").hash
    assert FilmSpec.from_json(spec.to_json()) == spec


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda tree: tree.pop("seed"), "key 'seed' is missing"),
        (lambda tree: tree["song"].pop("sha256"), "key 'song.sha256' is missing"),
        (lambda tree: tree.update(sied=1), "unknown key 'sied'"),
        (lambda tree: tree["encoder"].update(magic=1), "unknown key 'encoder.magic'"),
        (lambda tree: tree.update(song="a.wav"), "song is str, no table"),
    ],
)
def test_damage_is_named(change: Any, said: str) -> None:
    tree = json.loads(stored("plain"))
    change(tree)
    with pytest.raises(ValueError, match=said):
        FilmSpec.from_json(tree)


@dataclass(frozen=True)
class _Old(Spec):
    a: int


@dataclass(frozen=True)
class _New(Spec):
    a: int
    b: str = later("as before")


def test_a_later_field_is_left_out_while_it_has_its_old_meaning() -> None:
    assert _New(1).to_json() == _Old(1).to_json() and _New(1).hash == _Old(1).hash
    assert _New.from_json({"a": 1}) == _New(1)
    assert _New(1, "new").to_json() == {"a": 1, "b": "new"} and _New(1, "new").hash != _New(1).hash
    assert _New.from_json({"a": 1, "b": "new"}) == _New(1, "new")


def test_it_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec_of("plain").seed = 3  # type: ignore[misc]
