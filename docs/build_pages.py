"""Pages that are made when the documentation is built, so that they cannot differ from the code: a hook of MkDocs.

Commands come from the command line itself, keys of presets and options of a render from the pydantic models, signals
from their table. Pictures under ``media/`` and pages that live elsewhere in the repository are taken from there.
"""

from __future__ import annotations

import enum
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pydantic import BaseModel
from pydantic.fields import FieldInfo

ROOT = Path(__file__).resolve().parent.parent
RENDER_OPTIONS, SPECIES = "<!-- render options -->", "<!-- species -->"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that are made, and the pictures under ``media/``."""
    made = {
        "reference/commands.md": commands(),
        "reference/presets.md": presets(),
        "reference/signals.md": signals(),
        "reference/project_files.md": (ROOT / "meta" / "README.md").read_text(encoding="utf-8"),
        "contributing/rules.md": (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").replace("](docs/", "](../"),
        "changelog.md": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
    }
    for place, text in made.items():
        files.append(File.generated(config, place, content=text))
    for picture in (ROOT / "media").rglob("*"):
        if picture.suffix in {".jpg", ".webp"}:
            place = picture.relative_to(ROOT).as_posix()
            files.append(File.generated(config, place, abs_src_path=str(picture)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links to ``media/`` that hold in the repository become links that hold on the site."""
    up = "../" * page.file.src_uri.count("/")
    return (
        markdown.replace(f"]({up}../media/", f"]({up}media/")
        .replace(RENDER_OPTIONS, render_options())
        .replace(SPECIES, species())
    )


def species() -> str:
    """What routes can spawn, with the beats that it lives."""
    from avwalk.config.matter import SPAWN, SPECIES

    rows = [(code(f"{SPAWN}{name}"), one.text, f"{one.beats:g}") for name, one in SPECIES.items()]
    return table(("target", "what it is", "beats"), rows)


# ---- tables -----------------------------------------------------------------------------------------------------


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell(text) for text in line) + " |" for line in lines) + "\n"


def cell(text: str) -> str:
    """Text for a cell of a table: bars would end it."""
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def code(text: str) -> str:
    """As code, or nothing where there is none."""
    return f"`{text}`" if text else ""


# ---- commands ---------------------------------------------------------------------------------------------------


def commands() -> str:
    """Every command with its arguments and options, as ``--help`` says them."""
    from avwalk.cli.main import app

    parts = ["# Commands\n", "Made from the program itself; `avwalk COMMAND --help` says the same.\n"]
    for path, command in walk(typer.main.get_command(app), ("avwalk",)):
        context = command.make_context(path[-1], [], resilient_parsing=True)
        command.get_help(context)  # fills in what is read from the models
        depth = "##" if len(path) < 3 else "###"
        parts.append(f"{depth} `{' '.join(path)}`\n")
        parts.append(f"{paragraphs(command.help)}\n")
        if hasattr(command, "list_commands"):
            continue
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        usage = " ".join([*path, *(argument(p) for p in arguments), "[OPTIONS]"])
        parts.append(f"    {usage}\n")
        told = [(code(argument(p)), help_of(p)) for p in arguments if help_of(p)]
        if told:
            parts.append(table(("argument", "meaning"), told))
        for group, options in grouped(command).items():
            parts.append(table((group, "meaning"), [(code(spelled(p)), help_of(p)) for p in options]))
    return "\n".join(parts)


def walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below one, with the words that call it."""
    if not hasattr(command, "list_commands"):
        yield path, command
        return
    if len(path) > 1:
        yield path, command
    context = command.make_context(path[-1], [], resilient_parsing=True)
    for name in command.list_commands(context):
        yield from walk(command.get_command(context, name), (*path, name))


def grouped(command: Any) -> dict[str, list[Any]]:
    """Options of a command by the group that its help shows them in."""
    found: dict[str, list[Any]] = {}
    for param in command.params:
        if param.param_type_name == "option" and not getattr(param, "hidden", False):
            found.setdefault((getattr(param, "rich_help_panel", None) or "option").lower(), []).append(param)
    return found


def argument(param: Any) -> str:
    """``SONG``, or ``[SONG]`` where it may be left out."""
    name = (param.metavar or param.name.upper()).strip("[]")
    return name if param.required else f"[{name}]"


def spelled(param: Any) -> str:
    """``--preset, -p NAME``."""
    names = [*sorted(param.opts, key=len, reverse=True), *param.secondary_opts]
    return ", ".join(names) + ("" if param.is_flag else f" {param.metavar or 'VALUE'}")


def help_of(param: Any) -> str:
    """What a parameter means, and its default."""
    text = param.help or ""
    default = param.default
    if getattr(param, "show_default", False) and "default" not in text and isinstance(default, str | int | float):
        text += f" [default: {default}]" if default is not False and default is not True else ""
    return text


def paragraphs(text: str | None) -> str:
    """A docstring without its indentation."""
    return "\n".join(line.strip() for line in (text or "").splitlines())


# ---- models -----------------------------------------------------------------------------------------------------


def presets() -> str:
    """Every key of a preset, from the model."""
    from avwalk.config.preset import Preset
    from avwalk.generators.named_palettes import PALETTES

    top = {n: f for n, f in Preset.model_fields.items() if not is_model(f.annotation)}
    parts = [
        "# Keys of a preset\n",
        "Made from the models that check a preset. Keys with a tick under *routes* can be moved by "
        "[routes](../guides/routes.md) and [cues](../guides/beats_and_cues.md); `avwalk presets targets` lists them.\n",
        "## At the top\n",
        fields(top),
    ]
    nested: dict[str, type[BaseModel]] = {}
    for name, field in Preset.model_fields.items():
        if is_model(field.annotation):
            model = field.annotation
            parts += [f"## `[{name}]`\n", f"{paragraphs(model.__doc__)}\n", fields(model.model_fields)]
            nested |= inner(model)
    parts.append("## Tables inside of tables\n")
    for name, model in nested.items():
        parts += [f"### {name}\n", f"{paragraphs(model.__doc__)}\n", fields(model.model_fields)]
    parts += ["## Palettes\n", ", ".join(f"`{name}`" for name in PALETTES) + "\n"]
    return "\n".join(parts)


def render_options() -> str:
    """The options of `avwalk.render`, from their model."""
    from avwalk.config.options import RenderOptions

    return fields(RenderOptions.model_fields)


def fields(of: dict[str, FieldInfo]) -> str:
    """A row for each field of a model; the column on routes where one of them can be moved."""
    rows, moved = [], False
    for name, field in of.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        unit, tick = str(extra.get("unit", "")), "✓" if extra.get("routable") else ""
        moved |= bool(tick)
        aliases = [str(a) for a in getattr(field.validation_alias, "choices", ()) if a != name]
        also = f" (also `{'`, `'.join(aliases)}`)" if aliases else ""
        values = f"{allowed(field)} {unit}".strip()
        rows.append((code(name) + also, code(default(field)), values, tick, field.description or ""))
    head = ("key", "default", "values", "routes", "meaning")
    return table(head, rows) if moved else table((*head[:3], head[4]), [(*row[:3], row[4]) for row in rows])


def default(field: FieldInfo) -> str:
    """The default as TOML writes it; nothing where there is none."""
    value = field.default
    if field.is_required() or value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{v}"' if isinstance(v, str) else str(v) for v in value) + "]"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def allowed(field: FieldInfo) -> str:
    """Choices, or the kind and the range of a number."""
    if choices := literals(field.annotation):
        return ", ".join(code(str(choice)) for choice in choices)
    bounds = {}
    for mark in field.metadata:
        for name in ("ge", "gt", "le", "lt"):
            if getattr(mark, name, None) is not None:
                bounds[name] = getattr(mark, name)
    low = f"{bounds['ge']:g}" if "ge" in bounds else f"above {bounds['gt']:g}" if "gt" in bounds else ""
    high = (
        f"{bounds['le']:g}" if bounds.get("le", 2**53) < 2**53 else f"below {bounds['lt']:g}" if "lt" in bounds else ""
    )
    if low or high:
        return f"{low} to {high}" if low and high else f"{low} or more" if low else f"up to {high}"
    return kind(field.annotation)


def literals(annotation: Any) -> list[Any]:
    """The choices of a type, those inside of unions and tuples too."""
    if get_origin(annotation) is Literal:
        return [value.value if isinstance(value, enum.Enum) else value for value in get_args(annotation)]
    return [value for part in get_args(annotation) for value in literals(part)]


def kind(annotation: Any) -> str:
    """What sort of value, in a word or two."""
    if get_origin(annotation) in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(kind(a) for a in get_args(annotation) if a is not type(None)))
    if get_origin(annotation) is tuple:
        return f"list of {kind(get_args(annotation)[0])}"
    if is_model(annotation):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    names = {str: "text", bool: "true or false", int: "whole number", float: "number", Any: "text or table"}
    return names.get(annotation) or kind(get_args(annotation)[0])


def is_model(annotation: Any) -> bool:
    """Whether a type is a table of its own."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def inner(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Models that the fields of one hold, by name."""
    found: dict[str, type[BaseModel]] = {}
    for field in model.model_fields.values():
        for part in (field.annotation, *get_args(field.annotation)):
            if is_model(part) and part.__name__ not in found and part is not model:
                found |= {part.__name__: part, **inner(part)}
    return found


def signals() -> str:
    """Every signal that routes can listen to."""
    from avwalk.features.signals import SIGNALS, WORD_SIGNALS
    from avwalk.modulation.sources import GENERATED

    rows = [(code(name), kind_, text) for name, (kind_, text) in (SIGNALS | WORD_SIGNALS).items()]
    rows += [(code(name), "made", text) for name, text in GENERATED.items()]
    kinds = {
        "level": "a loudness or a share, 0 to 1 from the 2nd to the 98th percentile of the song",
        "impulse": "0, but at an event, where it is the event's strength, 0 to 1; never before its sound",
        "phase": "rises from 0 to 1 and begins again",
        "label": "a whole number",
        "time": "seconds, at most 60",
        "made": "from 0 to 1; not heard in the song",
    }
    return "\n".join(
        [
            "# Signals\n",
            "What routes can listen to: one value for each frame. `avwalk presets signals` lists the same.\n",
            table(("kind", "values"), list(kinds.items())),
            table(("signal", "kind", "what it is"), rows),
        ]
    )
