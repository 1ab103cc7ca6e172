from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from avwalk.errors import VideoError
from avwalk.frames.files import FolderSource, VideoSource, open_source

SIZE = (96, 64)


def numbered(k: int) -> np.ndarray:
    """A picture that says its number in eight bits: bars, black or white."""
    picture = np.full((64, 96, 3), 96, np.uint8)
    for bit in range(8):
        picture[8:56, 8 + 10 * bit : 18 + 10 * bit] = 235 if k >> bit & 1 else 20
    return picture


def number(frame: np.ndarray) -> int:
    grey = frame.mean(axis=2)
    return sum(int(grey[24:40, 11 + 10 * bit : 15 + 10 * bit].mean() > 0.5) << bit for bit in range(8))


def film(path: Path, n: int, rate: Fraction, codec: str = "libx264", start: int = 0, **options: str) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=rate, options={"g": "12", **options})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for k in range(n):
            frame = av.VideoFrame.from_ndarray(numbered(k), format="rgb24")
            frame.pts, frame.time_base = k + start, 1 / rate
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(60)])
@pytest.mark.parametrize("fps", [Fraction(30), Fraction(24000, 1001)])
def test_a_frame_shows_what_the_video_shows_at_its_time(tmp_path: Path, rate: Fraction, fps: Fraction) -> None:
    source = VideoSource(film(tmp_path / "a.mp4", 90, rate), SIZE, fps)
    assert source.n_pictures == 90
    n = int(90 / rate * fps)
    got = [number(frame) for frame in source.frames(0, n)]
    assert got == [int(i / fps * rate) for i in range(n)]


CODECS = {
    "a.mp4": "libx264",
    "a.mkv": "libx264",
    "a.avi": "mpeg4",
    "b.avi": "libx264",
    "a.mpg": "mpeg2video",
    "a.ts": "libx264",
    "a.webm": "libvpx-vp9",
}


@pytest.mark.parametrize("name", CODECS)
def test_random_access_is_as_reading_on(tmp_path: Path, name: str) -> None:
    path = film(tmp_path / name, 100, Fraction(25), CODECS[name])
    read_on = VideoSource(path, SIZE, Fraction(25)).frames(0, 100)
    assert [number(frame) for frame in read_on] == list(range(100))
    source = VideoSource(path, SIZE, Fraction(25))
    for i in (99, 3, 60, 61, 59, 0, 98, 97, 40):
        assert np.array_equal(source.frames(i, i + 1)[0], read_on[i]), i


