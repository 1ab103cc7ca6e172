"""`prompt_image_definitions.csv`: prompts and their selected seeds.

    name,prompt,seeds,guidance_scale,mask,cnet_scale,negative_prompt,generator
    sunflower,"center of a sunflower, close up",1000 1001 1002,7.5,shapes/square,0.8,blurry,

Only `name` and `prompt` are required. Seeds are separated by commas, semicolons or blanks.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from avwalk.errors import OptionError, ScenesError, did_you_mean
from avwalk.files.atomic import whole_file
from avwalk.files.bounded import parse_json
from avwalk.files.csv_table import Record, Table, with_cell
from avwalk.scenes.nodes import Node
from avwalk.scenes.project.csv_rows import Findings, Row, header_of, number, open_table, read_rows
from avwalk.scenes.project.names import inner_path, node_name
from avwalk.scenes.project.settings_json import FILE as SETTINGS
from avwalk.scenes.project.settings_json import read_generator

FILE = "prompt_image_definitions.csv"
COLUMNS = ("name", "prompt", "seeds", "guidance_scale", "mask", "cnet_scale", "negative_prompt", "generator")
ALIASES = {
    "seed": "seeds",
    "guidance": "guidance_scale",
    "cfg_scale": "guidance_scale",
    "controlnet_scale": "cnet_scale",
    "negative": "negative_prompt",
}
MAX_SEED = 2**63 - 1
MAX_GUIDANCE = 50.0
MAX_CONTROL = 10.0


@dataclass(frozen=True)
class Prompt:
    """A row, checked.

    Attributes:
        name: of the prompt, and of its scene.
        text: the prompt.
        seeds: selected seeds, in the file's order, unique.
        guidance: guidance scale, 0 to 50; None: the generator's.
        negative: negative prompt; None: the profile's.
        mask: ``shapes/square`` for ``masks/shapes/square.png``; None: none.
        control_scale: ControlNet conditioning scale, 0 to 10; None: the profile's.
        generator: ``cppn``, ``biggan`` or ``sd``, or ``cppn:lotus`` with a preset; None: the profile's.
        location: ``file:line:column`` of its name.
    """

    name: str
    text: str
    seeds: tuple[int, ...] = ()
    guidance: float | None = None
    negative: str | None = None
    mask: str | None = None
    control_scale: float | None = None
    generator: str | None = None
    location: str = field(default="", compare=False)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """A picture for each seed."""
        return tuple(Node(self.name, str(seed)) for seed in self.seeds)


def read_definitions(file: Path, findings: Findings, *, masked: bool = False) -> dict[str, Prompt]:
    """Prompts by name, in the file's order; of duplicates the first is used. Empty without a file.

    Args:
        file: the definitions; masks are in ``masks/`` beside it.
        findings: receives problems and notes.
        masked: masks are used and must exist.
    """
    prompts: dict[str, Prompt] = {}
    before = len(findings.problems)
    rows = read_rows(file, COLUMNS, ("name", "prompt"), findings, ALIASES) if file.exists() else []
    findings.no_prompts = not rows and len(findings.problems) > before
    for row in rows:
        prompt = _prompt(row, findings)
        if prompt is None:
            findings.doubtful.add(row.text("name"))
            continue
        same = next((name for name in prompts if name.casefold() == prompt.name.casefold()), None)
        if same == prompt.name:
            findings.note(file, row.cell("name"), f"'{same}' is there twice; the first is taken")
        elif same:
            findings.add(
                file, row.cell("name"), f"'{prompt.name}' and '{same}' are one file on many systems; rename one"
            )
        else:
            prompts[prompt.name] = prompt
            if prompt.mask:
                _check_mask(prompt.mask, row, findings, masked)
    return prompts


def read_seeds(text: str) -> tuple[int, ...]:
    """Parses seeds separated by commas, semicolons or blanks, without duplicates.

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


def _prompt(row: Row, findings: Findings) -> Prompt | None:
    before = len(findings.problems)

    def text(value: str) -> str:
        if not value:
            raise OptionError("column 'prompt' is empty; say what is to be seen, or take the row out")
        return value

    name, words = row.read("name", node_name, findings), row.read("prompt", text, findings)
    seeds = row.read("seeds", read_seeds, findings)
    guidance = row.read("guidance_scale", lambda t: number("guidance_scale", row.decimal(t), 0, MAX_GUIDANCE), findings)
    control = row.read("cnet_scale", lambda t: number("cnet_scale", row.decimal(t), 0, MAX_CONTROL), findings)
    mask = row.read("mask", lambda t: inner_path(re.sub(r"\.png$", "", t, flags=re.I), "mask") if t else None, findings)
    generator = row.read("generator", read_generator, findings)
    if len(findings.problems) > before or name is None or words is None or seeds is None:
        return None
    negative = row.text("negative_prompt") or None
    return Prompt(name, words, seeds, guidance, negative, mask, control, generator, row.location("name"))


