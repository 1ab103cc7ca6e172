"""``avwalk``: the commands, each imported only when it is used."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from avwalk.cli.terminal import echo, error_line
from avwalk.errors import AvwalkError, OutputError, at_command_line

COMMANDS = {
    "render": "Render a song to a music video.",
    "preview": "Seconds of it, small, and a contact sheet of the whole song.",
    "paint": "A picture of a prompt, by the painter of your choice.",
    "explore": "Worlds of a preset on one sheet; keep those that you like.",
    "analyze": "What avwalk hears: tempo, beats, sections, signals; as text, picture, CSV or JSON.",
    "cues": "Check and show the corrections and wishes beside a song.",
    "music": "Music for a story, by a synthesiser of our own: a mood for each part.",
    "listen": "What is said or chatted becomes pictures.",
    "score": "How well pictures fit their prompts (CLIP), and how alike neighbours are (SSIM).",
    "serve": "Pictures and films by HTTP, on this machine.",
    "words": "Lyrics of a song as a table to correct; read and written as LRC, SRT, VTT.",
    "script": "A text, a conversation or words become scenes and prompts, as a table to correct.",
    "story": "A story becomes pictures, a page and a film that tells it.",
    "codex": "A style as scenes × attributes: explored, sorted, locked, shown on screens, given away.",
    "scenes": "Prompts, seeds and the ways between them, made into films.",
    "verify": "Check a video: frames, lengths, sound, sync.",
    "info": "Say how a film or a picture was made.",
    "batch": "A film for each row of a table of songs.",
    "presets": "List, show, check and make presets.",
    "models": "List, fetch and check weights; the names of classes.",
    "doctor": "What this machine has, and what is missing.",
    "demo": "Render the bundled song.",
}
COLLECT = (50_000, 20, 50)
"""When the collector runs, see `gc.set_threshold`: imports make many objects that stay, and at its defaults
it looks through them again and again: 0.4 s."""
NESTED = {"presets", "codex", "cues", "models", "scenes", "story"}
ALIASES = {"project": "scenes"}
"""Other names of commands."""


class UnexpectedEnd(Exception):
    """Stands for an EOFError on the way through typer."""

    def __init__(self, end: EOFError) -> None:
        super().__init__(*end.args)
        self.end = end


class LazyGroup(TyperGroup):
    """Imports a command's module when it is called; ``--help`` and completion of commands need none of them."""

    _names_only = False

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, imported now; while names are completed, only its name and its sentence."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        if self._names_only:
            return TyperCommand(name, help=COMMANDS[name])
        module = importlib.import_module(f"avwalk.cli.{name}")
        command = typer.main.get_group(module.app) if name in NESTED else typer.main.get_command(module.app)
        command.name = name
        return command

    def invoke(self, ctx: Any) -> Any:
        """The command; the end of a file that nobody expected is an error of its own, which typer takes for Ctrl-D."""
        try:
            return super().invoke(ctx)
        except EOFError as error:
            raise UnexpectedEnd(error) from error

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """While names are completed there is nothing to parse; typer would import pydantic for it."""
        return super().parse_args(ctx, args) if args or not ctx.resilient_parsing else []

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called; a song by itself is rendered."""
        name = args[0]
        if name in COMMANDS or name in ALIASES or name.startswith("-") or (ctx.resilient_parsing and not is_file(name)):
            return super().resolve_command(ctx, args)
        if is_file(name):
            return super().resolve_command(ctx, ["render", *args])
        from avwalk.errors import did_you_mean

        return ctx.fail(f"'{name}' is neither a command nor a song that is there{did_you_mean(name, COMMANDS)}")

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Names and sentences from the table, then options."""
        self._names_only = True
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self._names_only = False

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Names and sentences, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    cls=LazyGroup,
    name="avwalk",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Examples: avwalk song.wav    avwalk render song.wav --preset lsd",
)


def is_file(name: str) -> bool:
    """Whether there is a file of that name."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # no name that a file can have
        return False


def _version(asked: bool) -> None:
    if asked:
        from avwalk._version import __version__

        echo(f"avwalk {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    """Turns a song, a story or a voice into a film."""


def main(args: list[str] | None = None) -> None:
    """Runs a command; every error is one line on stderr and an exit code above 0."""
    debug = os.environ.get("AVWALK_DEBUG") == "1"
    gc.set_threshold(*COLLECT)
    # Two cores draw; the threads of a linear algebra library would spin beside them, for products of 12 columns.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _open_streams()
    for stream in (sys.stdout, sys.stderr):  # a song may have a name that the terminal cannot show
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    command = typer.main.get_command(app)
    with at_command_line(), _said_warnings():
        code = _run(command, args, debug)
    if args is None and code > 128:  # one more Ctrl-C while the interpreter ends would be a traceback
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


@contextmanager
def _said_warnings() -> Iterator[None]:
    """While it lasts, warnings are notes on stderr, unless they become events: see `avwalk.events`."""

    class _Note(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if logger.handlers == [self] and (text := record.getMessage()) not in said:
                said.add(text)
                print(f"note: {text}", file=sys.stderr)

    said: set[str] = set()
    logger, handler = logging.getLogger("avwalk"), _Note(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def _open_streams() -> None:
    """Where there is no output, as in services and under pythonw, it goes nowhere.

    Closed descriptors are opened too: the next file would get them, and messages of libraries would be written in it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        if not _takes_text(getattr(sys, name)):
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


