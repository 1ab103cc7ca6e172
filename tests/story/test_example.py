"""The tale that comes along, told by the voice that this machine has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avwalk.speech.espeak import EspeakVoice, espeak_problem
from avwalk.story.build import drafted, tell_story
from avwalk.story.folder import StoryFolder, story_options
from avwalk.story.narration import RATE, trimmed
from avwalk.story.story_text import read_story
from tests.conftest import ROOT
from tests.story.test_build import frames_of, texts_of

TALE = ROOT / "examples" / "the_lamp.txt"


def test_it_has_six_storylets_one_world_and_three_characters(tmp_path: Path) -> None:
    folder = StoryFolder(tmp_path)
    story = read_story(TALE)
    draft = drafted(folder, TALE, story, story_options({"out": str(tmp_path)}), lambda event: None)
    assert story.title == "The Lamp on Gull Rock" and len(draft.storylets) == 6
    assert [scene.time for scene in draft.scenes][1:4] == ["night"] * 3
    assert [line.split(",")[0] for line in folder.characters.read_text().splitlines()[3:]] == [
        "Biscuit",
        "Marta",
        "Tom",
    ]
    assert len({scene.seed for scene in draft.scenes}) == 6


@pytest.mark.full
@pytest.mark.skipif(bool(espeak_problem()), reason="espeak-ng is not installed")
def test_its_film_follows_the_voice_that_is_here(tmp_path: Path) -> None:
    options = {"out": str(tmp_path / "lamp_story"), "size": "160x90", "fps": "30", "workers": 1}
    tell_story(TALE, story_options(options))
    folder = StoryFolder(tmp_path / "lamp_story")
    facts = folder.load().film_facts
    frames = frames_of(folder.film()).astype(np.float32)
    change = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    for i in facts["frames"]:
        assert abs(int(np.argmax(change[i - 6 : i + 5])) + i - 5 - i) <= 1
    voice, at = EspeakVoice(rate=RATE), {text.replace("\n", " "): at for at, text in texts_of(folder.film())}
    first = "One autumn night a storm came out of the north."
    speech = trimmed(voice.speak(f"{first} The waves were high and white, and lightning struck the sea. "
                                 "In the middle of it the lamp went out.", "en"))  # fmt: skip
    assert at[first] == pytest.approx(facts["starts"][1], abs=0.001)
    assert facts["starts"][1] == pytest.approx(facts["frames"][1] / 30, abs=0.5 / 30 + 1e-6)
    waves = next(time for text, time in at.items() if text.startswith("The waves"))
    starts = {word.begin: word.start for word in speech.words}
    assert waves - at[first] == pytest.approx(starts[len(first) + 1] - starts[0], abs=0.002)
