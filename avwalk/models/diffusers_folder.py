"""Diffusers models on disk: folders and files used in place, identified by the sha256 of the files that are loaded.

    <model cache>/sd/<sha256>/avwalk.json     name, kind, part, sha256, path, config, licence, pulled
    <model cache>/sd/seen/<of the path>.json  size, time and sha256 of each file, so that gigabytes are read once

The sha256 of a model is that of its sorted lines ``<path inside>␀<sha256 of the file>⏎``: the weights that are loaded,
and the configs and the vocabularies beside them; not the safety checker, which changes no picture.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import struct
from pathlib import Path
from typing import Any

from avwalk.errors import ModelError, clipped
from avwalk.files.atomic import atomic_file
from avwalk.files.bounded import parse_json
from avwalk.models.weights import sha256_of
from avwalk.settings import settings

KIND = "sd"
CARD = "avwalk.json"
INDEX = "model_index.json"
LORA = "pytorch_lora_weights.safetensors"
PARTS = ("pipeline", "single", "lora", "vae", "controlnet")
"""A folder with a model_index.json; one file with a whole model; a LoRA; and folders of one network."""
WEIGHTS = re.compile(r"(diffusion_pytorch_)?model[.-].*safetensors$")
"""File names that diffusers and transformers load; others in a folder belong to other programs."""
_PICKLES = (".ckpt", ".bin", ".pt", ".pth", ".pkl")
_TEXTS = (".json", ".txt", ".model")
_BESIDE = ("safety_checker", "feature_extractor", "image_encoder")
_VARIANT = "fp16"
_HEADER_MOST = 100 << 20  # bytes; safetensors allows no more
_JSON_MOST = 64 << 20  # bytes; vocabularies have a few


def part_of(path: Path) -> str:
    """Which of the `PARTS` a folder or file is.

    Raises:
        ModelError: none of them, or of pickles.
    """
    if path.is_file():
        return _part_of_file(path)
    if (path / INDEX).is_file():
        return "pipeline"
    if (path / LORA).is_file():
        return "lora"
    kind = str(read_json(path / "config.json").get("_class_name", "")) if (path / "config.json").is_file() else ""
    if kind in ("AutoencoderTiny", "AutoencoderKL"):
        return "vae"
    if kind == "ControlNetModel":
        return "controlnet"
    raise ModelError(f"{path} is no model of diffusers: it has no {INDEX}; name the folder that save_pretrained wrote")


def _part_of_file(path: Path) -> str:
    if path.suffix.lower() in _PICKLES:
        raise ModelError(f"{path} is a pickle, which could run code: refused; get it as .safetensors")
    names = _tensor_names(path)
    if any(name.startswith("model.diffusion_model.") for name in names):
        return "single"
    if any("lora" in name for name in names):
        return "lora"
    raise ModelError(f"{path} is neither a model of Stable Diffusion nor a LoRA; its first tensor is '{names[0]}'")


def is_one(path: Path) -> bool:
    """Whether a path looks like a model of this kind, and not like a BigGAN."""
    with contextlib.suppress(ModelError):
        return bool(part_of(path))
    return path.suffix.lower() == ".ckpt"


def _tensor_names(path: Path) -> list[str]:
    """Names in the header of a file of safetensors."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = parse_json(file.read(length)) if length <= _HEADER_MOST else None
    except (OSError, ValueError, struct.error):
        header = None
    names = [name for name in header if name != "__metadata__"] if isinstance(header, dict) else []
    if not names:
        raise ModelError(f"{path} is no file of safetensors, or is broken; get it again")
    return names


