"""Draws the golden pictures anew and says what changed. Run it after a change that is meant to be seen, then look."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from avwalk import presets
from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve
from avwalk.settings import shipped

FOLDER = Path(__file__).parent
SIZE = "160x90"
MOMENTS = (2.0, 14.0)  # seconds of the demo song: the quiet part, the beat


def cases() -> list[tuple[str, str]]:
    """(preset, generator) of every golden picture."""
    return [(name, "cppn") for name in presets.names()] + [("lsd", "testcard")]


def draw(preset: str, generator: str) -> np.ndarray:
    """The moments side by side, (H, n·W, 3) uint8 BGR."""
    request = resolve(shipped("demo-song.ogg"), {"preset": preset, "generator": generator, "size": SIZE})
    plan, made, _ = plan_of(request)
    source = source_of(plan, made)
    frames = [source.frames(round(t * 30), round(t * 30) + 1)[0] for t in MOMENTS]
    return np.round(np.concatenate(frames, axis=1)[..., ::-1] * 255).astype(np.uint8)


def path_of(preset: str, generator: str) -> Path:
    """Where the golden picture is."""
    return FOLDER / f"{preset}_{generator}.png"


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Mean structural similarity of two grey uint8 pictures (Wang 2004: 11-pixel Gaussian, sigma 1.5)."""
    a, b = a.astype(np.float64), b.astype(np.float64)

    def blur(x: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(x, (11, 11), 1.5)

    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    both = blur(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return float((top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean())


def main() -> None:
    """Draws all, prints how far each is from the old one."""
    for preset, generator in cases():
        new, path = draw(preset, generator), path_of(preset, generator)
        old = cv2.imread(str(path))
        if old is None or old.shape != new.shape:
            print(f"{path.name}: new")
        else:
            change = np.abs(new.astype(int) - old.astype(int)).mean()
            print(f"{path.name}: mean change {change:.2f} of 255, SSIM {ssim(old[..., 1], new[..., 1]):.4f}")
        path.write_bytes(cv2.imencode(".png", new)[1].tobytes())


if __name__ == "__main__":
    main()
