"""Segments, join, sound and verification, through real files."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from avwalk.audio.decode import read_blocks, read_song
from avwalk.audio.probe import probe
from avwalk.clock import Clock, parse_fps
from avwalk.errors import OutputError, VideoError
from avwalk.spec.encoder import Encoder
from avwalk.video.encode import SegmentEncoder, trial, write_png_sequence
from avwalk.video.join import join, read_metadata
from avwalk.video.mux import plan_sound
from avwalk.video.profiles import PROFILES, profile
from avwalk.video.verify import ExpectedSound, verify
from tests.sounds import encoded, heard_from, tones

SIZE = (64, 36)
RATE = 44100
RATES = ["23.976", "24", "25", "29.97", "30", "50", "59.94", "60", "12.5"]


def pictures(n: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """A bar that moves over a gradient, so that B-frames have something to predict."""
    width, height = size
    x = np.arange(width, dtype=np.float32)
    out = np.zeros((n, height, width, 3), np.float32)
    out += (x / width)[:, None] * np.array([0.3, 0.5, 0.8], np.float32)
    for i in range(n):
        out[i, :, (3 * i) % width :][:, :5] = 1 - 0.5 * (i % 7) / 7
    return out


def make_segments(
    folder: Path, lengths: list[int], fps: Fraction, encoder: Encoder, size: tuple[int, int] = SIZE
) -> list[Path]:
    frames, paths, at = pictures(sum(lengths), size), [], 0
    for n in lengths:
        paths.append(folder / f"{at:06d}.mp4")
        with SegmentEncoder(paths[-1], size, fps, encoder, 7, at) as segment:
            segment.write(frames[at : at + n])
        at += n
    return paths


def decoded(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [f.to_ndarray().tobytes() for f in container.decode(video=0)]


def click_wav(path: Path, seconds: float = 2.5, rate: int = RATE, **kwargs: str) -> Path:
    n, k = round(seconds * rate), np.arange(400)
    sound = np.zeros((n, 2), np.float32)
    for t in (1.0, 2.0):
        sound[round(t * rate) : round(t * rate) + 400] = (np.exp(-k / 60) * np.sin(k * 0.6) * 0.9)[:, None]
    soundfile.write(path, sound, rate, **kwargs)
    return path


def time_of(frame: av.AudioFrame | av.VideoFrame) -> Fraction:
    """Its time stamp, in s."""
    assert frame.pts is not None and frame.time_base is not None
    return frame.pts * frame.time_base


def click_times(path: Path, shift: float = 0.0) -> list[float]:
    """Where the clicks of the film are heard, by the film's own time stamps, in s minus where they belong."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        rate = stream.codec_context.sample_rate
        resampler = av.AudioResampler("fltp")
        sound = np.zeros(5 * rate, np.float32)
        for frame in container.decode(stream):
            at = round(time_of(frame) * rate)
            data = np.concatenate([f.to_ndarray()[0] for f in resampler.resample(frame)])
            sound[at : at + len(data)] = data
    out = []
    for t in (1.0 - shift, 2.0 - shift):
        a = round((t - 0.3) * rate)
        out.append((a + int(np.argmax(np.abs(sound[a : a + round(0.6 * rate)]) > 0.3))) / rate - t)
    return out


@pytest.mark.parametrize("text", RATES)
def test_frames_are_counted_and_shown_to_the_tick(text: str, tmp_path: Path) -> None:
    fps = parse_fps(text)
    encoder = profile("youtube")
    song = probe(click_wav(tmp_path / "song.wav"))
    n = Clock(fps, song.sample_rate, song.n_samples).n_frames
    lengths = [11, 8, n - 19]
    film = tmp_path / "film.mp4"
    join(
        make_segments(tmp_path, lengths, fps, encoder),
        lengths,
        fps,
        film,
        encoder,
        sound=plan_sound(song, encoder),
        blocks=read_song(song),
    )
    found = verify(
        film,
        n_frames=n,
        fps=fps,
        sound=ExpectedSound(lambda a, b: np.concatenate(list(read_song(song, a, b))), song.sample_rate, song.n_samples),
    )
    assert found["problems"] == []
    assert found["ok"]
    assert found["n_frames"] == n == len(decoded(film))
    assert found["fps"] == f"{fps.numerator}/{fps.denominator}"
    assert abs(found["duration"] - found["audio_duration"]) <= 0.5 / float(fps) + 1e-3
    with av.open(str(film)) as container:
        for i, frame in enumerate(container.decode(video=0)):
            assert time_of(frame) == i / fps


