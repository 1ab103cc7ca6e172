"""Chooses and creates the generator that draws each prompt of a project."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avwalk.errors import AvwalkError, ScenesError, did_you_mean
from avwalk.files.image_meta import avwalk_metadata
from avwalk.painters.registry import is_painter
from avwalk.scenes.project.settings_json import GENERATORS

if TYPE_CHECKING:
    from avwalk.scenes.draw.contract import Drawer
    from avwalk.scenes.project.project import Project


from dataclasses import replace
from typing import TYPE_CHECKING

from avwalk.scenes.draw.contract import Drawer
from avwalk.scenes.draw.studio import Studio

if TYPE_CHECKING:
    from avwalk.scenes.project.project import Project


def choose_generators(project: Project, generator: str | None = None) -> dict[str, str]:
    """The generator of each prompt: the given one, else the prompt's, else the profile's, else ``auto``.

    ``auto`` is the generator that drew existing pictures of the project, else Stable Diffusion where a model can run,
    else the built-in one. ``cppn:lotus`` is the built-in one with a preset.

    Raises:
        ScenesError: there is none of that name, or it cannot run here.
    """
    found: dict[str, str] = {}
    auto = ""
    for name, prompt in project.definitions.items():
        asked = generator or prompt.generator or project.profile.generator or "auto"
        if asked == "auto":
            asked = auto = auto or _automatic(project)
        kind = asked if is_painter(asked) else asked.partition(":")[0]
        if kind not in GENERATORS and not is_painter(kind):
            near = did_you_mean(kind, GENERATORS)
            raise ScenesError(
                f"prompt '{name}': generator '{asked}' is unknown{near}; use {', '.join(GENERATORS)}, or a painter"
            )
        found[name] = kind
    for kind in dict.fromkeys(kind for kind in found.values() if not is_painter(kind)):
        if why := _unusable(kind, _model(project, kind)):
            raise ScenesError(f"generator '{kind}' cannot run here: {why}; or use --generator cppn")
    return found


def notes(project: Project, generators: Mapping[str, str]) -> list[str]:
    """Warnings where the project's model is unavailable and the built-in generator draws instead."""
    drawn = {name for name, kind in generators.items() if kind == "cppn"}
    left_open = [name for name in drawn if not (project.definitions[name].generator or project.profile.generator)]
    if not (project.profile.model and left_open):
        return []
    why = _unusable("sd", _model(project, "sd"))
    return [f"the built-in generator draws, for the project's model cannot run here: {why}"] if why else []


def words_note(project: Project, name: str) -> str:
    """What the built-in generator does with the words of a prompt, which it cannot read; empty where another draws."""
    prompt = project.definitions[name]
    if choose_generators(project)[name] != "cppn":
        return ""
    from avwalk.presets.prompt_to_preset import choose_preset

    asked = (prompt.generator or project.profile.generator or "").partition(":")[2]
    choice = choose_preset(name, prompt.text, asked or str(project.profile.pipeline.get("preset", "")))
    colours = f" in {choice.palette}" if choice.palette else ""
    said = f"the built-in generator draws, which reads no sentences: the words choose preset {choice.preset}{colours}"
    return f"{said} and a world of their own; `avwalk models list` names models that draw what they say"


def make_drawer(
    kind: str, project: Project, names: Sequence[str], settings: Mapping[str, Any], device: str = "auto"
) -> Drawer:
    """The drawer of a generator.

    Args:
        kind: ``"cppn"``, ``"biggan"`` or ``"sd"``, or a painter as `avwalk.painters.registry.open_painters` has it.
        project: whose prompts it draws.
        names: of these prompts.
        settings: ``pipe_kwargs`` of the profile, with overrides.
        device: ``"auto"`` or one.

    Raises:
        ScenesError: it cannot draw them.
    """
    from avwalk.registry import choose_device

    if is_painter(kind):
        return _painted(kind, project, names, settings)
    make = {"cppn": _cppn, "biggan": _biggan, "sd": _sd}[kind]
    try:
        return make(project, names, settings, choose_device(device, kind))
    except ScenesError:
        raise
    except AvwalkError as error:
        raise ScenesError(f"{project.definitions_file}: {error}") from None


def _cppn(project: Project, names: Sequence[str], settings: Mapping[str, Any], device: str) -> Drawer:
    from avwalk.generators.cppn.generator import TARGETS
    from avwalk.scenes.draw.cppn import CppnArtist

    presets = {name: str(settings.get("preset", "")) for name in names}
    for name in names:
        presets[name] = (project.definitions[name].generator or "").partition(":")[2] or presets[name]
        if not presets[name]:  # of all prompts
            presets[name] = (project.profile.generator or "").partition(":")[2]
    targets = {key: float(value) for key, value in settings.items() if key in TARGETS}
    return CppnArtist(_size(project), _texts(project, names), preset_names=presets, settings=targets, device=device)


