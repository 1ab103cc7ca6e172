"""Implements ``avwalk models pull``, the only command that uses the network."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

from avwalk.errors import ModelError, OptionError, did_you_mean
from avwalk.models import diffusers_folder, hub, package_files, package_pull, store
from avwalk.models.catalogue import BUNDLES, CATALOGUE, Entry, Source
from avwalk.models.download import Progress, fetch
from avwalk.models.requirements import package
from avwalk.settings import settings

_HUB = "https://huggingface.co"


def pull(
    name: str,
    source: str = "",
    *,
    sha256: str = "",
    progress: Progress | None = None,
    waits: float = 1.0,
    safety: bool = False,
) -> store.Model:
    """Fetches a model of the catalogue into the model cache, or takes it from a folder or file.

    Args:
        name: of the catalogue, of a bundle, or ``owner/name`` of the hub for a model of diffusers.
        source: an alternative to the catalogue's first source: a folder, a file, an https address of a file of weights,
            ``hf:owner/name`` for a model on the Hugging Face hub, or ``mirror`` for the catalogue's second.
        sha256: digits (8 to 64) that the file's sha256 must begin with.
        progress: called with bytes there, bytes in all.
        waits: seconds before the second attempt.
        safety: the safety checker of an SD too.

    Raises:
        OptionError: no such name, no such source, or no sha256.
        ModelError: it cannot be fetched, or is not this model.
    """
    if sha256 and not re.fullmatch(r"[0-9a-fA-F]{8,64}", sha256):
        raise OptionError(f"--sha256 '{sha256}' is no sha256; give its first 8 digits at least, hexadecimal")
    if name in CATALOGUE and CATALOGUE[name].kind in package_files.KINDS:
        found = package_pull.pull_files(name, source, progress=progress, waits=waits)
        if not found.sha256.startswith(sha256.lower()):
            raise ModelError(f"{name} has sha256 {found.sha256[:16]}…, not {sha256[:16]}…; leave --sha256 out")
        return store.Model(name, CATALOGUE[name].kind, found.sha256, found.folder)
    if name in BUNDLES or (name in CATALOGUE and CATALOGUE[name].hub) or hub.ADDRESS.fullmatch(name):
        return _pull_diffusion(name, source, sha256, safety)
    if name not in CATALOGUE:
        near = did_you_mean(name, {*CATALOGUE, *BUNDLES})
        raise OptionError(f"model '{name}' is not in the catalogue{near}; see: avwalk models list")
    package()  # what is missing is said before anything is fetched
    entry = CATALOGUE[name]
    place = _place(entry, source)
    if isinstance(place, Path):
        return _take(place, name, entry, sha256)
    folder = settings().model_cache_dir / "downloads" / name
    weights = folder / Path(urlsplit(place.weights).path).name
    if not weights.exists():  # else it was fetched, and then it was stopped
        fetch(place.weights, weights, sha256=sha256 or place.sha256, progress=progress, waits=waits)
    config = folder / weights.name.replace("pytorch_model.bin", "config.json")
    if place.config and not config.exists():
        fetch(place.config, config, waits=waits)
    try:
        return _take(weights, name, entry, sha256)
    finally:
        if not isinstance(sys.exception(), KeyboardInterrupt):  # then the file is as good as it was
            shutil.rmtree(folder, ignore_errors=True)


def _pull_diffusion(name: str, source: str, sha256: str, safety: bool) -> store.Model:
    """A diffusers model and its companions; from a folder the model only, without network access."""
    first, *others = BUNDLES.get(name, (name,))
    entry = CATALOGUE.get(first)
    licence = entry.licence if entry else ""
    if source and not source.startswith("hf:"):
        path = Path(source).expanduser()
        if not path.exists():
            raise OptionError(f"--from '{source}' is not there; name a folder, a file, or hf:owner/name")
        model, others = store.named(store.take(path, diffusers_folder.KIND), first, licence or "not stated"), []
    else:
        address = source.removeprefix("hf:") or (entry.hub if entry else first)
        model = hub.pull(address, name=first, licence=licence, safety=safety)
    if not model.sha256.startswith(sha256.lower()):
        raise ModelError(f"{model.folder} has sha256 {model.sha256[:16]}…, not {sha256[:16]}…; use another one")
    for other in others:
        hub.pull(CATALOGUE[other].hub, name=other, licence=CATALOGUE[other].licence)
    return model


def _place(entry: Entry, source: str) -> Path | Source:
    """Where to get it."""
    if not source:
        return entry.sources[0]
    if source == "mirror":
        return entry.sources[1]
    if source.startswith("hf:"):
        if not re.fullmatch(r"hf:[\w.-]+/[\w.-]+", source):
            raise OptionError(f"--from '{source}' is no model of the hub; write hf:owner/name")
        base = f"{_HUB}/{source.removeprefix('hf:')}/resolve/main"
        return Source(f"{base}/pytorch_model.bin", f"{base}/config.json")
    if "://" in source:
        return Source(source, sha256=sha256_digits(source))
    path = Path(source).expanduser()
    if not path.exists():
        raise OptionError(f"--from '{source}' is not there; name a folder, a file, an https address or hf:owner/name")
    return path


def sha256_digits(url: str) -> str:
    """The digits of the sha256 at the end of a file name, as OpenMMLab writes them: ``…-099e96f9.pth``."""
    found = re.search(r"-([0-9a-f]{8})\.pth$", urlsplit(url).path)
    return found[1] if found else ""


def _take(path: Path, name: str, entry: Entry, sha256: str) -> store.Model:
    """Into the cache under its name, if it is that model."""
    model = store.take(path, entry.kind)
    if not model.sha256.startswith(sha256.lower()):
        raise ModelError(f"{path} has sha256 {model.sha256[:16]}…, not {sha256[:16]}…; use another file")
    resolution = store.config(model)["output_dim"]
    if resolution != entry.resolution:
        raise ModelError(
            f"{path} draws {resolution} pixels, {name} {entry.resolution}; "
            f"pull it under its own name, or use it as it is: --model {path}"
        )
    return store.named(model, name, entry.licence)
