"""Makes the songs, trains the network, writes its weights into the package and fits the decoder.

    python -m tools.hearing all DATA --grooves groove-v1.0.0-midionly.zip --scores SCORES

DATA is a folder for everything that is made: some 4 GB. Songs that are there are not made again. Seeds, digests of the
sources and versions are written to DATA/record.json. ``export`` and ``all`` write the weights of the package.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from tools.hearing import speech
from tools.hearing.make_songs import Inputs, make_songs
from tools.hearing.other_sounds import make_other_sounds
from tools.hearing.plain_songs import make_plain_songs
from tools.hearing.sources import (
    DIGESTS,
    ROOT,
    SAMPLES,
    SOUNDFONTS,
    Sources,
    digests,
    file_digest,
    unpack_grooves,
    versions,
)

STEPS = ("songs", "train", "export", "fit")
"""In this order: the decoder is fitted to what the package's weights say."""
WEIGHTS = ROOT / "avwalk" / "features" / "beats" / "network.npz"
_CHUNK = 56  # songs that a process makes at once: a multiple of the eight that share a run of FluidSynth
_PACKAGES = {"songs": ("mido",), "train": ("torch",), "export": ("torch",), "fit": ("mir_eval",)}
_TRIALS = 60  # of the fit of prices


@dataclass(frozen=True)
class SongSet:
    """Songs of a seed.

    Attributes:
        folder: in DATA.
        seed: of the songs.
        count: how many.
        soundfonts: names, taken in turn; none for sounds that are no songs.
        every: one number of so many is made.
    """

    folder: str
    seed: int
    count: int
    soundfonts: tuple[str, ...]
    every: int = 1

    def parts(self) -> list[range]:
        """Numbers that a process makes at once."""
        step = _CHUNK * self.every
        return [range(a, min(a + step, self.count), self.every) for a in range(0, self.count, step)]


SETS = (
    SongSet("valid", 71, 24, ("musescore",)),
    SongSet("train", 31, 126, ()),
    SongSet("train", 11, 980, ("fluid", "csound", "fluid-mono")),
    SongSet("train", 12, 980, ("csound", "fluid-mono", "fluid")),
    SongSet("train", 13, 420, ("fluid", "csound", "fluid-mono")),
    SongSet("fit", 32, 14, ()),
    SongSet("fit", 72, 56, ("musescore",)),
    SongSet("fit", 73, 48, ("musescore",)),
)
"""To learn from, to judge training by, and to fit the decoder to: seeds and instruments of their own."""
SCORES = (
    SongSet("train", 14, 640, ("fluid", "csound", "fluid-mono")),
    SongSet("valid", 75, 48, ("musescore",), every=2),
    SongSet("fit", 74, 126, ("musescore",)),
    SongSet("confirm", 76, 126, ("musescore",)),
)
"""Scores that others wrote, likewise; all but those of ``train`` are held out of what is learned."""


PLAIN = (("train", 1000, 54, 68), ("fit", 3000, 27, 12))
"""Plain songs: folder, seed, how many forms and rhythms."""


def make_all_songs(data: Path, sources: Sources, jobs: int) -> None:
    """Makes what is missing of all sets.

    Args:
        data: folder of the sets.
        sources: what they are made of.
        jobs: processes.
    """
    from tools.hearing.scorebook import make_scored_songs, read_book

    speech.make_speech(data / "speech")
    for name, plain_seed, n_forms, n_rhythms in PLAIN:
        make_plain_songs(data / name, plain_seed, n_forms, n_rhythms)
    books = {validation: read_book(sources.scores, validation) for validation in (False, True)}
    scored = {validation: partial(make_scored_songs, book) for validation, book in books.items()}
    running = {}
    with ProcessPoolExecutor(jobs) as pool:
        for each in (*SETS, *SCORES):
            make = scored[each.folder != "train"] if each in SCORES else _make
            fonts = tuple(sources.soundfonts[name] for name in each.soundfonts)
            inputs = Inputs(fonts, sources.grooves, sources.samples, data / "speech")
            for numbers in each.parts():
                running[pool.submit(make, data / each.folder, inputs, each.seed, numbers)] = each, numbers
        for future, (each, numbers) in running.items():
            future.result()
            print(f"{each.folder}: seed {each.seed}, songs {numbers[0]} to {numbers[-1]}", flush=True)


def _make(out: Path, inputs: Inputs, seed: int, numbers: range) -> None:
    if inputs.soundfonts:
        make_songs(out, inputs, seed, numbers)
    else:
        make_other_sounds(out, out.parent / "speech", seed, numbers)


def write_record(data: Path, step: str, facts: dict[str, object]) -> None:
    """Adds what a step was done with to ``record.json``; the last time counts."""
    path = data / "record.json"
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    record[step] = {"began": datetime.now(UTC).isoformat(timespec="seconds"), "versions": versions(), **facts}
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def songs_step(data: Path, sources: Sources, jobs: int) -> None:
    """Says where the sources are others than those of the shipped weights, and makes the songs."""
    sums = digests(sources)
    for name in (name for name, digest in sums.items() if digest != DIGESTS[name]):
        print(f"{name} is another than the shipped weights learned from: the songs will differ", file=sys.stderr)
    facts = {
        "sets": [asdict(each) for each in (*SETS, *SCORES)],
        "plain": PLAIN,
        "speech_seed": speech.SEED,
        "sha256": sums,
    }
    write_record(data, "songs", facts)
    make_all_songs(data, sources, jobs)


