"""The text is corrected by hand before anything is painted of it: in an editor, or in a line."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from avwalk.errors import OptionError

HINT = "# Correct what was understood; lines that begin with # are left out. An empty text paints nothing.\n"


def editor_of(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The command of the user's editor, as words: ``VISUAL``, else ``EDITOR``; none: empty.

    Raises:
        OptionError: it is not there.
    """
    text = environment.get("VISUAL") or environment.get("EDITOR") or ""
    try:
        words = shlex.split(text, posix=os.name != "nt")
    except ValueError:
        raise OptionError(f"EDITOR '{text[:60]}' is no command; correct it, or say --yes") from None
    if words and shutil.which(words[0]) is None:
        raise OptionError(f"EDITOR '{words[0][:60]}' is not there; set another, or say --yes")
    return words


def corrected(text: str, editor: list[str], ask: Callable[[str], str]) -> str:
    """A text as its speaker corrects it.

    Args:
        text: what was understood, a line for each utterance.
        editor: command; empty: ``ask`` is asked instead.
        ask: shows a question, and gives the line that was typed; an empty one leaves the text as it is.

    Returns:
        The text; empty: nothing is to be painted.

    Raises:
        OptionError: the editor failed.
    """
    if not editor:
        typed = ask("Enter paints it; or type it as it should be: ").strip()
        return typed or text
    with tempfile.TemporaryDirectory(prefix="avwalk-") as folder:
        file = Path(folder) / "heard.txt"
        file.write_text(f"{HINT}{text}\n", encoding="utf-8")
        try:
            code = subprocess.run([*editor, str(file)], check=False).returncode
        except OSError as error:
            raise OptionError(f"EDITOR '{editor[0]}' cannot be run: {error.strerror}") from None
        if code:
            raise OptionError(f"EDITOR '{editor[0]}' ended with code {code}; nothing was painted")
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#")).strip()
