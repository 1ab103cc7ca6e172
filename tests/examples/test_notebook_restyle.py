"""The notebook that paints: with a small Stable Diffusion in a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

pytest.importorskip("torch")
pytest.importorskip("diffusers")

from avwalk.rendering.finish import check_film
from tests.conftest import clicks
from tests.examples.notebooks import env as env
from tests.examples.notebooks import films, run
from tests.small_diffusion import save_diffusion


@pytest.mark.full
def test_pictures_and_a_film_are_painted_over(env: None, tmp_path: Path) -> None:
    song, work = tmp_path / "clicks.wav", tmp_path / "work"
    soundfile.write(song, clicks(2.0), 44100)
    work.mkdir()
    model = save_diffusion(tmp_path / "small", vae="tiny")
    small = {"SIZE": "64x64", "FPS": 8, "DURATION": "1.5", "PREVIEW_SECONDS": 1, "STEPS": 4, "GUIDANCE": 2.0}
    small |= {"MODEL": str(model), "PROMPT": "red sea"}
    text = run("05_restyle", work, SONG=str(song), **small)
    assert "Until then" not in text
    made = films(work)
    names = [film.name.split("_")[1] for film in made]
    assert names == ["below", "over", "painted", "preview"]
    for film in made:
        result = check_film(film, song)
        assert result["ok"], (film, result["problems"])
    assert run("05_restyle", work, SONG=str(song), **small).count("is there already") == 4
    assert films(work) == made