def train_step(data: Path, options: argparse.Namespace) -> None:
    """Trains into ``run``."""
    from tools.hearing.train import Schedule, train

    schedule = Schedule(
        minutes=options.minutes,
        threads=options.threads,
        seed=options.seed,
        resume=options.resume,
        start=options.start,
        bfloat16=options.bfloat16,
    )
    facts = asdict(schedule)
    facts["start"] = None if schedule.start is None else file_digest(schedule.start)
    write_record(data, "train", facts)
    train(data / "train", data / "valid", data / "run", schedule)


def export_step(data: Path, options: argparse.Namespace) -> None:
    """Writes the best or the last weights of ``run``, and a share of those that training began with."""
    from tools.hearing.export import export

    facts: dict[str, object] = {
        "weights": options.weights.name,
        "state": options.state,
        "start_share": options.start_share,
    }
    facts["start"] = None if options.start is None else file_digest(options.start)
    write_record(data, "export", facts)
    export(data / "run" / f"{options.state}.pt", options.weights, options.start, options.start_share)


def fit_step(data: Path, trials: int) -> None:
    """Prints thresholds and prices, to be written into ``avwalk.features.beats``."""
    from tools.hearing.fit import fit

    write_record(data, "fit", {"trials": trials})
    fit(data / "fit", trials)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.hearing", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("step", choices=(*STEPS, "all"))
    parser.add_argument("data", type=Path, help="folder for what is made")
    parser.add_argument("--grooves", type=Path, help="Groove MIDI Dataset, zip or folder (songs)")
    for name, path in SOUNDFONTS.items():
        parser.add_argument(f"--{name}", type=Path, default=Path(path), help=f"soundfont (songs), else {path}")
    parser.add_argument("--samples", type=Path, default=Path(SAMPLES), help=f"Sonic Pi's (songs), else {SAMPLES}")
    parser.add_argument("--scores", type=Path, help="folder of the collections of scores (songs)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (songs)")
    parser.add_argument("--minutes", type=float, default=188.0, help="of training, all of which is used")
    parser.add_argument("--threads", type=int, default=2, help="of training")
    parser.add_argument("--seed", type=int, default=0, help="of training")
    parser.add_argument("--resume", action="store_true", help="train on from the last weights of DATA/run")
    parser.add_argument("--start", type=Path, help="weights of a package to begin the training with")
    parser.add_argument("--state", choices=("best", "last"), default="best", help="weights of DATA/run (export)")
    parser.add_argument(
        "--start-share", type=float, default=0.0, help="share of those weights in what is written (export)"
    )
    parser.add_argument("--bfloat16", action="store_true", help="train so: twice as fast on processors that have it")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="file to write (export), else the package's")
    parser.add_argument("--trials", type=int, default=_TRIALS, help="of the search for prices (fit)")
    options = parser.parse_args()
    if options.grooves is None and options.step in ("songs", "all"):
        parser.error("--grooves is missing: https://magenta.tensorflow.org/datasets/groove has the dataset")
    if options.start_share and options.start is None:
        parser.error("--start-share is a share of the weights that training began with: name them with --start")
    if options.scores is None and options.step in ("songs", "all"):
        parser.error("--scores is missing: tools/hearing/README.md says what to check out there")
    return options


def missing(data: Path, steps: Sequence[str], sources: Sources | None) -> list[str]:
    """A line for each thing that the steps need and do not find, nor make themselves."""
    lines = [] if sources is None else sources.missing()
    packages = {name for step in steps for name in _PACKAGES[step] if find_spec(name) is None}
    if packages:
        lines.append(f'no package {", ".join(sorted(packages))}: python -m pip install -e ".[hearing]"')
    needs = [("train", "songs", "train/*.npz"), ("train", "songs", "valid/*.npz")]
    needs += [("export", "train", "run/best.pt"), ("fit", "songs", "fit/*.npz")]
    for step, earlier, pattern in needs:
        if step in steps and earlier not in steps and not any(data.glob(pattern)):
            lines.append(f"no {data / pattern}: python -m tools.hearing {earlier} {data} makes it")
    return lines


def main() -> int:
    """Does the steps; 1 where something is missing for them."""
    options = _options()
    data, steps = options.data, STEPS if options.step == "all" else (options.step,)
    fonts = {name: getattr(options, name.replace("-", "_")) for name in SOUNDFONTS}
    sources = Sources(options.grooves, fonts, options.samples, options.scores) if "songs" in steps else None
    lines = missing(data, steps, sources)
    if lines:
        print("\n".join(lines), file=sys.stderr)
        return 1
    data.mkdir(parents=True, exist_ok=True)
    if sources is not None:
        grooves = unpack_grooves(sources.grooves, data / "groove")
        songs_step(data, replace(sources, grooves=grooves), options.jobs)
    if "train" in steps:
        train_step(data, options)
    if "export" in steps:
        export_step(data, options)
    if "fit" in steps:
        fit_step(data, options.trials)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
