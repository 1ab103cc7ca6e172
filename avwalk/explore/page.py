"""HTML page to mark pictures good and bad; it shows the commands that keep them and learn from them. Self-contained."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
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
h1 {{ font-size: 17px; font-weight: 500; margin: 24px 24px 4px; max-width: 70ch }}
p {{ margin: 0 24px 16px; color: #a7a49e }}
kbd {{ font: 13px ui-monospace, monospace; border: 1px solid #4a4e54; border-radius: 3px; padding: 0 5px }}
main {{ display: grid; gap: 16px; padding: 0 24px 140px;
  grid-template-columns: repeat(auto-fill, minmax({width}px, 1fr)) }}
article {{ cursor: pointer; border-radius: 6px; padding: 5px; border: 3px solid transparent; outline: none }}
article:focus {{ background: #26292d }}
article.good {{ border-color: #6fbf83 }}
article.bad {{ border-color: #d9606b }}
article.bad img {{ opacity: .45 }}
.pictures {{ display: grid; grid-template-columns: repeat({across}, 1fr); gap: 3px }}
img {{ width: 100%; display: block; border-radius: 3px }}
span {{ display: flex; justify-content: space-between; padding: 6px 2px 0; color: #a7a49e }}
b {{ color: #f2efe9; font-weight: 600 }}
i {{ font-style: normal; font-weight: 600 }}
.good i {{ color: #8fd19e }}
.bad i {{ color: #ff8b95 }}
footer {{ position: fixed; inset: auto 0 0 0; padding: 8px 24px; background: #1d2023 }}
footer div {{ display: flex; gap: 12px; padding: 4px 0 }}
code {{ flex: 1; overflow-x: auto; white-space: nowrap; font: 14px/1.9 ui-monospace, monospace }}
button {{ font: inherit; padding: 2px 16px; border: 0; border-radius: 4px; background: #e8a33d; color: #141618 }}
</style></head><body>
<h1>{title}</h1>
<p><kbd>g</kbd> good, <kbd>b</kbd> bad, <kbd>n</kbd> neither; arrow keys go on. A click marks a picture good.</p>
<main>
{cells}
</main>
<footer><div><code id="keep"></code><button data-of="keep">Copy</button></div>
<div id="learning"><code id="learn"></code><button data-of="learn">Copy</button></div></footer>
<script>
const facts = {facts};
const cards = [...document.querySelectorAll("article")];
const at = id => document.getElementById(id);
let marks = {{}};
try {{ marks = JSON.parse(localStorage.getItem(facts.page)) || {{}} }} catch {{ /* nothing is kept of a file */ }}
function keepers(good) {{
  const groups = new Map();
  good.forEach(card => groups.set(card.dataset.keep, [...(groups.get(card.dataset.keep) || []), card.dataset.number]));
  return [...groups].map(([again, numbers]) => again + " --keep " + numbers.join(",")).join(" && ");
}}
function show() {{
  cards.forEach(card => {{
    const mark = marks[card.dataset.name] || "";
    card.className = mark;
    card.querySelector("i").textContent = mark;
    card.setAttribute("aria-label", card.dataset.name + (mark ? ", " + mark : ""));
  }});
  const of = mark => cards.filter(card => marks[card.dataset.name] === mark);
  const names = mark => of(mark).length ? " --" + mark + " " + of(mark).map(card => card.dataset.name).join(",") : "";
  at("keep").textContent = keepers(of("good")) || "Mark pictures good to see the command that keeps them.";
  const some = names("good") + names("bad");
  const none = "Mark good and bad ones to see the command that learns from them.";
  at("learn").textContent = some ? facts.learn + some : none;
}}
function mark(card, value) {{
  if (value) marks[card.dataset.name] = value; else delete marks[card.dataset.name];
  try {{ localStorage.setItem(facts.page, JSON.stringify(marks)) }} catch {{ /* they last as long as the page */ }}
  show();
}}
function step(card, key) {{
  const columns = getComputedStyle(document.querySelector("main")).gridTemplateColumns.split(" ").length;
  const by = {{ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns}}[key];
  const next = cards[cards.indexOf(card) + by];
  if (next) {{ next.focus(); next.scrollIntoView({{block: "nearest"}}) }}
}}
cards.forEach(card => card.addEventListener("click", () => {{
  card.focus();
  mark(card, marks[card.dataset.name] === "good" ? "" : "good");
}}));
document.addEventListener("keydown", event => {{
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const card = cards.includes(document.activeElement) ? document.activeElement : null;
  const value = {{g: "good", b: "bad", n: ""}}[event.key];
  if (value !== undefined && card) {{
    mark(card, value);
    step(card, "ArrowRight");
  }} else if (event.key.startsWith("Arrow")) {{
    event.preventDefault();
    if (card) step(card, event.key); else cards[0].focus();
  }}
}});
document.querySelectorAll("button").forEach(button => button.addEventListener("click", () =>
  navigator.clipboard.writeText(at(button.dataset.of).textContent)));
at("learning").hidden = !facts.learn;
if (!facts.learn) at("learning").style.display = "none";
show();
if (cards.length) cards[0].focus();
</script></body></html>
"""
_CELL = (
    '<article tabindex="0" data-name="{name}" data-keep="{keep}" data-number="{number}"><div class="pictures">{images}'
    "</div><span><b>{name}</b><i></i>{caption}</span></article>"
)
_IMAGE = '<img alt="{caption}" src="data:image/jpeg;base64,{data}">'


@dataclass(frozen=True)
class PageCell:
    """What is marked as one.

    Attributes:
        name: of it, as the command that learns takes it.
        caption: what else is known of it.
        pictures: (H, W, 3) float32 sRGB in [0, 1], at least one.
        number: of it, as ``--keep`` takes it.
        keep: the command that keeps it, up to ``--keep``.
    """

    name: str
    caption: str
    pictures: Sequence[Frames]
    number: int
    keep: str


def page(title: str, cells: Sequence[PageCell], learn: str, out: Path) -> None:
    """Writes the page.

    Args:
        title: over the pictures.
        cells: what can be marked.
        learn: the command that learns from marks, up to ``--good``; empty: there is none.
        out: the file, written atomically.

    Raises:
        OutputError: it cannot be written.
    """
    most = max(len(cell.pictures) for cell in cells)
    across = min(3, most)
    shown = "\n".join(_cell(cell) for cell in cells)
    digest = hashlib.sha256(shown.encode()).hexdigest()[:16]  # marks are those of these pictures
    facts = json.dumps({"page": f"avwalk {digest}", "learn": learn}).replace("<", "\\u003c")
    text = _PAGE.format(
        title=html.escape(title),
        cells=shown,
        facts=facts,
        across=across,
        width=(260, 380, 520)[across - 1],
    )
    write_file(out, text)


def _cell(cell: PageCell) -> str:
    caption, name = html.escape(cell.caption), html.escape(cell.name)
    images = "".join(_IMAGE.format(caption=caption, data=_jpeg(picture)) for picture in cell.pictures)
    return _CELL.format(name=name, keep=html.escape(cell.keep), number=cell.number, images=images, caption=caption)


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
