"""Songs of known form, heard as a whole."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from avwalk.contracts import Analysis
from avwalk.features.tonal import key_name
from tests.benchmarks.form import Truth, generated, hear, named
from tests.forms import tuning

FORMS = {form.name: form for form in tuning()}


@cache
def heard(name: str) -> tuple[Truth, Analysis]:
    (truth,) = generated([FORMS[name]])
    return truth, hear(truth)


@pytest.mark.parametrize("name", ["pop-1", "plain-2", "edm-4", "ballad-7"])
def test_sections_begin_where_they_do_and_repeats_share_a_label(name: str) -> None:
    truth, found = heard(name)
    starts = [s.start for s in found.score.sections]
    assert starts[0] == 0.0
    assert starts == pytest.approx([a for a, _, _ in truth.sections], abs=0.3)
    pairs = {(label, s.label) for (_, _, label), s in zip(truth.sections, found.score.sections, strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_one_riff_is_one_section() -> None:
    assert len(heard("riff-12")[1].score.sections) == 1


@pytest.mark.parametrize("name", ["pop-0", "edm-4", "edm-5", "break-6", "jungle-10"])
def test_drops_are_where_the_band_returns(name: str) -> None:
    truth, found = heard(name)
    assert found.score.drops == pytest.approx(truth.drops, abs=0.25)
    assert set(found.score.drops) <= {s.start for s in found.score.sections}


@pytest.mark.parametrize("name", ["plain-2", "ballad-7", "rock-8", "riff-12", "ambient-13"])
def test_songs_without_a_drop_have_none(name: str) -> None:
    score = heard(name)[1].score
    assert len(score.drops) == 0 and not score.builds


@pytest.mark.parametrize("name", ["edm-4", "edm-5"])
def test_build_ups_end_in_their_drop(name: str) -> None:
    truth, found = heard(name)
    starts, ends = np.array(found.score.builds).T
    assert ends == pytest.approx(np.array(truth.builds)[:, 1], abs=0.3)
    assert starts == pytest.approx(np.array(truth.builds)[:, 0], abs=240 / FORMS[name].bpm + 0.05)  # within a bar
    assert [b for _, b in found.score.builds] == list(found.score.drops)


@pytest.mark.parametrize("name", ["pop-0", "pop-1", "break-6", "rock-8", "riff-12"])
def test_relative_keys_are_told_apart(name: str) -> None:
    truth, found = heard(name)
    most = np.bincount(found.signals["key"].astype(int) + 1).argmax() - 1  # a part may have its own
    assert key_name(int(most)) == key_name(truth.key)


def test_beats_end_with_the_sound() -> None:
    truth, _ = heard("ballad-7")
    quiet = replace(truth, sound=np.pad(truth.sound, (0, 5 * truth.rate)))
    last = truth.sections[-1][1]
    score = hear(quiet).score
    assert score.beats[-1] < last and score.sections[-1].end == pytest.approx(last + 5)


def test_repeats_are_near_in_the_recurrence() -> None:
    truth, found = heard("pop-1")
    times, places = found.recurrence_times, found.recurrence
    assert len(places) == len(times) and places.shape[1] == 8
    means = {}
    for k, (a, b, label) in enumerate(truth.sections):
        means[k, label] = places[(times > a + 1) & (times < b - 1)].mean(axis=0)
    same: list[float] = []
    other: list[float] = []
    for (i, p), x in means.items():
        for (j, q), y in means.items():
            if i < j:
                (same if p == q else other).append(float(np.linalg.norm(x - y)))
    assert np.mean(same) < 0.5 * np.mean(other)


def test_sections_leave_no_gap() -> None:
    for name in ("edm-3", "ambient-13"):
        found = heard(name)[1]
        sections = found.score.sections
        assert sections[0].start == 0.0 and sections[-1].end == found.duration
        assert all(a.end == b.start and a.end > a.start for a, b in pairwise(sections))


@pytest.mark.parametrize("name", ["loop-15", "loop-16", "again-19", "hiphop-22"])
def test_a_break_of_a_bar_or_two_begins_a_section(name: str) -> None:
    truth, found = heard(name)
    assert [s.start for s in found.score.sections] == pytest.approx([a for a, _, _ in truth.sections], abs=0.5)


def test_a_rest_in_every_fourth_bar_is_the_rhythm() -> None:
    assert len(heard("stutter-32")[1].score.sections) == 1


@pytest.mark.parametrize("name", ["pop-1", "edm-4", "ballad-7"])
def test_sections_have_the_names_that_people_use(name: str) -> None:
    truth, found = heard(name)
    right, given, could = named(truth, found.score.sections)
    assert right == given >= could - 1
