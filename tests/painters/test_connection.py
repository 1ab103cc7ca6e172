"""HTTP: keys, origins, addresses, words of errors."""

from __future__ import annotations

import json

import pytest

from avwalk.errors import OptionError, PainterError
from avwalk.painters.connection import connect, multipart, server_message
from avwalk.painters.registry import open_painter
from tests.painters.services import A1111, OpenAI, png, serving


def test_a_key_goes_to_its_own_service_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_PAINTER_KEY", "very-secret")
    with serving(OpenAI) as service, serving(OpenAI) as other:
        service.fault = "address"
        service_url = service.url
        service.url = other.url  # the picture is elsewhere
        other.files["/files/1.png"] = png()
        open_painter(f"openai@{service_url}").paint("a sea", size=(64, 64))
        assert [headers.get("authorization") for _, _, headers, _ in service.asked] == ["Bearer very-secret"]
        assert [headers.get("authorization") for _, _, headers, _ in other.asked] == [None]


def test_a_key_does_not_go_through_the_net_in_the_clear() -> None:
    with pytest.raises(OptionError, match="in the clear; use https"):
        connect("http://images.example.com", {}, key="very-secret")
    connect("http://127.0.0.1:7860", {}, key="very-secret")
    connect("https://images.example.com", {}, key="very-secret")


def test_a_key_is_in_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_A1111_AUTH", "me:very-secret")

    class Echo(A1111):
        def answer(self, body: bytes) -> None:
            self.reply(400, {"detail": f"bad login {self.headers['Authorization']} for me:very-secret"})

    with serving(Echo) as service, pytest.raises(PainterError) as caught:
        open_painter(f"a1111@{service.url}").paint("a sea", size=(64, 64))
    assert "bad login" in str(caught.value)
    assert "very-secret" not in str(caught.value) and "bWU6dmVyeS1zZWNyZXQ" not in str(caught.value)


def test_a_key_with_a_line_feed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_PAINTER_KEY", "one\r\nX-Other: two")
    with pytest.raises(PainterError, match="letters that no key has"):
        open_painter("openai@https://images.example.com/v1")


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with serving(A1111) as service:  # it speaks no TLS at all
        address = service.url.replace("http://", "https://")
        with pytest.raises(PainterError, match=r"TLS|certificate"):
            open_painter(f"a1111@{address}").paint("a sea", size=(64, 64))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"detail": "Sampler not found"}', "Sampler not found"),
        (b'{"error": {"message": "no"}}', "no"),
        (b"plain\n  words", "plain words"),
        (b"", ""),
        (b'{"other": 1}', '{"other": 1}'),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_the_words_of_servers(body: bytes, said: str) -> None:
    assert server_message(body) == said


def test_long_words_are_cut() -> None:
    assert len(server_message(json.dumps({"detail": "x" * 5000}).encode())) <= 300


def test_forms_hold_fields_and_files() -> None:
    body, kind = multipart({"a": "1"}, {"image": ("x.png", b"\x89PNG")})
    boundary = kind.partition("boundary=")[2].encode()
    assert body.count(boundary) == 3 and b'name="a"\r\n\r\n1\r\n' in body and b"\x89PNG\r\n" in body
