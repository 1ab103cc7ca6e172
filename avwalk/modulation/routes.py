"""Routes, the lines of the modulation matrix (signal → parameter): one model with a short and a long spelling.

    "kick -> camera.zoom +6% r180"       a kick adds 6 % to the zoom, gone (to 10 %) after 180 ms
    "low ~> walk.speed +0.8"             integrates: the bass pushes the walk onward, it does not shake it
    "build -> cppn.warp -15% smoothstep" shaped by a curve
    "snare -> spawn.shard 3 r2b"         each snare makes three shards, which are there for two beats

Amounts are in the target's unit, or per cent of the parameter's value (of its range where the value is 0). The
words after the amount, in any order:

    a20 a0.5b     attack in ms or beats          t0.3    threshold: only what is above 0.3, from 0 there
    r180 r0.5b    release in ms or beats         g0.3    gate: 1 from 0.3 up, else 0
    s3:0.5        spring: 3 Hz, damping 0.5      p0.5    probability of each event
    d-40 d1b      delay in ms or beats           q0.5b   events wait for, levels are held from, each half beat; q1bar
    w4b w2000     window of a time signal        m4      modulus of a label
    linear exp log smoothstep square sqrt steps:4        curve
    * max =       multiply; the stronger wins; replace   (else the amount is added)

The long form is a table with the same things by name: ``{signal = "kick", target = "camera.zoom", amount = "+6%",
release = 180}``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from avwalk.config.matter import MAX_COUNT, SPAWN, SPAWNS
from avwalk.config.preset import targets
from avwalk.config.problems import problem
from avwalk.errors import PresetError, did_you_mean
from avwalk.modulation.sources import kind_of, unknown_signal

CURVES = ("linear", "exp", "log", "smoothstep", "square", "sqrt")
COMBINE = {"multiply": "*", "max": "max", "replace": "="}
CROWD = 3
"""With more routes than this on one impulse, the hit is no longer perceived as one."""

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_LINE = re.compile(r"\s*(?P<signal>\S.*?)\s*(?P<arrow>->|~>)\s*(?P<target>\S+)\s+(?P<amount>\S+)(?P<words>.*)")
_WORD = re.compile(r"(?P<letter>[a-z])(?P<value>[+-]?[\d.].*)")
_LETTERS = {
    "a": "attack",
    "r": "release",
    "s": "spring",
    "t": "threshold",
    "g": "gate",
    "p": "probability",
    "q": "quantise",
    "d": "delay",
    "w": "window",
    "m": "modulus",
}


@dataclass(frozen=True)
class Amount:
    """How much: in the target's unit, or per cent of the parameter."""

    value: float
    percent: bool = False

    def __str__(self) -> str:
        sign = "" if self.value < 0 or _number(self.value).startswith("-") else "+"
        return f"{sign}{_number(self.value)}{'%' if self.percent else ''}"


@dataclass(frozen=True)
class Span:
    """A time: ms, or beats at the song's median tempo."""

    value: float
    unit: Literal["ms", "b"] = "ms"

    def __str__(self) -> str:
        return f"{_number(self.value)}{'b' if self.unit == 'b' else ''}"

    def seconds(self, beat_seconds: float) -> float:
        """In seconds."""
        return self.value * beat_seconds if self.unit == "b" else self.value / 1000


@dataclass(frozen=True)
class Spring:
    """Frequency in Hz (undamped), damping ζ in (0, 1)."""

    frequency: float
    damping: float

    def __str__(self) -> str:
        return f"{_number(self.frequency)}:{_number(self.damping)}"


@dataclass(frozen=True)
class Cycle:
    """A grid: so many beats or bars."""

    n: float
    unit: Literal["beat", "bar"]

    def __str__(self) -> str:
        return f"{_number(self.n)}{'b' if self.unit == 'beat' else 'bar'}"


def _number(value: float) -> str:
    return repr(float(value)).removesuffix(".0")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _amount(value: Any) -> Any:
    match = re.fullmatch(rf"({_NUMBER})(%?)", value) if isinstance(value, str) else None
    if isinstance(value, Amount):
        return value
    if not (match or _is_number(value)):
        raise ValueError(f"amount '{value}' is not a number; write it as +0.8 or -15%")
    amount = Amount(float(match[1]), match[2] == "%") if match else Amount(float(value))
    if not abs(amount.value) <= 1e6:
        raise ValueError(f"amount '{value}' is out of range; it must be −10⁶ to 10⁶")
    return amount


def _span(value: Any) -> Any:
    match = re.fullmatch(rf"({_NUMBER})(ms|s|b|beats?)?", value) if isinstance(value, str) else None
    if isinstance(value, Span) or value is None:
        return value
    if not (match or _is_number(value)):
        raise ValueError(f"'{value}' is not a time; write 180 or 180ms, 2s, or 0.5b for half a beat")
    if not match:
        span = Span(float(value))
    elif match[2] and match[2].startswith("b"):
        span = Span(float(match[1]), "b")
    else:
        span = Span(float(match[1]) * (1000 if match[2] == "s" else 1))
    if not abs(span.value) <= (256 if span.unit == "b" else 60_000):
        raise ValueError(f"{value} is too long; at most 60 s (60000) or 256 beats")
    return span