@pytest.mark.parametrize("name", sorted(name for name, each in PROFILES.items() if not each.delivery))
def test_joined_frames_are_the_segments_frames(name: str, tmp_path: Path) -> None:
    encoder, lengths, fps = profile(name), [10, 17, 8], Fraction(30)
    paths = make_segments(tmp_path, lengths, fps, encoder)
    film = tmp_path / f"film{encoder.suffix}"
    join(paths, lengths, fps, film, encoder)
    assert decoded(film) == [frame for path in paths for frame in decoded(path)]
    again = make_segments(tmp_path, lengths, fps, encoder)
    assert decoded(film) == [frame for path in again for frame in decoded(path)]
    assert not list(tmp_path.glob("*.part"))


@settings(max_examples=5)
@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=5), rate=st.sampled_from(RATES))
def test_any_partition_gives_every_frame_its_time(
    lengths: list[int], rate: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, fps, encoder = tmp_path_factory.mktemp("parts"), parse_fps(rate), profile("youtube")
    film = folder / "film.mp4"
    join(make_segments(folder, lengths, fps, encoder), lengths, fps, film, encoder)
    assert verify(film, n_frames=sum(lengths), fps=fps, quick=True)["problems"] == []


def test_segments_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    fps, encoder = Fraction(30), profile("youtube")
    a, b = make_segments(tmp_path, [8, 9], fps, encoder)
    (tmp_path / "other").mkdir()
    (c,) = make_segments(tmp_path / "other", [8], fps, encoder, size=(80, 36))
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b.read_bytes()[:500])
    film = tmp_path / "film.mp4"
    for paths, lengths, word in (
        ([a, c], [8, 8], "other encoder settings"),
        ([a, b], [8, 8], "9 frames, not 8"),
        ([a, broken], [8, 9], "cannot be read"),
        ([a, tmp_path / "none.mp4"], [8, 9], "cannot be read"),
        ([], [], "no film"),
    ):
        with pytest.raises(VideoError, match=word):
            join(paths, lengths, fps, film, encoder)
    assert not film.exists()
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3", "m4a"])
@pytest.mark.parametrize("name", ["youtube", "master"])
@pytest.mark.parametrize("start", [0.0, 0.5])
def test_a_click_stays_on_its_frame(suffix: str, name: str, start: float, tmp_path: Path) -> None:
    encoder, fps = profile(name), Fraction(30)
    path = tmp_path / f"song.{suffix}"
    wav = click_wav(tmp_path / ("song.wav" if suffix == "wav" else "source.wav"))
    if suffix == "m4a":
        source = probe(wav)
        sound = plan_sound(source, encoder if name == "youtube" else profile("youtube"))
        lengths = [75]
        join(
            make_segments(tmp_path, lengths, fps, profile("youtube")),
            lengths,
            fps,
            path,
            profile("youtube"),
            sound=sound,
            blocks=read_song(source),
        )
    elif suffix != "wav":
        soundfile.write(path, soundfile.read(wav)[0], RATE)
    song = probe(path)
    span = (round(start * RATE), song.n_samples) if start else None
    n = Clock(fps, RATE, song.n_samples - round(start * RATE)).n_frames
    film = tmp_path / f"film{encoder.suffix}"
    sound = plan_sound(song, encoder, span)
    assert (sound.codec == "copy") == (not start and (suffix, name) in {("m4a", "youtube"), ("wav", "master")})
    segments = make_segments(tmp_path, [n], fps, encoder)
    join(segments, [n], fps, film, encoder, sound=sound, blocks=read_song(song, *(span or (0, None))))
    assert click_times(film, start) == pytest.approx([0, 0], abs=0.002)
    assert verify(film, n_frames=n, fps=fps, quick=True)["problems"] == []
    if name == "master" and suffix in ("wav", "flac"):
        original = np.concatenate(list(read_song(song, *(span or (0, None)))))
        np.testing.assert_array_equal(np.concatenate(list(read_blocks(film))), original)


