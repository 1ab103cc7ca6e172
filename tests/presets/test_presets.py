from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk import presets
from avwalk.config.preset import Preset
from avwalk.errors import PresetError

NAMES = presets.names()


def test_there_are_presets() -> None:
    assert {"lsd", "dream"} <= set(NAMES) and len(NAMES) >= 4


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_preset_is_valid_and_round_trips(name: str, tmp_path: Path) -> None:
    loaded = presets.load(name)
    assert loaded.values.title and loaded.values.description and loaded.values.generators
    file = tmp_path / "again.toml"
    file.write_text(presets.as_toml(loaded.values), encoding="utf-8")
    again = presets.load(str(file))
    assert again.values.model_copy(update={"extends": loaded.values.extends}) == loaded.values
    assert again.routes == loaded.routes


@pytest.mark.parametrize("name", NAMES)
def test_the_first_line_of_a_preset_is_a_command_that_names_it(name: str) -> None:
    path = presets.load(name).path
    assert path is not None
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ") and first.endswith(f"--preset {name}")


def test_the_spelling_said_last_counts() -> None:
    later = presets.load("lsd", ["restyle.strength=0.25"]).values.restyle
    assert later.input_image_strength == 0.25
    both = ["restyle.guidance_scale=2", "restyle.unconditional_guidance_scale=3"]
    assert presets.load("lsd", both).values.restyle.unconditional_guidance_scale == 3


def test_diffusers_names_are_aliases() -> None:
    theirs = Preset.model_validate({"restyle": {"strength": 0.3, "num_inference_steps": 7, "guidance_scale": 2}})
    assert theirs.restyle.input_image_strength == 0.3
    assert theirs.restyle.num_steps == 7 and theirs.restyle.unconditional_guidance_scale == 2


def write(folder: Path, text: str, name: str = "mine.toml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_all_problems_are_reported_at_once_with_line_and_suggestion(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        'version = 1\nroutes = ["kik -> camera.zoom +6%"]\n[walk]\ntruncaton = 0.5\nsmoothing_ms = "long"\n'
        '[cppn]\ntopology = "relif"\nwarp = 99\n',
    )
    with pytest.raises(PresetError) as caught:
        presets.load(file)
    lines = str(caught.value).splitlines()
    assert len(lines) == 5
    text = "\n".join(lines)
    assert "mine.toml:4: unknown key 'walk.truncaton' (did you mean 'walk.truncation'?)" in text
    assert "mine.toml:5: walk.smoothing_ms = 'long'" in text
    assert "mine.toml:7: cppn.topology" in text and "did you mean 'relief'" in text
    assert "mine.toml:8: cppn.warp = 99" in text and "less than or equal to 2" in text
    assert "mine.toml:2: route" in text and "did you mean 'kick'" in text


def test_unknown_preset_suggests_a_near_one() -> None:
    with pytest.raises(PresetError, match="did you mean 'dream'"):
        presets.load("dreem")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00binary\x00", "not text"),
        (b"version = = 1", "not valid TOML"),
        (b"#" * (300 * 1024), "larger than"),
        (b'extends = "mine.toml"', "unknown preset|does not exist|extends itself"),
    ],
)
def test_files_that_are_no_presets(content: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_bytes(content)
    with pytest.raises(PresetError, match=said):
        presets.load("./mine.toml")


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero", "."])
def test_devices_and_folders_are_refused(path: str) -> None:
    with pytest.raises(PresetError, match="not a file|does not exist|unknown preset"):
        presets.load(path if path != "." else "./")


def test_extends_in_a_circle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, 'extends = "./b.toml"', "a.toml")
    write(tmp_path, 'extends = "./a.toml"', "b.toml")
    with pytest.raises(PresetError, match="extends itself through a → b"):
        presets.load("./a.toml")


def test_set_overrules_and_is_checked(tmp_path: Path) -> None:
    loaded = presets.load("lsd", ["camera.zoom=1.5", "palette.name=abyss", 'routes=["kick -> camera.zoom +1%"]'])
    assert loaded.values.camera.zoom == 1.5 and loaded.values.palette.name == "abyss" and len(loaded.routes) == 1
    for wrong, said in [
        ("camera.zom=1", "did you mean 'camera.zoom'"),
        ("camera.zoom", "key=value"),
        ("camera.zoom=big", "number"),
        ("title.x=1", "is a value"),
    ]:
        with pytest.raises(PresetError, match=said):
            presets.load("lsd", [wrong])


def test_a_palette_that_is_set_is_seen_in_every_section() -> None:
    assert presets.load("lsd").values.structure.palettes != ()
    assert presets.load("lsd", ["palette.name=abyss"]).values.structure.palettes == ()
    for both in (
        ["palette.name=abyss", 'structure.palettes=["bone"]'],
        ['structure.palettes=["bone"]', "palette.name=abyss"],
    ):
        assert presets.load("lsd", both).values.structure.palettes == ("bone",)


def test_a_list_that_is_none_is_told() -> None:
    with pytest.raises(
        PresetError, match=r'routes = .kick -> camera.zoom.*must be a list; write routes = \["…", "…"\]'
    ):
        presets.load("lsd", ["routes=kick -> camera.zoom +6%"])


