from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from avwalk.audio.probe import probe
from avwalk.batch.outcome import Outcome
from avwalk.batch.run import run_jobs
from avwalk.batch.table import Job, read_jobs
from avwalk.errors import OptionError
from avwalk.request.seeds import seed_of_song
from avwalk.video.join import read_metadata
from tests.cli.test_bad_input import wav
from tests.conftest import clicks

COMMON = "generator,size,fps\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two songs that is not the current one."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    songs = tmp_path / "songs"
    songs.mkdir()
    wav(songs / "one.wav", clicks(1.0))
    wav(songs / "two.wav", clicks(1.5))
    return songs


def table(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "songs.csv"
    path.write_bytes(text.encode(encoding))
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(OptionError) as raised:
        read_jobs(path)
    return str(raised.value).splitlines()


def what(outcomes: list[Outcome]) -> list[str]:
    return [outcome.what for outcome in outcomes]


def test_a_row_is_a_job_with_its_files_beside_the_table(folder: Path) -> None:
    (folder / "films").mkdir()
    path = table(
        folder,
        "song,preset,seed,out,av-offset-ms,set,no-metadata,note\n"
        "one.wav,idol,7,films/a.mp4,-20,camera.zoom=1.2; camera.angle=0.1,yes,first try\n"
        "\n# later\ntwo.wav,,,,,,,\n",
    )
    first, second = read_jobs(path)
    assert first.song == folder / "one.wav" and first.location == "songs.csv:2" and second.location == "songs.csv:5"
    assert first.options == {
        "preset": "idol",
        "seed": "7",
        "out": str(folder / "films/a.mp4"),
        "av_offset_ms": "-20",
        "set": ["camera.zoom=1.2", "camera.angle=0.1"],
        "metadata": False,
    }
    seed = seed_of_song(probe(folder / "two.wav"))
    assert second.options == {"out": str(folder / f"two_lsd_{seed}.mp4")}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_spreadsheets_semicolons_and_commas_in_numbers(folder: Path, encoding: str) -> None:
    (folder / "one.wav").rename(folder / "éin Lied.wav")
    path = table(folder, 'song;bpm;prompt\r\néin Lied.wav;126,5;"a; b"\r\n', encoding)
    (job,) = read_jobs(path)
    assert job.options["bpm"] == "126.5" and job.options["prompt"] == ["a", "b"] and job.song.is_file()


def test_all_problems_at_once_with_line_and_column(folder: Path) -> None:
    path = table(
        folder,
        "song,preset,seed,out,sise,fps,colour\n"
        "none.wav,lsd,1,,,,\n"
        "one.wav,lsb,-3,there/a.mp4,,many,\n"
        "two.wav,lsd,1,a.avi,,,,spare\n",
    )
    found = problems(path)
    assert [line.split(": ")[0] for line in found] == [
        "songs.csv:1:22",
        "songs.csv:1:31",
        "songs.csv:2:1",
        "songs.csv:3:9",
        "songs.csv:3:13",
        "songs.csv:3:29",
        "songs.csv:4:15",
        "songs.csv:4:24",
    ]
    text = "\n".join(found)
    assert "did you mean 'size'" in text and "unknown column 'colour'" in text and "song 'none.wav'" in text
    assert "did you mean 'lsd'" in text and "fps 'many'" in text and "'spare'" in text


def test_songs_whose_names_begin_with_a_number_sign_and_quoted_decimals(folder: Path) -> None:
    for name in ("#9 Dream.wav", "# 1.wav"):
        wav(folder / name, clicks(1.0))
    path = table(folder, 'song,fps,out\n# a remark\n"#9 Dream.wav","29,97",\n#9 Dream.wav,30,a.mp4\n# 1.wav,,\n')
    assert [(job.song.name, job.options.get("fps")) for job in read_jobs(path)] == [
        ("#9 Dream.wav", "29.97"),
        ("#9 Dream.wav", "30"),
        ("# 1.wav", None),
    ]
    assert "a comment begins with '# '" in problems(table(folder, "song,fps\n#one.wav,\n"))[0]


def test_what_a_render_would_refuse_is_told_before_the_first(folder: Path) -> None:
    path = table(
        folder,
        "song,out,size,duration,source,cues,stem,loop,encoder,start\n"
        "one.wav,a.mp4,1080p,,,,,,,\n"
        "one.wav,b.mp4,,-1,,,,,,\n"
        "one.wav,c.mp4,,,nope.mp4,,,,,\n"
        "one.wav,d.mp4,,,,nope.csv,,,,\n"
        "one.wav,e.mp4,,,,,drums.wav,,,\n"
        "one.wav,f.mp4,,,,,drums=nope.wav,,,\n"
        "one.wav,g.mp4,,,,,,8bats,,\n"
        "one.wav,h.mp4,,,,,,,h264_of_nobody,\n"
        "one.wav,i.mp4,,,,,,,,9\n"
        "one.wav,j.mp4,99999x2,2,,,,8,,\n",
    )
    found = [line.split(": ")[0] for line in problems(path)]
    columns = [(2, 15), (3, 16), (4, 17), (5, 18), (6, 19), (7, 19), (8, 20), (9, 21), (10, 22), (11, 15), (11, 28)]
    assert found == [f"songs.csv:{line}:{column}" for line, column in columns]


def test_a_name_is_found_in_another_unicode_form(folder: Path) -> None:
    composed, taken_apart = "\u00dcber \u00e9.wav", "U\u0308ber e\u0301.wav"
    wav(folder / taken_apart, clicks(1.0))
    if (folder / composed).exists():
        pytest.skip("this file system takes both for one name")
    (job,) = read_jobs(table(folder, f"song\n{composed}\n"))
    assert job.song.name == taken_apart
    found = problems(table(folder, f"song,out\none.wav,{composed[:-4]}.mp4\ntwo.wav,{taken_apart[:-4]}.mp4\n"))
    assert len(found) == 1 and "songs.csv:3" in found[0]
    wav(folder / composed, clicks(1.0))
    assert [job.song.name for job in read_jobs(table(folder, f"song\n{composed}\n"))] == [composed]


def test_names_longer_than_any_file_system_takes(folder: Path) -> None:
    found = problems(table(folder, f"song,out\n{'9' * 300},\none.wav,{'8' * 300}.mp4\n"))
    assert "songs.csv:2:1: song '999" in found[0] and "songs.csv:3:9: out '888" in found[1]


def test_two_films_of_one_name_are_a_problem(folder: Path) -> None:
    found = problems(table(folder, "song,out\none.wav,a.mp4\ntwo.wav,A.mp4\none.wav,\none.wav,\n"))
    assert len(found) == 2 and "songs.csv:3:9" in found[0] and "songs.csv:2" in found[0] and "songs.csv:5:1" in found[1]


@pytest.mark.parametrize("text", ["", "song\n", "preset\nlsd\n", "song,estimate\none.wav,yes\n", 'song\n"one.wav\n'])
def test_tables_that_say_nothing(folder: Path, text: str) -> None:
    assert problems(table(folder, text))


def test_films_are_made_and_what_is_there_is_left_alone(folder: Path) -> None:
    path = table(folder, "song,generator,size\none.wav,testcard,64x36\ntwo.wav,testcard,64x36\n")
    jobs = read_jobs(path)
    made = list(run_jobs(jobs))
    assert what(made) == ["made", "made"] and [o.n_frames for o in made] == [30, 45]
    film, other = (Path(str(job.options["out"])) for job in jobs)
    before = film.stat().st_mtime_ns
    other.unlink()
    assert what(list(run_jobs(jobs))) == ["there", "made"] and film.stat().st_mtime_ns == before


@pytest.mark.full
def test_one_that_fails_stops_nothing_and_is_made_when_it_can_be(folder: Path) -> None:
    (folder / "bad.wav").write_text("no music at all")
    jobs = read_jobs(table(folder, "song,generator,size\nbad.wav,testcard,64x36\none.wav,testcard,64x36\n"))
    outcomes = list(run_jobs(jobs))
    assert what(outcomes) == ["failed", "made"] and "bad.wav" in outcomes[0].message
    wav(folder / "bad.wav", clicks(0.5))
    assert what(list(run_jobs(jobs))) == ["made", "there"]


@pytest.mark.full
def test_another_film_of_that_name_is_kept_unless_forced(folder: Path) -> None:
    head, row = "song,generator,size,out,seed,force\n", "one.wav,testcard,64x36,a.mp4,"

    def run(rest: str) -> list[Outcome]:
        return list(run_jobs(read_jobs(table(folder, head + row + rest))))

    assert what(run("1,\n")) == ["made"]
    (outcome,) = run("2,\n")
    assert outcome.what == "failed" and "seed" in outcome.message and "force" in outcome.message
    assert what(run("2,yes\n")) == ["made"] and '"seed":2' in read_metadata(folder / "a.mp4")["avwalk"]
    assert what(run("2,yes\n")) == ["there"]


@pytest.mark.full
def test_a_damaged_film_is_not_taken_for_whole(folder: Path) -> None:
    jobs = read_jobs(table(folder, "song,generator,size\none.wav,testcard,64x36\n"))
    film = Path(str(jobs[0].options["out"]))
    list(run_jobs(jobs))
    film.write_bytes(film.read_bytes()[:2000])
    (outcome,) = run_jobs(jobs)
    assert outcome.what == "failed" and film.name in outcome.message


@pytest.mark.full
def test_without_metadata_a_film_is_known_by_length_and_sound(folder: Path) -> None:
    path = table(folder, "song,generator,size,no-metadata\none.wav,testcard,64x36,yes\n")
    assert what(list(run_jobs(read_jobs(path)))) == ["made"]
    (outcome,) = run_jobs(read_jobs(path))
    assert outcome.what == "there" and "no metadata" in outcome.message


@pytest.mark.full
def test_pictures_are_films_too(folder: Path) -> None:
    path = table(folder, "song,generator,size,out,fps\none.wav,testcard,64x36,frames/,5\n")
    assert what(list(run_jobs(read_jobs(path)))) == ["made"]
    assert what(list(run_jobs(read_jobs(path)))) == ["there"]
    next((folder / "frames").glob("*.png")).unlink()
    assert what(list(run_jobs(read_jobs(path)))) == ["failed"]


@pytest.mark.full
def test_side_by_side_gives_the_same_films(folder: Path) -> None:
    head = "song,generator,size,out\n"
    alone = read_jobs(table(folder, f"{head}one.wav,testcard,64x36,a.mp4\ntwo.wav,testcard,64x36,b.mp4\n"))
    beside = read_jobs(table(folder, f"{head}one.wav,testcard,64x36,c.mp4\ntwo.wav,testcard,64x36,d.mp4\n"))
    list(run_jobs(alone))
    outcomes = list(run_jobs(beside, at_once=2))
    assert sorted(what(outcomes)) == ["made", "made"] and {o.job.location for o in outcomes} == {
        j.location for j in beside
    }
    assert (folder / "a.mp4").read_bytes() == (folder / "c.mp4").read_bytes()
    assert what(list(run_jobs(beside, at_once=2))) == ["there", "there"]


@pytest.mark.full
def test_side_by_side_what_is_left_is_not_begun_after_an_interrupt(folder: Path) -> None:
    rows = "".join(f"one.wav,testcard,64x36,{k}.mp4\n" for k in range(6))
    jobs = read_jobs(table(folder, "song,generator,size,out\n" + rows))
    running = run_jobs(jobs, at_once=2)
    assert next(running).what == "made"
    cast(Any, running).close()
    made = sum(1 for path in folder.glob("?.mp4"))
    assert 1 <= made < 6 and what(list(run_jobs(jobs))).count("there") == made


@pytest.mark.full
def test_an_interrupt_passes(folder: Path) -> None:
    def stop(event: object) -> None:
        raise KeyboardInterrupt

    jobs = read_jobs(table(folder, "song,generator,size\none.wav,testcard,64x36\n"))
    with pytest.raises(KeyboardInterrupt):
        list(run_jobs(jobs, on_event=stop))
    assert what(list(run_jobs(jobs))) == ["made"]


@pytest.mark.full
def test_jobs_of_python_need_no_table(folder: Path) -> None:
    job = Job(folder / "one.wav", {"generator": "testcard", "size": "64x36", "out": str(folder / "x.mp4")})
    assert what(list(run_jobs([job]))) == ["made"] and what(list(run_jobs([job]))) == ["there"]


def test_the_folder_of_a_film_is_made(folder: Path) -> None:
    jobs = read_jobs(table(folder, "song,generator,size,out\none.wav,testcard,64x36,films/deep/a.mp4\n"))
    assert not (folder / "films").exists(), "checking writes nothing"
    assert [outcome.what for outcome in run_jobs(jobs)] == ["made"]
    assert (folder / "films" / "deep" / "a.mp4").exists()
