"""Contact sheet of a preset's classes: one row per seed, one column per class."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from avwalk.arrays.fit import Fit
from avwalk.contracts import Frames
from avwalk.models.imagenet import name_of
from avwalk.pipeline import plan_of
from avwalk.request.resolve import resolve

MAX_CLASSES = 12


def class_row(song: str | Path, options: dict[str, Any], name: str) -> list[tuple[str, Frames]]:
    """A picture of each class of a film, pure, from the latent in the middle of the song's longest section.

    Args:
        song: any audio file.
        options: as in `avwalk.render`; the generator knows classes.
        name: of the row, before the class in its label.
    """
    request = resolve(song, options)
    cast = request.film.look.generator.classes
    plan, worlds, analysis = plan_of(request)
    longest = max(analysis.score.sections, key=lambda s: s.end - s.start)
    i = min(plan.i1 - 1, max(plan.i0, round((longest.start + longest.end) / 2 * float(plan.fps))))
    generator, fit = worlds.of_shot(plan.shots[0]), Fit(plan.size, request.preset.values.camera.fit)
    row = []
    for k, index in enumerate(cast[:MAX_CLASSES]):
        drive = plan.drive(i, i + 1)
        pure = np.concatenate([drive.latents[:, : -len(cast)], np.eye(len(cast), dtype=np.float32)[[k]]], axis=1)
        picture = fit.apply(generator.draw(replace(drive, latents=pure)))[0]
        row.append((f"{name}   {name_of(index)}", picture))
    return row
