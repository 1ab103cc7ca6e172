"""The marks of the benchmark ``hearing``, on answers whose worth is known."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.benchmarks import hearing
from tests.benchmarks.hearing import estimates, peers, tables
from tests.benchmarks.hearing.marks import DRUM, MARKS, Estimate, after_irregular, even_tempo, marks_of
from tests.benchmarks.hearing.truth import ROOT, Truth, listen_set, read_truth, truths

BEATS = np.arange(0.3, 59.0, 0.5)
KICKS = BEATS[(BEATS < 30)][::2]
TRUTH = Truth(
    "song",
    Path("song.wav"),
    60.0,
    BEATS,
    downbeats=BEATS[::4],
    drums={"kick": KICKS, "snare": KICKS + 0.5, "hat": KICKS + 0.25},
    undrummed=((30.5, 60.0),),
    sections=np.array([0.0, 16.3, 30.3, 44.3]),
    drops=np.array([16.3]),
)
PERFECT = Estimate(120.0, BEATS, 0.0, BEATS[::4], TRUTH.drums, TRUTH.sections, TRUTH.drops)


def moved(by: float) -> Estimate:
    drums = {name: times + by for name, times in TRUTH.drums.items()}
    assert TRUTH.sections is not None and TRUTH.drops is not None
    return Estimate(120.0, BEATS + by, 0.0, BEATS[::4] + by, drums, TRUTH.sections + by, TRUTH.drops + by)


def test_a_perfect_answer_is_worth_one_in_everything() -> None:
    found = marks_of(TRUTH, PERFECT)
    assert set(found) == set(MARKS)
    for mark, value in found.items():
        if mark in ("compound", "F after odd bar"):
            assert np.isnan(value)
        else:
            assert value == (0 if mark.startswith("false") else 1), mark


def test_a_shifted_answer_is_worth_nothing() -> None:
    found = marks_of(TRUTH, moved(0.12))
    assert found["F"] == found["CMLt"] == found["AMLt"] == found["downbeat F"] == 0
    assert all(found[mark] == 0 for mark in DRUM)
    assert found["section F .5"] == 1 and found["drop F"] == 1
    far = marks_of(TRUTH, moved(1.0))
    assert far["section F .5"] == far["drop F"] == 0 and far["section F 3"] == 1


def test_windows_of_drums_are_25_and_50_ms() -> None:
    found = marks_of(TRUTH, moved(0.04))
    assert found["kick F 50"] == found["hat R 50"] == 1 and found["kick F 25"] == found["snare P 25"] == 0


@pytest.mark.parametrize(("beats", "tempo"), [(BEATS[::2], 60.0), (BEATS[1::2], 60.0), (BEATS + 0.25, 120.0)])
def test_other_levels_and_the_off_beat_count_for_amlt_alone(beats: np.ndarray, tempo: float) -> None:
    found = marks_of(TRUTH, replace(PERFECT, beats=beats, tempo=tempo))
    assert found["AMLt"] > 0.95 and found["CMLt"] == 0
    assert found["tempo 1"] == (tempo == 120) and found["tempo 2"] == 1


def test_thirds_of_the_beat_count_where_the_truth_says_so() -> None:
    eighths = np.interp(np.arange(3 * len(BEATS) - 2) / 3, np.arange(len(BEATS)), BEATS)
    found = Estimate(360.0, eighths)
    compound = replace(TRUTH, compound=True)
    assert marks_of(compound, found)["AMLt"] < 0.5 and marks_of(compound, found)["compound"] == 0
    told = marks_of(replace(compound, others=(eighths,)), found)
    assert told["AMLt"] == 1 and told["CMLt"] == 0 and told["compound"] == 1


@pytest.mark.parametrize(("tempo", "second", "one", "two", "either"), [
    (124.7, 0, 1, 1, 1), (125.0, 0, 0, 0, 0), (60.0, 121.0, 0, 1, 1), (40.0, 0, 0, 1, 0), (360.0, 180, 0, 1, 0),
    (180.0, 0, 0, 0, 0), (0.0, 0, 0, 0, 0),
])  # fmt: skip
def test_tempo_within_four_per_cent(tempo: float, second: float, one: int, two: int, either: int) -> None:
    found = marks_of(TRUTH, replace(PERFECT, tempo=tempo, second=second))
    assert (found["tempo 1"], found["tempo 2"], found["1st or 2nd"]) == (one, two, either)


def test_uneven_beats_have_no_tempo() -> None:
    assert even_tempo(np.cumsum([0.5, 0.5, 0.75] * 20)) == 0
    assert even_tempo(BEATS) == pytest.approx(120)


def test_an_answer_without_anything() -> None:
    nothing = np.zeros(0)
    empty = Estimate(0.0, nothing, 0.0, nothing, dict.fromkeys(TRUTH.drums, nothing), np.zeros(1), nothing)
    found = marks_of(TRUTH, empty)
    assert found["AMLt"] == found["F"] == found["downbeat F"] == found["kick F 50"] == found["section F 3"] == 0
    assert np.isnan(found["kick P 50"]) and found["kick R 50"] == 0 and found["false kick"] == 0


def test_what_is_not_told_is_not_marked() -> None:
    found = marks_of(replace(TRUTH, downbeats=None, sections=None, drops=None, drums={}), PERFECT)
    assert np.isnan([found[mark] for mark in ("downbeat F", "section F .5", "drop F", *DRUM)]).all()
    found = marks_of(TRUTH, Estimate(120.0, BEATS))
    assert np.isnan([found[mark] for mark in ("downbeat F", "section F .5", "drop F", "false hat", *DRUM)]).all()


def test_false_drums_are_counted_by_the_minute_where_none_is_played() -> None:
    heard = {"kick": np.concatenate([KICKS, [29.9, 31.0, 45.0, 59.9]]), "hat": TRUTH.drums["hat"]}
    found = marks_of(TRUTH, replace(PERFECT, drums=heard))
    assert found["false kick"] == pytest.approx(3 / (29.5 / 60)) and found["false hat"] == 0
    assert np.isnan(found["false snare"])


def test_bars_after_an_irregular_one() -> None:
    bars = np.concatenate([BEATS[:40:4], BEATS[42::4]])  # one bar of two beats, from beat 40
    bars = np.insert(bars, 10, BEATS[40])
    assert after_irregular(BEATS, BEATS[::4]) is None
    assert after_irregular(BEATS, bars) == BEATS[42]
    found = marks_of(replace(TRUTH, downbeats=bars), PERFECT)
    assert 0.2 < found["downbeat F"] < 0.4 and found["F after odd bar"] == 0
    assert marks_of(replace(TRUTH, downbeats=bars), replace(PERFECT, downbeats=bars))["F after odd bar"] == 1
    assert np.isnan(marks_of(replace(TRUTH, downbeats=bars, exact=False), PERFECT)["F after odd bar"])
    stops = BEATS + np.where(np.arange(len(BEATS)) > 60, 1.3, 0.0)  # a fermata
    assert after_irregular(stops, stops[::4]) == stops[64]


def test_a_song_of_one_section_and_without_drops() -> None:
    one = replace(TRUTH, sections=np.zeros(1), drops=np.zeros(0))
    assert marks_of(one, PERFECT)["section F 3"] == 0 and marks_of(one, PERFECT)["drop F"] == 0
    right = replace(PERFECT, sections=np.zeros(1), drops=np.zeros(0))
    assert marks_of(one, right)["section F 3"] == 1 and marks_of(one, right)["drop F"] == 1


def test_paired_differences_and_what_is_worse() -> None:
    old = [{"F": v, "false kick": w} for v, w in [(0.5, 10.0), (0.7, 20.0), (0.9, 30.0), (float("nan"), 1.0)]]
    new = [{"F": m["F"] - d, "false kick": m["false kick"] + 5} for m, d in zip(old, (0.1, 0.2, 0.3, 0), strict=True)]
    found = tables.difference(old, new, "F")
    assert found is not None and found.n == 3 and found.worse
    assert found.change == pytest.approx(-0.2) and found.error == pytest.approx(0.1 / np.sqrt(3))
    back = tables.difference(new, old, "F")
    assert back is not None and not back.worse
    rising, falling = tables.difference(old, new, "false kick"), tables.difference(new, old, "false kick")
    assert rising is not None and rising.worse and falling is not None and not falling.worse
    same = tables.difference([{"F": 0.5}], [{"F": 0.5}], "F")
    assert same is not None and same.change == 0 and np.isnan(same.error) and not same.worse


def write(folder: Path, name: str, told: dict[str, object]) -> None:
    (folder / f"{name}.json").write_text(json.dumps(told))
    sound = 0.1 * np.random.default_rng(1).standard_normal(8 * 8000)
    soundfile.write(folder / f"{name}.flac", sound, 8000)


TOLD: dict[str, object] = {
    "style": "68b", "bpm": 120.0, "meter": 2, "swing": 0.5, "drift": False, "sections": [0.2, 4.0],
    "beats": [0.5 * k for k in range(16)], "downbeats": [1.0 * k for k in range(8)],
    "kick": [0.5, 0.51, 0.6, 0.7, 0.8, 1.0], "snare": [0.2, 0.4, 0.6, 0.8, 1.0], "hat": [6.6, 6.7, 6.8, 6.9, 7.0],
    "duration": 8.0,
}  # fmt: skip


def test_songs_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "b", TOLD)
    write(tmp_path, "a", {**TOLD, "style": "none-disco", "kick": [], "snare": [], "hat": [], "division": 2})
    write(tmp_path, "d", {**TOLD, "style": "samba", "hat": [0.5]})
    write(tmp_path, "c", {**TOLD, "style": "groove-jazz", "sections": [{"start": 0, "end": 8, "label": "A"}]})
    (tmp_path / "settings.json").write_text("{}")
    a, b, c, d = truths("generated", tmp_path)
    assert (a.name, b.name, c.name) == ("a", "b", "c")
    assert b.compound and not a.compound and not c.compound
    assert b.drums["kick"].tolist() == [0.5, 0.6, 0.7, 0.8, 1.0]
    assert b.sections is not None and b.sections.tolist() == [0.0, 4.0]
    assert len(b.undrummed) == 1 and b.undrummed[0] == pytest.approx((1.15, 6.45))
    assert a.undrummed == ((0.15, 7.85),) and c.undrummed == d.undrummed == ()


def test_sets_are_told_apart_by_what_is_told() -> None:
    assert listen_set({"committee": [], "use": True}) == "real" and listen_set({"committee": [], "use": False}) == ""
    assert listen_set({"style": "waltz"}) == "synth" and listen_set({"signature": []}) == "msx"


def test_truth_of_single_cases(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.flac", np.zeros(8000), 8000)
    found = read_truth(tmp_path / "x.flac", {"beats": [0.0, 0.6, 1.2], "downs": [0.0, 1.2], "alt": "eighths"})
    assert found.downbeats is not None and len(found.downbeats) == 2
    assert found.others[0] == pytest.approx(np.arange(7) * 0.2)


def test_rows_of_peers_become_estimates() -> None:
    found = peers.from_rows([[0.0, 1.0], [0.5, 2.0], [1.0, 1.0]])
    assert found == {"tempo": 120.0, "beats": [0.0, 0.5, 1.0], "downbeats": [0.0, 1.0]}


def test_it_hears_songs_once_and_writes_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    songs = tmp_path / "songs"
    songs.mkdir()
    write(songs, "noise", TOLD)
    monkeypatch.setenv("AVWALK_HEARING_SHARED", str(tmp_path / "none"))
    asked = ["--sets", "synth,generated", "--generated", str(songs), "--cache", str(tmp_path / "cache")]
    assert hearing.main([*asked, "--json", str(tmp_path / "out.json")]) == 0
    said = capsys.readouterr().out
    assert hearing.RULE in said and "synth: not here" in said and "1 of 1 songs" in said and "false kick" in said
    told = json.loads((tmp_path / "out.json").read_text())
    assert told["sets"]["generated"]["n"] == 1 and "F" in told["sets"]["generated"]["songs"]["noise"]["avwalk"]
    assert hearing.main(asked) == 0
    assert "1 of 1 songs" not in capsys.readouterr().out


def test_an_unknown_set_is_refused() -> None:
    with pytest.raises(SystemExit):
        hearing.main(["--sets", "sinth"])


def test_a_peer_that_fails_has_found_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "a", TOLD)

    def broken(sound: Path) -> dict[str, object]:
        raise ValueError("no")

    (found,) = estimates.heard_by_peer("peer 1", broken, [tmp_path / "a.flac"], tmp_path / "cache")
    assert len(found.beats) == 0 and found.downbeats is None
    assert "peer 1: a: ValueError: no" in capsys.readouterr().out and not list((tmp_path / "cache").iterdir())


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_a_version_is_named_by_the_content_of_the_package() -> None:
    head = estimates.committed("HEAD")
    assert len(head.content) == 40 and head.commit
    with estimates.checkout(head) as root:
        assert (root / "avwalk" / "pipeline.py").exists() and root != ROOT
    assert not root.exists()
    with estimates.checkout(estimates.working_tree()) as root:
        assert root == ROOT
    with pytest.raises(SystemExit, match="no-such-rev"):
        estimates.committed("no-such-rev")
