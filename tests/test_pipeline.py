from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
import pytest
import soundfile

import avwalk
from avwalk import events
from avwalk.clock import parse_fps
from avwalk.errors import AvwalkError, OutputError, PlanError
from avwalk.pipeline import plan_of
from avwalk.plan.plan import Decisions, Plan
from avwalk.rendering.finish import check_film
from avwalk.rendering.song_film import SongFilm
from avwalk.request.resolve import resolve
from avwalk.settings import settings
from avwalk.video.join import read_metadata
from tests.conftest import clicks
from tests.pictures import read

SMALL: dict[str, Any] = {"generator": "testcard", "size": "128x72"}
RATES = [
    "23.976",
    "29.97",
    "12.5",
    *(pytest.param(r, marks=pytest.mark.slow) for r in ("24", "25", "30", "50", "59.94", "60")),
]


def pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def film_audio(path: Path) -> tuple[np.ndarray, int]:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        parts = [frame.to_ndarray() for frame in container.decode(stream)]
        rate = stream.rate
    return np.concatenate([p.reshape(2, -1) if p.shape[0] == 2 else p for p in parts], axis=-1), rate


@pytest.mark.parametrize("fps", RATES)
def test_a_film_is_exact_at_every_rate(fps: str, click_song: Path, tmp_path: Path) -> None:
    done = avwalk.render(click_song, out=tmp_path / "a.mp4", fps=fps, **SMALL)
    result = check_film(tmp_path / "a.mp4", click_song)
    assert result["ok"], result["problems"]
    exact = parse_fps(fps)
    assert done["n_frames"] == result["n_frames"] == max(1, int(4 * exact + Fraction(1, 2)))
    assert Fraction(result["fps"]) == exact
    assert abs(result["duration"] - result["audio_duration"]) <= 0.5 / float(exact) + 0.002
    assert abs(result["audio_lag_ms"]) <= 5


def test_the_folder_holds_the_film_and_nothing_else(click_song: Path, tmp_path: Path) -> None:
    avwalk.render(click_song, out=tmp_path / "a.mp4", **SMALL)
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_a_click_stays_on_its_frame_in_an_excerpt(click_song: Path, tmp_path: Path) -> None:
    avwalk.render(click_song, out=tmp_path / "a.mp4", start=1.25, duration=2, **SMALL)
    sound, rate = film_audio(tmp_path / "a.mp4")
    loud = np.abs(sound[0]) > 0.2
    first = np.flatnonzero(loud)[0] / rate
    i0 = round(1.25 * 30 + 1e-9)  # 37.5 goes up
    assert first == pytest.approx(1.5 - i0 / 30, abs=0.002)


def test_an_excerpt_is_those_frames_of_the_whole_film(click_song: Path, tmp_path: Path) -> None:
    excerpts: dict[str, dict[str, Any]] = {"whole": {}, "part": {"start": 1.0, "duration": 1.0}}
    for name, more in excerpts.items():
        avwalk.render(click_song, out=str(tmp_path / name) + "/", generator="cppn", size="64x36", **more)
    part = sorted((tmp_path / "part").glob("*.png"))
    assert [p.name for p in part] == [f"{i:06d}.png" for i in range(30, 60)]
    for picture in part:
        assert np.array_equal(read(picture), read(tmp_path / "whole" / picture.name))


