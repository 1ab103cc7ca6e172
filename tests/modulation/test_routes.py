"""The words of routes: one model, short and long; every problem told at once."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.config.preset import targets
from avwalk.errors import PresetError
from avwalk.features.signals import KINDS
from avwalk.modulation.routes import CURVES, Amount, Cycle, Route, Span, Spring, crowded, parse_route
from avwalk.modulation.sources import kind_of, stem_of

MADE = ["const", "random.beat", "random.4bars", "lfo.4bars.sine", "lfo.0.5beats.saw", "curve:a b.csv", "drums.kick"]


def test_the_examples_of_the_docs() -> None:
    kick = parse_route("kick -> camera.zoom +6% r180", KINDS)
    assert kick == Route(signal="kick", target="camera.zoom", amount=Amount(6, True), release=Span(180))
    low = parse_route("low ~> walk.speed +0.8", KINDS)
    assert low.integrate and low.amount == Amount(0.8)
    build = parse_route("build -> cppn.warp -15% smoothstep", KINDS)
    assert build.amount == Amount(-15, True) and build.curve == "smoothstep"


def test_every_word_of_the_short_form() -> None:
    route = parse_route("kick -> camera.zoom +6% d-40 p0.5 q0.5b t0.3 a20 r0.5b exp *", KINDS)
    assert route.table() == {
        "signal": "kick",
        "target": "camera.zoom",
        "amount": "+6%",
        "delay": -40,
        "probability": 0.5,
        "quantise": "0.5b",
        "threshold": 0.3,
        "attack": 20,
        "release": "0.5b",
        "curve": "exp",
        "combine": "multiply",
    }
    spring = parse_route("snare -> cppn.warp +0.2 s3:0.5 g0.4 q1bar =", KINDS)
    assert (spring.spring, spring.gate, spring.quantise) == (Spring(3, 0.5), 0.4, Cycle(1, "bar"))
    assert spring.combine == "replace"
    assert parse_route("time_to_drop -> camera.zoom +1 w2s", KINDS).window == Span(2000)
    assert parse_route("bar_index -> camera.x +1 m4 steps:4 max", KINDS).modulus == 4


def test_the_long_form_of_a_file() -> None:
    text = """
    [[routes]]
    signal = "kick"
    target = "camera.zoom"
    amount = "+6%"
    release = "0.5b"
    spring_ = 1
    """
    (entry,) = tomllib.loads(text)["routes"]
    with pytest.raises(PresetError, match="unknown key 'spring_' .did you mean 'spring'"):
        parse_route(entry, KINDS)
    del entry["spring_"]
    assert parse_route(entry, KINDS) == parse_route("kick -> camera.zoom +6% r0.5b", KINDS)
    long = {"signal": "kick", "target": "camera.x", "amount": 1, "spring": {"frequency": 3, "damping": 0.5}}
    assert parse_route(long, KINDS).spring == Spring(3, 0.5)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("kik -> camera.zoom +6%", "did you mean 'kick'"),
        ("kick -> camera.zom +6%", "did you mean 'camera.zoom'"),
        ("kick -> camera.zoom lots", "not a number"),
        ("kick -> camera.zoom +6% quickly", "'quickly' is not understood"),
        ("kick -> camera.zoom +6% smoothstp", "did you mean 'smoothstep'"),
        ("kick -> camera.zoom +6% steps:1", "steps:2 to steps:256"),
        ("kick camera.zoom", "write it as"),
        ("kick -> camera.zoom", "write it as"),
        (7, "write it as"),
        ("kick -> camera.zoom +1e99", "out of range"),
        ("kick -> camera.zoom +1 r-5", "below 0"),
        ("kick -> camera.zoom +1 r5x", "not a time"),
        ("kick -> camera.zoom +1 r99s", "too long"),
        ("kick -> camera.zoom +1 r5 r6", "release is given twice"),
        ("kick -> camera.zoom +1 s3", "as 3:0.5"),
        ("kick -> camera.zoom +1 s3:2", "damping 0.05 to 0.95"),
        ("kick -> camera.zoom +1 p2", "probability = '2'"),
        ("kick -> camera.zoom +1 q0.001b", "out of range"),
        ("kick -> camera.zoom +1 q5", "1b for a beat"),
        ("kick -> camera.zoom +1 s3:0.5 r10", "leave out attack and release"),
        ("kick -> camera.zoom +1 t0.5 g0.5", "exclude each other"),
        ("kick ~> walk.speed +1 *", "~> adds up"),
        ("low -> camera.zoom +1 p0.5", "add a grid such as q1b"),
        ("low -> camera.zoom +1 w4b", "'low' is not a time"),
        ("since_beat -> camera.zoom +1 w0", "window 0"),
        ("low -> camera.zoom +1 m4", "'low' is not a label"),
        ("lfo.4bars.sin -> camera.zoom +1", "lfo.4bars.sine"),
        ("lfo.0bars.sine -> camera.zoom +1", "lfo.4bars.sine"),
        ("random.bat -> camera.zoom +1", "random.beat"),
        ("drums.kik -> camera.zoom +1", "unknown signal 'kik' of stem 'drums' .did you mean 'kick'"),
        ("chroma.H -> camera.zoom +1", "did you mean 'chroma"),
        ({"signal": "kick", "target": "camera.zoom"}, "amount is missing"),
        ({"signal": "kick", "target": "camera.zoom", "amount": True}, "not a number"),
        ({"signal": 3, "target": "camera.zoom", "amount": 1}, "signal = 3"),
    ],
)
def test_bad_routes_say_what_to_do(line: object, hint: str) -> None:
    with pytest.raises(PresetError, match=hint) as told:
        parse_route(line, KINDS)
    assert "\n" not in str(told.value)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(PresetError) as told:
        parse_route("kik -> camera.zom lots r-1 nonsense", KINDS)
    for part in ("'kik'", "'camera.zom'", "'lots'", "below 0", "'nonsense'"):
        assert part in str(told.value)


numbers = st.floats(-1e6, 1e6).map(float)
spans = st.builds(Span, st.floats(0, 60_000)) | st.builds(Span, st.floats(0, 256), st.just("b"))


@st.composite
def routes(draw: st.DrawFn) -> Route:
    signal = draw(st.sampled_from([*sorted(KINDS), *MADE]))
    kind = kind_of(signal, KINDS)
    integrate = draw(st.booleans())
    values = {
        "signal": signal,
        "target": draw(st.sampled_from(sorted(targets()))),
        "amount": draw(st.builds(Amount, numbers, st.booleans())),
        "integrate": integrate,
        "curve": draw(st.sampled_from([*CURVES, "steps:5"])),
        "delay": draw(st.none() | st.builds(Span, st.floats(-60_000, 60_000))),
        "quantise": draw(st.none() | st.builds(Cycle, st.floats(0.0625, 64), st.sampled_from(["beat", "bar"]))),
    }
    if draw(st.booleans()):
        values["spring"] = draw(st.builds(Spring, st.floats(0.05, 20), st.floats(0.05, 0.95)))
    else:
        values |= {"attack": draw(st.none() | spans), "release": draw(st.none() | spans)}
    if draw(st.booleans()):
        values["threshold"] = draw(st.floats(0, 0.99))
    else:
        values["gate"] = draw(st.none() | st.floats(0.01, 1))
    if kind == "impulse" or values["quantise"]:
        values["probability"] = draw(st.floats(0, 1))
    if kind == "time":
        values["window"] = draw(st.none() | st.builds(Span, st.floats(1, 60_000)))
    if kind == "label":
        values["modulus"] = draw(st.none() | st.integers(2, 1000))
    if not integrate:
        values["combine"] = draw(st.sampled_from(["add", "multiply", "max", "replace"]))
    return Route(**values)


@given(routes())
def test_short_and_long_form_are_one_model(route: Route) -> None:
    assert parse_route(str(route), KINDS) == route
    assert parse_route(route.table(), KINDS) == route
    assert str(parse_route(str(route), KINDS)) == str(route)


def test_what_is_a_signal() -> None:
    assert kind_of("kick", KINDS) == kind_of("drums.kick", KINDS) == kind_of("kick.kick", KINDS) == "impulse"
    assert kind_of("drums.chroma.C", KINDS) == kind_of("lfo.bars.tri", KINDS) == kind_of("const", KINDS) == "level"
    assert stem_of("drums.phrase_phase.4", KINDS) == "drums"
    assert stem_of("phrase_phase.4", KINDS) is None and stem_of("chroma.C", KINDS) is None
    for name in ("", "curve:", "chroma.kick", "random.kick", "a b.kick", "drums.", "lfo.4.sine", "const.kick"):
        assert kind_of(name, KINDS) is None, name


def test_a_hit_that_moves_too_much_is_told() -> None:
    lines = [f"kick -> {target} +1%" for target in ("camera.zoom", "camera.x", "camera.y", "light.gain")]
    four = [parse_route(line, KINDS) for line in lines]
    assert crowded(four[:3], KINDS) == []
    assert "4 routes hang on 'kick'" in crowded(four, KINDS)[0]
    assert crowded([parse_route("low -> camera.zoom +1%", KINDS)] * 9, KINDS) == []
