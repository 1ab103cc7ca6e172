"""Where things are: folders of the user, folders that come with avwalk, and what `.env` says."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import platformdirs
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from the environment (``AVWALK_…``), then from ``.env`` in the current folder.

    Attributes:
        media_dir: where what is generated goes when no ``--out`` is given; the current folder if unset.
        meta_dir: where the text files of projects are; ``meta`` if unset.
        presets_dir: where your own presets are.
        state_dir: where avwalk remembers its choices.
        model_cache_dir: where weights are kept, hundreds of megabytes each.
    """

    model_config = SettingsConfigDict(env_prefix="AVWALK_", env_file=".env", env_file_encoding="utf-8", extra="ignore")

    media_dir: Path | None = None
    meta_dir: Path | None = None
    presets_dir: Path = Path(platformdirs.user_config_dir("avwalk", appauthor=False)) / "presets"
    state_dir: Path = Path(platformdirs.user_state_dir("avwalk", appauthor=False))
    model_cache_dir: Path = Path(platformdirs.user_cache_dir("avwalk")) / "models"


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()


def user_presets() -> Path:
    """The user's own presets; the folder need not exist."""
    return settings().presets_dir


def shipped(name: str) -> Path:
    """A file or folder that comes with avwalk: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "_shipped" / name
    if inside.exists():
        return inside
    checkout = {"presets": "presets", "demo-song.ogg": "media/demo-song.ogg"}[name]
    return package.parent / checkout