def _biggan(project: Project, names: Sequence[str], settings: Mapping[str, Any], device: str) -> Drawer:
    from avwalk.models import store
    from avwalk.scenes.draw.biggan import TRUNCATION, BigGanArtist

    model = store.find(_model(project, "biggan"), "biggan").sha256
    truncation = float(settings.get("truncation", TRUNCATION))
    return BigGanArtist(_size(project), _texts(project, names), model=model, truncation=truncation, device=device)


def _sd(project: Project, names: Sequence[str], settings: Mapping[str, Any], device: str) -> Drawer:
    from avwalk.scenes.draw.stable_diffusion import PromptSettings, SdArtist, model_settings

    drawing, _ = model_settings(_model(project, "sd"), settings, _size(project), project.profile.control_model or "")
    wanted = {}
    for name in names:
        prompt = project.definitions[name]
        guidance = prompt.guidance if prompt.guidance is not None else float(drawing.recipe["guidance"])
        strength = prompt.control_scale
        if strength is None:
            strength = float(settings.get("controlnet_conditioning_scale", 1.0))
        wanted[name] = PromptSettings(
            prompt.text,
            prompt.negative if prompt.negative is not None else str(settings.get("negative_prompt") or ""),
            min(guidance, float(drawing.recipe["most_guidance"])),
            _mask(project, prompt.mask) if drawing.controlnet else None,
            strength,
        )
    return SdArtist(_size(project), wanted, drawing, device)


def _painted(kind: str, project: Project, names: Sequence[str], settings: Mapping[str, Any]) -> Drawer:
    from avwalk.painters.registry import open_painters
    from avwalk.scenes.draw.painted import PainterArtist, Words

    usual = str(settings.get("negative_prompt") or "")
    wanted = {}
    for name in names:
        prompt = project.definitions[name]
        wanted[name] = Words(prompt.text, prompt.negative if prompt.negative is not None else usual)
    return PainterArtist(_size(project), wanted, open_painters(kind))


def _mask(project: Project, mask: str | None) -> Path | None:
    if not mask:
        return None
    path = project.masks / f"{mask}.png"
    if not path.is_file():
        raise ScenesError(f"mask '{mask}' is not there: '{path}'; put it there, or take it out of the table")
    return path


def _size(project: Project) -> tuple[int, int]:
    return project.profile.width, project.profile.height


def _texts(project: Project, names: Sequence[str]) -> dict[str, str]:
    return {name: project.definitions[name].text for name in names}


def _model(project: Project, kind: str) -> str:
    """A generator's model: the profile's if of its kind, else the presets' default."""
    from avwalk.config.generators import Biggan, Sd

    usual: Callable[[], Biggan | Sd] | None = {"sd": Sd, "biggan": Biggan}.get(kind)
    if usual is None:
        return ""
    asked = project.profile.model or ""
    return asked if asked and _kind(asked) == kind else usual().model


def _kind(model: str) -> str:
    """The generator that a model is for."""
    from avwalk.models import store

    if "/" in model and not Path(model).expanduser().exists():
        return "sd"  # an address of the hub
    return store.kind_of(model)


def _unusable(kind: str, model: str) -> str | None:
    from avwalk.request.generators import unusable

    return unusable(kind, model)


def _automatic(project: Project) -> str:
    """Resolves ``auto``."""
    for path in sorted(project.prompt_images.glob("*.png")) if project.prompt_images.is_dir() else ():
        before = avwalk_metadata(path).get("generator")
        if before in GENERATORS:
            return str(before)
    return "cppn" if _unusable("sd", _model(project, "sd")) else "sd"


def artist_of(
    project: Project, *, generator: str | None = None, device: str = "auto", settings: Mapping[str, Any] | None = None
) -> Studio:
    """The studio of a project.

    Args:
        project: with prompts and profile.
        generator: for every prompt, overrides the project's.
        device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
        settings: override those of the profile: ``num_inference_steps``, ``guidance_scale``, ``truncation``, … and for
            the built-in generator its targets, such as ``cppn.warp``.

    Raises:
        ScenesError: a generator cannot run here.
    """
    profile = project.profile
    generators = choose_generators(project, generator)
    pipeline = {**profile.pipeline, **dict(settings or {})}
    if settings and "guidance_scale" in settings:
        plain = {name: replace(prompt, guidance=None) for name, prompt in project.definitions.items()}
        project = replace(project, definitions=plain)
    return Studio(
        (profile.width, profile.height),
        generators,
        lambda name: make_drawer(name, project, [p for p in generators if generators[p] == name], pipeline, device),
        project.picture,
        notes(project, generators),
    )