def test_what_aac_does_not_have_is_said(tmp_path: Path) -> None:
    path = tmp_path / "high.wav"
    soundfile.write(path, np.zeros((1920, 2)), 192000)
    assert "192000 Hz becomes 96000 Hz" in (plan_sound(probe(path), profile("youtube")).note or "")
    soundfile.write(path, np.zeros((1920, 12)), 44100)
    assert "12 channels become 2" in (plan_sound(probe(path), profile("youtube")).note or "")
    soundfile.write(path, np.zeros((1920, 6)), 44100)
    note = "sound: the song does not say where its 6 channels belong; taken as 5.1"
    for name in ("youtube", "master"):
        assert plan_sound(probe(path), profile(name), (0, 1000)).note == note
    with pytest.raises(VideoError, match="cannot be copied"):
        plan_sound(probe(path), profile("youtube"), choice="copy")


@pytest.mark.parametrize("name", ["youtube", "master"])
@pytest.mark.parametrize(
    "layout", ["mono", "2.1", "quad", "5.1(side)", "hexagonal", "6.0", "6.1", "7.1", "12 channels"]
)
def test_every_speaker_is_heard_where_it_belongs(layout: str, name: str, tmp_path: Path) -> None:
    encoder, fps = profile(name), Fraction(30)
    sound, speakers = tones(layout)
    encoded(tmp_path / "song.wav", sound, layout, "pcm_s16le")
    song = probe(tmp_path / "song.wav")
    planned, film = plan_sound(song, encoder, (0, song.n_samples - 1)), tmp_path / f"film{encoder.suffix}"
    join(
        make_segments(tmp_path, [30], fps, encoder),
        [30],
        fps,
        film,
        encoder,
        sound=planned,
        blocks=read_song(song, 0, song.n_samples - 1),
    )
    expected = ExpectedSound(
        lambda a, b: np.concatenate(list(read_song(song, a, b))), song.sample_rate, song.n_samples, song.speakers
    )
    assert verify(film, n_frames=30, fps=fps, sound=expected, quick=True)["problems"] == []
    made = probe(film)
    heard = [
        made.speakers[k] for k in heard_from(np.concatenate(list(read_song(made))), len(sound[0])) if made.speakers
    ]
    if name == "master" or not speakers:
        assert made.speakers == speakers if name == "master" else made.channels == 2
        assert planned.note is None or not speakers
    else:
        assert made.speakers == planned.speakers and made.channels in (1, 2, 3, 4, 5, 6, 8)
        beside = {"SL": ("SL", "BL"), "SR": ("SR", "BR"), "BC": ("BL", "BR"), "BL": ("BL", "SL"), "BR": ("BR", "SR")}
        assert all(at in beside.get(own, (own,)) for own, at in zip(speakers, heard, strict=True)), heard
        assert (planned.note is None) == (layout in ("mono", "5.1(side)", "7.1"))


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_copied_packets_keep_a_gap(suffix: str, tmp_path: Path) -> None:
    encoder, fps = profile("youtube"), Fraction(30)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (3 * RATE, 1)).astype(np.float32)
    path, film = tmp_path / f"gap.{suffix}", tmp_path / "film.mp4"
    encoded(path, noise, "mono", "aac", rate=RATE, at=lambda n: -1 if RATE <= n < 2 * RATE else n)
    song = probe(path)
    sound = plan_sound(song, encoder)
    assert sound.codec == "copy"
    n = Clock(fps, RATE, song.n_samples).n_frames
    join(make_segments(tmp_path, [n], fps, encoder), [n], fps, film, encoder, sound=sound, blocks=())
    read = np.concatenate(list(read_song(song)))
    expected = ExpectedSound(lambda a, b: read[a:b], RATE, song.n_samples)
    assert verify(film, n_frames=n, fps=fps, sound=expected, quick=True)["problems"] == []
    np.testing.assert_allclose(np.concatenate(list(read_song(probe(film))))[: 2 * RATE], read[: 2 * RATE], atol=1e-6)


def test_verify_finds_a_late_and_a_wrong_sound(tmp_path: Path) -> None:
    encoder, fps = profile("youtube"), Fraction(30)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (2 * RATE, 1)).astype(np.float32)
    soundfile.write(tmp_path / "song.wav", noise, RATE)
    song = probe(tmp_path / "song.wav")
    film = tmp_path / "film.mp4"
    segments = make_segments(tmp_path, [60], fps, encoder)
    join(segments, [60], fps, film, encoder, sound=plan_sound(song, encoder), blocks=read_song(song))
    late = np.roll(noise, -round(0.02 * RATE), axis=0)
    found = verify(
        film,
        sound=ExpectedSound(lambda a, b: late[a:b], RATE, len(noise)),
        quick=True,
        fps=Fraction(25),
    )
    assert found["audio_lag_ms"] == pytest.approx(20, abs=0.5)
    assert len(found["problems"]) == 2
    other = np.random.default_rng(1).uniform(-0.5, 0.5, noise.shape).astype(np.float32)
    found = verify(film, sound=ExpectedSound(lambda a, b: other[a:b], RATE, len(noise)), quick=True)
    assert any("not the song" in line for line in found["problems"])


