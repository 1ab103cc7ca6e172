"""Scenes of a film: found or made, as pictures on their time or rows of cues."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from avwalk.config.lock import Lock
from avwalk.errors import AvwalkError, OptionError
from avwalk.files.image_meta import read, write
from avwalk.files.infotext import parsed
from avwalk.files.png_text import read_text
from avwalk.frames.timed_pictures import read_timeline
from avwalk.pipeline import options_of, render
from avwalk.presets.locked import create_locked
from avwalk.request.resolve import resolve
from avwalk.request.scenes import MOST_PRESETS, on_clock, scene_cues, with_lock
from avwalk.screenplay.scene import Scene
from avwalk.screenplay.table import read_screenplay, write_screenplay

SMALL: dict[str, Any] = {"size": "64x36", "fps": "24", "seed": 1, "preset": "sumi"}
LRC = """[00:00.20]The wind blows over the grey sea at night.
[00:01.50]They walked through the green forest in the morning.
[00:03.00]Fire burned in the red city at noon.
"""
TIMES = (0.2, 1.5, 3.0)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    soundfile.write(tmp_path / "talk.wav", rng.normal(0, 0.05, 4 * 22050 + 7), 22050)
    (tmp_path / "talk.lrc").write_text(LRC)
    return tmp_path / "talk.wav"


def table(talk: Path, scenes: list[Scene]) -> Path:
    path = talk.with_name("talk.scenes.csv")
    write_screenplay(path, scenes)
    return path


def three() -> list[Scene]:
    prompts = ("a grey sea at night", "a green forest at dawn", "a red city on fire at noon")
    return [
        Scene(k, text, start_s=at, prompt=text, seed=k) for k, (text, at) in enumerate(zip(prompts, TIMES, strict=True))
    ]


def test_pictures_change_at_the_times_of_scenes_in_the_film(talk: Path) -> None:
    table(talk, three())
    options = SMALL | {"scenes": "auto", "out": talk.with_name("film.mp4"), "audio": "auto", "intensity": 0.0}
    done = render(talk, **options)
    with av.open(str(done["out"])) as film:
        frames = np.stack([frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]).astype(np.float32) / 255
    assert len(frames) == done["n_frames"] == 96
    anchors = [frames[i] for i in (18, 54, 90)]  # in the middle of each scene
    nearest = [int(np.argmin([np.abs(frame - anchor).mean() for anchor in anchors])) for frame in frames]
    assert nearest == sorted(nearest)
    for k in (1, 2):
        assert abs(nearest.index(k) - TIMES[k] * 24) <= 1
    stored = {**options_of(talk.with_name("film.mp4")), "force": True}
    with pytest.raises(OptionError, match="made from a source that it does not hold"):
        resolve(talk, stored)
    again = resolve(talk, stored | {"scenes": "auto"})
    assert again.film.source is not None and again.film.source.sha256 == stored["stored_source"]


def test_scenes_are_made_of_the_words_and_kept(talk: Path) -> None:
    request = resolve(talk, SMALL | {"scenes": "auto"}, writes=True)
    scenes = read_screenplay(talk.with_name("talk.scenes.csv"))
    assert request.options.source == str(talk.with_name("talk.scenes")) and request.film.source is not None
    assert any("yours to correct" in note for note in request.notes)
    shown = read_timeline(talk.with_name("talk.scenes"))
    assert len(shown) == len(scenes) and shown[0].start == 0
    picture = read(talk.with_name("talk.scenes") / shown[0].picture)
    assert picture.shape[1] > 64 * 1.05


def test_only_what_changed_is_painted_again(talk: Path) -> None:
    path = table(talk, three())
    first = resolve(talk, SMALL | {"scenes": str(path)}, writes=True)
    folder = talk.with_name("talk.scenes")
    before = {file.name: file.stat().st_mtime_ns for file in folder.glob("*.png")}
    again = resolve(talk, SMALL | {"scenes": "auto"}, writes=True)
    assert again.film.hash == first.film.hash
    path.write_text(path.read_text().replace(",a green forest at dawn,,1", ",a blue lake at dawn,,1"))
    changed = resolve(talk, SMALL | {"scenes": "auto"}, writes=True)
    after = {file.name: file.stat().st_mtime_ns for file in folder.glob("*.png")}
    assert changed.film.hash != first.film.hash and len(after) == len(before) + 1
    assert all(after[name] == stamp for name, stamp in before.items())


def test_a_picture_of_the_artist_s_own_is_shown(talk: Path) -> None:
    table(talk, three())
    first = resolve(talk, SMALL | {"scenes": "auto"}, writes=True)
    folder = talk.with_name("talk.scenes")
    own = folder / read_timeline(folder)[1].picture
    write(own, np.full((36, 64, 3), 0.25, np.float32), {})
    second = resolve(talk, SMALL | {"scenes": "auto"}, writes=True)
    assert second.film.hash != first.film.hash and np.allclose(read(own), 64 / 255)


def test_scenes_as_cues_of_the_built_in_generator(talk: Path) -> None:
    table(talk, three())
    request = resolve(talk, SMALL | {"scenes": "auto", "generator": "cppn"}, writes=True)
    assert request.film.source is None
    rows = {(cue.what, cue.at.number): cue.value for cue in request.cues.rows}
    assert rows["preset", 0.0] == "lava" and rows["preset", 1.5] == "flora" and rows["preset", 3.0] == "facade"
    assert rows["palette", 1.5] == "moss" and rows["seed", 3.0] == "2"
    assert set(request.pinned) == {"lava", "flora", "facade"}


def test_scenes_as_prompts() -> None:
    rows = scene_cues(three(), "sd")
    assert [(cue.at.number, cue.what, cue.value) for cue in rows] == [
        (0.0, "prompt", "a grey sea at night"),
        (1.5, "prompt", "a green forest at dawn"),
        (3.0, "prompt", "a red city on fire at noon"),
    ]


def test_not_every_scene_has_a_preset_of_its_own() -> None:
    words = ("sea", "city", "forest", "gold", "mask", "eye", "paper", "tunnel", "window", "comic", "sea")
    scenes = [Scene(k, word, start_s=float(k), prompt=f"a {word}") for k, word in enumerate(words)]
    assert len({cue.value for cue in scene_cues(scenes, "cppn") if cue.what == "preset"}) == MOST_PRESETS


def test_scenes_without_times_share_the_song() -> None:
    scenes = [replace(scene, start_s=None, text="word " * n) for scene, n in zip(three(), (10, 20, 10), strict=True)]
    found, (note,) = on_clock(scenes, Fraction(8))
    assert [scene.start_s for scene in found] == pytest.approx([0, 2, 6]) and "have no times" in note
    late, (note,) = on_clock(three(), Fraction(2))
    assert len(late) == 2 and "1 scenes begin behind the end" in note


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scenes": "none.csv"}, "'none.csv' does not exist; `avwalk script` writes one"),
        ({"scenes": "auto", "source": "x"}, "exclude each other"),
        ({"scenes": "auto", "generator": "cppn", "painter": "worlds"}, "takes the scenes as prompts"),
        ({"scenes": "auto", "no_words": True}, "neither talk.scenes.csv nor words"),
        ({"scenes": "auto", "painter": "a1111@http://127.0.0.1:9"}, "nothing answers there"),
    ],
)
def test_what_cannot_be_done_is_said(options: dict[str, Any], said: str, talk: Path) -> None:
    with pytest.raises(AvwalkError) as error:
        resolve(talk, SMALL | options, writes=True)
    assert said in str(error.value)


def test_a_text_is_no_table(talk: Path) -> None:
    with pytest.raises(OptionError, match=r"`avwalk script talk.lrc` makes one of it"):
        resolve(talk, SMALL | {"scenes": str(talk.with_name("talk.lrc"))})


def test_an_estimate_tells_of_the_pictures_and_makes_nothing(talk: Path) -> None:
    table(talk, three())
    before = sorted(talk.parent.iterdir())
    painter = "a1111@http://127.0.0.1:9?price=0.5"  # where nobody answers
    found = render(talk, **SMALL | {"scenes": "auto", "painter": painter, "estimate": True})
    assert found["pictures"] == 3 and found["painting_cost"] == 1.5 and found["painting_seconds"] is None
    assert found["line"].startswith(
        "3 pictures, 0 of them kept from before; 3 to paint, time not known yet, cost 1.5; "
    )
    assert "then 96 frames take about" in found["line"] and sorted(talk.parent.iterdir()) == before


def test_an_estimate_of_a_film_whose_pictures_are_there_is_of_its_frames(talk: Path) -> None:
    render(talk, **SMALL | {"scenes": "auto", "out": talk.with_name("film.mp4")})
    found = render(talk, **SMALL | {"scenes": "auto", "estimate": True})
    assert "pictures" not in found and found["line"].startswith("96 frames take about")


LOCK = Lock(prompt="watercolour of <SCENE>, crimson sky", style="MOODY", negative="boats", painter="worlds")


def prompts_in(talk: Path) -> list[str]:
    folder = talk.with_name("talk.scenes")
    return [parsed(read_text(folder / row.picture)["parameters"])["Prompt"] for row in read_timeline(folder)]


def test_a_scene_in_a_locked_style() -> None:
    scene = with_lock(Scene(0, "x", prompt="a grey sea", negative="people"), LOCK)
    assert scene.prompt == "watercolour of a grey sea, crimson sky, moody" and scene.negative == "people, boats"
    assert with_lock(scene, Lock()) is scene


def test_a_preset_with_a_locked_style_paints_the_words_of_a_song(talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_PRESETS_DIR", str(talk.parent))
    create_locked("mine", LOCK)
    request = resolve(talk, {**SMALL, "preset": "mine"}, writes=True)
    assert request.film.source is not None
    assert any("'mine' has a locked style" in note for note in request.notes)
    prompts = prompts_in(talk)
    assert prompts and all(p.startswith("watercolour of ") and p.endswith("crimson sky, moody") for p in prompts)
    assert all("watercolour" not in scene.prompt for scene in read_screenplay(talk.with_name("talk.scenes.csv")))
    plain = resolve(talk, {**SMALL, "scenes": "auto"}, writes=True)
    stored = request.film.look.preset.values["lock"]
    assert stored["prompt"] == LOCK.prompt and "lock" not in plain.film.look.preset.values  # as films before had it
    assert all("watercolour" not in p for p in prompts_in(talk)) and plain.film.source != request.film.source


def test_a_locked_style_shows_no_scenes_where_something_else_is_to_be_seen(
    talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVWALK_PRESETS_DIR", str(talk.parent))
    create_locked("mine", LOCK)
    for options in ({"no_words": True}, {"generator": "testcard"}, {"prompt": ["a fox"]}):
        request = resolve(talk, {**SMALL, "preset": "mine", **options})
        assert request.film.source is None, options
    assert request.options.prompt == ("watercolour of a fox, crimson sky, moody",)
    talk.with_name("talk.lrc").unlink()
    assert resolve(talk, {**SMALL, "preset": "mine"}).film.source is None


def test_a_preset_calls_no_service_by_itself(talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_PRESETS_DIR", str(talk.parent))
    create_locked("mine", LOCK.model_copy(update={"painter": "a1111"}))
    request = resolve(talk, {**SMALL, "preset": "mine"}, writes=True)
    assert any("--painter a1111 asks it" in note or "painter a1111 asks it" in note for note in request.notes)
    assert any("by worlds" in note for note in request.notes)


def test_a_film_in_a_locked_style_is_made_again_as_it_was(talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_PRESETS_DIR", str(talk.parent))
    create_locked("mine", LOCK)
    done = render(talk, **{**SMALL, "preset": "mine", "generator": "cppn"}, out=talk.with_name("film.mp4"))
    stored = options_of(Path(done["out"]))
    assert stored["preset_values"]["lock"]["prompt"] == LOCK.prompt
    again = resolve(talk, {**stored, "out": None})
    assert (
        again.film.source is None
        and again.cues.rows == resolve(talk, {**SMALL, "preset": "mine", "generator": "cppn"}).cues.rows
    )
