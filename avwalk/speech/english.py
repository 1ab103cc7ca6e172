"""Pronunciations of the words of an English text: CMU's dictionary, numbers spelt out, the rest from espeak-ng."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice, product

from avwalk.errors import SpeechError
from avwalk.speech.phonemes import arpabet, ipa
from avwalk.speech.sphinx import SphinxAligner
from avwalk.speech.spoken_forms import spoken_forms

VOICE = "en-us"
_MOST = 6  # pronunciations of a token
_WAYS = 2  # of each word in a token of several


class Pronouncer:
    """Says how the tokens of a text may sound.

    Args:
        aligner: whose dictionary is used.

    Attributes:
        aligner: as given.
        problem: why espeak-ng cannot be asked, or None.
    """

    def __init__(self, aligner: SphinxAligner) -> None:
        self.aligner = aligner
        self._made: dict[str, str] = {}
        self.problem: str | None = None

    def pronunciations(self, tokens: Sequence[str]) -> list[list[str] | None]:
        """The pronunciations of each token in ARPAbet, the likeliest first.

        Args:
            tokens: words as they are written.

        Returns:
            Of each: none where it is silent, such as a dash; None where nobody knows.
        """
        forms = [spoken_forms(token) for token in tokens]
        words = {word for ways in forms for form in ways for word in form}
        self._learn(sorted(word for word in words if word not in self._made and not self._known(word)))
        return [self._of(ways) for ways in forms]

    def dictionary_share(self, tokens: Sequence[str]) -> float:
        """Share of the tokens made of letters whose words are in the dictionary, 0 to 1; 1 where there are none."""
        forms = [ways[0] for token in tokens if (ways := spoken_forms(token)) and any(map(str.isalpha, token))]
        return sum(all(self._known(word) for word in form) for form in forms) / len(forms) if forms else 1.0

    def _known(self, word: str) -> list[str]:
        return self.aligner.pronunciations(word) or self.aligner.pronunciations(word.strip("'"))

    def _learn(self, unknown: Sequence[str]) -> None:
        """Asks espeak-ng for the sound of words that are in no dictionary."""
        if not unknown:
            return
        try:
            self._made.update(zip(unknown, map(arpabet, ipa(unknown, VOICE)), strict=True))
        except SpeechError as error:
            self.problem = str(error)

    def _of(self, ways: Sequence[Sequence[str]]) -> list[str] | None:
        if not ways:
            return []
        found = dict.fromkeys(said for form in ways for said in self._said(form))
        return list(found)[:_MOST] or None

    def _said(self, form: Sequence[str]) -> Iterable[str]:
        """Ways to say words without a pause between them; none: one of them is not known."""
        each = [self._known(word) or [said for said in (self._made.get(word),) if said] for word in form]
        if not all(each):
            return ()
        most = None if len(form) == 1 else _WAYS
        if len(form) > 3:  # a long number has many ways; the first of each word is near enough
            return (" ".join(ways[0] for ways in each),)
        return (" ".join(ways) for ways in islice(product(*(ways[:most] for ways in each)), _MOST))
