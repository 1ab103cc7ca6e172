from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from avwalk.diffusion.recipes import SCHEDULERS
from avwalk.errors import OptionError
from avwalk.files.infotext import parsed
from avwalk.plan.prompts import SAMPLERS, Prompts, options_of, parameters_at, prompt_path, timeline_of
from avwalk.score.cues import Cues
from avwalk.score.musical_time import parse_moment
from avwalk.score.prompt_table import PromptRow
from avwalk.walk.prompts import Keyframe
from tests.score.songs import analysis, without_beats
from tests.score.test_automation import cues_of

SONG = analysis()  # 64 s, 1920 frames
SECTIONS = [round(section.start * 30) for section in SONG.score.sections]


def of(wanted: Prompts, *rows: str) -> list[Keyframe]:
    return list(timeline_of(wanted, cues_of(*rows) if rows else Cues(), SONG, 7))


def said(keys: list[Keyframe]) -> list[tuple[int, str]]:
    return [(key.frame, key.prompt) for key in keys]


def test_prompts_arrive_on_sections_on_bars_or_evenly() -> None:
    two = ("a", "b")
    assert said(of(Prompts(two))) == [*zip(SECTIONS, "abab", strict=True), (1919, "a")]
    assert said(of(Prompts(two, "even"))) == [(0, "a"), (1919, "b")]
    bars = of(Prompts(two, "bars", every=8))
    assert [key.frame for key in bars[1:-1]] == [round(float(bar) * 30) for bar in SONG.score.bars[8::8]]
    quiet = timeline_of(Prompts(("a", "b", "c"), "bars"), Cues(), without_beats(), 7)
    assert said(list(quiet)) == [(0, "a"), (300, "b"), (599, "c")]


def test_one_prompt_walks_from_noise_to_noise() -> None:
    keys = of(Prompts(("a",), "even"))
    assert said(keys) == [(0, "a"), (1919, "a")] and keys[0].seed != keys[1].seed


def test_rows_of_a_file_stand_in_for_the_list() -> None:
    rows = (
        PromptRow(parse_moment("10"), "x", None, 3.0, None),
        PromptRow(parse_moment("20"), "y", 42, None, "grey"),
    )
    keys = of(Prompts(("a", "b"), negative="blur", rows=rows))
    assert said(keys) == [(0, "x"), (300, "x"), (600, "y"), (1919, "y")]
    assert [key.guidance for key in keys] == [3, 3, None, None]
    assert [key.negative for key in keys] == ["blur", "blur", "grey", "grey"]
    assert keys[0].seed != keys[1].seed  # other noise, so that the picture is not still
    assert keys[2].seed == keys[3].seed == 42  # but what was asked for


def test_a_prompt_of_the_cues_arrives_and_leads_on_to_the_next() -> None:
    keys = of(Prompts(("a", "b"), "even"), "10,,prompt,pin,", "20,,prompt,other,")
    assert said(keys) == [(0, "a"), (300, "pin"), (600, "other"), (1919, "other")]
    assert keys[2].seed != keys[3].seed


def test_one_that_says_its_end_is_held_and_then_the_list_goes_on() -> None:
    keys = of(Prompts(("a", "b", "c"), "even"), "bar:5,20,prompt,pin,")
    assert said(keys) == [(0, "a"), (248, "pin"), (599, "pin"), (960, "b"), (1919, "c")]
    assert keys[1].seed != keys[2].seed


def test_an_ease_says_how_late_the_walk_begins() -> None:
    assert said(of(Prompts(("a",), "even"), "10,,prompt,pin,cut")) == [
        (0, "a"),
        (299, "a"),
        (300, "pin"),
        (1919, "pin"),
    ]
    assert said(of(Prompts(("a",), "even"), "10,,prompt,pin,linear:2")) == [
        (0, "a"),
        (240, "a"),
        (300, "pin"),
        (1919, "pin"),
    ]
    held = of(Prompts(("a",), "even"), "10,20,prompt,x,", "20,30,prompt,y,melt:2")
    assert said(held) == [(0, "a"), (300, "x"), (540, "x"), (600, "y"), (899, "y"), (1919, "a")]


def test_cues_alone_are_enough_and_nothing_is_not() -> None:
    assert said(of(Prompts(), "10,,prompt,x,")) == [(0, "x"), (300, "x"), (1919, "x")]
    with pytest.raises(OptionError, match="prompt"):
        of(Prompts())


def test_what_was_asked_for_survives_the_plan() -> None:
    wanted = Prompts(("a",), "bars", 4, "n", (PromptRow(parse_moment("bar:3"), "x", 1, 2.0, "z"),))
    assert Prompts.from_json(json.loads(json.dumps(wanted.as_json()))) == wanted


def test_the_way_follows_the_song_and_is_spaced_by_pictures() -> None:
    keys = of(Prompts(("a", "b"), "even"))
    energy = np.zeros(SONG.n_frames, np.float32)
    song = dataclasses.replace(SONG, signals={**SONG.signals, "percussive": energy})
    even = prompt_path(keys, song, smooth=0.2)
    assert np.allclose(even, np.arange(1920) / 1919)

    def sketch(at: np.ndarray) -> np.ndarray:
        return np.broadcast_to(at[:, None, None, None] ** 3, (len(at), 4, 4, 3)).astype(np.float32)

    spaced = prompt_path(keys, song, smooth=0.2, sketch=sketch)
    assert spaced[0] == 0 and spaced[-1] == 1 and np.allclose(np.diff(spaced**3)[100:], 1 / 1919, rtol=0.1)
    cut = of(Prompts(("a",), "even"), "10,,prompt,pin,cut")
    assert prompt_path(cut, song, smooth=0.2, sketch=sketch)[[299, 300]].tolist() == [1, 2]


def test_a_frame_says_how_to_draw_it_elsewhere() -> None:
    keys = [Keyframe(0, "a", 1), Keyframe(9, "b, c", 2, None, "blurry")]
    recipe = {"steps": 4, "scheduler": "lcm"}
    text = parameters_at(keys, 0.5, recipe, guidance=1.5, size=(640, 384), model="sd15", model_sha="ab" * 32)
    said = parsed(text)
    assert said.pop("Version").startswith("avwalk ")
    assert said == {
        "Prompt": "b, c",
        "Negative prompt": "blurry",
        "Steps": "4",
        "Sampler": "LCM",
        "CFG scale": "1.5",
        "Seed": "2",
        "Size": "640x384",
        "Model hash": "ab" * 5,
        "Model": "sd15",
    }
    text = parameters_at(keys, 0.4, recipe, guidance=1.5, size=(8, 8), model="x")
    assert parsed(text)["Prompt"] == "a" and "Model hash" not in text


def test_what_the_generator_has_to_know() -> None:
    keys = [Keyframe(0, "a", 1), Keyframe(9, "b", 2, 3.0, "x")]
    assert options_of(keys, 7.5) == {
        "prompts": ["a", "b"],
        "negatives": ["", "x"],
        "seeds": [1, 2],
        "guidance": [7.5, 3.0],
    }


def test_every_scheduler_has_a_name_that_others_know() -> None:
    assert set(SAMPLERS) == set(SCHEDULERS)


def test_the_same_seed_gives_the_same_timeline(tmp_path: Path) -> None:
    assert of(Prompts(("a", "b"))) == of(Prompts(("a", "b")))
    other = list(timeline_of(Prompts(("a", "b")), Cues(), SONG, 8))
    assert not {key.seed for key in other} & {key.seed for key in of(Prompts(("a", "b")))}