def _takes_text(stream: Any) -> bool:
    """Whether a stream can be written to; a closed descriptor may have become that of a file meanwhile."""
    try:
        number = stream.fileno()
    except (AttributeError, OSError, ValueError):  # there is none; or one of a notebook or a test, which has no number
        return stream is not None
    try:
        os.write(number, b"")
    except OSError:
        return False
    return True


def _run(command: Any, args: list[str] | None, debug: bool) -> int:
    """Runs a command; gives the exit code."""
    from avwalk.runners.interrupts import exit_code, interruptible

    try:
        with interruptible((signal.SIGINT,)):
            _check_surroundings()
            code = command.main(args=args, prog_name="avwalk", standalone_mode=False)
        if code == 128 + signal.SIGINT:  # so typer ends, whichever signal it was
            code = exit_code()
    except (KeyboardInterrupt, typer.Abort):
        code = exit_code()
    except BrokenPipeError:  # who read it has gone
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
        code = 1
    except Exception as error:
        if debug:
            raise
        code = _explain(error.end if isinstance(error, UnexpectedEnd) else error)
    gc.freeze()  # or the interpreter looks through all that was imported once more: 0.7 s
    return code if isinstance(code, int) else 0


def _explain(error: Exception) -> int:
    """Prints what happened; gives the exit code."""
    if type(error).__name__ == "NoArgsIsHelpError":  # a bare `avwalk`: its message is the help
        print(error.format_message())  # type: ignore[attr-defined]
        return 2
    if type(error).__name__ == "BadParameter":  # a number that is none
        print(error_line(f"avwalk: {_bad_value(error)}"), file=sys.stderr)
        return 1
    if hasattr(error, "format_message"):  # a wrong option or argument: typer's own
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "avwalk"
        print(error_line(f"avwalk: {error.format_message()} (see: {path} --help)"), file=sys.stderr)
        return 2
    if isinstance(error, AvwalkError):
        print("\n".join(error_line(_line(line)) for line in str(error).split("\n") if line), file=sys.stderr)
        return 1
    if isinstance(error, UnicodeEncodeError) and any("\ud800" <= c <= "\udfff" for c in error.object):
        print(error_line(f"avwalk: {_unreadable(error.object)}"), file=sys.stderr)
        return 1
    what = " ".join(str(error).split()) or "no message"
    print(
        error_line(f"avwalk: unexpected {type(error).__name__}: {what}; run again with AVWALK_DEBUG=1 for the details"),
        file=sys.stderr,
    )
    return 1


def _unreadable(name: str) -> str:
    """What is wrong with a name that holds bytes which are no letters."""
    from avwalk.files.names import NOT_UTF8, names_are_utf8, readable, shown

    if not names_are_utf8():
        return f"'{readable(Path(name))}' cannot be read: {NOT_UTF8}"
    return f"'{shown(Path(name))}' is no name in UTF-8; rename the file or folder"


def _check_surroundings() -> None:
    """Raises if the current folder or settings of libraries are such that they fail somewhere in the middle."""
    from avwalk.arrays.numba_settings import check_numba_settings

    check_numba_settings()
    try:
        Path.cwd()
    except OSError:
        raise OutputError("the current folder is not there any more; go to one that is (cd)") from None


def _line(text: str) -> str:
    """One of what is wrong: ``FILE:LINE:COLUMN: …`` as it is, for editors that go there; else after the program."""
    return text if re.match(r"(?!--)[^:]+:\d+(:\d+)?: ", text) else f"avwalk: {text}"


def _bad_value(error: Any) -> str:
    """What typer finds wrong with a value, in the words of the options of a render: ``--jobs: must be …``."""
    param = getattr(error, "param", None)
    name = error.param_hint or (param.opts[0] if param is not None else "a value")
    said = str(error.message).partition(", unable to parse")[0].removeprefix("Input ").replace("should be", "must be")
    return f"{name}: {said.rstrip('.')}"


if __name__ == "__main__":
    main()
