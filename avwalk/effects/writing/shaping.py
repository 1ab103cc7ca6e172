"""Text in any script: shaped by Pillow with libraqm, word by word, each with its place in the line.

Letters that join, marks above and below, ligatures and the direction of writing are HarfBuzz' and FriBiDi's work, which
libraqm calls. Without it Pillow sets letter after letter, left to right: scripts that this would misspell are refused.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.effects.writing.lettering import Coverage, font_file
from avwalk.errors import OptionError, clipped

_ABOVE, _BELOW, _SIDE = 1.5, 0.7, 0.5  # ems of canvas around a word: marks and swashes reach far
_FINE = 220  # an em is drawn with about so many samples, and brought down
_PAUSE = 0.12  # what a row may be uneven for the sake of a comma at its end, see `_even`
_COMPLEX = ((0x0590, 0x08FF), (0x0900, 0x0DFF), (0x0E00, 0x0FFF), (0x1000, 0x109F), (0x1780, 0x18AF), (0xFB1D, 0xFDFF))
"""Blocks that letter after letter misspells: Hebrew to Arabic, Indic scripts, Thai, Lao, Tibetan, Burmese, Khmer,
Mongolian."""


class PlacedWord(NamedTuple):
    """A word in its row.

    Attributes:
        word: which word of the line.
        x: where it begins, pixels from the row's left end.
        width: its advance without blanks behind it, pixels.
        backwards: it is read from right to left.
    """

    word: int
    x: float
    width: float
    backwards: bool


class Row(NamedTuple):
    """Words side by side, as they are seen from left to right, and how wide they are together, pixels."""

    words: tuple[PlacedWord, ...]
    width: float


class ShapedFont:
    """A font at a size.

    Args:
        name: one of `avwalk.config.text.FONTS`, or a file.
        size: of the em, pixels.

    Raises:
        OptionError: the file is no font.
    """

    def __init__(self, name: str, size: float) -> None:
        from PIL import ImageFont

        self.size = size
        self._fine = max(1, round(_FINE / size))
        engine = ImageFont.Layout.RAQM if can_shape() else ImageFont.Layout.BASIC
        try:
            self._font: Any = ImageFont.truetype(str(font_file(name)), size * self._fine, layout_engine=engine)
        except (OSError, ValueError) as error:
            raise OptionError(f"text.font '{name}' is no font that can be read: {clipped(error)}") from None

    def width(self, text: str) -> float:
        """Advance of a text, pixels."""
        return float(self._font.getlength(text)) / self._fine

    def ink(self, text: str) -> tuple[Coverage, int, int]:
        """A text's letters, and where in them its origin is: x of its left end, y of its baseline, pixels."""
        import cv2
        from PIL import Image, ImageDraw

        size, fine = self.size, self._fine
        left, up = round(_SIDE * size), round(_ABOVE * size)
        wide, tall = round(self.width(text) + 0.5) + 2 * left, up + round(_BELOW * size)
        image = Image.new("L", (wide * fine, tall * fine))
        ImageDraw.Draw(image).text((left * fine, up * fine), text, fill=255, font=self._font, anchor="ls")
        small = cv2.resize(np.asarray(image), (wide, tall), interpolation=cv2.INTER_AREA)
        return (small / np.float32(255)).astype(np.float32), left, up


@cache
def can_shape() -> bool:
    """Whether Pillow has libraqm, with FriBiDi."""
    from PIL import features

    return bool(features.check("raqm") and features.check("fribidi"))


def complex_letters(text: str) -> list[str]:
    """The letters of a text that need shaping, each once, in order."""
    found = [letter for letter in text if any(a <= ord(letter) <= b for a, b in _COMPLEX)]
    return list(dict.fromkeys(letter for letter in found if not letter.isspace()))


def is_backwards(text: str) -> bool | None:
    """Whether a text is read from right to left, by its first letter with a direction; None: none has."""
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in ("R", "AL", "L"):
            return kind != "L"
    return None


