"""Equal labels, equal frames: whatever is changed in a plan, and whatever an artist edits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from avwalk.contracts import Birth, Caption, Frames
from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan, alive
from avwalk.rendering.segment_label import SegmentLabels
from avwalk.request.resolve import resolve
from avwalk.runners.segments import Segment, partition
from tests.conftest import clicks

SECONDS, FPS = 40, 6
SMALL: dict[str, Any] = {"fps": FPS, "size": "32x18", "generator": "cppn"}
TRAILS = ('effects=["bloom", "trails", "vignette"]', "trails.seconds=0.8")
LOOKS: tuple[dict[str, Any], ...] = (
    {"preset": "lsd"},
    {"preset": "sumi", "set": TRAILS},
    {"preset": "idol", "set": ('structure.transition="melt"', "structure.transition_bars=1")},
    {"preset": "lsd", "generator": "testcard", "set": TRAILS},
)
KINDS: Mapping[str, tuple[str, ...]] = {
    "camera.zoom": ("1.3", "0.8"),
    "light.gain": ("1.2",),
    "camera.dive": ("2",),
    "trails.amount": ("0.2",),
    "walk.speed": ("2",),
    "palette": ("abyss", "ember"),
    "seed": ("9", "11"),
    "text": ("Hello", "A much longer line than that"),
    "preset": ("papercut",),
}
LOCAL = tuple(kind for kind in KINDS if kind not in ("camera.dive", "walk.speed"))
"""Edits that nothing follows from: what is integrated goes on from where it was pushed to."""


@pytest.fixture(scope="session")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four segments, three sections."""
    path = tmp_path_factory.mktemp("labels") / "song.wav"
    sound = clicks(SECONDS, rate=8000)
    sound[13 * 8000 : 27 * 8000] *= 0.1
    soundfile.write(path, sound, 8000)
    return path


PLAIN: dict[str, Plan] = {}
"""Plans without cues, of each look: made once."""


def planned(song: Path, rows: list[str], folder: Path, **look: Any) -> Plan:
    if not rows and (known := PLAIN.get(repr(look))):
        return known
    plan = _planned(song, rows, folder, **look)
    if not rows:
        PLAIN[repr(look)] = plan
    return plan


def _planned(song: Path, rows: list[str], folder: Path, **look: Any) -> Plan:
    cues = folder / "cues.csv"
    cues.write_text("\n".join(["at,until,what,value,ease,note", *rows, ""]))
    return plan_of(resolve(song, {**SMALL, "cues": str(cues), **look}))[0]


def labelled(plan: Plan) -> dict[Segment, str]:
    labels = SegmentLabels(plan)
    return {each: labels.label(each) for each in partition(plan.i0, plan.i1, plan.film.segment_frames)}


def assert_equal_where_labels_are(a: Plan, b: Plan) -> int:
    """How many labels are equal."""
    sources, labels, found = (source_of(a), source_of(b)), labelled(b), 0
    for segment, label in labelled(a).items():
        if labels[segment] == label:
            found += 1
            first, second = (_drawn(source, segment) for source in sources)
            assert np.array_equal(first, second), segment
    return found


def _drawn(source: Any, segment: Segment) -> Frames:
    """Some at a time, as a worker asks for them."""
    return np.concatenate([source.frames(a, min(segment.i1, a + 8)) for a in range(segment.i0, segment.i1, 8)])


@st.composite
def rows(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(KINDS)) -> str:
    kind = draw(st.sampled_from(kinds))
    at = draw(st.integers(0, 10 * (SECONDS - 2))) / 10
    until = draw(st.integers(round(10 * at) + 5, 10 * SECONDS)) / 10
    ease = draw(st.sampled_from(["", "cut", "melt:1"] if kind in ("seed", "palette", "preset") else ["", "cut"]))
    return f"{at},{until},{kind},{draw(st.sampled_from(KINDS[kind]))},{ease},"