def base_of(path: Path) -> str:
    """The family of a pipeline or single file: ``"sd1"``, ``"sd2"`` or ``"sdxl"``; by its text encoders.

    Raises:
        ModelError: it is of another family.
    """
    if path.is_file():
        names = _tensor_names(path)
        if any(name.startswith("conditioner.embedders.1.") for name in names):
            return "sdxl"
        return "sd2" if any(name.startswith("cond_stage_model.model.") for name in names) else "sd1"
    index = read_json(path / INDEX)
    kind = str(index.get("_class_name"))
    if kind.startswith("StableDiffusionXL"):
        return "sdxl"
    if kind.startswith("StableDiffusion") or kind == "LatentConsistencyModelPipeline":
        config = read_json(path / "text_encoder" / "config.json")
        unet = read_json(path / "unet" / "config.json")
        second = config.get("hidden_act") == "gelu" or unet.get("use_linear_projection") is True
        return "sd2" if second else "sd1"
    raise ModelError(f"{path} is a {kind}; avwalk draws with StableDiffusionPipeline and StableDiffusionXLPipeline")


def loaded_files(path: Path, config: Path | None = None) -> dict[str, Path]:
    """The files that are loaded from a model folder or file, by relative name.

    Args:
        path: of a model.
        config: the folder of configs of a single file.

    Raises:
        ModelError: a network has no safetensors.
    """
    if path.is_file():
        found = {path.name: path}
        return found | ({f"config/{name}": file for name, file in _texts(config).items()} if config else {})
    if part_of(path) == "lora":
        return {LORA: path / LORA}
    half = variant(path) is not None
    if part_of(path) != "pipeline":
        return _component(path, "", half)
    found = {INDEX: path / INDEX}
    for name in components(path):
        found |= _component(path / name, f"{name}/", half)
    return found


def components(path: Path) -> list[str]:
    """Names of the parts that a pipeline is made of, without the safety checker."""
    index = read_json(path / INDEX)
    there = (name for name, what in index.items() if isinstance(what, list) and what and what[0] is not None)
    return sorted(name for name in there if name not in _BESIDE)


def resolution(folder: Path) -> int:
    """Side in pixels of the pictures that the UNet of a pipeline's folder was trained on, or 0."""
    path = folder / "unet" / "config.json"
    sample = read_json(path).get("sample_size") if path.is_file() else None
    return sample * 8 if isinstance(sample, int) else 0


def variant(path: Path) -> str | None:
    """``"fp16"`` where a pipeline's folder, or a network's, has a network in half precision alone; it is taken then."""
    parts = [path / name for name in components(path)] if (path / INDEX).is_file() else [path]
    return _VARIANT if any(_weights(part) and not _weights(part, half=False) for part in parts) else None


def _weights(folder: Path, *, half: bool = True) -> list[Path]:
    """Files of weights under the names that are loaded; ``half`` precision too."""
    found = sorted(file for file in folder.glob("*.safetensors") if WEIGHTS.match(file.name))
    return [file for file in found if half or f".{_VARIANT}" not in file.name]


def _component(folder: Path, prefix: str, half: bool) -> dict[str, Path]:
    """Texts, and the weights that are taken: full precision where it is there, else half."""
    if not folder.is_dir():
        raise ModelError(f"{folder} is missing; get the model again, or name another folder")
    found = {f"{prefix}{name}": file for name, file in _texts(folder, deep=False).items()}
    there, full = _weights(folder), _weights(folder, half=False)
    if not there and (pickles := [file.name for file in folder.iterdir() if file.suffix in _PICKLES]):
        raise ModelError(f"{folder / pickles[0]} is a pickle, which could run code: refused; get it as .safetensors")
    halves = [file for file in there if file not in full]
    return found | {f"{prefix}{file.name}": file for file in ((halves if half else full) or there)}


def _texts(folder: Path, deep: bool = True) -> dict[str, Path]:
    """Configs and vocabularies of a folder, by their names inside."""
    found = folder.rglob("*") if deep else folder.iterdir()
    files = (file for file in found if file.suffix in _TEXTS and file.is_file() and file.name != CARD)
    named = {file.relative_to(folder).as_posix(): file for file in files}
    return {name: file for name, file in named.items() if not name.startswith((".", *_BESIDE))}


