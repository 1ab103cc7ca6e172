"""The voice of espeak-ng, with exact times of words, from a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from avwalk.errors import SpeechError, clipped, did_you_mean
from avwalk.speech.voice import Speech, WordStart
from avwalk.words.transcript import pieces

INSTALL = "install it with: apt install espeak-ng (Linux), brew install espeak-ng (macOS), or from its site (Windows)"
MAX_LETTERS = 20_000
"""Of a text that is spoken at once: about 20 minutes."""
_PROCESS = Path(__file__).with_name("espeak_process.py")
_NAME = re.compile(r"[a-z]{2,3}(-[a-z0-9]+)*(\+[A-Za-z0-9_-]+)?", re.I)
_SECONDS = 300


class EspeakVoice:
    """espeak-ng, as this system has it.

    Args:
        rate: words per minute, 80 to 450.
        pitch: 0 to 99; 50 is the voice's own.
        variant: of the voice's timbre: ``f2``, ``m3``, …; empty: its own.
    """

    def __init__(self, rate: int = 165, pitch: int = 50, variant: str = "") -> None:
        self.rate, self.pitch, self.variant = rate, pitch, variant
        self.identity: dict[str, str | int | float] = {
            "voice": "espeak-ng",
            "rate": rate,
            "pitch": pitch,
            "variant": variant,
        }

    def speak(self, text: str, language: str = "en") -> Speech:
        """Speaks a text; see `avwalk.speech.voice.Voice`.

        Raises:
            SpeechError: espeak-ng is not here, has no such language, or fails; or the text is too long or empty.
        """
        voice = language + (f"+{self.variant}" if self.variant else "")
        if not _NAME.fullmatch(voice):
            raise SpeechError(f"'{clipped(voice)}' is no language; write en, fr, en-us …")
        if len(text) > MAX_LETTERS:
            raise SpeechError(f"{len(text)} letters are too many to be spoken at once; at most {MAX_LETTERS}")
        plain = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
        answer, sound = _answer({"text": plain, "voice": voice, "rate": self.rate, "pitch": self.pitch})
        if answer.get("error") == "no voice":
            raise SpeechError(f"espeak-ng has no voice '{voice}'{did_you_mean(language, languages())}")
        if "error" in answer:
            raise SpeechError(str(answer["error"]))
        samples = np.frombuffer(sound, np.int16).astype(np.float32) / np.float32(32768)
        starts = [(begin, at / 1000) for at, begin, _ in answer["words"]]
        return Speech(samples, answer["sample_rate"], whole_words(text, starts))


def whole_words(text: str, events: Sequence[tuple[int, float]]) -> tuple[WordStart, ...]:
    """The words of a text as it is written, each with the first event in it: a number is one word, however it is said.

    Args:
        text: that was spoken.
        events: index of a letter, seconds; several may lie in a word.

    Returns:
        Ascending by start. A word in which no event lies, such as a dash, is not among them.
    """
    first: dict[int, float] = {}
    spans, at = list[tuple[int, int]](), 0
    for piece in pieces(text):
        word = piece.rstrip()
        begin = text.index(word, at)
        at = begin + len(word)
        spans.append((begin, at))
    for letter, start in events:
        k = bisect_right(spans, (letter, len(text) + 1)) - 1
        if k >= 0:
            first[k] = min(start, first.get(k, start))
    found = (WordStart(start, *spans[k]) for k, start in first.items())
    return tuple(sorted(found))


@cache
def espeak_problem() -> str | None:
    """Why espeak-ng cannot speak here, or None. Asked once a process."""
    try:
        _answer({"text": "", "voice": "en", "rate": 165, "pitch": 50})
    except SpeechError as error:
        return str(error)
    return None


@cache
def languages() -> tuple[str, ...]:
    """Languages that the program espeak-ng lists; none where it is not here."""
    try:
        said = subprocess.run(["espeak-ng", "--voices"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(row.split()[1] for row in said.splitlines()[1:] if len(row.split()) > 1)


def _answer(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """What the process answers.

    Raises:
        SpeechError: there is no espeak-ng, or the process ends otherwise.
    """
    line = json.dumps(request).encode() + b"\n"
    try:
        done = subprocess.run([sys.executable, "-I", str(_PROCESS)], input=line, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        raise SpeechError(f"espeak-ng has not spoken within {_SECONDS} s; give it a shorter text") from None
    except OSError as error:
        raise SpeechError(f"the process of espeak-ng cannot be started: {error.strerror or error}") from None
    head, _, sound = done.stdout.partition(b"\n")
    try:
        answer = json.loads(head)
        whole = "error" in answer or len(sound) == 2 * answer["samples"]
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise SpeechError(f"the process of espeak-ng ended with {done.returncode}: {clipped(said[-1] if said else '')}")
    if answer.get("error") == "no library":
        raise SpeechError(f"espeak-ng is not installed; {INSTALL}")
    return answer, sound
