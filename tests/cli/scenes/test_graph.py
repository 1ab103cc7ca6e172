"""Paths, stories, inventories and reports through the command line."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from avwalk.scenes.graph.path_csv import read_path
from avwalk.settings import settings
from tests.cli.test_bad_input import run

STORY = Path("media/demo/story")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small project, with a sequence and another."""
    monkeypatch.chdir(tmp_path)
    for name in ("MEDIA_DIR", "META_DIR"):
        monkeypatch.delenv(f"AVWALK_{name}", raising=False)
    meta = Path("meta/demo")
    meta.mkdir(parents=True)
    (meta / "prompt_image_definitions.csv").write_text(
        "name,prompt,seeds\nreef,a reef,11 12 13\nglass,glass,21 22 23 24\nbloom,a peony,41 42 43\n"
    )
    (meta / "scene_sequence.csv").write_text("scene,duration,start\nreef,2,reef_11\nglass,2,random\n")
    (meta / "scene_sequence_even.csv").write_text("scene,duration\nreef,2\nglass,3\nbloom,2\n")
    settings.cache_clear()


def drawn(*ways: str, frames: int = 3) -> None:
    for way in ways:
        folder = Path("media/demo/transition_images") / way
        folder.mkdir(parents=True)
        for k in range(frames):
            assert cv2.imwrite(str(folder / f"frame{k:06d}.png"), np.full((8, 12, 3), 60 * k, np.uint8))


def test_from_a_plan_to_a_story(capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, "scenes", "story", "demo")
    assert code == 1 and "no transition of the sequence is whole yet; `avwalk scenes plan`" in err
    code, out, err = run(capfd, "scenes", "plan", "demo", "--sequence", "even")
    assert code == 0 and Path(out.strip()) == STORY / "even" / "transition_sequence.csv"
    hops = read_path(Path(out.strip()))
    assert f"{len(hops)} hops, {len(hops)} transitions to render\n" in err
    assert read_path(STORY / "even" / "transition_sequence_gen.csv") == hops
    drawn(*(hop.folder for hop in hops))
    code, _, err = run(capfd, "scenes", "plan", "demo", "--sequence", "even", "--seed", "0")
    assert code == 0 and f"{len(hops)} hops, 0 transitions to render" in err
    code, _, err = run(capfd, "scenes", "story", "demo", "--seed", "1", "--sequence", "even")
    assert code == 0 and f"{len(hops)} hops, " in err and " of them backwards" in err
    code, _, err = run(capfd, "scenes", "plan", "demo", "--sequence", "even", "--random", "--seed", "4")
    assert code == 0 and " 0 transitions" not in err
    kept = STORY / "even" / "transition_sequence_gen_old1.csv"
    assert f"the path that was there is kept as {kept}" in err and read_path(kept) == hops


def test_a_path_of_ones_own(capfd: pytest.CaptureFixture[str]) -> None:
    Path("meta/demo/scene_sequence.csv").write_text("scene,duration\nreef,1\nglass,0\n")
    code, out, err = run(capfd, "scenes", "plan", "demo", "--path", "reef-11, reef_13,glass-22")
    assert code == 0 and "2 hops, 2 transitions to render" in err
    assert [hop.edge.folder for hop in read_path(Path(out.strip()))] == ["reef-11 to reef-13", "reef-13 to glass-22"]
    code, _, err = run(capfd, "scenes", "plan", "demo", "--path", "reef-11,glass-22")
    assert (code, err) == (1, "avwalk: the path has 2 pictures, the sequence 3: reef 2, glass 1\n")
    code, _, err = run(capfd, "scenes", "plan", "demo", "--path", "reef-11,reef-14,glass-22")
    assert code == 1 and err.count("\n") == 1 and "reef-14" in err
    code, _, err = run(capfd, "scenes", "plan", "demo", "--path", "reef-11", "--random")
    assert code == 1 and "--path and --random: give one of them" in err


def test_why_there_is_no_plan(capfd: pytest.CaptureFixture[str]) -> None:
    file = Path("meta/demo/prompt_image_definitions.csv")
    file.write_text("name,prompt,seeds\nreef,a reef,11\nglass,glass,\n")
    Path("meta/demo/scene_sequence.csv").write_text("scene,duration\nreef,2\n")
    code, _, err = run(capfd, "scenes", "plan", "demo")
    assert (
        code == 1 and "scene_sequence.csv:2:1: scene 'reef' has 1 picture, and a duration of 2 needs at least 2" in err
    )


def test_inventory(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "scenes", "inventory", "demo", "--no-picture")
    assert code == 0 and "no path yet: `avwalk scenes plan` makes one" in out
    assert not (STORY / "graph_existing_transitions.png").exists()
    drawn("reef-11 to reef-12", "reef-11 to elsewhere-1", "reef-11 to bloom-41")
    run(capfd, "scenes", "plan", "demo")
    code, out, _ = run(capfd, "scenes", "inventory", "demo")
    lines = out.splitlines()
    assert code == 0 and next(line for line in lines if line.startswith("reef ")).split() == [
        "reef",
        "0/3",
        "1",
        "0",
        "2",
    ]
    assert "of no pictures of this project: 1" in lines and "  reef-11 to elsewhere-1" in lines
    assert any(line.startswith("the path: transition_sequence.csv") for line in lines)
    written = [Path(line) for line in lines if line.startswith("media")]
    assert [path.name for path in written] == [
        "intrascene_transitions.csv",
        "interscene_transitions.csv",
        "existing_transitions.csv",
        "graph_existing_transitions.gexf",
        "graph_only_existing_transitions.gexf",
        "graph_existing_transitions.png",
    ]
    assert all(path.stat().st_size for path in written)
    run(capfd, "scenes", "plan", "demo", "--sequence", "even")
    Path("meta/demo/scene_sequence.csv").write_text("scene,duration\nreef,1\n")
    code, _, err = run(capfd, "scenes", "inventory", "demo")
    assert code == 0 and "hops are between pictures that are not in the sequence" in err


def test_report(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "scenes", "report", "demo")
    assert code == 0 and Path(out.strip()) == STORY / "scene_report.pdf"
    assert run(capfd, "scenes", "report", "demo")[0] == 0
    assert run(capfd, "scenes", "report", "demo", "--out", "r.png")[0] == 0
    code, _, err = run(capfd, "scenes", "report", "demo", "--out", "r.png")
    assert (code, err) == (1, "avwalk: 'r.png' exists; --force replaces it, --out names another\n")
    assert run(capfd, "scenes", "report", "demo", "--out", "r.png", "--force")[0] == 0
    code, _, err = run(capfd, "scenes", "report", "demo", "--out", "r.doc")
    assert code == 1 and "'r.doc' is no report" in err
