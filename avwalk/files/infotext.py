"""Generation parameters in AUTOMATIC1111's infotext format (PNG text ``parameters``): written and parsed.

a glass forest at dawn
Negative prompt: blurry
Steps: 4, Sampler: LCM, CFG scale: 1.5, Seed: 7, Size: 512x512, Model: sd15
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

NEGATIVE = "Negative prompt:"
_PAIR = re.compile(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
_FEWEST = 3  # pairs in a last line that is not the prompt's


def infotext(prompt: str, negative: str, values: Mapping[str, object]) -> str:
    """Formats the infotext of a picture.

    Args:
        prompt: may have several lines.
        negative: empty for none.
        values: such as ``{"Steps": 4, "Sampler": "LCM", "CFG scale": 1.5, "Seed": 7, "Size": "512x512"}``, in this
            order; None is left out.
    """
    pairs = ", ".join(f"{name}: {_quoted(value)}" for name, value in values.items() if value is not None)
    return "\n".join([prompt, *([f"{NEGATIVE} {negative}"] if negative else []), pairs])


def parsed(text: str) -> dict[str, str]:
    """Parses an infotext: ``Prompt``, ``Negative prompt``, and its values by name. Empty ones are omitted."""
    *lines, last = text.strip().split("\n")
    pairs = _PAIR.findall(last)
    if len(pairs) < _FEWEST:
        lines, pairs = [*lines, last], []
    prompt: list[str] = []
    negative: list[str] = []
    into = prompt
    for line in lines:
        line = line.strip()
        if line.startswith(NEGATIVE):
            into, line = negative, line.removeprefix(NEGATIVE).strip()
        into.append(line)
    found = {"Prompt": "\n".join(prompt).strip(), "Negative prompt": "\n".join(negative).strip()}
    found |= {name: _unquoted(value.strip()) for name, value in pairs}
    return {name: value for name, value in found.items() if value}


def _quoted(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if set(text) & set(',\n:"') else text


def _unquoted(text: str) -> str:
    if not (len(text) > 1 and text[0] == text[-1] == '"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        return text
