"""User settings from the environment and `.env`, user folders, and folders shipped with avwalk."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import platformdirs
from dotenv import dotenv_values
from pydantic import ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from avwalk.errors import OptionError, clipped

PREFIX = "AVWALK_"
NOWHERE = Path(os.devnull) / "no-home-folder"
"""Nothing is there, and nothing can be written there."""


def user_folder(kind: Literal["cache", "config", "state"], *, author: bool = False) -> Path:
    """A folder of the user's, as this system has it; `NOWHERE` for users without a home, as containers have them.

    Args:
        kind: what for.
        author: on Windows, in a folder of the author's: where earlier versions put analyses and weights.
    """
    try:
        folder = Path(getattr(platformdirs, f"user_{kind}_dir")("avwalk", appauthor=None if author else False))
    except RuntimeError:
        return NOWHERE
    return folder if folder.is_absolute() else NOWHERE


class _Variables(EnvSettingsSource):
    """Environment variables; empty ones are ignored."""

    def __call__(self) -> dict[str, Any]:
        """Field → text."""
        return _fields_in(self.settings_cls, self.env_vars)


class _DotEnv(DotEnvSettingsSource):
    """`.env` in the current folder: ``AVWALK_MEDIA_DIR``, or ``media_dir`` as AI-Art writes it."""

    def _read_env_file(self, file_path: Path) -> Mapping[str, str | None]:
        """Variables of a file in UTF-8 or, as Windows' PowerShell writes it, UTF-16."""
        try:
            data = file_path.read_bytes()
            wide = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            bare = len(data) > 1 and not any(data[1:64:2])  # UTF-16 without a mark: every other byte is 0
            text = data.decode("utf-16" if wide else "utf-16-le" if bare else "utf-8-sig")
        except OSError as error:
            raise OptionError(f"'{file_path}' cannot be read: {error.strerror}; check its permissions") from None
        except UnicodeDecodeError:
            raise OptionError(f"'{file_path}' is not text in UTF-8; save it anew") from None
        return {name.lower(): value for name, value in dotenv_values(stream=io.StringIO(text)).items()}

    def __call__(self) -> dict[str, Any]:
        """Field → text."""
        bare = {f"{PREFIX.lower()}{key}": value for key, value in self.env_vars.items()}
        return _fields_in(self.settings_cls, {**bare, **self.env_vars})


class Settings(BaseSettings):
    """Read from the environment (``AVWALK_…``), then from ``.env`` in the current folder.

    There the prefix may be left out; in the environment it may not, for other programs have a ``MEDIA_DIR`` too.

    Attributes:
        media_dir: where what is generated goes when no ``--out`` is given; the current folder if unset. For projects
            ``media`` if unset.
        meta_dir: where the text files of projects are; ``meta`` if unset.
        presets_dir: where your own presets are.
        state_dir: where avwalk stores its choices.
        model_cache_dir: where weights are kept, hundreds of megabytes each.
        encoding: of tables that are not UTF-8 and do not say what they are in, such as ``cp1251``.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    media_dir: Path | None = None
    meta_dir: Path | None = None
    presets_dir: Path = user_folder("config") / "presets"
    state_dir: Path = user_folder("state")
    model_cache_dir: Path = user_folder("cache", author=True) / "models"
    encoding: str | None = None

    @field_validator("*", mode="after")
    @classmethod
    def _at_home(cls, value: Any) -> Any:
        try:
            return value.expanduser() if isinstance(value, Path) else value
        except RuntimeError:
            user = clipped(value.parts[0][1:])
            said = f"no user '{user}' here; write the folder out"
            raise OptionError(f"'{clipped(value)}' in .env or the environment: {said}") from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then `.env`."""
        return init_settings, _Variables(settings_cls), _DotEnv(settings_cls, env_file=".env")


def _fields_in(model: type[BaseSettings], variables: Mapping[str, str | None]) -> dict[str, Any]:
    """Settings fields of variables, whose names are in lower case."""
    names = {field: f"{PREFIX.lower()}{field}" for field in model.model_fields}
    return {field: value for field, name in names.items() if (value := variables.get(name))}


@cache
def settings() -> Settings:
    """The settings of this process.

    Raises:
        OptionError: ``.env`` is no text, or a setting is none.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name, said = f"{PREFIX}{first['loc'][0]}".upper(), first["msg"].removeprefix("Value error, ")
        raise OptionError(
            f"{name} '{clipped(first['input'])}': {said}; correct it in .env or the environment"
        ) from None
    except (UnicodeDecodeError, OSError) as error:
        said = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise OptionError(f"'.env' cannot be read: {said}; save it anew as UTF-8") from None


def user_presets() -> Path:
    """The user's own presets; the folder need not exist."""
    return settings().presets_dir


def shipped(name: str) -> Path:
    """A file or folder that comes with avwalk: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "_shipped" / name
    if inside.exists():
        return inside
    checkout = {"presets": "presets", "demo-song.ogg": "media/demo-song.ogg", "demo-project": "meta/demo"}[name]
    return package.parent / checkout
