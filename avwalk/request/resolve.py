"""What was asked for, resolved: every option has a value, and everything that decides the film is known."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from avwalk import presets
from avwalk.audio.probe import probe
from avwalk.clock import Clock, parse_fps
from avwalk.config.options import DEFAULT_SIZE, MAX_SIZE, MIN_SIZE, RenderOptions
from avwalk.contracts import Analysis, Song
from avwalk.errors import GeneratorError, OptionError, VideoError
from avwalk.frames.files import open_source
from avwalk.plan.analysis import analysis_of
from avwalk.plan.captions import caption_notes, chosen_text
from avwalk.plan.cues_files import cues_of
from avwalk.plan.preset_spans import pinned_presets
from avwalk.plan.stems import read_stems, used_stems
from avwalk.presets import LoadedPreset
from avwalk.registry import WEIGHTS, choose_device
from avwalk.request.build_spec import film_inputs
from avwalk.request.diffusion import Asked
from avwalk.request.generators import choose_generator, unusable
from avwalk.request.notes import unused
from avwalk.request.parse import parse_options
from avwalk.score.cues import Cues
from avwalk.score.musical_time import length_after, parse_length
from avwalk.score.musical_time import resolve as resolve_time
from avwalk.settings import settings
from avwalk.spec import film_of
from avwalk.video.encode import trial
from avwalk.video.mux import plan_sound
from avwalk.video.profiles import Encoder, profile

MAX_PIXELS = 8192 * 4320


@dataclass(frozen=True)
class Request:
    """A render, resolved.

    Attributes:
        song: probed and hashed.
        options: as given, defaults filled in.
        clock: frames against samples of the song.
        span: frames [i0, i1) of the film.
        look: the preset.
        generator: name of what draws the frames.
        size: width and height, even.
        seed: of everything random.
        encoder: settings of the video encoder.
        film: the inputs of the plan.
        cues: the artist's corrections and wishes.
        analysis: of the song, if a time in bars or beats was asked for; None: not needed yet.
        notes: what was changed on the way, a line each.
        stems: name → a part of the song, probed.
        looks: name → preset that the cues pin somewhere.
    """

    song: Song
    options: RenderOptions
    clock: Clock
    span: tuple[int, int]
    preset: LoadedPreset
    generator: str
    size: tuple[int, int]
    seed: int
    encoder: Encoder
    film: Mapping[str, Any]
    cues: Cues
    analysis: Analysis | None = None
    notes: list[str] = field(default_factory=list)
    stems: Mapping[str, Song] = field(default_factory=dict)
    pinned: Mapping[str, LoadedPreset] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether the film is the whole song."""
        return self.span == (0, self.clock.n_frames)

    def with_preset(self, name: str) -> Request:
        """The same film in a preset that the cues pin."""
        film = film_of(self.film, name)
        return replace(
            self,
            preset=self.pinned[name],
            generator=film["generator"]["name"],
            seed=film["seed"],
            film=film,
            analysis=None,
            pinned={},
        )

    @property
    def summary(self) -> dict[str, Any]:
        """What a user wants to know before it starts."""
        return {
            "song": self.song.path.name,
            "preset": self.preset.name,
            "generator": self.generator,
            "model": self.film["generator"]["options"].get("model"),
            "restyle": self.film["restyle"]["model"] if self.film["restyle"] else None,
            "device": self.film["device"],
            "seed": self.seed,
            "size": f"{self.size[0]}x{self.size[1]}",
            "fps": f"{self.clock.fps.numerator}/{self.clock.fps.denominator}",
            "n_frames": self.span[1] - self.span[0],
            "duration": round(float((self.span[1] - self.span[0]) / self.clock.fps), 3),
            "cues": {"file": self.cues.name, "rows": len(self.cues.rows)} if self.cues.name else None,
        }


