"""Reader based on libsndfile: wav, aiff, flac, ogg vorbis, opus and related formats.

MP3 is left to PyAV: libmpg123 writes its complaints to stderr and gives up at the first damaged frame.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.audio.header import Header, clean_tag

_CODECS = {"VORBIS": "vorbis", "OPUS": "opus", "ULAW": "pcm_mulaw", "ALAW": "pcm_alaw", "PCM_S8": "pcm_s8"}
_PCM = {"PCM_U8": "pcm_u8", "PCM_16": "pcm_s16", "PCM_24": "pcm_s24", "PCM_32": "pcm_s32"}
_PCM |= {"FLOAT": "pcm_f32", "DOUBLE": "pcm_f64"}
# first bytes of what libsndfile reads; shown anything else it may take it for MP3 and let libmpg123 complain
_MAGIC = (b"RIFF", b"RIFX", b"RF64", b"riff", b"FORM", b"fLaC", b"OggS", b"caff", b".snd")
_OGG_ORDER: dict[int, tuple[str, ...]] = {  # Vorbis I, 4.3.9; Opus has it too, and libsndfile leaves it so
    3: ("FL", "FC", "FR"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FC", "FR", "BL", "BR"),
    6: ("FL", "FC", "FR", "BL", "BR", "LFE"),
    7: ("FL", "FC", "FR", "SL", "SR", "BC", "LFE"),
    8: ("FL", "FC", "FR", "SL", "SR", "BL", "BR", "LFE"),
}
NO_LENGTH = "its header does not say how long it is, as of a recorder that was not closed; it is read to its end"
_TAIL = 4096  # samples read at the end to see that the length in the header is real


def header(path: Path) -> Header | None:
    """Facts of the file, or None when it is left to PyAV: unknown, MP3, or not readable to its end."""
    import soundfile

    with path.open("rb") as file:
        if not file.read(4).startswith(_MAGIC):
            return None
    try:
        with soundfile.SoundFile(path) as sound:
            if sound.subtype.startswith("MPEG"):
                return None
            n = sound.frames
            start = max(0, n - _TAIL)
            if n and (sound.seek(start) != start or len(sound.read(_TAIL, dtype="float32")) != n - start):
                return None
            if (not n and is_unclosed(path)) or (sound.format == "OGG" and _has_holes(path)):
                return None
            return Header(
                reader="soundfile",
                sample_rate=sound.samplerate,
                channels=sound.channels,
                codec=_codec_name(sound.format, sound.subtype),
                n_samples=n,
                claimed=n,
                may_hold_nan=sound.subtype in ("FLOAT", "DOUBLE"),
                title=clean_tag(sound.title),
                artist=clean_tag(sound.artist),
                speakers=_OGG_ORDER.get(sound.channels, ()) if sound.subtype in ("VORBIS", "OPUS") else (),
                warnings=_cut_short(path, sound.format, sound.extra_info),
            )
    except (soundfile.LibsndfileError, RuntimeError, OSError):
        return None


def blocks(path: Path, start: int, block: int) -> Iterator[NDArray[np.float32]]:
    """Samples from ``start`` on as they are in the file, (n, channels) float32, n ≤ block.

    Ends early where the file is damaged.
    """
    import soundfile

    with soundfile.SoundFile(path) as sound:
        if start:
            sound.seek(min(start, sound.frames))
        while True:
            try:
                data: NDArray[np.float32] = sound.read(block, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError:
                return
            if not len(data):
                return
            yield data


def _codec_name(container: str, subtype: str) -> str:
    if container == "FLAC":
        return "flac"
    if subtype.startswith("ALAC"):
        return "alac"
    if subtype in _PCM:
        endian = "be" if container in ("AIFF", "AU", "CAF") else "le"
        return _PCM[subtype] + ("" if subtype == "PCM_U8" else endian)
    return _CODECS.get(subtype, subtype.lower())


def is_unclosed(path: Path) -> bool:
    """Whether a WAV file says that it holds no sound, and sound follows: its recorder was never closed."""
    size, at, after_data = path.stat().st_size, 12, False
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return False
        while at + 8 <= size:  # from chunk to chunk; sound does not lead to the end of the file
            file.seek(at)
            head = file.read(8)
            length = int.from_bytes(head[4:], "little")
            after_data = after_data or (head[:4] == b"data" and length == 0)
            if not head[:4].isascii() or at + 8 + length > size:
                break
            at += 8 + length + length % 2
    return after_data and at < size


def _has_holes(path: Path) -> bool:
    """Whether pages of an Ogg file are missing; libsndfile closes up what PyAV leaves open."""
    numbers: dict[bytes, int] = {}
    with path.open("rb") as file:
        while len(head := file.read(27)) == 27 and head.startswith(b"OggS"):
            stream, number = head[14:18], int.from_bytes(head[18:22], "little")
            if number != numbers.get(stream, number - 1) + 1:
                return True
            numbers[stream] = number
            file.seek(sum(file.read(head[26])), os.SEEK_CUR)
    return False


def _cut_short(path: Path, container: str, log: str) -> tuple[str, ...]:
    """A warning when the file ends before its sound does; libsndfile reads what is there and says nothing."""
    if container == "OGG":
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 140_000))  # two of the largest Ogg pages
            tail = file.read()
        page = tail.rfind(b"OggS")
        whole = False
        if page >= 0 and len(tail) >= page + 27:
            segments = tail[page + 27 : page + 27 + tail[page + 26]]
            last = bool(tail[page + 5] & 4)  # the page says that the stream ends here
            whole = last and len(tail) >= page + 27 + len(segments) + sum(segments)
    else:
        wrong = [line for line in log.splitlines() if line.startswith("data") and "should be" in line]
        if any(f": {0xFFFFFFFF} " in line for line in wrong):  # what programs write that do not know yet
            return (NO_LENGTH,)
        whole = not wrong
    return () if whole else ("the file is cut short; what is there is used",)
