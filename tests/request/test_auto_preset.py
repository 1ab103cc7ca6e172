"""`--preset auto`: the nearest preset, said why, kept by the film."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk import presets
from avwalk.cli.progress import _resolved
from avwalk.config.preset import Suits
from avwalk.errors import OptionError, PresetError
from avwalk.plan.song.character import Character
from avwalk.request.auto_preset import chosen_preset, distance, nearest
from avwalk.request.metadata import metadata, stored_options
from avwalk.request.resolve import resolve
from tests.cli.test_bad_input import run
from tests.conftest import ROOT

DANCE = Character(tempo=126, drums=1.0, energy=0.85, brightness=0.75, dynamics=0.45)
SHIPPED = sorted(file.stem for file in (ROOT / "presets").glob("[!_]*.toml"))
SHARE = st.floats(0, 1)


def test_every_shipped_preset_says_what_it_suits_and_suits_it_best() -> None:
    said = {name: presets.load(name).values.suits for name in SHIPPED}
    for name, suits in said.items():
        assert suits.model_fields_set >= {"tempo", "drums", "energy", "brightness", "dynamics"}, name
        song = Character(**{trait: value or 0.0 for trait, value in suits.model_dump().items() if trait != "speech"})
        assert suits.speech or nearest(song, said) == name


@given(st.builds(Character, st.sampled_from([0.0, 80.0, 128.0]), SHARE, SHARE, SHARE, SHARE))
def test_the_distance_is_nought_where_all_fits_and_never_below(song: Character) -> None:
    own = Suits.model_validate(vars(song))
    assert distance(song, own) == pytest.approx(0)
    assert distance(song, Suits()) > 0 and distance(song, Suits(tempo=140, drums=0.5)) >= 0


def test_kinds_of_songs() -> None:
    assert chosen_preset(DANCE) == "throat"
    assert chosen_preset(Character(energy=0.3, brightness=0.1)) == "halcyon"
    assert chosen_preset(Character(tempo=80, drums=0.45, energy=0.4, brightness=0.1, dynamics=0.3)) == "lava"
    assert chosen_preset(Character(energy=0.3, brightness=0.3, dynamics=0.8, speech=1.0)) == "sumi"


def test_presets_of_the_users_take_part_unless_they_have_mistakes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path
    monkeypatch.setenv("AVWALK_PRESETS_DIR", str(folder))
    presets.create("a-throat", "throat")
    assert chosen_preset(DANCE) == "throat", "what is made from a preset does not take its place"
    exact = "tempo = 126\ndrums = 1\nenergy = 0.85\nbrightness = 0.75\ndynamics = 0.45\n"
    (folder / "mine.toml").write_text(f'version = 1\nextends = "lsd"\n[suits]\n{exact}', encoding="utf-8")
    (folder / "broken.toml").write_text(f"version = 1\nroutes = 3\n[suits]\n{exact}", encoding="utf-8")
    assert chosen_preset(DANCE) == "mine"


def test_none_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "names", lambda: [])
    with pytest.raises(OptionError, match="no preset says in .suits. what it suits; name one"):
        chosen_preset(DANCE)


def test_it_is_said_kept_and_the_same_each_time(click_song: Path) -> None:
    asked = {"preset": "auto", "generator": "cppn", "size": "64x36"}
    first, second = resolve(click_song, asked), resolve(click_song, asked)
    assert first.film == second.film and first.preset.name in presets.names() and first.chosen
    assert f"preset {first.preset.name} ({first.chosen})" in _resolved({**first.summary, "out": "x"})
    again = resolve(click_song, stored_options(metadata(first), "a.mp4"))
    assert again.film == first.film and not again.chosen
    zoomed = resolve(click_song, {**asked, "set": ("camera.zoom=1.3",)})
    assert zoomed.preset.name == first.preset.name and zoomed.preset.values.camera.zoom == 1.3


def test_a_batch_may_ask_for_it(click_song: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "song.wav").write_bytes(click_song.read_bytes())
    (tmp_path / "table.csv").write_text("song,preset,generator,size\nsong.wav,auto,testcard,64x36\n")
    assert run(capfd, "batch", str(tmp_path / "table.csv"))[0] == 0
    assert (tmp_path / "song_auto.mp4").is_file()
    assert "is there already" in run(capfd, "batch", str(tmp_path / "table.csv"))[1]


def test_it_is_no_name(capfd: pytest.CaptureFixture[str]) -> None:
    for act in (lambda: presets.load("auto"), lambda: presets.create("auto", "lsd")):
        with pytest.raises(PresetError, match="auto"):
            act()
