"""A locked style names words, never a place."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from avwalk.config.lock import Lock


def test_the_style_goes_behind_the_prompt() -> None:
    assert Lock(prompt="oil,\n  <SCENE>, gold", style="CINEMATIC").template == "oil, <SCENE>, gold, cinematic"
    assert Lock(prompt="oil, <SCENE>", style="soft Light").template == "oil, <SCENE>, soft Light"
    assert Lock(style="CINEMATIC").template == ""


@pytest.mark.parametrize("prompt", ["oil on canvas", "<SCENE> and <SCENE>", "oil, <scene>", "x" * 900 + "<SCENE>"])
def test_a_prompt_says_once_where_the_scene_goes(prompt: str) -> None:
    with pytest.raises(ValidationError):
        Lock(prompt=prompt)


@pytest.mark.parametrize("painter", ["worlds", "sd", "sd@sd-turbo", ""])
def test_kinds_of_painters(painter: str) -> None:
    assert Lock(painter=painter).painter == painter


@pytest.mark.parametrize(
    "painter", ["a1111@http://192.168.1.7:7860", "rest@service.toml", "sd@/models/x", "sd@..\\x", "sd@../x", "A B"]
)
def test_no_place_of_a_painter(painter: str) -> None:
    with pytest.raises(ValidationError, match="names a place"):
        Lock(painter=painter)


def test_controls_and_scenes_are_taken_out_of_style_and_negative() -> None:
    lock = Lock(prompt="<SCENE>", style="a\u202eb\x07 <SCENE>", negative="text\n\nblur")
    assert (lock.style, lock.negative) == ("a b", "text blur")