def _length(value: Any) -> Any:
    span = _span(value)
    if isinstance(span, Span) and span.value < 0:
        raise ValueError(f"{value} is below 0; only a delay may be")
    return span


def _spring(value: Any) -> Any:
    if isinstance(value, Spring) or value is None:
        return value
    if isinstance(value, Mapping) and set(value) == {"frequency", "damping"}:
        value = f"{value['frequency']}:{value['damping']}"
    match = re.fullmatch(rf"({_NUMBER}):({_NUMBER})", value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f"spring '{value}' is not understood; write frequency in Hz and damping as 3:0.5")
    spring = Spring(float(match[1]), float(match[2]))
    if not (0.05 <= spring.frequency <= 20 and 0.05 <= spring.damping <= 0.95):
        raise ValueError(f"spring {value} is out of range; 0.05 to 20 Hz, damping 0.05 to 0.95")
    return spring


def _cycle(value: Any) -> Any:
    if isinstance(value, Cycle) or value is None:
        return value
    match = re.fullmatch(rf"({_NUMBER})?(b|beats?|bars?)", value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f"grid '{value}' is not understood; write 1b for a beat, 0.5b, or 1bar")
    cycle = Cycle(float(match[1] or 1), "bar" if match[2].startswith("bar") else "beat")
    if not 0.0625 <= cycle.n <= 64:
        raise ValueError(f"grid {value} is out of range; 0.0625 to 64 beats or bars")
    return cycle


