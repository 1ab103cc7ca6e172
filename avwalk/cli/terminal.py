"""What is written to the terminal: nothing that came from a file can command it."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

MAX_LINE = 300
"""Characters of a line that says what is wrong."""
_HEAD = 190  # of them from its beginning: the others say what to do next
# controls but tab and line feed, C1 controls, marks that turn the direction of writing, other ends of lines, surrogates
_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: object) -> str:
    """A text without what could command a terminal, which becomes ``?``."""
    return _COMMANDS.sub("?", str(text))


def error_line(text: str) -> str:
    """One line about what is wrong, printable, of at most `MAX_LINE` characters: what is too long loses its middle."""
    line = printable(text.replace("\n", " "))
    return line if len(line) <= MAX_LINE else f"{line[:_HEAD]}…{line[_HEAD + 1 - MAX_LINE :]}"


def echo(text: object = "", *, err: bool = False) -> None:
    """Prints a result, printable; ``err``: to stderr, as what is no result."""
    print(printable(text), file=sys.stderr if err else sys.stdout, flush=True)


def echo_error(error: Exception) -> None:
    """Says what is wrong on stderr, a line for each problem."""
    for line in str(error).split("\n"):
        print(error_line(line), file=sys.stderr, flush=True)


def json_text(value: Any, **options: Any) -> str:
    """JSON in letters of all scripts, controls as JSON escapes them; ``options`` as of `json.dumps`."""
    text = json.dumps(value, ensure_ascii=False, **options)
    return _COMMANDS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
