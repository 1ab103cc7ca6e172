"""The ``config.json`` of a BigGAN: validated, or inferred from tensor shapes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avwalk.errors import ModelError
from avwalk.files.bounded import parse_json

Config = dict[str, Any]
"""The keys of pytorch_pretrained_biggan's ``BigGANConfig``."""

Shapes = dict[str, tuple[int, ...]]
"""Sizes of tensors by their names."""

_HEAD = ((False, 16, 16), (True, 16, 16), (False, 16, 16), (True, 16, 8), (False, 8, 8))
_MORE = ((True, 8, 8), (False, 8, 8))
_TAIL = ((True, 8, 4), (False, 4, 4), (True, 4, 2), (False, 2, 2), (True, 2, 1))
LAYERS = {
    128: (*_HEAD, *_TAIL),
    256: (*_HEAD, *_MORE, *_TAIL),
    512: (*_HEAD, *_MORE, *_TAIL, (False, 1, 1), (True, 1, 1)),
}
"""Blocks of each published resolution: doubling or not, channels in and out in units of ``channel_width``."""

_COMMON = {
    "z_dim": 128,
    "class_embed_dim": 128,
    "channel_width": 128,
    "num_classes": 1000,
    "attention_layer_position": 8,
    "eps": 1e-4,
    "n_stats": 51,
}
_FIRST_SIZE = 4  # pixels that the first block sees
_FIRST_CHANNELS = 16  # of channel_width, in the package's code
_ATTENTION_REDUCES = 8
_BLOCK_REDUCES = 4


def published(resolution: int) -> Config:
    """The config of a published model, 128, 256 or 512 pixels."""
    return {"output_dim": resolution, "layers": [list(layer) for layer in LAYERS[resolution]], **_COMMON}


def read(path: Path) -> Config:
    """The config in a file, checked.

    Raises:
        ModelError: not JSON, or no BigGAN that can be built.
    """
    try:
        found = parse_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read as JSON ({_line(error)}); get the file again") from None
    return checked(found, str(path))


def checked(config: object, where: str) -> Config:
    """Validates a config: required keys, types, consistent layers; keys equal in all published models may be missing.

    Raises:
        ModelError: something does not; ``where`` is named.
    """
    if not isinstance(config, dict) or not {"output_dim", "layers"} <= set(config):
        raise ModelError(f"{where} is no config of a BigGAN: it needs at least output_dim and layers")
    config = {**_COMMON, **{key: config[key] for key in ("output_dim", "layers", *_COMMON) if key in config}}
    for key in ("output_dim", "z_dim", "class_embed_dim", "channel_width", "num_classes", "n_stats"):
        if type(config[key]) is not int or config[key] < 1:
            raise ModelError(f"{where}: {key} is {config[key]!r}, not a whole number above 0")
    if type(config["eps"]) not in (int, float) or not 0 < config["eps"] < 1:
        raise ModelError(f"{where}: eps is {config['eps']!r}, not between 0 and 1")
    if problem := _misfit(config):
        raise ModelError(f"{where}: {problem}; this is no BigGAN-deep, or the file was changed")
    config["layers"] = [list(layer) for layer in config["layers"]]
    return config


def _misfit(config: Mapping[str, Any]) -> str | None:
    """Why the blocks do not make a network, or None."""
    layers, attention = config["layers"], config["attention_layer_position"]
    if not (isinstance(layers, list | tuple) and layers and all(_is_layer(layer) for layer in layers)):
        return "layers is no list of [true or false, channels, channels]"
    channels = [_FIRST_CHANNELS, *(layer[2] for layer in layers)]
    for k, (_, before, after) in enumerate(layers):
        if before != channels[k] or after not in (before, before / 2):
            return f"layer {k} goes from {before} to {after} channels after {channels[k]}"
    if channels[-1] != 1:
        return f"the last layer gives {channels[-1]} channels, not 1"
    if type(attention) is not int or not 0 <= attention < len(layers):
        return f"attention_layer_position is {attention!r} with {len(layers)} layers"
    size = _FIRST_SIZE * 2 ** sum(bool(layer[0]) for layer in layers)
    if size != config["output_dim"]:
        return f"the layers give {size} pixels, output_dim says {config['output_dim']}"
    if config["class_embed_dim"] != config["z_dim"]:
        return f"class_embed_dim is {config['class_embed_dim']}, z_dim {config['z_dim']}; they are equal"
    if config["channel_width"] < 4 or config["channel_width"] * layers[attention][1] < _ATTENTION_REDUCES:
        return f"channel_width {config['channel_width']} is too small"
    if config["n_stats"] < 2:
        return f"n_stats is {config['n_stats']}; at least two truncations have statistics"
    return None


