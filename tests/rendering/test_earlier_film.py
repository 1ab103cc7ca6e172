"""An edited film takes what is as it was from the film before, to the bit, and believes nothing of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import avwalk
from avwalk.cli.main import app
from avwalk.errors import OutputError, PlanError
from avwalk.files.png_text import read_text, without_text
from avwalk.pipeline import options_of
from avwalk.rendering import soundtrack
from avwalk.rendering.finish import check_film
from avwalk.rendering.song_film import SongFilm
from avwalk.settings import settings
from avwalk.video.mux import encode_sound
from tests.conftest import clicks
from tests.rendering.test_damaged_work import pictures

OPTIONS: dict[str, Any] = {"fps": 10, "generator": "testcard", "size": "64x36"}
HEAD = "at,until,what,value,ease,note\n"
TEXT = "12,15,text,Hello,,"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Three segments long."""
    path = tmp_path / "song.wav"
    soundfile.write(path, clicks(30.0, rate=8000), 8000)
    return path


def edit(song: Path, *rows: str) -> None:
    song.with_name("song.cues.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows))


def rendered(song: Path, name: str = "film.mp4", **options: Any) -> tuple[dict[str, Any], list[str]]:
    events: list[Any] = []
    given = {**OPTIONS, "out": song.with_name(name), **options}
    done = avwalk.render(song, on_event=events.append, **given)
    return done, [event["message"] for event in events if event["event"] == "warning"]


def packets(film: Path) -> list[bytes]:
    with av.open(str(film)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def same(a: Path, b: Path) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(pictures(a), pictures(b), strict=True))


def test_what_an_edit_does_not_touch_is_taken_packet_by_packet(song: Path) -> None:
    plain, _ = rendered(song)
    film, before = song.with_name("film.mp4"), packets(song.with_name("film.mp4"))
    edit(song, TEXT)
    done, said = rendered(song, force=True)
    assert plain["resumed_frames"] == 0 and done["resumed_frames"] == 200
    assert "2 of 3 segments as before; drawn again: 0:10.000–0:20.000 (text); changed: cue 12 to 15 text Hello" in said
    after = packets(film)
    assert after[:100] == before[:100] and after[200:] == before[200:] and after[100:200] != before[100:200]
    whole, _ = rendered(song, "whole.mp4", fresh=True)
    assert same(film, song.with_name("whole.mp4"))
    figures = ("lag_frames", "correlation", "luma_pump", "flicker", "flashes")
    assert [done[name] for name in figures] == [whole[name] for name in figures]
    assert check_film(film, song)["ok"]
    edit(song)
    undone, _ = rendered(song, force=True)
    assert undone["resumed_frames"] == 200 and packets(film) == before


def test_a_film_that_is_as_it_was_is_the_same_file(song: Path) -> None:
    rendered(song)
    film = song.with_name("film.mp4")
    before = film.read_bytes()
    assert rendered(song, force=True)[0]["resumed_frames"] == 300
    assert film.read_bytes() == before


def test_it_says_what_was_drawn_again(song: Path) -> None:
    rendered(song)
    edit(song, TEXT)
    rendered(song, force=True)
    shown = CliRunner().invoke(app, ["info", str(song.with_name("film.mp4"))]).stdout
    edited = "2 of 3 segments as before; drawn again: 0:10.000–0:20.000 (text); changed: cue 12 to 15 text Hello"
    assert edited in shown and "cues       12 to 15 text Hello\n" in shown
    edit(song)
    again = {**options_of(song.with_name("film.mp4")), "force": True, "out": song.with_name("film.mp4")}
    assert avwalk.render(song, **again)["resumed_frames"] == 300
    assert edited in CliRunner().invoke(app, ["info", str(song.with_name("film.mp4"))]).stdout, "nothing was edited"
    rendered(song, "whole.mp4", fresh=True)
    assert "segments" not in CliRunner().invoke(app, ["info", str(song.with_name("whole.mp4"))]).stdout


def test_it_says_why_all_of_it_is_drawn_again(song: Path) -> None:
    rendered(song, generator="cppn")
    edit(song, "0,,tempo,100,,")
    _, said = rendered(song, generator="cppn", force=True)
    assert any(re.search(r"none of 3 segments as before; drawn again: 0:00.000–.*\(.*camera", s) for s in said), said
    shown = CliRunner().invoke(app, ["info", str(song.with_name("film.mp4"))]).stdout
    assert "none of 3 segments as before" in shown


def test_a_damaged_film_gives_what_is_whole_in_it(song: Path) -> None:
    rendered(song)
    film = song.with_name("film.mp4")
    data, lost = bytearray(film.read_bytes()), packets(film)[250]
    at = bytes(data).index(lost)
    data[at + len(lost) // 2] ^= 0xFF
    film.write_bytes(bytes(data))
    edit(song, TEXT)
    assert rendered(song, force=True)[0]["resumed_frames"] == 100
    rendered(song, "whole.mp4", fresh=True)
    assert same(film, song.with_name("whole.mp4"))


def test_no_film_at_all_gives_nothing(song: Path) -> None:
    film = song.with_name("film.mp4")
    for content in (b"", b"no film" * 1000):
        film.write_bytes(content)
        assert rendered(song, force=True, duration=12)[0]["resumed_frames"] == 0


def test_only_what_was_drawn_here_is_believed(song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A film of somebody else may say what it likes."""
    rendered(song)
    edit(song, TEXT)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("AVWALK_CACHE_DIR", str(tmp_path / "elsewhere"))
        assert rendered(song, force=True)[0]["resumed_frames"] == 0
    for entry in (tmp_path / "cache" / "segments").iterdir():
        entry.write_bytes(entry.read_bytes()[:-5])
    edit(song)
    assert rendered(song, force=True)[0]["resumed_frames"] == 0


def test_a_cache_that_cannot_be_written_stops_nothing(song: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    for name in ("segments", "sounds", "proxies"):
        (tmp_path / "cache" / name).write_bytes(b"a file")
    _, said = rendered(song, generator="cppn")
    assert sum("cannot be kept" in line or "nothing can be kept" in line for line in said) == 3
    edit(song, TEXT)
    assert rendered(song, generator="cppn", force=True)[0]["resumed_frames"] == 0


def test_fresh_and_another_encoder_take_nothing(song: Path) -> None:
    rendered(song)
    assert rendered(song, force=True, fresh=True)[0]["resumed_frames"] == 0
    assert rendered(song, force=True, size="96x54")[0]["resumed_frames"] == 0
    with pytest.raises(OutputError, match="exists; force replaces it"):
        rendered(song)


def test_a_film_made_again_under_another_name_takes_from_the_first(song: Path) -> None:
    rendered(song)
    film = song.with_name("film.mp4")
    again = {**options_of(film), "redo": ("0:21-0:24",), "seed": 9, "out": song.with_name("second.mp4")}
    assert avwalk.render(song, **again)["resumed_frames"] == 200
    assert packets(song.with_name("second.mp4"))[:200] == packets(film)[:200]
    third = {**options_of(song.with_name("second.mp4")), "out": song.with_name("third.mp4")}
    assert third["stored_cues"]["rows"] == [["21", "24", "seed", "9", ""]]
    assert avwalk.render(song, **third)["resumed_frames"] == 300
    assert packets(song.with_name("third.mp4")) == packets(song.with_name("second.mp4"))


def files(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted(folder.iterdir())]


def test_a_finished_folder_of_pictures_is_edited_as_a_film_is(song: Path) -> None:
    folder, whole = song.with_name("frames"), song.with_name("whole")
    assert rendered(song, out=f"{folder}/")[0]["resumed_frames"] == 0
    first = files(folder)
    assert rendered(song, out=f"{folder}/", force=True)[0]["resumed_frames"] == 300 and files(folder) == first
    edit(song, TEXT)
    done, said = rendered(song, out=f"{folder}/", force=True)
    assert done["resumed_frames"] == 200
    assert "2 of 3 segments as before; drawn again: 0:10.000–0:20.000 (text); changed: cue 12 to 15 text Hello" in said
    rendered(song, out=f"{whole}/", fresh=True)
    assert same(folder, whole)
    shown = CliRunner().invoke(app, ["info", str(folder / "000001.png")]).stdout
    assert "2 of 3 segments as before" in shown and "12 to 15 text Hello" in shown
    assert rendered(song, out=f"{folder}/", force=True, metadata=False)[0]["resumed_frames"] == 300
    assert not any(read_text(picture) for picture in folder.iterdir()), "nothing of the film before is told"


def test_pictures_that_were_not_drawn_here_are_not_believed(song: Path, tmp_path: Path, monkeypatch: Any) -> None:
    folder = song.with_name("frames")
    rendered(song, out=f"{folder}/")
    first = [without_text(picture) for picture in files(folder)]
    (folder / "000150.png").write_bytes((folder / "000010.png").read_bytes())
    (folder / "000250.png").unlink()
    assert rendered(song, out=f"{folder}/", force=True)[0]["resumed_frames"] == 100
    assert [without_text(picture) for picture in files(folder)] == first
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "another"))
    assert rendered(song, out=f"{folder}/", force=True)[0]["resumed_frames"] == 0
    assert rendered(song, out=f"{folder}/", force=True, fresh=True)[0]["resumed_frames"] == 0


def interrupted(song: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
    """All is drawn, and the film has not got its name."""
    with monkeypatch.context() as patched:
        patched.setattr(SongFilm, "publish", lambda film: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rendered(song, **options)


def test_work_that_is_elsewhere_is_not_left_without_a_word(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVWALK_STATE_DIR", str(tmp_path / "state"))
    settings.cache_clear()
    elsewhere = tmp_path / "elsewhere"
    interrupted(song, monkeypatch, work=elsewhere)
    line = (
        f"a run before left work of 'film.mp4' in '{elsewhere}', which is not used; work '{elsewhere}' goes on with it"
    )
    done, said = rendered(song)
    assert done["resumed_frames"] == 0 and line in said
    done, said = rendered(song, work=elsewhere, force=True)
    assert done["resumed_frames"] == 300 and line not in said
    assert line not in rendered(song, force=True)[1], "it is finished"
    (tmp_path / "state" / "work_folders.json").write_text('{"x": 3, "y": "\\u0000"}')
    assert rendered(song, force=True)[0]["resumed_frames"] == 300


@pytest.mark.parametrize("name", ["film.mp4", "frames/"])
def test_an_unfinished_film_goes_on_after_an_edit(name: str, song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = f"{song.parent}/{name}"
    interrupted(song, monkeypatch, out=out)
    edit(song, TEXT)
    done, said = rendered(song, out=out)
    assert done["resumed_frames"] == 200
    assert said[-1] == "1 segment was drawn before an edit, or without checksums; it is drawn again"
    whole = out.replace("film", "whole").replace("frames", "whole")
    rendered(song, out=whole, fresh=True)
    assert same(Path(out), Path(whole))


def test_options_that_changed_are_named(song: Path) -> None:
    rendered(song)
    _, said = rendered(song, force=True, set=("walk.speed=1.5",), seed=3)
    assert any("; changed: " in line and "walk.speed 0.15 → 1.5" in line and " → 3, " in line for line in said), said


def test_parts_that_were_rolled_again_are_not_dropped_without_a_word(song: Path) -> None:
    film = song.with_name("film.mp4")
    rendered(song, redo=("0:21-0:24",), seed=None)
    shown = CliRunner().invoke(app, ["info", str(film)]).stdout
    assert (
        "rolled     21-24 seed 16951\n" in shown and "cues       21 to 24 seed 16951\n" in shown
    )  # the song's, and one
    edit(song, TEXT)
    _, said = rendered(song, force=True)
    assert said[0] == (
        "'film.mp4' has parts that were rolled again, which this film drops (21-24, seed 16951); again keeps them, or "
        "rows of the cues file: 21,24,seed,16951"
    )
    edit(song, TEXT, "21,24,seed,16951,,")
    rendered(song, redo=("0:21-0:24",), force=True, seed=16951)
    _, said = rendered(song, force=True)
    assert not any("rolled" in line for line in said), said


def test_another_cues_file_is_said_where_a_film_keeps_its_own(song: Path) -> None:
    edit(song, TEXT)
    rendered(song, redo=("0:21-0:24",))
    again = {**options_of(song.with_name("film.mp4")), "out": song.with_name("second.mp4"), "force": True}

    def said(**options: Any) -> list[str]:
        events: list[Any] = []
        avwalk.render(song, on_event=events.append, **{**again, **options})
        return [event["message"] for event in events if event["event"] == "warning"]

    assert not any("says something else" in line for line in said())
    edit(song, TEXT, "1,2,text,More,,")
    cues = song.with_name("song.cues.csv")
    line = f"'song.cues.csv' says something else than the film's cues, which again keeps; cues '{cues}' takes it"
    assert line in said()
    taken = said(cues=str(cues))
    assert line not in taken and "'second.mp4' has parts that were rolled again, which this film drops" in taken[0]
    assert not any("'film.mp4' has" in each for each in taken), "once is enough"
    edit(song, "1,2,nonsense,More,,")
    assert line in said()


def test_an_unfinished_film_of_which_nothing_stays_is_refused(song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(song, monkeypatch)
    with pytest.raises(PlanError, match=r"other settings .*seed: \d+ → 5.*fresh"):
        rendered(song, seed=5)
    with pytest.raises(PlanError, match=r"other settings .*fresh"):
        rendered(song, set=("camera.zoom=1.3",))
    assert rendered(song)[0]["resumed_frames"] == 300


def test_sound_is_encoded_once(song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[Path] = []

    def spied(sound: Any, blocks: Any, out: Path, record: Any) -> None:
        encoded.append(out)
        encode_sound(sound, blocks, out, record)

    monkeypatch.setattr(soundtrack, "encode_sound", spied)
    rendered(song)
    edit(song, TEXT)
    rendered(song, force=True)
    rendered(song, "other.mp4", preset="sumi")
    assert len(encoded) == 1
    rendered(song, "part.mp4", duration=10)
    assert len(encoded) == 2
    for kept in (tmp_path / "cache" / "sounds").iterdir():
        kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    rendered(song, "other.mp4", preset="sumi", force=True)
    assert len(encoded) == 3
    assert check_film(song.with_name("other.mp4"), song)["ok"]
