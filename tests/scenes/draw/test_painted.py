"""Scenes drawn by painters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import OptionError, PainterError
from avwalk.painters.registry import is_painter, open_painters
from avwalk.scenes.draw.painted import PainterArtist, Words
from avwalk.scenes.nodes import Node
from avwalk.scenes.project.settings_json import read_generator
from tests.painters.services import A1111, serving

SIZE = (64, 36)
PROMPTS = {"sea": Words("a calm sea at dawn"), "city": Words("a red city in fog", "people")}


@pytest.fixture(autouse=True)
def _own_paintings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))


def test_ways_begin_and_end_with_their_pictures() -> None:
    artist = PainterArtist(SIZE, PROMPTS, open_painters("worlds"))
    a, b = Node("sea", str(1)), Node("city", str(2))
    first, middle, last = artist.frames(a, b, [0.0, 0.5, 1.0])
    assert (first == next(iter(artist.frames(a, a, [0.0])))).all()
    assert (last == next(iter(artist.frames(b, b, [0.0])))).all()
    assert np.abs(middle - first).mean() > 0.02 and np.abs(middle - last).mean() > 0.02
    assert artist.fingerprint(a, b) != artist.fingerprint(b, a)
    text, negative, values = artist.metadata(b)
    assert (text, negative, values["Painter"], values["Seed"]) == ("a red city in fog", "people", "worlds", 2)


def test_a_service_is_asked_once_for_each_picture() -> None:
    with serving(A1111) as service:
        artist = PainterArtist(SIZE, PROMPTS, open_painters(f"a1111@{service.url}"))
        list(artist.frames(Node("sea", str(1)), Node("city", str(2)), np.linspace(0, 1, 5).tolist()))
        assert [body["seed"] for body in service.posted("txt2img")] == [1, 2]
        service.fault = "refused"
        with pytest.raises(PainterError, match="Sampler not found"):
            next(iter(artist.frames(Node("sea", str(3)), Node("sea", str(3)), [0.0])))


def test_several_painters_share_the_pictures_out_by_their_seeds() -> None:
    with serving(A1111) as service:
        artist = PainterArtist(SIZE, PROMPTS, open_painters(f"worlds,a1111@{service.url}"))
        kinds = {artist.metadata(Node("sea", str(seed)))[2]["Painter"] for seed in range(8)}
    assert kinds == {"worlds", "a1111"}


@pytest.mark.parametrize("text", ["worlds", "a1111@http://127.0.0.1:7860?steps=4", "worlds,comfyui?graph=A.json"])
def test_tables_name_painters_as_they_are_written(text: str) -> None:
    assert is_painter(text) and read_generator(text) == text


@pytest.mark.parametrize("text", ["sd", "cppn", "cppn:lotus", "biggan"])
def test_generators_are_no_painters(text: str) -> None:
    assert not is_painter(text) and read_generator(text) == text


def test_what_is_neither() -> None:
    with pytest.raises(OptionError, match="or a painter"):
        read_generator("wrlds")
