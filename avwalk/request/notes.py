"""Notes about cues and options that change nothing in a film."""

from __future__ import annotations

from collections.abc import Collection

from avwalk.config.effects import EFFECTS
from avwalk.config.options import RenderOptions
from avwalk.registry import GENERATORS
from avwalk.score.cues import Cues
from avwalk.spec import FilmSpec


def unused_cues(cues: Cues, effects: Collection[str], generator: str, *, restyled: bool) -> list[str]:
    """A line about each kind of rows, and about effects, that change nothing in this film."""
    lines, entry = [], GENERATORS[generator]
    if cues.of("prompt") and not entry.takes_prompts and not restyled:
        lines.append(f"cues: {generator} takes no prompts; rows 'prompt' need --generator sd or --restyle")
    if cues.of("class") and not entry.takes_classes:
        lines.append(f"cues: {generator} knows no classes; rows 'class' need --generator biggan")
    missing = [name for name in EFFECTS if name not in effects and cues.of(f"{name}.amount")]
    if missing:
        lines.append(f"cues: the preset has no effect {', '.join(missing)}; add it to its list of effects")
    return lines


def unused_options(options: RenderOptions, film: FilmSpec, cues: Cues | None = None) -> list[str]:
    """A line about each option, and each kind of rows of the cues, that changes nothing in this film."""
    generator, restyled = film.look.generator.name, film.look.restyle is not None
    lines = unused_cues(cues, film.look.effects, generator, restyled=restyled) if cues is not None else []
    entry = GENERATORS[generator]
    if options.prompt and not entry.takes_prompts and not restyled:
        lines.append(f"--prompt is not used: {generator} takes no prompts; add --generator sd or --restyle")
    if options.model and not entry.needs_weights:
        lines.append(f"--model is not used: {generator} draws without weights; add --generator biggan or sd")
    if options.restyle_model and not restyled:
        lines.append("--restyle-model is not used: nothing is restyled; add --restyle")
    if options.compile and not film.compile:
        lines.append(f"--compile is not used: {generator} has no network that torch could compile")
    return lines
