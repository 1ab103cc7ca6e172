"""The model cache: BigGAN weights by the sha256 of their source file, as safetensors with their config.

Models of diffusers (kind ``sd``) stay in their folders, see `folders`; of a BigGAN there is a copy:

    <model cache>/biggan/<sha256>/model.safetensors     float32, the package's names
                                  config.json           of the network
                                  avwalk.json           name, kind, sha256, source_format, licence, pulled, checksum

An entry is written under a temporary name and renamed when complete; later only its name changes. Nothing here uses
the network.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avwalk.errors import ModelError, did_you_mean
from avwalk.files.atomic import atomic_file
from avwalk.models import biggan_config, diffusers_folder, weights
from avwalk.models.catalogue import BUNDLES, CATALOGUE
from avwalk.settings import settings

KINDS = ("biggan", "sd")
WEIGHTS, CONFIG, CARD = "model.safetensors", "config.json", "avwalk.json"
_IN_FOLDERS = ("model.safetensors", "pytorch_model.bin")
_SUFFIXES = (".safetensors", ".bin", ".pth", ".pt")
_UNKNOWN_LICENCE = "not stated"
_DAY = 86400


@dataclass(frozen=True)
class Model:
    """Complete weights on this machine.

    Attributes:
        name: of the catalogue, or of the file or folder that they came from.
        kind: ``"biggan"`` or ``"sd"``.
        sha256: of the bytes of the file that they came in; of an ``sd``, of the files that are loaded.
        folder: of a BigGAN, in the model cache: ``model.safetensors``, ``config.json``, ``avwalk.json``; of an ``sd``,
            the folder or file that it is in.
    """

    name: str
    kind: str
    sha256: str
    folder: Path


def find(name: str, kind: str = "biggan") -> Model:
    """The model that a user means; files of other formats are checked and converted once.

    Args:
        name: a name of the catalogue that was pulled, the path of a file of weights or of a folder with one, or
            a sha256 stored in a film.
        kind: ``"biggan"`` or ``"sd"``.

    Raises:
        ModelError: it is not here, or is not whole.
    """
    entry = BUNDLES.get(name, (name,))[0]
    if entry in CATALOGUE and CATALOGUE[entry].kind not in KINDS:
        raise ModelError(f"'{name}' hears or speaks, it draws no pictures; avwalk models list shows those that do")
    if entry in CATALOGUE and (found := _pulled(entry, kind)):
        return found
    if re.fullmatch(r"[0-9a-f]{64}", name):
        return by_sha(name)
    path = Path(name).expanduser()
    if path.exists():
        return take(path, kind)
    if entry in CATALOGUE:
        raise ModelError(
            f"model '{name}' is not here; get it with: avwalk models pull {name} "
            f"(about {sum(CATALOGUE[each].megabytes for each in BUNDLES.get(name, (name,)))} MB), "
            "or name a folder: --model DIR"
        )
    if "://" in name or name.startswith("hf:"):
        raise ModelError(f"'{name}' is not fetched by itself; do it once: avwalk models pull NAME --from {name}")
    if name.startswith((".", "~", "/", "\\")) or path.is_absolute() or (path.parent != Path() and path.parent.is_dir()):
        beside = did_you_mean(path.name, [each.name for each in _folders(path.parent)])
        raise ModelError(f"there is nothing at {name}{beside}; name a folder or a file of weights")
    if kind == diffusers_folder.KIND and re.fullmatch(r"[\w.-]+/[\w.-]+(:.+)?", name):
        if found := _pulled(name, kind):
            return found
        raise ModelError(f"'{name}' is not here; if it is on the hub: avwalk models pull {name}")
    near = did_you_mean(name, {*CATALOGUE, *BUNDLES, *(each.name for each in _folders(Path()) if each.is_dir())})
    raise ModelError(f"model '{name}' is neither a name nor a path{near}; avwalk models list shows the names")


def kind_of(name: str) -> str:
    """Which kind of model a user means by a name, a path or a sha256; ``"biggan"`` where nothing says otherwise."""
    if name in BUNDLES or (name in CATALOGUE and CATALOGUE[name].kind == diffusers_folder.KIND):
        return diffusers_folder.KIND
    if (
        diffusers_folder.card(name)
        or diffusers_folder.is_one(Path(name).expanduser())
        or _pulled(name, diffusers_folder.KIND)
    ):
        return diffusers_folder.KIND
    return "biggan"


def by_sha(sha256: str) -> Model:
    """The model of this sha256, from the cache alone.

    Raises:
        ModelError: it is not there.
    """
    if re.fullmatch(r"[0-9a-f]{64}", sha256):
        for kind in KINDS:
            if found := _entry(_cache(kind) / sha256):
                return _unchanged(found)
    raise ModelError(
        f"the model with sha256 {sha256[:12]}… is not in {settings().model_cache_dir}; "
        "get it with: avwalk models pull NAME, or name a folder: --model DIR"
    )


def here() -> list[Model]:
    """All models of the cache, by name."""
    found = [_entry(folder) for kind in KINDS for folder in _folders(_cache(kind))]
    return sorted((model for model in found if model), key=lambda model: (model.name, model.sha256))


def card(model: Model) -> dict[str, Any]:
    """The content of a model's ``avwalk.json``."""
    if model.kind == diffusers_folder.KIND:
        return diffusers_folder.card(model.sha256) or {}
    found: dict[str, Any] = json.loads((model.folder / CARD).read_text(encoding="utf-8"))
    return found


