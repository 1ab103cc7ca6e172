"""Which generator draws a film, and with which weights; the keywords that build generators and effects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from avwalk.config.options import RenderOptions
from avwalk.config.preset import Preset
from avwalk.contracts import Song
from avwalk.errors import GeneratorError, ModelError, OptionError
from avwalk.events import warn_once
from avwalk.files.atomic import atomic_file
from avwalk.generators.cppn.options import PROCESSOR_ONLY
from avwalk.presets import LoadedPreset
from avwalk.registry import GENERATORS, choose_device
from avwalk.settings import settings


def generator_options(name: str, preset: Preset, model: str = "", classes: Sequence[int] = ()) -> dict[str, Any]:
    """The values that build a generator, flat and JSON.

    Args:
        name: of the generator.
        preset: most are its own.
        model: sha256 of the weights, where it needs some.
        classes: indices of the classes to be seen, where it knows any.
    """
    made: dict[str, Any] = GENERATORS[name].load_options()(preset, model, classes)
    return made


def effect_options(name: str, preset: Preset, fps: Fraction) -> dict[str, Any]:
    """The preset's values that build an effect, flat and JSON. Amounts come with every frame, from the routes."""
    if name == "aberration":
        return {"amount": 0.0}  # its curve adds to this
    if name == "trails":
        return {"seconds": preset.trails.seconds, "fps": f"{fps.numerator}/{fps.denominator}"}
    if name == "halftone":
        return {"pitch": preset.halftone.pitch, "angle": preset.halftone.angle}
    if name in ("scanlines", "mosaic"):
        return {"pitch": getattr(preset, name).pitch}
    if name == "overprint":
        return preset.overprint.model_dump(include={"pitch", "angle", "negative"})
    if name == "engrave":
        return {"pitch": preset.engrave.pitch, "angle": preset.engrave.angle}
    return {}


def drawing_device(device: str, name: str, preset: Preset) -> str:
    """What draws a film: ``"cpu"``, ``"cuda"`` or ``"mps"``.

    Args:
        device: as asked for, or ``"auto"``.
        name: of the generator.
        preset: some worlds of the built-in generator are drawn by the processor alone.

    Raises:
        GeneratorError: the device named is not here.
        OptionError: it cannot draw the preset's worlds.
    """
    chosen, topology = choose_device(device, name), preset.cppn.topology
    if name != "cppn" or chosen == "cpu" or topology not in PROCESSOR_ONLY:
        return chosen
    if device != "auto":
        raise OptionError(f"cppn.topology '{topology}' is drawn by the processor, not by {chosen}; use --device cpu")
    return "cpu"


def unusable(name: str, weights: str = "") -> str | None:
    """Why a generator cannot run here, or None.

    Args:
        name: of the generator.
        weights: what it would draw with: a name, a folder or a file.
    """
    if not GENERATORS[name].needs_weights:
        return None
    from avwalk.models import requirements, store

    try:
        if why := requirements.problem_of(name):
            return why
        store.find(weights, name)
    except ModelError as error:
        return str(error)
    return None


def choose_generator(name: str, preset: Preset, model: str | None = None) -> str:
    """The generator for a preset: the one named, or for ``auto`` the first of its list that can run here.

    Args:
        name: a name, or ``auto``.
        preset: its list, and the weights that it wants.
        model: the weights to draw with instead.

    Raises:
        GeneratorError: the one named cannot run here, or none of the list can.
    """
    if name != "auto":
        if why := unusable(name, model_name_of(name, preset, model)):
            raise GeneratorError(f"generator '{name}' cannot run here: {why}; or use --generator cppn")
        return name
    for each in preset.generators:
        if not unusable(each, model_name_of(each, preset, model)):
            return each
    raise GeneratorError(
        f"none of the preset's generators can run here ({', '.join(preset.generators)}); use --generator cppn"
    )


def model_name_of(name: str, preset: Preset, model: str | None = None) -> str:
    """The weights that a generator is to draw with: those asked for, else the preset's; empty where it needs none."""
    if not GENERATORS[name].needs_weights:
        return ""
    return model or str(getattr(preset, name).model)


def model_sha(name: str, preset: Preset, model: str | None = None) -> str:
    """sha256 of the weights that a generator draws with; empty where it needs none.

    Raises:
        ModelError: they are not here, or not whole.
    """
    if not GENERATORS[name].needs_weights:
        return ""
    from avwalk.models import store

    return store.find(model_name_of(name, preset, model), name).sha256


def choose_generator_again(options: RenderOptions, preset: LoadedPreset, song: Song) -> str:
    """The generator; for ``auto`` the same as last time for this song and preset."""
    chosen = choose_generator(options.generator, preset.values, options.model)
    if options.model and options.generator == "auto" and not GENERATORS[chosen].needs_weights:
        raise GeneratorError(_model_of_no_use(options, preset))
    if len(preset.values.generators) == 1 and options.generator == "auto":
        return chosen
    file = settings().state_dir / "generators.json"
    key = f"{song.sha256[:32]}:{preset.name}"
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
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


def _model_of_no_use(options: RenderOptions, preset: LoadedPreset) -> str:
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


def _remember(file: Path, known: dict[str, str], key: str, chosen: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(file, unique=True) as part:
            part.write_text(json.dumps({**known, key: chosen}, indent=1), encoding="utf-8")
    except OSError as error:  # a read-only home must not stop a render
        warn_once(f"which generator drew a song cannot be remembered in '{file.parent}' ({error.strerror or error})")
