"""From stems to a record: balance, side-chain, equaliser, reverb, saturation, noise, lossy coding, loudness."""

from __future__ import annotations

import io
from collections.abc import Sequence

import av
import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import butter, correlate, fftconvolve, sosfilt

from tools.hearing.piece import KICK, Note
from tools.hearing.sound import RATE, Sound

_CODECS = {"mp3": ("MP3", "MPEG_LAYER_III"), "vorbis": ("OGG", "VORBIS"), "opus": ("OGG", "OPUS")}
"""What libsndfile writes; FFmpeg writes AAC."""
_AAC_RATES = (32_000, 128_000)  # bits a second of a mono sound
_FARTHEST = 4096  # samples that a codec may move the sound


def level(sound: Sound) -> Sound:
    """Scaled to an effective value of 0.1 where it sounds."""
    loud = np.abs(sound) > 1e-4
    power = float(np.mean(sound[loud] ** 2)) if loud.any() else 0.0
    return np.asarray(sound / np.float32(np.sqrt(power) + 1e-4) * np.float32(0.1), np.float32)


def duck(sound: Sound, drums: Sequence[Note], rng: np.random.Generator) -> Sound:
    """Side-chain compression: every kick among ``drums`` pushes the sound down."""
    curve = np.ones(len(sound), np.float32)
    depth = rng.uniform(0.4, 0.9)
    dip = (1 - depth * np.exp(-np.arange(int(0.4 * RATE)) / (rng.uniform(0.04, 0.14) * RATE))).astype(np.float32)
    for n in drums:
        i = int(n.start * RATE)
        if n.pitch in KICK and i < len(curve):
            part = curve[i : i + len(dip)]
            np.minimum(part, dip[: len(part)], out=part)
    return sound * curve


def reverb(sound: Sound, rng: np.random.Generator) -> Sound:
    """A room: exponentially decaying noise."""
    n = int(rng.uniform(0.15, 1.6) * RATE)
    tail = rng.normal(0, 1, n) * np.exp(-np.arange(n) / (n / 6))
    tail *= rng.uniform(0.1, 0.7) / np.sqrt((tail**2).sum())
    return np.asarray(sound + fftconvolve(sound, tail)[: len(sound)], np.float32)


def compress(sound: Sound, rng: np.random.Generator) -> Sound:
    """A compressor of one band: it acts at once and recovers in 5 ms steps."""
    step = RATE // 200
    power = np.sqrt(np.add.reduceat(sound**2, np.arange(0, len(sound), step)) / step) + 1e-5
    smooth = np.empty_like(power)
    held, release = 0.0, float(rng.uniform(0.8, 0.98))
    for k, p in enumerate(power):
        held = max(float(p), held * release)
        smooth[k] = held
    threshold, ratio = float(np.percentile(smooth, rng.uniform(30, 90))), rng.uniform(1.5, 6)
    gain = np.minimum(1, (smooth / threshold) ** (1 / ratio - 1))
    return np.asarray(sound * np.interp(np.arange(len(sound)), np.arange(len(gain)) * step, gain), np.float32)


def master(sound: Sound, rng: np.random.Generator) -> Sound:
    """What may happen to a mix on its way to the listener; as long as ``sound``, and at the same times."""
    x = sound
    if rng.random() < 0.4:
        x = reverb(x, rng)
    for _ in range(int(rng.integers(0, 3))):
        f = float(np.exp(rng.uniform(np.log(60), np.log(9000))))
        band = butter(1, [f * 0.6, min(f * 1.6, 20000)], "band", fs=RATE, output="sos")
        x = x + np.float32(10 ** (rng.uniform(-9, 9) / 20) - 1) * sosfilt(band, x).astype(np.float32)
    if rng.random() < 0.15:
        x = sosfilt(butter(2, rng.uniform(30, 140), "high", fs=RATE, output="sos"), x).astype(np.float32)
    if rng.random() < 0.2:
        x = sosfilt(butter(4, rng.uniform(4000, 12000), "low", fs=RATE, output="sos"), x).astype(np.float32)
    if rng.random() < 0.3:  # stereo effects leave a comb in the mean of the channels
        delay = int(rng.uniform(0.001, 0.02) * RATE)
        late = np.zeros_like(x)
        late[delay:] = x[:-delay]
        x = x + np.float32(rng.uniform(0.1, 0.6)) * late
    if rng.random() < 0.4:
        x = compress(x, rng)
    if rng.random() < 0.5:
        drive = np.float32(rng.uniform(1, 6) / max(1e-6, float(np.abs(x).max())))
        x = np.tanh(drive * x) / drive
    if rng.random() < 0.25:
        hiss = rng.normal(0, 10 ** (rng.uniform(-70, -34) / 20), len(x))
        x = x + (hiss if rng.random() < 0.7 else np.cumsum(hiss) * 0.02).astype(np.float32)
    x = x / np.float32(max(1e-6, float(np.abs(x).max()))) * np.float32(10 ** (rng.uniform(-14, -0.3) / 20))
    return coded(x.astype(np.float32), rng) if rng.random() < 0.5 else x.astype(np.float32)


