"""The proxy pass: sees the whole film as thumbnails before it is drawn, and decides what needs more than a frame.

Exposure: a slow iris for each shot, never faster than a viewer's eye, so that nothing pumps. Flashes: where there
would be more than three in a second the hits are softened. Worlds that are badly composed on the way that they
are walked are replaced. What it decides is stored in the plan, so any frame can still be drawn alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA, to_8bit
from avwalk.arrays.fit import Fit
from avwalk.contracts import EXPOSURE, Analysis, Batched, Drive, Frames, Lineage, Previewable
from avwalk.features.smoothing import smooth
from avwalk.frames.generators import GeneratorPool
from avwalk.plan.edits import without_pins, without_world_cues
from avwalk.plan.hits import drum_hits
from avwalk.plan.plan import Plan
from avwalk.rendering.exposure import exposed, levelled
from avwalk.rendering.proxy_measures import ProxyMeasures, measure_proxy, thumbnails
from avwalk.spec import FilmSpec
from avwalk.video.flashes import LIMIT
from avwalk.video.salience import salience
from avwalk.video.sync import correlate

Array = NDArray[np.float64]

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


def proxy_pass(
    plan: Plan,
    generators: GeneratorPool,
    draft: Callable[[FilmSpec], Plan],
    analysis: Analysis,
    *,
    allow_flashes: bool = False,
) -> Plan:
    """The plan with what only the whole film can tell; as it is where the generator cannot be scouted.

    Args:
        plan: of the whole song.
        generators: its generators.
        draft: gives the plan of the film with other cues: what concerns whole shots is decided without some of them.
        analysis: of the song.
        allow_flashes: count them, but leave them as they are.

    Returns:
        The plan with the curves of `EXPOSURE`, its hits softened where they must, its `Decisions`, the facts
        ``calmed_s`` (seconds softened), ``predicted_r`` (correlation of the picture with the hits) and
        ``predicted_salience`` (fields of `avwalk.video.salience.Salience`), both in the small, and its thumbnails.
    """
    if not isinstance(generators.of_shot(plan.shots[0]), Previewable):
        return _sparsely(plan, generators)
    free = _drafted(without_pins(plan.film), plan, draft)
    uncut = _drafted(without_world_cues(plan.film), free, draft)
    cast = _worlds(free, uncut, generators)
    plan, free, uncut = (_recast(each, cast) for each in (plan, free, uncut))
    plan = exposed(plan, free, uncut, generators)
    seen = measure_proxy(plan, generators, plan.i0, plan.i1)
    plain = seen
    if uncut.film.cues != plan.film.cues:
        plain = measure_proxy(exposed(uncut, uncut, uncut, generators), generators, plan.i0, plan.i1)
    plan = levelled(plan, uncut, plain.light)
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
    drums = np.round(drum_hits(analysis) * float(plan.fps)).astype(np.int64)
    made = salience(seen.detail, drums, float(plan.fps))
    facts = {
        "calmed_s": round(float(calmed.sum() / plan.fps), 2),
        "predicted_r": _predicted(seen, plan),
        "predicted_salience": made and made.as_json(),
        "worlds_replaced": sum(world.world > 0 for world in cast.values()),
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
    return at, np.concatenate([thumbnails(plan, generators, i, i + 1) for i in at.tolist()])


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
    params["matter.opacity"] = np.asarray(params["matter.opacity"] * (1 - share), np.float32)  # it is all peaks
    return replace(plan, params=params)


def _predicted(seen: ProxyMeasures, plan: Plan) -> float | None:
    frames = np.round(plan.events[:, 0] * float(plan.fps)).astype(np.int64)
    return round(correlate(seen.change, frames, plan.events[:, 1])[0], 3) if len(frames) else None


def _drafted(film: FilmSpec, plan: Plan, draft: Callable[[FilmSpec], Plan]) -> Plan:
    """The plan of a film with fewer cues; the given one where they are the same."""
    return plan if film.cues == plan.film.cues else draft(film)


def _worlds(free: Plan, uncut: Plan, generators: GeneratorPool) -> dict[Lineage, Lineage]:
    """Which of its worlds each seed means: another where the first is badly composed on the way that is walked
    through it. Worlds that the artist asked for stay.

    Args:
        free: of the whole song, without values that cues pin.
        uncut: also without worlds that they ask for.
        generators: of both.
    """
    shown = {shot.lineage for shot in free.shots}
    chosen: dict[Lineage, Lineage] = {}
    for plan, most in ((uncut, MAX_WORLDS), (free, 1)):
        drive = plan.drive(plan.i0, plan.i1)
        for lineage in dict.fromkeys(shot.lineage for shot in plan.shots):
            if lineage in chosen or lineage not in shown:
                continue
            shots = [shot for shot in plan.shots if shot.lineage == lineage]
            frames = np.concatenate([np.arange(shot.i0, shot.i1) for shot in shots]) - plan.i0
            at = frames[np.linspace(0, len(frames) - 1, VIEWS).round().astype(np.int64)]
            views = replace(drive, latents=drive.latents[at], params={n: c[at] for n, c in drive.params.items()})
            chosen[lineage] = _cast(lineage, shots[0].palette, views, generators, most)
    return chosen


def _recast(plan: Plan, cast: Mapping[Lineage, Lineage]) -> Plan:
    """The plan in the worlds that were chosen."""
    return replace(
        plan, shots=tuple(shot._replace(lineage=cast.get(shot.lineage, shot.lineage)) for shot in plan.shots)
    )


def _cast(lineage: Lineage, palette: str | None, views: Drive, generators: GeneratorPool, most: int) -> Lineage:
    """A world of a seed that is well composed in the views, of at most so many; first its parents are cast likewise."""
    lineage = lineage._replace(
        parents=tuple(_cast(parent, palette, views, generators, MAX_WORLDS) for parent in lineage.parents)
    )
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
