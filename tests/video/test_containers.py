"""Films in other containers than the one they were made in, and names that FFmpeg would take for more than names."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from avwalk.audio.decode import read_song
from avwalk.audio.probe import probe
from avwalk.cli.info import about
from avwalk.errors import VideoError
from avwalk.files.media import open_media
from avwalk.frames.files import open_source
from avwalk.video.join import join, read_metadata
from avwalk.video.mux import plan_sound
from avwalk.video.profiles import profile
from avwalk.video.verify import ExpectedSound, verify
from tests.video.test_film import RATE, make_segments

FPS = Fraction(25)
TAGS = {"title": "A song", "avwalk": '{"preset":"lsd","seed":3}'}


def film(folder: Path, name: str = "film.mp4") -> tuple[Path, ExpectedSound]:
    """Two seconds with sound; and what is heard."""
    encoder = profile("youtube")
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (2 * RATE, 1)).astype(np.float32)
    noise = np.repeat(noise[::40], 40, axis=0)[: 2 * RATE]
    soundfile.write(folder / "song.wav", noise, RATE)
    song = probe(folder / "song.wav")
    out = Path(name) if not folder.is_absolute() else folder / name
    segments = make_segments(folder, [50], FPS, encoder)
    join(segments, [50], FPS, out, encoder, sound=plan_sound(song, encoder), blocks=read_song(song), metadata=TAGS)
    return out, ExpectedSound(lambda a, b: noise[a:b], RATE, len(noise))


def copied(source: Path, out: Path) -> Path:
    """The same packets in another container."""
    with av.open(str(source)) as found, av.open(str(out), "w") as made:
        made.metadata.update(found.metadata)
        streams = {each.index: made.add_stream_from_template(each) for each in found.streams}
        context: Any = streams[found.streams.video[0].index].codec_context
        context.framerate = FPS
        for packet in found.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                made.mux(packet)
    return out


def test_matroska_is_checked_as_mp4_is(tmp_path: Path) -> None:
    made, sound = film(tmp_path)
    other = copied(made, tmp_path / "film.mkv")
    found, as_mp4 = (verify(each, n_frames=50, fps=FPS, sound=sound, quick=True) for each in (other, made))
    assert found["problems"] == as_mp4["problems"] == []
    assert found["audio_duration"] == pytest.approx(as_mp4["audio_duration"], abs=0.03)
    assert found["audio_lag_ms"] == pytest.approx(as_mp4["audio_lag_ms"], abs=1.0)
    assert about(other)["preset"] == about(made)["preset"] == "lsd"
    assert TAGS.items() <= read_metadata(other).items()


def test_a_late_sound_is_found_in_matroska_too(tmp_path: Path) -> None:
    made, sound = film(tmp_path)
    late = ExpectedSound(lambda a, b: np.roll(sound.read(0, 2 * RATE), -900, axis=0)[a:b], RATE, 2 * RATE)
    found = verify(copied(made, tmp_path / "film.mkv"), sound=late, quick=True)
    assert found["audio_lag_ms"] == pytest.approx(900 / 44.1, abs=1.5) and len(found["problems"]) == 1


@pytest.mark.skipif(os.name == "nt", reason="no name on Windows has a colon")
@pytest.mark.parametrize("name", ["12:30.mp4", "http:x.mp4", "-x.mp4", "pipe:1.mp4", "100%d.mp4"])
def test_names_are_no_more_than_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    made, _ = film(Path(), name)
    assert made.is_file() and verify(made, n_frames=50, quick=True)["problems"] == []
    assert read_metadata(made)["title"] == "A song" and probe(made).n_samples > RATE
    assert open_source(made, (64, 36), FPS).frames(0, 1).shape == (1, 36, 64, 3)


@pytest.mark.parametrize(
    "text", ["ffconcat version 1.0\nfile film.mp4\n", "#EXTM3U\n#EXTINF:2,\nfilm.mp4\n#EXT-X-ENDLIST\n"]
)
def test_what_points_to_another_file_is_no_film(tmp_path: Path, text: str) -> None:
    film(tmp_path)
    pointer = tmp_path / "list.mp4"
    pointer.write_text(text, encoding="utf-8")
    with pytest.raises(av.error.FFmpegError):
        open_media(pointer)
    for act in (verify, read_metadata, lambda path: open_source(path, (64, 36), FPS)):
        with pytest.raises(VideoError, match="cannot be opened"):
            act(pointer)
