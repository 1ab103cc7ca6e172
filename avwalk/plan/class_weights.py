"""The classes of ImageNet that a film shows, and the weight of each in every frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avwalk.config.preset import Preset
from avwalk.contracts import Analysis, Shot
from avwalk.features.classic_chroma import Rows
from avwalk.features.recurrence import recurrence_on_frames
from avwalk.features.signals import Grid
from avwalk.models.imagenet import N_CLASSES, index_of
from avwalk.modulation.matrix import quiet_gain
from avwalk.plan.latents import RECURRENCE_MS, joined, tour_of
from avwalk.plan.shots import runs_of
from avwalk.score.automation import timeline
from avwalk.score.cues import Cues
from avwalk.walk import chroma, chroma_classic, classes

Array = NDArray[np.float64]

PITCHES = tuple(f"chroma.{name}" for name in ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"))


def film_classes(preset: Preset, seed: int, cues: Cues) -> list[int]:
    """Indices of the classes of a film: those that the preset names, else drawn from the seed; then those of the cues.

    Raises:
        OptionError: a name that means no class.
    """
    named = [index_of(label) for label in preset.classes.labels]
    if not named:
        drawn = np.random.default_rng([seed, 0x63617374]).permutation(N_CLASSES)
        named = [int(k) for k in drawn[: preset.classes.count]]
    pinned = [index_of(cue.value) for cue in cues.of("class")]
    return [*named, *dict.fromkeys(k for k in pinned if k not in named)]


def class_weights(
    preset: Preset,
    shots: tuple[Sequence[Shot], Sequence[Shot]],
    analysis: Analysis,
    phase: NDArray[np.float32],
    class_indices: Sequence[int],
    cues: Cues,
    classic: Rows | None,
) -> Array:
    """How much of each class is seen in each frame of the song.

    Args:
        preset: its walk decides who comes when.
        shots: of the whole song; and the same without what cues wish for.
        analysis: of the whole song.
        phase: the integral of the walking speed, (n_frames,).
        class_indices: from `film_classes`.
        cues: their rows ``class`` win over the walk.
        classic: what Deep Music Visualizer hears; None unless the walk is its classic one.

    Returns:
        (n_frames, K) ≥ 0; rows sum to 1 but in the classic `chroma` walk.
    """
    n, n_wanted = analysis.n_frames, len(class_indices)
    n_named = len(preset.classes.labels) or preset.classes.count  # those of the cues come when the cues say so
    weights = np.zeros((n, n_wanted))
    weights[:, :n_named] = _walked(preset, shots, analysis, phase, n_named, classic)
    fps = float(analysis.fps)
    automations = [
        # as all cues it begins to come at its time
        classes.ClassSpan(
            min(automation.i1 - 1, automation.i0 + round(automation.ease_seconds * fps)),
            automation.i1,
            list(class_indices).index(index_of(automation.value)),
            automation.ease_seconds * fps,
        )
        for automation in timeline(cues, analysis, "class")
    ]
    return classes.with_spans(weights, automations) if automations else weights


def _walked(
    preset: Preset,
    both: tuple[Sequence[Shot], Sequence[Shot]],
    analysis: Analysis,
    phase: NDArray[np.float32],
    k: int,
    classic: Rows | None,
) -> Array:
    """The same from the walk alone."""
    shots, uncut = both
    walk, n, fps = preset.walk, analysis.n_frames, float(analysis.fps)
    if walk.kind == "chroma":
        own = preset.chroma
        if classic is not None:
            rows = chroma_classic.weights(
                classic[1:],
                k,
                pitch_sensitivity=own.pitch_sensitivity,
                num_classes=min(k, own.num_classes),
                sort_classes_by_power=own.sort_by_power,
                depth=own.depth,
            )
            return chroma_classic.on_film(chroma_classic.smoothed(rows, round(own.smooth_factor)), fps, n)
        pitches = np.stack([analysis.signals[name] for name in PITCHES], axis=1)
        return chroma.weights(
            pitches,
            fps,
            k,
            pitch_sensitivity=own.pitch_sensitivity,
            num_classes=own.num_classes,
            sort_by_power=own.sort_by_power,
            depth=own.depth,
            smooth_factor=own.smooth_factor,
        )
    if walk.kind == "recurrence":
        grid = Grid(analysis.fps, n)
        places = recurrence_on_frames(analysis.recurrence_times, analysis.recurrence, grid, RECURRENCE_MS)
        return classes.from_recurrence(places, uncut[0].lineage.path_seed, k)
    if walk.kind == "tour":
        lively = quiet_gain(analysis, preset.structure.rest)

        def tours(each: Sequence[Shot]) -> list[Array]:
            found = [(shot, *tour_of(walk, shot, analysis, phase, lively)) for shot in each]
            anchors = [classes.anchors(shot.lineage.path_seed, count, k) for shot, count, _ in found]
            return [classes.along_tour(own, way[2]) for own, way in zip(anchors, found, strict=True)]

        runs = runs_of(shots, uncut, tours)
        return joined(runs, shots, straight=True)
    if preset.classes.follow == "sections":
        return classes.from_shots(shots, n, k, preset.structure.development)
    if walk.classic:
        return classes.classic_along(k, analysis.duration, np.arange(n) / fps)
    return classes.along(classes.even_stops(k, n), n, k)
