"""The generator `testcard`: frame number, time, latent and parameters as readable graphics. Numpy only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.config.preset import Preset
from avwalk.contracts import Drive, Frames
from avwalk.errors import OptionError

Picture = NDArray[np.float32]

LATENT_DIM = 8
MIN_SIDE = 16

# Rows of 5 pixels from top to bottom, two hexadecimal digits each
FONT = {
    " ": "00000000000000", "0": "0E11131519110E", "1": "040C040404040E", "2": "0E11010204081F",
    "3": "1F02040201110E", "4": "02060A121F0202", "5": "1F101E0101110E", "6": "0608101E11110E",
    "7": "1F010204080808", "8": "0E11110E11110E", "9": "0E11110F01020C", "A": "0E1111111F1111",
    "B": "1E11111E11111E", "C": "0E11101010110E", "D": "1C12111111121C", "E": "1F10101E10101F",
    "F": "1F10101E101010", "G": "0E11101711110F", "H": "1111111F111111", "I": "0E04040404040E",
    "J": "0702020202120C", "K": "11121418141211", "L": "1010101010101F", "M": "111B1515111111",
    "N": "11111915131111", "O": "0E11111111110E", "P": "1E11111E101010", "Q": "0E11111115120D",
    "R": "1E11111E141211", "S": "0F10100E01011E", "T": "1F040404040404", "U": "1111111111110E",
    "V": "11111111110A04", "W": "1111111515150A", "X": "11110A040A1111", "Y": "1111110A040404",
    "Z": "1F01020408101F", ".": "00000000000C0C", ":": "000C0C000C0C00", "-": "0000001F000000",
    "+": "0004041F040400", "/": "00010204081000", "_": "0000000000001F", "#": "0A0A1F0A1F0A0A",
    "%": "18190204081303", "=": "00001F001F0000", "?": "0E110102040004",
}  # fmt: skip
ADVANCE, GLYPH_HEIGHT = 6, 7

# 75 % colour bars of ITU-R BT.709 / SMPTE RP 219, as R'G'B': grey, yellow, cyan, green, magenta, red, blue
BARS = [(0.75 * r, 0.75 * g, 0.75 * b) for g in (1, 0) for r in (1, 0) for b in (1, 0) if r or g or b]

BACK, DIM, INK, ACCENT, COLD = (
    np.array(colour, np.float32)
    for colour in (
        (0.07, 0.075, 0.09),
        (0.22, 0.23, 0.26),
        (0.93, 0.93, 0.90),
        (1.0, 0.70, 0.20),
        (0.30, 0.60, 0.90),
    )
)
HITS = ("kick", "snare", "onset", "beat", "flash")


def options(preset: Preset, model: str = "", classes: Sequence[int] = ()) -> dict[str, Any]:
    """Keywords of `Testcard` from a preset, as JSON values; neither weights nor classes matter."""
    return {"camera": preset.testcard.camera}


class Testcard:
    """A card on which a frame can be told from every other.

    Left, from the top: frame number, time in the song (``m:ss.fff``), size, fps and seed; the latent as bars
    around a middle line (full height is ±2); a ring, as wide as ``camera.zoom`` says, around which a dot goes
    once a beat (``beat_phase``), or once a second where there is no such signal. The ring is filled while a
    value called kick, snare, onset, beat or flash is above 0.5. Right: signals and parameters with their
    values; a bar is full at 1 and beyond, and blue below 0. Colour bars (BT.709, 75 %) and a grey ramp are at
    the top, a checker of single pixels in the last corner. Small cards show the number alone.

    Args:
        size: (width, height) in pixels, each ≥ 16.
        seed: of the film; it is only shown.
        camera: the camera moves the card; else it is only shown, by ring and numbers, and the card can be read.
        options: none are accepted.

    Raises:
        OptionError: the size is too small, or an option is given.
    """

    __test__ = False  # not a test class, though its name begins like one
    latent_dim = LATENT_DIM
    finishes: tuple[str, ...] = ("light", "bloom", "aberration", "vignette", "grain")  # it is to be read, not admired

    def __init__(self, size: tuple[int, int], seed: int, *, camera: bool = False, **options: object) -> None:
        width, height = size
        self.handles: tuple[str, ...] = () if camera else ("camera",)
        if options:
            raise OptionError(f"the test card has no option '{next(iter(options))}'; give camera or none")
        if width < MIN_SIDE or height < MIN_SIDE:
            raise OptionError(f"size {width}x{height} is too small for the test card; give at least 16x16")
        self._size, self._seed = (width, height), seed
        portrait = height > width
        across, down = (160, 284) if portrait else (320, 180)
        self._scale = max(1, round(min(width / across, height / down)))
        unit = self._scale
        self._left = 6 * unit
        self._top = round(height * 0.15) + 6 * unit
        # where the list of values goes: beside the number, or below it in portrait
        self._list = (6 * unit, self._top + 58 * unit) if portrait else (width // 2, self._top)
        self._foot = height - 40 * unit  # the row of latents, ring and checker
        self._roomy = width >= 140 * unit and self._foot >= self._top + 52 * unit
        self._back = _background(width, height, unit)

    def draw(self, drive: Drive) -> Frames:
        """One card per row of ``drive.latents``, (n, height, width, 3) float32 in [0, 1]."""
        width, height = self._size
        frames = np.empty((len(drive), height, width, 3), np.float32)
        frames[:] = self._back
        for k, picture in enumerate(frames):
            values = {
                name: float(curve[k]) for name, curve in sorted(drive.signals.items()) + sorted(drive.params.items())
            }
            index = drive.i0 + k
            self._numbers(picture, index, drive.fps)
            if self._roomy:
                self._bars(picture, drive.latents[k])
                self._ring(picture, values, index / drive.fps)
                self._values(picture, values)
        return frames

    def _numbers(self, picture: Picture, index: int, fps: Fraction) -> None:
        height, width = picture.shape[:2]
        unit, x, y = self._scale, self._left, self._top
        number = f"{index:06d}"
        if width < 60 or height < 60:  # no room but for the last digits
            room = max(1, (width - 2) // ADVANCE)
            write(picture, 1, height - GLYPH_HEIGHT - 1, number[-room:], 1, INK)
            return
        wide = min(3 * unit, max(1, (width - x) // (ADVANCE * len(number))))
        write(picture, x, y, number, wide, INK)
        write(picture, x, y + 8 * wide, clock_text(index / fps), min(2 * unit, wide), ACCENT)
        facts = f"{width}X{height} {float(fps):.6g}FPS #{self._seed}"
        write(picture, x, y + 8 * wide + 17 * unit, facts, unit, DIM * 2)

    def _bars(self, picture: Picture, latent: NDArray[np.float32]) -> None:
        unit, x, y = self._scale, self._left, self._foot
        half, step = 16 * unit, 8 * unit
        fill(picture, x, y + half, len(latent) * step, max(1, unit // 2), DIM)
        for j, value in enumerate(np.nan_to_num(latent)):
            length = round(half * min(1.0, abs(float(value)) / 2))
            fill(picture, x + j * step, y + half - (length if value > 0 else 0), 6 * unit, length, INK)

    def _ring(self, picture: Picture, values: Mapping[str, float], seconds: Fraction) -> None:
        unit = self._scale
        zoom = values.get("camera.zoom", 1.0)
        radius = 13 * unit * float(np.clip(zoom if np.isfinite(zoom) else 1.0, 0.2, 1.4))
        cx, cy = self._left + (8 * LATENT_DIM + 26) * unit, self._foot + 16 * unit
        reach = 20 * unit
        y0, x0 = max(0, cy - reach), max(0, cx - reach)
        part = picture[y0 : cy + reach, x0 : cx + reach]
        dy = np.arange(y0, y0 + part.shape[0])[:, None] - cy
        dx = np.arange(x0, x0 + part.shape[1])[None] - cx
        distance = np.hypot(dx, dy)
        part[np.abs(distance - radius) < 0.8 * unit] = INK
        if any(name.rpartition(".")[2] in HITS and value > 0.5 for name, value in values.items()):
            part[distance < radius - 2 * unit] = ACCENT
        phase = values.get("beat_phase", float(seconds % 1))
        angle = 2 * np.pi * (phase if np.isfinite(phase) else 0.0)
        dot = np.hypot(dx - radius * np.sin(angle), dy + radius * np.cos(angle))
        part[dot < 3.2 * unit] = ACCENT

    def _values(self, picture: Picture, values: Mapping[str, float]) -> None:
        unit = self._scale
        x, y = self._list
        row = 9 * unit
        width = picture.shape[1] - x - 6 * unit
        letters = min(15, width // (2 * ADVANCE * unit))
        name_width, number_width = (letters * ADVANCE + 3) * unit, (6 * ADVANCE + 2) * unit
        bar_width = max(0, width - name_width - number_width)
        for k, name in enumerate(values):
            top = y + k * row
            if top + row > self._foot:
                break
            value = values[name]
            write(picture, x, top, name[:letters], unit, DIM * 2.6)
            write(picture, x + name_width, top, f"{value:.3g}"[:6], unit, INK)
            left = x + name_width + number_width
            fill(picture, left, top + unit, bar_width, 5 * unit, DIM * 0.6)
            share = min(1.0, abs(value)) if np.isfinite(value) else 0.0
            fill(picture, left, top + unit, round(bar_width * share), 5 * unit, ACCENT if value > 0 else COLD)


def clock_text(seconds: Fraction) -> str:
    """``m:ss.fff``, cut (not rounded) to the millisecond."""
    whole = seconds * 1000 // 1
    return f"{whole // 60000}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"


def fill(picture: Picture, x: int, y: int, width: int, height: int, colour: NDArray[np.float32]) -> None:
    """A rectangle; what lies outside of the picture is left out."""
    picture[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)] = colour


def write(picture: Picture, x: int, y: int, text: str, scale: int, colour: NDArray[np.float32]) -> None:
    """Text with its upper left corner at (x, y), in capitals, ``scale`` pixels for each dot."""
    mask = np.concatenate([_glyph(letter) for letter in text.upper()], axis=1) if text else np.zeros((7, 0), bool)
    mask = mask.repeat(scale, 0).repeat(scale, 1)
    part = picture[max(0, y) : y + mask.shape[0], max(0, x) : x + mask.shape[1]]
    part[mask[: part.shape[0], : part.shape[1]]] = colour


@lru_cache
def _glyph(letter: str) -> NDArray[np.bool_]:
    """(7, 6) dots, the last column empty; a question mark for what the font lacks."""
    rows = np.frombuffer(bytes.fromhex(FONT.get(letter, FONT["?"])), np.uint8)
    return np.pad((rows[:, None] >> np.arange(4, -1, -1)) & 1, ((0, 0), (0, 1))).astype(bool)


def _background(width: int, height: int, unit: int) -> Picture:
    """Colour bars, grey ramp, checker: what no frame changes."""
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = BACK
    bars, ramp = round(height * 0.10), round(height * 0.15)
    picture[:bars] = np.array(BARS, np.float32)[np.arange(width) * len(BARS) // width]
    picture[bars:ramp] = np.linspace(0, 1, width, dtype=np.float32)[:, None]
    side = min(32 * unit, height // 4, width // 4)
    corner = np.indices((side, side)).sum(0) % 2
    picture[height - side :, width - side :] = corner[..., None]
    return picture