def sha256(files: dict[str, Path], of: Path, *, anew: bool = False) -> str:
    """The sha256 of a model's files; files with unchanged size and time are not read again.

    Args:
        files: of `loaded`.
        of: the path they belong to, the key of the remembered hashes.
        anew: read all files.
    """
    memory = _cache() / "seen" / f"{hashlib.sha256(str(of.resolve()).encode()).hexdigest()[:32]}.json"
    known: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(memory.read_text(encoding="utf-8"))
    digest, seen = hashlib.sha256(), {}
    for name, file in sorted(files.items()):
        stat = file.stat()
        size_and_time = [stat.st_size, stat.st_mtime_ns]
        entry = known.get(name)
        read = entry[2] if not anew and isinstance(entry, list) and entry[:2] == size_and_time else sha256_of(file)
        seen[name] = [*size_and_time, read]
        digest.update(f"{name}\0{read}\n".encode())
    if seen != known:
        with contextlib.suppress(OSError):  # a cache that cannot be written only costs time
            _write(memory, seen)
    return digest.hexdigest()


def size(card: dict[str, Any]) -> int:
    """Bytes of the weights of a card."""
    path, config = Path(card["path"]), Path(card["config"]) if card["config"] else None
    return sum(
        file.stat().st_size for name, file in loaded_files(path, config).items() if name.endswith(".safetensors")
    )


def enter(path: Path, *, name: str = "", config: Path | None = None) -> dict[str, Any]:
    """Registers a model in place under its sha256; returns its card.

    Raises:
        ModelError: it is no model, or not whole.
    """
    path = path.expanduser().resolve()
    part = part_of(path)
    if part == "single":
        config = config or config_beside(path)
    digest = sha256(loaded_files(path, config), path)
    text: dict[str, Any] = {"name": name or path.stem, "kind": KIND, "part": part, "sha256": digest}
    text |= {"path": str(path), "config": str(config) if config else None}
    text |= {"licence": "not stated", "pulled": None, "source_format": "safetensors"}
    old = _card(digest)
    if old and old["pulled"]:  # a copy of what was pulled is what was pulled
        if unchanged(old):
            return old
        text |= {key: old[key] for key in ("name", "licence", "pulled")}
    try:
        _write(_cache() / digest / CARD, text)
    except OSError as error:
        raise ModelError(
            f"the model cache {settings().model_cache_dir} cannot be written ({error.strerror or error}); "
            "make room, or set AVWALK_MODEL_CACHE_DIR"
        ) from None
    return text


def config_beside(file: Path) -> Path | None:
    """The folder of configs that belongs to a single file: ``X/`` beside ``X.safetensors``, or the folder it is in."""
    return next((folder for folder in (file.with_suffix(""), file.parent) if (folder / INDEX).is_file()), None)


def card(sha: str) -> dict[str, Any] | None:
    """The card of a sha256; None if unknown, or if its files are gone."""
    found = _card(sha)
    return found if found and Path(found["path"]).exists() else None


def _card(sha: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((_cache() / sha / CARD).read_text(encoding="utf-8"))
        return found if found["sha256"] == sha and isinstance(found["path"], str) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def unchanged(card: dict[str, Any], *, anew: bool = False) -> bool:
    """Whether the files of a card are unchanged; ``anew``: read all of them."""
    path, config = Path(card["path"]), Path(card["config"]) if card["config"] else None
    try:
        return bool(sha256(loaded_files(path, config), path, anew=anew) == card["sha256"])
    except (OSError, ModelError):
        return False


def update(sha: str, **changes: Any) -> None:
    """Writes into a card."""
    _write(_cache() / sha / CARD, {**(card(sha) or {}), **changes})


def _write(path: Path, text: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path, unique=True) as part:
        part.write_text(json.dumps(text, indent=2) + "\n", encoding="utf-8")


def _cache() -> Path:
    return settings().model_cache_dir / KIND


def read_json(path: Path) -> dict[str, Any]:
    """The table in a file of JSON; empty if it holds something else.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        if path.stat().st_size > _JSON_MOST or not path.is_file():
            raise ValueError("it is far too long, or no file")
        found = parse_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read as JSON ({clipped(error)}); get the model again") from None
    return found if isinstance(found, dict) else {}
