"""The server that shows a folder: for those who know its address, marks kept at once, screens in step."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from avwalk.codex.folder import CodexFolder
from avwalk.errors import OptionError, OutputError
from avwalk.serve.run import config, listen
from avwalk.serve.show.run import show_settings
from tests.codex.pictures import small_codex

pytest.importorskip("httpx", reason="the client of these tests")
pytest.importorskip("fastapi", reason="the server needs the extra serve")

TOKEN = "0123456789abcdef0123"


@pytest.fixture
def codex(tmp_path: Path) -> CodexFolder:
    return small_codex(tmp_path / "shore")


@pytest.fixture
def server(codex: CodexFolder) -> Iterator[Any]:
    """A client that knows no address yet."""
    import httpx
    import uvicorn

    from avwalk.serve.show.app import create_show

    settings = show_settings(codex.path, token=TOKEN)
    listener = listen(settings)
    running = uvicorn.Server(config(create_show(settings, 2.0)))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not running.started and thread.is_alive():
            time.sleep(0.01)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
            yield client
    finally:
        running.should_exit = True
        thread.join(30)
        listener.close()
    assert not thread.is_alive()


def test_the_address_is_the_key(server: Any) -> None:
    for path in ("/", "/show", "/marks", "/state", "/pictures/00000.png", f"/{TOKEN}x/", f"/{TOKEN[:-1]}/", "/é/"):
        answer = server.get(path)
        assert answer.status_code == 404 and "shore" not in answer.text
    assert server.get("/state", headers={"X-Avwalk-Token": TOKEN}).status_code == 404
    answer = server.get(f"/{TOKEN}/")
    assert answer.status_code == 200 and "a lighthouse above the sea" in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer" and answer.headers["x-content-type-options"] == "nosniff"
    assert server.get(f"/{TOKEN}").headers["location"] == f"/{TOKEN}/"


def test_only_pictures_are_served(server: Any, codex: CodexFolder) -> None:
    answer = server.get(f"/{TOKEN}/pictures/00001.png")
    assert answer.content == codex.picture(1).read_bytes() and answer.headers["content-type"] == "image/png"
    for path in (
        "codex.toml",
        "marks.jsonl",
        "pictures/../codex.toml",
        "pictures/%2e%2e%2fcodex.toml",
        "pictures/9.png",
    ):
        assert server.get(f"/{TOKEN}/{path}").status_code == 404, path


def test_marks_are_kept_at_once(server: Any, codex: CodexFolder) -> None:
    answer = server.post(f"/{TOKEN}/marks", json={"picture": "00002.png", "mark": "good"})
    assert answer.status_code == 201 and codex.read_marks() == ({"00002.png": "good"}, [])
    server.post(f"/{TOKEN}/marks", json={"picture": "00002.png", "mark": "none"})
    server.post(f"/{TOKEN}/marks", json={"picture": "00003.png", "mark": "bad"})
    told = server.get(f"/{TOKEN}/state").json()
    assert told["pictures"] == 6 and told["marks"] == {"00003.png": "bad"} and told["marked"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"picture": "00002.png"}',
        b'{"picture": "../x.png", "mark": "good"}',
        b'{"picture": 1, "mark": 2}',
        b'{"picture": "00002.png", "mark": "great"}',
        b'{"picture": "00002.png", "mark": ["good"]}',
    ],
)
def test_what_is_no_mark_is_refused(server: Any, codex: CodexFolder, body: bytes) -> None:
    answer = server.post(f"/{TOKEN}/marks", content=body)
    assert answer.status_code == 422 and answer.json()["error"] and not codex.marks.exists()


def test_other_pages_may_not_ask(server: Any, codex: CodexFolder) -> None:
    mark = {"picture": "00002.png", "mark": "good"}
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}):
        assert server.post(f"/{TOKEN}/marks", json=mark, headers=headers).status_code in (403, 421)
    assert server.post(f"/{TOKEN}/marks", content=b"x" * 5000).status_code == 413
    assert not codex.marks.exists()


def test_three_screens_ask_and_see_different_pictures_of_one_order(server: Any, codex: CodexFolder) -> None:
    told = [server.get(f"/{TOKEN}/steps?screens=3&screen={k}").json() for k in (1, 2, 3)]
    step = max(set(told[0]["steps"]) & set(told[1]["steps"]) & set(told[2]["steps"]), key=int)
    urls = [each["steps"][step][0] for each in told]
    assert len(set(urls)) == 3 and all(url.startswith("pictures/") for url in urls)
    assert told[0]["seconds"] == 2.0 and told[0]["count"] == 6 and abs(told[0]["now"] - time.time()) < 60
    assert int(step) in (int(told[0]["now"] // 2), int(told[0]["now"] // 2) + 1)
    listed = server.get(f"/{TOKEN}/list").json()["pictures"]
    assert listed[0] == ["pictures/00000.png", "a lighthouse above the sea"] and len(listed) == 6
    for query in ("screens=0", "screens=17", "screens=3&screen=4", "screens=x", "screens=-1"):
        assert server.get(f"/{TOKEN}/steps?{query}").status_code == 422, query


def test_the_slideshow_is_a_page_that_fetches_nothing_of_elsewhere(server: Any) -> None:
    text = server.get(f"/{TOKEN}/show").text
    assert "default-src 'none'" in text and "http" not in text.replace("http-equiv", "")
    assert "prefers-reduced-motion" in text and "innerHTML" not in text


def test_a_folder_without_a_codex_shows_the_slideshow(tmp_path: Path) -> None:
    from avwalk.serve.show.app import create_show

    with pytest.raises(OutputError, match="is no folder"):
        create_show(show_settings(tmp_path / "none"))
    with pytest.raises(OptionError, match="seconds"):
        create_show(show_settings(tmp_path), 0.0)
    with pytest.raises(OptionError, match="token"):
        create_show(show_settings(tmp_path).__class__(tmp_path))
