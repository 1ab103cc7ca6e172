"""Stems and drawn curves: what routes hear besides the song, from real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avwalk import presets
from avwalk.audio.probe import probe
from avwalk.errors import OptionError, PresetError, SongError
from avwalk.pipeline import plan_of
from avwalk.plan.stems import read_stems, used_stems
from avwalk.request.resolve import Request, resolve
from tests.cli.test_bad_input import wav
from tests.conftest import clicks
from tests.sounds import two_tracks

ROUTE = 'routes=["drums.onset -> camera.zoom +10% r0", "lfo.bar.saw -> camera.x +1"]'


STILL = ('structure.camera=["still"]', "structure.pace=0")


def asked(song: Path, *stems: str, route: str = ROUTE) -> Request:
    return resolve(song, {"generator": "testcard", "size": "64x36", "stem": stems, "set": [route, *STILL]})


@pytest.fixture
def song(tmp_path: Path) -> Path:
    t = np.arange(4 * 44100) / 44100
    return wav(tmp_path / "song.wav", (0.3 * np.sin(2 * np.pi * 220 * t)).astype(np.float32))


@pytest.mark.parametrize(("seconds", "rate"), [(4.0, 44100), (2.2, 48000), (6.0, 22050)])
def test_a_route_hears_a_stem_of_any_length_on_the_songs_clock(
    song: Path, tmp_path: Path, seconds: float, rate: int
) -> None:
    stem = wav(tmp_path / "drums.wav", clicks(seconds, rate=rate), rate)
    plan, _, analysis = plan_of(asked(song, f"drums={stem}"))
    zoom = plan.params["camera.zoom"]
    assert len(zoom) == analysis.n_frames == 120 and len(analysis.signals["drums.kick"]) == 120
    hits = np.flatnonzero(zoom > 1.01)
    expected = np.arange(15, min(120, round(seconds * 30)), 15)
    assert len(hits) >= len(expected) - 1 and np.abs(hits[:, None] - expected).min(axis=1).max() <= 1
    assert plan.film.stems["drums"] and len(plan.film.stems) == 1


def test_a_stem_of_another_length_is_asked_about(song: Path, tmp_path: Path) -> None:
    short, whole = wav(tmp_path / "a.wav", clicks(2.0)), wav(tmp_path / "b.wav", clicks(4.0))
    assert any("the stem 'drums' is 2.0 s long, the song 4.0 s" in note for note in asked(song, f"drums={short}").notes)
    assert not any("long" in note for note in asked(song, f"drums={whole}").notes)


def test_another_stem_is_another_film(song: Path, tmp_path: Path) -> None:
    one, two = (wav(tmp_path / f"{k}.wav", clicks(2.0, every)) for k, every in enumerate((0.5, 0.4)))
    hashes = {
        asked(song, f"drums={one}").film.stems["drums"],
        asked(song, f"drums={two}").film.stems["drums"],
    }
    assert len(hashes) == 2
    request = asked(song, f"drums={one}", f"bass={two}")
    assert list(request.film.stems) == ["drums"] and "no route hears the stem 'bass'" in "".join(request.notes)


def test_a_stem_may_be_any_track_of_a_file(song: Path, tmp_path: Path) -> None:
    two = two_tracks(tmp_path / "two.mkv", clicks(4.0)[:, None], np.zeros((4 * 44100, 2), np.float32))
    first, second = (asked(song, f"drums={two}:{track}") for track in (1, 2))
    assert (first.stems["drums"].track, second.stems["drums"].track) == (1, 2)
    assert first.film.stems != second.film.stems and first.notes == ()
    assert (plan_of(first)[0].params["camera.zoom"] > 1.01).any()
    assert any("--stem drums=FILE:N takes another" in note for note in asked(song, f"drums={two}").notes)
    with pytest.raises(SongError, match="no track 3"):
        asked(song, f"drums={two}:3")
    named = wav(tmp_path / "a.wav", clicks(1.0)).rename(tmp_path / "a:2")
    assert read_stems([f"drums={named}"])["drums"].path == named


def test_stems_that_are_none(song: Path, tmp_path: Path) -> None:
    drums = wav(tmp_path / "drums.wav", clicks(2.0))
    with pytest.raises(PresetError, match=r"no stem 'drums' was given; say stem drums=FILE"):
        asked(song)
    with pytest.raises(PresetError, match="did you mean 'drum'"):
        asked(song, f"drum={drums}")
    for text, said in [("drums", "drums=drums.wav"), ("lfo=a.wav", "no name"), ("a b=a.wav", "no name"), ("=x", "as")]:
        with pytest.raises(OptionError, match=said):
            read_stems([text])
    with pytest.raises(OptionError, match="twice"):
        read_stems([f"drums={drums}", f"drums={drums}"])
    with pytest.raises(SongError, match=r"stem drums: .*none\.wav"):
        read_stems([f"drums={tmp_path / 'none.wav'}"])
    assert used_stems((), {}, probe(song)) == ({}, [])


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_drawn_curve_beside_the_preset(song: Path, tmp_path: Path) -> None:
    preset = write(
        tmp_path,
        "mine.toml",
        'version = 1\nextends = "lsd"\nroutes = ["curve:bend.csv -> camera.x +1"]\n[structure]\ncamera = ["still"]\n',
    )
    write(tmp_path, "bend.csv", "\ufefftime;value\n# drawn\n0:01;0\n\n2;1\n3.0;0.5\n")
    request = resolve(song, {"preset": str(preset), "generator": "testcard", "size": "64x36"})
    plan, _, _ = plan_of(request)
    x = plan.params["camera.x"]
    assert x[15] == 0 and x[45] == pytest.approx(0.5) and x[60] == pytest.approx(1) and x[110] == pytest.approx(0.5)
    write(tmp_path, "bend.csv", "time,value\n0,1\n")
    again = resolve(song, {"preset": str(preset), "generator": "testcard", "size": "64x36"})
    assert again.film.look.curves["bend.csv"] != request.film.look.curves["bend.csv"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no points"),
        ("time,value\n", "holds no points"),
        ("0,1\n1\n", r"bend.csv:2: '1' has no value"),
        ("0,1\n1,lots\n", r"bend.csv:2: value 'lots' is not a number"),
        ("0,nan\n", "out of range"),
        ("0,1\nsoon,2\n", r"bend.csv:2: time 'soon'"),
        ("1,1\n1,2\n", r"bend.csv:2: time 1 is not after"),
        (None, "does not exist"),
    ],
)
def test_curve_files_that_are_none_are_told_with_the_presets_line(text: str | None, said: str, tmp_path: Path) -> None:
    preset = write(
        tmp_path, "mine.toml", 'routes = [\n  "kick -> camera.y +1",\n  "curve:bend.csv -> camera.x +1",\n]\n'
    )
    if text is not None:
        write(tmp_path, "bend.csv", text)
    with pytest.raises(PresetError, match=said) as told:
        presets.load(str(preset))
    assert str(told.value).startswith("mine.toml:3: ")


@pytest.mark.parametrize("name", ["/etc/passwd", "../bend.csv", "a/../../b.csv", "C:\\\\x.csv"])
def test_names_of_curves_stay_in_their_folder(name: str, tmp_path: Path) -> None:
    preset = write(tmp_path, "mine.toml", f'routes = ["curve:{name} -> camera.x +1"]\n')
    with pytest.raises(PresetError, match="give its name alone"):
        presets.load(str(preset))
