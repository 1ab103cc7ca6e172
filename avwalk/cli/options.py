"""Options of commands from the fields of a model, which has each of them once: help, spelling, type and default."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Collection, Iterator
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from avwalk.config.fields import GROUPS, Model, Opt, bare, opt_of, repeats
from avwalk.files.text_encoding import reading_as


def with_options(
    model: type[Model],
    *,
    into: str = "options",
    groups: Collection[str] = GROUPS,
    only: Collection[str] | None = None,
    also: Collection[str] = (),
    without: Collection[str] = (),
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the fields of a model as options, in place of one parameter.

    Args:
        model: of the options; made of `avwalk.config.fields.option`.
        into: the parameter that gets what was given of them, name → value, as `avwalk.render` takes it.
        groups: only options under these headings.
        only: names; instead of groups.
        also: names that are taken whatever their group.
        without: names that are left out, as the command has one of its own.
    """

    def wanted(name: str, opt: Opt) -> bool:
        in_group = opt.group in groups if only is None else name in only
        return (in_group or name in also) and name not in without

    fields = {name: field for name, field in model.model_fields.items() if wanted(name, opt_of(field))}

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True)
        made = [_parameter(name, field) for name, field in fields.items()]
        parameters = [one for each in own.parameters.values() for one in (made if each.name == into else [each])]

        @functools.wraps(command)
        def called(**values: Any) -> None:
            asked = {name: _value(field, values.pop(name)) for name, field in fields.items()}
            given = {name: value for name, value in asked.items() if value not in (None, [])}
            with reading_as(given.get("encoding")):
                command(**{into: given}, **values)

        called.__signature__ = own.replace(parameters=[each.replace(kind=each.KEYWORD_ONLY) for each in parameters])  # type: ignore[attr-defined]
        called.__annotations__ = {each.name: each.annotation for each in parameters}
        return called

    return decorate


def _parameter(name: str, field: FieldInfo) -> inspect.Parameter:
    """The parameter of a command that stands for a field. A number is a text here, so that the model says what is
    wrong with it, in one way."""
    opt, kind = opt_of(field), bare(field.annotation)
    flags = opt.flags or (f"--{name.replace('_', '-')}",)
    text = opt.negated or field.description or ""
    if field.default not in (None, (), "", False, True):
        text += f" [default: {field.default}]"
    choices = [str(value) for value in get_args(kind)] if get_origin(kind) is Literal else []
    annotation: Any = str | None
    default: Any = None
    if kind is bool and field.default is not None:
        annotation, default = bool, False
    elif kind is bool:
        annotation = bool | None
    elif repeats(field):
        annotation, default = list[str], []
    declared = typer.Option(
        default,
        *flags,
        metavar=opt.metavar or "|".join(choices) or None,
        help=text,
        rich_help_panel=opt.group,
        autocompletion=_completion(choices),
    )
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=declared, annotation=annotation)


def _completion(choices: list[str]) -> Callable[[str], Iterator[str]] | None:
    """Completes the values of an option that has a few."""

    def complete(incomplete: str) -> Iterator[str]:
        return (choice for choice in choices if choice.startswith(incomplete))

    return complete if choices else None


def _value(field: FieldInfo, value: Any) -> Any:
    """What was given, as the model takes it; None: nothing."""
    if isinstance(field.default, bool):  # a flag that was given says the opposite of the default
        return (not field.default) if value else None
    kind = bare(field.annotation)
    if kind in (int, float) and opt_of(field).metavar != "TIME" and value is not None:
        with contextlib.suppress(ValueError):  # what is no number is refused by the model
            return kind(value)
    return value