def test_threads_do_not_disturb_each_other(tmp_path: Path) -> None:
    source = VideoSource(film(tmp_path / "a.mp4", 100, Fraction(25)), SIZE, Fraction(25))
    found: dict[int, list[int]] = {}

    def work(a: int) -> None:
        found[a] = [number(source.frames(i, i + 1)[0]) for i in range(a, a + 25)]

    threads = [threading.Thread(target=work, args=(a,)) for a in (0, 25, 50, 75)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {a: list(range(a, a + 25)) for a in (0, 25, 50, 75)}


def test_a_video_that_begins_late_begins_with_the_song(tmp_path: Path) -> None:
    source = VideoSource(film(tmp_path / "a.mkv", 20, Fraction(25), start=13), SIZE, Fraction(25))
    assert [number(frame) for frame in source.frames(0, 20)] == list(range(20))


def test_behind_its_end_the_last_picture_stays_or_it_begins_again(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 20, Fraction(25))
    stays, loops = (VideoSource(path, SIZE, Fraction(25), end=end) for end in ("hold", "loop"))
    assert [number(frame) for frame in stays.frames(18, 24)] == [18, 19, 19, 19, 19, 19]
    assert [number(frame) for frame in loops.frames(18, 24)] == [18, 19, 0, 1, 2, 3]


def test_behind_its_end_it_can_be_black(tmp_path: Path) -> None:
    video = VideoSource(film(tmp_path / "a.mp4", 20, Fraction(25)), SIZE, Fraction(25), end="black")
    pictures = FolderSource(folder(tmp_path / "f", 4), SIZE, Fraction(25), end="black")
    for source, n in ((video, 20), (pictures, 4)):
        frames = source.frames(n - 1, n + 2)
        assert frames[0].max() > 0.5 and frames[1:].max() == 0 and source.duration == Fraction(n, 25)


def test_a_video_without_a_steady_rate_keeps_its_times(tmp_path: Path) -> None:
    path, times = tmp_path / "a.mkv", [0, 33, 80, 400, 410, 900]  # ms, as phones write them
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt, stream.time_base = 96, 64, "yuv420p", Fraction(1, 1000)
        stream.codec_context.time_base = Fraction(1, 1000)
        packets = []
        for k, at in enumerate(times):
            frame = av.VideoFrame.from_ndarray(numbered(k), format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            packets += stream.encode(frame)
        for packet in [*packets, *stream.encode()]:
            container.mux(packet)
    source = VideoSource(path, SIZE, Fraction(25))
    got = [number(frame) for frame in source.frames(0, 24)]
    assert got == [max(k for k, at in enumerate(times) if at <= 40 * i) for i in range(24)]


def test_pictures_are_fitted_and_keep_their_colours(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.codec_context.colorspace = 1  # BT.709
        picture = np.full((720, 1280, 3), (200, 60, 40), np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p", dst_colorspace="ITU709")
        for packet in (*stream.encode(frame), *stream.encode()):
            container.mux(packet)
    got = VideoSource(path, (80, 80), Fraction(30)).frames(0, 1)
    assert got.shape == (1, 80, 80, 3) and got.dtype == np.float32
    assert np.abs(got - np.array([200, 60, 40], np.float32) / 255).max() < 0.02


def test_pixels_that_are_not_square_are_made_so(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(2)
        picture = np.zeros((64, 96, 3), np.uint8)
        cv2.ellipse(picture, (48, 32), (12, 24), 0, 0, 360, (255, 255, 255), -1)  # a disc, squeezed
        for packet in (*stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")), *stream.encode()):
            container.mux(packet)
    got = VideoSource(path, (192, 64), Fraction(25)).frames(0, 1)[0]
    light = got.mean(axis=2) > 0.5
    assert abs(int(light.any(axis=0).sum()) - int(light.any(axis=1).sum())) <= 3


def test_a_video_that_lies_on_its_side_stands_up(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", 3, Fraction(25))
    data = bytearray(path.read_bytes())
    upright = b"".join(n.to_bytes(4, "big") for n in (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30))
    turned = b"".join((n & 0xFFFFFFFF).to_bytes(4, "big") for n in (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30))
    at = data.index(upright, data.index(b"tkhd"))
    data[at : at + 36] = turned  # a quarter turn clockwise
    path.write_bytes(data)
    got = VideoSource(path, (64, 96), Fraction(25)).frames(2, 3)[0]
    assert number(np.rot90(got)) == 2


def test_a_video_is_known_by_its_bytes(tmp_path: Path) -> None:
    a, b = film(tmp_path / "a.mp4", 5, Fraction(25)), film(tmp_path / "b.mp4", 6, Fraction(25))
    one, other = (VideoSource(path, SIZE, Fraction(25)).sha256 for path in (a, b))
    assert one != other and len(one) == 64


def test_a_torn_video_is_read_as_far_as_it_goes_or_refused(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", 100, Fraction(25))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    source = VideoSource(path, SIZE, Fraction(25))
    assert 10 < source.n_pictures < 90
    assert [number(frame) for frame in source.frames(0, 10)] == list(range(10))


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot be opened"), (b"", "cannot be opened"), (b"text" * 99, "cannot be opened")]
)
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VideoError, match=message):
        open_source(path, SIZE, Fraction(30))


def test_sound_alone_is_no_source(click_song: Path) -> None:
    with pytest.raises(VideoError, match="cannot be opened|no video"):
        open_source(click_song, SIZE, Fraction(30))


def folder(path: Path, n: int) -> Path:
    path.mkdir()
    for k in range(n):
        cv2.imwrite(str(path / (f"p{k}.png" if k % 2 else f"P{k}.JPG")), numbered(k))
    (path / "notes.txt").write_text("no picture")
    return path


def test_a_folder_is_sorted_as_people_count(tmp_path: Path) -> None:
    source = open_source(folder(tmp_path / "f", 12), SIZE, Fraction(30))
    assert [number(frame) for frame in source.frames(0, 14)] == [*range(12), 11, 11]


def test_a_folder_has_a_rate_of_its_own(tmp_path: Path) -> None:
    path = folder(tmp_path / "f", 4)
    source = FolderSource(path, SIZE, Fraction(30), rate=Fraction(12))
    assert [number(frame) for frame in source.frames(0, 8)] == [0, 0, 0, 1, 1, 2, 2, 2]
    again = FolderSource(path, SIZE, Fraction(30), end="loop")
    assert [number(frame) for frame in again.frames(3, 6)] == [3, 0, 1]


def test_a_folder_is_known_by_its_pictures_and_their_names(tmp_path: Path) -> None:
    path = folder(tmp_path / "f", 4)
    first = FolderSource(path, SIZE, Fraction(30)).sha256
    (path / "p1.png").rename(path / "p9.png")
    assert FolderSource(path, SIZE, Fraction(30)).sha256 != first


@pytest.mark.parametrize("what", ["empty", "missing", "broken"])
def test_a_folder_without_pictures_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / "f"
    if what != "missing":
        path.mkdir()
    if what == "broken":
        (path / "a.png").write_bytes(b"no")
    with pytest.raises(VideoError, match=r"no pictures|cannot be (opened|read)"):
        open_source(path, SIZE, Fraction(30))