def test_a_video_without_a_steady_rate_is_a_song(tmp_path: Path) -> None:
    """As phones record it: the film's clock is that of its sound."""
    path, rate = tmp_path / "phone.mp4", 44100
    with av.open(str(path), "w") as container:
        seen: Any = container.add_stream("libx264", rate=30)
        seen.width, seen.height, seen.pix_fmt, seen.time_base = 64, 36, "yuv420p", Fraction(1, 1000)
        seen.codec_context.time_base = Fraction(1, 1000)
        heard: Any = container.add_stream("aac", rate=rate, layout="mono")
        packets = []
        for at in (0, 33, 80, 400, 410, 900, 1700):
            frame = av.VideoFrame.from_ndarray(np.full((36, 64, 3), at // 8, np.uint8), format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            packets += seen.encode(frame)
        sound = av.AudioFrame.from_ndarray(clicks(2.0, rate=rate)[None], format="fltp", layout="mono")
        sound.sample_rate, sound.pts, sound.time_base = rate, 0, Fraction(1, rate)
        for packet in (*packets, *seen.encode(), *heard.encode(sound), *heard.encode()):
            container.mux(packet)
    done = avwalk.render(path, out=tmp_path / "a.mp4", **SMALL)
    result = check_film(tmp_path / "a.mp4", path)
    assert result["ok"] and done["n_frames"] == 60, result["problems"]


def test_workers_do_not_change_a_single_bit(tmp_path: Path) -> None:
    song = tmp_path / "s.wav"
    soundfile.write(song, clicks(24.0, rate=8000), 8000)
    for workers in (1, 3):
        avwalk.render(song, out=tmp_path / f"{workers}.mp4", workers=workers, fps=10, generator="cppn", size="64x36")
    one, three = (pictures(tmp_path / f"{w}.mp4") for w in (1, 3))
    assert len(one) == len(three) == 240
    assert all(np.array_equal(a, b) for a, b in zip(one, three, strict=True))


def test_events_tell_the_story(click_song: Path, tmp_path: Path) -> None:
    events: list[Mapping[str, Any]] = []
    done = avwalk.render(click_song, out=tmp_path / "a.mp4", on_event=events.append, **SMALL)
    kinds = [e["event"] for e in events]
    assert kinds[0] == "resolved" and kinds[-1] == "done" and "plan" in kinds and "segment" in kinds
    assert events[-1] == done and done["resumed_frames"] == 0 and done["wall_s"] > 0
    assert {"out", "n_frames", "resumed_frames", "wall_s", "lag_frames", "correlation"} <= set(done)
    progress = [e for e in events if e["event"] == "progress"]
    assert progress[-1]["done"] == 120 and all({"fps", "eta_s", "limit"} <= set(e) for e in progress)
    json.dumps(events)


def test_finished_files_are_not_replaced_unless_forced(click_song: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    out.write_bytes(b"mine")
    with pytest.raises(OutputError, match="force"):
        avwalk.render(click_song, out=out, **SMALL)
    assert out.read_bytes() == b"mine" and len(list(tmp_path.iterdir())) == 1
    avwalk.render(click_song, out=out, force=True, **SMALL)
    assert out.stat().st_size > 1000


def test_the_film_knows_how_it_was_made_and_can_be_made_again(click_song: Path, tmp_path: Path) -> None:
    from avwalk.pipeline import options_of

    first = tmp_path / "first.mp4"
    avwalk.render(click_song, out=first, preset="dream", seed=7, set=["camera.zoom=1.2"], size="64x36", duration=1)
    tags = read_metadata(first)
    stored = json.loads(tags["avwalk"])
    assert stored["seed"] == 7 and stored["preset"]["name"] == "dream" and stored["version"] == avwalk.__version__
    assert stored["preset"]["values"]["camera"]["zoom"] == 1.2 and len(stored["song_sha256"]) == 64
    assert str(tmp_path) not in str(tags) and str(Path.home()) not in str(tags)
    avwalk.render(click_song, out=tmp_path / "again.mp4", **options_of(first))
    assert all(np.array_equal(a, b) for a, b in zip(pictures(first), pictures(tmp_path / "again.mp4"), strict=True))


def test_no_metadata_stores_nothing(click_song: Path, tmp_path: Path) -> None:
    from avwalk.pipeline import options_of

    avwalk.render(click_song, out=tmp_path / "a.mp4", metadata=False, **SMALL)
    assert "avwalk" not in read_metadata(tmp_path / "a.mp4")
    with pytest.raises(PlanError, match="holds no plan"):
        options_of(tmp_path / "a.mp4")


def test_profiles(click_song: Path, tmp_path: Path) -> None:
    cases: tuple[tuple[Literal["vj", "master"], str, str], ...]
    cases = (("vj", ".mp4", "aac"), ("master", ".mov", "pcm_s16le"))
    for profile, suffix, codec in cases:
        out = tmp_path / f"{profile}{suffix}"
        avwalk.render(click_song, out=out, profile=profile, duration=1, **SMALL)
        with av.open(str(out)) as container:
            assert container.streams.audio[0].codec_context.name == codec
            keys = sum(p.is_keyframe for p in container.demux(video=0) if p.size)
        assert keys == 30 if profile == "vj" else keys < 30
    with pytest.raises(OutputError, match=r"must end in \.mov"):
        avwalk.render(click_song, out=tmp_path / "x.mp4", profile="master", **SMALL)


def test_auto_is_remembered_and_asks_when_it_would_change(
    click_song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    avwalk.render(click_song, out=tmp_path / "a.mp4", size="64x36", duration=0.5)
    monkeypatch.setattr("avwalk.request.generators.choose_generator", lambda asked, preset, model=None: "testcard")
    with pytest.raises(AvwalkError, match="was rendered with cppn before.*generator"):
        avwalk.render(click_song, out=tmp_path / "b.mp4", size="64x36", duration=0.5)


# --- faults ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["no folder", "[" * 100_000, "[1]", "\0"])
def test_what_cannot_be_remembered_is_no_reason_to_fail(
    fault: str, click_song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(events, "_said", set())
    state = tmp_path / "state"
    if fault == "no folder":
        state.touch()
    else:
        state.mkdir()
        (state / "generators.json").write_text(fault, encoding="utf-8")
    monkeypatch.setenv("AVWALK_STATE_DIR", str(state))
    settings.cache_clear()
    for _ in range(2):
        assert resolve(click_song, {"preset": "lsd", "size": "64x36"}, writes=True).film.look.generator.name == "cppn"
    said = [record.getMessage() for record in caplog.records if "remembered" in record.getMessage()]
    assert len(said) == (fault == "no folder")


@pytest.fixture(scope="module")
def long_song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "long.wav"
    soundfile.write(path, clicks(30.0, rate=8000), 8000)
    return path


@pytest.fixture(scope="module")
def undisturbed(long_song: Path, tmp_path_factory: pytest.TempPathFactory) -> list[np.ndarray]:
    """The film as it should be, frame by frame."""
    out = tmp_path_factory.mktemp("whole") / "whole.mp4"
    avwalk.render(long_song, out=out, **FAULTY)
    return pictures(out)


FAULTY: dict[str, Any] = {"fps": 10, "generator": "testcard", "size": "160x90"}


def command(song: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "avwalk", "render", str(song), "--out", str(out), "--fps", "10", "--json",
            "--generator", "testcard", "--size", "160x90", "--workers", "2", *more]  # fmt: skip


def wait_for(process: subprocess.Popen[str], kind: str) -> dict[str, Any]:
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == kind:
            return dict(event)
    raise AssertionError(f"the render ended before a '{kind}' event: {process.stderr and process.stderr.read()}")


@pytest.mark.full
@pytest.mark.parametrize(
    "moment", ["plan", "segment", *(pytest.param(m, marks=pytest.mark.slow) for m in ("resolved", "progress"))]
)
def test_kill_at_any_moment_loses_nothing(
    moment: str, long_song: Path, undisturbed: list[np.ndarray], tmp_path: Path
) -> None:
    killed = tmp_path / "killed.mp4"
    with subprocess.Popen(
        command(long_song, killed), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        wait_for(process, moment)
        time.sleep(0.05)
        process.kill()
    assert not killed.exists() or process.returncode == 0
    work = tmp_path / "killed.mp4.work"
    before = {p.name for p in (work / "segments").glob("*.mp4")} if work.exists() else set()
    drawn: list[tuple[int, int]] = []
    done = avwalk.render(
        long_song,
        out=killed,
        force=True,
        on_event=lambda e: drawn.append((e["i0"], e["i1"])) if e["event"] == "segment" else None,
        **FAULTY,
    )
    assert done["resumed_frames"] == 300 - sum(b - a for a, b in drawn)
    assert not {f"{a:07d}-{b:07d}.mp4" for a, b in drawn} & before, "a finished segment was drawn again"
    assert all(np.array_equal(a, b) for a, b in zip(undisturbed, pictures(killed), strict=True))
    assert check_film(killed)["ok"]


@pytest.mark.full
@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a child alone")
@pytest.mark.parametrize(
    ("name", "times"), [("SIGINT", 1), ("SIGINT", 2), ("SIGINT", 6), ("SIGHUP", 1), ("SIGTERM", 1)]
)
def test_ctrl_c_leaves_a_partial_film_and_the_same_command_goes_on(
    name: str, times: int, long_song: Path, tmp_path: Path
) -> None:
    """However often it is pressed; and a terminal that is closed leaves the same."""
    out = tmp_path / "a.mp4"
    with subprocess.Popen(
        command(long_song, out, "--size", "640x360", "--workers", "1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    ) as process:
        wait_for(process, "segment")
        for k in range(times):
            time.sleep(0.05 * bool(k))
            process.send_signal(getattr(signal, name))
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 128 + getattr(signal, name), errors
    assert "avwalk render" in errors and "Traceback" not in errors and "ignored" not in errors
    partial = tmp_path / "a.partial.mp4"
    result = check_film(partial)
    assert result["ok"], result["problems"]
    assert 0 < result["n_frames"] < 300
    done = avwalk.render(long_song, out=out, **{**FAULTY, "size": "640x360"})
    assert done["resumed_frames"] >= 100
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4"]


@pytest.mark.full
@pytest.mark.skipif(os.name == "nt", reason="pipes are told otherwise")
def test_who_closes_the_pipe_gets_no_words(long_song: Path, tmp_path: Path) -> None:
    """``avwalk render --json | head -1``: what is finished is kept."""
    out = tmp_path / "a.mp4"
    with subprocess.Popen(
        command(long_song, out), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        wait_for(process, "plan")
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
        process.wait(timeout=120)
    assert process.returncode not in (0, 130) and errors == ""
    assert not out.exists() and avwalk.render(long_song, out=out, **FAULTY)["n_frames"] == 300


def test_a_damaged_segment_is_drawn_again(long_song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"fps": 10, "generator": "testcard", "size": "64x36"}

    def stop(*args: object, **more: Any) -> None:
        raise RuntimeError("pulled the plug")

    with monkeypatch.context() as patched:
        patched.setattr(SongFilm, "finish", stop)
        with pytest.raises(RuntimeError):
            avwalk.render(long_song, out=tmp_path / "a.mp4", **options)
    segments = sorted((tmp_path / "a.mp4.work" / "segments").glob("*.mp4"))
    assert len(segments) == 3
    segments[2].write_bytes(segments[2].read_bytes()[:500])
    done = avwalk.render(long_song, out=tmp_path / "a.mp4", **options)
    assert done["resumed_frames"] == 200


@pytest.mark.parametrize("out", ["a.mp4", "a/"])
def test_segments_drawn_by_other_decisions_are_drawn_again(
    out: str, long_song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The film's hash is one of inputs; what planning decided has a digest in the record of each segment."""
    name = f"{tmp_path}/{out}"
    options: dict[str, Any] = {"fps": 10, "generator": "testcard", "size": "64x36", "out": name}

    def stop(*args: object, **more: Any) -> None:
        raise RuntimeError("pulled the plug")

    with monkeypatch.context() as patched:
        patched.setattr(SongFilm, "finish", stop)
        with pytest.raises(RuntimeError):
            avwalk.render(long_song, **options)
        folder = tmp_path / f"{out.rstrip('/')}.work" / "plan"
        plan = Plan.load(folder)
        replace(plan, decisions=Decisions(batch=3, flashes=1.0, poster=7)).save(folder)
        events: list[Any] = []
        with pytest.raises(RuntimeError):
            avwalk.render(long_song, on_event=events.append, **options)
    assert [event["resumed_frames"] for event in events if event["event"] == "plan"] == [0]
    assert avwalk.render(long_song, **options)["resumed_frames"] == plan.n_frames


def test_a_plan_whose_decisions_were_changed_by_hand_is_damaged(tmp_path: Path, click_song: Path) -> None:
    plan = plan_of(resolve(click_song, {"generator": "testcard", "size": "64x36"}))[0]
    plan.save(tmp_path)
    assert Plan.load(tmp_path).decisions == plan.decisions
    file = tmp_path / "plan.json"
    stored = json.loads(file.read_text(encoding="utf-8"))
    stored = {**stored, "decisions": {**stored["decisions"], "poster": 1}}
    file.write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(PlanError, match="not as it was saved"):
        Plan.load(tmp_path)
    del stored["sha256"]  # as earlier versions wrote it
    file.write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(PlanError, match="decisions"):
        Plan.load(tmp_path)


def test_a_changed_plan_is_refused_until_fresh(
    long_song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {"fps": 10, "generator": "testcard", "size": "64x36", "out": tmp_path / "a.mp4"}
    with monkeypatch.context() as patched:
        patched.setattr(SongFilm, "finish", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("stop")))
        with pytest.raises(RuntimeError):
            avwalk.render(long_song, **options)
    with pytest.raises(PlanError, match=r"seed: \d+ → 5"):
        avwalk.render(long_song, seed=5, **options)
    assert avwalk.render(long_song, seed=5, fresh=True, **options)["resumed_frames"] == 0


def test_a_full_disk_is_one_clear_line(click_song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    from avwalk.rendering import song_segments

    class Full:
        def __init__(self, *args: object) -> None:
            raise OutputError(f"'{tmp_path}' cannot be written: {os.strerror(errno.ENOSPC)}; free some space")

    monkeypatch.setattr(song_segments, "SegmentEncoder", Full)
    with pytest.raises(OutputError, match="No space left"):
        avwalk.render(click_song, out=tmp_path / "a.mp4", **SMALL)
    assert list(tmp_path.iterdir()) == []


def test_the_sound_is_encoded_once(click_song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "a.mp4"
    with monkeypatch.context() as patched:
        patched.setattr(sys.modules["avwalk.rendering.finish"], "move", lambda made, final: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            avwalk.render(click_song, out=out, **SMALL)
    monkeypatch.setattr(sys.modules["avwalk.rendering.soundtrack"], "encode_sound", lambda *a: 1 / 0)
    avwalk.render(click_song, out=out, **SMALL)
    assert check_film(out, click_song)["ok"]


def test_warnings_spell_options_for_whoever_reads_them(click_song: Path, tmp_path: Path) -> None:
    """From Python as keywords; the command line's own are seen by its tests."""
    events: list[Any] = []
    avwalk.render(click_song, out=tmp_path / "a.mp4", prompt=("a sea",), duration=1, on_event=events.append, **SMALL)
    told = [event["message"] for event in events if event["event"] == "warning"]
    assert any("prompt is not used" in line for line in told) and not any("--" in line for line in told)
