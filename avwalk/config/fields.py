"""What all settings are made of."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


def knob(default: float, low: float, high: float, unit: str, text: str, *, wraps: bool = False) -> Any:
    """A number that routes can move: ``low`` ≤ value ≤ ``high`` (``wraps``: turns on beyond its range)."""
    extra: dict[str, Any] = {"routable": True, "unit": unit, "wraps": wraps}
    return Field(default, ge=low, le=high, description=text, json_schema_extra=extra)


class Model(BaseModel):
    """What all settings are: checked, frozen, without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)
