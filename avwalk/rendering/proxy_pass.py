"""The proxy pass: sees the whole film as thumbnails before it is drawn, and decides what needs more than a frame.

Exposure: a slow iris for each shot, never faster than a viewer's eye, so that nothing pumps. Flashes: where there
would be more than three in a second the hits are softened. Worlds that are badly composed on the way that they
are walked are replaced. What it decides is stored in the plan, so any frame can still be drawn alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA, to_8bit
from avwalk.arrays.fit import Fit
from avwalk.contracts import EXPOSURE, Batched, Drive, Frames, Lineage, Previewable, Shot
from avwalk.features.smoothing import smooth
from avwalk.frames.compose import draw_shots
from avwalk.frames.generators import GeneratorPool
from avwalk.plan.plan import Plan
from avwalk.score.cues import Cues
from avwalk.video.flashes import LIMIT, FlashMeter
from avwalk.video.sync import HEIGHT, SIGMA, WIDTH, correlate, picture_change

Array = NDArray[np.float64]

METER_SECONDS = 0.25  # between metered frames
IRIS_MS = 5000.0  # full width at half maximum of the iris
VIEWS = 10  # of each world, to judge it on its way
MAX_WORLDS, MAX_FAULT = 3, 0.06
MAX_CALMINGS = 6
CALM_SHARE = 0.5  # of each calming: how far a parameter goes to its own smooth course
CALM_MS = 700.0  # full width at half maximum of that course
CALMED = (
    "light.gain",
    "bloom.amount",
    "camera.zoom",
    "camera.x",
    "camera.y",
    "cppn.warp",
    "cppn.height",
    "cppn.detail",
    "palette.shift",
)
THUMBNAILS = 48  # kept of a film
SPARSE = 12  # of a generator for which each costs a whole picture
BLOCK = 64  # frames looked at together
IRIS_STOPS = 1.25  # how far it opens and closes from the shot's middle, log2


def proxy_pass(plan: Plan, generators: GeneratorPool, *, allow_flashes: bool = False) -> Plan:
    """The plan with what only the whole film can tell; as it is where the generator cannot be scouted.

    Args:
        plan: of the whole song.
        generators: its generators.
        allow_flashes: count them, but leave them as they are.

    Returns:
        The plan with the curves of `EXPOSURE`, its hits softened where they must, its `Decisions`, the facts
        ``calmed_s`` (seconds softened) and ``predicted_r`` (correlation of the picture with the hits), and its
        thumbnails.
    """
    if not isinstance(generators.of_shot(plan.shots[0]), Previewable):
        return _sparsely(plan, generators)
    plan, replaced = _recast(plan, generators)
    plan = _exposed(plan, generators)
    seen = measure_proxy(plan, generators, plan.i0, plan.i1)
    calmed = np.zeros(plan.n_frames, bool)
    for _ in range(0 if allow_flashes else MAX_CALMINGS):
        if not (spans := flashing(seen.flashes, plan.fps)):
            break
        for a, b in spans:
            calmed[a:b] = True
            plan = _calmed(plan, seen, a, b)
            part = measure_proxy(plan, generators, plan.i0 + max(0, a - round(plan.fps)), plan.i0 + b)
            for whole, new in zip(seen, part, strict=True):
                whole[a:b] = new[len(new) - (b - a) :]
    facts = {
        "calmed_s": round(float(calmed.sum() / plan.fps), 2),
        "predicted_r": _predicted(seen, plan),
        "worlds_replaced": replaced,
    }
    at, pictures = storyboard(plan, generators)
    decisions = replace(
        plan.decisions, flashes=float(seen.flashes.max()), poster=int(at[_most_telling(pictures, plan, at)])
    )
    shown = to_8bit(pictures)
    return replace(plan, facts={**plan.facts, **facts}, decisions=decisions, thumbnails=shown)


def plan_notes(plan: Plan) -> list[str]:
    """What the user should know of what the scout saw, a line each."""
    most, calmed = plan.decisions.flashes or 0.0, plan.facts.get("calmed_s", 0.0)
    notes = []
    if calmed:
        notes.append(f"{calmed:g} s would flash too fast: their hits are softened; --allow-flashes leaves them")
    return [*notes, *danger(most)]


def danger(flashes: float) -> list[str]:
    """What to say of a film with so many flashes in a second."""
    if flashes <= LIMIT:
        return []
    return [f"up to {flashes:g} flashes in a second, more than {LIMIT} may harm: warn your viewers"]


class ProxyMeasures(NamedTuple):
    """A film in the small: flashes in the second that ends with each frame, mean relative luminance, change of the
    picture from frame to frame; each (n_frames,) float64.
    """

    flashes: Array
    light: Array
    change: Array


def measure_proxy(plan: Plan, generators: GeneratorPool, i0: int, i1: int) -> ProxyMeasures:
    """Draws frames [i0, i1) in the small; nothing but three numbers is kept of each.

    In this thread alone: pictures so small are many short calls, and threads that hand them to each other cost half as
    much again and are no sooner done.
    """
    meter, light = FlashMeter(plan.fps), []

    def lumas() -> Iterator[NDArray[np.float32]]:
        for a in range(i0, i1, BLOCK):
            frames = _thumbnails(plan, generators, a, min(i1, a + BLOCK))
            light.extend(meter.push(frames).mean(axis=(1, 2), dtype=np.float64))
            yield from frames @ LUMA

    height, width = _thumbnails(plan, generators, i0, i0 + 1).shape[1:3]
    change, _ = picture_change(lumas(), SIGMA * math.sqrt(width * height / (WIDTH * HEIGHT)))
    return ProxyMeasures(meter.per_second(), np.array(light), change)


def _sparsely(plan: Plan, generators: GeneratorPool) -> Plan:
    """The plan with a few small pictures, and the poster frame, of a generator for which each costs a whole one."""
    generator = generators.of_shot(plan.shots[0])
    n = min(SPARSE, plan.n_frames)
    at = plan.i0 + ((np.arange(n) + 0.5) * plan.n_frames / n).astype(np.int64)
    wide = max(1, round(60 * np.sqrt(plan.size[0] / plan.size[1] * 9 / 16)))
    size = (wide, max(1, round(wide * plan.size[1] / plan.size[0])))
    fit = Fit(size)
    pictures = np.concatenate([fit.apply(generator.draw(plan.drive(i, i + 1))) for i in at.tolist()])
    decisions = replace(
        plan.decisions,
        poster=int(at[_most_telling(pictures, plan, at)]),
        batch=generator.set_batch() if isinstance(generator, Batched) else None,
    )
    return replace(plan, decisions=decisions, thumbnails=to_8bit(pictures))


def storyboard(plan: Plan, generators: GeneratorPool) -> tuple[NDArray[np.int64], Frames]:
    """Frames of the whole film, evenly spread, and their pictures in the small."""
    n = min(THUMBNAILS, plan.n_frames)
    at = plan.i0 + ((np.arange(n) + 0.5) * plan.n_frames / n).astype(np.int64)
    return at, np.concatenate([_thumbnails(plan, generators, i, i + 1) for i in at.tolist()])


def _most_telling(pictures: Frames, plan: Plan, at: NDArray[np.int64]) -> int:
    """The picture with the most contrast and colour that is well composed; what is between two worlds is none."""
    luma = pictures @ LUMA
    colour = np.abs(pictures - luma[..., None]).mean(axis=(1, 2, 3))
    worth = luma.std(axis=(1, 2)) + colour
    for shot in plan.shots:
        if shot.lead:
            worth[(at >= shot.i0 - shot.lead) & (at < shot.i0)] = -1.0
    worth -= 2 * ((luma > 0.93).mean(axis=(1, 2)) + np.maximum((luma < 0.08).mean(axis=(1, 2)) - 0.5, 0))
    return int(np.argmax(worth))


def _thumbnails(plan: Plan, generators: GeneratorPool, i0: int, i1: int) -> Frames:
    def draw(shot: Shot, drive: Drive) -> Frames:
        generator = generators.of_shot(shot)
        assert isinstance(generator, Previewable)
        return generator.thumbnails(drive)

    return draw_shots(plan, i0, i1, draw)


def flashing(flashes: Array, fps: Fraction) -> list[tuple[int, int]]:
    """Runs of frames with too many flashes, from the second before the first that is too many to half a second
    after the last; runs that touch are one."""
    late = np.flatnonzero(flashes > LIMIT)
    spans: list[tuple[int, int]] = []
    for k in late.tolist():
        a, b = max(0, k - round(fps)), min(len(flashes), k + 1 + round(fps / 2))
        if spans and a <= spans[-1][1]:
            a, _ = spans.pop()
        spans.append((a, b))
    return spans


def _calmed(plan: Plan, seen: ProxyMeasures, a: int, b: int) -> Plan:
    """The plan with the hits of frames [a, b) softened, and the peaks of their light lowered."""
    rise = round(plan.fps / 4)
    share = np.zeros(plan.n_frames)
    share[a:b] = CALM_SHARE * np.clip(np.minimum(np.arange(1, b - a + 1), np.arange(b - a, 0, -1)) / rise, 0, 1)
    params = dict(plan.params)
    for name in CALMED:
        held = smooth(params[name], plan.fps, CALM_MS)
        params[name] = np.asarray(params[name] + share * (held - params[name]), np.float32)
    peak = np.clip(smooth(seen.light, plan.fps, CALM_MS) / np.maximum(seen.light, 1e-6), 0.5, 1.0)
    params["light.gain"] = np.asarray(params["light.gain"] * peak**share, np.float32)
    return replace(plan, params=params)


def _predicted(seen: ProxyMeasures, plan: Plan) -> float | None:
    frames = np.round(plan.events[:, 0] * float(plan.fps)).astype(np.int64)
    return round(correlate(seen.change, frames, plan.events[:, 1])[0], 3) if len(frames) else None


def _recast(plan: Plan, generators: GeneratorPool) -> tuple[Plan, int]:
    """The plan with other worlds where those of a seed are badly composed on the way that is walked through them.

    Worlds that the artist asked for stay. Gives the number of those replaced, too.
    """
    asked = {int(cue.value) for cue in Cues.from_json(plan.film.cues.to_json()).of("seed")}
    drive = plan.drive(plan.i0, plan.i1)

    def cast(lineage: Lineage) -> Lineage:
        shots = [shot for shot in plan.shots if shot.lineage == lineage]
        frames = np.concatenate([np.arange(shot.i0, shot.i1) for shot in shots]) - plan.i0
        at = frames[np.linspace(0, len(frames) - 1, VIEWS).round().astype(np.int64)]
        views = replace(drive, latents=drive.latents[at], params={n: c[at] for n, c in drive.params.items()})
        return _cast(lineage, shots[0].palette, views, generators, most=1 if lineage.seed in asked else MAX_WORLDS)

    kins = list(dict.fromkeys(shot.lineage for shot in plan.shots))
    chosen = {lineage: cast(lineage) for lineage in kins}
    shots = [shot._replace(lineage=chosen[shot.lineage]) for shot in plan.shots]
    return replace(plan, shots=tuple(shots)), sum(lineage.world > 0 for lineage in chosen.values())


def _cast(
    lineage: Lineage, palette: str | None, views: Drive, generators: GeneratorPool, most: int = MAX_WORLDS
) -> Lineage:
    """A world of a seed that is well composed in the views, of at most so many; first its parents are cast likewise."""
    lineage = lineage._replace(parents=tuple(_cast(parent, palette, views, generators) for parent in lineage.parents))
    if most == 1:
        return lineage
    faults: list[float] = []
    while len(faults) < most and (not faults or min(faults) > MAX_FAULT):
        generator = generators.of(lineage._replace(world=len(faults)), palette)
        assert isinstance(generator, Previewable)
        points = np.median(generator.meter(views), axis=0).astype(np.float32)
        exposure = {name: np.full(VIEWS, point) for name, point in zip(EXPOSURE, points, strict=True)}
        pictures = generator.thumbnails(replace(views, params={**views.params, **exposure}))
        faults.append(generator.fault(pictures))
    return lineage._replace(world=int(np.argmin(faults)))


def _exposed(plan: Plan, generators: GeneratorPool) -> Plan:
    curves: list[Array] = []
    leads: list[dict[str, NDArray[np.float32]]] = []
    for k, shot in enumerate(plan.shots):
        generator = generators.of_shot(shot)
        assert isinstance(generator, Previewable)
        parts = [plan.lead(k, shot.i0 - shot.lead, shot.i0)] if shot.lead else []
        curve = iris(*_metered([*parts, plan.drive(shot.i0, shot.i1)], generator, plan.fps), plan.fps)
        curves.append(curve[shot.lead :])
        coming = curve[: shot.lead].astype(np.float32)
        own = dict(zip(EXPOSURE, coming.T, strict=True)) if shot.lead else {}
        leads.append({**plan.leads[k], **own})
    exposure = dict(zip(EXPOSURE, np.concatenate(curves).astype(np.float32).T, strict=True))
    return replace(plan, params={**plan.params, **exposure}, leads=tuple(leads))


def _metered(parts: list[Drive], generator: Previewable, fps: Fraction) -> tuple[Array, Array]:
    """Frames that were metered, counted from the first of ``parts``, and their points (n, 2)."""
    n = sum(len(part) for part in parts)
    step = max(1, round(METER_SECONDS * fps))
    wanted = np.unique(np.append(np.arange(0, n, step), n - 1))
    rows, before = [], 0
    for part in parts:
        inside = wanted[(wanted >= before) & (wanted < before + len(part))] - before
        params = {name: curve[inside] for name, curve in part.params.items()}
        rows.append(generator.meter(replace(part, latents=part.latents[inside], params=params)))
        before += len(part)
    return wanted.astype(np.float64), np.concatenate(rows).astype(np.float64)


def iris(at: Array, points: Array, fps: Fraction) -> Array:
    """The exposure of every frame of a shot, from metered ones.

    Args:
        at: frames that were metered, ascending from 0, (m,).
        points: what they were metered at, log2, (m, 2).
        fps: frames per second.

    Returns:
        (at[-1] + 1, 2): smooth, and within `IRIS_STOPS` of the shot's median.
    """
    frames = np.arange(int(at[-1]) + 1)
    middle = np.median(points, axis=0)
    held = np.clip(points, middle - IRIS_STOPS, middle + IRIS_STOPS)
    curve = np.stack([np.interp(frames, at, column) for column in held.T], axis=1)
    return np.asarray(smooth(curve, fps, IRIS_MS))
