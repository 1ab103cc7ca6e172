"""Values of options that several commands read."""

from __future__ import annotations


def size_of(text: str) -> tuple[int, int]:
    """Width and height of ``"1280x720"``.

    Raises:
        OptionError: it is no size.
    """
    from avwalk.errors import OptionError, clipped

    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise OptionError(f"--size '{clipped(text)}' is no size; write 1280x720")
    return int(parts[0]), int(parts[1])
