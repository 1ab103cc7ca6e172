"""Context managers for offline, quiet loading with diffusers, transformers and huggingface_hub."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from typing import Any

from avwalk.errors import ModelError
from avwalk.models.requirements import diffusion_problem

_LOUD = ("diffusers", "transformers", "huggingface_hub")


def diffusers() -> Any:
    """The package diffusers.

    Raises:
        ModelError: the extra ``models`` is not installed, or is broken.
    """
    if why := diffusion_problem():
        raise ModelError(why)
    with quiet():
        try:
            import diffusers
        except (ImportError, OSError, RuntimeError) as error:
            raise ModelError(f"diffusers cannot be imported ({error}); pip install 'avwalk[models]'") from None
    return diffusers


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """Within the context the hub client refuses every request."""
    from huggingface_hub import constants

    was, environment = constants.HF_HUB_OFFLINE, os.environ.get("HF_HUB_OFFLINE")
    constants.HF_HUB_OFFLINE = True
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = was
        if environment is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = environment


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silences warnings and progress bars of the libraries; errors pass."""
    import logging

    loggers = [logging.getLogger(name) for name in _LOUD]
    were = [logger.level for logger in loggers]
    with warnings.catch_warnings(), _no_bars():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, were, strict=True):
                logger.setLevel(level)


@contextlib.contextmanager
def _no_bars() -> Iterator[None]:
    import importlib

    found = [importlib.import_module(f"{name}.utils.logging") for name in ("diffusers", "transformers")]
    shown = [library for library in found if library.is_progress_bar_enabled()]
    for library in shown:
        library.disable_progress_bar()
    try:
        yield
    finally:
        for library in shown:
            library.enable_progress_bar()
