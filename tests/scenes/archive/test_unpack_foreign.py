"""Archives of strangers: names that some systems hold for one, lists of other types, foreign paths, many names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from avwalk.errors import ScenesError
from avwalk.scenes.archive.unpack import unpack
from avwalk.scenes.project.csv_rows import Findings
from avwalk.scenes.project.places import read_song_file
from avwalk.scenes.project.settings_json import Profile, read_profiles
from tests.scenes.archive.test_pack import Away, away, forged, row  # noqa: F401


@pytest.mark.parametrize("value", ["1", 1e9, True, -1, None, [1], 1.0])
def test_a_length_is_a_whole_number(away: Away, tmp_path: Path, value: Any) -> None:  # noqa: F811
    path = forged(tmp_path / "x.zip", {"meta/x.csv": b"x"}, lambda told: row(told, bytes=value))
    with pytest.raises(ScenesError, match="cannot be read"):
        away.take(path)
    assert not away.root.exists()


@pytest.mark.parametrize("text", ['{"project": "x", "files": 1e999}', "[" * 100_000, '{"n": ' + "9" * 5000 + "}"])
def test_lists_beyond_all_bounds(away: Away, tmp_path: Path, text: str) -> None:  # noqa: F811
    path = tmp_path / "x.zip"
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("avwalk-scenes.json", text)
    with pytest.raises(ScenesError, match="cannot be read"):
        away.take(path)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("meta/a.csv", "meta/a.csv/b.csv"), "'meta/a.csv' is a file and, for 'meta/a.csv/b.csv', a folder"),
        (("meta/A.csv", "meta/a.csv/b.csv"), "'meta/A.csv' is a file and, for 'meta/a.csv/b.csv', a folder"),
        (("meta/\u00e9.csv", "meta/e\u0301.csv"), "is there twice"),
        (("meta/" + "a/" * 30 + "b.csv",), "lies in too many folders"),
    ],
)
def test_names_that_cannot_stand_side_by_side(away: Away, tmp_path: Path, names: tuple[str, ...], said: str) -> None:  # noqa: F811
    path = forged(tmp_path / "x.zip", dict.fromkeys(names, b"x"))
    with pytest.raises(ScenesError, match=said):
        away.take(path)
    assert not away.root.exists()


def test_paths_of_another_machine_are_taken_out_and_said(away: Away, tmp_path: Path) -> None:  # noqa: F811
    model = tmp_path / "model"
    settings = {
        "default": {"model_string": str(model), "res_width": 64, "pipe_kwargs": {"lora": "../../x", "steps": 3}}
    }
    entries = {"meta/tgen_settings.json": json.dumps(settings).encode(), "meta/song.txt": b"/dev/zero\n"}
    done = away.take(forged(tmp_path / "x.zip", entries))
    assert len(done.taken_out) == 3 and all("another machine: taken out" in line for line in done.taken_out)
    profile = read_profiles(away.meta / "tgen_settings.json", Findings())["default"]
    assert profile.model is None and profile.width == 64 and profile.pipeline == {"lora": "", "steps": 3}
    assert read_song_file(away.meta) is None


@pytest.mark.parametrize("name", ["sd15", "CompVis/stable-diffusion-v1-4", "owner/name:file.safetensors"])
def test_names_stay(away: Away, tmp_path: Path, name: str) -> None:  # noqa: F811
    entries = {
        "meta/tgen_settings.json": json.dumps({"model_string": name}).encode(),
        "meta/song.txt": b"../../song.wav",
    }
    done = away.take(forged(tmp_path / "x.zip", entries))
    assert not done.taken_out and len(done.wrote) == 2
    assert read_profiles(away.meta / "tgen_settings.json", Findings()) == {"default": Profile(model_string=name)}


@pytest.mark.timeout(120)  # it would be a quarter of an hour if each name were compared with each
def test_many_names(tmp_path: Path) -> None:
    names = [f"meta/{k}.csv" for k in range(40_000)]
    path = forged(tmp_path / "x.zip", dict.fromkeys([*names, "meta/a.exe"], b""))
    with pytest.raises(ScenesError, match=r"a\.exe"):
        unpack(path, meta_dir=tmp_path / "meta", media_dir=tmp_path / "media")
