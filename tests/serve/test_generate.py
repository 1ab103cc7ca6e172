"""Voice to Image's protocol, asked by a real client of a real server."""

from __future__ import annotations

import asyncio
import base64
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from avwalk.listen.recognition import recogniser
from avwalk.serve.settings import Limits
from tests.serve.servers import Brush, serving, settings_in

httpx = pytest.importorskip("httpx", reason="the client of these tests")
pytest.importorskip("fastapi", reason="the server needs the extra serve")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder, brush = tmp_path_factory.mktemp("server"), Brush()
    with serving(settings_in(folder, output_dir=folder / "generations", limits=Limits(rate=0)), brush) as client:
        client.brush, client.folder = brush, folder
        yield client


@pytest.fixture
def server(running: Any) -> Any:
    running.brush.painted.clear()
    return running


def picture(data: str) -> Any:
    import cv2

    return cv2.imdecode(np.frombuffer(base64.b64decode(data, validate=True), np.uint8), cv2.IMREAD_COLOR)


def test_it_answers_as_voice_to_image_does(server: Any) -> None:
    assert server.get("/").json() == {"success": True}
    assert server.get("/", headers={"Accept": "*/*"}).json() == {"success": True}
    answer = server.post("/generate", json={"text": "a sea", "num_images": 2})
    assert answer.status_code == 200 and set(answer.json()) == {"generatedImgs", "generatedImgsFormat"}
    assert answer.json()["generatedImgsFormat"] == "JPEG" and len(answer.json()["generatedImgs"]) == 2
    assert all(picture(data).shape == (32, 48, 3) for data in answer.json()["generatedImgs"])
    assert len(server.post("/generate", json={"text": "a sea"}).json()["generatedImgs"]) == 1


def test_the_same_seed_is_the_same_picture_and_none_is_a_new_one(server: Any) -> None:
    first, again = (server.post("/generate", json={"text": "a sea", "seed": 7}) for _ in range(2))
    assert first.json() == again.json() and first.headers["x-avwalk-seeds"] == "7"
    seeds = {server.post("/generate", json={"text": "a sea"}).headers["x-avwalk-seeds"] for _ in range(3)}
    assert len(seeds) == 3


def test_browsers_get_a_page_that_asks_nobody_else(server: Any) -> None:
    for path in ("/", "/docs"):
        page = server.get(path, headers={"Accept": "text/html,application/xhtml+xml"})
        assert page.headers["content-type"].startswith("text/html")
        assert not re.findall(r"https?://", page.text), path
        assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "/generate" in server.get("/docs").text and "num_images" in server.get("/docs").text
    assert "/generate" in server.get("/openapi.json").json()["paths"]


BAD: tuple[tuple[Any, str], ...] = (
    ({"text": "  "}, "text is empty"),
    ({}, "text: Field required"),
    ({"text": "a", "num_images": 7}, "num_images 7 is out of range"),
    ({"text": "a", "num_images": 0}, "num_images"),
    ({"text": "a" * 2001}, "2001 characters"),
    ({"text": "a", "seed": -1}, "seed"),
    ({"text": 5}, "text"),
    ([], "body"),
)


def test_bad_input_is_one_line(server: Any) -> None:
    for body, said in BAD:
        answer = server.post("/generate", json=body)
        assert answer.status_code == 422 and said in answer.json()["error"] and "\n" not in answer.json()["error"], body
    assert not server.brush.painted


def test_what_is_no_json_is_refused(server: Any) -> None:
    for data, kind in (
        (b"{", "application/json"),
        (b"\xff\xfe\x00", "application/json"),
        (b'{"text": "a"}', "text/plain"),
    ):
        answer = server.post("/generate", content=data, headers={"Content-Type": kind})
        assert answer.status_code in (400, 422) and answer.json()["error"]


def test_a_painters_error_comes_in_its_words(server: Any) -> None:
    answer = server.post("/generate", json={"text": "fail"})
    assert answer.status_code == 502 and answer.json()["error"] == "the service says no; ask it later"
    assert server.get("/health").json()["pictures"] == {"waiting": 0, "running": 0}


