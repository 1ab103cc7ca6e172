"""The benchmark's film, by a small network."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("pytorch_pretrained_biggan")

from tests.benchmarks.biggan import rendered
from tests.small_biggan import save_biggan


def test_a_film_is_made_and_verified_as_a_user_does(tmp_path: Path) -> None:
    done = rendered(save_biggan(tmp_path / "small"), tmp_path, seconds=6, size="64x36")
    assert done["event"] == "done" and done["n_frames"] == 180 and done["verified"]["ok"]
    assert 0 < done["wall_s"] < done["command_s"] and done["correlation"] is not None
    assert list((tmp_path / "models").rglob("*.safetensors"))  # taken in where the user wants it
