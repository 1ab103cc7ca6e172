"""Bad input: one clear line, exit code ≠ 0, no traceback, nothing left behind. Odd input: rendered."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import avwalk
from avwalk.cli.main import main
from avwalk.rendering.finish import check_film
from tests.conftest import clicks
from tests.pictures import read
from tests.sounds import encoded, tones

SMALL = ["--generator", "testcard", "--size", "64x36", "--quiet"]


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(list(args))
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wav(path: Path, samples: np.ndarray, rate: int = 44100, **more: str) -> Path:
    soundfile.write(path, samples, rate, **more)
    return path


def make_bad_song(name: str, folder: Path) -> str:
    path = folder / f"{name}.wav"
    if name == "missing":
        return str(path)
    if name == "folder":
        path.mkdir()
    elif name == "empty":
        path.write_bytes(b"")
    elif name == "text":
        path.write_text("this is not music\n" * 50)
    elif name == "noise":
        path.write_bytes(np.random.default_rng(0).bytes(50_000))
    elif name == "no-samples":
        wav(path, np.zeros(0, np.float32))
    elif name == "all-nan":
        wav(path, np.full(5000, np.nan, np.float32), subtype="FLOAT")
    elif name == "all-inf":
        wav(path, np.full(5000, np.inf, np.float32), subtype="FLOAT")
    return str(path)


BAD_SONGS = ["missing", "folder", "empty", "text", "noise", "no-samples", "all-nan", "all-inf"]


@pytest.mark.parametrize("name", BAD_SONGS)
def test_songs_that_are_none(name: str, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    song = make_bad_song(name, here)
    before = sorted(p.name for p in here.iterdir())
    code, _, err = run(capfd, "render", song, *SMALL)
    assert code == 1
    lines = err.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("avwalk: ") and Path(song).name in lines[0], err
    assert sorted(p.name for p in here.iterdir()) == before


@pytest.mark.parametrize("args", [["analyze"], ["render"], ["verify"], ["render", "fine.wav", "--source"], ["batch"]])
def test_names_that_are_not_utf_8(args: list[str], here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    name = "caf\udce9.wav"
    wav(here / "fine.wav", clicks(1.0))
    try:
        shutil.copy(here / "fine.wav", here / name)
    except (OSError, UnicodeError):
        pytest.skip("this system has no such names")
    code, _, err = run(capfd, *args, name, *(SMALL if "render" in args else []))
    assert (code == 1 and len(err.strip().splitlines()) == 1 and "text" in err) or "rename it" in err
    assert "Traceback" not in err and "caf?.wav" in err


def test_a_codec_that_nobody_knows(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    encoded(here / "song.m4a", np.zeros((9000, 2), np.float32), "stereo", "aac")
    data = (here / "song.m4a").read_bytes().replace(b"mp4a", b"zzzz").replace(b"esds", b"zzzz")
    (here / "song.m4a").write_bytes(data)
    code, _, err = run(capfd, "render", "song.m4a", *SMALL)
    assert code == 1 and len(err.strip().splitlines()) == 1 and "holds no sound that can be read" in err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["render", "--track", "2"], "has one audio track, so there is no track 2; --track takes 1"),
        (["render", "--track", "0"], "--track 0"),
        (["analyze", "--track", "-1"], "--track -1"),
        (["preview", "--track", "7"], "no track 7"),
    ],
)
def test_tracks_that_are_not_there(args: list[str], said: str, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wav(here / "song.wav", clicks(1.0))
    code, _, err = run(capfd, args[0], "song.wav", *args[1:])
    assert code == 1 and len(err.strip().splitlines()) == 1 and said in err
    assert [p.name for p in here.iterdir()] == ["song.wav"]


BAD_OPTIONS = [
    (["--size", "0x0"], "size 0x0 is out of range"),
    (["--size", "99999x99999"], "out of range"),
    (["--size", "big"], "write it as 1280x720"),
    (["--fps", "0"], "fps 0 is out of range"),
    (["--fps", "-5"], "fps -5 is out of range"),
    (["--fps", "241"], "at most 240"),
    (["--fps", "quick"], "not a number"),
    (["--duration", "0"], "--duration 0"),
    (["--duration", "-3"], "--duration -3"),
    (["--start", "99"], "past the end"),
    (["--start", "-1"], "negative"),
    (["--start", "soon"], "time 'soon'"),
    (["--preset", "lds"], "did you mean 'lsd'"),
    (["--preset", "no/such.toml"], "does not exist"),
    (["--set", "walk.truncaton=1"], "did you mean 'walk.truncation'"),
    (["--set", "walk.truncation=9"], "less than or equal to 1"),
    (["--set", 'routes=["kik -> camera.zoom +1%"]'], "did you mean 'kick'"),
    (["--set", 'routes=["kick -> camera.zom +1%"]'], "did you mean 'camera.zoom'"),
    (["--set", "cppn.warp=lots"], "valid number"),
    (["--profile", "youtub"], "did you mean 'youtube'"),
    (["--audio", "mp3"], "--audio"),
    (["--seed", "-1"], "--seed"),
    (["--seed", "x"], "--seed 'x': must be a valid integer"),
    (["--track", "x"], "--track 'x': must be a valid integer"),
    (["--bpm", "abc"], "--bpm 'abc': must be a valid number"),
    (["--bpm", "0"], "--bpm"),
    (["--generator", "biggan"], "cannot run here"),
    (["--encoder", "h264_nope"], "does not work here"),
    (["--out", "film.avi"], "must end in .mp4"),
    (["--out", "clicks.wav/film.mp4"], "clicks.wav' is a file, not a folder"),
    (["--again", "clicks.wav"], "clicks.wav"),
]


@pytest.mark.parametrize(("options", "said"), BAD_OPTIONS)
def test_options_that_cannot_be(options: list[str], said: str, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wav(here / "clicks.wav", clicks(2.0))
    rest = [] if options[0] in ("--size", "--generator") else SMALL
    code, _, err = run(capfd, "render", "clicks.wav", *options, *rest)
    assert code == 1
    assert said in err and "Traceback" not in err
    assert all(line.startswith("avwalk: ") for line in err.strip().splitlines()[:1])
    assert [p.name for p in here.iterdir()] == ["clicks.wav"]


@pytest.mark.parametrize(("args", "said"), [
    (["analyze", "clicks.wav", "--track", "x"], "--track 'x': must be a valid integer"),
    (["analyze", "clicks.wav", "--bpm", "abc"], "--bpm 'abc': must be a valid number"),
    (["analyze", "clicks.wav", "--bpm", "0"], "--bpm 0.0: must be greater than 10"),
    (["batch", "songs.csv", "--jobs", "x"], "--jobs: must be a valid integer"),
    (["analyze", "clicks.wav", "--plot", "a.bad"], "'a.bad' is no picture file"),
    (["analyze", "clicks.wav", "--clicks", "a.bad"], "'a.bad' is no sound file"),
    (["analyze", "clicks.wav", "--plot", "clicks.wav/a.png"], "clicks.wav' is a file, not a folder"),
    (["analyze", "clicks.wav", "--clicks", "closed/a.wav"], "may not be written to"),
    (["cues", "show", "clicks.wav", "--plot", "a.bad"], "'a.bad' is no picture file"),
])  # fmt: skip
def test_what_cannot_be_is_refused_before_the_song_is_heard(
    args: list[str], said: str, here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def heard(*args: object, **options: object) -> None:
        raise AssertionError("it was heard")

    wav(here / "clicks.wav", clicks(0.5))
    (here / "closed").mkdir()
    monkeypatch.setattr("avwalk.plan.analyze.analyze", heard)
    monkeypatch.setattr("os.access", lambda path, mode: Path(path).name != "closed")
    code, _, err = run(capfd, *args)
    assert code == 1 and said in err and len(err.strip().splitlines()) == 1, err


def test_folders_that_are_missing_are_made(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wav(here / "song.wav", clicks(2.0))
    more = ["--plot", "a/b/c.png", "--clicks", "d/e.wav", "--export", "json", "--out", "f/g.json"]
    assert run(capfd, "analyze", "song.wav", *more)[0] == 0
    assert all((here / name).is_file() for name in ("a/b/c.png", "d/e.wav", "f/g.json"))
    assert run(capfd, "cues", "show", "song.wav", "--plot", "h/i.png")[0] == 0 and (here / "h/i.png").is_file()


BAD_USAGE = [["render"], ["rendr"], ["render", "a.wav", "--sise", "3x3"]]


@pytest.mark.parametrize("args", BAD_USAGE)
def test_usage_errors_are_one_line_and_point_to_help(args: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, *args)
    assert code == 2 and "--help" in err and len(err.strip().splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices here")
@pytest.mark.parametrize("song", ["/dev/zero", "/dev/null"])
def test_devices_are_no_songs(song: str, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, "render", song, *SMALL)
    assert code == 1 and len(err.strip().splitlines()) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_does_not_hang(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(here / "pipe.wav")
    code, _, err = run(capfd, "render", "pipe.wav", *SMALL)
    assert code == 1 and "pipe.wav" in err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_cannot_be_written(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wav(here / "clicks.wav", clicks(2.0))
    (here / "locked").mkdir(mode=0o500)
    code, _, err = run(capfd, "render", "clicks.wav", "--out", "locked/a.mp4", *SMALL)
    assert code == 1 and "cannot" in err


# --- odd, but rendered ------------------------------------------------------------------------------------


def film_of(song: Path, out: Path, **more: Any) -> dict[str, Any]:
    done = avwalk.render(song, out=out, generator="testcard", size="64x36", **more)
    result = check_film(out)
    assert result["ok"], result["problems"]
    return done


ODD: dict[str, Callable[[], tuple[np.ndarray, int]]] = {
    "one-sample": lambda: (np.full(1, 0.5, np.float32), 44100),
    "50-ms": lambda: (clicks(0.05, first=0.0), 44100),
    "silence": lambda: (np.zeros(44100, np.float32), 44100),
    "square": lambda: (np.sign(np.sin(2 * np.pi * 100 * np.arange(44100) / 44100)).astype(np.float32), 44100),
    "8-kHz": lambda: (clicks(1.0, rate=8000), 8000),
    "96-kHz-6-channels": lambda: (np.repeat(clicks(1.0, rate=96000)[:, None], 6, axis=1), 96000),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_songs_are_rendered(name: str, tmp_path: Path) -> None:
    samples, rate = ODD[name]()
    song = wav(tmp_path / "song.wav", samples, rate)
    done = avwalk.render(song, out=tmp_path / "a.mp4", generator="cppn", size="64x36")
    assert done["n_frames"] == max(1, round(len(samples) / rate * 30))
    assert check_film(tmp_path / "a.mp4")["ok"]


@pytest.mark.parametrize("name", ["eight.m4a", "eight.opus", "eight.wav"])
@pytest.mark.parametrize("profile", [pytest.param("youtube", marks=pytest.mark.full), "master"])
def test_songs_of_eight_channels(name: str, profile: str, tmp_path: Path) -> None:
    """In a process of its own: it may die of it."""
    sound, _ = tones("7.1")
    encoded(tmp_path / name, sound, "7.1", {"m4a": "aac", "opus": "libopus", "wav": "pcm_s16le"}[name.split(".")[1]])
    code = (
        "import sys, avwalk\n"
        "for start in (None, 0.4):\n"
        "    avwalk.render(sys.argv[1], generator='testcard', size='64x36', fps=5, profile=sys.argv[2], start=start,\n"
        "                  out=f'{sys.argv[1]}{start}' + ('.mov' if sys.argv[2] == 'master' else '.mp4'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / name), profile], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len([p for p in tmp_path.iterdir() if p.suffix in (".mp4", ".mov")]) == 2


def test_what_is_odd_in_a_song_is_said_when_it_is_analysed(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(wav(here / "song.wav", clicks(2.0)).read_bytes())
    data[40:44] = bytes(4)
    (here / "song.wav").write_bytes(data)
    code, out, err = run(capfd, "analyze", "song.wav", "--write-cues")
    assert code == 0 and "length    0:02" in out
    assert [line for line in err.splitlines() if "does not say how long it is" in line and line.startswith("note: ")]
    assert err.count("how long") == 1


def test_that_nothing_sounds_is_said(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wav(here / "song.wav", np.zeros(44100, np.float32))
    said = "nothing sounds in this song: the picture has nothing to follow"
    assert run(capfd, "analyze", "song.wav")[2].splitlines() == [f"note: {said}"]
    assert run(capfd, "render", "song.wav", *SMALL)[2].splitlines() == [f"avwalk: {said}"]


def test_silence_is_calm_and_not_black(tmp_path: Path) -> None:
    song = wav(tmp_path / "song.wav", np.zeros(3 * 44100, np.float32))
    avwalk.render(song, out=str(tmp_path / "frames") + "/", preset="lsd", size="128x72")

    frames = [read(p).astype(float) for p in sorted((tmp_path / "frames").glob("*.png"))]
    assert len(frames) == 90 and np.mean(frames[45]) > 10
    steps = [np.abs(b - a).mean() for a, b in itertools.pairwise(frames)]
    assert 0 < np.mean(steps) < 6  # nearly still, never frozen


def test_some_nan_are_read_as_silence_and_said(tmp_path: Path) -> None:
    samples = clicks(1.0)
    samples[100:110] = np.nan
    song = wav(tmp_path / "song.wav", samples, subtype="FLOAT")
    events: list[Mapping[str, Any]] = []
    film_of(song, tmp_path / "a.mp4", on_event=events.append)
    assert any("10" in e["message"] for e in events if e["event"] == "warning")


@pytest.mark.parametrize("suffix", ["ogg", "mp3"])
def test_a_truncated_song_gives_what_decodes_and_one_warning(suffix: str, tmp_path: Path) -> None:
    whole = tmp_path / f"whole.{suffix}"
    soundfile.write(whole, np.stack([clicks(6.0)] * 2, axis=1), 44100)
    data = whole.read_bytes()
    song = tmp_path / f"cut.{suffix}"
    song.write_bytes(data[: len(data) * 2 // 3])
    events: list[Mapping[str, Any]] = []
    done = film_of(song, tmp_path / "a.mp4", on_event=events.append)
    assert 30 < done["n_frames"] < 180
    assert len([e for e in events if e["event"] == "warning"]) == 1


def test_odd_sizes_are_rounded_and_said(tmp_path: Path) -> None:
    song = wav(tmp_path / "song.wav", clicks(0.5))
    events: list[Mapping[str, Any]] = []
    avwalk.render(song, out=tmp_path / "a.mp4", generator="testcard", size="65x37", on_event=events.append)
    assert any("rounded up to 66x38" in e.get("message", "") for e in events)


@pytest.mark.parametrize("name", ["two words.wav", "🎵 emoji.wav", "quo'te\"s.wav", "-dash.wav", "a%d.wav", "a:b.wav"])
def test_names(name: str, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    if os.name == "nt" and set(name) & set('":'):
        pytest.skip("not a legal name there")
    wav(here / "plain.wav", clicks(0.3))
    shutil.move(here / "plain.wav", here / name)
    code, _, err = run(capfd, "render", *SMALL, "--", name)
    assert code == 0, err
    made = [p for p in here.iterdir() if p.suffix == ".mp4"]
    assert len(made) == 1 and check_film(made[0])["ok"]


@pytest.mark.slow
def test_three_hours(tmp_path: Path) -> None:
    song = tmp_path / "long.wav"
    with soundfile.SoundFile(song, "w", 22050, 1) as file:
        block = clicks(60.0, rate=22050)
        for _ in range(180):
            file.write(block)
    code = (
        "import avwalk, resource, sys;"
        "d = avwalk.render(sys.argv[1], out=sys.argv[2], generator='testcard', size='64x36', fps=5);"
        "print(d['n_frames'], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, str(song), str(tmp_path / "a.mp4")], capture_output=True, text=True, check=True
    )
    frames, peak_kib = map(int, out.stdout.split())
    assert frames == 54_000 and peak_kib < 1.5 * 1024 * 1024


def test_stopped_before_anything_began(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the song is read: no file has a name yet."""
    song = wav(here / "s.wav", clicks(1.0))

    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("avwalk.request.resolve.probe", stop)
    code, _, err = run(capsys, "render", str(song), *SMALL)
    assert code == 130 and "stopped; nothing was begun yet. To go on:" in err and "Error" not in err