def rows_of(words: Sequence[str], font: ShapedFont, room: float, most: int) -> list[Row] | None:
    """Words in as few rows as there can be, about as wide as each other, broken behind commas where that is not far.

    Args:
        words: with the blanks behind them; where a word has none, the next may only follow in the same row, unless
            its script is written without blanks.
        font: that they are set in.
        room: pixels, that no row is wider than.
        most: rows.

    Returns:
        The rows; None: more than ``most`` are needed.
    """
    tokens = _tokens(words)
    widths = [sum(font.width(words[k]) for k in token) for token in tokens]
    ends = [words[token[-1]].rstrip() for token in tokens]
    blanks = [font.width(words[token[-1]]) - font.width(end) for token, end in zip(tokens, ends, strict=True)]
    pauses = [unicodedata.category(end[-1])[0] == "P" if end else False for end in ends]
    for n in range(1, most + 1):
        edges = _even(np.array(widths), np.array(blanks), pauses, room, n)
        if edges is not None:
            break
    else:
        return None
    backwards = next((way for word in words if (way := is_backwards(word)) is not None), False)
    parts = [[k for token in tokens[a:b] for k in token] for a, b in pairwise(edges)]
    return [_row(part, words, font, backwards=backwards) for part in parts]


def _even(
    widths: NDArray[np.float64], blanks: NDArray[np.float64], pauses: Sequence[bool], room: float, n: int
) -> list[int] | None:
    """Where each of ``n`` rows begins, and the end: the least sum of (1 − width / mean)², less for a pause at its end
    (dynamic programming, as Knuth and Plass 1981); None: a row would be wider than there is room."""
    count = len(widths)
    if count < n:
        return None
    sums = np.concatenate([[0.0], np.cumsum(widths)])
    mean = sums[-1] / n
    best = {0: (0.0, [0])}
    for row in range(n):
        found: dict[int, tuple[float, list[int]]] = {}
        for a, (cost, edges) in best.items():
            for b in range(a + 1, count + 1):
                width = sums[b] - sums[a] - blanks[b - 1]
                if width > room + 1e-6:
                    break
                if (row == n - 1) != (b == count):
                    continue
                total = cost + (1 - width / mean) ** 2 - (_PAUSE if pauses[b - 1] and b < count else 0.0)
                if b not in found or total < found[b][0]:
                    found[b] = total, [*edges, b]
        best = found
    return best[count][1] if count in best else None


def _tokens(words: Sequence[str]) -> list[list[int]]:
    """Words that no row may part."""
    tokens: list[list[int]] = []
    for k, word in enumerate(words):
        before = words[k - 1] if k else " "
        parts = _is_ideograph(before[-1:]) or _is_ideograph(word[:1])
        if tokens and not before[-1:].isspace() and (not parts or unicodedata.category(word[0])[0] == "P"):
            tokens[-1].append(k)
        else:
            tokens.append([k])
    return tokens


def _is_ideograph(letter: str) -> bool:
    return bool(letter) and (unicodedata.east_asian_width(letter) == "W" and not "\uac00" <= letter <= "\ud7a3")


def _row(indices: list[int], words: Sequence[str], font: ShapedFont, *, backwards: bool) -> Row:
    """Words in the order in which they are seen: of a line from right to left reversed, runs of the other direction
    turned back (UAX #9 at the level of words)."""
    ways = [way if (way := is_backwards(words[k])) is not None else backwards for k in indices]
    order = list(range(len(indices)))
    runs: list[list[int]] = []
    for j in order:
        if runs and ways[runs[-1][-1]] == ways[j]:
            runs[-1].append(j)
        else:
            runs.append([j])
    seen = [j for run in (runs[::-1] if backwards else runs) for j in (run[::-1] if ways[run[0]] else run)]
    placed, x = [], 0.0
    for n, j in enumerate(seen):
        text = words[indices[j]]
        bare = font.width(text.rstrip())
        placed.append(PlacedWord(indices[j], x, bare, ways[j]))
        if n + 1 < len(seen):  # the blank is behind whichever of the two comes first
            first = min(j, seen[n + 1])
            said = words[indices[first]]
            x += bare + font.width(said) - font.width(said.rstrip())
        else:
            x += bare
    return Row(tuple(placed), x)


def installed_fonts(letters: Sequence[str], most: int = 3) -> list[Path]:
    """Fonts of this machine that have all of these letters, by name; plain ones first."""
    from matplotlib import font_manager, ft2font

    found = []
    for name in sorted(font_manager.findSystemFonts(), key=lambda name: (_is_slanted(name), Path(name).name)):
        try:
            font = ft2font.FT2Font(name)
        except (OSError, RuntimeError):
            continue
        if all(font.get_char_index(ord(letter)) for letter in letters):
            found.append(Path(name))
            if len(found) == most:
                break
    return found


def _is_slanted(name: str) -> bool:
    return any(word in Path(name).stem.lower() for word in ("italic", "oblique", "mono", "condensed", "light", "thin"))
