"""Names used as file and folder names: legal on every system, confined to their folder."""

from __future__ import annotations

import re

from avwalk.errors import OptionError

MAX_NAME = 80
"""Letters of a name: a transition's folder holds two names and two seeds, and no more than 255 bytes."""
_ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{k}" for port in ("com", "lpt") for k in range(1, 10))}


def node_name(text: str, what: str = "name") -> str:
    """A name of a prompt or a scene.

    Raises:
        OptionError: it is empty, has a ``-`` or a comma, begins with ``#``, or would be no legal file name everywhere.
    """
    if not text:
        raise OptionError(f"{what} is empty; give it one, such as glass_forest")
    if "-" in text:
        raise OptionError(f"{what} '{text}' has a '-', which divides name and seed; call it '{_proposal(text)}'")
    if "," in text:
        raise OptionError(f"{what} '{text}' has a comma, which divides lists; call it '{_proposal(text)}'")
    if text.startswith("#"):
        raise OptionError(f"{what} '{text}' begins with '#', as comments do; call it '{_proposal(text)}'")
    return file_name(text, what)


def file_name(text: str, what: str = "name") -> str:
    """A name of a file or folder that is legal on every system and stays where it is put.

    Raises:
        OptionError: it is not.
    """
    if not legal(text) or text != text.strip(" ."):
        raise OptionError(f"{what} '{text}' cannot be the name of a file; call it '{_proposal(text)}'")
    if len(text) > MAX_NAME or len(text.encode("utf-8", "replace")) > MAX_NAME:
        raise OptionError(f"{what} '{text[:20]}…' is longer than {MAX_NAME} bytes; shorten it")
    return text


def legal(text: str) -> bool:
    """Whether a file may be called so on every system; ``.`` and ``..`` are no names."""
    return bool(text.strip(" .")) and not _ILLEGAL.search(text) and text[-1] not in " ." and not _reserved(text)


def inner_path(text: str, what: str) -> str:
    """Names divided by ``/``, none of which leaves the folder that they start in: ``shapes/square``.

    Raises:
        OptionError: one of them does, or is no legal name.
    """
    parts = text.replace("\\", "/").split("/")
    for part in parts:
        try:
            file_name(part, what)
        except OptionError:
            raise OptionError(
                f"{what} '{text}' leaves its folder or is no legal name; write it as shapes/square"
            ) from None
    return "/".join(parts)


def _reserved(text: str) -> bool:
    return text.split(".")[0].lower() in _RESERVED


def _proposal(text: str) -> str:
    """A name like this one that would do."""
    name = re.sub(r"\s*[-,]\s*", "_", _ILLEGAL.sub("_", text)).strip(" ._#") or "scene"
    return f"{name}_" if _reserved(name) else name[:MAX_NAME]
