"""The proxy pass: sees the whole film as thumbnails before it is drawn, and decides what needs more than a frame.

Exposure: a slow iris for each shot, never faster than a viewer's eye, so that nothing pumps; where nearly nothing
would be seen while the song is loud, it opens further. Flashes: where there
would be more than three in a second the hits are softened. Worlds that are badly composed, or bare, on the way that
they are walked are replaced. What it decides is stored in the plan, so any frame can still be drawn alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA, to_8bit
from avwalk.arrays.fit import Fit
from avwalk.contracts import EXPOSURE, LEVEL, Analysis, Batched, Drive, Frames, Lineage, Previewable
from avwalk.features.smoothing import smooth
from avwalk.frames.generators import GeneratorPool
from avwalk.frames.matter import MatterLayer
from avwalk.plan.edits import without_pins, without_world_cues
from avwalk.plan.hits import drum_hits, loud_frames
from avwalk.plan.plan import Plan
from avwalk.rendering.exposure import (
    OPEN_MS,
    OPEN_SECONDS,
    exposed,
    level,
    level_again,
    opened,
    pinned_frames,
    rows_at,
)
from avwalk.rendering.proxy_measures import ProxyMeasures, measure_proxy, thumbnails
from avwalk.spec import FilmSpec
from avwalk.video.emptiness import SECONDS, ToneMeter, empty_runs, is_empty
from avwalk.video.flashes import LIMIT
from avwalk.video.salience import salience
from avwalk.video.sync import correlate

Array = NDArray[np.float64]

VIEWS = 10  # of each world, to judge it on its way
MAX_WORLDS, MAX_FAULT = 3, 0.06
MAX_BARE_WORLDS = 8  # tried where all are bare: an ink may leave the paper for seconds, wherever the walk is
BARE_MARGIN = 1.25  # of light and contrast over what is nothing
BARE_VIEWS = 3  # one after the other, of a way on which something must be seen: no run that counts has fewer
MAX_CALMINGS, MAX_OPENINGS = 6, 3
MOST_FLASHES = LIMIT - 0.5  # in the small: in the film's own size a flash that is nearly one may count
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
        ``calmed_s`` (seconds softened), ``lit_s`` (seconds in which the iris opens further), ``empty_s`` (seconds that
        still show nearly nothing though the song is loud), ``predicted_r`` (correlation of the picture with the hits)
        and ``predicted_salience`` (fields of `avwalk.video.salience.Salience`), both in the small; and its thumbnails.
    """
    if not isinstance(generators.of_shot(plan.shots[0]), Previewable):
        return _sparsely(plan, generators)
    free = _drafted(without_pins(plan.film), plan, draft)
    uncut = _drafted(without_world_cues(plan.film), free, draft)
    loud = loud_frames(analysis)
    cast = _worlds(free, uncut, generators, loud)
    plan, free, uncut = (_recast(each, cast) for each in (plan, free, uncut))
    plan = exposed(plan, free, uncut, generators)
    seen = measure_proxy(plan, generators, plan.i0, plan.i1)
    unpinned = ~pinned_frames(plan, free)
    plan, lit = _lit(plan, seen, loud & unpinned, unpinned, generators)
    plan, seen = _levelled(plan, uncut, seen, generators)
    calmed = np.zeros(plan.n_frames, bool)
    for _ in range(0 if allow_flashes else MAX_CALMINGS):
        if not (spans := flashing(seen.flashes, plan.fps)):
            break
        for a, b in spans:
            calmed[a:b] = True
            plan = _calmed(plan, seen, a, b)
            bare = replace(plan, params={name: curve for name, curve in plan.params.items() if name != LEVEL})
            tones = measure_proxy(bare, generators, plan.i0 + a, plan.i0 + b).tones
            plan = level_again(plan, tones[:, 0] / 255, a, b, generators)
            _measure_again(plan, generators, seen, a, b)
    drums = np.round(drum_hits(analysis) * float(plan.fps)).astype(np.int64)
    left = empty_runs(seen.tones, loud, float(plan.fps))
    made = salience(seen.detail, drums, float(plan.fps))
    facts = {
        "calmed_s": round(float(calmed.sum() / plan.fps), 2),
        "lit_s": round(float(lit.sum() / plan.fps), 2),
        "empty_s": round(sum(b - a for a, b in left) / float(plan.fps), 2),
        "predicted_r": _correlated(seen.change, plan),
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
    """Frames of the whole film, evenly spread, and their pictures in the small.

    Without wakes: each of them alone would want matter of up to a hundred frames before it.
    """
    n = min(THUMBNAILS, plan.n_frames)
    at = plan.i0 + ((np.arange(n) + 0.5) * plan.n_frames / n).astype(np.int64)
    matter = MatterLayer(plan, wakes=False)
    return at, np.concatenate([thumbnails(plan, generators, i, i + 1, matter) for i in at.tolist()])


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
    late = np.flatnonzero(flashes > MOST_FLASHES)
    spans: list[tuple[int, int]] = []
    for k in late.tolist():
        a, b = max(0, k - round(fps)), min(len(flashes), k + 1 + round(fps / 2))
        if spans and a <= spans[-1][1]:
            a, _ = spans.pop()
        spans.append((a, b))
    return spans


def _lit(
    plan: Plan, seen: ProxyMeasures, loud: NDArray[np.bool_], free: NDArray[np.bool_], generators: GeneratorPool
) -> tuple[Plan, NDArray[np.bool_]]:
    """The plan with an iris that opens where nothing would be seen while the song is loud, and in which frames.

    Args:
        plan: with the curves of `EXPOSURE`.
        seen: what was measured of it; goes along.
        loud: frames in which the song is loud and nothing is pinned.
        free: frames in which nothing is pinned.
        generators: of the plan.
    """
    turn, lit = round((OPEN_SECONDS + 1) * plan.fps), np.zeros(plan.n_frames, bool)
    for k in range(MAX_OPENINGS):
        bare = empty_runs(seen.tones, loud, float(plan.fps))
        # where it is quiet it may be dark, but not if that is a part of the same darkness
        whole = empty_runs(seen.tones, free, float(plan.fps))
        runs = [(a, b) for a, b in whole if any(a <= begin and end <= b for begin, end in bare)]
        if not runs:
            break
        plan = opened(plan, runs, generators, OPEN_MS / 2**k)
        for a, b in runs:
            lit[a:b] = True
            _measure_again(plan, generators, seen, max(0, a - turn), min(plan.n_frames, b + turn))
    return plan, lit


def _levelled(plan: Plan, uncut: Plan, seen: ProxyMeasures, generators: GeneratorPool) -> tuple[Plan, ProxyMeasures]:
    """The plan with light that does not pump, and what is measured of it: once more only where flashes may be too many,
    as it costs as much as all else of a plan.

    Args:
        plan: with the curves of `EXPOSURE`.
        uncut: without pins and cued worlds.
        seen: what was measured of ``plan``.
        generators: of both.
    """
    plain = seen
    if uncut.film.cues != plan.film.cues:
        uncut = exposed(uncut, uncut, uncut, generators)
        plain = measure_proxy(uncut, generators, plan.i0, plan.i1)
    else:
        uncut = plan
    plan = level(plan, uncut, seen.tones[:, 0] / 255, plain.tones[:, 0] / 255, generators)
    if seen.flashes.max() <= LIMIT - 1:
        return plan, seen
    return plan, measure_proxy(plan, generators, plan.i0, plan.i1)


def _measure_again(plan: Plan, generators: GeneratorPool, seen: ProxyMeasures, a: int, b: int) -> None:
    """Measures frames [a, b) of a film again, which were changed; and the second before, for their flashes."""
    part = measure_proxy(plan, generators, plan.i0 + max(0, a - round(plan.fps)), plan.i0 + b)
    for whole, new in zip(seen, part, strict=True):
        whole[a:b] = new[len(new) - (b - a) :]


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


def _correlated(change: Array, plan: Plan) -> float | None:
    frames = np.round(plan.events[:, 0] * float(plan.fps)).astype(np.int64)
    return round(correlate(change, frames, plan.events[:, 1])[0], 3) if len(frames) else None


def _drafted(film: FilmSpec, plan: Plan, draft: Callable[[FilmSpec], Plan]) -> Plan:
    """The plan of a film with fewer cues; the given one where they are the same."""
    return plan if film.cues == plan.film.cues else draft(film)


def _worlds(free: Plan, uncut: Plan, generators: GeneratorPool, loud: NDArray[np.bool_]) -> dict[Lineage, Lineage]:
    """Which of its worlds each seed means: another where the first is badly composed on the way that is walked
    through it, or has nothing on it while the song is loud. Worlds that the artist asked for stay.

    Args:
        free: of the whole song, without values that cues pin.
        uncut: also without worlds that they ask for.
        generators: of both.
        loud: frames in which the song is loud.
    """
    shown = {shot.lineage for shot in free.shots}
    chosen: dict[Lineage, Lineage] = {}
    step = max(1, int(SECONDS * free.fps / BARE_VIEWS))
    for plan, most in ((uncut, MAX_WORLDS), (free, 1)):
        drive = plan.drive(plan.i0, plan.i1)
        for lineage in dict.fromkeys(shot.lineage for shot in plan.shots):
            if lineage in chosen or lineage not in shown:
                continue
            shots = [shot for shot in plan.shots if shot.lineage == lineage]
            frames = np.concatenate([np.arange(shot.i0, shot.i1) for shot in shots]) - plan.i0
            at = frames[np.linspace(0, len(frames) - 1, VIEWS).round().astype(np.int64)]
            way = rows_at(drive, frames[::step][loud[frames[::step]]])
            chosen[lineage] = _cast(lineage, shots[0].palette, (rows_at(drive, at), way), generators, most)
    return chosen


def _recast(plan: Plan, cast: Mapping[Lineage, Lineage]) -> Plan:
    """The plan in the worlds that were chosen."""
    return replace(
        plan, shots=tuple(shot._replace(lineage=cast.get(shot.lineage, shot.lineage)) for shot in plan.shots)
    )


def _cast(
    lineage: Lineage, palette: str | None, views: tuple[Drive, Drive], generators: GeneratorPool, most: int
) -> Lineage:
    """A world of a seed that has something to see and is well composed, of at most so many; first its parents are cast
    likewise.

    Args:
        lineage: names the seed.
        palette: of the world.
        views: some rows of the way through it, to judge how it is composed; and more, in which it must not be bare.
        generators: of the film.
        most: worlds to choose from, `MAX_BARE_WORLDS` where all of these are bare; with 1 the first is taken.
    """
    lineage = lineage._replace(
        parents=tuple(_cast(parent, palette, views, generators, MAX_WORLDS) for parent in lineage.parents)
    )
    if most == 1:
        return lineage
    faults: list[tuple[int, float]] = []
    while not faults or (min(faults) > (0, MAX_FAULT) and len(faults) < (MAX_BARE_WORLDS if min(faults)[0] else most)):
        generator = generators.of(lineage._replace(world=len(faults)), palette)
        assert isinstance(generator, Previewable)
        points = np.median(generator.meter(views[0]), axis=0).astype(np.float32)
        pictures = generator.thumbnails(_lit_by(views[0], np.tile(points, (len(views[0]), 1))))
        faults.append((_bare(generator, views[1]), generator.fault(pictures)))
    return lineage._replace(world=faults.index(min(faults)))


def _bare(generator: Previewable, way: Drive) -> int:
    """In how many runs of `BARE_VIEWS` rows there is nearly nothing to see, however the iris opens."""
    if len(way) < BARE_VIEWS:
        return 0
    tone = ToneMeter()
    for a in range(0, len(way), BLOCK):
        part = rows_at(way, np.arange(a, min(len(way), a + BLOCK)))
        for picture in generator.thumbnails(_lit_by(part, generator.meter(part))):
            tone.push(picture @ LUMA)
    return int((np.convolve(is_empty(tone.tones / BARE_MARGIN), np.ones(BARE_VIEWS), "valid") == BARE_VIEWS).sum())


def _lit_by(drive: Drive, points: NDArray[np.float32]) -> Drive:
    """The drive with an exposure of its own in each row, (n, 2)."""
    return replace(drive, params={**drive.params, **dict(zip(EXPOSURE, points.T, strict=True))})
