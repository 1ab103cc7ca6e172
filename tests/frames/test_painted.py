"""Frames restyled by painters: key frames go to the service as pictures, once; what comes back is the film."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.errors import OptionError, PainterError, PlanError
from avwalk.frames.painted import PainterRepaint
from avwalk.pipeline import render
from avwalk.request.metadata import metadata, stored_options
from avwalk.request.resolve import resolve
from avwalk.restyle.restyled import KeyRequest
from avwalk.spec import RestyleSpec
from tests.painters.services import A1111, GRAPH_OVER, ComfyUI, Service, serving

SMALL: dict[str, Any] = {"preset": "lsd", "generator": "testcard", "size": "96x54", "restyle": True}


@pytest.fixture(autouse=True)
def _own_paintings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))


def restyle_of(song: Path, painter: str, **options: Any) -> RestyleSpec:
    found = resolve(song, {**SMALL, "painter": painter, **options}).film.look.restyle
    assert found is not None
    return found


def request(n: int) -> KeyRequest:
    even = np.zeros(n, np.float32)
    return KeyRequest(tuple(range(n)), even + 0.35, even, even, np.zeros((n, 1, 1, 1), np.float32), even)


@pytest.fixture(params=["a1111", "comfyui"])
def named(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    handler = {"a1111": A1111, "comfyui": ComfyUI}[request.param]
    (tmp_path / "graph.json").write_text(json.dumps(GRAPH_OVER))
    query = f"?graph={tmp_path / 'graph.json'}" if request.param == "comfyui" else "?steps=3"
    with serving(handler) as service:
        yield f"{request.param}@{service.url}{query}", service


def test_frames_are_painted_over_by_the_service_once(named: tuple[str, Service], click_song: Path) -> None:
    name, service = named
    repaint = PainterRepaint(restyle_of(click_song, name), (96, 54))
    frames = np.zeros((2, repaint.size[1], repaint.size[0], 3), np.float32)
    frames[0, :, : repaint.size[0] // 2] = (1, 0, 0)
    frames[1, : repaint.size[1] // 2] = (0, 0, 1)
    made = repaint(frames, request(2))
    assert made.shape == frames.shape and np.isfinite(made).all()
    half = repaint.size[0] // 2
    assert made[0, :, : half - 8, 0].mean() > made[0, :, half + 8 :, 0].mean() + 0.4, "the frame shows through"
    assert made[1, : repaint.size[1] // 2 - 8, :, 2].mean() > made[1, repaint.size[1] // 2 + 8 :, :, 2].mean() + 0.4
    asked = len(service.asked)
    again = PainterRepaint(restyle_of(click_song, name), (96, 54))(frames, request(2))
    assert (again == made).all() and len(service.asked) == asked, "what was painted once is kept"


def test_strength_and_prompt_reach_the_service(click_song: Path) -> None:
    with serving(A1111) as service:
        spec = restyle_of(click_song, f"a1111@{service.url}", prompt=("a sea of glass",))
        repaint = PainterRepaint(spec, (96, 54))
        noise = np.random.default_rng(0).random((1, repaint.size[1], repaint.size[0], 3))
        repaint(noise.astype(np.float32), request(1))
        sent = service.posted("img2img")[0]
    assert sent["prompt"] == "a sea of glass" and sent["denoising_strength"] == pytest.approx(0.35)
    assert (sent["width"], sent["height"]) == repaint.size and sent["seed"] == spec.seed


def test_a_blocked_picture_is_bridged_and_an_error_is_told(click_song: Path) -> None:
    with serving(A1111) as service:
        repaint = PainterRepaint(restyle_of(click_song, f"a1111@{service.url}"), (96, 54))
        frames = np.zeros((1, repaint.size[1], repaint.size[0], 3), np.float32)
        service.fault = "flat"
        assert np.isnan(repaint(frames, request(1))).all()
        service.fault = "unauthorised"
        with pytest.raises(PainterError, match="401"):
            repaint(frames, request(1))


def test_a_film_stores_its_painter(click_song: Path) -> None:
    asked = resolve(click_song, {**SMALL, "painter": "worlds"})
    again = resolve(click_song, stored_options(metadata(asked), "film.mp4"))
    assert again.film == asked.film and again.film.look.restyle is not None
    assert again.film.look.restyle.painter == "worlds"
    other = resolve(click_song, {**SMALL, "painter": "a1111@http://127.0.0.1:1"})
    assert other.film.hash != asked.film.hash


def test_another_graph_is_another_film(click_song: Path, tmp_path: Path) -> None:
    path = tmp_path / "graph.json"
    path.write_text(json.dumps(GRAPH_OVER))
    name = f"comfyui@http://127.0.0.1:1?graph={path}"
    spec = restyle_of(click_song, name)
    path.write_text(json.dumps({**GRAPH_OVER, "12": {"class_type": "Note", "inputs": {}}}))
    assert restyle_of(click_song, name).model != spec.model
    with pytest.raises(PlanError, match="another than this film was planned with"):
        PainterRepaint(spec, (96, 54))


def test_a_painter_without_a_restyle_is_refused(click_song: Path) -> None:
    with pytest.raises(OptionError, match="add (--)?restyle"):
        resolve(click_song, {**SMALL, "painter": "worlds", "restyle": None})
    with pytest.raises(OptionError, match="name one"):
        resolve(click_song, {**SMALL, "painter": "worlds,a1111"})


def test_an_estimate_of_a_restyled_film_counts_its_keys_and_asks_nobody(click_song: Path) -> None:
    with serving(A1111) as service:
        options = SMALL | {"painter": f"a1111@{service.url}?price=0.25&jobs=2"}
        found = render(click_song, estimate=True, **options)
        assert not service.asked
    n_frames = resolve(click_song, SMALL | {"painter": "worlds"}).clock.n_frames
    assert n_frames / 8 < found["pictures"] < n_frames and found["painting_cost"] == 0.25 * found["pictures"]
    assert found["line"].startswith(f"{found['pictures']} pictures, ") and f"then {n_frames} frames" in found["line"]
