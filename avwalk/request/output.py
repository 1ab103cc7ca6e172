"""The output path: the film's file, or its folder of PNG frames."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from avwalk.config.options import RenderOptions
from avwalk.errors import OutputError
from avwalk.files.names import name_problem, too_long
from avwalk.settings import settings
from avwalk.spec.encoder import Encoder

_FILMS = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".gif", ".webp")
_BESIDE = len(".partial.part")  # what is put behind the name for files beside the film
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


def wants_pictures(out: str | None) -> bool:
    """Whether ``--out`` names a folder of PNG frames."""
    if out is None:
        return False
    return out.endswith(("/", os.sep)) or (Path(out).is_dir() and Path(out).suffix.lower() not in _FILMS)


def resolve_output(song: Path, preset: str, seed: int, encoder: Encoder, options: RenderOptions) -> Output:
    """The final name: ``--out``, or SONG_PRESET_SEED with the profile's suffix. Its folder need not be there yet.

    Args:
        song: the song's file.
        preset: name of the preset.
        seed: of the film.
        encoder: of the film, which knows the suffix.
        options: of the render.

    Raises:
        OutputError: there already, in no folder, or with a suffix that is no film's.
    """
    if options.out is None:
        name = f"{default_name(song, preset, seed, options)}{encoder.suffix}"
        path, pictures = (settings().media_dir or Path()) / name, False
    else:
        path = Path(options.out)
        if problem := too_long(path, _BESIDE):
            raise OutputError(f"--out {problem}")
        pictures = wants_pictures(options.out)
        if path.name in ("", ".."):  # such as `.`: what is beside it has a name made of its own
            path = path.resolve()
        if not path.name:
            raise OutputError(f"--out '{options.out}' is the root of the disk; name a file or a folder in it")
    if problem := name_problem(path):
        raise OutputError(f"--out {problem}")
    if not pictures and path.suffix.lower() != encoder.suffix:
        raise OutputError(
            f"--out '{path}' must end in {encoder.suffix} for profile {options.profile}, or in / for PNG frames"
        )
    if path.is_dir() and not pictures:
        raise OutputError(f"cannot write '{path}': it is a folder; end its name in / for PNG frames, or name a file")
    there = next(folder for folder in path.absolute().parents if folder.exists())
    if not there.is_dir():
        raise OutputError(f"cannot write '{path}': '{there}' is a file, not a folder")
    occupied = any(path.iterdir()) if pictures and path.is_dir() else path.exists()
    if occupied and not options.force:
        raise OutputError(f"'{path}' exists; --force replaces it, --out names another")
    if options.poster and (poster := path.with_suffix(".jpg")).exists() and not options.force:
        raise OutputError(f"'{poster}' exists; --force replaces it, --out names another")
    return Output(path, pictures)