@pytest.mark.full
@given(st.sampled_from(LOOKS), st.lists(rows(), max_size=2), st.lists(rows(), max_size=2), st.booleans())
def test_segments_with_equal_labels_have_equal_frames_after_any_edits(
    song: Path, tmp_path_factory: pytest.TempPathFactory, look: Any, before: Any, after: Any, card: bool
) -> None:
    folder = tmp_path_factory.mktemp("edits")
    text = {"text": "card", "title": "A title"} if card else {}
    assert_equal_where_labels_are(planned(song, before, folder, **look), planned(song, after, folder, **look, **text))


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look['preset']} {look.get('generator', '')}")
@pytest.mark.parametrize("kind", LOCAL)
def test_an_edit_reaches_no_further_than_it_acts(kind: str, look: Any, song: Path, tmp_path: Path) -> None:
    """Nor do trails, which are shorter than a second, or a melt of a second."""
    ease = "melt:1" if kind in ("seed", "palette", "preset") else ""
    plain = planned(song, [], tmp_path, **look)
    edited = planned(song, [f"21.5,26,{kind},{KINDS[kind][0]},{ease},"], tmp_path, **look)
    before, after = labelled(plain), labelled(edited)
    assert len(before) == 4
    unseen = kind == "trails.amount" and "trails.seconds=0.8" not in look.get("set", ())
    unseen |= kind == "light.gain" and look.get("generator") == "testcard"  # though its numbers are
    changed = [segment for segment in before if before[segment] != after[segment]]
    assert changed in ([Segment(120, 180)], [] if unseen else [Segment(120, 180)])
    assert assert_equal_where_labels_are(plain, edited) == 4 - len(changed)


def test_a_title_card_is_in_its_own_segment_alone(song: Path, tmp_path: Path) -> None:
    plain = planned(song, [], tmp_path, preset="lsd")
    card = planned(song, [], tmp_path, preset="lsd", text="card", title="A title")
    before, after = labelled(plain), labelled(card)
    assert [segment.i0 for segment in before if before[segment] != after[segment]] == [0]
    assert assert_equal_where_labels_are(plain, card) == 3


def test_what_is_integrated_changes_what_follows_and_nothing_before(song: Path, tmp_path: Path) -> None:
    plain = planned(song, [], tmp_path, preset="lsd", set=('structure.worlds="one"',))
    pushed = planned(song, ["12,14,camera.dive,2,,"], tmp_path, preset="lsd", set=('structure.worlds="one"',))
    before, after = SegmentLabels(plain), SegmentLabels(pushed)
    segments = partition(0, plain.i1, plain.film.segment_frames)
    changed = {s.i0: {n for n, d in before.aspects(s).items() if d != after.aspects(s)[n]} for s in segments}
    assert changed[0] == set()
    assert all("camera" in changed[i] and "walk" not in changed[i] for i in (60, 120, 180))


FILM_CHANGES: Mapping[str, Any] = {
    "seed": 77,
    "pixels_version": -1,
    "device": "cuda",
    "compile": True,
    "versions": {"numpy": "0"},
    "fps": 7,
}


@st.composite
def mutations(draw: st.DrawFn, plan: Plan) -> Plan:
    """A plan with one thing in it changed, however little."""
    i = draw(st.integers(0, plan.n_frames - 1))
    kind = draw(st.sampled_from(["latents", "params", "leads", "shot", "caption", "span", "effects", "camera", "text"]))
    film, look = plan.film, plan.film.look
    values = {**look.preset.values}
    if kind == "latents":
        latents = plan.latents.copy()
        latents[i] += 0.5
        return replace(plan, latents=latents)
    if kind == "params":
        name = draw(st.sampled_from(sorted(plan.params)))
        curve = plan.params[name].copy()
        curve[i] += 0.25
        return replace(plan, params={**plan.params, name: curve})
    if kind == "leads" and (with_lead := [k for k, lead in enumerate(plan.leads) if lead]):
        k = draw(st.sampled_from(with_lead))
        lead = {name: rows.copy() for name, rows in plan.leads[k].items()}
        rows_ = lead[draw(st.sampled_from(sorted(lead)))]
        rows_[draw(st.integers(0, len(rows_) - 1))] += 0.25
        return replace(plan, leads=(*plan.leads[:k], lead, *plan.leads[k + 1 :]))
    if kind == "shot":
        k = draw(st.integers(0, len(plan.shots) - 1))
        palette = draw(st.sampled_from(["abyss", "ember"]))
        shot = plan.shots[k]._replace(palette=palette)
        return replace(plan, shots=(*plan.shots[:k], shot, *plan.shots[k + 1 :]))
    if kind == "caption" and plan.captions:
        k = draw(st.integers(0, len(plan.captions) - 1))
        caption = plan.captions[k]
        caption = caption._replace(i1=caption.i1 + 3, lines=draw(st.sampled_from([caption.lines, ("Other", "words")])))
        return replace(plan, captions=(*plan.captions[:k], caption, *plan.captions[k + 1 :]))
    if kind == "span" and plan.preset_spans:
        k = draw(st.integers(0, len(plan.preset_spans) - 1))
        span = plan.preset_spans[k]._replace(lead=draw(st.integers(0, 5)) if k else 0)
        return replace(plan, preset_spans=(*plan.preset_spans[:k], span, *plan.preset_spans[k + 1 :]))
    if kind == "effects":
        return replace(plan, film=replace(film, look=replace(look, effects={**look.effects, "posterise": {}})))
    if kind == "camera":
        values["camera"] = {**values["camera"], "symmetry": "mirror"}
    else:
        values["text"] = {**values["text"], "size": 9.0}
    preset = replace(look.preset, values=values)
    return replace(plan, film=replace(film, look=replace(look, preset=preset)))


