"""Downloads diffusers models from the Hugging Face hub: safetensors and configs only, fp16 where available."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from avwalk.errors import ModelError
from avwalk.models import diffusers_folder, store
from avwalk.models.weights import sha256_of
from avwalk.settings import settings

ADDRESS = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(:(?P<file>[\w./ -]+\.safetensors))?")
"""``owner/name``, or ``owner/name:file.safetensors`` for one file of many."""


def pull(address: str, *, name: str = "", licence: str = "", safety: bool = False) -> store.Model:
    """Fetches a model into the model cache. Existing files are not fetched again.

    Args:
        address: see `ADDRESS`.
        name: that it is known by from now on; the address by default.
        licence: of the weights; what the hub says by default.
        safety: the safety checker too.

    Raises:
        ModelError: it cannot be fetched, or has no weights that are safe to load.
    """
    found = ADDRESS.fullmatch(address)
    if not found:
        raise ModelError(f"'{address}' is no model of the hub; write owner/name, or owner/name:file.safetensors")
    repo, file = found["repo"], found["file"]
    folder = settings().model_cache_dir / diffusers_folder.KIND / "hub" / repo.replace("/", "--")
    try:
        from huggingface_hub import HfApi, snapshot_download
    except ImportError:
        raise ModelError("huggingface-hub is not installed; install it with: pip install 'avwalk[models]'") from None
    try:
        about = HfApi().model_info(repo, files_metadata=True)
        files = select_files([sibling.rfilename for sibling in about.siblings or []], file, safety=safety)
        if files:
            snapshot_download(repo, local_dir=folder, allow_patterns=files, revision=about.sha)
    except Exception as error:  # of the hub, of its client (another one in each version), of the disk
        raise ModelError(_why(repo, error)) from None
    _verify(about, folder, files)
    if not files:
        raise ModelError(f"{repo} has no {file or 'weights as safetensors'}; choose another model")
    model = store.take(_model_in(folder, files, file), diffusers_folder.KIND)
    return store.named(model, name or address, licence or _licence(about))


def select_files(files: Sequence[str], one: str | None = None, *, safety: bool = False) -> list[str]:
    """Selects the files of a repository to download.

    Args:
        files: all file names of the repository.
        one: a single requested file.
        safety: the safety checker too.

    Returns:
        Of a pipeline, or of one network: configs, vocabularies, and the weights in half precision where they are, else
        in full. Never pickles, and no whole models beside the folders.
    """
    if one:
        return [one] if one in files else []
    if diffusers_folder.LORA in files:
        return [diffusers_folder.LORA]
    is_pipeline = diffusers_folder.INDEX in files
    parts: dict[str, list[str]] = {}
    for name in files:
        folder, _, last = name.rpartition("/")
        if (
            "/" in folder
            or (is_pipeline and not folder and last != diffusers_folder.INDEX)
            or (not is_pipeline and folder)
        ):
            continue
        if folder in ("feature_extractor", "image_encoder") or (folder == "safety_checker" and not safety):
            continue
        if last.endswith((".json", ".txt", ".safetensors")):
            parts.setdefault(folder, []).append(name)
    kept = [name for names in parts.values() for name in _half(names)]
    return sorted(kept) if any(name.endswith(".safetensors") for name in kept) else []


def _verify(about: Any, folder: Path, files: Sequence[str]) -> None:
    """Removes files that are not those of the hub's listing: by sha256, or small ones by their git blob.

    Raises:
        ModelError: there was one.
    """
    for sibling in about.siblings or []:
        if sibling.rfilename not in files:
            continue
        path = folder / sibling.rfilename
        known = (sibling.lfs or {}).get("sha256"), sibling.blob_id
        if known[0]:
            same = sha256_of(path) == known[0]
        elif known[1]:
            data = path.read_bytes()
            same = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == known[1]
        else:
            continue  # a hub that says nothing of its files
        if not same:
            path.unlink()
            raise ModelError(f"{sibling.rfilename} of {about.id} is not what the hub lists: removed; run it again")


def _half(names: list[str]) -> list[str]:
    """Texts, and weights of one precision."""
    weights = [
        name for name in names if diffusers_folder.WEIGHTS.match(name.rpartition("/")[2]) and "non_ema" not in name
    ]
    half = [name for name in weights if ".fp16" in name]
    texts = [name for name in names if not name.endswith(".safetensors")]
    return texts + (half or weights)


def _model_in(folder: Path, files: list[str], file: str | None) -> Path:
    if file:
        return folder / file
    return folder / diffusers_folder.LORA if files == [diffusers_folder.LORA] else folder


def _licence(about: Any) -> str:
    return str(getattr(about.card_data, "license", None) or "not stated")


def _why(repo: str, error: Any) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return f"{repo} is not open to you ({status}); accept its licence on huggingface.co, then: hf auth login"
    if status == 404:
        return f"{repo} is not on the hub (404); check the name"
    line = " ".join(str(error).split())[:120] or type(error).__name__
    return f"{repo} cannot be fetched ({line}); connect to the internet and run it again: it goes on from there"
