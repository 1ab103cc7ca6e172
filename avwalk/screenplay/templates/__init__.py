"""The templates of both passes: texts that come along, each replaced by a file of the same name that the artist has."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from avwalk.errors import OptionError
from avwalk.files.atomic import make_folder, write_file
from avwalk.settings import user_folder

NAMES = ("define.txt", "prompt.txt", "shot.txt")
MAX_LETTERS = 20_000


def template(name: str, folder: Path | None = None) -> str:
    """A template without its comments.

    Args:
        name: of `NAMES`.
        folder: where files of the artist's are looked for first, then in ``templates`` of the user's config folder.

    Raises:
        OptionError: the file cannot be read, or is no template.
    """
    for place in (folder, user_folder("config") / "templates"):
        if place is not None and (place / name).is_file():
            return _read(place / name)
    return _without_comments((files(__name__) / name).read_text(encoding="utf-8"))


def filled(text: str, values: Mapping[str, object]) -> str:
    """A template with its fields ``{name}`` filled in; other braces stay."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def write_templates(folder: Path) -> list[Path]:
    """Writes the templates that come along into a folder, to be edited; those that are there stay.

    Returns:
        The files that were written.

    Raises:
        OutputError: one cannot be written.
    """
    make_folder(folder)
    made = [folder / name for name in NAMES if not (folder / name).exists()]
    for path in made:
        write_file(path, (files(__name__) / path.name).read_text(encoding="utf-8"))
    return made


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise OptionError(f"template '{path}' cannot be read: {reason}") from None
    if not (said := _without_comments(text)) or len(text) > MAX_LETTERS:
        raise OptionError(f"template '{path}' is empty, or longer than {MAX_LETTERS} letters; take it away or fill it")
    return said


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip()