def config(model: Model) -> biggan_config.Config:
    """The config of a model of the cache, checked."""
    return biggan_config.read(model.folder / CONFIG)


def take(path: Path, kind: str = "biggan") -> Model:
    """Imports the weights of a file or folder into the cache, if missing; an ``sd`` is only registered.

    Args:
        path: a file of weights, or a folder with one; ``config.json`` beside it, or one of the published layouts.
        kind: ``"biggan"`` or ``"sd"``.

    Raises:
        ModelError: no weights, broken weights, others than the config says; the cache cannot be written.
    """
    if kind not in KINDS:
        raise ModelError(f"models of the kind '{kind}' are not known; use: {', '.join(KINDS)}")
    if kind == diffusers_folder.KIND:
        return _referred(diffusers_folder.enter(path))
    if path.is_dir() and path.resolve().parent == _cache(kind).resolve() and (found := _entry(path.resolve())):
        return found
    source = _weights_in(path)
    beside = _config_beside(source)
    sha256 = weights.sha256_of(source)
    found = _entry(_cache(kind) / sha256)
    if found is None:
        found = _convert(source, beside, sha256, kind, name=path.resolve().stem)
    elif beside and biggan_config.read(beside) != config(found):
        raise ModelError(
            f"{beside} differs from the config that these weights were taken in with; "
            f"delete {found.folder} to take them in anew"
        )
    return found


