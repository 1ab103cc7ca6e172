"""Songs of every kind: found at the right time, counted to the sample, or refused in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from avwalk.audio.decode import read_blocks, read_song
from avwalk.audio.probe import probe
from avwalk.errors import SongError
from tests import sounds as sounds_of
from tests.sounds import encoded, heard_from, tones

RATE = 44100
N = 3 * RATE + 1234
CLICKS = (1.0, 2.0)


def click_sound(rate: int = RATE, n: int = N) -> np.ndarray:
    k = np.arange(400)
    out = np.zeros((n, 2), np.float32)
    for t in CLICKS:
        out[round(t * rate) : round(t * rate) + 400] = (np.exp(-k / 60) * np.sin(k * 0.6) * 0.9)[:, None]
    return out


def click_errors_ms(sound: np.ndarray, rate: int) -> list[float]:
    found = []
    for t in CLICKS:
        a = round((t - 0.4) * rate)
        found.append((a + int(np.argmax(np.abs(sound[a : a + round(0.8 * rate), 0]) > 0.3))) / rate - t)
    return [1000 * e for e in found]


def encode(path: Path, codec: str, sound: np.ndarray, rate: int, container: str) -> None:
    with av.open(str(path), "w", format=container) as out:
        out.metadata["title"] = "Kl\N{LATIN SMALL LETTER I WITH DIAERESIS}ck\x07"
        stream: Any = out.add_stream(codec, rate=rate, layout="stereo")
        stream.bit_rate = 192_000
        stream.codec_context.open()
        size = stream.codec_context.frame_size or 1024
        for at in range(0, len(sound), size):
            planes = np.ascontiguousarray(sound[at : at + size].T)
            frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same clicks in every format."""
    folder = tmp_path_factory.mktemp("sounds")
    out = {}
    for suffix in ("wav", "flac", "ogg"):
        out[suffix] = folder / f"c.{suffix}"
        soundfile.write(out[suffix], click_sound(), RATE)
    out["opus"] = folder / "c.opus"
    soundfile.write(out["opus"], click_sound(48000, 3 * 48000), 48000, format="OGG", subtype="OPUS")
    for name, codec, container in (
        ("mp3", "libmp3lame", "mp3"),
        ("m4a", "aac", "ipod"),
        ("mkv", "aac", "matroska"),
        ("mp4", "libmp3lame", "mp4"),
    ):
        out[name] = folder / f"c.{name}"
        encode(out[name], codec, click_sound(), RATE, container)
    return out


@pytest.mark.parametrize("name", ["wav", "flac", "ogg", "opus", "mp3", "m4a", "mkv", "mp4"])
def test_clicks_are_found_at_their_time_and_samples_are_counted(sounds: dict[str, Path], name: str) -> None:
    song = probe(sounds[name])
    sound = np.concatenate(list(read_blocks(sounds[name], block=5000)))
    assert len(sound) == song.n_samples
    assert click_errors_ms(sound, song.sample_rate) == pytest.approx([0, 0], abs=2)
    expected = 3 * 48000 if name == "opus" else N
    # Matroska states no length to the sample: the encoder's padding stays, up to one AAC frame
    assert abs(song.n_samples - expected) <= {"mkv": 1024, "mp4": 2}.get(name, 0)
    assert song.channels == 2
    assert not song.warnings


@pytest.mark.parametrize("name", ["wav", "flac", "ogg", "opus", "mp3", "m4a", "mkv"])
def test_a_span_is_the_same_samples_as_the_whole_read(sounds: dict[str, Path], name: str) -> None:
    song = probe(sounds[name])
    whole = np.concatenate(list(read_song(song)))
    assert whole.shape == (song.n_samples, 2)
    for start, stop in ((0, 10), (40_000, 50_001), (90_000, 90_001), (song.n_samples - 7, song.n_samples)):
        part = np.concatenate(list(read_song(song, start, stop, block=999)))
        np.testing.assert_allclose(part, whole[start:stop], atol=2e-4)


