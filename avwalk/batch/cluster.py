"""A batch on a Ray cluster: a film is made by one machine; the longest first, so that none is left alone at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from avwalk.audio.decode import read_header
from avwalk.batch.film import run_job
from avwalk.batch.outcome import Outcome
from avwalk.batch.table import Job
from avwalk.batch.worker import Make
from avwalk.config.fields import opt_of
from avwalk.config.options import RenderOptions
from avwalk.errors import SongError
from avwalk.runners.ray_cluster import Resources, connected

_POLL = 0.5  # s: a wait without end cannot be interrupted by Ctrl-C on Windows


def run_on_cluster(
    jobs: Sequence[Job], address: str, resources: Resources, make: Make | None = None
) -> Iterator[Outcome]:
    """Renders the missing films, as many at once as the cluster has room for; a failure does not stop the others.

    All machines see songs and films under the same paths. A film whose machine is lost is made again, twice at most:
    what it had finished is used.

    Args:
        jobs: from `avwalk.batch.table.read_jobs`.
        address: of the cluster, ``auto``, ``HOST:PORT`` or ``ray://HOST:PORT``.
        resources: of each film; its workers are as many as its cores.
        make: makes a film; None: `avwalk.batch.film.run_job`.

    Yields:
        The outcome of each job, as they end.

    Raises:
        OptionError: there is no Ray, or no cluster.
    """
    made = make or partial(run_job, workers=max(1, int(resources.n_cpus)))
    with connected(address) as ray:
        task = ray.remote(num_cpus=resources.n_cpus, num_gpus=resources.n_gpus, max_retries=2)(_made)
        left = {task.remote(made, _absolute(job)): job for job in longest_first(jobs)}
        try:
            while left:
                for ref in ray.wait(list(left), num_returns=1, timeout=_POLL)[0]:
                    job = left.pop(ref)
                    try:
                        yield ray.get(ref)
                    except ray.exceptions.RayError as error:
                        yield Outcome(job, "failed", f"its machine or process was lost ({type(error).__name__})")
        finally:
            for ref in left:
                with contextlib.suppress(Exception):
                    ray.cancel(ref)


def longest_first(jobs: Sequence[Job]) -> list[Job]:
    """The jobs by how long their songs are; those whose header does not say come first."""
    return sorted(jobs, key=_seconds, reverse=True)


def _absolute(job: Job) -> Job:
    """The same with paths that mean the same in another folder."""
    options = dict(job.options)
    for name, value in job.options.items():
        kind = opt_of(RenderOptions.model_fields[name]).file if name in RenderOptions.model_fields else "never"
        if (
            isinstance(value, str | Path)
            and value
            and (kind == "always" or (kind == "perhaps" and Path(value).exists()))
        ):
            options[name] = f"{Path(value).absolute()}{'/' if str(value).endswith('/') else ''}"
    return replace(job, song=job.song.absolute(), options=options)


def _seconds(job: Job) -> float:
    try:
        facts = read_header(job.song, job.options.get("track"))
    except SongError:
        return 0.0  # it fails soon
    return facts.n_samples / facts.sample_rate if facts and facts.n_samples else float("inf")


def _made(make: Make, job: Job) -> Outcome:
    return make(job, lambda event: None)
