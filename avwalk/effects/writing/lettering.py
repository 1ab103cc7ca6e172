"""Text rasterisation: lines of text as coverage masks, from the outlines of the DejaVu fonts of matplotlib."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.errors import OptionError, clipped

Coverage = NDArray[np.float32]
"""(h, w) in [0, 1]: how much of a pixel the letters cover."""

FONTS = {
    "sans": "DejaVuSans.ttf",
    "bold": "DejaVuSans-Bold.ttf",
    "serif": "DejaVuSerif.ttf",
    "mono": "DejaVuSansMono.ttf",
}
_EM = 1000  # units in which outlines are read
_SAMPLES = 320  # an em and direction, at least: polygons are filled half a sample too far
_BITS = 6  # of OpenCV's coordinates below a sample
_CURVE = np.linspace(0, 1, 9)[1:, None]  # points on a curve of an outline


def font_file(name: str) -> Path:
    """The file of a font: one of `FONTS`, or a file that is named."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / FONTS[name] if name in FONTS else Path(name)


class Face:
    """A font.

    Args:
        name: one of `FONTS`, or a file.

    Raises:
        OptionError: the file is no font.
    """

    def __init__(self, name: str) -> None:
        from matplotlib import ft2font

        try:
            self._font: Any = ft2font.FT2Font(str(font_file(name)))
        except (OSError, RuntimeError) as error:
            raise OptionError(f"text.font '{name}' is no font that can be read: {clipped(error)}") from None
        self._font.set_size(_EM, 72)
        # matplotlib had plain constants before 3.10
        old: Any = ft2font
        self._unhinted: Any = ft2font.LoadFlags.NO_HINTING if hasattr(old, "LoadFlags") else old.LOAD_NO_HINTING
        self._unfitted: Any = ft2font.Kerning.UNFITTED if hasattr(old, "Kerning") else old.KERNING_UNFITTED

    def has(self, letter: str) -> bool:
        """Whether the font can draw a letter; white space needs no drawing."""
        return letter.isspace() or bool(self._font.get_char_index(ord(letter)))

    def line(self, text: str, size: float, spacing: float = 0.0) -> Coverage:
        """A line of text; characters missing in the font are omitted.

        Args:
            text: composed Unicode, without line breaks.
            size: of the em, pixels.
            spacing: between letters, ems.

        Returns:
            (⌈1.3 · size⌉, w): the baseline is one em below the upper edge.
        """
        import cv2

        fine = max(4, round(_SAMPLES / size + 0.5))
        scale = size / _EM * fine
        x, before, outlines = 0.0, 0, []
        for letter in text:
            index = self._font.get_char_index(ord(letter))
            if not index:
                x += (0.3 + spacing) * _EM if letter.isspace() else 0.0
                continue
            if before:
                x += self._font.get_kerning(before, index, self._unfitted) / 64
            glyph = self._font.load_char(ord(letter), flags=self._unhinted)
            # the cells of the bitmap begin half a sample before its coordinates
            corner = np.array([x * scale, size * fine]) - 0.5
            flip = np.array([scale, -scale])
            outlines.append([contour * flip + corner for contour in _contours(self._font)])
            x += glyph.linearHoriAdvance / 65536 + spacing * _EM
            before = index
        # slanted and wide letters reach over their advance
        width = max(1, round((x / _EM - spacing + 0.15) * size) if outlines else 1)
        mask = np.zeros((round(1.3 * size + 0.5) * fine, width * fine), np.uint8)
        for contours in outlines:
            # outer contours turn the other way than holes; by size, so that what is inside comes later
            for contour in sorted(contours, key=lambda c: -abs(_area(c))):
                points = np.round(contour * (1 << _BITS)).astype(np.int32)
                cv2.fillPoly(mask, [points], 255 if _area(contour) > 0 else 0, cv2.LINE_AA, _BITS)
        small = cv2.resize(mask, None, fx=1 / fine, fy=1 / fine, interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32) / np.float32(255)

    def width(self, text: str, size: float, spacing: float = 0.0) -> float:
        """Of a line, pixels."""
        x, before = 0.0, 0
        for letter in text:
            index = self._font.get_char_index(ord(letter))
            if index:
                x += self._font.get_kerning(before, index, self._unfitted) / 64 if before else 0.0
                x += self._font.load_char(ord(letter), flags=self._unhinted).linearHoriAdvance / 65536 + spacing * _EM
                before = index
        return (x / _EM - spacing) * size

    def wrap(self, text: str, size: float, spacing: float, room: float, most: int) -> tuple[list[str], float]:
        """Lines no wider than ``room``, as even as words allow, and the size at which there are at most ``most``."""
        for _ in range(12):
            lines = self._broken(text, size, spacing, room)
            if len(lines) <= most and max(self.width(line, size, spacing) for line in lines) <= room:
                break
            size *= 0.9
        # the same number of lines, the last one not a lone word
        for part in (0.6, 0.7, 0.8, 0.9):
            even = self._broken(text, size, spacing, part * room)
            if len(even) == len(lines):
                return even, size
        return lines, size

    def _broken(self, text: str, size: float, spacing: float, room: float) -> list[str]:
        lines: list[str] = []
        for word in text.split():
            if lines and self.width(f"{lines[-1]} {word}", size, spacing) <= room:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return lines or [""]


def face(name: str) -> Face:
    """The font of that name or file, opened once."""
    try:
        stamp = font_file(name).stat().st_mtime_ns
    except OSError:
        stamp = 0
    return _face(name, stamp)


@cache
def _face(name: str, stamp: int) -> Face:
    return Face(name)


def composed(text: str) -> str:
    """Text in Unicode NFC with single blanks, as fonts expect."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def unwritable(text: str, font: str) -> list[str]:
    """Warnings about text that the font cannot show: missing characters, right-to-left scripts."""
    text = composed(text)
    notes = []
    if missing := sorted({letter for letter in text if not face(font).has(letter)}):
        shown = " ".join(missing[:12]) + (" …" if len(missing) > 12 else "")
        notes.append(f"text: the font has no {shown}; these letters are left out")
    if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text):
        notes.append("text: writing from right to left is not set as it should be; letters stand from left to right")
    return notes


def _contours(font: Any) -> list[NDArray[np.float64]]:
    """The closed outlines of the letter that was loaded last, as polygons (n, 2), units of `_EM`, y upwards."""
    vertices, codes = font.get_path()
    found: list[NDArray[np.float64]] = []
    points: list[NDArray[np.float64]] = []
    k = 0
    while k < len(codes):
        if codes[k] == 1:
            points = [vertices[k][None]]
        elif codes[k] == 2:
            points.append(vertices[k][None])
        elif codes[k] == 3:  # a parabola: where it is, its control point, its end
            a, b, c = points[-1][-1], vertices[k], vertices[k + 1]
            points.append((1 - _CURVE) ** 2 * a + 2 * _CURVE * (1 - _CURVE) * b + _CURVE**2 * c)
            k += 1
        elif codes[k] == 79:
            found.append(np.concatenate(points))
        k += 1
    return found


def _area(contour: NDArray[np.float64]) -> float:
    """Twice the signed area: above 0 for what is filled, with y downwards."""
    x, y = contour[:, 0], contour[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
