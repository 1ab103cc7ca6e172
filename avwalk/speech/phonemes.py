"""Phonemes of espeak-ng, by its program in a process of its own; the same in ARPAbet, as CMU's dictionary has them."""

from __future__ import annotations

import subprocess
import unicodedata
from collections.abc import Sequence

from avwalk.errors import SpeechError
from avwalk.speech.espeak import INSTALL

_SECONDS = 60
_MOST = 400
"""Texts of one call."""
ARPABET = {
    "aɪə": "AY AH", "aɪɚ": "AY ER", "eɪ": "EY", "aɪ": "AY", "ɔɪ": "OY", "oɪ": "OY", "aʊ": "AW", "oʊ": "OW",
    "əʊ": "OW", "tʃ": "CH", "dʒ": "JH", "ɑːɹ": "AA R", "ɔːɹ": "AO R", "oːɹ": "AO R", "ɪɹ": "IH R", "ɛɹ": "EH R",
    "ʊɹ": "UH R", "ɜː": "ER", "ɝ": "ER", "ɚ": "ER", "iə": "IY AH", "iː": "IY", "uː": "UW", "ɑː": "AA", "ɔː": "AO",
    "ɐ": "AH", "ə": "AH", "ʌ": "AH", "ɪ": "IH", "ᵻ": "IH", "i": "IY", "ɛ": "EH", "e": "EH", "æ": "AE", "a": "AA",
    "ɑ": "AA", "ɒ": "AA", "ɔ": "AO", "o": "OW", "ʊ": "UH", "u": "UW", "y": "UW", "ø": "ER", "œ": "ER", "b": "B",
    "d": "D", "ð": "DH", "f": "F", "ɡ": "G", "g": "G", "h": "HH", "x": "K", "ç": "SH", "j": "Y", "k": "K", "l": "L",
    "ɫ": "L", "m": "M", "n": "N", "ɲ": "N Y", "ŋ": "NG", "p": "P", "ɹ": "R", "r": "R", "ʁ": "R", "ɾ": "T", "s": "S",
    "ʃ": "SH", "t": "T", "ʔ": "T", "θ": "TH", "v": "V", "w": "W", "ʍ": "W", "z": "Z", "ʒ": "ZH", "n̩": "AH N",
    "l̩": "AH L", "ɬ": "L", "q": "K", "c": "K", "β": "V", "ɣ": "G", "χ": "K", "ʎ": "L Y", "ɨ": "IH", "ɵ": "OW",
}  # fmt: skip
"""IPA as espeak-ng writes it → ARPAbet without stress, after CMUdict's list of phonemes."""
_LONGEST = max(map(len, ARPABET))


def ipa(texts: Sequence[str], language: str) -> list[str]:
    """The phonemes of short texts, as espeak-ng says them.

    Args:
        texts: words or sentences; they go to the program through a pipe, none of them is a command.
        language: a voice of espeak-ng, ``en-us``.

    Returns:
        IPA with stress marks, one string a text.

    Raises:
        SpeechError: espeak-ng is not here, or fails.
    """
    found = list[str]()
    for k in range(0, len(texts), _MOST):
        found += _ipa(texts[k : k + _MOST], language)
    return found


def _ipa(texts: Sequence[str], language: str) -> list[str]:
    """One call of the program: a paragraph a text; where it joins or divides some, they are asked for one by one."""
    plain = [" ".join(text.split()) or "," for text in texts]
    command = ["espeak-ng", "-q", "--ipa", "-v", language, "--stdin"]
    try:
        done = subprocess.run(command, input="\n\n".join(plain).encode(), capture_output=True, timeout=_SECONDS)
    except FileNotFoundError:
        raise SpeechError(f"espeak-ng is not installed; {INSTALL}") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise SpeechError(f"espeak-ng cannot be asked for phonemes: {error}") from None
    if done.returncode:
        raise SpeechError(f"espeak-ng has no voice '{language}'; name another language")
    rows = [row.strip() for row in done.stdout.decode("utf-8", "replace").splitlines() if row.strip()]
    if len(rows) == len(texts):
        return rows
    if len(texts) == 1:
        return [" ".join(rows)]
    return [_ipa([text], language)[0] for text in texts]


def arpabet(text: str) -> str:
    """Phonemes in ARPAbet, with blanks between them, for IPA; signs that have no sound in English are left out.

    >>> arpabet("lˈaɪthaʊs")
    'L AY T HH AW S'
    """
    bare = "".join(sign for sign in unicodedata.normalize("NFC", text) if sign not in "ˈˌ‍͡ʲʰ̃|-" and not sign.isspace())
    found, at = list[str](), 0
    while at < len(bare):
        for n in range(min(_LONGEST, len(bare) - at), 0, -1):
            if bare[at : at + n] in ARPABET:
                found.append(ARPABET[bare[at : at + n]])
                at += n
                break
        else:
            at += 1
    return " ".join(found)
