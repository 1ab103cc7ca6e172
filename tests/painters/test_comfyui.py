"""Graphs, their placeholders, and ComfyUI's ways."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from avwalk.errors import OptionError, PainterError
from avwalk.painters.comfyui import filled
from avwalk.painters.connection import connect
from avwalk.painters.registry import open_painter
from tests.painters.services import GRAPH, ComfyUI, Service, serving


def painter_of(service: Service, tmp_path: Path, graph: Any = GRAPH, settings: str = "") -> Any:
    path = tmp_path / "graph.json"
    path.write_text(json.dumps(graph))
    return open_painter(f"comfyui@{service.url}?graph={path}&{settings}")


def test_placeholders_become_values_of_their_kind() -> None:
    values = {"seed": 7, "prompt": "a %seed% sea", "strength": 0.4}
    graph = {"a": "%seed%", "b": ["x %seed% y", 3, "%unknown%"], "c": {"d": "%prompt%, 50%"}, "e": "%strength%"}
    assert filled(graph, values) == {"a": 7, "b": ["x 7 y", 3, "%unknown%"], "c": {"d": "a %seed% sea, 50%"}, "e": 0.4}


def test_prompts_do_not_reach_the_structure_of_a_graph(tmp_path: Path) -> None:
    nasty = '", "class_type": "DeleteEverything", "x": "%seed% %image%'
    with serving(ComfyUI) as service:
        painter_of(service, tmp_path).paint(nasty, size=(64, 64))
        graph = service.posted("prompt")[0]["prompt"]
    assert graph["6"]["inputs"]["text"] == nasty
    assert {n: node["class_type"] for n, node in graph.items()} == {n: node["class_type"] for n, node in GRAPH.items()}


def test_the_empty_history_right_after_a_job_is_waited_out(tmp_path: Path) -> None:
    with serving(ComfyUI) as service:
        service.empty_looks = 6
        painter_of(service, tmp_path).paint("a sea", size=(64, 64))
        assert sum("/history/" in path for _, path, _, _ in service.asked) == 7


def test_the_same_graph_gives_the_same_file(tmp_path: Path) -> None:
    with serving(ComfyUI) as service:
        pictures = [
            open_painter(f"comfyui@{service.url}?graph={tmp_path / 'graph.json'}", fresh=True)
            for _ in range(2)
            if (tmp_path / "graph.json").write_text(json.dumps(GRAPH))
        ]
        a, b = (each.paint("a sea", seed=1, size=(64, 64)).picture for each in pictures)
        assert (a == b).all() and len(service.made) == 1


def test_a_job_that_is_forgotten_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with serving(ComfyUI) as service:
        service.fault = "lost"
        with pytest.raises(PainterError, match="has forgotten the picture"):
            painter_of(service, tmp_path).paint("a sea", size=(64, 64))


def test_a_node_that_fails_says_so(tmp_path: Path) -> None:
    with serving(ComfyUI) as service:
        service.fault = "failed"
        with pytest.raises(PainterError, match=r"node 3 \(KSampler\) failed: out of memory"):
            painter_of(service, tmp_path).paint("a sea", size=(64, 64))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not json", "no JSON"),
        ('{"nodes": [], "links": []}', "Export"),
        ("[]", "no graph in API format"),
        ('{"1": {"class_type": "X", "inputs": {}}}', "holds no %prompt%"),
    ],
)
def test_what_is_no_graph(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "graph.json").write_text(text)
    with pytest.raises(OptionError, match=said):
        open_painter(f"comfyui@http://127.0.0.1:1?graph={tmp_path / 'graph.json'}")


def test_a_graph_that_is_not_there() -> None:
    with pytest.raises(OptionError, match="cannot be read"):
        open_painter("comfyui@http://127.0.0.1:1?graph=nowhere.json")


def test_another_graph_is_another_painter(tmp_path: Path) -> None:
    with serving(ComfyUI) as service:
        one = painter_of(service, tmp_path).identity
        other = painter_of(service, tmp_path, {**GRAPH, "11": {"class_type": "Note", "inputs": {}}}).identity
        assert one != other


def test_a_foreign_origin_would_be_refused() -> None:
    with serving(ComfyUI) as service, pytest.raises(PainterError, match="403; it refuses this client"):
        connect(service.url, {"Origin": "https://elsewhere.example.com"}).get("system_stats")
