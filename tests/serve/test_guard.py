"""The door: host, origin, token, rate, size."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from avwalk.errors import OptionError
from avwalk.serve.settings import Limits, checked, host_allowed, token_from, yes_or_no
from tests.serve.servers import Brush, serving, settings_in

pytest.importorskip("httpx", reason="the client of these tests")
pytest.importorskip("fastapi", reason="the server needs the extra serve")

TOKEN = "0123456789abcdef0123"


@pytest.fixture
def server(tmp_path: Path) -> Any:
    limits = Limits(body=2000, upload=5000, body_s=0.5)
    with serving(settings_in(tmp_path, limits=limits), Brush()) as client:
        yield client


def test_a_name_that_points_here_is_refused(server: Any) -> None:
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[", "a@b"):
        assert server.get("/", headers={"Host": host}).status_code in (400, 421), host
    for host in ("localhost", "localhost:8000", "127.0.0.1", "[::1]:80", "LOCALHOST"):
        assert server.get("/", headers={"Host": host}).status_code == 200, host


def test_pages_of_other_origins_may_not_ask(server: Any, tmp_path: Path) -> None:
    body = {"text": "a sea"}
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        answer = server.post("/generate", json=body, headers={"Origin": origin})
        assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers
    own = str(server.base_url).rstrip("/")
    assert server.post("/generate", json=body, headers={"Origin": own}).status_code == 200
    friend = "https://friend.example"
    with serving(settings_in(tmp_path / "b", allow_origins=(friend,)), Brush()) as client:
        answer = client.post("/generate", json=body, headers={"Origin": friend})
        assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == friend
        preflight = {"Origin": friend, "Access-Control-Request-Method": "POST"}
        assert client.options("/generate", headers=preflight).headers["access-control-allow-origin"] == friend
        assert client.post("/generate", json=body, headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_token_is_asked_for(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path, token=TOKEN), Brush()) as client:
        assert client.get("/").json() == {"success": True} and client.get("/health").status_code == 200
        for headers in (
            {},
            {"Authorization": "Bearer no"},
            {"Authorization": f"Basic {TOKEN}"},
            {"X-Avwalk-Token": "ü"},
        ):
            raw = {name: value.encode() for name, value in headers.items()}
            answer = client.post("/generate", json={"text": "a"}, headers=raw)
            assert answer.status_code == 401 and TOKEN not in answer.text
        for headers in ({"Authorization": f"Bearer {TOKEN}"}, {"X-Avwalk-Token": TOKEN}):
            assert client.post("/generate", json={"text": "a"}, headers=headers).status_code == 200
        assert client.get("/jobs").status_code == client.get("/openapi.json").status_code == 401


def test_large_and_slow_bodies_are_refused(server: Any) -> None:
    assert server.post("/generate", json={"text": "a" * 3000}).status_code == 413
    assert server.post("/generate", content=iter([b"x" * 1500] * 3)).status_code == 413  # chunks: no length is told
    assert server.put("/songs/a.wav", content=b"x" * 4000).status_code == 201
    assert server.put("/songs/b.wav", content=iter([b"x" * 3000] * 2)).status_code == 413
    assert [song["song"] for song in server.get("/songs").json()["songs"]] == ["a.wav"]
    with socket.create_connection((server.base_url.host, server.base_url.port), timeout=5) as slow:
        lines = (
            b"POST /generate HTTP/1.1",
            b"Host: localhost",
            b"Content-Type: application/json",
            b"Content-Length: 20",
        )
        slow.sendall(b"\r\n".join(lines) + b'\r\n\r\n{"text"')
        assert slow.recv(1000).startswith(b"HTTP/1.1 408")


def test_too_many_requests_wait(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path, limits=Limits(rate=5)), Brush()) as client:
        codes = [client.get("/health").status_code for _ in range(8)]
        assert codes[:5] == [200] * 5 and codes[5:] == [429] * 3
        assert 1 <= int(client.get("/health").headers["retry-after"]) <= 12


def test_others_need_a_token(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "192.168.0.5", "::", "example.org"):
        with pytest.raises(OptionError, match="can be reached by others"):
            checked(settings_in(tmp_path, host=host))
        checked(settings_in(tmp_path, host=host, token=TOKEN))
    for host in ("localhost", "127.0.0.1", "::1", "127.1.2.3"):
        checked(settings_in(tmp_path, host=host))
    for origin in ("*", "evil.example", "https://a.example/page", "file:///x"):
        with pytest.raises(OptionError, match="no origin"):
            checked(settings_in(tmp_path, allow_origins=(origin,)))


def test_names_are_those_that_were_said(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, allow_hosts=("Studio.local",))
    assert host_allowed("studio.local:8000", settings) and host_allowed("10.0.0.7", settings)
    assert not host_allowed("other.local", settings)


def test_tokens_come_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AVWALK_SERVE_TOKEN", raising=False)
    assert token_from(None) == ""
    monkeypatch.setenv("AVWALK_SERVE_TOKEN", TOKEN)
    assert token_from(None) == TOKEN and TOKEN not in repr(settings_in(tmp_path, token=TOKEN))
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}x\n")
    assert token_from(file) == f"{TOKEN}x"
    for text in ("", "short", "ä" * 20):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(OptionError):
            token_from(file)
    with pytest.raises(OptionError, match="cannot be read"):
        token_from(tmp_path / "nothing")


def test_yes_and_no_as_voice_to_image_spells_them() -> None:
    assert all(yes_or_no(word, "--x") for word in ("true", "yes", "y", "1", "T"))
    assert not any(yes_or_no(word, "--x") for word in ("false", "no", "0"))
    with pytest.raises(OptionError, match="neither yes nor no"):
        yes_or_no("perhaps", "--save-to-disk")
