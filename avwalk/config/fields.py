"""Base model and field helpers of all settings."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


def knob(default: float, low: float, high: float, unit: str, text: str, *, wraps: bool = False) -> Any:
    """A numeric field that routes can modulate: ``low`` ≤ value ≤ ``high`` (``wraps``: periodic, not clamped)."""
    extra: dict[str, Any] = {"routable": True, "unit": unit, "wraps": wraps}
    return Field(default, ge=low, le=high, description=text, json_schema_extra=extra)


class Model(BaseModel):
    """Base of all settings: validated, frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)
