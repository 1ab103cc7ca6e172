"""The storylets of a story said by a voice; what was said before is kept, so that only a changed text is said again."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Sequence

import numpy as np

from avwalk.errors import OptionError, clipped
from avwalk.files.byte_cache import ByteCache
from avwalk.speech.voice import Speech, Voice, WordStart
from avwalk.story.storylets import Storylet

LIMIT = 512 << 20
_CACHE = ByteCache("speech", LIMIT, "what is narrated again is said again")
_SILENT = 10 ** (-50 / 20)  # below this nothing is heard behind the last word
_REST = 0.08  # seconds that stay of the silence at either end
RATE = 125
"""Words a minute at speed 1, of a voice that counts them."""
SLOWEST = 0.7
"""Of all speeds: eSpeak NG says 80 words a minute at least."""


def open_voice(name: str, speed: float, language: str = "en") -> Voice | None:
    """A voice by its name.

    Args:
        name: ``kokoro``, ``kokoro:ff_siwis``; ``espeak``, ``espeak:f3`` (a variant); ``none``; ``auto``: Kokoro where
            it was pulled and knows the language, else eSpeak NG.
        speed: beside usual, `SLOWEST` to 2.
        language: of what it will say.

    Returns:
        None: there is none, or none is wanted.

    Raises:
        OptionError: no such voice.
        SpeechError, ModelError: it is not here.
    """
    from avwalk.speech import kokoro
    from avwalk.speech.espeak import EspeakVoice, espeak_problem

    if not SLOWEST <= speed <= 2:
        raise OptionError(f"--speed {speed:g} is out of range; give {SLOWEST:g} to 2")
    kind, _, variant = name.partition(":")
    if kind not in ("auto", "none", "espeak", "kokoro"):
        raise OptionError(
            f"--voice '{clipped(name)}' is unknown; use auto, none, espeak, espeak:VARIANT, kokoro or kokoro:NAME"
        )
    if kind == "none" or (kind == "auto" and espeak_problem()):  # Kokoro takes its phonemes from eSpeak NG
        return None
    if kind == "kokoro" or (kind == "auto" and language in kokoro.VOICES and kokoro.installed()):
        return kokoro.KokoroVoice(variant, speed)
    if problem := espeak_problem():
        raise OptionError(f"--voice {kind}: {problem}")
    return EspeakVoice(rate=round(RATE * speed), variant=variant)


def speak_all(
    storylets: Sequence[Storylet], voice: Voice, language: str, on_storylet: Callable[[int], None] | None = None
) -> list[Speech]:
    """Each storylet's text, said; silence before the first word and behind the last is cut off.

    Args:
        storylets: in order.
        voice: says them.
        language: of the story.
        on_storylet: called with the number of each that is there.

    Raises:
        SpeechError: a text cannot be said.
    """
    found = []
    for storylet in storylets:
        name = _name(voice, storylet.text, language)
        speech = _read(_CACHE.find(name))
        if speech is None:
            data = _packed(trimmed(voice.speak(storylet.text, language)))
            _CACHE.store(name, data)
            speech = _read(data)  # as it will be next time
            assert speech is not None
        found.append(speech)
        if on_storylet:
            on_storylet(storylet.number)
    _CACHE.trim()
    return found


def trimmed(speech: Speech) -> Speech:
    """A speech without the silence at its ends, its words moved with it."""
    loud = np.flatnonzero(np.abs(speech.samples) > _SILENT)
    if not len(loud):
        return speech
    rest = round(_REST * speech.sample_rate)
    a, b = max(0, int(loud[0]) - rest), min(len(speech.samples), int(loud[-1]) + 1 + rest)
    shift = a / speech.sample_rate
    words = tuple(word._replace(start=max(0.0, word.start - shift)) for word in speech.words)
    return Speech(speech.samples[a:b], speech.sample_rate, words, speech.exact)


def _name(voice: Voice, text: str, language: str) -> str:
    told = json.dumps([1, dict(voice.identity), language, text], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def _packed(speech: Speech) -> bytes:
    data = io.BytesIO()
    words = np.array(speech.words, np.float64).reshape(-1, 3)
    eight = np.rint(np.clip(speech.samples, -1, 1) * 32767).astype(np.int16)
    np.savez_compressed(data, samples=eight, rate=speech.sample_rate, words=words, exact=speech.exact)
    return data.getvalue()


def _read(data: bytes | None) -> Speech | None:
    if data is None:
        return None
    try:
        with np.load(io.BytesIO(data)) as stored:
            words = tuple(WordStart(float(s), int(a), int(b)) for s, a, b in stored["words"].tolist())
            samples = stored["samples"].astype(np.float32) / np.float32(32767)
            return Speech(samples, int(stored["rate"]), words, bool(stored["exact"]))
    except (ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile):  # of another version
        return None
