"""★ Start here: how a song becomes a film, left to right.

song ─► audio ─► features ─► score ─► modulation ─► walk ─► generator ─► restyle ─► effects ─► video ─► song.mp4
        └────────────── planned once: the Plan ────────────┘ └─────── drawn anywhere: frames ───────┘
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

from avwalk.config.render_kwargs import RenderKwargs
from avwalk.contracts import Analysis, Effect, Sketches, Source
from avwalk.events import warning, warnings_as_events
from avwalk.frames.compose import FinishedSource, Montage, overlays
from avwalk.frames.generators import GeneratorPool
from avwalk.frames.masks import WithAlpha
from avwalk.frames.needs import needs
from avwalk.frames.painted import keys_to_paint, without_painter
from avwalk.frames.restyled import source_before_effects
from avwalk.plan.analysis import classic_rows, trace_of
from avwalk.plan.build import descent, make_plan
from avwalk.plan.excerpt import closed, excerpt
from avwalk.plan.plan import Plan
from avwalk.plan.source_time import following
from avwalk.plan.stems import with_stems
from avwalk.registry import make_effect
from avwalk.rendering.draw import Report
from avwalk.rendering.estimate import estimate
from avwalk.rendering.passes import PassFolder
from avwalk.rendering.proxy_pass import danger, plan_notes, proxy_pass
from avwalk.rendering.runner import draw_segments, is_in_threads, work_folder
from avwalk.rendering.song_film import SongFilm
from avwalk.request.metadata import stored_options
from avwalk.request.output import Output
from avwalk.request.resolve import Request, resolve
from avwalk.runners.stats import Stopwatch, stats
from avwalk.spec import FilmSpec
from avwalk.video.join import read_metadata


def render(song: str | Path, *, on_event: Report | None = None, **options: Unpack[RenderKwargs]) -> dict[str, Any]:
    """Renders a song to a music video.

    Args:
        song: any audio file, or a video with sound.
        on_event: called with every event: ``resolved``, ``plan``, ``segment``, ``progress``, ``warning``, ``done``.
        **options: the fields of `avwalk.config.options.RenderOptions`: ``preset``, ``out``, ``size``, ``fps``, …

    Returns:
        The ``done`` event: ``out``, ``n_frames``, ``resumed_frames``, ``wall_s``, ``lag_frames``, ``correlation``.

    Raises:
        AvwalkError: what happened, the value, what to do next. Finished segments stay for the next try.
        KeyboardInterrupt: as it came; what is done is kept, and can be seen in ``<out>.partial.mp4``.
    """
    watch, report = Stopwatch(), on_event or (lambda event: None)
    with warnings_as_events(report):
        request = resolve(song, options, writes=True)
    if request.options.estimate:
        return estimated(request, report)
    output = request.output
    report({"event": "resolved", **request.summary, "out": str(output.path)})
    for message in (*request.song.warnings, *request.notes):
        report(warning(message))
    with warnings_as_events(report), work_folder(request, output.path) as work:
        try:
            passes = PassFolder(request, output)
            generators = _pool(request)
            watch.lap("read")
            plan = work.plan(lambda: plan_of(request, generators)[0], request.film.hash)
            for message in plan_notes(plan):
                report(warning(message))
            watch.lap("plan")
            source = source_with_alpha(plan, generators)
            film = SongFilm(plan, request, work, output)
            worker = film.worker(source_with_alpha, generators.source)
            with film.soundtrack() as soundtrack:
                if not is_in_threads(request):
                    generators.release()
                drawn = draw_segments(film, request, source, worker, report)
                watch.lap("draw")
                passes.write(plan, generators, report)
                watch.lap("passes")
                sync = film.finish(soundtrack)
            if request.options.keep_source and request.film.look.restyle:
                keep_source(song, options, output, report)
            if request.options.poster:
                film.keep_poster(source)
            film.publish()
        except BaseException:
            if work.is_empty():
                work.remove()
            raise
        if failed := drawn.failed_frames:
            told = f"{len(failed)} pictures failed or were blocked, the first of frame {min(failed)}"
            report(warning(f"{told}; what is beside them is shown instead"))
        if film.is_unseen:
            for message in danger(sync["flashes"] or 0):
                report(warning(message))
        work.remove()
    watch.lap("finish")
    done = {
        "event": "done",
        "out": str(output.path),
        "n_frames": plan.n_frames,
        "resumed_frames": drawn.n_resumed,
        "held_frames": len(drawn.failed_frames),
        "wall_s": round(watch.total, 3),
        **sync,
        **({"passes": str(passes.path)} if request.options.passes else {}),
        "stats": stats(watch, drawn.stages, n_frames=plan.n_frames, n_resumed=drawn.n_resumed),
    }
    report(done)
    return done


def estimated(request: Request, report: Report) -> dict[str, Any]:
    """What a film will take, from a few frames of it: the event ``estimate``, numbers and a ``line`` for people. No
    painter is asked."""
    with warnings_as_events(report):
        plan, generators, _ = plan_of(request)
        drawn, options = without_painter(plan), request.options
        source, encoder = source_with_alpha(drawn, generators), request.film.encoder
        workers, price = options.workers, options.price
        found = estimate(drawn, source, encoder, sound=request.sound, workers=workers, price=price)
        painted = request.unpainted.estimate if request.unpainted else keys_to_paint(plan)
    if request.unpainted:
        request.unpainted.folder.cleanup()
    event = {"event": "estimate", **found.as_json(), "line": found.line}
    event |= painted.before(found.line) if painted else {}
    report(event)
    return event


def keep_source(song: str | Path, options: RenderKwargs, output: Output, report: Report) -> None:
    """Renders the film that is painted over, beside the one that is painted; reports how far it is."""
    path = output.path.with_stem(f"{output.path.stem}_source")
    report(warning(f"the film below is rendered too: {path}"))
    own: RenderKwargs = {**options, "out": path, "restyle": False, "force": True}
    own |= {"keep_source": False, "side_by_side": False}
    render(song, on_event=lambda event: report(event) if event["event"] == "progress" else None, **own)


def options_of(video: Path) -> dict[str, Any]:
    """The options that render a film made by avwalk again: ``render(song, **options_of(video))``.

    Raises:
        PlanError: the video holds no plan.
        VideoError: it cannot be opened.
    """
    stored = stored_options(read_metadata(video), video.name)
    return {**stored, "stored_film": video}


def plan_of(
    request: Request, generators: GeneratorPool | None = None, *, proxy: bool = True
) -> tuple[Plan, GeneratorPool, Analysis]:
    """The plan of a film, what draws it, and what was heard. The generator's kernels load during the analysis.

    Without ``proxy`` the film is not looked through beforehand, see `proxy_pass`: enough for thumbnails of a world.
    """
    options = request.options
    generators = generators or _pool(request)
    with ThreadPoolExecutor(1, thread_name_prefix="generator") as pool:
        made = pool.submit(generators.of, descent(request.preset.values, request.film.seed))
        analysis = with_stems(request.analysis(), request.song, request.stems, options.bpm, options.first_beat)
        generator = made.result()
    classic = classic_rows(request.song, request.preset.values.walk)
    trace = trace_of(request.song, request.preset.values.sound, analysis)
    sketch = generator.sketch if isinstance(generator, Sketches) else None

    def drafted(film: FilmSpec) -> Plan:
        return make_plan(film, request.preset, analysis, generator.latent_dim, classic, sketch, trace)

    plan = drafted(request.film)
    filmed = request.film.source  # what a generator would draw is not seen
    plan = following(plan, analysis, filmed.follows) if filmed and filmed.follows else plan
    flashes = options.allow_flashes
    whole = plan if filmed or not proxy else proxy_pass(plan, generators, drafted, analysis, allow_flashes=flashes)
    film = excerpt(whole, request.film, request.preset.routes, needs(request.film))
    film = closed(film, whole, lead) if (lead := request.film.loop) else film
    presets = {
        name: plan_of(request.with_preset(name), generators.of_preset(name), proxy=proxy)[0] for name in request.pinned
    }
    return replace(film, presets=presets, pictures=request.pictures), generators, analysis


def _pool(request: Request) -> GeneratorPool:
    """What draws the film."""
    return GeneratorPool(request.film, request.options.source or "", request.pictures.get("subject"))


def source_of(plan: Plan, generators: GeneratorPool | None = None) -> Source:
    """The frames of a plan: its generators, then the effects that these have not put in already."""
    generators = generators or GeneratorPool(plan.film, subject=plan.pictures.get("subject"))
    if not plan.preset_spans:
        return _finished(plan, generators, overlays(plan))
    sources = {name: _finished(preset, generators.of_preset(name)) for name, preset in plan.presets.items()}
    return Montage(plan.preset_spans, {**sources, "": _finished(plan, generators)}, overlays(plan), plan.drive)


def source_with_alpha(plan: Plan, generators: GeneratorPool) -> Source:
    """The frames of a plan, with the subject's mask as a fourth channel where the film is to have one."""
    source = source_of(plan, generators)
    return WithAlpha(source, plan, generators) if plan.film.encoder.alpha else source


def _finished(plan: Plan, generators: GeneratorPool, last: Sequence[Effect] = ()) -> Source:
    """The frames of a plan in its own preset, and the last stages of its film."""
    generators.set_batch(plan.decisions.batch)
    effects = plan.film.look.effects
    covered = plan.film.look.restyle or plan.film.source
    finishes = () if covered else generators.of_shot(plan.shots[0]).finishes
    left = [make_effect(name, effects[name]) for name in effects if name not in finishes]
    pictures, span = source_before_effects(plan, generators), (plan.first, plan.last)
    return FinishedSource(pictures, (*left, *last), plan.drive, span)
