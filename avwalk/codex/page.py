"""The page of a codex, `index.html`: pictures to look through, filter and sort with keys. It fetches nothing from
elsewhere, and works from a disk."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import time
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from avwalk.codex.folder import MARKS, CodexFolder, CodexPicture, Mark, read_pictures
from avwalk.codex.record import read_record
from avwalk.codex.thumbnails import make_thumbnails, thumbnails_of
from avwalk.errors import CodexError
from avwalk.files.atomic import write_file


def write_page(place: Path) -> Path:
    """Writes the page of a codex, and the small pictures that it shows.

    Args:
        place: the folder of the codex.

    Returns:
        The page.

    Raises:
        OutputError: it cannot be written.
    """
    folder = CodexFolder(place)
    write_file(folder.page, codex_page(folder), parents=True)
    return folder.page


def codex_page(folder: CodexFolder) -> str:
    """The page as HTML. What comes from the codex is text in it, never markup.

    Raises:
        OutputError: a small picture cannot be written.
    """
    facts = page_facts(folder)
    own = resources.files("avwalk.codex")
    style, script = (own.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    # The data block is no script, and the hash of the one script is its permission: nothing else runs.
    told = json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")
    permission = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src 'self' file: data:; style-src 'unsafe-inline'; script-src 'sha256-{permission}'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'"
    )
    title = html.escape(facts["codex"])
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1><span id="counts" role="status"></span><button id="news" type="button" hidden></button>
<details class="filters"><summary>Filter</summary>
<form id="filters">{_filters(facts)}<button type="reset">All</button></form></details>
</header>
<main id="grid"><p id="nothing" class="none" hidden>No picture is like that.</p></main>
<footer>
<span class="keys"><kbd>g</kbd> good <kbd>b</kbd> bad <kbd>z</kbd> undo <kbd>←</kbd> <kbd>→</kbd> <kbd>↑</kbd>
<kbd>↓</kbd> move <kbd>Enter</kbd> enlarge</span>
<span id="said" role="status"></span>
<button id="undo" type="button">Undo</button>
<button id="paste" type="button">Paste marks</button>
<button id="download" type="button">Download marks</button>
</footer>
<dialog id="view" aria-label="picture"><div id="large"><div><img id="whole" alt=""></div>
<section id="facts" tabindex="-1" autofocus><button id="close" type="button">Close</button><dl id="list"></dl></section>
</div></dialog>
<dialog id="paste-dialog" class="small" aria-label="marks"><div class="paste"><p>Lines of marks.jsonl:</p>
<textarea id="lines" aria-label="lines of marks.jsonl"></textarea>
<p><button id="take" type="button">Take them</button> <button id="copy" type="button">Show mine</button>
<button id="leave" type="button">Close</button></p></div></dialog>
<script type="application/json" id="data">{told}</script>
<script>{script}</script>
</body>
</html>
"""


def page_facts(folder: CodexFolder) -> dict[str, Any]:
    """What the page knows, JSON values: pictures, scenes, categories, marks.

    Raises:
        OutputError: a small picture cannot be written.
    """
    pictures = codex_pictures(folder)
    make_thumbnails([each.path for each in pictures if each.path.parent == folder.pictures], folder.path)
    scenes = list(dict.fromkeys(each.record.scene for each in pictures))
    values: dict[str, Counter[str]] = {}
    for each in pictures:
        for category, value in each.record.attributes.items():
            values.setdefault(category, Counter())[value] += 1
    numbers = {scene: k for k, scene in enumerate(scenes)}
    order = {category: k for k, category in enumerate(values)}
    name = pictures[0].record.codex if pictures and pictures[0].record.codex else folder.path.resolve().name
    return {
        "codex": name,
        "key": hashlib.sha256(f"{name}\0{folder.path.resolve()}".encode()).hexdigest()[:16],
        "scenes": scenes,
        "scene_counts": [sum(each.record.scene == scene for each in pictures) for scene in scenes],
        "categories": [
            {"name": category, "values": list(found), "counts": list(found.values())}
            for category, found in values.items()
        ],
        "marks": codex_marks(folder),
        "marked": marked_at(folder),
        "pictures": [_picture(folder, each, numbers, order) for each in pictures],
    }


def codex_pictures(folder: CodexFolder) -> list[CodexPicture]:
    """The pictures of a codex by name; the small ones of a codex that was shared, where they are not drawn here."""
    drawn, _ = folder.read_pictures()
    there = {each.path.name for each in drawn}
    for small in thumbnails_of(folder.path):
        if small.name not in there:
            try:
                drawn.append(CodexPicture(small, read_record(small)))
            except CodexError:
                continue
    return sorted(drawn, key=lambda each: each.path.name)


def codex_marks(folder: CodexFolder) -> dict[str, Mark]:
    """Picture → mark: of the marks, else of copies in ``good/`` and ``bad/`` that have the picture's name."""
    found: dict[str, Mark] = {}
    for place, mark in ((folder.good, MARKS[0]), (folder.bad, MARKS[1])):
        found |= dict.fromkeys((each.path.name for each in read_pictures(place)[0]), mark)
    return found | folder.read_marks()[0]


def marked_at(folder: CodexFolder) -> str:
    """When the marks were written last, as they have times; empty: there are none."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(folder.marks.stat().st_mtime))
    except OSError:
        return ""


def _picture(
    folder: CodexFolder, picture: CodexPicture, scenes: dict[str, int], categories: dict[str, int]
) -> dict[str, Any]:
    record, name = picture.record, picture.path.name
    whole = f"{folder.pictures.name}/{quote(name)}" if picture.path.parent == folder.pictures else ""
    small = (folder.thumbnails / name).is_file()
    return {
        "n": name,
        "t": f"{folder.thumbnails.name}/{quote(name)}" if small else whole,
        "f": whole,
        "s": scenes[record.scene],
        "a": [[categories[category], value] for category, value in record.attributes.items()],
        "p": record.prompt,
        "x": record.negative,
        "d": str(record.seed),
        "w": record.width,
        "h": record.height,
    }


def _filters(facts: dict[str, Any]) -> str:
    def select(label: str, name: str, options: list[tuple[str, str]]) -> str:
        rows = "".join(f'<option value="{html.escape(value)}">{html.escape(text)}</option>' for value, text in options)
        every = '<option value="">all</option>'
        return f'<label>{html.escape(label)}<select name="{name}">{every}{rows}</select></label>'

    counted = [
        (str(k), f"{scene} ({n})")
        for k, (scene, n) in enumerate(zip(facts["scenes"], facts["scene_counts"], strict=True))
    ]
    parts = [select("Mark", "mark", [("none", "open"), ("good", "good"), ("bad", "bad")])]
    parts.append(select("Scene", "scene", counted))
    for k, category in enumerate(facts["categories"]):
        told = zip(category["values"], category["counts"], strict=True)
        parts.append(
            select(category["name"], f"c{k}", [(str(j), f"{value} ({n})") for j, (value, n) in enumerate(told)])
        )
    return "".join(parts) + '<label>Words<input name="text" type="search" maxlength="200"></label>'
