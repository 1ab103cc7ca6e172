"""Whole films of every profile: our own check, FFprobe where there is one, sound, alpha, and going on after a stop."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

import avwalk
from avwalk.errors import AvwalkError, OptionError, VideoError
from avwalk.pipeline import plan_of, source_of, source_with_alpha
from avwalk.rendering.finish import check_film
from avwalk.request.resolve import resolve
from avwalk.video.delivery import _ffmpeg_with_hap, webp_durations
from avwalk.video.profiles import PROFILES
from avwalk.video.verify import verify

SMALL: dict[str, Any] = {"generator": "cppn", "preset": "sumi", "size": "96x64", "segment": 0.5}
CODECS = {
    "youtube": ("h264", "yuv420p", "aac"),
    "hevc": ("hevc", "yuv420p", "aac"),
    "10bit": ("hevc", "yuv420p10le", "aac"),
    "av1": ("av1", "yuv420p", "aac"),
    "webm": ("vp9", "yuv420p", "opus"),
    "prores": ("prores", "yuv422p10le", "pcm_s16le"),
    "hap": ("hap", "rgb0", "pcm_s16le"),
    "gif": ("gif", "bgra", None),
}


def film(song: Path, folder: Path, profile: str, **more: Any) -> tuple[Path, dict[str, Any]]:
    out = folder / f"film{PROFILES[profile].suffix}"
    return out, avwalk.render(song, out=out, **{**SMALL, "profile": profile, "duration": 1.6, **more})


@pytest.mark.parametrize("name", sorted(CODECS))
def test_a_film_of_a_profile_is_what_it_says(name: str, click_song: Path, tmp_path: Path) -> None:
    if name == "hap" and not _ffmpeg_with_hap():
        pytest.skip("no ffmpeg that knows Hap")
    out, done = film(click_song, tmp_path, name)
    codec, pix_fmt, sound = CODECS[name]
    with av.open(str(out)) as container:
        video = container.streams.video[0]
        assert (video.codec_context.codec.canonical_name, video.codec_context.pix_fmt) == (codec, pix_fmt)
        assert [each.codec_context.codec.canonical_name for each in container.streams.audio] == [sound] * bool(sound)
    fps = Fraction(25 if name == "gif" else 30)
    found = verify(out, n_frames=done["n_frames"], fps=fps)
    assert found["problems"] == [] and done["n_frames"] == round(1.6 * fps)
    assert check_film(out, click_song)["ok"] if sound else found["audio_duration"] is None
    assert not (tmp_path / "film.work").exists()


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="no ffprobe")
@pytest.mark.parametrize("name", sorted(CODECS))
def test_ffprobe_reads_it_too(name: str, click_song: Path, tmp_path: Path) -> None:
    if name == "hap" and not _ffmpeg_with_hap():
        pytest.skip("no ffmpeg that knows Hap")
    out, done = film(click_song, tmp_path, name)
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(out)],
        capture_output=True,
        text=True,
        check=True,
    )
    video = next(each for each in json.loads(told.stdout)["streams"] if each["codec_type"] == "video")
    assert told.stderr == "" and int(video["nb_read_frames"]) == done["n_frames"]
    assert Fraction(video["avg_frame_rate"]) == (25 if name == "gif" else 30)
    if name in ("hevc", "10bit"):
        assert video["codec_tag_string"] == "hvc1"
    if name not in ("gif", "hap"):
        assert (video["color_space"], video["color_range"]) == ("bt709", "tv")


def test_an_animated_webp_has_every_frame_at_its_time(click_song: Path, tmp_path: Path) -> None:
    out, done = film(click_song, tmp_path, "webp")
    assert done["n_frames"] == 48 == len(webp_durations(out)) and sum(webp_durations(out)) == 1600
    assert verify(out, n_frames=48, fps=Fraction(30))["problems"] == []
    ok, animation = cv2.imdecodeanimation(np.frombuffer(out.read_bytes(), np.uint8))
    assert ok and len(animation.frames) == 48 and animation.loop_count == 0
    plan, worlds, _ = plan_of(resolve(click_song, {**SMALL, "profile": "webp", "duration": 1.6}))
    drawn = source_of(plan, worlds).frames(20, 21)[0]
    assert np.abs(animation.frames[20][..., 2::-1] / 255 - drawn).mean() < 0.03
    assert "29 frames" in verify(_shortened(out, 19), n_frames=48, quick=True)["problems"][0]


def _shortened(webp: Path, n: int) -> Path:
    """The same file without its last n frames."""
    data, at, ends = webp.read_bytes(), 12, list[int]()
    while at < len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        ends += [at] if data[at : at + 4] == b"ANMF" else []
        at += 8 + size + size % 2
    short = webp.with_stem("short")
    short.write_bytes(data[: ends[-n]])
    return short


@pytest.mark.parametrize("name", ["webm", "prores"])
def test_alpha_is_the_subject(name: str, click_song: Path, tmp_path: Path) -> None:
    out, _ = film(click_song, tmp_path, name, alpha=True, duration=0.6)
    plan, worlds, _ = plan_of(resolve(click_song, {**SMALL, "profile": name, "alpha": True, "duration": 0.6}))
    drawn = source_with_alpha(plan, worlds).frames(0, 18)
    assert drawn.shape == (18, 64, 96, 4) and np.ptp(drawn[..., 3]) > 0.5
    assert np.array_equal(drawn[..., :3], source_of(plan, worlds).frames(0, 18))
    with av.open(str(out)) as container:
        decoder = av.CodecContext.create("libvpx-vp9" if name == "webm" else "prores", "r")
        stream = container.streams.video[0]
        decoder.extradata = stream.codec_context.extradata
        decoder.codec_tag = stream.codec_context.codec_tag
        decoder.width, decoder.height = 96, 64
        shown = [f for packet in container.demux(stream) for f in decoder.decode(packet)]
    assert len(shown) == 18
    for k in (0, 17):
        alpha = _alpha(shown[k], np.uint8, 1) if name == "webm" else _alpha(shown[k], np.uint16, 16)
        assert np.abs(alpha / 255 - drawn[k, ..., 3]).mean() < 0.02


def _alpha(frame: Any, kind: type, levels: int) -> np.ndarray:
    """The fourth plane, from 0 to 255."""
    plane: np.ndarray = np.frombuffer(frame.planes[3], kind)
    return plane.reshape(-1, frame.planes[3].line_size // plane.itemsize)[:64, :96] / levels


def test_pictures_with_alpha(click_song: Path, tmp_path: Path) -> None:
    avwalk.render(click_song, out=f"{tmp_path}/frames/", alpha=True, **{**SMALL, "duration": 0.3})
    plan, worlds, _ = plan_of(resolve(click_song, {**SMALL, "out": f"{tmp_path}/x/", "alpha": True, "duration": 0.3}))
    picture = cv2.imread(str(tmp_path / "frames" / "000004.png"), cv2.IMREAD_UNCHANGED)
    drawn = source_with_alpha(plan, worlds).frames(4, 5)[0]
    assert picture is not None and picture.shape == (64, 96, 4)
    assert np.abs(picture[..., 3] / 255 - drawn[..., 3]).max() <= 0.5 / 255 + 1e-6
    assert np.abs(picture[..., 2::-1] / 255 - np.clip(drawn[..., :3], 0, 1)).max() <= 1.6 / 255


@pytest.mark.parametrize("name", ["webm", "10bit", "prores", "gif"])
def test_a_film_that_is_stopped_goes_on_with_the_same_bits(name: str, click_song: Path, tmp_path: Path) -> None:
    more = {"alpha": True} if name in ("webm", "prores") else {}

    class StopError(KeyboardInterrupt):
        pass

    def stop(event: Any) -> None:
        if event["event"] == "segment":
            raise StopError

    whole, _ = film(click_song, tmp_path, name, **more)
    (tmp_path / "again").mkdir()
    with pytest.raises(KeyboardInterrupt):
        film(click_song, tmp_path / "again", name, on_event=stop, workers=1, **more)
    again, done = film(click_song, tmp_path / "again", name, **more)
    assert done["resumed_frames"] > 0 and _packets(again) == _packets(whole)


def _packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size]


def test_a_canvas_is_a_silent_loop_without_a_seam(click_song: Path, tmp_path: Path) -> None:
    out = tmp_path / "canvas.mp4"
    done = avwalk.render(click_song, out=out, profile="canvas", **{**SMALL, "size": "54x96", "bpm": 140.0})
    assert 90 <= done["n_frames"] <= 240
    with av.open(str(out)) as container:
        assert not container.streams.audio
        frames = [f.to_ndarray()[:96, :54].astype(float) for f in container.decode(video=0)]
    steps = [float(np.abs(b - a).mean()) for a, b in itertools.pairwise(frames)]
    assert np.abs(frames[0] - frames[-1]).mean() <= 2 * np.percentile(steps, 95)
    assert resolve(click_song, {"profile": "canvas", "generator": "testcard", "bpm": 140.0}).film.size == (1080, 1920)
    for wrong in ({"duration": 4.0}, {"loop": "1bars"}, {"loop": "2beats"}):
        with pytest.raises(OptionError, match="canvas"):
            resolve(click_song, {"profile": "canvas", "generator": "testcard", "bpm": 140.0, **wrong})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"profile": "gif", "fps": "30"}, "fps 25, 20"),
        ({"profile": "gif", "size": "1280x720"}, "size 480x270"),
        ({"profile": "gif", "quality": "high"}, "one quality"),
        ({"profile": "prores", "bitrate": "8M"}, "one quality"),
        ({"profile": "prores", "encoder": "h264_nvenc"}, "encoder of its own"),
        ({"alpha": True}, "profile prores or webm"),
        ({"alpha": True, "profile": "webm", "generator": "testcard"}, "knows none"),
        ({"profile": "gif", "audio": "copy"}, "silent"),
    ],
)
def test_what_a_profile_is_not_is_one_line(options: dict[str, Any], said: str, click_song: Path) -> None:
    with pytest.raises(AvwalkError, match=said) as caught:
        resolve(click_song, {"generator": "cppn", "size": "96x64", **options})
    assert "\n" not in str(caught.value)


def test_without_hap_one_line_says_what_to_do(click_song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises((OptionError, VideoError), match="libsnappy.*profile prores"):
        resolve(click_song, {"generator": "testcard", "profile": "hap", "size": "96x64"})
