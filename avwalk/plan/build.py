"""Builds a plan: song, preset and score become curves, latents and shots."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from avwalk.config.preset import Ancestor, Preset, targets
from avwalk.contracts import Analysis, Curve, Frames, Lineage, Lyric, Shot
from avwalk.features.classic_chroma import Rows
from avwalk.features.signals import KINDS
from avwalk.modulation.drop_programmes import programmes
from avwalk.modulation.intensity import with_intensity
from avwalk.modulation.matrix import modulate
from avwalk.modulation.routes import Route
from avwalk.modulation.silence import FADE, breathing, fade
from avwalk.modulation.sources import Inputs
from avwalk.modulation.spawn import births
from avwalk.plan.captions import captions
from avwalk.plan.class_weights import class_weights
from avwalk.plan.hits import hits
from avwalk.plan.latents import joined, paths
from avwalk.plan.lyrics import lyrics_of
from avwalk.plan.plan import Plan
from avwalk.plan.preset_spans import preset_spans
from avwalk.plan.prompts import prompt_latents, prompt_positions
from avwalk.plan.shots import CAMERA, automate_cameras, in_shots, make_shots, merge_leads, runs_of, with_cued_worlds
from avwalk.plan.song.fit_to_song import fitted, reaction, speed
from avwalk.plan.song.inks import with_inks
from avwalk.plan.song.phrases import Edges, phrase_edges, phrase_palettes, with_phrases
from avwalk.presets import LoadedPreset
from avwalk.registry import GENERATORS
from avwalk.score.automation import apply_automations, timeline
from avwalk.score.cues import Cues
from avwalk.spec import FilmSpec
from avwalk.words.signals import with_words
from avwalk.words.stored import lines_of
from avwalk.words.transcript import Line


def make_plan(
    film: FilmSpec,
    loaded: LoadedPreset,
    analysis: Analysis,
    latent_dim: int,
    classic: Rows | None = None,
    sketch: Callable[[NDArray[np.float64]], Frames] | None = None,
    trace: NDArray[np.float16] | None = None,
) -> Plan:
    """Draws up the plan of the whole song; `excerpt` takes the film out of it.

    Args:
        film: everything that decides it.
        loaded: the preset.
        analysis: of the whole song, corrected by the film's cues.
        latent_dim: of the generator; of one that takes classes the last are their weights.
        classic: the analysis of Deep Music Visualizer; None unless the walk is its classic one.
        sketch: draws cheap images of positions between prompts, by which these are spaced.
        trace: of the sound, see `avwalk.plan.analysis.trace_of`; None: it is not drawn.
    """
    lines = lines_of(film.words.rows) if film.words else ()
    analysis = with_words(analysis, lines)
    loaded = replace(loaded, values=fitted(loaded.values, analysis))
    preset, cues = loaded.values, Cues.from_json(film.cues.to_json())
    recipe, form = film.look.generator.recipe, preset.structure
    usual = {"sd.guidance": preset.sd.guidance or float(recipe["guidance"])} if recipe else {}
    params = parameters(loaded, analysis, film.seed, usual, film.intensity)
    if not preset.walk.classic:
        params = breathing(params, analysis)
    lineage = descent(preset, film.seed)._replace(song=song_number(film, preset))
    novelty, length = analysis.signals.get("novelty"), analysis.n_frames
    uncut = make_shots(analysis.score, analysis.fps, length, lineage=lineage, form=form, novelty=novelty)
    phrases = phrase_edges(uncut, form.phrase_bars, analysis)
    params = with_inks(with_phrases(params, phrases, preset, analysis), uncut, preset, analysis)
    # a pinned camera holds against the programmes of the shots too, so its values come after these
    pinned_camera = [name for name in CAMERA if cues.of(name)]
    params = apply_automations(params, cues, analysis, later=pinned_camera)
    phase = params.pop("walk.phase")
    _switch_off(params, preset.effects)
    shots = _coloured(film, cues, uncut, lineage, phrases, analysis)
    leads = in_shots(params, shots, uncut, preset, analysis.fps, phrases)
    automate_cameras(params, leads, shots, cues, analysis, pinned_camera)
    entry = GENERATORS[film.look.generator.name]
    if entry.takes_prompts:
        latents = prompt_latents(film.look.generator.options, preset, analysis, params, sketch)
    else:
        classes = film.look.generator.classes
        dim = latent_dim - len(classes)
        runs = runs_of(shots, uncut, lambda each: paths(preset, each, analysis, phase, dim, classic))
        runs = _scaled(runs, shots, params, preset)
        if entry.takes_classes:
            weights = class_weights(preset, (shots, uncut), analysis, phase, classes, cues, classic)
            latents = np.concatenate([joined(runs, shots), weights], axis=1).astype(np.float32)
        else:
            latents = np.concatenate([z[shot.lead :] for z, shot in zip(runs, shots, strict=True)]).astype(np.float32)
            for lead, z, shot in zip(leads, runs, shots, strict=True):
                if shot.lead:
                    lead["latents"] = z[: shot.lead].astype(np.float32)
    if entry.one_world:  # nothing is cross-faded: latents are interpolated instead
        merge_leads(params, leads, shots)
        shots, leads = tuple(shot._replace(lead=0) for shot in shots), [{} for _ in shots]
    if (gone := fade(analysis)) is not None:
        params[FADE] = gone
    if film.look.restyle:
        params["restyle.prompt"] = prompt_positions(film.look.restyle.frames, analysis.n_frames)
    return Plan(
        replace(film, span=(0, analysis.n_frames)),
        shots,
        latents,
        params,
        tuple(leads),
        hits(analysis),
        {"tempo_bpm": round(float(analysis.score.tempo_bpm), 3)},
        captions=captions(film.text, preset.text, cues, analysis),
        preset_spans=preset_spans(cues, analysis) if film.presets else (),
        births=_births(loaded, analysis, film, params),
        trace=np.zeros((0, 0), np.float16) if trace is None else trace,
        lyrics=_lyrics(film, preset, analysis, lines),
    )


def _coloured(
    film: FilmSpec, cues: Cues, uncut: Sequence[Shot], lineage: Lineage, phrases: Edges, analysis: Analysis
) -> tuple[Shot, ...]:
    """The shots with the worlds and palettes that the artist wants, and else in the hues of their phrases."""
    seeds, palettes = timeline(cues, analysis, "seed"), timeline(cues, analysis, "palette")
    if "palette" in film.look.generator.options:
        bars = int(film.look.preset.values["structure"]["phrase_bars"])
        palettes += phrase_palettes(phrases, bars, analysis, [*seeds, *palettes])
    return with_cued_worlds(uncut, lineage, seeds, palettes, analysis.fps)


def _lyrics(film: FilmSpec, preset: Preset, analysis: Analysis, lines: Sequence[Line]) -> tuple[Lyric, ...]:
    """What is seen of the words, where the film shows them."""
    if film.text.show not in ("lyrics", "all"):
        return ()
    return lyrics_of(lines, preset.text, analysis.fps, analysis.n_frames, analysis.score.beats)


def _births(
    loaded: LoadedPreset, analysis: Analysis, film: FilmSpec, params: Mapping[str, Curve]
) -> NDArray[np.float64]:
    """The matter that the hits of the song make, rows of `Birth`."""
    routes = scaled_routes(loaded, analysis, film.intensity)
    return births(routes, inputs_of(loaded, analysis, film.seed), params, loaded.values.structure.rest)


def _switch_off(params: dict[str, Curve], effects: Collection[str]) -> None:
    """Amounts of effects that a preset does not list are 0."""
    for name in params:
        section, _, knob = name.partition(".")
        if knob == "amount" and section not in effects:
            params[name] = np.zeros_like(params[name])


def _scaled(
    latents: Sequence[NDArray[np.float64]], shots: Sequence[Shot], params: Mapping[str, Curve], preset: Preset
) -> list[NDArray[np.float64]]:
    """Latents that go along with a truncation that is moved."""
    wider = (params["walk.truncation"] / np.float32(preset.walk.truncation))[:, None]
    return [z * wider[shot.i0 - shot.lead : shot.i1] for z, shot in zip(latents, shots, strict=True)]


def parameters(
    loaded: LoadedPreset,
    analysis: Analysis,
    seed: int,
    usual: Mapping[str, float] | None = None,
    intensity: float = 1.0,
) -> dict[str, NDArray[np.float32]]:
    """Every parameter over the whole song, name → (n_frames,): what the preset says, moved by its routes.

    The analysis must hold the signals of the stems that the routes name; ``usual`` are values that stand in for the
    preset's; ``intensity`` is a factor on what reacts.
    """
    base = {name: _value(loaded.values, name) for name in targets()} | dict(usual or {})
    form = loaded.values.structure
    own = scaled_routes(loaded, analysis, intensity)
    routes = (*own, *programmes(form.anticipation, form.release * intensity, KINDS))
    return modulate(routes, base, inputs_of(loaded, analysis, seed), form.rest, speed(loaded.values, analysis))


def scaled_routes(loaded: LoadedPreset, analysis: Analysis, intensity: float) -> tuple[Route, ...]:
    """The routes of a preset, as strong as the film and the song have them."""
    return tuple(with_intensity(loaded.routes, intensity * reaction(loaded.values, analysis), KINDS))


def inputs_of(loaded: LoadedPreset, analysis: Analysis, seed: int) -> Inputs:
    """What the routes of a preset can listen to."""
    return Inputs(analysis, KINDS, descent(loaded.values, seed).path_seed, loaded.curves)


def descent(preset: Preset, seed: int) -> Lineage:
    """The world of a film's first label: the seed's own, or that child of the preset's parents."""

    def elder(ancestor: Ancestor) -> Lineage:
        variation = ancestor.variation if ancestor.parents else 0.0
        return Lineage(ancestor.seed, tuple(elder(a) for a in ancestor.parents), variation)

    return elder(Ancestor(seed=seed, parents=preset.cppn.parents, variation=preset.cppn.variation))


def song_number(film: FilmSpec, preset: Preset) -> int:
    """Number of the song whose own path leads through the worlds of a film; 0: the path is the seed's."""
    samples = film.song.samples if preset.structure.path == "song" else ""
    return int(samples[:16], 16) % (1 << 31) if samples else 0


def _value(preset: Preset, target: str) -> float:
    section, name = target.split(".")
    return float(getattr(getattr(preset, section), name))
