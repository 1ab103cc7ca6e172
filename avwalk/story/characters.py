"""Who is in a story and what they look like: ``cast.csv``, which the artist fills in.

    name,aliases,look
    Anna,keeper;Annie,"a tall old woman in a yellow coat"

Wherever a name or an alias stands in a storylet, the look goes into its prompt: so somebody stays who he is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avwalk.errors import StoryError
from avwalk.files.atomic import write_file
from avwalk.files.csv_table import Table, below_header, header_problems, open_table
from avwalk.screenplay.persons import names_in
from avwalk.screenplay.prompting import plain

COLUMNS = ("name", "aliases", "look")
MAX_BYTES = 1 << 20
MOST = 200
_NO_NAMES = frozenset(
    re.findall(
        r"\w+",
        """
    I He She It We You They Him Her Them His Their Who This That So Then But And Or When Now There Here How What Why
    Where All One Once Only If As At In On No Yes
""",
    )
)
"""Words at the begin of sentences, where all have a capital."""
HELP = (
    "# Who is in the story. What stands under look goes into the prompts where a name or alias is told;",
    "# aliases are divided by semicolons. An empty look changes nothing.",
)


@dataclass(frozen=True)
class Character:
    """Somebody in a story.

    Attributes:
        name: as the story has it.
        aliases: what else it calls them.
        appearance: what they look like, for prompts; empty: not told.
    """

    name: str
    aliases: tuple[str, ...] = ()
    appearance: str = ""

    def is_in(self, text: str) -> bool:
        """Whether a text speaks of them."""
        return any(re.search(rf"\b{re.escape(name)}\b", text, re.I) for name in (self.name, *self.aliases) if name)


def characters_in(text: str) -> list[Character]:
    """The names of a story, those that stand in it most first; what they look like is open."""
    counts = Counter({name: len(re.findall(rf"\b{re.escape(name)}\b", text)) for name in names_in(text) - _NO_NAMES})
    return [Character(name) for name, _ in sorted(counts.most_common(MOST), key=lambda pair: (-pair[1], pair[0]))]


def read_characters(file: Path) -> list[Character]:
    """The characters of a table; none where there is no table.

    Raises:
        StoryError: one line for each problem, ``file:line:column: …``.
    """
    if not file.exists():
        return []
    table = open_table(file, "table of characters", MAX_BYTES, kind=StoryError)
    head, records, problems = below_header(table)
    header = [cell.text.lower() for cell in head.cells] if head else []
    problems += header_problems(header, head, COLUMNS, ("name", "look")) if head else []
    if len(records) > MOST:
        problems.append((records[MOST].cells[0], f"more than {MOST} characters; take some out"))
    if problems:
        raise StoryError("\n".join(f"{file.name}:{cell.line}:{cell.column}: {said}" for cell, said in problems))
    found = []
    for record in records:
        cells = {name: cell.text for name, cell in zip(header, record.cells, strict=False)}
        aliases = tuple(each.strip() for each in cells.get("aliases", "").split(";") if each.strip())
        if name := cells.get("name", "").strip():
            found.append(Character(name, aliases, plain(cells.get("look", ""))[:300]))
    return found


def write_characters(file: Path, characters: Sequence[Character]) -> None:
    """Writes a table of characters where there is none: one that is there is the artist's.

    Raises:
        OutputError: it cannot be written.
    """
    if file.exists():
        return
    table = Table(())
    rows = [table.record(list(COLUMNS))]
    rows += [table.record([each.name, ";".join(each.aliases), each.appearance]) for each in characters]
    text = "".join(f"{line}\n" for line in HELP)
    write_file(file, text.encode() + table.encoded(rows))


def with_appearances(
    prompt: str,
    text: str,
    characters: Sequence[Character],
    words: int,
    fits: Callable[[str], bool] | None = None,
) -> str:
    """A prompt with what those look like of whom a storylet speaks.

    Where the prompt has the name, the look stands behind it; else it goes to the end. It is cut to its limit between
    its parts.

    Args:
        prompt: of the storylet.
        text: of the storylet.
        characters: of the story.
        words: of a prompt, at most.
        fits: whether a prompt is within the painter's own limit; None: it is counted in words.
    """
    for each in characters:
        if (
            not each.appearance
            or each.appearance.lower() in prompt.lower()
            or not (each.is_in(text) or each.is_in(prompt))
        ):
            continue
        names = [name for name in (each.name, *each.aliases) if re.search(rf"\b{re.escape(name)}\b", prompt, re.I)]
        if names:
            place = re.search(rf"\b{re.escape(names[0])}\b", prompt, re.I)
            at = place.end() if place else len(prompt)
            prompt = f"{prompt[:at]} ({each.appearance}){prompt[at:]}"
        else:
            prompt = f"{each.appearance}, {prompt}"
    parts = prompt.split(", ")
    within = fits or (lambda line: len(line.split()) <= words)
    while len(parts) > 1 and not within(", ".join(parts)):
        parts.pop()
    return ", ".join(parts)
