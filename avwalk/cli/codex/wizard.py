"""The questions of ``avwalk codex new`` on a terminal: only what is not given, and not to be found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from avwalk.cli.progress import say

if TYPE_CHECKING:
    from avwalk.codex.create import CodexSource
    from avwalk.codex.folder import CodexFolder


def ask(place: CodexFolder, source: CodexSource, given: Mapping[str, Any]) -> tuple[CodexSource, dict[str, Any]]:
    """Source and settings, completed by answers.

    Args:
        place: folder of the codex.
        source: as given.
        given: settings as given.
    """
    values = dict(given)
    if not (source.shipped or source.echoai or source.scenes or place.scenes.is_file()):
        source = _source(source)
    if source.echoai:
        return source, values  # it brings its settings
    if "cycles" not in values:
        values["cycles"] = _ask("How often is each scene drawn (cycles)?", "1", int)
    if "format" not in values:
        values["format"] = _ask("Format: landscape, portrait, square or WxH?", "landscape", str)
    if "painter" not in values:
        values["painter"] = _ask("Who paints: worlds, sd, a1111@URL, …?", "worlds", str)
    return source, values


def _source(source: CodexSource) -> CodexSource:
    """A codex that comes with avwalk, a table of scenes, or a folder of EchoAI."""
    from avwalk.codex.shipped import about_shipped, shipped_names

    names = shipped_names()
    say("Scenes and attributes: a name, a table of scenes (CSV), or a folder of EchoAI.")
    for name in names:
        say(f"  {name}: {about_shipped(name)}")
    answer = _ask("Which?", names[0], str)
    path = Path(answer)
    if answer not in names and path.is_dir():
        return replace(source, echoai=path)
    if answer not in names and path.is_file():
        structure = path.with_name("structure.csv")
        return replace(source, scenes=path, structure=structure if structure.is_file() else None)
    return replace(source, shipped=answer)


def _ask(question: str, default: str, kind: type) -> Any:
    return typer.prompt(question, default=default, type=kind, err=True)
