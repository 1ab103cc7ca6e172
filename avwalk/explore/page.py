"""HTML page to pick pictures by clicking; it shows the command that keeps their seeds. Self-contained."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from avwalk.arrays.colour import to_8bit
from avwalk.contracts import Frames
from avwalk.files.atomic import write_file

SIDE = 640  # pixels: larger pictures are shrunk to this
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
:root {{ color-scheme: dark }}
body {{ margin: 0; background: #141618; color: #dcdad6; font: 15px/1.5 system-ui, sans-serif }}
h1 {{ font-size: 17px; font-weight: 500; margin: 24px 24px 16px; max-width: 70ch }}
main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); gap: 16px; padding: 0 24px 96px }}
label {{ display: block; cursor: pointer }}
img {{ width: 100%; display: block; border-radius: 4px; outline: 3px solid transparent; outline-offset: 2px }}
input {{ position: absolute; opacity: 0 }}
input:checked + img {{ outline-color: #e8a33d }}
input:focus-visible + img {{ outline-color: #7fb2e5 }}
span {{ display: flex; justify-content: space-between; padding: 6px 2px; color: #a7a49e }}
b {{ color: #f2efe9; font-weight: 600 }}
footer {{ position: fixed; inset: auto 0 0 0; display: flex; gap: 12px; padding: 14px 24px; background: #1d2023 }}
code {{ flex: 1; overflow-x: auto; white-space: nowrap; font: 14px/1.9 ui-monospace, monospace }}
button {{ font: inherit; padding: 2px 16px; border: 0; border-radius: 4px; background: #e8a33d; color: #141618 }}
</style></head><body>
<h1>{title}</h1>
<main>
{cells}
</main>
<footer><code id="command"></code><button id="copy">Copy</button></footer>
<script>
const again = {again};
const boxes = [...document.querySelectorAll("input")];
const command = document.getElementById("command");
function show() {{
  const picked = boxes.filter(box => box.checked).map(box => box.value).join(",");
  command.textContent = picked ? again + " --keep " + picked : "Pick pictures to see the command that keeps them.";
}}
boxes.forEach(box => box.addEventListener("change", show));
document.getElementById("copy").addEventListener("click", () => navigator.clipboard.writeText(command.textContent));
show();
</script></body></html>
"""
_CELL = (
    '<label><input type="checkbox" value="{number}"><img alt="seed {seed}" src="data:image/jpeg;base64,{data}">'
    "<span><b>{number}</b>{seed}</span></label>"
)


def page(title: str, cells: Sequence[tuple[int, int, Frames]], again: str, out: Path) -> None:
    """Writes the page.

    Args:
        title: over the pictures.
        cells: number, seed and picture (H, W, 3) float32 sRGB in [0, 1] of each.
        again: the command, up to ``--keep``.
        out: the file, written atomically.

    Raises:
        OutputError: it cannot be written.
    """
    shown = "\n".join(_CELL.format(number=number, seed=seed, data=_jpeg(picture)) for number, seed, picture in cells)
    script = json.dumps(again).replace("<", "\\u003c")
    text = _PAGE.format(title=html.escape(title), cells=shown, again=script)
    write_file(out, text)


def _jpeg(picture: Frames) -> str:
    import cv2

    h, w = picture.shape[:2]
    if (scale := SIDE / max(h, w)) < 1:
        size = (max(1, round(w * scale)), max(1, round(h * scale)))
        picture = np.asarray(cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA), np.float32)
    eight = to_8bit(picture)
    done, data = cv2.imencode(".jpg", eight[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
    assert done, "JPEG takes any 8-bit picture"
    return base64.b64encode(data.tobytes()).decode("ascii")
