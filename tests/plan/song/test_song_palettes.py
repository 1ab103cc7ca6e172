"""Which palettes a film has: the artist's, the preset's, or those of the song's key."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from avwalk import presets
from avwalk.config.preset import Preset
from avwalk.contracts import Analysis, Score
from avwalk.plan.song.song_palettes import key_of, song_palettes

NOTHING = np.zeros(0)


def song(**traits: float) -> Analysis:
    names = ("key_clarity", "brightness", "percussive", "dynamics", "onsets", "kicks", "snares", "hats", "pauses")
    traits = {"key": -1.0} | dict.fromkeys(names, 0.0) | traits
    score = Score(120.0, NOTHING, NOTHING, NOTHING, (), ())
    return Analysis(Fraction(30), 30, 1.0, score, {}, np.zeros((30, 1), np.float32), traits=traits)


MINOR = song(key=21, key_clarity=0.4, brightness=6.85)


def test_the_first_label_is_in_the_songs_key_or_its_relative_the_others_in_keys_near_it() -> None:
    """A minor is petrol, C major embers: a warm preset begins in embers, a cool one in petrol."""
    assert song_palettes(presets.load("lsd").values, MINOR) == (
        "ember in C major 0.50 0.00",
        "orchid in A minor 0.50 0.00",
        "gilt in G major 0.50 0.00",
    )
    assert song_palettes(presets.load("dream").values, MINOR) == (
        "abyss in A minor 0.50 0.00",
        "aurora in C major 0.50 0.00",
        "verdigris in E minor 0.50 0.00",
    )


def test_presets_of_one_song_share_no_hue() -> None:
    """In each of the keys some presets are warm, others cool; and a preset is not alike in all keys."""
    named = [preset for name in presets.names() if (preset := presets.load(name).values).palette.hues == "song"]
    for key in range(24):
        firsts = [song_palettes(values, song(key=key, key_clarity=0.4))[0] for values in named]
        share = Counter(name.split(" in ")[1].rsplit(" ", 1)[0] for name in firsts)
        assert len(share) == 2 and min(share.values()) >= 3, (key, share)
    for values in named:
        keys = {song_palettes(values, song(key=key, key_clarity=0.4))[0].split(" in ")[1] for key in range(24)}
        assert len(keys) >= 10


def test_a_song_without_a_key_looks_as_bright_as_it_sounds() -> None:
    keys = [key_of(song(key=5, key_clarity=0.05, brightness=octaves)) for octaves in (5.0, 6.4, 9.0)]
    assert keys == ["B minor", "A minor", "C major"] or len(set(keys)) == 3
    assert key_of(song()) == "B minor", "silence"


@pytest.mark.parametrize("name", ["sumi", "riso"])
def test_materials_keep_their_colours(name: str) -> None:
    values = presets.load(name).values
    assert song_palettes(values, MINOR) == values.structure.palettes


@pytest.mark.parametrize("line", ["palette.name=moss", 'structure.palettes=["moss"]', "palette.hues=own"])
def test_what_the_artist_names_rules(line: str) -> None:
    assert not any(" in " in name for name in song_palettes(presets.load("lsd", [line]).values, MINOR))


def test_a_named_palette_may_be_turned_to_the_songs_key(tmp_path: Path) -> None:
    for lines in (["palette.hues=song", "palette.name=moss"], ["palette.name=moss", "palette.hues=song"]):
        assert song_palettes(presets.load("sumi", lines).values, MINOR) == ("moss in A minor 0.50 0.00",)
    file = tmp_path / "mine.toml"
    for said, song_hues in (('name = "moss"', False), ('name = "moss"\nhues = "song"', True), ("shift = 0.1", True)):
        file.write_text(f'version = 1\nextends = "lsd"\n[palette]\n{said}\n', encoding="utf-8")
        assert (presets.load(str(file)).values.palette.hues == "song") is song_hues
        assert (presets.load(str(file)).values.structure.palettes == ()) is ("name" in said), (
            "those of lsd would hide it"
        )


def test_palettes_may_come_in_an_order_of_the_song() -> None:
    values = presets.load("nocturne").values
    assert values.palette.hues == "order"
    found = {song_palettes(values, song(key=key, key_clarity=0.4)) for key in range(24)}
    count = len(values.structure.palettes)
    assert len(found) == count == len({names[0] for names in found})
    assert all(sorted(names) == sorted(values.structure.palettes) for names in found)


def test_a_preset_of_before_has_its_own_colours() -> None:
    assert Preset().palette.hues == "own" and song_palettes(Preset(), MINOR) == ()


def test_a_preset_made_from_another_keeps_its_hues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_PRESETS_DIR", str(tmp_path))
    for base in ("lsd", "sumi"):
        presets.create(f"mine-{base}", base)
        one, other = (presets.load(name).values for name in (base, f"mine-{base}"))
        assert one.palette == other.palette and one.structure.palettes == other.structure.palettes
