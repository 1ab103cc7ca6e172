"""Pictures as OpenCV reads them, where a test needs that there is one."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


def read(path: Path | str, flags: int = cv2.IMREAD_COLOR) -> np.ndarray:
    """The picture in a file, BGR unless the flags say otherwise: (h, w, 3)."""
    return decoded(Path(path).read_bytes(), flags)


def decoded(data: bytes, flags: int = cv2.IMREAD_COLOR) -> np.ndarray:
    """The picture in a file's bytes."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    assert picture is not None, "not a picture"
    return picture
