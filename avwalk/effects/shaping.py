"""Text in any script: shaped by Pillow with libraqm, word by word, each with its place in the line.

Letters that join, marks above and below, ligatures and the direction of writing are HarfBuzz' and FriBiDi's work, which
libraqm calls. Without it Pillow sets letter after letter, left to right: scripts that this would misspell are refused.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from avwalk.effects.lettering import Coverage, font_file
from avwalk.errors import OptionError, clipped

_ABOVE, _BELOW, _SIDE = 1.5, 0.7, 0.5  # ems of canvas around a word: marks and swashes reach far
_FINE = 220  # an em is drawn with about so many samples, and brought down
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
    """Words in rows no wider than there is room, all about as wide; None: more than ``most`` rows are needed.

    Args:
        words: with the blanks behind them; where a word has none, the next may only follow in the same row, unless
            its script is written without blanks.
        font: that they are set in.
        room: pixels.
        most: rows.
    """
    tokens = _tokens(words)
    widths = [sum(font.width(words[k]) for k in token) for token in tokens]
    blanks = [font.width(words[token[-1]]) - font.width(words[token[-1]].rstrip()) for token in tokens]
    broken = _broken(widths, blanks, room)
    if broken is None or len(broken) > most:
        return None
    low, high = max(widths), room
    for _ in range(12 if len(broken) > 1 else 0):  # as narrow as so many rows can be: then they are about even
        middle = (low + high) / 2
        tighter = _broken(widths, blanks, middle)
        if tighter is not None and len(tighter) == len(broken):
            broken, high = tighter, middle
        else:
            low = middle
    backwards = next((way for word in words if (way := is_backwards(word)) is not None), False)
    return [_row([k for t in row for k in tokens[t]], words, font, backwards=backwards) for row in broken]


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


def _broken(widths: Sequence[float], blanks: Sequence[float], room: float) -> list[list[int]] | None:
    """Tokens of each row; None: one of them alone is too wide."""
    rows: list[list[int]] = []
    x = 0.0
    for k, (width, blank) in enumerate(zip(widths, blanks, strict=True)):
        if width - blank > room + 1e-6:
            return None
        if not rows or x + width - blank > room + 1e-6:
            rows.append([])
            x = 0.0
        rows[-1].append(k)
        x += width
    return rows


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
