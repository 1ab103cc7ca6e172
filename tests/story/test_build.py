from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from avwalk.errors import StoryError
from avwalk.files.chapters import read_chapters
from avwalk.painters.worlds.painter import WorldsPainter
from avwalk.story.build import estimate_story, tell_story
from avwalk.story.folder import StoryFolder, story_options
from avwalk.story.redo import redo
from avwalk.story.stored import stored_story
from avwalk.words.table import parse_table
from tests.story.tales import SMALL, TALE, ToneVoice, tale


def told(folder: Path, text: str = TALE, **more: Any) -> tuple[dict[str, Any], list[Any], StoryFolder]:
    events: list[Any] = []
    options = story_options({**SMALL, "out": str(folder / "t_story"), **more})
    done = tell_story(tale(folder, text), options, events.append)
    return done, events, StoryFolder(folder / "t_story")


def frames_of(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def packets_of(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(p) for p in container.demux(container.streams.video[0]) if p.size]


def texts_of(path: Path) -> list[tuple[float, str]]:
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[0]
        found = [
            (float((p.pts or 0) * (p.time_base or 0)), bytes(p)[2:].decode())
            for p in container.demux(stream)
            if p.size > 2
        ]
    return found


def test_a_story_becomes_a_film_on_its_words(tmp_path: Path, voice: ToneVoice) -> None:
    done, _, folder = told(tmp_path)
    assert done["storylets"] == 3 and not done["failed"] and Path(done["out"]) == folder.film()
    state = folder.load()
    starts, planned = state.film_facts["starts"], state.film_facts["frames"]
    assert planned == [round(start * 10) for start in starts]
    frames = frames_of(folder.film()).astype(float)
    assert len(frames) == state.film_facts["n_frames"] == done["n_frames"]
    change = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    assert [int(np.argmax(change[i - 4 : i + 3])) + i - 3 for i in planned[1:]] == planned[1:]
    texts = texts_of(folder.film())
    assert next(text for _, text in texts) == "Anna had a small red boat on the blue sea."
    lines = parse_table((folder.path / "t.words.csv").read_text(), "t").entries
    assert [at for at, _ in texts] == pytest.approx([line.start for line in lines], abs=0.002)
    chapters = read_chapters(folder.film())
    assert [c.start for c in chapters] == pytest.approx([0.0, *starts[1:]], abs=0.002)
    assert chapters[1].title == "At night a storm came. The waves were …"
    assert chapters[-1].end == pytest.approx(len(frames) / 10, abs=0.05)
    assert all(f"pictures/00{k}.png" in folder.page.read_text() for k in (1, 2, 3))


def test_called_again_it_makes_nothing_anew(tmp_path: Path, voice: ToneVoice) -> None:
    told(tmp_path)
    n, film = len(voice.said), StoryFolder(tmp_path / "t_story").film()
    before = film.read_bytes(), film.stat().st_mtime_ns
    done, events, _ = told(tmp_path)
    assert not [e for e in events if e["event"] == "picture"] and len(voice.said) == n == 3
    assert (film.read_bytes(), film.stat().st_mtime_ns) == before and done["resumed_frames"] == done["n_frames"]


def test_redo_moves_no_other_picture_and_no_other_frame(tmp_path: Path, voice: ToneVoice) -> None:
    _, _, folder = told(tmp_path)
    pictures = {k: folder.picture(k).read_bytes() for k in (1, 2, 3)}
    frames, planned = frames_of(folder.film()), folder.load().film_facts["frames"]
    packets = packets_of(folder.film())
    done = redo(folder, 2, seed=77)
    assert done["drawn_segments"] == 1
    assert [k for k in pictures if folder.picture(k).read_bytes() != pictures[k]] == [2]
    after = packets_of(folder.film())
    assert after[: planned[1]] == packets[: planned[1]] and after[planned[2] :] == packets[planned[2] :]
    assert not np.array_equal(frames_of(folder.film())[planned[1] + 2], frames[planned[1] + 2])
    assert stored_story(folder).scenes[1].seed == 77
    prompt = redo(folder, 3, prompt="a red desert at noon") and stored_story(folder).scenes[2].prompt
    assert prompt == "a red desert at noon"
    assert [s.seed for s in stored_story(folder).scenes][1] == 77
    with pytest.raises(StoryError, match="there is no storylet 4"):
        redo(folder, 4)


def test_a_redo_that_fails_leaves_everything(tmp_path: Path, voice: ToneVoice, monkeypatch: pytest.MonkeyPatch) -> None:
    from avwalk.errors import PainterError

    _, _, folder = told(tmp_path)
    before = folder.picture(2).read_bytes(), folder.table.read_bytes()

    def never(*_: Any, **__: Any) -> Any:
        raise PainterError("no paint left")

    monkeypatch.setattr(WorldsPainter, "paint", never)
    with pytest.raises(StoryError, match="no paint left; the one before stays"):
        redo(folder, 2)
    assert (folder.picture(2).read_bytes(), folder.table.read_bytes()) == before


def test_a_film_that_is_stopped_goes_on_and_is_the_same(tmp_path: Path, voice: ToneVoice) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    _, _, folder = told(whole)

    def stop(event: Any) -> None:
        if event["event"] == "segment":
            raise KeyboardInterrupt

    options = story_options({**SMALL, "out": str(tmp_path / "t_story")})
    with pytest.raises(KeyboardInterrupt):
        tell_story(tale(tmp_path), options, stop)
    left = StoryFolder(tmp_path / "t_story")
    assert not left.film().exists() and left.film(".partial.mp4").exists()
    done, _, _ = told(tmp_path)
    assert 0 < done["resumed_frames"] < done["n_frames"]
    assert packets_of(left.film()) == packets_of(folder.film())
    assert not left.film(".partial.mp4").exists() and not list(left.path.glob("*.work"))


def test_what_the_artist_writes_in_the_table_counts(tmp_path: Path, voice: ToneVoice) -> None:
    _, _, folder = told(tmp_path, film=False)
    one = folder.picture(1).read_bytes()
    text = folder.table.read_text().replace("At night a storm came.", "At noon the sun came. It was hot.")
    folder.table.write_text(text)
    done, _events, _ = told(tmp_path, film=False)
    assert folder.picture(1).read_bytes() == one and done["storylets"] == 3
    assert "At noon the sun came." in folder.page.read_text()
    told(tmp_path)
    assert any("noon" in said for said in voice.said)


def test_a_failed_picture_ends_nothing(tmp_path: Path, voice: ToneVoice, monkeypatch: pytest.MonkeyPatch) -> None:
    from avwalk.errors import PainterError

    paint = WorldsPainter.paint

    def sometimes(self: Any, prompt: str, *args: Any) -> Any:
        if "storm" in prompt or "waves" in prompt:
            raise PainterError("too wet")
        return paint(self, prompt, *args)

    monkeypatch.setattr(WorldsPainter, "paint", sometimes)
    done, events, folder = told(tmp_path)
    assert done["failed"] == [2] and folder.film().exists()
    assert any("picture 2 failed: too wet" in e.get("message", "") for e in events)
    assert "too wet" in folder.page.read_text() and "failed: too wet" in folder.table.read_text()
    monkeypatch.setattr(WorldsPainter, "paint", paint)
    done, events, _ = told(tmp_path)
    assert done["failed"] == [] and [e["number"] for e in events if e["event"] == "picture"] == [2]
    assert "failed" not in folder.table.read_text() and stored_story(folder).scenes[1].text.startswith("At night")
    assert done["drawn_segments"] == 1


def test_a_story_none_of_whose_pictures_can_be_painted_says_why(
    tmp_path: Path, voice: ToneVoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from avwalk.errors import PainterError

    def never(*_: Any, **__: Any) -> Any:
        raise PainterError("no paint left")

    monkeypatch.setattr(WorldsPainter, "paint", never)
    with pytest.raises(StoryError, match="no picture could be painted: no paint left"):
        told(tmp_path)


def test_without_a_voice_it_is_silent_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from avwalk.story import film_plan

    monkeypatch.setattr(film_plan, "open_voice", lambda name, speed, language: None)
    done, events, folder = told(tmp_path, "A fox ran. It slept.")
    assert any("a silent story, at the speed of reading" in e.get("message", "") for e in events)
    with av.open(str(folder.film())) as container:
        assert not container.streams.audio and container.streams.subtitles
    assert done["n_frames"] == folder.load().film_facts["n_frames"]


def test_music_sets_the_time(tmp_path: Path, voice: ToneVoice) -> None:
    rate = 22_050
    clicks = np.zeros(rate * 16, np.float32)
    for beat in range(32):
        clicks[beat * rate // 2 :][:200] = 0.9 if beat % 4 == 0 else 0.4
    soundfile.write(tmp_path / "m.wav", clicks, rate)
    done, _, folder = told(tmp_path, music=str(tmp_path / "m.wav"))
    state = folder.load()
    assert state.film_facts["sound"] == "music" and not voice.said and done["n_frames"] == 160
    both, _, _ = told(tmp_path, music=str(tmp_path / "m.wav"), narrate=True)
    assert folder.load().film_facts["sound"] == "both" and len(voice.said) == 3 and both["n_frames"] != 160


def test_names_and_texts_of_a_story_are_data(tmp_path: Path, voice: ToneVoice) -> None:
    evil = "`rm -rf ~`; $(touch /tmp/pwned) ../../etc/passwd <b>Anna</b> {prompt} %s <lora:x:1> went to sea."
    done, _, folder = told(
        tmp_path, f"../../{evil[:40]}\n\n{evil}\n\n=1+1 is two, said Anna, and then she went home.", film=False
    )
    assert done["storylets"] == 2 and {p.name for p in tmp_path.iterdir()} <= {"tale.txt", "t_story", "cache"}
    scenes = stored_story(folder).scenes
    assert scenes[0].text == evil and not any(sign in scenes[0].prompt for sign in "<>{}`")
    assert folder.load().story.title.startswith("../../")


def test_more_storylets_than_are_allowed_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    text = "\n\n".join(f"The sun was bright on day {k} of that year." for k in range(130))
    with pytest.raises(StoryError, match="130 storylets, and 120 are allowed; estimate"):
        told(tmp_path, text)
    options = story_options({**SMALL, "out": str(tmp_path / "t_story")})
    found = estimate_story(tmp_path / "tale.txt", options)
    assert (
        found["storylets"] == 130
        and "--limit 130" in found["line"]
        and not (tmp_path / "t_story" / "pictures").exists()
    )


def test_one_word_is_told(tmp_path: Path, voice: ToneVoice) -> None:
    done, _, folder = told(tmp_path, "Fox")
    assert done["storylets"] == 1 and folder.film().exists() and voice.said == ["Fox"]