def test_new_presets_are_valid_and_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_PRESETS_DIR", str(tmp_path / "p"))
    from avwalk.settings import settings

    settings.cache_clear()
    path = presets.create("mine", "idol")
    assert presets.load("mine").values.cppn.topology == presets.load("idol").values.cppn.topology
    assert tomllib.loads(path.read_text(encoding="utf-8"))["extends"] == "idol"
    with pytest.raises(PresetError, match="force"):
        presets.create("mine", "lsd")
    with pytest.raises(PresetError, match="letters"):
        presets.create("../evil", "lsd")


@given(
    st.builds(
        lambda zoom, seed, prompt, trunc: {
            "camera": {"zoom": zoom},
            "seed": seed,
            "restyle": {"prompt": prompt},
            "walk": {"truncation": trunc},
        },
        st.floats(0.25, 4),
        st.integers(0, 2**63 - 1),
        st.text(max_size=40).filter(lambda s: s.isprintable()),
        st.floats(0.01, 1),
    )
)
def test_toml_round_trip_of_any_values(tree: dict[str, object]) -> None:
    preset = Preset.model_validate(tree)
    assert Preset.model_validate(tomllib.loads(presets.as_toml(preset))) == preset


def test_a_preset_may_extend_its_namesake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_PRESETS_DIR", str(tmp_path))
    made = presets.create("lsd", "lsd")
    loaded = presets.load("lsd")
    assert loaded.path == made
    assert loaded.values.walk.smoothing_ms == 120  # the shipped one's
    made.write_text('version = 1\nextends = "other"\n', encoding="utf-8")
    (tmp_path / "other.toml").write_text('version = 1\nextends = "other"\n', encoding="utf-8")
    with pytest.raises(PresetError, match="extends itself"):
        presets.load("lsd")


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("camera.zoon", "camera.zoom"),
        ("zoom", "camera.zoom"),
        ("waaalk", "walk"),
        ("walk.truncatoin", "walk.truncation"),
    ],
)
def test_an_unknown_key_gets_the_whole_name_as_a_hint(key: str, hint: str) -> None:
    with pytest.raises(PresetError, match=f"did you mean '{hint}'"):
        presets.load("lsd", [f"{key}=1"])


def test_an_unknown_palette_is_told_with_the_other_problems() -> None:
    with pytest.raises(PresetError) as told:
        presets.load("lsd", ["palette.name=embr", 'routes=["kik -> camera.zom +6%"]'])
    text = str(told.value)
    assert "did you mean 'ember'" in text and "'kick'" in text and "'camera.zoom'" in text


@pytest.fixture
def cover(tmp_path: Path) -> Path:
    import cv2
    import numpy as np

    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:, :30], picture[:, 30:] = (160, 90, 20), (30, 190, 230)  # B, G, R: a blue and a yellow half
    file = tmp_path / "cover ä.png"
    file.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    return file


def test_a_picture_becomes_the_palette(cover: Path) -> None:
    file = cover.with_name("mine.toml")
    file.write_text(f'version = 1\nextends = "lsd"\n[palette]\nimage = "{cover.name}"\n', encoding="utf-8")
    loaded = presets.load(str(file)).values
    assert loaded.palette.image == "" and loaded.palette.own is not None and len(loaded.palette.own.sha256) == 64
    assert loaded.structure.palettes == (), "the preset's other palettes would hide it"
    asked = presets.load("lsd", [f"palette.image={cover}"]).values
    assert asked.palette.own == loaded.palette.own
    cover.unlink()
    file.write_text(presets.as_toml(loaded), encoding="utf-8")
    assert presets.load(str(file)).values.palette == loaded.palette, "the colours are kept, not the picture"
    again = presets.from_tree("mine", loaded.model_dump(mode="json")).values
    assert again.palette == loaded.palette


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone.jpg", "no such file"),
        ("../cover.png", "preset's folder"),
        ("mine.toml", "no picture"),
        ("/c.png", "alone"),
    ],
)
def test_pictures_that_are_none(name: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f'version = 1\n[palette]\nimage = "{name}"\n', encoding="utf-8")
    with pytest.raises(PresetError, match=rf"mine.toml:3: palette.image = '{name}': .*{said}"):
        presets.load(str(file))


def test_a_picture_from_the_command_line_must_be_there() -> None:
    with pytest.raises(PresetError, match=r"set palette.image: palette.image = 'gone.jpg': there is no such file"):
        presets.load("lsd", ["palette.image=gone.jpg"])


@pytest.mark.parametrize("key", ["sd.steps", "sd.num_steps", "sd.num_inference_steps"])
def test_steps_have_one_vocabulary(key: str) -> None:
    assert presets.load("lsd", [f"{key}=3"]).values.sd.steps == 3
    other = key.replace("sd.", "restyle.")
    assert presets.load("lsd", [f"{other}=3"]).values.restyle.num_steps == 3
    assert presets.load("lsd", ["restyle.num_steps=9", f"{other}=3"]).values.restyle.num_steps == 3


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("restyle.stepz", "restyle.num_steps"),
        ("sd.num_stepz", "sd.steps"),
        ("restyle.strenth", "restyle.input_image_strength"),
        ("truncation", "walk.truncation"),
    ],
)
def test_a_hint_names_the_key_of_its_own_section(key: str, hint: str) -> None:
    with pytest.raises(PresetError, match=rf"unknown key '{key}' \(did you mean '{hint}'\?\)"):
        presets.load("lsd", [f"{key}=3"])
