"""The output path: the film's file, or its folder of PNG frames."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from avwalk.config.options import RenderOptions
from avwalk.errors import OutputError
from avwalk.request.resolve import Request
from avwalk.settings import settings

_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{k}" for port in ("com", "lpt") for k in range(1, 10))}


@dataclass(frozen=True)
class Output:
    """Where the result goes.

    Attributes:
        path: the final name.
        pictures: True for a folder of PNG frames instead of a video.
    """

    path: Path
    pictures: bool

    @property
    def partial(self) -> Path:
        """The name of what there is when a render was stopped."""
        return partial_name(self.path)

    @property
    def poster(self) -> Path:
        """The name of its most telling frame."""
        return self.path.with_suffix(".jpg")


def partial_name(path: Path) -> Path:
    """Beside the film: ``song.mp4`` → ``song.partial.mp4``."""
    return path.with_name(f"{path.stem}.partial{path.suffix}")


def safe_stem(name: str) -> str:
    """A file name that is legal on every system, close to the one given."""
    legal = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", name).strip(" .")
    if not legal or legal.split(".")[0].lower() in _RESERVED:
        legal = f"_{legal}"
    while len(legal.encode()) > 150:
        legal = legal[:-1]
    return legal


def default_name(song: Path, preset: str, seed: int, options: RenderOptions) -> str:
    """SONG_PRESET_SEED, without a suffix: what a film is called when no name is given."""
    name = f"{safe_stem(song.stem)}_{safe_stem(preset)}_{seed}"
    return name + ("_loop" if options.loop else "") + ("_explain" if options.explain else "")


def resolve_output(request: Request) -> Output:
    """The final name: ``--out``, or SONG_PRESET_SEED with the profile's suffix.

    Raises:
        OutputError: there already, in no folder, or with a suffix that is no film's.
    """
    suffix = request.film.encoder.suffix
    given = request.options.out
    if given is None:
        name = default_name(request.song.path, request.preset.name, request.film.seed, request.options)
        path, pictures = (settings().media_dir or Path()) / f"{name}{suffix}", False
    else:
        path = Path(given)
        pictures = given.endswith(("/", os.sep)) or path.is_dir()
        if path.name in ("", ".."):  # such as `.`: what is beside it has a name made of its own
            path = path.resolve()
        if not path.name:
            raise OutputError(f"--out '{given}' is the root of the disk; name a file or a folder in it")
    if not pictures and path.suffix.lower() != suffix:
        raise OutputError(
            f"--out '{path}' must end in {suffix} for profile {request.options.profile}, or in / for PNG frames"
        )
    if not path.absolute().parent.is_dir():
        raise OutputError(f"cannot write '{path}': the folder '{path.parent}' does not exist")
    occupied = any(path.iterdir()) if pictures and path.is_dir() else path.exists()
    if occupied and not request.options.force:
        raise OutputError(f"'{path}' exists; --force replaces it, --out names another")
    if request.options.poster and (poster := path.with_suffix(".jpg")).exists() and not request.options.force:
        raise OutputError(f"'{poster}' exists; --force replaces it, --out names another")
    if path.is_dir() and not pictures:
        raise OutputError(f"cannot write '{path}': it is a folder")
    return Output(path, pictures)