@pytest.fixture(scope="session")
def rich(song: Path, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Melting shots, a pinned preset that melts in, trails, captions that push each other away."""
    cues = ["5,8,preset,papercut,melt:1,", "20,33,text,One,,", "31,36,text,Two,,", "25,27,seed,9,melt:1,"]
    look = {"preset": "sumi", "set": (*TRAILS, 'structure.transition="melt"')}
    return planned(song, cues, tmp_path_factory.mktemp("rich"), **look)


@given(st.data())
def test_what_is_not_in_a_label_has_no_part_in_the_frames(rich: Plan, data: st.DataObject) -> None:
    changed = data.draw(mutations(rich))
    assert_equal_where_labels_are(rich, changed)


@pytest.mark.parametrize("name", FILM_CHANGES)
def test_what_holds_for_the_whole_film_is_in_every_label(name: str, rich: Plan) -> None:
    other = replace(rich, film=replace(rich.film, **{name: FILM_CHANGES[name]}))
    assert not set(labelled(rich).values()) & set(labelled(other).values())


def test_a_caption_that_makes_another_give_way_is_in_its_label(rich: Plan) -> None:
    """The first is gone before the segment begins; the second stands where it does because of it."""
    first, second = Caption(30, 72, "words", ("One",), 0.0), Caption(48, 132, "words", ("Two",), 0.0)
    large = replace(rich, film=replace(rich.film, size=(192, 108)))
    both, one = replace(large, captions=(first, second)), replace(large, captions=(second,))
    seen, alone = (source_of(each).frames(120, 122) for each in (both, one))
    assert not np.array_equal(seen, alone)
    segment = Segment(120, 180)
    assert labelled(both)[segment] != labelled(one)[segment]
    assert labelled(both)[Segment(180, 240)] == labelled(one)[Segment(180, 240)]


def test_how_a_pinned_preset_comes_in_is_in_its_label(rich: Plan) -> None:
    first, pinned, last = rich.preset_spans
    other = replace(rich, preset_spans=(first, pinned._replace(lead=2), last))
    assert pinned.lead == 6
    segment = Segment(0, 60)
    assert not np.array_equal(source_of(rich).frames(24, 30), source_of(other).frames(24, 30))
    assert labelled(rich)[segment] != labelled(other)[segment]
    assert list(labelled(rich).values())[1:] == list(labelled(other).values())[1:]


def test_a_restyled_film_is_one(rich: Plan) -> None:
    """Its key frames are carried along the motion of the source."""
    restyle: Any = type("Restyle", (), {"to_json": lambda self: {}})()
    whole = replace(rich, film=replace(rich.film, look=replace(rich.film.look, restyle=restyle)), preset_spans=())
    latents = whole.latents.copy()
    latents[-1] += 1
    other = replace(whole, latents=latents)
    assert not set(labelled(whole).values()) & set(labelled(other).values())


def test_where_a_shot_began_is_in_the_label_while_its_matter_lives(song: Path, tmp_path: Path) -> None:
    """What was born before a shot began is not in it, so frames after a cut depend on where the cut was."""
    plan = planned(song, [], tmp_path, preset="lsd", set=('matter.wake="none"',))
    segment = partition(plan.i0, plan.i1, plan.film.segment_frames)[1]
    whole = plan.shots[0]._replace(i0=plan.i0, i1=plan.i1)
    births = plan.births.copy()
    births[:, Birth._fields.index("life")] = 5 * FPS  # frames
    other = whole.lineage._replace(seed=whole.lineage.seed + 1)

    def cut(at: int) -> Plan:
        shots = (whole._replace(lineage=other, i1=at), whole._replace(i0=at))
        return replace(plan, shots=shots, leads=({}, {}), births=births)

    late, early = cut(segment.i0 - FPS), cut(segment.i0 - 3 * FPS)
    assert len(alive(late.born(1), *segment)) < len(alive(early.born(1), *segment))
    assert_equal_where_labels_are(late, early)
    assert SegmentLabels(late).label(segment) != SegmentLabels(early).label(segment)
