"""What a stranger's film stores is not believed: names and hashes are taken, paths asked for, numbers checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from avwalk import presets
from avwalk.errors import AvwalkError, CuesError, OptionError, PlanError, PresetError
from avwalk.plan.analyze import analyze
from avwalk.request.metadata import metadata, stored_options
from avwalk.request.resolve import resolve
from avwalk.score.cues import Cues
from avwalk.score.prompt_table import PromptRow
from avwalk.spec import FilmSpec

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def film(click_song: Path) -> dict[str, Any]:
    """What a film says of itself."""
    request = resolve(click_song, {"generator": "testcard", "size": "64x36", "duration": 1})
    told: dict[str, Any] = json.loads(metadata(request)["avwalk"])
    return told


def again(song: Path, told: dict[str, Any], **options: Any) -> Any:
    return resolve(song, {**stored_options({"avwalk": json.dumps(told)}, "film.mp4"), **options})


def value(key: str, given: Any) -> Change:
    section, _, name = key.partition(".")

    def change(told: dict[str, Any]) -> None:
        told["preset"]["values"][section][name] = given

    return change


def cue(*row: Any) -> Change:
    return lambda told: told["cues"]["rows"].append(list(row))


KEYS = [
    "upscale.model", "sd.file", "palette.image", "restyle.control_images", "sd.model", "biggan.model", "restyle.model",
    "sd.vae", "restyle.vae", "restyle.control_model",
]  # fmt: skip


@pytest.mark.parametrize("path", ["/dev/zero", "../x", "a/b", "C:\\x", "\\\\host\\x", "~/x", "file:x", "x\0y"])
@pytest.mark.parametrize("key", KEYS)
def test_a_path_among_its_values_is_asked_for(key: str, path: str, film: dict[str, Any], click_song: Path) -> None:
    value(key, path)(film)
    with pytest.raises(PresetError, match=f"{key} = .* not opened; give the file yourself: set {key}=FILE"):
        again(click_song, film)


@pytest.mark.parametrize("key", ["sd.loras", "restyle.loras"])
def test_a_path_among_its_loras_is_asked_for(key: str, film: dict[str, Any], click_song: Path) -> None:
    value(key, ["style.safetensors@0.8", "/dev/zero@0.5"])(film)
    with pytest.raises(PresetError, match=r"'/dev/zero' is a path of another machine"):
        again(click_song, film)


def test_a_path_that_its_owner_gives_is_taken(film: dict[str, Any], click_song: Path, tmp_path: Path) -> None:
    value("upscale.model", "/dev/zero")(film)
    network = tmp_path / "net.safetensors"
    network.write_bytes(b"weights")
    request = again(click_song, film, set=(f"upscale.model={network}",))
    assert request.preset.values.upscale.model == str(network)


def test_a_device_has_no_end_and_is_not_read(click_song: Path) -> None:
    with pytest.raises(OptionError, match="upscale.model '/dev/zero' cannot be read: there is no such file"):
        resolve(click_song, {"generator": "testcard", "size": "64x36", "set": ("upscale.model=/dev/zero",)})


@pytest.mark.parametrize("name", ["model", "restyle_model"])
def test_an_option_that_is_a_path_is_asked_for(name: str, film: dict[str, Any], click_song: Path) -> None:
    film[name] = "/dev/zero"
    with pytest.raises(OptionError, match=rf"names {name} '/dev/zero', a path of another machine, which is not opened"):
        again(click_song, film)


@pytest.mark.parametrize("route", ["curve:/dev/zero -> camera.zoom +1%", "curve:../x.csv -> camera.zoom +1%"])
def test_curves_stay_in_their_folder(route: str, film: dict[str, Any], click_song: Path) -> None:
    film["preset"]["values"]["routes"] = [route]
    with pytest.raises(PresetError, match="must be in the preset's folder"):
        again(click_song, film)


WRONG: dict[str, Change] = {
    "cue of a preset's path": cue("0", "", "preset", "/dev/zero", ""),
    "cue of a preset's file": cue("0", "", "preset", "x.toml", ""),
    "cue of an unknown preset": cue("0", "", "preset", "nobody", ""),
    "cue of no number": cue("0", "", "camera.zoom", "True", ""),
    "cue of a number": cue("0", "", "camera.zoom", 1.2, ""),
    "seed 1e5": cue("0", "", "seed", "1e5", ""),
    "tempo 0": cue("0", "", "tempo", "0", ""),
    "tempo nan": cue("0", "", "tempo", "nan", ""),
    "tempo 1e9": cue("0", "", "tempo", "1e9", ""),
    "a time of 5,000 digits": cue("9" * 5000, "", "drop", "", ""),
    "an ease that is none": cue("0", "", "camera.zoom", "1.2", "wobble"),
    "a row of two": cue("0", "drop"),
    "rows that are none": lambda told: told["cues"].update(rows=5),
    "marks that are none": lambda told: told["cues"].update(removed=[[1]]),
    "cues that are none": lambda told: told.update(cues=[1]),
    "values that are true": lambda told: told["preset"].update(values=True),
    "values that are a list": lambda told: told["preset"].update(values=[1]),
    "no values": lambda told: told["preset"].update(values=None),
    "a preset's path": lambda told: told["preset"].update(name="/etc/passwd"),
    "looks that are numbers": lambda told: told.update(looks={"idol": 5}),
    "looks that are a list": lambda told: told.update(looks=[1]),
    "a source's path": lambda told: told.update(source="/dev/zero"),
    "fps that never end": lambda told: told.update(fps="1e999999999"),
    "fps that are a list": lambda told: told.update(fps=[1]),
    "bpm 1e9": lambda told: told.update(bpm=1e9),
    "a start that is a list": lambda told: told.update(start=[1]),
    "a size without end": lambda told: told.update(size="9" * 5000),
    "a seed beyond all": lambda told: told.update(seed=10**30),
    "a first beat that is a table": lambda told: told.update(first_beat={}),
}


@pytest.mark.parametrize("name", WRONG)
def test_whatever_is_wrong_is_said(name: str, film: dict[str, Any], click_song: Path) -> None:
    WRONG[name](film)
    with pytest.raises(AvwalkError) as said:
        again(click_song, film)
    assert len(str(said.value)) < 1000


@pytest.mark.parametrize("text", ["[" * 100_000, '{"preset":' * 50_000, "null", '{"preset": 1e999}', "9" * 5000])
def test_what_is_no_plan_is_said(text: str) -> None:
    with pytest.raises(PlanError, match="holds no plan"):
        stored_options({"avwalk": text}, "film.mp4")


def test_its_own_cues_come_back(film: dict[str, Any], click_song: Path) -> None:
    for row in (
        ("1.5", "2", "camera.zoom", "1.2", "linear:1beat"),
        ("0", "", "preset", "idol", ""),
        ("1", "", "drop", "no", ""),
    ):
        cue(*row)(film)
    film["looks"] = {"idol": film["preset"]["values"]}
    assert [each.what for each in again(click_song, film).cues.rows] == ["camera.zoom", "preset", "drop"]


def test_stored_rows_are_checked_as_those_of_files() -> None:
    with pytest.raises(CuesError, match="tempo 1e9 is out of range"):
        Cues.from_json({"rows": [["0", "", "tempo", "1e9", ""]], "removed": [], "kept": []})
    with pytest.raises(OptionError, match="seed"):
        PromptRow.from_json(["0", "sea", 10**30, None, None])


@pytest.mark.parametrize(
    ("path", "given"),
    [
        (("fps",), "1e999999999"),
        (("seed",), "5"),
        (("range",), 5),
        (("looks",), [1]),
        (("song",), True),
        (("size",), [1]),
    ],
)
def test_a_spec_of_other_types_is_refused(path: tuple[str, ...], given: Any, click_song: Path) -> None:
    tree = resolve(click_song, {"generator": "testcard", "size": "64x36"}).film.to_json()
    tree[path[0]] = given
    with pytest.raises(ValueError):
        FilmSpec.from_json(tree)


@pytest.mark.parametrize(
    "line", ["seed=" + "9" * 5000, "routes=" + "[" * 50_000, "walk.speed=" + "{a=" * 5000, "a." * 40_000 + "b=1"]
)
def test_overrides_have_bounds(line: str) -> None:
    with pytest.raises(PresetError):
        presets.load("lsd", [line])


def test_python_callers_have_the_same_ranges(click_song: Path) -> None:
    for wrong in ({"bpm": 1e9}, {"fps": "1e999999999"}, {"first_beat": -1.0}, {"track": 0}):
        with pytest.raises(AvwalkError):
            analyze(click_song, **wrong)
