"""Planning: song, preset and score become curves, latents and shots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.config.preset import Ancestor, Preset, targets
from avwalk.contracts import Analysis, Curve, Frames, Lineage, Shot
from avwalk.features.classic_chroma import Rows
from avwalk.features.signals import KINDS
from avwalk.modulation.drop_programmes import programmes
from avwalk.modulation.matrix import modulate
from avwalk.modulation.sources import Inputs
from avwalk.plan.captions import captions
from avwalk.plan.class_weights import shares
from avwalk.plan.latents import joined, paths
from avwalk.plan.plan import Plan
from avwalk.plan.preset_spans import preset_spans
from avwalk.plan.prompts import place, prompt_way
from avwalk.plan.shots import automate_cameras, in_shots, make_shots, merge_leads, wished
from avwalk.presets import LoadedPreset
from avwalk.registry import ONE_WORLD
from avwalk.score.automation import apply_automations, timeline
from avwalk.score.cues import Cues


def make_plan(
    film: Mapping[str, Any],
    loaded: LoadedPreset,
    analysis: Analysis,
    latent_dim: int,
    classic: Rows | None = None,
    sketch: Callable[[NDArray[np.float64]], Frames] | None = None,
) -> Plan:
    """Draws up the plan of the whole song; `excerpt` takes the film out of it.

    Args:
        film: from `film_inputs`.
        look: the preset.
        analysis: of the whole song, corrected by the film's cues.
        latent_dim: of the generator; of one that knows classes the last are their weights.
        classic: what Deep Music Visualizer hears; None unless the walk is its classic one.
        sketch: draws cheap pictures of places between prompts, by which these are spaced.
    """
    preset = loaded.values
    recipe = film["generator"]["options"].get("recipe")
    usual = {"sd.guidance": preset.sd.guidance or float(recipe["guidance"])} if recipe else {}
    params = parameters(loaded, analysis, int(film["seed"]), usual)
    cues = Cues.from_json(film["cues"])
    params = apply_automations(params, cues, analysis)
    phase = params.pop("walk.phase")
    for name in params:
        section, _, knob = name.partition(".")
        if knob == "amount" and section not in preset.effects:
            params[name] = np.zeros_like(params[name])
    form, lineage = preset.structure, descent(preset, int(film["seed"]))
    shots = make_shots(
        analysis.score,
        analysis.fps,
        analysis.n_frames,
        lineage=lineage,
        worlds=form.worlds,
        transition=form.transition,
        transition_bars=form.transition_bars,
        palettes=form.palettes,
    )
    wishes = timeline(cues, analysis, "seed"), timeline(cues, analysis, "palette")
    shots = wished(shots, lineage, *wishes, analysis.fps)
    leads = in_shots(params, shots, preset, analysis.fps)
    automate_cameras(params, leads, shots, cues, analysis)
    drawn = film["generator"]
    if drawn["name"] in ONE_WORLD:  # nothing comes in over anything: the way leads from one to the other
        if drawn["name"] == "sd":
            own = prompt_way(drawn["options"], preset, analysis, params, sketch)
        else:
            cast = drawn["options"]["classes"]
            latents = _scaled(
                paths(preset, shots, analysis, phase, latent_dim - len(cast), classic), shots, params, preset
            )
            rows = joined(latents, shots), shares(preset, shots, analysis, phase, cast, cues, classic)
            own = np.concatenate(rows, axis=1).astype(np.float32)
        merge_leads(params, leads, shots)
        shots, leads = tuple(shot._replace(lead=0) for shot in shots), [{} for _ in shots]
    else:
        latents = _scaled(paths(preset, shots, analysis, phase, latent_dim, classic), shots, params, preset)
        own = np.concatenate([z[shot.lead :] for z, shot in zip(latents, shots, strict=True)]).astype(np.float32)
        for lead, z, shot in zip(leads, latents, shots, strict=True):
            if shot.lead:
                lead["latents"] = z[: shot.lead].astype(np.float32)
    if film["restyle"]:
        params["restyle.prompt"] = place(film["restyle"]["frames"], analysis.n_frames)
    whole = {**film, "range": [0, analysis.n_frames]}
    facts = {"tempo_bpm": round(float(analysis.score.tempo_bpm), 3)}
    said = captions(film, cues, analysis)
    turning = preset_spans(cues, analysis) if film["looks"] else ()
    return Plan(whole, shots, own, params, tuple(leads), hits(analysis), facts, captions=said, preset_spans=turning)


def _scaled(
    latents: Sequence[NDArray[np.float64]], shots: Sequence[Shot], params: Mapping[str, Curve], preset: Preset
) -> list[NDArray[np.float64]]:
    """Latents that go along with a truncation that is moved."""
    wider = (params["walk.truncation"] / np.float32(preset.walk.truncation))[:, None]
    return [z * wider[shot.i0 - shot.lead : shot.i1] for z, shot in zip(latents, shots, strict=True)]


def parameters(
    loaded: LoadedPreset, analysis: Analysis, seed: int, usual: Mapping[str, float] | None = None
) -> dict[str, NDArray[np.float32]]:
    """Every parameter over the whole song, name → (n_frames,): what the preset says, moved by its routes.

    The analysis must hold the signals of the stems that the routes name; ``usual`` are values that stand in for the
    preset's.
    """
    base = {name: _value(loaded.values, name) for name in targets()} | dict(usual or {})
    form = loaded.values.structure
    routes = (*loaded.routes, *programmes(form.anticipation, form.release, KINDS))
    hearing = Inputs(analysis, KINDS, descent(loaded.values, seed).way, loaded.curves)
    return modulate(routes, base, hearing, loaded.values.structure.rest)


def descent(preset: Preset, seed: int) -> Lineage:
    """The world of a film's first label: the seed's own, or that child of the preset's parents."""

    def elder(ancestor: Ancestor) -> Lineage:
        variation = ancestor.variation if ancestor.parents else 0.0
        return Lineage(ancestor.seed, tuple(elder(a) for a in ancestor.parents), variation)

    return elder(Ancestor(seed=seed, parents=preset.cppn.parents, variation=preset.cppn.variation))


def _value(preset: Preset, target: str) -> float:
    section, name = target.split(".")
    return float(getattr(getattr(preset, section), name))


def hits(analysis: Analysis, offset_ms: float = 0.0) -> NDArray[np.float64]:
    """Kicks (else onsets), what a viewer should see on time: (n, 2) float64, seconds and heights."""
    curve = analysis.signals["kick"] if np.any(analysis.signals["kick"]) else analysis.signals["onset"]
    at = np.flatnonzero(curve)
    return np.stack([at / float(analysis.fps) + offset_ms / 1000, curve[at]], axis=1)
