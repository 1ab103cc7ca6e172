"""``avwalk info FILE``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from avwalk.cli.terminal import echo, json_text

app = typer.Typer(rich_markup_mode=None, add_completion=False)

FIRST = (
    "kind",
    "preset",
    "generator",
    "model",
    "recipe",
    "prompts",
    "negative",
    "restyle",
    "seed",
    "intensity",
    "size",
    "fps",
    "frame",
)
"""What is said first, in this order."""
HIDDEN = ("again", "other")
MAX_CUES = 20
"""Rows of cues that are shown."""
CONTAINER = ("major_brand", "minor_version", "compatible_brands", "encoder", "comment")
"""Tags of films that say nothing more."""


@app.command()
def info(
    file: str = typer.Argument(..., metavar="FILE", help="A film or picture of avwalk, or a PNG of another program."),
    as_json: bool = typer.Option(False, "--json", help="all of it as one JSON object"),
) -> None:
    """Say how a film or a picture was made."""
    found = about(Path(file))
    if as_json:
        echo(json_text(found))
        return
    names = [name for name in found if name not in HIDDEN]
    width = max(len(name) for name in names) + 2
    for name in names:
        for k, line in enumerate(_lines(found[name])):
            echo(("" if k else name).ljust(width) + line)
    if other := found.get("other"):
        echo(f"{'also'.ljust(width)}{', '.join(other)} (--json shows them)")


def about(path: Path) -> dict[str, Any]:
    """What a file says of how it was made.

    Returns:
        ``file``, ``made_by``, then what is known: preset, generator, model, prompts, seed, size, fps, song, …; of
        avwalk's files all that they hold as ``again``; texts of other programs as ``other``.

    Raises:
        VideoError: it cannot be opened.
        PlanError: it says nothing.
    """
    from avwalk.errors import PlanError, VideoError
    from avwalk.files import jpeg_text, png_text
    from avwalk.files.infotext import parsed
    from avwalk.video.join import read_metadata

    if not path.is_file():
        raise VideoError(f"'{path}' is not there, or no file")
    if png_text.is_png(path):
        texts = png_text.read_text(path)
    else:
        texts = jpeg_text.read_text(path) if jpeg_text.is_jpeg(path) else read_metadata(path)
    again = _json(texts.pop("avwalk", ""))
    found: dict[str, Any] = {"file": path.name}
    if again:
        found |= {"made_by": f"avwalk {again.get('version', '')}".strip(), **about_film(again)}
    found |= _of_codex(again)
    if story := _json(texts.pop("avwalk_story", "")):
        found |= {"made_by": f"avwalk {story.get('version', '')}".strip()}
        found |= {"story": "a film of `avwalk story`: its folder holds pictures, prompts and seeds"}
    if parameters := texts.pop("parameters", ""):
        own = parsed(parameters)
        found.setdefault("made_by", own.pop("Version", "a program that writes as AUTOMATIC1111's web UI"))
        found |= {name.lower(): value for name, value in own.items()}
    graphs = [name for name in ("prompt", "workflow") if _json(texts.get(name, ""))]
    if graphs:
        found.setdefault("made_by", "ComfyUI")
    if "made_by" not in found:
        raise PlanError(f"'{path.name}' says nothing of how it was made; films say it unless made with --no-metadata")
    found |= {name: texts.pop(name) for name in ("title", "artist") if texts.get(name)}
    if again:
        found["again"] = again
    texts = {name: text for name, text in texts.items() if name not in CONTAINER}
    if texts:
        found["other"] = texts
    return found


def _of_codex(again: Mapping[str, Any]) -> dict[str, Any]:
    """What a picture of a codex shows, by category; nothing of others, and of what is none."""
    from avwalk.codex.record import record_of_tree

    try:
        record = record_of_tree(again)
    except ValueError:
        return {}
    attributes = [f"{name}: {value}" for name, value in record.attributes.items()]
    found = {"codex": f"{record.codex}, picture {record.index}", "scene": record.scene, "attributes": attributes}
    return {name: value for name, value in found.items() if value}


def about_film(again: Mapping[str, Any]) -> dict[str, Any]:
    """What avwalk has stored in a film or picture, for people."""
    from avwalk.request.earlier import edit_of, redone_rows

    preset = again.get("preset")
    preset = preset if isinstance(preset, dict) else {"name": preset}
    values = _table(preset, "values")
    restyle, walk = _table(values, "restyle"), _table(values, "sd") if again.get("generator") == "sd" else {}
    song = str(again.get("song_sha256") or "")
    facts: dict[str, Any] = {
        **again,
        "preset": preset.get("name"),
        "prompts": _prompts(again.get("prompts") or walk.get("prompts")),
    }
    if restyle.get("when", "never") != "never":
        facts["restyle"] = restyle.get("prompt") or "without a prompt"
    shown = {name: facts.get(name) for name in FIRST}
    if again.get("seed_of") in ("song", "preset"):
        shown["seed"] = f"{again.get('seed')} (from the {again['seed_of']})"
    shown |= {"start": facts.get("start"), "duration": facts.get("duration"), "profile": facts.get("profile")}
    shown |= {"device": facts.get("device"), "song": song and f"sha256 {song}"}
    shown |= {
        "cues": _cue_lines(again),
        "rolled": [f"{at}-{until} seed {seed}" for at, until, seed in redone_rows(again)],
    }
    shown |= {"edited": _edited(edit_of(again))}
    return {name: value for name, value in shown.items() if value not in (None, "", [], {})}


def _edited(edit: Mapping[str, Any]) -> str:
    """What of a film was taken from the film before, what was drawn again, and why."""
    if not edit:
        return ""
    said = f"{edit['kept'] or 'none'} of {edit['segments']} segments as before"
    said += f"; drawn again: {edit['drawn_again']}" if edit.get("drawn_again") else ""
    return said + (f"; changed: {edit['changed']}" if edit.get("changed") else "")


def _cue_lines(again: Mapping[str, Any]) -> list[str]:
    """The rows of cues that a film stores, a line each, not all of very many."""
    from avwalk.request.earlier import cue_text

    rows = _table(again, "cues").get("rows")
    texts = [cue_text(row) for row in (rows if isinstance(rows, list) else []) if isinstance(row, list)]
    more = len(texts) - MAX_CUES
    return [*texts[:MAX_CUES], *([f"and {more} more (--json shows them)"] if more > 0 else [])]


def _table(stored: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = stored.get(name)
    return found if isinstance(found, dict) else {}


def _prompts(stored: Any) -> list[str]:
    """Prompts as they are stored in a film, a line each: a list of texts, or rows with their times."""
    if isinstance(stored, dict):
        rows, texts = ([] if not isinstance(each := stored.get(name), list) else each for name in ("rows", "texts"))
        rows = [row for row in rows if isinstance(row, list) and len(row) > 1]
        return [f"{row[0]}  {row[1]}" for row in rows] or [str(text) for text in texts]
    return [str(text) for text in stored] if isinstance(stored, list) else [str(stored)] if stored else []


def _json(text: str) -> dict[str, Any]:
    from avwalk.files.bounded import parse_json

    try:
        found = parse_json(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _lines(value: Any) -> list[str]:
    """For the terminal, without what could command it."""
    texts = value if isinstance(value, list) else [value]
    lines = [line for text in texts for line in str(text).split("\n")]
    return ["".join(c if c.isprintable() else "?" for c in line) for line in lines]
