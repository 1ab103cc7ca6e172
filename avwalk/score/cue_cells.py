"""What stands in the cells of the cues, checked one by one: of a file's rows, and of those that a film has stored."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from typing import Any

from avwalk.errors import OptionError, clipped, did_you_mean
from avwalk.files.csv_table import with_point
from avwalk.score.musical_time import parse_length

SCORE = ("tempo", "beat", "downbeat", "section", "drop", "build")
"""Cues that correct the score."""
CONTENT = ("preset", "seed", "palette", "prompt", "class", "text")
"""Cues that set what the picture shows, not a number: see `avwalk.score.automation.timeline`."""
CURVES = ("cut", "linear", "smoothstep", "melt")
NONE = ("no", "none")
"""Values that remove a detected drop or build-up."""
MAX_SEED = 2**63 - 1


def _targets() -> Mapping[str, Any]:
    from avwalk.config.preset import targets  # late: a song without cues needs none of it

    return targets()


def parse_ease(text: str, default: str) -> tuple[str, tuple[float, str]]:
    """Curve and length of an ease: ``smoothstep:2beats``, ``linear:0.5``; a beat long by default.

    Args:
        text: from the file; empty for the default.
        default: the curve when none is named.

    Raises:
        OptionError: an unknown curve, or a length that is none.
    """
    curve, colon, length = (part.strip() for part in (text or default).lower().partition(":"))
    if curve not in CURVES:
        raise OptionError(f"ease '{text}' is not known{did_you_mean(curve, CURVES)}; it is {', '.join(CURVES)}")
    if curve == "cut":
        if colon:
            raise OptionError(f"ease '{text}': a cut has no length; write cut, or linear:{length or '1beat'}")
        return curve, (0.0, "s")
    amount, unit = parse_length(length) if colon else (1.0, "beat")
    if amount < 0:
        raise OptionError(f"ease '{text}' is shorter than nothing; write for example {curve}:1beat")
    return curve, (amount, unit)


def what_of(text: str) -> str:
    """What a row is about, in lower case.

    Raises:
        OptionError: nothing that a row can be about.
    """
    names = (*SCORE, *CONTENT, *_targets())
    if text.lower() in names:
        return text.lower()
    if not text:
        raise OptionError(f"column 'what' is empty; it is {', '.join((*SCORE, *CONTENT))} or a parameter")
    near = did_you_mean(text, names)
    raise OptionError(f"unknown '{clipped(text)}'{near}; `avwalk presets targets` lists the parameters")


def value_of(what: str, text: str, names: Mapping[str, Collection[str]]) -> str:
    """The value, normalised.

    Args:
        what: the row is about.
        text: of the cell.
        names: available ``"preset"`` and ``"palette"`` names; what is not in it is not looked up.

    Raises:
        OptionError: not a value for it.
    """
    if what in _targets() or what == "tempo":
        return _numeric(what, text)
    if what in ("drop", "build", "beat"):
        if text and not (text.lower() in NONE and what != "beat"):
            hint = "; leave it empty, or write 'no' to take the one found there away" if what != "beat" else ""
            raise OptionError(f"a {what} has no value, but '{text}' is given{hint or '; leave it empty'}")
        return "no" if text else ""
    if what == "downbeat":
        if text and not (re.fullmatch(r"\d{1,2}", text) and 1 <= int(text) <= 16):
            raise OptionError(f"downbeat '{text}': the value is the beats of a bar from there on, 1 to 16, or empty")
        return str(int(text)) if text else ""
    if not text:
        raise OptionError(f"a {what} needs a value, but its cell is empty")
    if what == "seed":
        if not re.fullmatch(r"\d{1,19}", text) or int(text) > MAX_SEED:
            raise OptionError(f"seed '{text}' is no whole number from 0 to {MAX_SEED}")
        return str(int(text))
    if what in names and text not in names[what]:
        there = ", ".join(sorted(names[what]))
        raise OptionError(f"unknown {what} '{text}'{did_you_mean(text, names[what])}; there are {there}")
    return text


def _numeric(what: str, text: str) -> str:
    unit, low, high = "BPM", 10.0, 1000.0
    if what != "tempo":
        target = _targets()[what]
        unit, low, high = target.unit, target.low, target.high
        if target.wraps:
            low, high = -math.inf, math.inf
    shown = f"{low:g} to {high:g}" if math.isfinite(high) else "a number"
    try:
        value = float(with_point(text))
    except ValueError:
        said = f"'{text}' is not a number" if text else "the value is empty"
        raise OptionError(f"{what}: {said}; give {shown} {unit}".rstrip()) from None
    if not math.isfinite(value) or not low <= value <= high:
        raise OptionError(f"{what} {text} is out of range; give {shown} {unit}".rstrip())
    return repr(value)


def ease_of(what: str, text: str) -> str:
    """The ease, in lower case.

    Raises:
        OptionError: it is none, or there can be none.
    """
    if not text:
        return ""
    if what in SCORE:
        raise OptionError(f"a {what} has no ease, but '{text}' is given; leave it empty")
    parse_ease(text, "cut")
    return re.sub(r"\s+", "", text.lower())


def check_until(what: str, text: str) -> None:
    """Looks at whether a row may have an end.

    Raises:
        OptionError: it has one, and may not.
    """
    if text and what in ("beat", "downbeat", "drop"):
        raise OptionError(f"a {what} has no end, but until '{text}' is given; leave it empty")