def coded(sound: Sound, rng: np.random.Generator) -> Sound:
    """Through a lossy codec: as long as before, and back at its place in time."""
    kind = str(rng.choice([*_CODECS, "aac"]))
    rate = 48000 if kind == "opus" else RATE
    source: NDArray[np.floating] = sound
    if rate != RATE:
        at = np.arange(int(len(sound) * rate / RATE)) * RATE / rate
        source = np.interp(at, np.arange(len(sound)), sound)
    strength = float(rng.uniform(0.2, 0.95))
    back = _aac_decoded(sound, strength) if kind == "aac" else _decoded(source, rate, kind, strength)
    if rate != RATE:
        back = np.interp(np.arange(len(sound)) * rate / RATE, np.arange(len(back)), back).astype(np.float32)
    back = np.roll(back, -_delay(sound, back))
    out = np.zeros(len(sound), np.float32)
    n = min(len(sound), len(back))
    out[:n] = back[:n]
    return out


def _decoded(source: NDArray[np.floating], rate: int, kind: str, compression: float) -> Sound:
    """Written in blocks, since libsndfile fails on long ones, and read again."""
    container, codec = _CODECS[kind]
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", rate, 1, codec, format=container, compression_level=compression) as file:
        for a in range(0, len(source), 1 << 16):
            file.write(source[a : a + (1 << 16)])
    buffer.seek(0)
    return np.asarray(soundfile.read(buffer, dtype="float32")[0])


def _aac_decoded(sound: Sound, compression: float) -> Sound:
    """Through FFmpeg's AAC: the bare stream, whose priming samples are heard."""
    low, high = _AAC_RATES
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="adts") as container:
        stream = container.add_stream(
            "aac", rate=RATE, layout="mono", bit_rate=round(high - compression * (high - low))
        )
        for a in range(0, len(sound), 1 << 16):
            frame = av.AudioFrame.from_ndarray(sound[None, a : a + (1 << 16)], format="fltp", layout="mono")
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    buffer.seek(0)
    with av.open(buffer, "r", format="aac") as container:
        blocks = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    return np.asarray(np.concatenate(blocks), np.float32)


def coarse(sound: Sound, rng: np.random.Generator) -> Sound:
    """As a sampler of few bits and a low rate plays it: held between samples, in steps."""
    every, steps = int(rng.integers(2, 7)), 2.0 ** int(rng.integers(5, 9))
    held = np.repeat(sound[::every], every)[: len(sound)]
    top = max(1e-6, float(np.abs(held).max()))
    return np.asarray(np.round(held / top * steps) / steps * top, np.float32)


def _delay(sound: Sound, back: Sound) -> int:
    """Samples by which ``back`` is late: where a second in the middle of ``sound`` is found in it; 0 if nowhere."""
    middle = len(sound) // 2
    a, b = sound[middle : middle + RATE], back[middle - _FARTHEST : middle + RATE + _FARTHEST]
    if len(b) != RATE + 2 * _FARTHEST or float(np.abs(a).max()) <= 1e-3:
        return 0
    match = correlate(b, a, "valid", "fft")
    return int(match.argmax()) - _FARTHEST if match.max() > 0.5 * float((a**2).sum()) else 0