def resolve(song: str | Path, values: Mapping[str, Any]) -> Request:
    """Reads the song and the preset, chooses the generator, and settles every value.

    Raises:
        AvwalkError: whatever is wrong with the song, the preset or the options, before anything is written.
    """
    values = dict(values)
    stored, stored_cues = values.pop("preset_values", None), values.pop("stored_cues", None)
    stored_looks = values.pop("stored_looks", None) or {}
    options = parse_options(values)
    fps = parse_fps(options.fps)
    notes: list[str] = []
    encoder = _encoder(options)
    size = _size(options, encoder, notes)
    preset = (
        presets.load(options.preset, options.set)
        if stored is None
        else presets.from_tree(options.preset, stored, options.set)
    )
    probed = probe(Path(song))
    clock = Clock(fps, probed.sample_rate, probed.n_samples)
    if stored_cues is None or options.cues or options.no_cues:
        cues = cues_of(probed.path, options.cues, ignored=options.no_cues)
    else:
        cues = Cues.from_json(stored_cues)
    pinned = _pinned(cues, stored_looks)
    routes = [route for each in (preset, *pinned.values()) for route in each.routes]
    stems = used_stems(routes, read_stems(options.stem), probed, notes)
    analysis = _early_analysis(options, probed, fps, preset, cues)
    start, duration = _seconds(options, analysis)
    # a film says of itself where it begins in seconds: the same span, whatever is heard by a later version
    options = options.model_copy(update={"start": start, "duration": duration})
    span = clock.span(start, duration)
    lead = _loop_lead(span, analysis) if options.loop else 0
    if duration is not None and (start or 0.0) + duration > float(clock.duration) + 0.001:
        if options.loop:
            raise OptionError(
                f"--loop {options.loop} from {start or 0.0:.2f} s goes past the end of the song "
                f"({float(clock.duration):.2f} s); {'begin earlier, or ' if start else ''}give fewer bars"
            )
        notes.append(f"--duration {duration:g} goes past the end of the song ({float(clock.duration):.2f} s)")
    sound = plan_sound(probed, encoder, choice=options.audio)  # refused now, not when everything is drawn
    if sound.note:
        notes.append(sound.note)
    text = chosen_text(options, probed, preset.values.text)
    notes += caption_notes(options, text, preset.values.text, cues, clock, span)
    generator = _remembered(options, preset, probed)
    seed = preset.values.seed if options.seed is None else options.seed
    device = choose_device(options.device, generator)
    asked = Asked(
        lambda: analysis or _analysis(options, probed, fps, preset, cues),
        options.prompt,
        options.restyle,
        options.model,
        options.restyle_model,
        options.side_by_side,
        notes,
    )
    film = film_inputs(
        probed, clock, preset, generator, device, options.compile, span=span, size=size, seed=seed,
        profile=options.profile, encoder=encoder.as_dict(), bpm=options.bpm, first_beat=options.first_beat,
        av_offset_ms=options.av_offset_ms, stems=stems, explain=options.explain,
        allow_flashes=options.allow_flashes, loop=lead,
        cues=cues.as_json(), text=text, asked=asked, source=source_inputs(options, size, fps, preset),
        pinned={name: (each, _drawer(generator, each, options.model)) for name, each in pinned.items()},
    )  # fmt: skip
    notes += unused(cues, preset.values.effects, generator, restyled=bool(film["restyle"]))
    notes += _ignored(options, generator, film)
    return Request(
        probed, options, clock, span, preset, generator, size, seed, encoder, film, cues, analysis, notes, stems, pinned
    )


def source_inputs(options: RenderOptions, size: tuple[int, int], fps: Fraction, preset: LoadedPreset) -> Any:
    """The video or folder whose pictures stand in for a generator's: name and content; None: there is none.

    Raises:
        VideoError: it cannot be read.
    """
    if not options.source:
        return None
    path = Path(options.source)
    return {"sha256": open_source(path, size, fps, fit=preset.values.camera.fit).sha256, "name": path.name}


def _pinned(cues: Cues, stored: Mapping[str, Any]) -> dict[str, LoadedPreset]:
    """The presets that cues ask for; those that a film has stored as they were."""
    return {
        name: presets.from_tree(name, stored[name]) if name in stored else presets.load(name)
        for name in pinned_presets(cues)
    }


def _drawer(generator: str, preset: LoadedPreset, model: str | None) -> str:
    """What draws a preset that the cues pin: what draws the film, if the preset or a test card wants it."""
    if generator in preset.values.generators or generator == "testcard":
        return generator
    return choose_generator("auto", preset.values, model)


def _early_analysis(
    options: RenderOptions, song: Song, fps: Fraction, preset: LoadedPreset, cues: Cues
) -> Analysis | None:
    """The song's analysis, if the film begins or ends at a time that only it knows."""
    if not isinstance(options.start, str) and not isinstance(options.duration, str) and not options.loop:
        return None
    return _analysis(options, song, fps, preset, cues)


def _analysis(options: RenderOptions, song: Song, fps: Fraction, preset: LoadedPreset, cues: Cues) -> Analysis:
    """The song's analysis."""
    walk = preset.values.walk
    return analysis_of(song, fps, bpm=options.bpm, first_beat=options.first_beat, walk=walk, cues=cues)


def _seconds(options: RenderOptions, analysis: Analysis | None) -> tuple[float | None, float | None]:
    """``--start`` and ``--duration`` in seconds."""
    start, duration = options.start, options.duration
    if options.loop and analysis:
        if duration is not None:
            raise OptionError("--loop and --duration: give one of them; a loop is as long as its bars")
        duration = re.sub(r"^(?:bars?:)?([\d.]+)$", r"\1bars", options.loop.strip())
        if start is None:
            start = _loudest_bar(parse_length(duration), analysis)
    if isinstance(start, str) and analysis:
        start = resolve_time(start, analysis)
    if isinstance(duration, str) and analysis:
        duration = length_after(parse_length(duration), float(start or 0.0), analysis)
    return start, duration  # type: ignore[return-value]


