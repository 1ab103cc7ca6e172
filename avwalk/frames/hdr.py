"""High dynamic range to the display-referred sRGB of a film: PQ and HLG in BT.2020, as phones and cameras record them.

Light is put through the EETF of ITU-R BT.2390-11 §5.4.1 on the largest of R, G and B, so that hues stay, down to a
white of 203 cd/m², the reference of BT.2408; then BT.2020 becomes BT.709 and what lies outside is clipped. HLG is what
a display of 1000 cd/m² shows (BT.2100 OOTF, gamma 1.2).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from av.video.frame import VideoFrame

WHITE = 203.0
"""cd/m² that become 255."""
PEAK = 1000.0
"""cd/m² of the brightest pixel, where a file does not say; and of the display that HLG is shown on."""
_TRANSFERS: dict[int, Literal["pq", "hlg"]] = {16: "pq", 18: "hlg"}
_WIDE = 9  # BT.2020 primaries
_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
_STEPS = 8192


@dataclass(frozen=True)
class Light:
    """How the code values of a video stand for light.

    Attributes:
        transfer: ``pq``, ``hlg``; ``sdr`` in wide colours.
        peak: cd/m² of its brightest pixel.
    """

    transfer: Literal["pq", "hlg", "sdr"]
    peak: float

    def __str__(self) -> str:
        """For people, and for the hash of a film."""
        return "BT.2020" if self.transfer == "sdr" else f"{self.transfer.upper()}, {self.peak:g} cd/m²"


def light_of(frame: VideoFrame) -> Light | None:
    """How a decoded picture stands for light; None: as a film does."""
    transfer = _TRANSFERS.get(int(frame.color_trc or 0))
    if transfer is None:
        return Light("sdr", WHITE) if frame.color_primaries == _WIDE else None
    if transfer == "hlg":
        return Light("hlg", PEAK)
    sides = {side.type.name: bytes(side) for side in cast("Iterable[Any]", frame.side_data)}
    return Light("pq", peak_of(sides.get("CONTENT_LIGHT_LEVEL"), sides.get("MASTERING_DISPLAY_METADATA")))


def peak_of(content: bytes | None, mastering: bytes | None) -> float:
    """The brightest pixel of a PQ video, cd/m², as its metadata say; `PEAK` where they do not.

    Args:
        content: AVContentLightMetadata; its MaxCLL is what the pixels reach.
        mastering: AVMasteringDisplayMetadata; the display that it was made on.
    """
    found = 0.0
    if content and len(content) >= 4:
        found = float(struct.unpack_from("=I", content)[0])
    if not found and mastering and len(mastering) >= 88:
        over, under = struct.unpack_from("=ii", mastering, 72)
        has_luminance = struct.unpack_from("=i", mastering, 84)[0]
        found = over / under if has_luminance and under > 0 else 0.0
    return min(max(found, WHITE), 10000.0) if found > 0 else PEAK


class ToneMap:
    """Pictures of one `Light` as a film shows them.

    Args:
        light: of the pictures.
    """

    def __init__(self, light: Light) -> None:
        code = np.linspace(0.0, 1.0, 65536)
        table = {"pq": _pq_light, "hlg": _hlg_scene, "sdr": _sdr_light}[light.transfer](code)
        top = 10000.0 if light.transfer == "pq" else light.peak
        levels = np.linspace(0.0, 1.0, _STEPS + 1) ** 4 * top
        self._light, self._hlg, self._top = table.astype(np.float32), light.transfer == "hlg", np.float32(top)
        mapped = _eetf(levels, light.peak) if light.transfer != "sdr" else levels
        ratio = np.divide(mapped, levels, out=np.ones_like(levels), where=levels > 0)
        self._gains = (ratio / WHITE).astype(np.float32)
        linear = np.linspace(0.0, 1.0, _STEPS + 1) ** 2
        curve = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        self._codes = (255 * curve).astype(np.float32)

    def apply(self, picture: NDArray[np.uint16]) -> NDArray[np.uint8]:
        """(h, w, 3) R G B of 16 bits, 65535 the largest code value, to 8 bits of sRGB."""
        out = np.empty(picture.shape, np.uint8)
        exponent = np.float32(0.2 if self._hlg else 0.0)
        _mapped(np.ascontiguousarray(picture), self._light, self._gains, self._codes, self._top, exponent, out)
        return out


def _pq_light(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """SMPTE ST 2084: cd/m²."""
    power = code ** (1 / _M2)
    return 10000 * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1)


def _pq_code(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of `_pq_light`."""
    power = (np.maximum(light, 0) / 10000) ** _M1
    return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2


def _hlg_scene(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of the HLG OETF (BT.2100): light of the scene, 0 to 1."""
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * math.log(4 * a)
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)


def _sdr_light(code: NDArray[np.float64]) -> NDArray[np.float64]:
    return WHITE * np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def _eetf(light: NDArray[np.float64], peak: float) -> NDArray[np.float64]:
    """BT.2390-11 §5.4.1, from black to ``peak`` on to black to `WHITE`; above the peak, white."""
    if peak <= WHITE:
        return np.minimum(light, WHITE)
    whole, largest = float(_pq_code(np.array(peak))), float(_pq_code(np.array(WHITE)))
    e, most = np.minimum(_pq_code(light) / whole, 1.0), largest / whole
    knee = 1.5 * most - 0.5
    t = (e - knee) / (1 - knee)
    curve = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * most
    return _pq_light(np.where(e < knee, e, curve) * whole)


@kernel("void(u2[:,:,::1], f4[::1], f4[::1], f4[::1], f4, f4, u1[:,:,::1])")
def _mapped(picture: Any, light: Any, gains: Any, codes: Any, top: Any, exponent: Any, out: Any) -> None:
    """See `ToneMap.apply`; gains are even in the fourth root of light, codes in the root."""
    steps = np.float32(gains.shape[0] - 1)
    last = gains.shape[0] - 2
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            r, g, b = light[picture[y, x, 0]], light[picture[y, x, 1]], light[picture[y, x, 2]]
            if exponent > 0:
                whole = np.float32(0.2627) * r + np.float32(0.6780) * g + np.float32(0.0593) * b
                show = top * whole**exponent
                r, g, b = r * show, g * show, b * show
            at = min(float(math.sqrt(math.sqrt(max(r, g, b) / top))), 1.0) * steps
            k = min(int(at), last)
            gain = gains[k] + (gains[k + 1] - gains[k]) * np.float32(at - k)
            r, g, b = r * gain, g * gain, b * gain
            red = np.float32(1.660491) * r - np.float32(0.587641) * g - np.float32(0.072850) * b
            green = np.float32(-0.124550) * r + np.float32(1.132900) * g - np.float32(0.008349) * b
            blue = np.float32(-0.018151) * r - np.float32(0.100579) * g + np.float32(1.118730) * b
            for c in range(3):
                value = red if c == 0 else green if c == 1 else blue
                place = math.sqrt(min(max(value, np.float32(0)), np.float32(1))) * steps
                j = min(int(place), last)
                out[y, x, c] = int(codes[j] + (codes[j + 1] - codes[j]) * np.float32(place - j) + np.float32(0.5))
