"""`tgen_settings.json`: named settings, such as a small draft and the final size.

    {"default": {"res_width": 512, "res_height": 512, "interpolation_steps": 25, "model_string": "sd15",
                 "seed_delimiter": " ", "pipe_kwargs": {"num_inference_steps": 20}},
     "draft": {"res_width": 256, "res_height": 256, "interpolation_steps": 5}}

One flat object, as older projects have it, is the profile `default`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from avwalk.scenes.tables import Findings

FILE = "tgen_settings.json"


class Profile(BaseModel):
    """Settings of one name."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore", protected_namespaces=())

    name: str = "default"
    width: int = Field(512, alias="res_width", ge=16, le=8192)
    height: int = Field(512, alias="res_height", ge=16, le=8192)
    steps_between: int = Field(17, alias="interpolation_steps", ge=2, le=100_000)
    model: str | None = Field(None, alias="model_string")
    control_model: str | None = Field(None, alias="controlnet_string")
    generator: str | None = None
    pipeline: Mapping[str, Any] = Field(default_factory=dict, alias="pipe_kwargs")
    seed_delimiter: str = " "


def read_profiles(file: Path, found: Findings) -> dict[str, Profile]:
    """Profiles by name; problems go to ``found``. Without a file there is the profile ``default`` alone."""
    if not file.exists():
        return {"default": Profile()}
    data = json.loads(file.read_text(encoding="utf-8-sig"))
    if not all(isinstance(value, dict) for value in data.values()):
        data = {"default": data}
    return {name: Profile(**{**values, "name": name}) for name, values in data.items()}