def named(model: Model, name: str, licence: str) -> Model:
    """Stores a catalogue name in the card, under which `find` returns the model."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
    if model.kind == diffusers_folder.KIND:
        diffusers_folder.update(model.sha256, name=name, pulled=now, licence=licence)
        return Model(name, model.kind, model.sha256, model.folder)
    text = {**card(model), "name": name, "pulled": now, "licence": licence}
    with atomic_file(model.folder / CARD, unique=True) as part:
        part.write_text(json.dumps(text, indent=2) + "\n", encoding="utf-8")
    return Model(name, model.kind, model.sha256, model.folder)


def _weights_in(path: Path) -> Path:
    """The file of weights that a path means."""
    if path.is_file():
        return path
    if not path.is_dir():
        raise ModelError(f"{path} is not there; check the path, or see: avwalk models list")
    for name in _IN_FOLDERS:
        if (path / name).is_file():
            return path / name
    files = sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES and file.is_file())
    if len(files) == 1:
        return files[0]
    if files:
        names = ", ".join(file.name for file in files[:3])
        raise ModelError(f"{path} holds {len(files)} files of weights ({names}); name one of them")
    raise ModelError(f"{path} holds no weights; it needs pytorch_model.bin or model.safetensors, and config.json")


def _config_beside(source: Path) -> Path | None:
    """``config.json``, or ``X-config.json`` beside ``X-pytorch_model.bin`` as they are named on the server."""
    own = source.with_name(source.name.replace("pytorch_model.bin", "config.json"))
    for path in (own, source.with_name(CONFIG)):
        if path != source and path.is_file():
            return path
    return None


def _convert(source: Path, beside: Path | None, sha256: str, kind: str, name: str) -> Model:
    """Reads, checks and writes an entry."""
    from avwalk.models.requirements import package

    package()
    state, source_format = weights.read(source)
    if beside:
        found = biggan_config.read(beside)
    else:
        found = biggan_config.inferred({name: tuple(tensor.shape) for name, tensor in state.items()}, str(source))
    weights.check(state, biggan_config.shapes_of(found), str(source))
    try:
        return _write(state, found, source_format, sha256, kind, name)
    except OSError as error:
        raise ModelError(
            f"the model cache {settings().model_cache_dir} cannot be written ({error.strerror or error}); "
            "make room, or set AVWALK_MODEL_CACHE_DIR"
        ) from None


def _write(
    state: weights.State, found: biggan_config.Config, source_format: str, sha256: str, kind: str, name: str
) -> Model:
    from safetensors.torch import save_file

    entry = _cache(kind) / sha256
    entry.parent.mkdir(parents=True, exist_ok=True)
    _sweep(entry.parent)
    part = Path(tempfile.mkdtemp(prefix="part-", dir=entry.parent))
    try:
        save_file(state, part / WEIGHTS, metadata={"format": "pt"})
        (part / CONFIG).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        text = {
            "name": name,
            "kind": kind,
            "sha256": sha256,
            "source_format": source_format,
            "licence": _UNKNOWN_LICENCE,
            "pulled": None,
            "checksum": weights.sha256_of(part / WEIGHTS),
        }
        (part / CARD).write_text(json.dumps(text, indent=2) + "\n", encoding="utf-8")
        part.chmod(0o755)  # mkdtemp makes it for its owner alone; a cache may be shared
        with contextlib.suppress(OSError):  # it is there: another process was faster, or it is not whole
            part.rename(entry)
        if part.exists() and _entry(entry) is None:
            shutil.rmtree(entry)
            part.rename(entry)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    made = _entry(entry)
    if made is None:
        raise OSError(f"{entry} was not made")
    return made


def _pulled(name: str, kind: str) -> Model | None:
    """The model pulled last under a name."""
    found = [model for model in here() if model.name == name and model.kind == kind and card(model)["pulled"]]
    return max(found, key=lambda model: str(card(model)["pulled"]), default=None)


def _entry(folder: Path) -> Model | None:
    """The model of a folder of the cache; None if it is not there, or not whole."""
    if folder.parent == _cache(diffusers_folder.KIND):
        found = diffusers_folder.card(folder.name)
        return _referred(found) if found else None
    try:
        text = json.loads((folder / CARD).read_text(encoding="utf-8"))
        whole = (folder / WEIGHTS).is_file() and (folder / CONFIG).is_file() and text["sha256"] == folder.name
        return Model(text["name"], text["kind"], text["sha256"], folder) if whole else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _referred(found: dict[str, Any]) -> Model:
    """The model that a card points to."""
    return Model(found["name"], found["kind"], found["sha256"], Path(found["path"]))


def _unchanged(model: Model) -> Model:
    """The same model, if its files are those that its sha256 was taken of."""
    if model.kind == diffusers_folder.KIND and not diffusers_folder.unchanged(card(model)):
        raise ModelError(
            f"{model.folder} has changed since its sha256 {model.sha256[:12]}… was taken; put it back, "
            "or render anew with --fresh"
        )
    return model


def _cache(kind: str) -> Path:
    return settings().model_cache_dir / kind


def _folders(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else []


def _sweep(cache: Path) -> None:
    """Removes leftovers of crashed conversions, older than a day."""
    for folder in cache.glob("part-*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _DAY:
                shutil.rmtree(folder, ignore_errors=True)
