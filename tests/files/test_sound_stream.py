"""Frames of sound as arrays and back: any format, any number of channels, any order of them."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from avwalk.audio.decode import read_song
from avwalk.audio.probe import probe
from avwalk.files.sound_stream import FloatFrames, has_times, layout_name, sound_frame, speakers_of
from tests.conftest import ROOT
from tests.sounds import encoded, tones


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("u8", np.array([0, 128, 192, 128], np.uint8)),
        ("s16", np.array([-32768, 0, 16384, 0], np.int16)),
        ("s32", np.array([-(2**31), 0, 2**30, 0], np.int32)),
        ("flt", np.array([-1, 0, 0.5, 0], np.float32)),
        ("dbl", np.array([-1, 0, 0.5, 0], np.float64)),
    ],
)
@pytest.mark.parametrize("planar", [False, True])
def test_full_scale_is_one(name: str, values: np.ndarray, planar: bool) -> None:
    packed = values.reshape(2, 2)
    data = np.ascontiguousarray(packed.T) if planar else packed.reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(data, format=name + "p" * planar, layout="stereo")
    np.testing.assert_array_equal(FloatFrames()(frame), np.array([[-1, 0], [0.5, 0]], np.float32))


@pytest.mark.parametrize("layout", ["mono", "7.0", "7.1", "octagonal", "12 channels", "22.2"])
@pytest.mark.parametrize("form", ["s16p", "s32p", "fltp", "dblp"])
def test_planar_frames_of_many_channels(layout: str, form: str) -> None:
    n = av.AudioLayout(layout).nb_channels
    samples = np.random.default_rng(0).integers(-16384, 16384, (500, n)).astype(np.float32) / np.float32(32768)
    as_float = FloatFrames()
    pack = av.AudioResampler(form)
    for part in (samples[:300], samples[300:]):  # the last frame is a short one
        for planar in pack.resample(sound_frame(part, "flt", layout, 48000)):
            assert planar.format.name == form
            np.testing.assert_allclose(as_float(planar), part, atol=1e-9)


@pytest.mark.parametrize("form", ["flt", "s16", "s32"])
@pytest.mark.parametrize("layout", ["mono", "5.1", "7.1", "12 channels"])
def test_arrays_become_frames(form: str, layout: str) -> None:
    n = av.AudioLayout(layout).nb_channels
    samples = np.random.default_rng(0).integers(-16384, 16384, (300, n)).astype(np.float32) / np.float32(32768)
    frame = sound_frame(samples, form, layout, 44100)
    assert (frame.samples, frame.sample_rate, frame.layout.nb_channels) == (300, 44100, n)
    np.testing.assert_array_equal(FloatFrames()(frame), samples)


def test_names_of_speakers() -> None:
    assert speakers_of(av.AudioLayout("2.1")) == ("FL", "FR", "LFE") and speakers_of(av.AudioLayout("6 channels")) == ()
    assert layout_name(("FL", "FR", "BL", "BR"), 4) == "quad" and layout_name((), 9) == "9 channels"


def test_an_order_of_its_own_does_not_crash(tmp_path: Path) -> None:
    """A MOV file with the order C L R Ls Rs LFE, as editing programs write it. In a process of its own: it may die."""
    path = tmp_path / "odd.mov"
    sound, names = tones("5.1")
    encoded(path, sound, "5.1", "pcm_s16le")
    data = bytearray(path.read_bytes())
    at = data.find(b"chan")
    data[at + 8 : at + 16] = struct.pack(">II", 124 << 16 | 6, 0)  # kAudioChannelLayoutTag_MPEG_5_1_D
    path.write_bytes(data)
    code = (
        "import sys, gc; from pathlib import Path; import numpy as np\n"
        "from avwalk.audio.probe import probe; from avwalk.audio.decode import read_song\n"
        "for _ in range(3):\n"
        "    song = probe(Path(sys.argv[1])); sound = np.concatenate(list(read_song(song))); gc.collect()\n"
        "print(*song.speakers, sound.shape)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:6] == ["FC", "FL", "FR", "SL", "SR", "LFE"] and len(names) == 6


@pytest.mark.parametrize(("suffix", "timed"), [("mp4", True), ("mkv", True), ("ts", True), ("avi", False)])
def test_which_files_have_times(suffix: str, timed: bool, tmp_path: Path) -> None:
    encoded(tmp_path / f"song.{suffix}", np.zeros((9000, 1), np.float32), "mono", "libmp3lame")
    with av.open(str(tmp_path / f"song.{suffix}")) as container:
        assert has_times(container) == timed


def test_eight_channels_are_read(tmp_path: Path) -> None:
    sound, names = tones("7.1")
    encoded(tmp_path / "eight.m4a", sound, "7.1", "aac")
    song = probe(tmp_path / "eight.m4a")
    read = np.concatenate(list(read_song(song)))
    assert song.speakers == names and read.shape == (song.n_samples, 8)
    assert np.corrcoef(read[:, 4], sound[: len(read), 4])[0, 1] > 0.95


def test_nothing_else_turns_frames_of_sound_into_arrays() -> None:
    for path in (ROOT / "avwalk").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.stem != "sound_stream":
            assert not re.search(r"AudioFrame\.from_ndarray|AudioFrame\(", text), path
        if path.parent.name == "audio" or path.stem in ("mux", "sound_match"):
            assert ".to_ndarray" not in text and ".planes" not in text, path
