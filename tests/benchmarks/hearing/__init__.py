"""How well songs are heard: beats, tempo, bars, drums, form, on every set that is here.

    python -m tests.benchmarks hearing [--sets real,synth] [--generated FOLDER] [--against REV] [--peers] [--json FILE]

Sets: real, synth, msx, audio and cases are for verdicts and lie in the folder named by AVWALK_HEARING_SHARED, else in
``shared`` beside the checkout; generated is a folder of songs of one's own (NAME.ogg or .flac, NAME.json as those of
synth: beats, downbeats, kick, snare, hat, sections, style), named by --generated or AVWALK_HEARING_SONGS.
``--against REV`` hears the same songs with that commit, and says what differs, song by song, with standard errors: it
ends with 1 where anything is worse by more than one. The marks are those of `marks.marks_of`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.hearing.estimates import committed, heard_by, heard_by_peer, working_tree
from tests.benchmarks.hearing.marks import MARKS, Estimate, marks_of
from tests.benchmarks.hearing.peers import installed_peers
from tests.benchmarks.hearing.tables import TABLES, Marks, difference, differences, mean, table
from tests.benchmarks.hearing.truth import SETS, Truth, folder_text, truths

RULE = (
    "Evaluation sets (all but generated) are for verdicts only: nothing of avwalk is chosen by looking at them, and "
    "every look counts."
)
Results = dict[str, dict[str, list[Marks]]]
"""Set → program → the marks of its songs."""


def main(arguments: list[str] | None = None) -> int:
    """Prints the tables; 1 if anything is worse than with the commit to compare with."""
    options = _options(arguments)
    print(RULE, flush=True)
    songs = _songs(options.sets, options.generated)
    if not songs:
        return 0
    here = working_tree()
    old = committed(options.against) if options.against else None
    results: Results = {name: {} for name in songs}
    for version in [here] if old is None else [old, here]:
        label = "old" if version is old else "avwalk" if old is None else "new"
        print(f"{label}: {version.name}", flush=True)
        for name, some in songs.items():
            results[name][label] = _marks(some, heard_by(version, [song.sound for song in some], options.cache))
    if options.peers:
        _add_peers(results, songs, options.cache)
    for title in TABLES:
        if text := table(title, results):
            print(text, flush=True)
    worse = 0
    if old is not None:
        text, worse = differences({name: (rows["old"], rows["new"]) for name, rows in results.items()})
        print(text, flush=True)
    if options.json:
        versions = {"new" if old else "avwalk": here.name} | ({"old": old.name} if old else {})
        options.json.write_text(json.dumps(report(results, songs, versions), indent=1), encoding="utf-8")
    return int(worse > 0)


def report(results: Results, songs: dict[str, list[Truth]], versions: dict[str, str]) -> dict[str, Any]:
    """Everything as JSON: means, differences, and the marks of single songs of the generated set alone."""
    out: dict[str, Any] = {"versions": versions, "sets": {}}
    for name, rows in results.items():
        entry: dict[str, Any] = {"n": len(songs[name]), "programs": {}}
        for program, each in rows.items():
            told = {mark: mean(each, mark) for mark in MARKS}
            entry["programs"][program] = {mark: {"mean": v, "n": n} for mark, (v, n) in told.items() if n}
        if "old" in rows:
            found = {mark: difference(rows["old"], rows["new"], mark) for mark in MARKS}
            entry["differences"] = {
                mark: {"n": d.n, "change": d.change, "error": d.error if d.n > 1 else None, "worse": d.worse}
                for mark, d in found.items()
                if d
            }
        if name == "generated":
            entry["songs"] = {
                song.name: {program: {m: v for m, v in each[k].items() if v == v} for program, each in rows.items()}
                for k, song in enumerate(songs[name])
            }
        out["sets"][name] = entry
    return out


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("hearing", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS), help=",".join(SETS))
    parser.add_argument("--generated", type=Path, metavar="FOLDER", help="songs of one's own")
    parser.add_argument("--against", metavar="REV", help="a commit to compare with")
    parser.add_argument("--peers", action="store_true", help="librosa, and madmom and BeatNet where they are installed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything, to keep")
    cache = Path(tempfile.gettempdir()) / "avwalk-hearing"
    parser.add_argument("--cache", type=Path, metavar="FOLDER", default=cache, help="where estimates are kept")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.sets if name not in SETS]:
        parser.error(f"'{unknown[0]}' is no set; sets are {', '.join(SETS)}")
    return options


def _songs(names: Sequence[str], generated: Path | None) -> dict[str, list[Truth]]:
    """The sets that are here."""
    found = {}
    for name in names:
        if some := truths(name, generated):
            found[name] = some
        else:
            print(f"{name}: not here ({folder_text(name)})", flush=True)
    return found


def _marks(songs: list[Truth], found: list[Estimate]) -> list[Marks]:
    return [marks_of(song, estimate) for song, estimate in zip(songs, found, strict=True)]


def _add_peers(results: Results, songs: dict[str, list[Truth]], cache: Path) -> None:
    here, missing = installed_peers()
    for line in missing:
        print(line, flush=True)
    for program, tracker in here.items():
        for name, some in songs.items():
            sounds = [song.sound for song in some]
            results[name][program] = _marks(some, heard_by_peer(program, tracker, sounds, cache))
