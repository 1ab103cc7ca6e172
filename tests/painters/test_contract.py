"""What every painter of the registry does, and what becomes of each fault of a service."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.errors import AvwalkError, OptionError, PainterError
from avwalk.painters.contract import Painter
from avwalk.painters.registry import PAINTERS, open_painter
from tests.painters.services import A1111, GRAPH, GRAPH_OVER, ComfyUI, Jobs, OpenAI, Service, serving

HANDLERS = {"a1111": A1111, "comfyui": ComfyUI, "openai": OpenAI, "rest": Jobs}
SERVICES = [kind for kind, entry in PAINTERS.items() if entry.remote]
REST = """
url = "{url}/jobs/create"
picture = "images.0"
headers = {{ Authorization = "Bearer $SMALL_KEY" }}
[body]
prompt = "%prompt%"
negative_prompt = "%negative%"
seed = "%seed%"
width = "%width%"
height = "%height%"
[job]
id = "jobId"
url = "{url}/jobs/%id%"
"""
PROMPT = 'a "stormy" sea, 100% at night \\ {x} ünï'


@pytest.fixture(params=SERVICES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def service(kind: str) -> Iterator[Service]:
    with serving(HANDLERS[kind]) as found:
        yield found


@pytest.fixture
def named(kind: str, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The painter's name, with more settings, and another graph."""

    def name(settings: str = "", graph: Any = GRAPH) -> str:
        if kind == "comfyui":
            (tmp_path / "graph.json").write_text(json.dumps(graph))
            return f"comfyui@{service.url}?graph={tmp_path / 'graph.json'}&{settings}"
        if kind == "rest":
            monkeypatch.setenv("SMALL_KEY", "very-secret")
            (tmp_path / "service.toml").write_text(REST.format(url=service.url))
            return f"rest@{tmp_path / 'service.toml'}?{settings}"
        return f"{kind}@{service.url}?{settings}"

    return name


def test_the_registry_names_what_there_is() -> None:
    assert set(SERVICES) == set(HANDLERS)
    assert list(PAINTERS) == ["worlds", "sd", *SERVICES]


def test_a_picture_of_the_size_that_was_asked_for(named: Callable[..., str], service: Service) -> None:
    painting = open_painter(named()).paint(PROMPT, "people", 7, (100, 60))
    assert painting.picture.shape == (60, 100, 3) and painting.picture.dtype == np.float32
    assert 0 <= painting.picture.min() < painting.picture.max() <= 1
    assert painting.used["Seed"] == 7
    sent = [json.loads(body) for method, _, _, body in service.asked if method == "POST"]
    assert PROMPT in json.dumps(sent, ensure_ascii=False).replace("\\\\", "\\").replace('\\"', '"')


def test_what_is_kept_is_not_asked_for_again(named: Callable[..., str], service: Service) -> None:
    first = open_painter(named()).paint("a sea", seed=1, size=(64, 64))
    asked = len(service.asked)
    again = open_painter(named()).paint("a sea", seed=1, size=(64, 64))
    assert len(service.asked) == asked
    assert (first.picture == again.picture).all() and first.used == again.used
    open_painter(named()).paint("a sea", seed=2, size=(64, 64))
    assert len(service.asked) > asked
    asked = len(service.asked)
    open_painter(named(), fresh=True).paint("a sea", seed=1, size=(64, 64))
    assert len(service.asked) > asked


def test_a_service_that_is_busy_for_a_moment_is_asked_again(
    named: Callable[..., str], service: Service, waits: list[float]
) -> None:
    service.failures = 2
    assert open_painter(named()).paint("a sea", size=(64, 64)).picture.shape == (64, 64, 3)
    assert waits == [0, 0], "as long as it said"


def test_retries_end(named: Callable[..., str], service: Service, waits: list[float]) -> None:
    service.fault = "busy"
    with pytest.raises(PainterError, match="429: Rate limit reached"):
        open_painter(named()).paint("a sea", size=(64, 64))
    assert len(service.asked) == 4 and waits == [0, 0, 0]


@pytest.mark.parametrize(
    ("said", "waited"),
    [
        ("2.5", [2.5, 2.5, 2.5]),
        ("86400", [60, 60, 60]),
        ("inf", [60, 60, 60]),
        ("-5", [0, 0, 0]),
        ("nan", [0, 0, 0]),
        ("", [1, 2, 4]),
        ("Wed, 21 Oct 2026 07:28:00 GMT", [1, 2, 4]),
    ],
)
def test_what_a_service_asks_to_wait_is_waited_within_reason(
    said: str, waited: list[float], waits: list[float]
) -> None:
    class Busy(A1111):
        def answer(self, body: bytes) -> None:
            self.reply(429, {"detail": "later"}, {"Retry-After": said} if said else {})

    with serving(Busy) as service, pytest.raises(PainterError, match="429: later"):
        open_painter(f"a1111@{service.url}").paint("a sea", size=(64, 64))
    assert len(service.asked) == 4 and waits == waited


