"""What the songs are made of: where it lies, whether it is what the shipped weights learned from, and its versions."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import soundfile

from tools.hearing.collected import COLLECTIONS, LIBRARY

ROOT = Path(__file__).parents[2]
SOUNDFONTS = {
    "fluid": "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "csound": "/usr/share/sounds/sf2/sf_GMbank.sf2",
    "fluid-mono": "/usr/share/sounds/sf3/FluidR3Mono_GM.sf3",
    "musescore": "/usr/share/sounds/sf3/MuseScore_General_Lite.sf3",
}
"""Name → where Debian's packages put it."""
SAMPLES = "/usr/share/sonic-pi/samples"
"""Where Debian's package sonic-pi-samples puts them."""
DIGESTS = {
    "csound": "9f39fc53bd3a1a69f13cb486838944eded358b3b6e8afbd6c1c2c33675b2034b",
    "fluid": "74594e8f4250680adf590507a306655a299935343583256f3b722c48a1bc1cb0",
    "fluid-mono": "cda013d8c370a48ae8dad271e761078d2e77455488dabdedbfbe5fc76a38c682",
    "musescore": "916aaca6b0eb9f9083eb42399614acb2ff4ec72ce28dffff1814592a9696b479",
    "grooves": "2dfe79996e9b5a72af129d97e809ff578f65108be0df385fce54b7821d8fdc30",
    "samples": "2b2ed3ebeb872c1bd6662804a14259b6c9ffcce7cea4d0b4770cba5ff613bb36",
    "mma": "2f7dc2a5ae664ac969a7754195a66c317fb30f2516f064b9ebaaa97c2a6578a1",
    "freedoom": "8466532c37cc1547e301a584da33870cba84a02c4da6a41f63b67cf8237983cf",
    "nottingham": "1047288b888367c62301a897331c4ad31569a3ea7a501eb7307636949650a0a9",
    "simutrans": "02588c0143349900418bf27e7dac7d964d03ab15eac9a6df3cab2df7097ed15f",
    "easyrpg": "529dc71423feff7125d5133e10de1d08a14c19881f802539ac8352c2a6cbbd3a",
}
"""sha256 of what the shipped weights learned from; of folders that of `folder_digest`."""
PATTERNS = {"grooves": ("info.csv", "*.mid"), "samples": ("*.flac",), "mma": ("*.mma",)}
"""Folder → the files of it that are used."""
PROGRAMS = ("fluidsynth", "espeak-ng", "mma")
_PACKAGES = ("numpy", "scipy", "soundfile", "mido", "torch", "mir_eval")


@dataclass(frozen=True)
class Sources:
    """Where the sources lie.

    Attributes:
        grooves: the Groove MIDI Dataset, unpacked or as it was zipped.
        soundfonts: those of `SOUNDFONTS`, by name.
        samples: Sonic Pi's.
        scores: folder in which each of `COLLECTIONS` has one of its name.
    """

    grooves: Path
    soundfonts: Mapping[str, Path] = field(default_factory=lambda: {k: Path(p) for k, p in SOUNDFONTS.items()})
    samples: Path = Path(SAMPLES)
    scores: Path = Path()

    def missing(self) -> list[str]:
        """A line for each thing that is not there."""
        lines = [f"the program {name} is not on the path" for name in PROGRAMS if shutil.which(name) is None]
        lines += [f"no soundfont {p}: name it with --{k}" for k, p in self.soundfonts.items() if not p.is_file()]
        if not any(self.samples.glob("*.flac")):
            lines.append(f"no .flac files in {self.samples}: name the folder of Sonic Pi's samples with --samples")
        if not zipfile.is_zipfile(self.grooves) and not (self.grooves / "info.csv").is_file():
            lines.append(f"{self.grooves} is neither the Groove MIDI Dataset's zip nor its folder with info.csv")
        for name, each in COLLECTIONS.items():
            if not any((self.scores / name).glob(each.files)):
                lines.append(f"no {self.scores / name / each.files}: check out {each.home} at {each.commit} there")
        if not any(Path(LIBRARY).glob("*.mma")):
            lines.append(f"no grooves in {LIBRARY}: Debian's package mma puts them there")
        return lines


def unpack_grooves(path: Path, folder: Path) -> Path:
    """The folder of the dataset in which ``info.csv`` lies; a zip is unpacked into ``folder`` once.

    Raises:
        FileNotFoundError: there is no ``info.csv``.
    """
    if path.is_dir():
        return path
    if not any(folder.rglob("info.csv")):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
    for each in sorted(folder.rglob("info.csv")):
        return each.parent
    raise FileNotFoundError(f"no info.csv in {path}: is it the Groove MIDI Dataset?")


def file_digest(path: Path) -> str:
    """sha256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_digest(folder: Path, patterns: tuple[str, ...]) -> str:
    """sha256 of names and contents of the files that match, wherever in the folder; the same however it was zipped."""
    whole = hashlib.sha256()
    paths = {p.relative_to(folder).as_posix(): p for pattern in patterns for p in folder.rglob(pattern)}
    for name in sorted(paths):
        whole.update(name.encode() + b"\0" + hashlib.sha256(paths[name].read_bytes()).digest())
    return whole.hexdigest()


def digests(sources: Sources) -> dict[str, str]:
    """Name → sha256 of each source, as in `DIGESTS`; grooves must be unpacked."""
    found = {name: file_digest(path) for name, path in sources.soundfonts.items()}
    for name, folder in (("grooves", sources.grooves), ("samples", sources.samples), ("mma", Path(LIBRARY))):
        found[name] = folder_digest(folder, PATTERNS[name])
    for name, each in COLLECTIONS.items():
        found[name] = folder_digest(sources.scores / name, (each.files,))
    return found


def versions() -> dict[str, str]:
    """Programs, packages and this checkout; "none" for what is not there."""
    out = {"python": platform.python_version(), "libsndfile": soundfile.__libsndfile_version__}
    for name in _PACKAGES:
        try:
            out[name] = version(name)
        except PackageNotFoundError:
            out[name] = "none"
    for name in PROGRAMS:
        out[name] = "none"
        if shutil.which(name):
            said = subprocess.run([name, "--version"], capture_output=True, text=True, check=True).stdout
            out[name] = said.partition("\n")[0].partition("  Data at")[0].strip()
    git = subprocess.run(
        ["git", "describe", "--always", "--abbrev=40", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    out["commit"] = git.stdout.strip() or "none"
    return out
