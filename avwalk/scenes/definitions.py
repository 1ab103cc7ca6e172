"""`prompt_image_definitions.csv`: prompts, and the seeds that were kept for them.

    name,prompt,seeds,guidance_scale,mask,cnet_scale,negative_prompt,generator
    sunflower,"center of a sunflower, close up",1000 1001 1002,7.5,shapes/square,0.8,blurry,

Only `name` and `prompt` must be there. Seeds are divided by commas, semicolons or blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from avwalk.errors import OptionError, ScenesError, did_you_mean
from avwalk.scenes.names import inner_path, node_name
from avwalk.scenes.nodes import Node
from avwalk.scenes.tables import Findings, Row, header_of, number, open_table, read_rows
from avwalk.score.cue_table import Record, Table
from avwalk.video.files import whole_file

FILE = "prompt_image_definitions.csv"
COLUMNS = ("name", "prompt", "seeds", "guidance_scale", "mask", "cnet_scale", "negative_prompt", "generator")
ALIASES = {
    "seed": "seeds",
    "guidance": "guidance_scale",
    "cfg_scale": "guidance_scale",
    "controlnet_scale": "cnet_scale",
    "negative": "negative_prompt",
}
GENERATORS = ("cppn", "biggan", "sd")
MAX_SEED = 2**63 - 1
MAX_GUIDANCE = 50.0
MAX_CONTROL = 10.0


@dataclass(frozen=True)
class Prompt:
    """A row, checked.

    Attributes:
        name: of the prompt, and of its scene.
        text: what is to be seen.
        seeds: that were kept, in the file's order, none twice.
        guidance: pull of the prompt, 0 to 50; None: the generator's.
        negative: what is not to be seen; None: the profile's.
        mask: ``shapes/square`` for ``masks/shapes/square.png``; None: none.
        control_scale: strength of the mask, 0 to 10; None: the profile's.
        generator: ``cppn``, ``biggan`` or ``sd``; None: the profile's.
        place: ``file:line:column`` of its name.
    """

    name: str
    text: str
    seeds: tuple[int, ...] = ()
    guidance: float | None = None
    negative: str | None = None
    mask: str | None = None
    control_scale: float | None = None
    generator: str | None = None
    place: str = field(default="", compare=False)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """A picture for each seed."""
        return tuple(Node(self.name, str(seed)) for seed in self.seeds)


def read_definitions(file: Path, found: Findings) -> dict[str, Prompt]:
    """Prompts by name, in the file's order; problems go to ``found``. Of two with one name the first is taken."""
    prompts: dict[str, Prompt] = {}
    for row in read_rows(file, COLUMNS, ("name", "prompt"), found, ALIASES):
        prompt = _prompt(row, found)
        if prompt is None:
            continue
        same = next((name for name in prompts if name.casefold() == prompt.name.casefold()), None)
        if same == prompt.name:
            found.note(file, row.cell("name"), f"'{same}' is there twice; the first is taken")
        elif same:
            found.add(file, row.cell("name"), f"'{prompt.name}' and '{same}' are one file on many systems; rename one")
        else:
            prompts[prompt.name] = prompt
    return prompts


def read_seeds(text: str) -> tuple[int, ...]:
    """Seeds divided by commas, semicolons or blanks, none twice.

    Raises:
        OptionError: something in it is no whole number from 0 to 2⁶³ − 1.
    """
    seeds = []
    for word in re.split(r"[\s,;]+", text.strip(" ,;[]()")):
        match = re.fullmatch(r"(\d{1,19})(?:\.0*)?", word)
        if re.fullmatch(r"\d(?:\.\d+)?e\+?\d+", word, re.I):
            raise OptionError(f"seed '{word}' was rounded by a spreadsheet; write its digits, with the cell as text")
        if word and (not match or int(match[1]) > MAX_SEED):
            raise OptionError(f"seed '{word}' is no whole number from 0 to {MAX_SEED}")
        seeds += [int(match[1])] if match else []
    return tuple(dict.fromkeys(seeds))


def read_generator(text: str) -> str | None:
    """A generator's name; None where it is left open (``auto``).

    Raises:
        OptionError: there is none of that name.
    """
    name = text.lower()
    if name in ("", "auto"):
        return None
    if name not in GENERATORS:
        raise OptionError(f"unknown generator '{text}'{did_you_mean(name, GENERATORS)}; it is {', '.join(GENERATORS)}")
    return name


def _prompt(row: Row, found: Findings) -> Prompt | None:
    before = len(found.problems)

    def text(value: str) -> str:
        if not value:
            raise OptionError("column 'prompt' is empty; say what is to be seen, or take the row out")
        return value

    name, words = row.read("name", node_name, found), row.read("prompt", text, found)
    seeds = row.read("seeds", read_seeds, found)
    guidance = row.read("guidance_scale", lambda t: number("guidance_scale", row.decimal(t), 0, MAX_GUIDANCE), found)
    control = row.read("cnet_scale", lambda t: number("cnet_scale", row.decimal(t), 0, MAX_CONTROL), found)
    mask = row.read("mask", lambda t: inner_path(re.sub(r"\.png$", "", t, flags=re.I), "mask") if t else None, found)
    generator = row.read("generator", read_generator, found)
    if len(found.problems) > before or name is None or words is None or seeds is None:
        return None
    negative = row.text("negative_prompt") or None
    return Prompt(name, words, seeds, guidance, negative, mask, control, generator, row.place("name"))


def keep_seeds(path: Path, name: str, seeds: Iterable[int], *, prompt: str | None = None) -> tuple[int, ...]:
    """Adds seeds to those of a prompt; every other byte of the file stays as it is.

    Args:
        path: of the definitions.
        name: of the prompt.
        seeds: to keep; those that are there already stay where they are.
        prompt: its text, for a name that the file does not have yet: a row is added.

    Returns:
        All seeds of the prompt now.

    Raises:
        ScenesError: the file cannot be read, has no such row or no column for seeds.
        OutputError: it cannot be written.
    """
    table = open_table(path)
    header = header_of(table, COLUMNS, ALIASES)
    if "name" not in header or "seeds" not in header:
        raise ScenesError(f"{path}: no column 'seeds' beside 'name'; add it to the first row")
    names, seeds_at = header.index("name"), header.index("seeds")
    records = list(table.records)
    for k, record in enumerate(records):
        if record.comment or record.blank or len(record.cells) <= names or record.cells[names].text != name:
            continue
        try:
            there = read_seeds(record.cells[seeds_at].text if len(record.cells) > seeds_at else "")
        except OptionError as error:
            raise ScenesError(
                f"{path}:{record.cells[seeds_at].line}:{record.cells[seeds_at].column}: {error}"
            ) from None
        kept = tuple(dict.fromkeys([*there, *seeds]))
        records[k] = with_cell(table, record, seeds_at, _joiner(table, header, record).join(map(str, kept)))
        break
    else:
        raise ScenesError(f"{path}: no prompt '{name}'")
    with whole_file(path.resolve()) as part:
        part.write_bytes(table.encoded(records))
    return kept


def with_cell(table: Table, record: Record, k: int, text: str) -> Record:
    """A row with another text in its cell k."""
    cells = [cell.text for cell in record.cells]
    cells += [""] * (k + 1 - len(cells))
    return table.record([*cells[:k], text, *cells[k + 1 :]])


def _joiner(table: Table, header: list[str], record: Record) -> str:
    return " "
