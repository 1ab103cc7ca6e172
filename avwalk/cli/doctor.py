"""``avwalk doctor``."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path

import typer

from avwalk.cli.terminal import echo

app = typer.Typer(rich_markup_mode=None, add_completion=False)

PACKAGES = ("numpy", "scipy", "numba", "soundfile", "opencv-python-headless", "av", "pydantic", "typer")
HARDWARE = ("h264_nvenc", "h264_videotoolbox", "h264_qsv", "h264_amf")
MAX_APART = 0.5  # of 255, mean: a device that draws the same picture
EXTRAS = {
    "classic": ("librosa", "soxr"),
    "models": ("torch", "safetensors", "pytorch-pretrained-biggan", "diffusers", "transformers", "peft"),
    "film": ("imageio-ffmpeg", "ffmpeg-python"),
}


@app.command()
def doctor() -> None:
    """What this machine has, and what is missing."""
    from avwalk._version import __version__

    echo(f"avwalk {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    echo(f"cores     {os.cpu_count()}")
    echo(f"devices   {_devices()}")
    for package in PACKAGES:
        echo(f"{package:<24} {_version(package)}")
    for extra, packages in EXTRAS.items():
        have = ", ".join(f"{p} {_version(p)}" for p in packages)
        echo(f"extra {extra:<18} {have}")
    echo(f"your presets             {_user_presets()}")
    echo(f"models                   {_models()}")
    echo(f"diffusion                {_diffusion()}")
    failed = [name for name, test in CHECKS.items() if not _passes(name, test)]
    if failed:
        echo(f"problem: {', '.join(failed)} failed; run again with AVWALK_DEBUG=1 for the details", err=True)
        raise typer.Exit(1)
    echo("all well: avwalk render SONG works here")


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _devices() -> str:
    from avwalk.device import listed

    return listed()


def _user_presets() -> Path:
    from avwalk.settings import user_presets

    return user_presets()


def _models() -> str:
    from avwalk.models.store import here

    names = ", ".join(model.name for model in here())
    return names or "none; BigGAN needs weights: avwalk models pull biggan-deep-256"


def _diffusion() -> str:
    """What is switched on to fit the card's memory."""
    from avwalk.diffusion.tiers import listed
    from avwalk.models.requirements import diffusion_problem

    return diffusion_problem() or listed()


def _passes(name: str, test: Callable[[], str]) -> bool:
    try:
        echo(f"{name:<24} {test()}")
        return True
    except Exception as error:
        if os.environ.get("AVWALK_DEBUG") == "1":
            raise
        echo(f"{name:<24} FAILED: {error}")
        return False


def _presets() -> str:
    from avwalk import presets

    found = presets.names()
    for name in found:
        presets.load(name)
    return f"{len(found)} presets, all valid"


def _encoders() -> str:
    from avwalk.spec.encoder import Encoder
    from avwalk.video.encode import trial

    if why := trial(Encoder()):
        raise RuntimeError(why)
    return "libx264; hardware: " + (", ".join(c for c in HARDWARE if trial(Encoder(codec=c)) is None) or "none")


def _film() -> str:
    """One second of the test card with a tone, rendered, verified and thrown away."""
    import numpy as np
    import soundfile

    import avwalk

    with tempfile.TemporaryDirectory() as folder:
        song = Path(folder) / "tone.wav"
        tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(44100) / 44100)
        soundfile.write(song, tone.astype(np.float32), 44100)
        done = avwalk.render(song, out=Path(folder) / "tone.mp4", generator="testcard", size="320x180")
    return f"{done['n_frames']} frames drawn, encoded and verified in {done['wall_s']:.1f} s"


def _pictures() -> str:
    """One picture of the built-in generator on the device that a render would take, beside the processor's."""
    from fractions import Fraction

    import numpy as np

    from avwalk.contracts import Drive
    from avwalk.device import resolve
    from avwalk.registry import make_generator

    device = resolve("auto")
    if device == "cpu":
        return "drawn on the processor"
    cards, processor = (make_generator("cppn", (640, 360), 3, {}, each) for each in (device, "cpu"))
    drive = Drive(0, np.zeros((1, cards.latent_dim), np.float32), {}, Fraction(30), 0)
    apart = float(np.abs(cards.draw(drive) - processor.draw(drive)).mean()) * 255
    if apart > MAX_APART:
        raise RuntimeError(f"{device} and the processor draw {apart:.2f} of 255 apart; use --device cpu")
    return f"drawn on {device}, {apart:.3f} of 255 from the processor's"


CHECKS = {"presets": _presets, "video encoders": _encoders, "pictures": _pictures, "test film": _film}
