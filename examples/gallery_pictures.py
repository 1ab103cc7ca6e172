"""Draws the pictures of the documentation's gallery, each preset in motion and three frames of it, and writes its page.

python examples/gallery_pictures.py [PRESET ...]
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from avwalk import presets
from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve

ROOT = Path(__file__).resolve().parent.parent
SONG = ROOT / "media" / "demo-song.ogg"
FOLDER = ROOT / "docs" / "pictures" / "presets"
PAGE = ROOT / "docs" / "gallery.md"
START, LENGTH = "drop:1-1bars", "2bars"
FPS = "12.6"  # six frames a beat at 126 BPM: beats fall on frames
SIZE, DRAWN = (288, 162), "576x324"  # drawn larger than shown, so that lines and grain are those of a film
STILLS, STILL = (1 / 8, 5 / 8, 7 / 8), (160, 90)
MAX_BYTES = 480_000

Picture = NDArray[np.uint8]


def main(*names: str) -> None:
    """Writes NAME.webp, which moves, and NAME.jpg, three frames side by side, for each preset; then the page of all."""
    for name in names or shipped_names():
        pictures = frames_of(name)
        stills = [
            cv2.resize(pictures[int(share * len(pictures))], STILL, interpolation=cv2.INTER_AREA) for share in STILLS
        ]
        cv2.imwrite(str(FOLDER / f"{name}.jpg"), np.hstack(stills), [cv2.IMWRITE_JPEG_QUALITY, 80])
        quality, size = write(FOLDER / f"{name}.webp", pictures)
        print(f"{name:10} {len(pictures)} frames, quality {quality}, {size / 1e3:.0f} kB", flush=True)

    PAGE.write_text(page(), encoding="utf-8", newline="\n")


def shipped_names() -> list[str]:
    """Of the presets that come with avwalk; those that begin with an underscore are no looks."""
    return sorted(file.stem for file in (ROOT / "presets").glob("[!_]*.toml"))


def page() -> str:
    """The page that shows every preset in motion."""
    parts = [
        "# Gallery\n",
        f"{LENGTH.removesuffix('bars')} bars of the demo song in each preset, from one before the drop on.\n",
    ]
    for name in shipped_names():
        preset = presets.load(str(ROOT / "presets" / f"{name}.toml")).values
        parts += [
            f"## {preset.title}\n",
            f"{preset.description}\n",
            f"![{preset.title} in motion](pictures/presets/{name}.webp)\n",
            f"    avwalk render song.wav --preset {name}\n",
            f"![Six frames of {preset.title}, in colour and in grey](../media/gallery/{name}.jpg)\n",
        ]
    return "\n".join(parts)


def frames_of(name: str) -> list[Picture]:
    """The film around the drop, (h, w, 3) B, G, R each."""
    options = {"preset": name, "generator": "cppn", "size": DRAWN, "fps": FPS, "no_cues": True}
    plan, worlds, _ = plan_of(resolve(SONG, {**options, "start": START, "duration": LENGTH}))
    source = source_of(plan, worlds)
    small = (
        cv2.resize(source.frames(i, i + 1)[0], SIZE, interpolation=cv2.INTER_AREA) for i in range(plan.i0, plan.i1)
    )
    return [np.round(np.clip(frame[..., ::-1], 0, 1) * 255).astype(np.uint8) for frame in small]


def write(out: Path, pictures: list[Picture]) -> tuple[int, int]:
    """An animated WebP without end, as good as fits into `MAX_BYTES`; its quality and its size in bytes.

    Every picture is whole (``kmax=1``): encoders that leave out what hardly changed leave blocks behind.
    """
    first, *others = (Image.fromarray(picture[..., ::-1]) for picture in pictures)
    times = np.round(np.arange(len(pictures) + 1) * 1000 / float(FPS)).astype(int)
    film = {"save_all": True, "append_images": others, "duration": np.diff(times).tolist(), "loop": 0, "kmax": 1}
    for quality in (75, 65, 55, 45, 35, 25, 15, 8):
        file = io.BytesIO()
        first.save(file, "WEBP", quality=quality, method=4, **film)
        if file.tell() <= MAX_BYTES:
            out.write_bytes(file.getvalue())
            return quality, file.tell()
    raise SystemExit(f"{out.name}: {len(pictures)} frames do not fit into {MAX_BYTES} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
