"""CSV table of prompts over time.

    at,prompt,seed,guidance_scale,negative_prompt
    0,a glass forest at dawn,7,,
    section:chorus#1,"a cathedral of light, baroque",,9,blurry
    bar:65,the sea at night,8,,

Times are those of `avwalk.score.musical_time`. Empty cells take the film's values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from avwalk.clock import round_half_up, seconds_to_fraction
from avwalk.contracts import Analysis
from avwalk.errors import CuesError, OptionError, clipped
from avwalk.files.csv_table import Cell, Record, below_header, header_problems, open_table, with_point
from avwalk.score.musical_time import Moment, parse_moment, resolve

COLUMNS = ("at", "prompt", "seed", "guidance_scale", "negative_prompt")
ALIASES = {"guidance": "guidance_scale", "cfg_scale": "guidance_scale", "negative": "negative_prompt"}
MAX_BYTES = 4 << 20
MAX_SEED = 2**32 - 1
MAX_GUIDANCE = 50.0
MAX_PROBLEMS = 200

_T = TypeVar("_T")
_Problem = tuple[Cell, str]


@dataclass(frozen=True)
class PromptRow:
    """A row, checked.

    Attributes:
        at: when it arrives.
        prompt: the text.
        seed: of its noise; None: from the film's.
        guidance: guidance scale; None: the film's.
        negative: negative prompt; None: the film's.
        location: ``file:line:column`` of its time.
    """

    at: Moment
    prompt: str
    seed: int | None = None
    guidance: float | None = None
    negative: str | None = None
    location: str = field(default="", compare=False)

    def as_json(self) -> list[Any]:
        """Everything that affects the film; the time in canonical spelling."""
        return [self.at.canonical, self.prompt, self.seed, self.guidance, self.negative]

    @classmethod
    def from_json(cls, stored: Sequence[Any]) -> PromptRow:
        """The inverse of `as_json`; a row passes the checks of a file's rows.

        Raises:
            OptionError: it is something else.
        """
        if not isinstance(stored, list | tuple) or len(stored) != 5:
            raise OptionError("a row of prompts is not time, prompt, seed, guidance scale and negative prompt")
        at, prompt, seed, guidance, negative = ("" if cell is None else str(cell) for cell in stored)
        when = parse_moment(at)
        return cls(when, _prompt(prompt), _seed(seed), _guidance(guidance), negative or None, f"'{prompt}' at {at}")


def read_prompts(file: Path) -> list[PromptRow]:
    """Reads and checks a file of prompts.

    Args:
        file: in any encoding that a spreadsheet writes, delimited by commas, semicolons or tabs. Unknown columns
            are ignored.

    Raises:
        CuesError: one line for each problem: ``file:line:column: what, which value, what to do``.
    """
    table = open_table(file, "prompts file", MAX_BYTES, "give --prompt TEXT instead", CuesError)
    head, records, problems = below_header(table)
    header = [ALIASES.get(cell.text.lower(), cell.text.lower()) for cell in head.cells] if head else []
    problems += header_problems(header, head, COLUMNS, ("at", "prompt")) if head else []
    rows: list[PromptRow] = []
    for record in records if {"at", "prompt"} <= set(header) else ():
        if len(problems) > MAX_PROBLEMS:
            break
        row, wrong = _row(record, header, file.name)
        problems += wrong
        rows += [row] if row else []
    if problems:
        problems.sort(key=lambda problem: (problem[0].line, problem[0].column))
        raise CuesError("\n".join(f"{file.name}:{cell.line}:{cell.column}: {text}" for cell, text in problems))
    if not rows:
        raise CuesError(f"prompts file '{file}' holds no prompts; its columns are {','.join(COLUMNS)}")
    return rows


def on_frames(rows: Sequence[PromptRow], analysis: Analysis) -> list[tuple[int, PromptRow]]:
    """Rows with the frames on which they arrive, in the order of time.

    Args:
        rows: from `read_prompts`.
        analysis: of the song, corrected by its cues.

    Raises:
        CuesError: times that this song does not have, or two prompts on one frame: a line each.
    """
    found: dict[int, PromptRow] = {}
    problems = []
    for row in rows:
        try:
            at = resolve(row.at, analysis)
        except OptionError as error:
            problems.append(f"{row.location}: {error}")
            continue
        frame = min(analysis.n_frames - 1, round_half_up(seconds_to_fraction(at) * analysis.fps))
        if frame in found:
            problems.append(
                f"{row.location}: '{row.at.text}' is the frame of '{found[frame].prompt}' too; move one of them"
            )
        found[frame] = row
    if problems:
        raise CuesError("\n".join(problems))
    return sorted(found.items())


def _row(record: Record, header: list[str], name: str) -> tuple[PromptRow | None, list[_Problem]]:
    """A checked row, or what is wrong with it."""
    cells: Mapping[str, Cell] = {column: cell for column, cell in zip(header, record.cells, strict=False) if column}
    problems: list[_Problem] = []
    if extra := [cell for cell in record.cells[len(header) :] if cell.text]:
        problems.append((extra[0], f"'{extra[0].text}' is in no column; put prompts with commas in quotes"))

    def read(column: str, check: Callable[[str], _T]) -> _T | None:
        cell = cells.get(column)
        try:
            return check(cell.text if cell else "")
        except OptionError as error:
            problems.append((cell or record.cells[0], str(error)))
            return None

    def when(text: str) -> Moment:
        if not text:
            raise OptionError("column 'at' is empty; say when, such as 0:30 or bar:17")
        return parse_moment(with_point(text))

    at, prompt = read("at", when), read("prompt", _prompt)
    seed, guidance = read("seed", _seed), read("guidance_scale", lambda text: _guidance(with_point(text)))
    negative = cells["negative_prompt"].text if "negative_prompt" in cells else ""
    if problems or at is None or prompt is None:
        return None, problems
    cell = cells["at"]
    return PromptRow(at, prompt, seed, guidance, negative or None, f"{name}:{cell.line}:{cell.column}"), []


def _prompt(text: str) -> str:
    if not text:
        raise OptionError("column 'prompt' is empty; say what is to be seen, or take the row out")
    return text


def _seed(text: str) -> int | None:
    if text and (not re.fullmatch(r"\d{1,10}", text) or int(text) > MAX_SEED):
        raise OptionError(f"seed '{clipped(text)}' is no whole number from 0 to {MAX_SEED}")
    return int(text) if text else None


def _guidance(text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise OptionError(f"guidance_scale '{clipped(text)}' is not a number; give 0 to {MAX_GUIDANCE:g}") from None
    if not (math.isfinite(value) and 0 <= value <= MAX_GUIDANCE):
        raise OptionError(f"guidance_scale {clipped(text)} is out of range; give 0 to {MAX_GUIDANCE:g}")
    return value