def test_one_sample_makes_a_film_of_one_frame(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "one.wav", np.full((1, 1), 0.5), RATE)
    song = probe(tmp_path / "one.wav")
    encoder, film = profile("youtube"), tmp_path / "film.mp4"
    segments = make_segments(tmp_path, [1], Fraction(30), encoder)
    join(segments, [1], Fraction(30), film, encoder, sound=plan_sound(song, encoder), blocks=read_song(song))
    found = verify(
        film,
        n_frames=1,
        sound=ExpectedSound(lambda a, b: np.full((b - a, 1), 0.5, np.float32), RATE, 1),
    )
    assert found["n_frames"] == 1


def test_tags_come_back(tmp_path: Path) -> None:
    encoder, film = profile("youtube"), tmp_path / "film.mp4"
    tags = {"title": "Tïtle", "artist": "A & B", "avwalk": '{"preset": "lsd", "seed": 3}'}
    join(make_segments(tmp_path, [8], Fraction(30), encoder), [8], Fraction(30), film, encoder, metadata=tags)
    assert tags.items() <= read_metadata(film).items()
    assert str(tmp_path).encode() not in film.read_bytes()
    head = film.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


def test_an_error_inside_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with (
        pytest.raises(KeyError),
        SegmentEncoder(path, SIZE, Fraction(30), profile("youtube"), 0, 0) as segment,
    ):
        segment.write(pictures(3))
        raise KeyError
    assert not list(tmp_path.iterdir())
    with (
        pytest.raises(VideoError, match="do not fit"),
        SegmentEncoder(path, SIZE, Fraction(30), profile("youtube"), 0, 0) as segment,
    ):
        segment.write(pictures(1, (32, 32)))
    assert not list(tmp_path.iterdir())


def test_an_unwritable_place_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be written"):
        SegmentEncoder(tmp_path / "no" / "a.mp4", SIZE, Fraction(30), profile("youtube"), 0, 0)
    with pytest.raises(OutputError, match="cannot be written"):
        write_png_sequence(tmp_path / "file" / "x", pictures(1), 0, 0)


FULL_DISK = """
import signal, sys
from fractions import Fraction
from pathlib import Path
import numpy as np, resource
from avwalk.errors import OutputError
from avwalk.video.encode import SegmentEncoder
from avwalk.video.join import join
from avwalk.video.profiles import profile
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder, encoder, fps = Path(sys.argv[1]), profile("youtube"), Fraction(30)
noise = np.random.default_rng(0).random((20, 90, 160, 3), dtype=np.float32)
def segment(name):
    with SegmentEncoder(folder / name, (160, 90), fps, encoder, 0, 0) as out:
        out.write(noise)
segment("whole.mp4")
size = (folder / "whole.mp4").stat().st_size
for limit in (500, size // 2, size - 500):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for act in (lambda: segment("a.mp4"),
                lambda: join([folder / "whole.mp4"], [20], fps, folder / "film.mp4", encoder)):
        try:
            act()
        except OutputError as error:
            assert "free some space" in str(error) and "\\n" not in str(error), error
        else:
            raise AssertionError(limit)
    assert [p.name for p in folder.iterdir()] == ["whole.mp4"], list(folder.iterdir())
"""


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_encoder_settings_survive_json_and_hardware_has_to_prove_itself() -> None:
    for encoder in PROFILES.values():
        assert Encoder.from_json(encoder.to_json()) == encoder
    with pytest.raises(ValueError, match="unknown key 'magic'"):
        Encoder.from_json({"codec": "libx264", "magic": 1, "size": None})
    with pytest.raises(VideoError, match="youtube"):
        profile("youtub")
    assert trial(Encoder()) is None
    assert "cannot be opened" in (trial(Encoder(codec="h264_of_the_moon")) or "")