def test_pictures_are_saved_under_a_name_that_is_only_a_name(server: Any) -> None:
    before = set((server.folder / "generations").glob("*"))
    for text in ("../../../etc/passwd\0", "a sea", "a sea", "x" * 2000, "<script>alert(1)</script>"):
        assert server.post("/generate", json={"text": text, "num_images": 2}).status_code == 200, text[:20]
    folders = sorted(set((server.folder / "generations").iterdir()) - before)
    assert len(folders) == 5 and all(re.match(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_", each.name) for each in folders)
    assert all(sorted(p.name for p in each.iterdir()) == ["0.jpeg", "1.jpeg"] for each in folders)
    assert {path.name for path in server.folder.iterdir()} == {"generations", "served"}


def test_png_says_how_it_was_made(tmp_path: Path) -> None:
    from avwalk.files.png_text import read_text

    with serving(settings_in(tmp_path, img_format="png"), Brush()) as client:
        answer = client.post("/generate", json={"text": "a sea", "seed": 3}).json()
    (tmp_path / "a.png").write_bytes(base64.b64decode(answer["generatedImgs"][0]))
    assert answer["generatedImgsFormat"] == "png"
    assert read_text(tmp_path / "a.png")["parameters"].startswith("a sea\nSeed: 3, Size: 48x32")


def test_without_a_recogniser_transcribing_says_what_to_install(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    install = "faster-whisper is not installed; install it with: pip install 'avwalk[voice]'"
    monkeypatch.setattr("avwalk.listen.recognition.speech_problem", lambda kind: install)
    recogniser.cache_clear()
    sound = io.BytesIO()
    soundfile.write(sound, np.zeros(8000, np.float32), 16000, format="WAV")
    for request in ({"content": sound.getvalue()}, {"files": {"file": ("a.wav", sound.getvalue())}}):
        answer = server.post("/transcribe", **request)
        assert answer.status_code == 501 and "pip install 'avwalk[voice]'" in answer.json()["error"]
    assert server.post("/transcribe").status_code == 422


def test_200_requests_at_once_are_answered_or_refused_and_none_is_lost(tmp_path: Path) -> None:
    async def ask(address: str) -> list[Any]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60, trust_env=False) as client:
            return await asyncio.gather(*(client.post("/generate", json={"text": f"picture {k}"}) for k in range(200)))

    brush = Brush(0.01)
    limits = Limits(rate=150, concurrency=2, queue=64)
    with serving(settings_in(tmp_path, limits=limits), brush) as client:
        answers = asyncio.run(ask(str(client.base_url)))
        by_status = {status: [a for a in answers if a.status_code == status] for status in (200, 429, 503)}
        assert sum(map(len, by_status.values())) == 200
        assert 66 <= len(by_status[200]) == len(brush.painted) and len(by_status[429]) in range(45, 51)
        assert all(int(a.headers["retry-after"]) >= 1 and a.json()["error"] for s in (429, 503) for a in by_status[s])
        assert sorted(brush.painted) == sorted(f"picture {k}" for k, a in enumerate(answers) if a.status_code == 200)
        assert brush.most <= 2
        while client.get("/health").status_code == 429:  # the bucket is empty still
            asyncio.run(asyncio.sleep(0.2))
        assert client.get("/health").json()["pictures"] == {"waiting": 0, "running": 0}


def test_a_client_that_hangs_up_has_nothing_painted(tmp_path: Path) -> None:
    import time

    brush = Brush(0.3)
    with serving(settings_in(tmp_path, limits=Limits(concurrency=1)), brush) as client:
        for k in range(3):
            with pytest.raises(httpx.ReadTimeout):
                client.post("/generate", json={"text": f"gone {k}"}, timeout=0.05)
        assert client.post("/generate", json={"text": "here"}).status_code == 200
        time.sleep(0.05)
        assert brush.painted == ["gone 0", "here"]
