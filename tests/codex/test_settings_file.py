"""``codex.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avwalk.codex.settings_file import read_settings, settings_of, write_settings
from avwalk.errors import CodexError, OptionError

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT, TEXT, st.dictionaries(TEXT, TEXT, max_size=3), st.floats(0, 1), st.integers(0, 2**63 - 1))
def test_what_is_written_is_read(
    tmp_path: Path, style: str, name: str, overrides: dict[str, str], inclusion: float, seed: int
) -> None:
    values = {"style": style, "name": name, "overrides": overrides, "inclusion": inclusion, "seed": seed}
    made = settings_of({**values, "rates": {"Camera": inclusion}})
    write_settings(tmp_path / "codex.toml", made)
    assert read_settings(tmp_path / "codex.toml") == made


@pytest.mark.parametrize(("text", "said"), [
    ("cycels = 2\n", "unknown key 'cycels' .did you mean 'cycles'"),
    ("cycles = 0\nvariations = 5\n", "codex.toml: cycles = 0: must be"),
    ("format = 'landscap'\n", "format 'landscap' is no size .did you mean 'landscape'"),
    ("format = '8x9'\n", "8x9 is out of range"),
    ("deliver = 'landscape'\n", "deliver 'landscape' is no size"),
    ("override = 'a plain prompt'\n", "has no <SCENE>"),
    ("override = 'x'\n[overrides]\nx = 'no place'\n", "has no <SCENE>"),
    ("[rates]\nCamera = 1.5\n", "rates: 'Camera' = 1.5 is out of range"),
    ("version = 2\n", "version = 2"),
    ("a = [", "cannot be read"),
    ("seed = 99999999999999999999999", "cannot be read"),
])  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "codex.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CodexError, match=said):
        read_settings(tmp_path / "codex.toml")


@pytest.mark.parametrize("values", [{"variations": 7}, {"inclusion": 1.1}, {"painter": 3}, {"nothing": 1}])
def test_options_out_of_range_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        settings_of(values)


def test_formats_have_names() -> None:
    assert settings_of({"format": "portrait"}).size == (768, 1024)
    assert settings_of({"deliver": "2376x1344"}).delivery == (2376, 1344)
    assert settings_of({}).delivery is None
