"""Notes about cues that change nothing in a film."""

from __future__ import annotations

from collections.abc import Collection

from avwalk.config.preset import EFFECTS
from avwalk.score.cues import Cues


def unused(cues: Cues, effects: Collection[str], generator: str, *, restyled: bool) -> list[str]:
    """A line about each kind of rows, and about effects, that change nothing in this film."""
    lines = []
    if cues.of("prompt") and generator != "sd" and not restyled:
        lines.append(f"cues: {generator} takes no prompts; rows 'prompt' need --generator sd or --restyle")
    if cues.of("class") and generator != "biggan":
        lines.append(f"cues: {generator} knows no classes; rows 'class' need --generator biggan")
    missing = [name for name in EFFECTS if name not in effects and cues.of(f"{name}.amount")]
    if missing:
        lines.append(f"cues: the preset has no effect {', '.join(missing)}; add it to its list of effects")
    return lines