class Route(BaseModel):
    """A route. Fields are the keys of the long form; ``str()`` gives the short form."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    signal: str = Field(description="what is heard")
    target: str = Field(description="the parameter it moves")
    amount: Annotated[Amount, BeforeValidator(_amount)] = Field(description="at signal 1; +0.8, or '+6%'")
    integrate: bool = Field(False, description="~>: pushes that are never taken back")
    attack: Annotated[Span | None, BeforeValidator(_length)] = Field(None, description="time to 90 %, rising")
    release: Annotated[Span | None, BeforeValidator(_length)] = Field(
        None, description="time to 90 %, falling; impulses have min(200 ms, 0.4 beat) without it"
    )
    spring: Annotated[Spring | None, BeforeValidator(_spring)] = Field(None, description="Hz:damping, '3:0.5'")
    threshold: float = Field(0.0, ge=0, lt=1, description="what is below counts as 0")
    gate: float | None = Field(None, gt=0, le=1, description="what is below counts as 0, the rest as 1")
    probability: float = Field(1.0, ge=0, le=1, description="share of the events that count")
    quantise: Annotated[Cycle | None, BeforeValidator(_cycle)] = Field(None, description="'0.5b', '1b', '1bar'")
    delay: Annotated[Span | None, BeforeValidator(_span)] = Field(None, description="later; negative: earlier")
    window: Annotated[Span | None, BeforeValidator(_length)] = Field(None, description="of a time signal")
    modulus: int | None = Field(None, ge=2, le=1000, description="of a label")
    curve: str = Field("linear", description=f"{', '.join(CURVES)}, steps:n")
    combine: Literal["add", "multiply", "max", "replace"] = Field("add", description="with what earlier routes gave")

    @field_validator("curve")
    @classmethod
    def _check_curve(cls, value: str) -> str:
        steps = re.fullmatch(r"steps:(\d{1,4})", value)
        if value not in CURVES and not (steps and 2 <= int(steps[1]) <= 256):
            hint = did_you_mean(value, CURVES) or f"; there are {', '.join(CURVES)} and steps:2 to steps:256"
            raise ValueError(f"unknown curve '{value}'{hint}")
        return value

    def __str__(self) -> str:
        words = [self.signal, "~>" if self.integrate else "->", self.target, str(self.amount)]
        for letter, name in _LETTERS.items():
            value = getattr(self, name)
            if value != type(self).model_fields[name].default:
                words.append(f"{letter}{_number(value) if isinstance(value, float) else value}")
        if self.curve != "linear":
            words.append(self.curve)
        if self.combine != "add":
            words.append(COMBINE[self.combine])
        return " ".join(words)

    def table(self) -> dict[str, Any]:
        """The long form: plain values, defaults left out."""
        out: dict[str, Any] = {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if field.is_required() or value != field.default:
                out[name] = value if isinstance(value, str | float | int) else _plain(value)
        return out


def _plain(value: Amount | Span | Spring | Cycle) -> str | float:
    number = (isinstance(value, Amount) and not value.percent) or (isinstance(value, Span) and value.unit == "ms")
    return value.value if number else str(value)  # type: ignore[union-attr]


def parse_route(entry: Any, kinds: Mapping[str, str]) -> Route:
    """Reads a route, short or long.

    Args:
        entry: such as ``"kick -> camera.zoom +6% r180"``, or a table of the fields of `Route`.
        kinds: name of each signal of a song → its kind.

    Raises:
        PresetError: not of this form, an unknown signal, target or word, a value out of range, or two that
            contradict each other; all of it in one line.
    """
    table, problems = ({}, []) if isinstance(entry, Mapping) else _split(entry)
    if isinstance(entry, Mapping):
        table = dict(entry)
    route = None
    try:
        route = Route.model_validate(table)
    except ValidationError as error:
        problems += [_problem(e) for e in error.errors()]
    signal, target = table.get("signal"), table.get("target")
    kind = kind_of(signal, kinds) if isinstance(signal, str) else None
    if isinstance(signal, str) and kind is None:
        problems.append(unknown_signal(signal, kinds))
    if isinstance(target, str) and target not in (*targets(), *SPAWNS):
        problems.append(f"unknown target '{target}'{did_you_mean(target, (*targets(), *SPAWNS))}")
    if route is not None and kind is not None:
        problems += _contradictions(route, kind)
    if problems or route is None:
        shown = entry if isinstance(entry, str) else " -> ".join(str(x) for x in (signal, target) if x is not None)
        raise PresetError(f"route '{shown}': {', '.join(problems)}")
    return route


def _split(entry: Any) -> tuple[dict[str, Any], list[str]]:
    """The short form as a table, and the words that cannot be parsed."""
    match = _LINE.fullmatch(entry) if isinstance(entry, str) else None
    if not match:
        raise PresetError(
            f"route '{entry}': write it as 'signal -> target +amount', such as 'kick -> camera.zoom +6% r180'"
        )
    table: dict[str, Any] = {name: match[name] for name in ("signal", "target", "amount")}
    if match["arrow"] == "~>":
        table["integrate"] = True
    problems = []
    symbols = {symbol: name for name, symbol in COMBINE.items()}
    for word in match["words"].split():
        letter = _WORD.fullmatch(word)
        if word in symbols:
            key, value = "combine", symbols[word]
        elif word in CURVES or word.startswith("steps"):
            key, value = "curve", word
        elif letter and letter["letter"] in _LETTERS:
            key, value = _LETTERS[letter["letter"]], letter["value"]
        else:
            hint = did_you_mean(word, CURVES) if word.isalpha() else ""
            problems.append(
                f"'{word}' is not understood{hint}; r180 is a release of 180 ms, r0.5b of half a beat, "
                f"{', '.join(f'{a} {name}' for a, name in _LETTERS.items() if a != 'r')}; "
                f"curves: {', '.join(CURVES)}, steps:4; * max = combine"
            )
            continue
        if key in table:
            problems.append(f"'{word}': {key} is given twice")
        table[key] = value
    return table, problems


def _problem(error: ErrorDetails) -> str:
    key = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        return f"unknown key '{key}'{did_you_mean(key, Route.model_fields)}"
    if error["type"] == "missing":
        return f"{key} is missing"
    if error["type"] == "value_error":
        said = error["msg"].removeprefix("Value error, ")
        return said if key in said or key == "quantise" else f"{key} {said}"
    return problem(error, key, f"{key} =")


def _contradictions(route: Route, kind: str) -> list[str]:
    found = []
    if route.spring and (route.attack or route.release):
        found.append("a spring has its own rise and fall: leave out attack and release, or the spring")
    if route.threshold and route.gate is not None:
        found.append("threshold and gate exclude each other: leave one out")
    if route.integrate and route.combine != "add":
        found.append(f"~> adds up, '{COMBINE[route.combine]}' does not: write ->, or leave it out")
    if route.probability < 1 and kind != "impulse" and route.quantise is None:
        found.append(f"'{route.signal}' has no events to choose from: add a grid such as q1b, or leave out probability")
    if route.window is not None and kind != "time":
        found.append(f"'{route.signal}' is not a time: leave out window")
    if route.window is not None and route.window.value == 0:
        found.append("window 0 holds nothing: write w2000 for 2 s")
    if route.modulus is not None and kind != "label":
        found.append(f"'{route.signal}' is not a label: leave out modulus")
    return found + (_spawn_contradictions(route, kind) if route.target.startswith(SPAWN) else [])


def _spawn_contradictions(route: Route, kind: str) -> list[str]:
    found = []
    if kind != "impulse":
        found.append(f"'{route.signal}' has no hits to make something at: use kick, snare, hat, onset, beat, bar")
    if route.amount.percent or not 1 <= route.amount.value <= MAX_COUNT:
        found.append(f"{str(route.amount).removeprefix('+')} is no number of pieces: write 1 to {MAX_COUNT}")
    if route.integrate or route.combine != "add" or route.spring or route.attack:
        found.append("matter is born at once: leave out ~>, a way to combine, a spring, an attack; r2b is its life")
    return found


def crowded(routes: Iterable[Route], kinds: Mapping[str, str]) -> list[str]:
    """A warning for each impulse that drives more than `CROWD` routes: such a hit is no longer perceived as one."""
    counts = Counter(
        route.signal
        for route in routes
        if kind_of(route.signal, kinds) == "impulse" and not route.target.startswith(SPAWN)
    )
    return [
        f"{n} routes hang on '{signal}'; a hit is clear when at most {CROWD} things react to it"
        for signal, n in counts.items()
        if n > CROWD
    ]
