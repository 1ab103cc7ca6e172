"""Reads weight files safely (safetensors, pickles without code), detects formats, checks every tensor."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avwalk.errors import ModelError
from avwalk.models import biggan_openmmlab

if TYPE_CHECKING:
    from torch import Tensor

State = dict[str, "Tensor"]
_BLOCK = 1 << 20
_AGAIN = "get the file again: avwalk models pull NAME"
_NAMES_SHOWN = 3


def sha256_of(path: Path) -> str:
    """The sha256 of a file, 64 hex digits."""
    digest, buffer = hashlib.sha256(), bytearray(_BLOCK)
    with path.open("rb", buffering=0) as file:
        while n := file.readinto(buffer):
            digest.update(memoryview(buffer)[:n])
    return digest.hexdigest()


def read(path: Path) -> tuple[State, str]:
    """The tensors of a BigGAN by the package's names, float32 and contiguous, on the processor; and the format.

    Returns:
        The tensors, and ``"safetensors"``, ``"pickle"``, ``"zip"`` or ``"openmmlab"``.

    Raises:
        ModelError: not a file of weights, broken, or with anything but tensors inside.
    """
    kind = _kind(path)
    found = _read_safetensors(path) if kind == "safetensors" else _read_pickle(path)
    state = _tensors(found, path)
    if biggan_openmmlab.is_one(state):
        state, kind = biggan_openmmlab.renamed(state, str(path)), "openmmlab"
    for layer in [name for name in state if name.endswith(".weight") and f"{name}_orig" in state]:
        del state[layer]  # derived from weight_orig; files of old versions of torch have it
    return {name: _plain(tensor) for name, tensor in state.items()}, kind


def check(state: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]], where: str) -> None:
    """Every tensor of the network is there in its size, nothing else is, and all numbers are finite.

    Args:
        state: what a file holds.
        shapes: what the network has (`biggan_config.shapes_of`).
        where: the file, for the message.

    Raises:
        ModelError: a check failed.
    """
    missing, unknown = sorted(set(shapes) - set(state)), sorted(set(state) - set(shapes))
    if missing or unknown:
        parts = [f"lacks {_some(missing)}"] * bool(missing) + [f"has {_some(unknown)} too many"] * bool(unknown)
        raise ModelError(f"{where} {' and '.join(parts)}: these are not the weights of this BigGAN; {_AGAIN}")
    for name, shape in shapes.items():
        if tuple(state[name].shape) != shape:
            size = " × ".join(map(str, state[name].shape)) or "one number"
            raise ModelError(
                f"{where}: {name} is {size}, the config asks for {' × '.join(map(str, shape))}; "
                "use the config.json that belongs to these weights"
            )
    for name, tensor in state.items():
        if not bool(tensor.isfinite().all()):
            raise ModelError(f"{where}: {name} holds numbers that are not finite; {_AGAIN}")


def _some(names: list[str]) -> str:
    more = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _kind(path: Path) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}); check the path") from None
    if head[:4] == b"PK\x03\x04":
        return "zip"
    if head[8:9] == b"{":
        return "safetensors"
    if head[:1] == b"\x80":
        return "pickle"
    raise ModelError(f"{path} is no file of weights (it begins with {head[:8]!r}); {_AGAIN}")


def _read_safetensors(path: Path) -> object:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(f"{path} is broken ({_line(error)}); {_AGAIN}") from None


def _read_pickle(path: Path) -> object:
    """Reads a pickle with torch's weights-only loader: code in it is refused."""
    import torch

    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "GLOBAL" in str(error) or "unsupported" in str(error).lower():
            raise ModelError(f"{path} holds more than tensors, which could run code: refused; {_AGAIN}") from None
        raise ModelError(f"{path} is broken ({_line(error)}); {_AGAIN}") from None
    except Exception as error:  # a broken file may raise anything: EOFError, RuntimeError, KeyError, struct.error, …
        raise ModelError(f"{path} is broken ({_line(error)}); {_AGAIN}") from None
    return found


def _tensors(found: Any, path: Path) -> State:
    import torch

    if isinstance(found, Mapping) and isinstance(found.get("state_dict"), Mapping):
        found = found["state_dict"]
    if not isinstance(found, Mapping) or not all(isinstance(t, torch.Tensor) for t in found.values()):
        raise ModelError(f"{path} holds no table of tensors: no weights; {_AGAIN}")
    return {str(name): tensor.detach() for name, tensor in found.items()}


def _plain(tensor: Tensor) -> Tensor:
    """float32, in one piece, of its own."""
    return tensor.float().contiguous().clone() if tensor.is_floating_point() else tensor


def _line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 100 else text[:99] + "…"
