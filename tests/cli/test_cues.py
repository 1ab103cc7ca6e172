"""Cues through the command line: found, written, edited, checked, shown, and drawn by."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import avwalk
from avwalk.errors import CuesError, OptionError
from avwalk.pipeline import options_of
from avwalk.rendering.finish import check_film
from avwalk.request.resolve import resolve
from avwalk.score.cues import Cues
from avwalk.spec import CuesSpec
from avwalk.video.join import read_metadata
from tests.cli.test_bad_input import SMALL, run, wav
from tests.conftest import clicks
from tests.sounds import two_tracks

HEAD = "at,until,what,value,ease,note\n"


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Clicks at 120 BPM, the first at 0.5 s, sixteen seconds."""
    return wav(tmp_path / "song.wav", clicks(16.0, rate=22050), 22050)


def cues(song: Path, *rows: str) -> Path:
    file = song.with_name("song.cues.csv")
    file.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return file


def test_write_edit_check_show(song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file, before = song.with_name("song.cues.csv"), song.with_name("song.cues.csv.bak")
    code, _, err = run(capfd, "analyze", str(song), "--write-cues")
    assert code == 0 and f"wrote {file}" in err and ",tempo,1" in file.read_text() and not before.exists()
    code, _, err = run(capfd, "analyze", str(song), "--write-cues")
    assert code == 0 and "already" in err and not before.exists()
    assert "no rows of your own in song.cues.csv" in run(capfd, "cues", "check", str(song))[1]
    mine = file.read_text() + "0:02,0:04,camera.zoom,1.5,cut,mine\n"
    file.write_text(mine)
    assert run(capfd, "analyze", str(song), "--write-cues", "--bpm", "60")[0] == 0
    assert before.read_text() == mine and ",tempo,60.00," in file.read_text() and file.read_text().endswith("mine\n")
    code, out, _ = run(capfd, "cues", "check", str(song), str(file))
    assert code == 0 and out.count("fine") == 2 and "1 row" in out
    code, out, err = run(capfd, "cues", "show", str(song), "--plot", str(song.with_name("a.png")))
    assert code == 0 and "cues: 1 row from song.cues.csv" in err and song.with_name("a.png").stat().st_size > 10_000
    bars = avwalk.analyze(song).score.bars
    bar = f"{1 + (2 - bars[0]) / (bars[1] - bars[0]):.2f}"
    assert any(line.split() == ["0:02.000", "0:04.000", bar, "camera.zoom", "1.5", "cut"] for line in out.split("\n"))
    code, _, err = run(capfd, "cues", "show", str(song), "--plot", str(song.with_name("a.png")))
    assert code == 1 and "--force" in err


def test_check_says_everything_and_where(song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = cues(song, "bar:1,,camera.zom,1,,", "1,,tempo,x,,")
    for name in (song, file):
        code, _, err = run(capfd, "cues", "check", str(name))
        assert code == 1 and err.splitlines() == [
            "song.cues.csv:2:8: unknown 'camera.zom' (did you mean 'camera.zoom'?); "
            "`avwalk presets targets` lists the parameters",
            "song.cues.csv:3:10: tempo: 'x' is not a number; give 10 to 1000 BPM",
        ]
    rows = ("bar:500,,camera.zoom,lots,,", "9:00,,seed,x,,", "0,,class,teapott,,", "bar:400,,drop,,,")
    file = cues(song, *rows)
    code, _, err = run(capfd, "cues", "check", str(song))  # cells, names and times, in the order of the lines
    places = ["2:1", "2:22", "3:1", "3:12", "4:10", "5:1"]
    assert code == 1 and [line.split(": ")[0] for line in err.splitlines()] == [f"song.cues.csv:{p}" for p in places]
    assert "did you mean 'teapot'" in err and err.count("outside the song") == 3
    code, _, err = run(capfd, "cues", "check", str(file))  # without the song its times are not known
    of_cells = [f"song.cues.csv:{p}" for p in ("2:22", "3:12", "4:10")]
    assert [line.split(": ")[0] for line in err.splitlines()] == of_cells
    # which bars there are is not known, but no song of this length has four hundred
    cues(song, "0,,tempo,x,,", "bar:20,,seed,1,,", "bar:400,,seed,1,,", "9:00,,seed,1,,", "section:x,,seed,1,,")
    code, _, err = run(capfd, "cues", "check", str(song))
    assert [line.split(": ")[0] for line in err.splitlines()] == [
        f"song.cues.csv:{k}" for k in ("2:10", "4:1", "5:1", "6:1")
    ]
    cues(song, "0,,drop,maybe,,", "drop:3,,seed,1,,", "section:x,,seed,1,,")  # nor which drops
    code, _, err = run(capfd, "cues", "check", str(song))
    assert [line.split(": ")[0] for line in err.splitlines()] == ["song.cues.csv:2:9", "song.cues.csv:4:1"]
    cues(song, "bar:400,,drop,,,", "section:chorus,,camera.zoom,1,,")
    code, _, err = run(capfd, "cues", "check", str(song))
    assert code == 1 and len(err.splitlines()) == 2 and "outside the song" in err and "no section 'chorus'" in err
    wish = song.with_name("wish.csv")
    wish.write_text(HEAD + "bar:500,,seed,1,,\n", encoding="utf-8")
    code, out, _ = run(capfd, "cues", "check", str(wish))
    assert code == 0 and f"`cues check SONG --cues {wish}` checks the times too" in out
    code, _, err = run(capfd, "cues", "check", str(song), "--cues", str(wish))
    assert code == 1 and err.startswith("wish.csv:2:1: time 'bar:500' is at") and len(err.splitlines()) == 1
    code, _, err = run(capfd, "cues", "check", str(song), str(song), "--cues", str(wish))
    assert code == 1 and "give that song alone" in err
    code, _, err = run(capfd, "cues", "check", str(song.with_name("gone.csv")))
    assert code == 1 and "cannot be read" in err


def test_problems_are_lines_of_one_form(song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cues(song, "bar:500,,drop,,,", "section:chorus,,camera.zoom,1,,")
    for command in (["analyze"], ["cues", "show"], ["render", "--generator", "testcard", "--quiet"]):
        code, _, err = run(capfd, *command, str(song))
        assert code == 1 and [line.split(": ")[0] for line in err.splitlines()] == [
            "song.cues.csv:2:1",
            "song.cues.csv:3:1",
        ]
        assert "outside the song" in err and "give a time in it" in err


def test_a_drop_that_is_denied_where_there_is_none_is_said(song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cues(song, "0:10,,drop,no,,")
    said = "note: song.cues.csv:2:1: no drop is near 0:10.000 to be taken away; none was found"
    for command in (["analyze"], ["cues", "check"], ["cues", "show"]):
        code, _, err = run(capfd, *command, str(song))
        assert code == 0 and err.splitlines().count(said) == 1


def test_cues_hear_the_track_that_is_asked_for(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    song = two_tracks(tmp_path / "song.mkv", clicks(8.0)[:, None], np.zeros((8 * 44100, 2), np.float32))
    assert "no steady beat" in run(capfd, "cues", "show", str(song))[1]
    assert "15 beats" in run(capfd, "cues", "show", str(song), "--track", "1")[1]
    cues(song, "bar:2,,seed,1,,")
    assert run(capfd, "cues", "check", str(song))[0] == 1
    assert run(capfd, "cues", "check", str(song), "--track", "1")[0] == 0
    code, _, err = run(capfd, "cues", "check", str(song), "--track", "x")
    assert code == 1 and err == "avwalk: --track 'x': must be a valid integer\n"


def test_a_wrong_file_stops_a_render_before_anything_is_written(song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cues(song, "bar:400,,drop,,,")
    before = sorted(song.parent.iterdir())
    code, _, err = run(capfd, "render", str(song), "--out", str(song.with_name("a.mp4")), *SMALL)
    assert code == 1 and "song.cues.csv:2:1: time 'bar:400'" in err and sorted(song.parent.iterdir()) == before
    assert run(capfd, "render", str(song), "--out", str(song.with_name("a.mp4")), "--no-cues", *SMALL)[0] == 0


def test_wrong_cues_are_never_written_over(song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = cues(song, "soon,,drop,,,")
    text = file.read_text()
    code, _, err = run(capfd, "analyze", str(song), "--write-cues")
    assert code == 1 and "song.cues.csv:2:1" in err and file.read_text() == text
    assert sorted(p.name for p in song.parent.iterdir()) == ["song.cues.csv", "song.wav"]


def test_a_film_follows_its_cues_and_again_those_in_it(song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = cues(song, "0,,tempo,100,,", "0.5,,downbeat,,,", "bar:2,bar:3,camera.zoom,2,cut,", "0,,prompt,ember,,")
    out = song.with_name("a.mp4")
    code, said, _ = run(
        capfd, "render", str(song), "--out", str(out), "--start", "bar:2", "--duration", "1bar", *SMALL, "--json"
    )
    events = [json.loads(line) for line in said.splitlines()]
    assert code == 0 and events[0]["cues"] == {"file": "song.cues.csv", "rows": 4}
    assert any("takes no prompts" in event.get("message", "") for event in events)
    assert events[-1]["n_frames"] == 72  # 2.4 s
    stored = json.loads(read_metadata(out)["avwalk"])
    assert stored["start"] == pytest.approx(2.9) and stored["duration"] == pytest.approx(2.4)
    assert check_film(out, song)["ok"]
    options = options_of(out)
    asked = resolve(song, options)
    file.write_text(HEAD + "0,,tempo,77,,\n")
    again = resolve(song, options)
    assert again.film == asked.film and again.film.span == (87, 159)
    assert resolve(song, {**options, "no_cues": True}).film.cues == CuesSpec.from_json(Cues().as_json())
    file.unlink()
    code, said, _ = run(
        capfd, "render", str(song), "--again", str(out), "--out", str(song.with_name("b.mp4")), "--json"
    )
    assert code == 0 and json.loads(said.splitlines()[-1])["n_frames"] == 72


def test_cues_are_part_of_the_plan(song: Path) -> None:
    from avwalk.pipeline import plan_of

    options = {"generator": "testcard", "size": "64x36"}
    bare = resolve(song, options)
    cues(song, "# said", "2,4,camera.zoom,1.5,cut,note", "0,,tempo,100,,", "1,,drop,,,")
    request = resolve(song, options)
    cues(song, "2.0,0:04,Camera.Zoom,1.50,CUT,another note", "0,,tempo,100,,", "1,,drop,,,")
    assert resolve(song, options).film.hash == request.film.hash != bare.film.hash
    plan, _, heard = plan_of(request)
    assert (np.asarray(plan.params["camera.zoom"])[60:120] == 1.5).all() and plan.facts["tempo_bpm"] == 100
    assert heard.signals["beat"].sum() == len(heard.score.beats) == 26
    assert heard.signals["time_to_drop"][0] == 1.0
    assert (heard.signals["rms"] == avwalk.analyze(song, no_cues=True).signals["rms"]).all()


def test_another_file_may_be_named(song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    other = song.with_name("other.csv")
    other.write_text(HEAD + "0,,tempo,90,,\n")
    cues(song, "0,,tempo,100,,")
    assert avwalk.analyze(song, cues=other).score.tempo_bpm == 90
    assert avwalk.analyze(song).score.tempo_bpm == 100
    assert avwalk.analyze(song, no_cues=True).score.tempo_bpm == pytest.approx(120, rel=0.01)
    assert "90.00 BPM" in run(capfd, "analyze", str(song), "--cues", str(other))[1]
    with pytest.raises(CuesError, match="does not exist"):
        avwalk.analyze(song, cues="gone.csv")
    with pytest.raises(CuesError, match="cannot be read"):
        avwalk.analyze(song, cues=song.parent)


def test_a_start_in_bars_hears_the_song_once(song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = resolve(song, {"start": "beat:3", "duration": "4beats", "generator": "testcard", "size": "64x36"})
    found = avwalk.analyze(song).score
    assert request.film.span[0] == round(found.beats[2] * 30) and request.film.span[1] - request.film.span[0] == 60
    assert request.analysis.made is not None and (request.analysis.made.score.beats == found.beats).all()
    module = sys.modules["avwalk.pipeline"]
    monkeypatch.setattr("avwalk.request.resolve.analysis_of", lambda *a, **k: 1 / 0)
    assert module.plan_of(request)[0].n_frames == 60
    assert resolve(song, {"start": "1.5", "generator": "testcard"}).analysis.made is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"start": "chorus"}, "time 'chorus' is not understood"),
        ({"start": "bar:900"}, "outside the song"),
        ({"duration": "long"}, "length 'long' is not understood"),
        ({"duration": "0bars"}, "holds nothing"),
        ({"first_beat": "bar:2"}, "time 'bar:2' is not understood"),
    ],
)
def test_wrong_times_are_one_line(song: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said) as caught:
        resolve(song, {**options, "generator": "testcard"})
    assert "\n" not in str(caught.value)


def test_preview_takes_musical_times(song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cues(song, "bar:4,,drop,,,", "bar:2,,section,verse,,")
    code, out, err = run(
        capfd, "preview", str(song), "--at", "bar:2-1beat,section:verse,drop:1", "--seconds", "0.5", "--frames", "2",
        "--out", str(song.parent), "--generator", "testcard", "--size", "64x36",
    )  # fmt: skip
    made = [Path(line) for line in out.split()]
    assert code == 0 and len(made) == 4 and "cues: 2 rows from song.cues.csv" in err
    bars = avwalk.analyze(song).score.bars
    starts = [json.loads(read_metadata(film)["avwalk"])["start"] for film in made[:3]]
    assert starts == pytest.approx([bars[1] - 0.5, bars[1], bars[3] - 0.5 / 3], abs=0.02)


def pictures(film: Path) -> list[np.ndarray]:
    with av.open(str(film)) as container:
        return [frame.to_ndarray(format="gray").astype(np.int16) for frame in container.decode(video=0)]


def test_preview_writes_the_title(song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for out, words in (("plain", ()), ("card", ("--text", "card", "--title", "Night Train", "--artist", "Ana"))):
        code, *_ = run(
            capfd, "preview", str(song), "--at", "0", "--seconds", "4", "--frames", "1",
            "--out", str(song.parent / out), "--generator", "testcard", "--size", "160x90", *words,
        )  # fmt: skip
        assert code == 0
    plain, card = (next((song.parent / out).glob("*.mp4")) for out in ("plain", "card"))
    differ = [float(np.abs(a - b).mean()) for a, b in zip(pictures(plain), pictures(card), strict=True)]
    assert max(differ[:20]) < 0.5 < min(differ[60:90])


def test_pins_that_change_nothing_are_said(song: Path) -> None:
    cues(song, "1,2,aberration.amount,3,,", "1,2,bloom.amount,1,,", "1,,prompt,a sea,,")
    notes = resolve(song, {"generator": "testcard", "set": ["effects=['bloom']"]}).notes
    assert "cues: testcard takes no prompts; rows 'prompt' need --generator sd or --restyle" in notes
    assert "cues: the preset has no effect aberration; add it to its list of effects" in notes
    cues(song, "1,2,bloom.amount,1,,")
    assert not [line for line in resolve(song, {"generator": "testcard"}).notes if line.startswith("cues")]


def test_a_picture_of_many_cues_and_of_none(song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for k, rows in enumerate(
        ([], [f"{t / 4},,text,line {t} 日本 $x$,," for t in range(60)] + ["1,,light.azimuth,9,,"])
    ):
        cues(song, *rows)
        picture = song.with_name(f"{k}.png")
        code, _, err = run(capfd, "cues", "show", str(song), "--plot", str(picture))
        assert code == 0 and picture.stat().st_size > 10_000, err
    code, _, err = run(capfd, "cues", "show", str(song), "--plot", str(song.with_name("a.doc")))
    assert code == 1 and "no picture file" in err


def test_tables_in_another_encoding_are_read_when_it_is_told(song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = song.parent / "words.csv"
    file.write_bytes((HEAD + "0:01,0:02,text,Привет,,\n").encode("cp1251"))
    show = ("cues", "show", str(song), "--cues", str(file))
    code, _, err = run(capfd, *show)
    assert code == 1 and "its words are 'Ïðèâåò'; save it as CSV UTF-8, or say" in err
    code, out, err = run(capfd, *show, "--encoding", "cp1251")
    assert code == 0 and "Привет" in out and "note" not in err
    code, _, err = run(capfd, *show, "--encoding", "cp125l")
    assert code == 1 and "did you mean 'cp125" in err
    file.write_bytes((HEAD + '"0:01","0:02",camera.zoom,"1,3",,été\n').encode("cp1252"))
    code, out, err = run(capfd, *show)
    assert code == 0 and "1.3" in out and "note: 'words.csv' is not UTF-8; read as Windows-1252: 'été'" in err