def _check_mask(mask: str, row: Row, findings: Findings, masked: bool) -> None:
    masks = row.file.parent / "masks"
    if (masks / f"{mask}.png").is_file():
        return
    there = [path.relative_to(masks).with_suffix("").as_posix() for path in masks.rglob("*.png")]
    text = f"mask '{mask}'{did_you_mean(mask, there)} is not there: '{masks / f'{mask}.png'}'"
    if masked:
        findings.add(row.file, row.cell("mask"), f"{text}; put it there, or take it out of the row")
    else:
        findings.note(row.file, row.cell("mask"), f"{text}; without a controlnet_string in the settings none is used")


def keep_seeds(path: Path, name: str, seeds: Iterable[int], *, prompt: str | None = None) -> tuple[int, ...]:
    """Adds seeds to a prompt; every other byte of the file stays unchanged.

    Args:
        path: of the definitions.
        name: of the prompt.
        seeds: to add; existing ones keep their positions.
        prompt: its text, for a new name, which is appended as a row.

    Returns:
        All seeds of the prompt now.

    Raises:
        ScenesError: the file cannot be read, has no such row or no column for seeds, or the seeds are none.
        OutputError: it cannot be written.
    """
    table = open_table(path)
    header = header_of(table, COLUMNS, ALIASES)
    if not {"name", "prompt", "seeds"} <= set(header):
        needed = "name, prompt and seeds"
        raise ScenesError(f"{path}: no columns {needed} in its first row; write them there to keep seeds")
    wanted = list(seeds)
    if wrong := [seed for seed in wanted if not 0 <= seed <= MAX_SEED]:
        raise ScenesError(f"seed {wrong[0]} is no whole number from 0 to {MAX_SEED}")
    records, column = list(table.records), header.index("seeds")
    k = _row_of(name, table, header)
    if k is None:
        if prompt is None:
            names = [_text(record, header.index("name")) for record in _rows(table)]
            raise ScenesError(f"{path}: no prompt '{name}'{did_you_mean(name, names)}; give its text to add one")
        kept = tuple(dict.fromkeys(wanted))
        records = _with_row(table, header, name, prompt, _divider(table, header, path).join(map(str, kept)))
    else:
        kept, text = _merged(path, records[k], column, wanted, _divider(table, header, path))
        if text is None:
            return kept
        records[k] = with_cell(table, records[k], column, text)
    _write(path, table, records)
    return kept


def _rows(table: Table) -> list[Record]:
    """The rows below the header."""
    return [record for record in table.records if not (record.blank or record.comment)][1:]


def _text(record: Record, k: int) -> str:
    return record.cells[k].text if k < len(record.cells) else ""


def _row_of(name: str, table: Table, header: Sequence[str]) -> int | None:
    """Number of the first row of a name, comments and blank ones counted."""
    rows = [record for record in _rows(table) if _text(record, header.index("name")) == name]
    return next((k for k, record in enumerate(table.records) if rows and record is rows[0]), None)


def _merged(
    path: Path, record: Record, column: int, wanted: list[int], divider: str
) -> tuple[tuple[int, ...], str | None]:
    """All seeds, and the cell's new text; None if nothing changes."""
    text = _text(record, column)
    try:
        there = read_seeds(text)
    except OptionError as error:
        cell = record.cells[column]
        raise ScenesError(f"{path}:{cell.line}:{cell.column}: {error}") from None
    new = [seed for seed in dict.fromkeys(wanted) if seed not in there]
    own = re.search(r"\d(\s*[,;]\s*|\s+)\d", text)
    joined = (own[1] if own else divider).join([*([text.rstrip(" ,;")] if text else []), *map(str, new)])
    return (*there, *new), joined if new else None


def _divider(table: Table, header: Sequence[str], path: Path) -> str:
    """Separator of seeds: as in other rows, else from the settings beside the file, else a blank."""
    for record in _rows(table):
        if found := re.search(r"\d(\s*[,;]\s*|\s+)\d", _text(record, header.index("seeds"))):
            return found[1]
    try:
        data = parse_json((path.parent / SETTINGS).read_bytes())
        told = data.get("default", data).get("seed_delimiter", " ")
    except (OSError, ValueError, AttributeError):
        return " "
    return told if isinstance(told, str) and re.fullmatch(r"\s*[,;]\s*|\s+", told) else " "


def _with_row(table: Table, header: Sequence[str], name: str, prompt: str, seeds: str) -> list[Record]:
    """The rows and one more."""
    try:
        node_name(name)
    except OptionError as error:
        raise ScenesError(str(error)) from None
    values = {"name": name, "prompt": " ".join(prompt.split()), "seeds": seeds}
    if not values["prompt"]:
        raise ScenesError(f"the prompt of '{name}' is empty; say what is to be seen")
    records = list(table.records)
    if records and not records[-1].raw.endswith(("\n", "\r")):
        records[-1] = Record(records[-1].raw + table.newline, records[-1].cells)
    return [*records, table.record([values.get(column, "") for column in header])]


def _write(path: Path, table: Table, records: list[Record]) -> None:
    target = path.resolve()  # a link stays one
    try:
        data = table.encoded(records)
    except UnicodeEncodeError as error:
        letter = error.object[error.start]
        raise ScenesError(f"{path} is written in {error.encoding}, which has no '{letter}'; save it as UTF-8") from None
    with whole_file(target) as part:
        part.write_bytes(data)
        shutil.copymode(target, part)
