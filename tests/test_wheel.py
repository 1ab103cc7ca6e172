"""The wheel, installed into an empty environment, renders from there."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_it_holds_presets_the_demo_song_and_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"avwalk/_shipped/presets/lsd.toml", "avwalk/_shipped/demo-song.ogg", "avwalk/py.typed"} <= names
    assert {
        f"avwalk/_shipped/demo-project/{name}"
        for name in (
            "prompt_image_definitions.csv",
            "tgen_settings.json",
            "scene_sequence.csv",
            "scene_sequence_even.csv",
        )
    } <= names
    assert {"avwalk/models/classes.csv", "avwalk/models/WORDNET_LICENSE.txt"} <= names
    assert {n.rpartition("/")[2] for n in names if ".dist-info/licenses/" in n} >= {"LICENSE", "NOTICE"}
    assert not [n for n in names if n.startswith(("tests/", "tools/")) or n.endswith(".mp4")]


def test_a_second_of_video_from_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    """Its dependencies come from the running environment's folder; avwalk itself from the wheel alone."""
    home = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = next(p for p in (home / "bin" / "python", home / "Scripts" / "python.exe") if p.exists())
    site = Path(
        subprocess.run(
            [python, "-c", "import site; print(site.getsitepackages()[-1])"], check=True, capture_output=True, text=True
        ).stdout.strip()
    )
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    packages = [p for p in sys.path if p.endswith("site-packages")]
    # a .pth line would run the editable install's hook as well: a plain path list does not
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {
        "PYTHONPATH": os.pathsep.join([str(site), *packages])
    }
    code = (
        "import avwalk, avwalk.settings as s, sys; from pathlib import Path;"
        "assert Path(avwalk.__file__).is_relative_to(sys.argv[1]), avwalk.__file__;"
        "d = avwalk.render(s.shipped('demo-song.ogg'), out='one.mp4', size='64x36', duration=1);"
        "print(d['n_frames'])"
    )
    done = subprocess.run([python, "-c", code, str(site)], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "30" and (tmp_path / "one.mp4").exists()
