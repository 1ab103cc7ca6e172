"""Frames of segments that were cut short: kept without loss, believed only with their record, bounded."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

import avwalk
from avwalk.errors import GeneratorError
from avwalk.generators.testcard import Testcard
from avwalk.rendering import partial_segment
from avwalk.rendering.partial_segment import PartialSegment, n_done
from avwalk.video.pixel_formats import video_frame
from tests.conftest import clicks

SIZE = (64, 36)
OPTIONS: dict[str, Any] = {"fps": 10, "generator": "testcard", "size": "64x36"}


def frame(i: int) -> Any:
    rgb = np.random.default_rng(i).random((SIZE[1], SIZE[0], 3), np.float32)
    return video_frame(rgb, 0, i)


def planes(made: Any) -> bytes:
    return bytes(made.to_ndarray(format="yuv420p").tobytes())


def kept(path: Path, n: int, label: str = "film") -> PartialSegment:
    made = PartialSegment(path, SIZE, label, "yuv420p")
    for i in range(made.n_frames, n):
        made.append(frame(i), np.full(3, i, np.float32))
    return made


def test_frames_come_back_to_the_bit_and_are_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "0000000-0000020.mp4"
    kept(path, 7).keep()
    assert n_done(path, SIZE, "film", "yuv420p") == 7
    again = PartialSegment(path, SIZE, "film", "yuv420p")
    assert [(planes(a), b.tolist()) for a, b in again.replay()] == [(planes(frame(i)), [i] * 3) for i in range(7)]
    again.append(frame(7), np.full(3, 7, np.float32))
    again.keep()
    again = kept(path, 9)
    assert [planes(a) for a, _ in again.replay()] == [planes(frame(i)) for i in range(9)]
    again.drop()
    assert [file.suffix for file in tmp_path.iterdir()] == [".room"]


def test_only_what_has_its_record_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "0000000-0000020.mp4"
    killed = kept(path, 5)
    assert n_done(path, SIZE, "film", "yuv420p") == 0
    killed.drop()
    kept(path, 5).keep()
    assert n_done(path, SIZE, "another film", "yuv420p") == 0
    frames = path.with_suffix(".frames")
    for damage in (frames, path.with_suffix(".frames.npy")):
        kept(path, 5).keep()
        data = bytearray(damage.read_bytes())
        data[len(data) // 2] ^= 1
        damage.write_bytes(data)
        assert n_done(path, SIZE, "film", "yuv420p") == 0
        again = PartialSegment(path, SIZE, "film", "yuv420p")
        assert not list(again.replay())
        again.drop()


def test_room_of_another_segment_leaves_no_frame_of_it(tmp_path: Path) -> None:
    kept(tmp_path / "a.mp4", 9).drop()
    kept(tmp_path / "b.mp4", 2).keep()
    again = PartialSegment(tmp_path / "b.mp4", SIZE, "film", "yuv420p")
    assert [planes(a) for a, _ in again.replay()] == [planes(frame(i)) for i in range(2)]
    again.drop()


def test_frames_beyond_the_bound_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame_bytes = SIZE[0] * SIZE[1] * 3 // 2
    monkeypatch.setattr(partial_segment, "MOST_BYTES", 3 * frame_bytes + 1)
    path = tmp_path / "0000000-0000020.mp4"
    kept(path, 8).keep()
    assert n_done(path, SIZE, "film", "yuv420p") == 3 and path.with_suffix(".frames").stat().st_size == 3 * frame_bytes


def test_a_full_disk_is_no_reason_to_fail(tmp_path: Path) -> None:
    path = tmp_path / "0000000-0000020.mp4"
    made = kept(path, 4)
    assert made._file
    made._file.close()

    class Full:
        def write(self, data: Any) -> int:
            raise OSError(28, "No space left on device")

        def truncate(self, n: int) -> None: ...

        def close(self) -> None: ...

    made._file = Full()  # type: ignore[assignment]
    made.append(frame(4), np.zeros(3, np.float32))
    made.append(frame(5), np.zeros(3, np.float32))
    made.keep()
    assert n_done(path, SIZE, "film", "yuv420p") == 4


def film(path: Path) -> list[str]:
    if path.is_dir():
        return [hashlib.md5(file.read_bytes()).hexdigest() for file in sorted(path.glob("*.png"))]
    with av.open(str(path)) as container:
        found = [f.to_ndarray(format="yuv420p") for f in container.decode(video=0)]
    return [hashlib.md5(each.tobytes()).hexdigest() for each in found]


@pytest.mark.parametrize("out", ["film.mp4", "frames/"])
@pytest.mark.parametrize("how", [KeyboardInterrupt, GeneratorError])
def test_what_is_drawn_when_a_film_stops_is_not_drawn_again(
    out: str, how: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = tmp_path / "song.wav"
    soundfile.write(song, clicks(20.0, rate=8000), 8000)
    avwalk.render(song, out=f"{tmp_path}/whole-{out}", metadata=False, **OPTIONS)
    draw, drawn, stops = Testcard.draw, list[int](), iter([1])

    def counted(self: Testcard, drive: Any) -> Any:
        if drive.i0 >= 48 and len(drive) > 1 and how is GeneratorError and next(stops, 0):
            raise GeneratorError("the card fell off the bus")
        drawn.extend(range(drive.i0, drive.i0 + len(drive)))
        return draw(self, drive)

    def press(event: Any) -> None:
        if event["event"] == "progress" and event["done"] >= 48 and how is KeyboardInterrupt and next(stops, 0):
            raise KeyboardInterrupt

    monkeypatch.setattr(Testcard, "draw", counted)
    said: list[Any] = []
    with pytest.raises(how):
        avwalk.render(song, out=f"{tmp_path}/{out}", workers=1, metadata=False, on_event=press, **OPTIONS)
    before = len(drawn)
    done = avwalk.render(song, out=f"{tmp_path}/{out}", workers=1, metadata=False, on_event=said.append, **OPTIONS)
    assert film(tmp_path / out) == film(tmp_path / f"whole-{out}")
    assert done["resumed_frames"] >= 40
    assert len(drawn) - before == 200 - done["resumed_frames"]
    assert not (tmp_path / f"{out.rstrip('/')}.work").exists()
    assert done["n_frames"] == 200
