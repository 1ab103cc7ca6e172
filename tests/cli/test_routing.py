"""Routes on the command line: lists, checks, lanes in the plot and over the film."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from avwalk.config.matter import SPAWNS, SPECIES
from avwalk.config.preset import targets
from avwalk.features.signals import SIGNALS
from tests.cli.test_bad_input import SMALL, run, wav
from tests.conftest import clicks
from tests.pictures import read

CROWDED = "routes = [" + ", ".join(f'"kick -> camera.{x} +1%"' for x in ("zoom", "x", "y", "spin")) + "]\n"
MIXED = """version = 1
extends = "lsd"
routes = [
  "kick -> camera.zoom +6% r0.4b",
  {signal = "drums.onset", target = "cppn.warp", amount = "+9%", spring = "2:0.5"},
]
"""


def test_lists_of_signals_and_targets(capfd: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(run(capfd, "presets", "signals", "--json")[1])
    assert set(SIGNALS) < {row["name"] for row in rows} and {"const", "curve:FILE.csv"} < {row["name"] for row in rows}
    assert "bass drum" in run(capfd, "presets", "signals", "kick")[1]
    rows = json.loads(run(capfd, "presets", "targets", "--json")[1])
    assert {row["name"] for row in rows} == {*targets(), *SPAWNS} and all(row["text"] for row in rows)
    assert next(row for row in rows if row["name"] == "spawn.ring")["beats"] == SPECIES["ring"].beats
    _, out, _ = run(capfd, "presets", "targets", "spawn")
    assert [line.split()[0] for line in out.splitlines()] == list(SPAWNS)
    assert all(f"[lives {s.beats:g} beat" in out and s.text in out for s in SPECIES.values())
    assert "[lives 1 beat]" in out and "[lives 4 beats]" in out
    assert "spawn.ring" in run(capfd, "presets", "targets")[1]
    _, out, _ = run(capfd, "presets", "targets", "camera", "light.gain")
    assert {line.split()[0] for line in out.splitlines()} == {n for n in targets() if n.startswith("camera.")} | {
        "light.gain"
    }
    code, _, err = run(capfd, "presets", "targets", "camera.zom")
    assert code == 1 and "did you mean 'camera.zoom'" in err
    code, _, err = run(capfd, "presets", "targets", "spawn.rong")
    assert code == 1 and "did you mean 'spawn.ring'" in err


def test_check_warns_of_a_crowd_and_tells_of_stems(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.toml").write_text(CROWDED, encoding="utf-8")
    code, out, err = run(capfd, "presets", "check", str(tmp_path / "a.toml"))
    assert code == 0 and "fine" in out and "4 routes hang on 'kick'" in err
    (tmp_path / "b.toml").write_text(MIXED, encoding="utf-8")
    code, _, err = run(capfd, "presets", "check", str(tmp_path / "b.toml"))
    assert code == 0 and "--stem drums=FILE" in err and "hang on" not in err


def test_show_writes_routes_short_and_one_in_a_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "b.toml").write_text(MIXED, encoding="utf-8")
    _, out, _ = run(capfd, "presets", "show", str(tmp_path / "b.toml"))
    assert '\n  "kick -> camera.zoom +6% r0.4b",\n  "drums.onset -> cppn.warp +9% s2:0.5",\n]' in out


def test_problems_of_routes_come_with_their_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    text = 'routes = [ # two\n  "kick -> camera.zoom +1%",\n\n  "kik -> camera.zoom +1%",\n  {signal = "kick"},\n]\n'
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    (tmp_path / "b.toml").write_text(
        'extends = "./a.toml"\n[[routes]]\nsignal = "kick"\ntarget = "camera.zoom"\namount = 1\n'
        '[[routes]]\nsignal = "kick"\ntarget = "camera.zom"\namount = 1\n',
        encoding="utf-8",
    )
    _, _, err = run(capfd, "presets", "check", str(tmp_path / "a.toml"))
    first, second = err.splitlines()
    assert first.startswith("a.toml:4: ") and second.startswith("a.toml:5: ") and "amount is missing" in second
    monkeypatch.chdir(tmp_path)
    _, _, err = run(capfd, "presets", "check", "b.toml")
    assert err.startswith("b.toml:6: ") and "did you mean 'camera.zoom'" in err and len(err.splitlines()) == 1


def test_the_plot_gets_a_lane_for_each_routed_parameter(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    song, stem = wav(tmp_path / "s.wav", clicks(4.0)), wav(tmp_path / "d.wav", clicks(3.0, every=0.4))
    (tmp_path / "b.toml").write_text(MIXED, encoding="utf-8")
    run(capfd, "analyze", str(song), "--plot", str(tmp_path / "plain.png"))
    with_lanes = ["--plot", str(tmp_path / "lanes.png"), "--preset", str(tmp_path / "b.toml")]
    code, _, err = run(capfd, "analyze", str(song), *with_lanes)
    assert code == 1 and "say --stem drums=FILE" in err
    code, _, err = run(capfd, "analyze", str(song), *with_lanes, "--stem", f"drums={stem}")
    assert code == 0, err
    plain, lanes = (read(tmp_path / f"{name}.png") for name in ("plain", "lanes"))
    green, none = (
        (np.abs(p[-150:].astype(int) - np.array([0xA7, 0xC9, 0x9F])).max(-1) < 30).sum() for p in (lanes, plain)
    )
    assert 130 <= lanes.shape[0] - plain.shape[0] <= 170, "two lanes and a strip of pictures more"
    assert green > 1000 and none < 50
    for alone in (["--preset", "lsd"], ["--stem", f"drums={stem}"]):
        code, _, err = run(capfd, "analyze", str(song), *alone)
        assert code == 1 and "--plot" in err


def test_explain_draws_over_the_film_and_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    wav(tmp_path / "s.wav", clicks(1.5))
    size = ["--generator", "testcard", "--size", "320x180", "--set", "seed=0", "--quiet"]
    assert run(capfd, "render", "s.wav", *size)[0] == 0
    assert run(capfd, "render", "s.wav", *size, "--explain")[0] == 0
    assert run(capfd, "render", "s.wav", "--again", "s_lsd_0_explain.mp4", "--quiet", "--out", "again.mp4")[0] == 0
    films = [tmp_path / name for name in ("s_lsd_0.mp4", "s_lsd_0_explain.mp4", "again.mp4")]
    plain, told, again = (frames(path) for path in films)
    assert np.abs(plain[:, :90] - told[:, :90]).mean() < 3 < np.abs(plain[:, -60:] - told[:, -60:]).mean()
    assert np.array_equal(told, again)
    assert run(capfd, "render", "s.wav", *SMALL, "--stem", "drums")[0] == 1


def frames(path: Path) -> np.ndarray:
    import av

    with av.open(str(path)) as film:
        return np.stack([frame.to_ndarray(format="gray") for frame in film.decode(video=0)]).astype(np.int16)
