"""Resolves the options of a render: every option has a value, and the spec of the film is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk import presets
from avwalk.audio.probe import probe
from avwalk.clock import Clock, parse_fps
from avwalk.config.lock import Lock
from avwalk.config.options import RenderOptions
from avwalk.config.preset import Walk
from avwalk.contracts import Song
from avwalk.errors import OptionError, clipped
from avwalk.files.text_encoding import reading_as
from avwalk.generators.named_palettes import PALETTES
from avwalk.plan.analysis import LazyAnalysis, analysis_of
from avwalk.plan.captions import caption_notes, chosen_text
from avwalk.plan.cues_files import cues_of
from avwalk.plan.preset_spans import pinned_presets
from avwalk.plan.song.character import character_of
from avwalk.plan.stems import read_stems, used_stems
from avwalk.presets import LoadedPreset
from avwalk.registry import GENERATORS
from avwalk.request.auto_preset import chosen_preset
from avwalk.request.build_spec import FilmInputs, film_spec
from avwalk.request.diffusion import Diffusion
from avwalk.request.earlier import Rows, dropped_notes, seed_rows, unread_cues_notes
from avwalk.request.encoders import check_alpha, check_delivery, film_size, with_encoder
from avwalk.request.excerpt import excerpt_in_profile
from avwalk.request.generators import choose_generator, choose_generator_again, drawing_device
from avwalk.request.notes import unused_options
from avwalk.request.output import Output, resolve_output
from avwalk.request.parse import parse_options
from avwalk.request.pictures import Picture, with_pictures
from avwalk.request.scenes import Unpainted, with_scenes
from avwalk.request.seeds import Origin, film_seeds
from avwalk.request.source import ask_for_source, source_spec
from avwalk.request.words import film_words
from avwalk.score.cues import Cues
from avwalk.score.redo import redone
from avwalk.spec import FilmSpec, TextSpec
from avwalk.spec.encoder import Encoder
from avwalk.video.mux import Sound, plan_sound


@dataclass(frozen=True)
class Request:
    """A render, resolved.

    Attributes:
        song: probed and hashed.
        options: as given, defaults filled in.
        clock: frames against samples of the song.
        preset: of the film.
        film: everything that decides it.
        cues: the artist's corrections and wishes.
        analysis: of the song, made once, when it is first called.
        notes: what was changed on the way, a line each.
        stems: name → a part of the song, probed.
        pinned: name → preset that the cues pin somewhere.
        earlier: the film that is made again, whose segments may be in it as they are.
        redone: parts that were rolled again, by this command or before: rows of ``cues``.
        seed_of: whose seed the film has: ``option``, ``preset`` or ``song``.
        chosen: why the preset was chosen, ``128 BPM, drums, bright``; empty: it was named.
        pictures: ``overlay`` and ``subject``, where there are such → (h, w, 4), R G B and straight alpha.
        unpainted: pictures of scenes that are not there, of a film that is only estimated.
    """

    song: Song
    options: RenderOptions
    clock: Clock
    preset: LoadedPreset
    film: FilmSpec
    cues: Cues
    analysis: LazyAnalysis
    notes: tuple[str, ...] = ()
    stems: Mapping[str, Song] = field(default_factory=dict)
    pinned: Mapping[str, LoadedPreset] = field(default_factory=dict)
    earlier: Path | None = None
    redone: Rows = ()
    seed_of: Origin = "option"
    chosen: str = ""
    pictures: Mapping[str, Picture] = field(default_factory=dict, compare=False)
    unpainted: Unpainted | None = field(default=None, compare=False)

    @property
    def output(self) -> Output:
        """Where the film goes.

        Raises:
            OutputError: it cannot be written there, or something is there already.
        """
        return resolve_output(self.song.path, self.preset.name, self.film.seed, self.film.encoder, self.options)

    @property
    def sound(self) -> Sound:
        """How the song goes into the film."""
        return plan_sound(self.song, self.film.encoder, _samples(self.clock, self.film.span), self.options.audio)

    def with_preset(self, name: str) -> Request:
        """The same film in a preset that the cues pin."""
        preset = self.pinned[name]
        analysis = _analysis(self.options, self.song, self.clock.fps, preset, self.cues)
        return replace(self, preset=preset, film=self.film.with_preset(name), analysis=analysis, pinned={})

    @property
    def summary(self) -> dict[str, Any]:
        """What a user wants to know before it starts."""
        film, look = self.film, self.film.look
        n_frames = film.span[1] - film.span[0]
        return {
            "song": self.song.path.name,
            "preset": self.preset.name,
            **({"preset_why": self.chosen} if self.chosen else {}),
            "generator": look.generator.name,
            **({"source": film.source.name} if film.source else {}),
            "model": look.generator.model,
            "restyle": (look.restyle.painter or look.restyle.model) if look.restyle else None,
            "device": film.device,
            "seed": film.seed,
            "seed_of": self.seed_of,
            "size": f"{film.size[0]}x{film.size[1]}",
            "fps": f"{film.fps.numerator}/{film.fps.denominator}",
            "n_frames": n_frames,
            "duration": round(float(n_frames / film.fps), 3),
            "cues": {"file": self.cues.name, "rows": len(self.cues.rows)} if self.cues.name else None,
        }


def resolve(song: str | Path, values: Mapping[str, Any], *, writes: bool = False) -> Request:
    """Reads the song and the preset, chooses the generator, and settles every value.

    Args:
        song: any audio file, or a video with sound.
        values: the options of the render, and what `avwalk.request.metadata.stored_options` adds to them.
        writes: a film is made of it: whether it can be written is known before anything is analysed.

    Raises:
        AvwalkError: whatever is wrong with the song, the preset or the options, before anything is written.
    """
    with reading_as(values.get("encoding")):
        return _resolved(song, dict(values), writes)


def _resolved(song: str | Path, values: dict[str, Any], writes: bool) -> Request:
    stored, stored_cues = values.pop("preset_values", None), values.pop("stored_cues", None)
    stored_presets, stored_source = values.pop("stored_looks", None) or {}, values.pop("stored_source", None)
    stored_paths, earlier = values.pop("stored_paths", None) or {}, values.pop("stored_film", None)
    stored_seed, was_redone = values.pop("stored_seed", None), values.pop("stored_redone", ())
    stored_pictures, stored_words = values.pop("stored_pictures", None) or {}, values.pop("stored_words", None)
    options = parse_options(values)
    _ask_for_files(options, stored_source, stored_paths)
    options, encoder = with_encoder(options)
    fps, probed, (size, notes) = parse_fps(options.fps), probe(Path(song), options.track), film_size(options, encoder)
    options, preset, why = _preset(options, stored, probed, fps)
    seed, part_seed, origin = film_seeds(options, probed, preset.values.seed, stored_seed)
    films = [*_written(probed, preset.name, seed, encoder, options, writes), *([Path(earlier)] if earlier else [])]
    clock = Clock(fps, probed.sample_rate, probed.n_samples)
    found, bars = _cues(options, probed, stored_cues, stored_presets), _bars(options, probed, fps, preset)
    lock = preset.values.lock if stored is None or options.scenes else Lock()  # in what a film stores it is at work
    filmed = with_scenes(options, probed, size, found, bars, writes=writes, has_source=bool(stored_source), lock=lock)
    options, cues, own = filmed.options, filmed.cues, filmed.cues
    pinned = _pinned(cues, stored_presets)
    stems, stem_notes = _stems(options, (preset, *pinned.values()), probed)
    words, words_notes = film_words(options, probed, (preset, *pinned.values()), encoder, stored_words)
    analysis = _analysis(options, probed, fps, preset, cues)
    options, excerpt = excerpt_in_profile(options, clock, analysis)
    check_delivery(encoder, size, fps, excerpt.span)
    options = options.model_copy(update={"start": excerpt.start, "duration": excerpt.duration})  # in seconds
    if options.redo:
        cues, redo_notes = redone(cues, options.redo, analysis(), seed, part_seed)
        options, notes = options.model_copy(update={"seed": seed}), [*notes, *redo_notes]
    rolled = tuple(row for row in seed_rows(cues) if row in was_redone or row not in seed_rows(own))
    notes += _earlier_notes(options, films, probed, (own, cues), was_redone, remade=stored_cues is not None)
    sound = plan_sound(probed, encoder, _samples(clock, excerpt.span), options.audio).note  # refused before it is drawn
    text, text_notes = _text(options, probed, preset, cues, (clock, excerpt.span))
    generator = choose_generator_again(options, preset, probed)
    source, source_notes = source_spec(options, size, excerpt.span[1] / fps, preset, stored_source)
    inputs = FilmInputs(
        song=probed,
        clock=clock,
        options=options,
        preset=preset,
        generator=generator,
        pinned={name: (each, _drawer(generator, each, options.model)) for name, each in pinned.items()},
        device=drawing_device(options.device, generator, preset.values),
        span=excerpt.span,
        size=size,
        seed=seed,
        encoder=encoder,
        stems=stems,
        loop=excerpt.loop,
        cues=cues,
        text=text,
        words=words,
        source=source,
        diffusion=_diffusion(options, analysis),
    )
    film, film_notes = film_spec(inputs)
    film, pictures = with_pictures(film, options, stored_pictures)
    check_alpha(film)
    notes += [*filmed.notes, *words_notes, *stem_notes, *excerpt.notes, *([sound] if sound else []), *text_notes]
    notes += [*source_notes, *film_notes, *unused_options(options, film, cues)]
    head = probed, options, clock, preset, film, cues, analysis
    return Request(*head, tuple(notes), stems, pinned, earlier, rolled, origin, why, pictures, filmed.unpainted)


def _text(
    options: RenderOptions,
    song: Song,
    preset: LoadedPreset,
    cues: Cues,
    span: tuple[Clock, tuple[int, int]],
) -> tuple[TextSpec, list[str]]:
    """Title and artist as they are to be written, and notes."""
    text = chosen_text(options, song, preset.values.text)
    return text, caption_notes(options, text, preset.values.text, cues, *span)


def _ask_for_files(options: RenderOptions, source: str | None, paths: Mapping[str, str]) -> None:
    """Refuses to go on without the source, and to open paths, that a film names."""
    ask_for_source(options, source)
    _ask_for_paths(options, paths)


def _written(song: Song, preset: str, seed: int, encoder: Encoder, options: RenderOptions, writes: bool) -> list[Path]:
    """Where the film is written, if it can be; nowhere, if it is only estimated, or not to be written."""
    if not writes or options.estimate:
        return []
    return [resolve_output(song.path, preset, seed, encoder, options).path]


def _earlier_notes(
    options: RenderOptions, films: Sequence[Path], song: Song, cues: tuple[Cues, Cues], redone: Rows, *, remade: bool
) -> list[str]:
    """What of earlier films is not kept, and of the cues file beside the song not read.

    Args:
        options: of the render.
        films: that this one replaces, or that it is again.
        song: of the film.
        cues: of this film, without the parts that this command rolls again, and with them.
        redone: parts that were rolled again before.
        remade: it is made again from what a film stores.
    """
    unread = remade and not (options.cues or options.no_cues)
    notes = unread_cues_notes(song.path, cues[0], redone) if unread else []
    return [*notes, *dropped_notes([film for film in dict.fromkeys(films) if film.exists()], cues[1])]


def _stems(options: RenderOptions, looks: Sequence[LoadedPreset], song: Song) -> tuple[dict[str, Song], list[str]]:
    """The parts of the song that routes of the presets ask for, and notes."""
    return used_stems([route for each in looks for route in each.routes], read_stems(options.stem), song)


def _diffusion(options: RenderOptions, analysis: LazyAnalysis) -> Diffusion:
    """What the options want of diffusion."""
    return Diffusion(
        analysis,
        options.prompt,
        options.restyle,
        options.model,
        options.restyle_model,
        options.side_by_side,
        options.painter,
    )


def _samples(clock: Clock, span: tuple[int, int]) -> tuple[int, int] | None:
    """The samples under frames [i0, i1); None: all of the song."""
    return None if span == (0, clock.n_frames) else (clock.sample(span[0]), clock.sample(span[1]))


def _preset(
    options: RenderOptions, stored: Mapping[str, Any] | None, song: Song, fps: Fraction
) -> tuple[RenderOptions, LoadedPreset, str]:
    """The options with the preset's name; the preset asked for, or the one that suits the song, and why; the one that a
    film has stored as it was."""
    if stored is not None:
        return options, presets.from_tree(options.preset, stored, options.set), ""
    why = ""
    if options.preset == presets.AUTO:
        heard = analysis_of(song, fps, bpm=options.bpm, first_beat=options.first_beat, walk=Walk())
        character = character_of(heard)
        options, why = options.model_copy(update={"preset": chosen_preset(character)}), str(character)
    return options, presets.load(options.preset, options.set), why


def _cues(
    options: RenderOptions, song: Song, stored: Mapping[str, Any] | None, stored_presets: Mapping[str, Any]
) -> Cues:
    """The cues asked for; those that a film has stored, unless others are."""
    if stored is None or options.cues or options.no_cues:
        return cues_of(song.path, options.cues, ignored=options.no_cues)
    return Cues.from_json(stored, names={"preset": {*presets.names(), *stored_presets}, "palette": PALETTES})


def _ask_for_paths(options: RenderOptions, stored: Mapping[str, str]) -> None:
    """Refuses to open paths that a film names, which were those of another machine."""
    for name, path in stored.items():
        if getattr(options, name) is None:
            flag = f"--{name.replace('_', '-')}"
            raise OptionError(
                f"the film names {flag} '{clipped(path)}', a path of another machine, which is not opened; give it "
                f"yourself: {flag} NAME or FILE"
            )


def _analysis(options: RenderOptions, song: Song, fps: Fraction, preset: LoadedPreset, cues: Cues) -> LazyAnalysis:
    """The song's analysis; its bands are summarised as the preset's walk wants them."""
    return LazyAnalysis(
        partial(
            analysis_of,
            song,
            fps,
            bpm=options.bpm,
            first_beat=options.first_beat,
            walk=preset.values.walk,
            cues=cues,
        )
    )


def _bars(
    options: RenderOptions, song: Song, fps: Fraction, preset: LoadedPreset
) -> Callable[[], NDArray[np.float64] | None]:
    """Gives the times of a song's bars; None where somebody speaks, or there is no beat."""

    def bars() -> NDArray[np.float64] | None:
        analysis = _analysis(options, song, fps, preset, Cues())()
        is_music = len(analysis.score.bars) > 1 and not character_of(analysis).speech
        return analysis.score.bars if is_music else None

    return bars


def _pinned(cues: Cues, stored: Mapping[str, Any]) -> dict[str, LoadedPreset]:
    """The presets that cues ask for; those that a film has stored as they were."""
    return {
        name: presets.from_tree(name, stored[name]) if name in stored else presets.load(name)
        for name in pinned_presets(cues)
    }


def _drawer(generator: str, preset: LoadedPreset, model: str | None) -> str:
    """What draws a preset that the cues pin: what draws the film, if the preset or a test card wants it."""
    if generator in preset.values.generators or GENERATORS[generator].any_preset:
        return generator
    return choose_generator("auto", preset.values, model)
