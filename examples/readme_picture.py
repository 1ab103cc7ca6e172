"""Draws the picture at the top of the README: six presets at four moments of the demo song."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve

ROOT = Path(__file__).parent.parent
PRESETS = ("lsd", "halcyon", "idol", "iris", "arcade", "rosace")
MOMENTS = (3.0, 12.0, 24.5, 31.0)  # seconds: quiet, verse, drop, later


def main() -> None:
    """Writes media/readme.jpg."""
    rows = []
    for name in PRESETS:
        request = resolve(ROOT / "media" / "demo-song.ogg", {"preset": name, "generator": "cppn", "size": "640x360"})
        plan, worlds, _ = plan_of(request)
        source = source_of(plan, worlds)
        frames = [source.frames(round(t * 30), round(t * 30) + 1)[0] for t in MOMENTS]
        rows.append(np.concatenate([cv2.resize(f, (320, 180), interpolation=cv2.INTER_AREA) for f in frames], axis=1))
    picture = np.round(np.concatenate(rows)[..., ::-1] * 255).astype(np.uint8)
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 88])[1]
    (ROOT / "media" / "readme.jpg").write_bytes(data.tobytes())


if __name__ == "__main__":
    main()