def _loudest_bar(length: tuple[float, str], analysis: Analysis) -> float:
    """The bar from which so much of the song is loudest; the song's beginning where there are no bars."""
    bars = analysis.score.bars[analysis.score.bars + length_after(length, 0.0, analysis) <= analysis.duration]
    if len(bars) == 0:
        return 0.0
    total = np.concatenate([[0.0], np.cumsum(analysis.signals["rms"], dtype=np.float64)])
    ends = [min(analysis.duration, bar + length_after(length, float(bar), analysis)) for bar in bars]
    frames = np.rint(np.stack([bars, ends]) * float(analysis.fps)).astype(np.int64).clip(0, analysis.n_frames)
    return float(bars[int(np.argmax(total[frames[1]] - total[frames[0]]))])


def _loop_lead(span: tuple[int, int], analysis: Analysis | None) -> int:
    """Frames over which a loop's beginning comes in: its last bar, at most half of it."""
    tempo = analysis.score.tempo_bpm if analysis else 0.0
    bar = 240.0 / tempo if tempo else 2.0
    fps = float(analysis.fps) if analysis else 30.0
    return max(1, min(round(bar * fps), (span[1] - span[0]) // 2))


def _encoder(options: RenderOptions) -> Encoder:
    """The profile's encoder; another one only after it has encoded a picture here."""
    encoder = profile(options.profile)
    if options.encoder == encoder.codec:
        return encoder
    if why := trial(options.encoder):
        raise VideoError(
            f"encoder '{options.encoder}' does not work here: {why}; leave --encoder out for {encoder.codec}"
        )
    return replace(encoder, codec=options.encoder)


def _size(options: RenderOptions, encoder: Encoder, notes: list[str]) -> tuple[int, int]:
    if options.size is None:
        return encoder.size or DEFAULT_SIZE
    match = re.fullmatch(r"\s*(\d{1,6})\s*[x×X]\s*(\d{1,6})\s*", options.size)
    if not match:
        raise OptionError(f"size '{options.size}' is not understood; write it as 1280x720")
    width, height = int(match[1]), int(match[2])
    if not (min(width, height) >= MIN_SIZE and max(width, height) <= MAX_SIZE and width * height <= MAX_PIXELS):
        raise OptionError(f"size {width}x{height} is out of range; each side must be {MIN_SIZE} to {MAX_SIZE} pixels")
    even = (width + width % 2, height + height % 2)
    if even != (width, height):
        notes.append(f"size {width}x{height} rounded up to {even[0]}x{even[1]}: H.264 needs even sides")
    return even


def _remembered(options: RenderOptions, preset: LoadedPreset, song: Song) -> str:
    """The generator; for ``auto`` the same as last time for this song and preset."""
    chosen = choose_generator(options.generator, preset.values, options.model)
    if options.model and options.generator == "auto" and chosen not in WEIGHTS:
        raise GeneratorError(_of_no_use(options, preset))
    if len(preset.values.generators) == 1 and options.generator == "auto":
        return chosen
    file = settings().state_dir / "generators.json"
    key = f"{song.sha256[:32]}:{preset.name}"
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    before = known.get(key) if isinstance(known, dict) else None
    if options.generator == "auto" and before and before != chosen:
        raise GeneratorError(
            f"'{song.path.name}' was rendered with {before} before, now --generator auto would take {chosen}; "
            f"say --generator {before} or --generator {chosen}"
        )
    if before != chosen and chosen in preset.values.generators:  # a test card is no answer
        _remember(file, known if isinstance(known, dict) else {}, key, chosen)
    return chosen


def _of_no_use(options: RenderOptions, preset: LoadedPreset) -> str:
    """Why weights that were asked for would draw nothing."""
    from avwalk.models.store import kind_of

    model = str(options.model)
    kind = kind_of(model)
    why = unusable(kind, model)
    if why is None:
        return f"preset '{preset.name}' does not draw with --model {model} by itself; add --generator {kind}" + (
            ", or for the restyle use --restyle-model" if options.restyle else ""
        )
    return f"--model {model} cannot be used: {why}; or leave it out"


def _ignored(options: RenderOptions, generator: str, film: Mapping[str, Any]) -> list[str]:
    """A line about each option that changes nothing in this film."""
    lines, restyled = [], bool(film["restyle"])
    if options.prompt and generator != "sd" and not restyled:
        lines.append(f"--prompt is not used: {generator} takes no prompts; add --generator sd or --restyle")
    if options.model and generator not in WEIGHTS:
        lines.append(f"--model is not used: {generator} draws without weights; add --generator biggan or sd")
    if options.restyle_model and not restyled:
        lines.append("--restyle-model is not used: nothing is restyled; add --restyle")
    if options.compile and not film["compile"]:
        lines.append(f"--compile is not used: {generator} has no network that torch could compile")
    return lines


def _remember(file: Path, known: dict[str, str], key: str, chosen: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps({**known, key: chosen}, indent=1), encoding="utf-8")
        part.replace(file)
    except OSError:
        pass  # a read-only home must not stop a render