def test_the_folder_one_is_in_and_that_above_take_pictures(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`.` and `..` have no name of their own to put the work beside."""
    song = wav(here / "s.wav", clicks(0.5))
    for name in ("own", "above/below"):
        (here / name).mkdir(parents=True)
    with contextlib.chdir(here / "own"):
        assert run(capsys, "render", str(song), "--out", ".", *SMALL)[0] == 0
    with contextlib.chdir(here / "above" / "below"):
        code, _, err = run(capsys, "render", str(song), "--out", "..", *SMALL)
        assert code == 1 and "exists; --force" in err  # `below` is in it
        assert run(capsys, "render", str(song), "--out", "..", "--force", *SMALL)[0] == 0
    for name in ("own", "above"):
        assert len(list((here / name).glob("*.png"))) == 15
    assert not list(here.glob("**/*.work"))
    code, _, err = run(capsys, "render", str(song), "--out", "/", "--force", *SMALL)
    assert code == 1 and "is the root of the disk" in err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--ray", ""], "--ray is empty; write --ray auto"),
        (["--ray", "auto", "--runner", "threads"], "--ray auto and --runner threads: a cluster draws or this machine"),
    ],
)
def test_who_draws_is_said_once(given: list[str], said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    song = wav(tmp_path / "s.wav", clicks(1.0))
    code, _, err = run(capfd, "render", str(song), *SMALL, *given)
    assert code == 1 and said in err and err.count("\n") == 1
