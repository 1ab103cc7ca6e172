"""The hash of what is heard: tags, names and containers have no part in it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from avwalk.audio import samples_hash
from avwalk.audio.probe import probe
from avwalk.audio.samples_hash import samples_sha256
from tests.sounds import encoded

RATE = 44100


def sound(seed: int = 1, seconds: float = 2.3) -> np.ndarray:
    """Noise of two channels on 16 bits, (n, 2) int16."""
    n = round(seconds * RATE)
    return np.random.default_rng(seed).integers(-9000, 9000, (n, 2)).astype(np.int16)


def hash_of(path: Path) -> str:
    return samples_sha256(probe(path))


def copied(source: Path, target: Path, **tags: str) -> Path:
    """The packets of a file in another one, with tags: what a tagger or a remuxer does."""
    names = {".m4a": "ipod", ".mkv": "matroska"}
    with av.open(str(source)) as had, av.open(str(target), "w", format=names.get(target.suffix)) as out:
        stream: Any = out.add_stream_from_template(had.streams.audio[0])
        out.metadata.update(tags)
        for packet in had.demux(had.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    return target


def test_it_is_what_its_definition_says(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", sound(), RATE, subtype="PCM_16")
    told = hashlib.sha256(b"44100 2\n" + sound().astype("<i2").tobytes())
    assert hash_of(tmp_path / "a.wav") == told.hexdigest()


def test_lossless_files_of_the_same_samples_are_one_song(tmp_path: Path) -> None:
    for name, subtype in (("a.wav", "PCM_16"), ("b.flac", "PCM_16"), ("c.flac", "PCM_24"), ("d.wav", "FLOAT")):
        samples = sound() / np.float32(32768) if subtype == "FLOAT" else sound()
        soundfile.write(tmp_path / name, samples, RATE, subtype=subtype)
    copied(tmp_path / "b.flac", tmp_path / "e.mkv")
    assert len({hash_of(path) for path in sorted(tmp_path.iterdir())}) == 1


@pytest.mark.parametrize(("suffix", "codec"), [(".flac", "flac"), (".m4a", "aac"), (".mp3", "libmp3lame")])
def test_tags_change_nothing(suffix: str, codec: str, tmp_path: Path) -> None:
    first = tmp_path / f"a{suffix}"
    encoded(first, sound() / np.float32(32768), "stereo", codec, rate=RATE)
    second = copied(first, tmp_path / f"b{suffix}", title="Another", artist="Somebody")
    assert probe(first).sha256 != probe(second).sha256 and probe(second).title == "Another"
    assert hash_of(first) == hash_of(second)


def test_what_sounds_otherwise_has_another_hash(tmp_path: Path) -> None:
    louder, longer = sound().copy(), np.concatenate([sound(), np.zeros((1, 2), np.int16)])
    louder[1000, 1] += 1
    for name, samples, rate in (("a", sound(), RATE), ("b", louder, RATE), ("c", longer, RATE), ("d", sound(), 48000)):
        soundfile.write(tmp_path / f"{name}.wav", samples, rate, subtype="PCM_16")
    assert len({hash_of(path) for path in sorted(tmp_path.iterdir())}) == 4


def test_a_song_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write(tmp_path / "a.wav", sound(7), RATE, subtype="PCM_16")
    first = hash_of(tmp_path / "a.wav")
    monkeypatch.setattr(samples_hash, "read_song", lambda song: pytest.fail("it was decoded again"))
    assert hash_of(tmp_path / "a.wav") == first