def test_tags_are_one_clean_line(sounds: dict[str, Path]) -> None:
    assert probe(sounds["m4a"]).title == "Klïck"


def test_codecs_are_named_as_ffmpeg_names_them(sounds: dict[str, Path], tmp_path: Path) -> None:
    expected = {
        "wav": "pcm_s16le",
        "flac": "flac",
        "ogg": "vorbis",
        "opus": "opus",
        "mp3": "mp3",
        "m4a": "aac",
    }
    assert {k: probe(sounds[k]).codec for k in expected} == expected


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_gap_in_the_time_stamps_is_silence(suffix: str, tmp_path: Path) -> None:
    path, gap = tmp_path / f"gap.{suffix}", (RATE, 2 * RATE)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (3 * RATE, 2)).astype(np.float32)
    encoded(path, noise, "stereo", "aac", rate=RATE, at=lambda n: -1 if gap[0] <= n < gap[1] else n)
    song = probe(path)
    sound = np.concatenate(list(read_song(song)))
    assert len(sound) == song.n_samples and abs(song.n_samples - 3 * RATE) < 4096
    loud = np.abs(sound).max(axis=1) > 0.02
    assert not loud[RATE + 2048 : 2 * RATE - 2048].any()
    for part in (slice(2048, RATE - 2048), slice(2 * RATE + 4096, 3 * RATE - 4096)):
        assert loud[part].mean() > 0.8
        # where it was, to within what MPEG-TS and Matroska round
        size = 1 << 17
        away = np.fft.irfft(np.fft.rfft(sound[part, 0], size) * np.conj(np.fft.rfft(noise[part, 0], size)))
        assert min(int(np.argmax(away)), size - int(np.argmax(away))) <= {"mp4": 0, "mkv": 48, "ts": 2048}[suffix]
    for start, stop in ((RATE + 9000, RATE + 9100), (RATE * 3 // 2, RATE * 5 // 2), (RATE * 5 // 2, song.n_samples)):
        part_read = np.concatenate(list(read_song(song, start, stop, block=777)))
        np.testing.assert_allclose(part_read, sound[start:stop], atol=2e-4)


def test_missing_pages_of_an_ogg_file_are_silence(tmp_path: Path) -> None:
    path, pages, at = tmp_path / "holes.ogg", [], 0
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (6 * RATE, 1)).astype(np.float32)
    soundfile.write(path, noise, RATE)
    data = path.read_bytes()
    while at < len(data):
        n = 27 + data[at + 26] + sum(data[at + 27 : at + 27 + data[at + 26]])
        pages.append(data[at : at + n])
        at += n
    third = len(pages) // 3
    path.write_bytes(b"".join(pages[:third] + pages[2 * third :]))
    sound = np.concatenate(list(read_song(probe(path))))
    assert len(sound) == len(noise) and not sound[RATE * 5 // 2 : RATE * 3].any()
    assert np.corrcoef(sound[-RATE:, 0], noise[-RATE:, 0])[0, 1] > 0.8


def test_a_clock_that_begins_anew_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "joined.ts"
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (2 * RATE, 1)).astype(np.float32)
    encoded(tmp_path / "one.ts", noise, "mono", "aac", rate=RATE)
    path.write_bytes((tmp_path / "one.ts").read_bytes() * 2)
    assert abs(probe(path).n_samples - 4 * RATE) < 8192


@pytest.fixture
def two_tracks(tmp_path: Path) -> Path:
    """A video file's sound: noise, then clicks in stereo, which are marked as the default."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (N, 1)).astype(np.float32)
    return sounds_of.two_tracks(tmp_path / "two.mkv", noise, click_sound())


def test_of_several_tracks_the_one_marked_is_taken_and_said(two_tracks: Path) -> None:
    song = probe(two_tracks)
    assert (song.track, song.channels) == (2, 2)
    assert song.warnings == ("the file has 2 audio tracks; track 2 is taken, --track N takes another",)
    assert click_errors_ms(np.concatenate(list(read_song(song))), RATE) == pytest.approx([0, 0], abs=2)
    first = probe(two_tracks, 1)
    assert (first.track, first.channels, first.warnings) == (1, 1, ())
    assert np.abs(np.concatenate(list(read_song(first)))).mean() > 0.2


def test_a_track_that_does_not_decode_is_passed_over(two_tracks: Path) -> None:
    data = two_tracks.read_bytes()
    at = data.rfind(b"A_PCM/INT/LIT")
    two_tracks.write_bytes(data[:at] + b"A_ZZZ" + data[at + 5 :])
    assert probe(two_tracks).track == 1
    with pytest.raises(SongError, match="no sound that can be read"):
        probe(two_tracks, 2)


def test_a_track_that_is_not_there(two_tracks: Path, sounds: dict[str, Path]) -> None:
    with pytest.raises(SongError, match="has 2 audio tracks, so there is no track 3; track takes 1 to 2"):
        probe(two_tracks, 3)
    for name in ("wav", "m4a"):
        assert probe(sounds[name], 1).track == 1
        for track in (2, 0, -1):
            with pytest.raises(SongError, match=f"has one audio track, so there is no track {track}"):
                probe(sounds[name], track)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 500_000])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_a_wav_whose_header_does_not_know_its_length(size: int, subtype: str, tmp_path: Path) -> None:
    path = tmp_path / "unclosed.wav"
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (30_000, 2)).astype(np.float32)
    soundfile.write(path, noise, RATE, subtype=subtype)
    data = bytearray(path.read_bytes())
    at = data.find(b"data")
    data[at + 4 : at + 8] = size.to_bytes(4, "little")
    path.write_bytes(data)
    song = probe(path)
    assert song.n_samples == len(noise) and len(song.warnings) == 1
    assert ("does not say how long" if size != 500_000 else "cut short") in song.warnings[0]
    np.testing.assert_allclose(np.concatenate(list(read_song(song))), noise, atol=1e-4)
    np.testing.assert_allclose(np.concatenate(list(read_song(song, 20_000, 20_100))), noise[20_000:20_100], atol=1e-4)


@pytest.mark.parametrize("tail", [b"", b"LIST\x04\0\0\0INFO"])
def test_a_wav_without_sound_is_not_taken_for_one_that_was_not_closed(tail: bytes, tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros((0, 2)), RATE)
    path.write_bytes(path.read_bytes() + tail)
    with pytest.raises(SongError, match="holds no samples"):
        probe(path)


@pytest.mark.parametrize("name", ["libopus.opus", "flac.flac", "pcm_s16le.wav", "aac.m4a", "pcm_s16le.mkv"])
@pytest.mark.parametrize("layout", ["5.1", "7.1"])
def test_channels_belong_to_their_speakers(name: str, layout: str, tmp_path: Path) -> None:
    codec, path = name.partition(".")[0], tmp_path / name
    sound, names = tones(layout)
    encoded(path, sound, layout, codec)
    song = probe(path)
    read = np.concatenate(list(read_song(song)))
    if name.endswith("mkv"):  # it counts channels, and does not name them
        assert song.speakers == () and heard_from(read, len(names)) == list(range(len(names)))
    else:
        assert tuple(song.speakers[k] for k in heard_from(read, len(names))) == names


@pytest.mark.parametrize("name", ["mp3", "ogg", "wav", "flac"])
def test_a_truncated_file_gives_what_decodes_and_one_warning(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (8 * RATE, 1)).astype(np.float32)
    whole, cut = tmp_path / f"w.{name}", tmp_path / f"cut.{name}"
    soundfile.write(whole, noise, RATE)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    song = probe(cut)
    assert 0.4 * len(noise) < song.n_samples < 0.7 * len(noise)
    assert len(song.warnings) == 1
    assert "cut short" in song.warnings[0]
    assert sum(map(len, read_song(song))) == song.n_samples
    assert capfd.readouterr() == ("", "")


def test_a_damaged_mp3_is_read_without_a_word_on_stderr(
    sounds: dict[str, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(sounds["mp3"].read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(range(256)) * 7 + bytes(208)
    path = tmp_path / "damaged.mp3"
    path.write_bytes(data)
    assert probe(path).n_samples > N // 2
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("rate", "channels", "n", "subtype"),
    [
        (8000, 1, 4000, "PCM_U8"),
        (96000, 6, 9600, "PCM_24"),
        (44100, 1, 1, "PCM_16"),
        (44100, 2, 2205, "DOUBLE"),
    ],
)
def test_any_rate_channels_and_sample_format(rate: int, channels: int, n: int, subtype: str, tmp_path: Path) -> None:
    path = tmp_path / '-- it\'s \N{ROCKET} "song".wav'
    sound = np.random.default_rng(0).uniform(-1, 1, (n, channels))
    soundfile.write(path, sound, rate, subtype=subtype)
    song = probe(path)
    assert (song.sample_rate, song.channels, song.n_samples) == (rate, channels, n)
    np.testing.assert_allclose(np.concatenate(list(read_song(song))), sound, atol=0.01)


def test_nan_and_infinity_are_zero_and_counted(tmp_path: Path) -> None:
    sound = np.full((1000, 2), 0.5, np.float32)
    sound[10, 0], sound[20, 1], sound[30] = np.nan, np.inf, -np.inf
    soundfile.write(tmp_path / "n.wav", sound, RATE, subtype="FLOAT")
    song = probe(tmp_path / "n.wav")
    assert song.nonfinite == 4
    assert len(song.warnings) == 1
    read = np.concatenate(list(read_song(song)))
    assert np.isfinite(read).all()
    assert read.sum() == pytest.approx(0.5 * (2000 - 4))


def _bad(folder: Path) -> dict[str, Path]:
    files = {
        "empty.wav": b"",
        "text.wav": b"hello world\n" * 1000,
        "noise.wav": np.random.default_rng(0).bytes(100_000),
        "noise.mp3": np.random.default_rng(1).bytes(300_000),
        "page.ogg": b"OggS" + np.random.default_rng(2).bytes(5000),
        "list.m3u8": b"#EXTM3U\n#EXTINF:1,\nhttp://localhost/a.ts\n",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    soundfile.write(folder / "none.wav", np.zeros((0, 2)), RATE)
    soundfile.write(folder / "nan.wav", np.full((100, 1), np.nan), RATE, subtype="FLOAT")
    return {p.name: p for p in folder.iterdir()} | {"folder": folder, "missing": folder / "nothing.wav"}


def test_what_is_no_song_is_refused_in_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bad = _bad(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "fifo")
        bad |= {"fifo": tmp_path / "fifo", "device": Path("/dev/zero")}
    for name, path in bad.items():
        with pytest.raises(SongError) as error:
            probe(path)
        assert "\n" not in str(error.value), name
        assert str(path) in str(error.value), name
    assert capfd.readouterr() == ("", "")


def test_real_songs_are_probed_without_decoding(songs_dir: Path) -> None:
    song = probe(songs_dir / "relax_song.ogg")
    assert (song.n_samples, song.sample_rate) == (3969000, 44100)
    assert not song.warnings


@pytest.mark.slow
def test_three_hours_stream_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    with soundfile.SoundFile(path, "w", 22050, 1) as out:
        for _ in range(180):
            out.write(np.zeros(60 * 22050, np.float32))
    code = (
        "import sys, resource; from pathlib import Path; from avwalk.audio.probe import probe\n"
        "from avwalk.audio.decode import read_song\n"
        "song = probe(Path(sys.argv[1])); n = sum(map(len, read_song(song)))\n"
        "print(n == song.n_samples == 180*60*22050, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    exact, peak_kib = done.stdout.split()
    assert exact == "True"
    assert int(peak_kib) < 250_000
