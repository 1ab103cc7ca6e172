"""A program of its own: speaks one text with the system's libespeak-ng.

espeak-ng is under the GPL, so its library is loaded here alone, in a process of its own; avwalk talks to it through
pipes and neither links nor imports it. Nothing but the standard library is needed.

Standard input: one line of JSON, ``{"text", "voice", "rate", "pitch"}``. Standard output: one line of JSON,
``{"sample_rate", "samples", "words": [[start in ms, first letter, number of letters]]}`` or ``{"error"}``, then the
samples, int16
in the machine's byte order.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import sys
from collections.abc import Iterator

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: no sound card
_DONT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT
_CHARS_UTF8 = 1  # without espeakSSML and espeakPHONEMES: markup in a text is text
_CHARACTERS = 1  # POS_CHARACTER
_RATE, _PITCH = 1, 3  # espeakRATE, espeakPITCH
_END, _WORD = 0, 1  # of espeak_EVENT_TYPE
_NAMES = ("libespeak-ng.so.1", "libespeak-ng.dylib", "libespeak-ng.dll", "espeak-ng.dll")
_FOLDERS = ("", "/opt/homebrew/lib/", "/usr/local/lib/", "C:\\Program Files\\eSpeak NG\\")


class Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # from 1
        ("length", ctypes.c_int),  # letters
        ("audio_position", ctypes.c_int),  # milliseconds
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


class VoiceProperties(ctypes.Structure):
    """espeak_VOICE of speak_lib.h."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


def library() -> ctypes.CDLL | None:
    """The system's libespeak-ng, or None."""
    found = ctypes.util.find_library("espeak-ng")
    for name in ([found] if found else []) + [f"{folder}{name}" for folder in _FOLDERS for name in _NAMES]:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def speak(request: dict[str, object]) -> tuple[dict[str, object], bytes]:
    """The answer to a request, and its samples."""
    lib = library()
    if lib is None:
        return {"error": "no library"}, b""
    sample_rate = lib.espeak_Initialize(_SYNCHRONOUS, 0, None, _DONT_EXIT)
    if sample_rate <= 0:
        return {"error": "espeak-ng finds none of its data"}, b""
    if not _choose(lib, str(request["voice"])):
        return {"error": "no voice"}, b""
    lib.espeak_SetParameter(_RATE, int(str(request["rate"])), 0)
    lib.espeak_SetParameter(_PITCH, int(str(request["pitch"])), 0)
    sound, words = bytearray(), list[tuple[int, int, int]]()

    def take(samples: ctypes._Pointer[ctypes.c_short], n: int, events: ctypes._Pointer[Event]) -> int:
        if samples and n > 0:
            sound.extend(ctypes.string_at(samples, 2 * n))
        words.extend((each.audio_position, each.text_position - 1, each.length) for each in _words(events))
        return 0

    callback = _CALLBACK(take)
    lib.espeak_SetSynthCallback(callback)
    text = str(request["text"]).encode("utf-8") + b"\0"
    failed = lib.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, _CHARACTERS, 0, _CHARS_UTF8, None, None)
    if failed:
        return {"error": f"espeak-ng fails with {failed}"}, b""
    lib.espeak_Synchronize()
    return {"sample_rate": sample_rate, "samples": len(sound) // 2, "words": words}, bytes(sound)


def _choose(lib: ctypes.CDLL, voice: str) -> bool:
    """Whether there is a voice of a name or a language, which is the voice from now on: ``fr``, ``en-gb+f2``."""
    if not lib.espeak_SetVoiceByName(voice.encode()):
        return True
    language, _, variant = voice.partition("+")
    if lib.espeak_SetVoiceByProperties(ctypes.byref(VoiceProperties(languages=language.encode()))):
        return False
    if not variant:
        return True
    lib.espeak_GetCurrentVoice.restype = ctypes.POINTER(VoiceProperties)
    found = lib.espeak_GetCurrentVoice().contents.identifier
    return not lib.espeak_SetVoiceByName(found + b"+" + variant.encode())


def _words(events: ctypes._Pointer[Event]) -> Iterator[Event]:
    """The events of words among those of a block, which one without a type ends."""
    k = 0
    while events[k].type != _END:
        if events[k].type == _WORD:
            yield events[k]
        k += 1


def main() -> None:
    """Answers the request on standard input."""
    answer, sound = speak(json.loads(sys.stdin.buffer.readline()))
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + sound)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
