"""Base model and field helpers of all settings."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

GROUPS = ("Look", "Time", "Text", "Output", "Running and recovery", "Models")
"""Headings of the help, in order."""
Group = Literal["Look", "Time", "Text", "Output", "Running and recovery", "Models"]


@dataclass(frozen=True)
class Opt:
    """What an option is beside its type, default and description: how it is written, and what a film keeps of it.

    Attributes:
        group: heading of the help that it stands under.
        metavar: stands for its value in the help; empty: its choices.
        flags: spellings on the command line; empty: ``--name``.
        accepts: type that Python callers may give, as source text; empty: the field's own.
        file: ``always`` the name of a file or folder, ``perhaps`` one or another name, or ``never``.
        unstored: why a film does not store it; empty: it does.
        unhashed: why the hash of a film does not depend on it; empty: it does.
        sparse: stored only where it is not the default, as films made before there was the option have no such key.
        negated: help of a flag that says the opposite of the field.
        before: what a film that does not store it was made with; None: the default.
    """

    group: Group
    metavar: str = ""
    flags: tuple[str, ...] = ()
    accepts: str = ""
    file: Literal["always", "perhaps", "never"] = "never"
    unstored: str = ""
    unhashed: str = ""
    sparse: bool = False
    negated: str = ""
    before: Any = None


def option(default: Any, text: str, opt: Opt, **checks: Any) -> Any:
    """A field that is an option of a command: default, help, `Opt`, and what pydantic checks (``ge``, ``le``, …)."""
    return Field(default, description=text, json_schema_extra={"option": opt}, **checks)  # type: ignore[dict-item]


def opt_of(field: FieldInfo) -> Opt:
    """The `Opt` of a field made by `option`."""
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    found = extra["option"]
    assert isinstance(found, Opt)
    return found


def bare(annotation: Any) -> Any:
    """A field's type without what pydantic checks, and without None: ``Annotated[float, …] | None`` → ``float``."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [bare(each) for each in get_args(annotation) if each is not type(None)]
        return kinds[0] if len(kinds) == 1 else Union[tuple(kinds)]  # noqa: UP007
    return annotation


def repeats(field: FieldInfo) -> bool:
    """Whether an option is given several times, rather than once as a text that is divided."""
    return get_origin(bare(field.annotation)) is tuple and not opt_of(field).accepts


def knob(default: float, low: float, high: float, unit: str, text: str, *, wraps: bool = False) -> Any:
    """A numeric field that routes can modulate: ``low`` ≤ value ≤ ``high`` (``wraps``: periodic, not clamped)."""
    extra: dict[str, Any] = {"routable": True, "unit": unit, "wraps": wraps}
    return Field(default, ge=low, le=high, description=text, json_schema_extra=extra)


class Model(BaseModel):
    """Base of all settings: validated, frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)
