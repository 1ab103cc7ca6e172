"""The pictures of ``--overlay`` and ``--subject``: read, hashed and placed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.config.options import RenderOptions
from avwalk.effects.overlay import PLACES
from avwalk.errors import OptionError, clipped, did_you_mean
from avwalk.files.image import pixels_of
from avwalk.files.names import as_there, is_regular
from avwalk.files.transparency import alpha_of
from avwalk.spec import FilmSpec, PictureSpec

Picture = NDArray[np.uint8]

LONGEST = 2048  # pixels of a side that a plan keeps
USUAL_SIZE = 18.0
_RANGES = {"size": (1.0, 100.0), "margin": (0.0, 50.0), "opacity": (0.0, 1.0)}


def with_pictures(
    film: FilmSpec, options: RenderOptions, stored: Mapping[str, str]
) -> tuple[FilmSpec, dict[str, Picture]]:
    """The film with the pictures that are asked for, and their pixels by ``overlay`` and ``subject``.

    Args:
        film: without them.
        options: of the render.
        stored: sha256 of those that a film has which is made again; it does not hold them.

    Raises:
        OptionError: a picture is missing or cannot be read, or what draws the film cannot show it.
    """
    for name, sha256 in stored.items():
        if not getattr(options, name):
            raise OptionError(f"the film has a picture that it does not hold; give it: --{name} FILE (sha256 {sha256})")
    pictures: dict[str, Picture] = {}
    if options.overlay:
        overlay, pictures["overlay"] = read_overlay(options.overlay)
        film = replace(film, overlay=overlay)
    if options.subject:
        looks = (film.look, *(pinned.look for pinned in film.presets.values()))
        other = next((look.generator.name for look in looks if look.generator.name != "cppn"), "")
        if film.source or other:
            why = f"{other} cannot show it" if other else "a --source has no worlds"
            raise OptionError(f"--subject is part of the built-in generator's worlds, and {why}; use --generator cppn")
        if film.device != "cpu" and options.device != "auto":
            raise OptionError(f"--subject is drawn by the processor, not by {film.device}; use --device cpu")
        subject, pictures["subject"] = read_subject(options.subject)
        film = replace(film, subject=subject, device="cpu")
    return film, pictures


def read_overlay(text: str) -> tuple[PictureSpec, Picture]:
    """``logo.png@lower-right,size=18,margin=5,opacity=0.8`` as its spec and its pixels; all behind the name may lack.

    Raises:
        OptionError: no such place or setting, or the picture cannot be read.
    """
    name, at, told = text.rpartition("@")
    if not at or Path(text).is_file():
        name, told = text, ""
    place, *settings = told.split(",") if told else ["lower-right"]
    place = {"center": "centre"}.get(place.strip(), place.strip())
    if place not in PLACES:
        close = did_you_mean(place, PLACES)
        raise OptionError(f"--overlay '{clipped(text)}' names no place{close}; write PICTURE@{'|'.join(PLACES)}")
    values = {"size": USUAL_SIZE, "margin": -1.0, "opacity": 1.0}
    for setting in settings:
        key, _, value = (part.strip() for part in setting.partition("="))
        low, high = _RANGES.get(key, (1.0, 0.0))
        try:
            values[key] = float(value)
        except ValueError:
            values[key] = float("nan")
        if not low <= values[key] <= high:
            known = ", ".join(f"{each}={a:g} to {b:g}" for each, (a, b) in _RANGES.items())
            raise OptionError(f"--overlay '{clipped(text)}': '{clipped(setting)}' is not understood; give {known}")
    sha256, picture = _read("--overlay", name)
    return PictureSpec(sha256, Path(name).name, place, **values), picture


def read_subject(text: str) -> tuple[PictureSpec, Picture]:
    """The picture that becomes part of the worlds.

    Raises:
        OptionError: it cannot be read.
    """
    sha256, picture = _read("--subject", text)
    return PictureSpec(sha256, Path(text).name), picture


def _read(flag: str, name: str) -> tuple[str, Picture]:
    """sha256 of a picture's file, and its pixels, (h, w, 4) R G B and straight alpha, no side above `LONGEST`."""
    path = as_there(Path(name))
    data = path.read_bytes() if is_regular(path) else b""
    colours = pixels_of(data)
    if colours is None:
        why = "it is no picture that is read here" if data else "there is no such file"
        raise OptionError(f"{flag} '{path}' cannot be read: {why}; give a PNG, JPEG or WebP")
    alpha = alpha_of(data, colours.shape[:2])
    opaque = np.full(colours.shape[:2], 255, np.uint8)
    picture = np.dstack([colours, opaque if alpha is None else np.rint(alpha * 255).astype(np.uint8)])
    share = LONGEST / max(picture.shape[:2])
    if share < 1:
        size = (max(1, round(picture.shape[1] * share)), max(1, round(picture.shape[0] * share)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    return hashlib.sha256(data).hexdigest(), picture
