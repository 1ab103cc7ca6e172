"""Names of a preset's keys: other spellings of them, and hints for those that are unknown."""

from __future__ import annotations

import difflib

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from avwalk.config.generators import Restyle, Sd
from avwalk.config.preset import Preset
from avwalk.errors import did_you_mean


def names_of(setting: FieldInfo) -> list[str]:
    """The names that a setting goes by beside its own; empty where there are none."""
    return [str(choice) for choice in getattr(setting.validation_alias, "choices", ())]


def _spellings() -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for setting in (*Sd.model_fields.values(), *Restyle.model_fields.values()):
        every = names_of(setting)
        for name in every:
            found.setdefault(name, set()).update(other for other in every if other != name)
    return {name: tuple(sorted(others)) for name, others in found.items()}


SPELLINGS = _spellings()
"""Of each name that a setting has beside another: the others. What is said later stands in for all of them."""


def nearest_key(key: str) -> str:
    """A hint for an unknown key: one like it in its section, by any of its names, else the one of that name in another
    section, else the one spelled most like it.
    """
    sections = {
        outer: one.annotation.model_fields
        for outer, one in Preset.model_fields.items()
        if isinstance(one.annotation, type) and issubclass(one.annotation, BaseModel)
    }
    outer, _, leaf = key.rpartition(".")
    own = {other: name for name, one in sections.get(outer, {}).items() for other in (name, *names_of(one))}
    if near := difflib.get_close_matches(leaf, own, n=1, cutoff=0.7):
        return f" (did you mean '{outer}.{own[near[0]]}'?)"
    known = [*Preset.model_fields, *(f"{outer}.{inner}" for outer, fields in sections.items() for inner in fields)]
    same = [k for k in known if k.rpartition(".")[2] == leaf]
    return f" (did you mean '{same[0]}'?)" if len(same) == 1 else did_you_mean(key, known)