FAULTS = {
    "refused": "Sampler not found|node 4: .*ckpt_name: 'x' not in|rejected by the safety system|field required",
    "unauthorised": "401: Not authenticated; is the key right",
    "page": "no JSON",
    "moved": "sends elsewhere",
    "empty": "sent no picture|has forgotten|names no job",
    "closed": "closed in the middle",
    "cut": "closed in the middle",
}
PASSING = ("closed", "cut")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_clear_line_in_the_words_of_the_service(
    fault: str, named: Callable[..., str], service: Service, waits: list[float]
) -> None:
    service.fault = fault
    with pytest.raises(PainterError, match=FAULTS[fault]) as caught:
        open_painter(named("timeout=5")).paint("a sea", size=(64, 64))
    text = str(caught.value)
    assert "\n" not in text and len(text) < 400 and "very-secret" not in text
    assert "127.0.0.1" in text
    assert waits == ([1, 2, 4] if fault in PASSING else []), "only what may pass is asked for again, ever later"
    assert fault not in PASSING or len(service.asked) == 4


@pytest.mark.parametrize("fault", ["base64", "no picture", "half", "flat", "none"])
def test_what_is_no_picture_is_refused_and_not_kept(
    fault: str, named: Callable[..., str], service: Service, kind: str
) -> None:
    if kind == "comfyui" and fault in ("base64", "flat"):
        return  # its pictures are no base64
    service.fault = fault
    painter = open_painter(named())
    with pytest.raises(PainterError, match="picture|base64"):
        painter.paint("a sea", size=(64, 64))
    service.fault = ""
    assert painter.paint("a sea", size=(64, 64)).picture.shape == (64, 64, 3)


def test_a_slow_drip_ends_in_time(named: Callable[..., str], service: Service, waits: list[float]) -> None:
    service.fault = "drip"
    with pytest.raises(PainterError, match="no whole answer within 1 s"):
        open_painter(named("timeout=1")).paint("a sea", size=(64, 64))
    assert len(service.asked) == 1 and not waits, "what took too long once is not asked again"


def test_no_service_there(kind: str, named: Callable[..., str], tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    name = named()
    if kind == "rest":
        (tmp_path / "service.toml").write_text(REST.format(url=f"http://127.0.0.1:{port}"))
    else:
        name = name.replace(name.split("//")[1].split("?")[0], f"127.0.0.1:{port}")
    with pytest.raises(PainterError, match="is the service running"):
        open_painter(name).paint("a sea", size=(64, 64))


def test_from_a_picture(kind: str, named: Callable[..., str], service: Service, tmp_path: Path) -> None:
    start = np.zeros((60, 100, 3), np.float32)
    start[:, 50:] = (1.0, 0.2, 0.0)
    painter = open_painter(named(graph=GRAPH_OVER))
    if kind == "rest":
        with pytest.raises(PainterError, match="%image%"):
            painter.paint("a sea", size=(100, 60), init_image=start)
        return
    picture = painter.paint("a sea", seed=3, size=(100, 60), init_image=start, strength=0.4).picture
    assert picture[:, 60:90, 0].mean() > picture[:, 10:40, 0].mean() + 0.3, "the picture to start from shows"
    if kind == "a1111":
        assert service.posted("img2img")[0]["denoising_strength"] == 0.4
    if kind == "comfyui":
        assert service.posted("prompt")[0]["prompt"]["3"]["inputs"]["denoise"] == 0.4
        with pytest.raises(PainterError, match="holds no %image%"):
            open_painter(named()).paint("a sea", size=(100, 60), init_image=start)


def test_no_origin_is_sent(named: Callable[..., str], service: Service) -> None:
    open_painter(named()).paint("a sea", size=(64, 64))
    assert not any("origin" in headers for _, _, headers, _ in service.asked)


def test_settings_that_a_painter_does_not_have_are_refused(named: Callable[..., str]) -> None:
    with pytest.raises(OptionError, match="has no setting 'stepz'"):
        open_painter(named("stepz=3"))
    with pytest.raises(OptionError, match="timeout=no is out of range"):
        open_painter(named("timeout=no"))


@pytest.mark.parametrize("size", [(0, 64), (64, 100_000)])
def test_impossible_sizes_are_refused_before_anybody_is_asked(
    size: tuple[int, int], named: Callable[..., str], service: Service
) -> None:
    with pytest.raises(OptionError, match="out of range"):
        open_painter(named()).paint("a sea", size=size)
    assert not service.asked


def test_worlds_is_a_painter_too() -> None:
    painter: Painter = open_painter("worlds")
    a, b = (painter.paint("a stormy sea at night", seed=3, size=(96, 54)) for _ in range(2))
    assert (a.picture == b.picture).all() and a.picture.shape == (54, 96, 3)
    assert a.used["Place"] == "sea" and a.used["Time"] == "night"
    assert (painter.paint("a stormy sea at night", seed=4, size=(96, 54)).picture != a.picture).any()


def test_sd_says_what_it_lacks() -> None:
    with pytest.raises(AvwalkError, match="sd"):
        open_painter("sd@no-such-model")


@pytest.mark.parametrize("text", ["", "wrlds", "a1111@ftp://host", "a1111@http://user:word@host", "comfyui", "rest"])
def test_names_that_are_no_painters(text: str) -> None:
    with pytest.raises(OptionError):
        open_painter(text)


def test_a_blob_of_the_size_of_a_picture_is_decoded_as_it_was_sent(named: Callable[..., str], service: Service) -> None:
    painting = open_painter(named()).paint("a sea", seed=5, size=(64, 64))
    assert cv2.Laplacian((painting.picture * 255).astype(np.uint8), cv2.CV_64F).var() < 400, "smooth, as it was made"