def _is_layer(layer: object) -> bool:
    return (
        isinstance(layer, list | tuple)
        and len(layer) == 3
        and type(layer[0]) is bool
        and all(type(n) is int and n > 0 for n in layer[1:])
    )


def inferred(shapes: Mapping[str, tuple[int, ...]], where: str) -> Config:
    """The config of weights without one: their shapes identify one of the three published layouts.

    Args:
        shapes: of every tensor, by the package's names.
        where: the file, for the message.

    Raises:
        ModelError: they have none of them.
    """
    try:
        stats, width = shapes["generator.bn.running_means"]
        z_dim, classes = shapes["embeddings.weight"]
        found = {int(m[1]) for m in (re.match(r"generator\.layers\.(\d+)\.", name) for name in shapes) if m}
        attention = next(k for k in sorted(found) if f"generator.layers.{k}.gamma" in shapes)
        blocks = [
            (shapes[f"generator.layers.{k}.conv_0.weight_orig"][1], shapes[f"generator.layers.{k}.conv_3.bias"][0])
            for k in sorted(found - {attention})
        ]
    except (KeyError, ValueError, IndexError, StopIteration):
        raise ModelError(f"{where} holds no BigGAN-deep: its generator's layers are not there") from None
    for resolution, layers in LAYERS.items():
        if attention == _COMMON["attention_layer_position"] and blocks == [
            (a * width, b * width) for _, a, b in layers
        ]:
            sizes = {"z_dim": z_dim, "class_embed_dim": z_dim, "channel_width": width, "num_classes": classes}
            return checked({**published(resolution), **sizes, "n_stats": stats}, where)
    raise ModelError(
        f"{where} has none of the layouts of BigGAN-deep 128, 256 and 512 ({len(blocks)} blocks); "
        "put its config.json beside it"
    )


def shapes_of(config: Config) -> Shapes:
    """Shapes of all tensors of the package's network with this config, without building it."""
    width, condition, rows = config["channel_width"], 2 * config["z_dim"], config["n_stats"]
    out: Shapes = {"embeddings.weight": (config["z_dim"], config["num_classes"])}
    _spectral(out, "generator.gen_z", (_FIRST_SIZE**2 * _FIRST_CHANNELS * width, condition))
    place = 0
    for number, (_, before, after) in enumerate(config["layers"]):
        if number == config["attention_layer_position"]:
            _attention(out, f"generator.layers.{place}", before * width)
            place += 1
        _block(out, f"generator.layers.{place}", before * width, after * width, condition, rows)
        place += 1
    _statistics(out, "generator.bn", width, rows)
    out |= {"generator.bn.weight": (width,), "generator.bn.bias": (width,)}
    _spectral(out, "generator.conv_to_rgb", (width, width, 3, 3))
    return out


def _block(out: Shapes, at: str, before: int, after: int, condition: int, rows: int) -> None:
    middle = before // _BLOCK_REDUCES
    sizes = ((middle, before, 1, 1), (middle, middle, 3, 3), (middle, middle, 3, 3), (after, middle, 1, 1))
    for number, size in enumerate(sizes):
        _statistics(out, f"{at}.bn_{number}", size[1], rows)
        for part in ("scale", "offset"):
            _spectral(out, f"{at}.bn_{number}.{part}", (size[1], condition), bias=False)
        _spectral(out, f"{at}.conv_{number}", size)


def _attention(out: Shapes, at: str, channels: int) -> None:
    few, half = channels // _ATTENTION_REDUCES, channels // 2
    sizes = {"theta": (few, channels), "phi": (few, channels), "g": (half, channels), "o_conv": (channels, half)}
    for part, size in sizes.items():
        _spectral(out, f"{at}.snconv1x1_{part}", (*size, 1, 1), bias=False)
    out[f"{at}.gamma"] = (1,)


def _spectral(out: Shapes, at: str, size: tuple[int, ...], *, bias: bool = True) -> None:
    out |= {f"{at}.weight_orig": size, f"{at}.weight_u": size[:1], f"{at}.weight_v": (math.prod(size[1:]),)}
    if bias:
        out[f"{at}.bias"] = size[:1]


def _statistics(out: Shapes, at: str, channels: int, rows: int) -> None:
    out |= {f"{at}.running_means": (rows, channels), f"{at}.running_vars": (rows, channels)}


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
