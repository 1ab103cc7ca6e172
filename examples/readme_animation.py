"""Draws the moving picture at the top of the README: three presets, four bars of verse and four after the drop.

python examples/readme_animation.py [OUT.webp]
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.audio.decode import read_song
from avwalk.cli.plots.waveform import waveform
from avwalk.effects.writing.lettering import face
from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.request.resolve import resolve

ROOT = Path(__file__).resolve().parent.parent
SONG = ROOT / "media" / "demo-song.ogg"
PRESETS = ("lsd", "idol", "throat")
MOMENTS = {"verse": "section:2", "drop": "drop:1"}
FPS = 21  # ten frames a beat at 126 BPM: beats fall on frames
CELL, GAP, LANE, LEFT = (296, 166), 6, 46, 66
WIDTH = len(PRESETS) * CELL[0] + (len(PRESETS) - 1) * GAP
GROUND, FAINT, INK, HIT = (16, 15, 14), (92, 84, 78), (236, 232, 228), (84, 160, 255)  # B, G, R
MAX_BYTES = 4_000_000

Picture = NDArray[np.uint8]


def main(out: str = str(ROOT / "media" / "readme.webp"), length: str = "4bars", generator: str = "cppn") -> None:
    """Writes an animated WebP without end, as good as fits into `MAX_BYTES`."""
    rows = []
    for name, start in MOMENTS.items():
        cells = []
        for preset in PRESETS:
            options = {"preset": preset, "generator": generator, "size": "592x332", "fps": FPS, "no_cues": True}
            request = resolve(SONG, {**options, "start": start, "duration": length})
            plan, worlds, _ = plan_of(request)
            source = source_of(plan, worlds)
            cells.append([small(source.frames(i, i + 1)[0], preset) for i in range(plan.i0, plan.i1)])
        outline = waveform(read_song(request.song, *samples_of(plan)), WIDTH - LEFT - 1, np.diff(samples_of(plan))[0])
        lane = [draw_lane(plan, outline, name, k) for k in range(plan.n_frames)]
        gap = np.full((CELL[1], GAP, 3), GROUND, np.uint8)
        rows.append([np.vstack([np.hstack([a, gap, b, gap, c]), d]) for a, b, c, d in zip(*cells, lane, strict=True)])
    write(Path(out), [np.vstack(pair) for pair in zip(*rows, strict=True)])


def small(frame: NDArray[np.float32], preset: str) -> Picture:
    """A frame as large as its cell, with its preset's name, (h, w, 3) B, G, R."""
    cell: NDArray[Any] = cv2.resize(frame[..., ::-1], CELL, interpolation=cv2.INTER_AREA)
    word = face("sans").line(preset, 13)
    h, w = word.shape
    spot = cell[CELL[1] - h - 6 : CELL[1] - 6, 9 : 9 + w]
    shade = cv2.GaussianBlur(cv2.copyMakeBorder(word, 8, 8, 8, 8, cv2.BORDER_CONSTANT), (0, 0), 2.5)[8:-8, 8:-8]
    spot *= 1 - np.clip(1.6 * shade, 0, 0.8)[..., None]
    spot += word[..., None] * (1 - spot)
    return np.round(cell * 255).astype(np.uint8)


def samples_of(plan: Plan) -> tuple[int, int]:
    """First and last sample under a film."""
    rate = plan.film.song.sample_rate
    return round(plan.i0 / plan.fps * rate), round(plan.i1 / plan.fps * rate)


def draw_lane(plan: Plan, outline: NDArray[np.float32], name: str, k: int) -> Picture:
    """What is heard at frame k: the waveform, the kicks as dots above it, and a playhead; (LANE, WIDTH, 3)."""
    lane = np.full((LANE, WIDTH, 3), GROUND, np.uint8)
    room, middle = len(outline), 27
    head = LEFT + (k + 0.5) / plan.n_frames * room
    for x, (low, high) in enumerate(outline, LEFT):
        loud = min(
            max(1.0, 26 * max(high, -low) ** 2), 17.0
        )  # power: a mastered song is as loud as can be all the time
        colour = INK if x <= head else FAINT
        cv2.line(lane, (x, round(middle - loud)), (x, round(middle + loud)), colour, 1)
    for time, height in plan.events:
        since = k - (round(time * plan.fps) - plan.i0)
        at = round(float(time * plan.fps) - plan.i0) / plan.n_frames
        if not 0 <= at < 1 or height < 0.2:
            continue
        glow = max(0.0, 1 - since / 8) if since >= 0 else 0.0
        share = 0.25 + 0.75 * glow if since >= 0 else 0.0
        tint = tuple(int(faint + (hit - faint) * share) for faint, hit in zip(FAINT, HIT, strict=True))
        centre = (round((LEFT + at * room) * 16), 6 * 16)
        cv2.circle(lane, centre, round((2.4 + 2.4 * glow) * 16), tint, -1, cv2.LINE_AA, 4)
    cv2.line(lane, (round(head), 2), (round(head), LANE - 3), HIT, 1)
    word = face("sans").line(name, 14)[..., None]
    spot = lane[middle - 12 : middle - 12 + len(word), 9 : 9 + word.shape[1]]
    spot[:] = np.round(spot + word * (np.array(INK) - spot.astype(np.float64))).astype(np.uint8)
    return lane


def write(out: Path, pictures: Sequence[Picture]) -> None:
    """An animated WebP, every picture whole: encoders that leave out what hardly changed leave blocks behind."""
    for quality in range(90, 10, -2):
        if 8 * len(encoded(pictures[::8], quality)) > 1.03 * MAX_BYTES:  # far too large: not worth the minutes
            continue
        if len(data := encoded(pictures, quality)) <= MAX_BYTES:
            out.write_bytes(data)
            h, w = pictures[0].shape[:2]
            print(f"{out}   {len(pictures)} pictures of {w}x{h}, quality {quality}, {len(data) / 1e6:.2f} MB")
            return
    raise SystemExit(f"{len(pictures)} pictures do not fit into {MAX_BYTES} bytes")


def encoded(pictures: Sequence[Picture], quality: int) -> bytes:
    """A WebP that begins again for ever; each picture is as long as the clock says, in whole milliseconds."""
    file = io.BytesIO()
    with av.open(file, "w", format="webp", options={"loop": "0"}) as container:
        stream = container.add_stream("libwebp", rate=FPS, options={"quality": str(quality), "compression_level": "6"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "bgra"
        for picture in pictures:
            bgra: NDArray[Any] = cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA)
            frame = av.VideoFrame.from_ndarray(bgra, format="bgra")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
