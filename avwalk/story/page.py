"""The page of a story, `index.html`: text beside picture. It works from a disk, runs no script and fetches nothing."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from avwalk.files.atomic import write_file
from avwalk.screenplay.scene import Scene
from avwalk.story.folder import PictureRecord, StoryFolder
from avwalk.story.storylets import Storylet

_STYLE = """
:root { color-scheme: light dark; --paper: #faf7f1; --ink: #23201b; --soft: #6d665b; --line: #e2dbcd; --mark: #9a3412 }
@media (prefers-color-scheme: dark) {
  :root { --paper: #16171a; --ink: #e9e5dc; --soft: #9d978b; --line: #2c2d31; --mark: #fb923c }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.15rem/1.65 Georgia, "Times New Roman", serif }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.5rem }
header { padding-top: 4rem; text-align: center }
h1 { font-size: 2.6rem; line-height: 1.2; font-weight: 500; margin: 0 0 .4rem }
h2 { font-weight: 500; font-size: 1.6rem; margin: 4rem 0 0; text-align: center }
.author { color: var(--soft); font-style: italic; margin: 0 }
video { display: block; width: 100%; max-width: 60rem; margin: 2.5rem auto 0; border-radius: .4rem; background: #000 }
article { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 2.5rem; align-items: center;
  padding: 3rem 0; border-bottom: 1px solid var(--line) }
article:nth-of-type(even) figure { order: 2 }
figure { margin: 0 }
img { display: block; width: 100%; height: auto; border-radius: .4rem }
.none { display: grid; place-items: center; aspect-ratio: 16 / 9; border: 1px dashed var(--mark); border-radius: .4rem;
  color: var(--mark); font: .95rem/1.5 system-ui, sans-serif; padding: 1rem; text-align: center }
.number { color: var(--soft); font: .85rem system-ui, sans-serif; letter-spacing: .08em }
.text p { margin: .3rem 0 0; text-wrap: pretty; overflow-wrap: anywhere }
details { margin-top: 1rem; color: var(--soft); font: .85rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
summary { cursor: pointer }
dl { margin: .4rem 0 0; display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem }
dd { margin: 0 }
footer { color: var(--soft); font: .85rem system-ui, sans-serif; padding-bottom: 4rem; padding-top: 2rem;
  text-align: center }
@media (max-width: 48rem) {
  article { grid-template-columns: 1fr; gap: 1.2rem } article:nth-of-type(even) figure { order: 0 }
}
@media print { details, video, footer { display: none } article { break-inside: avoid } }
"""
_POLICY = "default-src 'none'; img-src 'self' file: data:; media-src 'self' file:; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class PageFacts:
    """What a page says beside the storylets.

    Attributes:
        title: of the story.
        author: of the story; empty: nobody is named.
        language: of the text.
        film: name of the film in the folder; empty: there is none.
    """

    title: str
    author: str
    language: str
    film: str


def write_page(
    folder: StoryFolder,
    facts: PageFacts,
    storylets: Sequence[Storylet],
    scenes: Sequence[Scene],
    records: Mapping[int, PictureRecord],
) -> None:
    """Writes the page.

    Raises:
        OutputError: it cannot be written.
    """
    write_file(folder.page, page(facts, storylets, scenes, records))


def page(
    facts: PageFacts,
    storylets: Sequence[Storylet],
    scenes: Sequence[Scene],
    records: Mapping[int, PictureRecord],
) -> str:
    """The page as HTML. Whatever comes from the story is text in it, never markup."""
    e = html.escape
    author = f'<p class="author">{e(facts.author)}</p>' if facts.author else ""
    film = f'<video controls preload="metadata" src="{quote(facts.film)}"></video>' if facts.film else ""
    parts = [
        _storylet(storylet, scene, records.get(storylet.number, PictureRecord()))
        for storylet, scene in zip(storylets, scenes, strict=True)
    ]
    return f"""<!doctype html>
<html lang="{e(facts.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{e(facts.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>{e(facts.title)}</h1>
{author}
{film}
</header>
<main>
{"".join(parts)}</main>
<footer>Told in {len(parts)} picture{"s" * (len(parts) != 1)} with avwalk</footer>
</body>
</html>
"""


def _storylet(storylet: Storylet, scene: Scene, record: PictureRecord) -> str:
    e = html.escape
    heading = f"<h2>{e(storylet.heading)}</h2>\n" if storylet.heading else ""
    name = f"pictures/{storylet.number:03d}.png"
    if record.sha256:
        picture = f'<img src="{name}" alt="{e(scene.happening or scene.prompt)}" loading="lazy">'
    else:
        picture = f'<div class="none">{e(record.error or "There is no picture yet.")}</div>'
    return f"""{heading}<article id="s{storylet.number}">
<figure>{picture}</figure>
<div class="text">
<span class="number">{storylet.number}</span>
{_paragraphs(storylet)}
{_details(scene, record)}
</div>
</article>
"""


def _paragraphs(storylet: Storylet) -> str:
    paragraphs: list[list[str]] = [[]]
    for sentence in storylet.sentences:
        paragraphs[-1].append(sentence.text)
        if sentence.ends_paragraph:
            paragraphs.append([])
    return "".join(f"<p>{html.escape(' '.join(each))}</p>" for each in paragraphs if each)


def _details(scene: Scene, record: PictureRecord) -> str:
    facts = {"Prompt": record.used.get("Prompt", scene.prompt), "Not": scene.negative, "Seed": scene.seed}
    facts |= {name: value for name, value in record.used.items() if name not in ("Prompt", "Seed")}
    facts |= {"Note": "; ".join(record.notes), "Failed": record.error if record.sha256 else ""}
    rows = "".join(
        f"<dt>{html.escape(str(name))}</dt><dd>{html.escape(str(value))}</dd>"
        for name, value in facts.items()
        if value not in ("", None)
    )
    return f"<details><summary>How it was made</summary><dl>{rows}</dl></details>"
