"""``avwalk cues …``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from avwalk.cli.help import SentenceGroup
from avwalk.cli.options import with_options
from avwalk.cli.progress import clock_text, cues_text, say
from avwalk.cli.terminal import echo, echo_error
from avwalk.config.options import RenderOptions

app = typer.Typer(
    cls=SentenceGroup,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Check and show the corrections and wishes beside a song.",
)

Row = tuple[float, float | None, str, str, str]  # at, until in seconds, what, value, from whom or how


@app.command()
@with_options(RenderOptions, only=("track", "encoding"))
def check(
    names: list[str] = typer.Argument(..., metavar="SONG|FILE...", help="A song, or a cues file (.csv) by itself."),
    *,
    cues: str = typer.Option(None, "--cues", metavar="FILE", help="with a song: default SONG.cues.csv, if it is there"),
    options: dict[str, Any],
) -> None:
    """Every problem of cues files; exit code 1 if there is any."""
    from avwalk.errors import AvwalkError, OptionError
    from avwalk.request.parse import parse_options

    track = parse_options(options).track
    if cues and (len(names) > 1 or is_table(names[0])):
        raise OptionError(f"--cues '{cues}' is checked with one song; give that song alone")
    bad = False
    for name in names:
        try:
            echo(_checked(name, cues, track))
        except AvwalkError as error:
            bad = True
            echo_error(error)
    if bad:
        raise typer.Exit(1)


@app.command()
@with_options(RenderOptions, only=("track", "encoding"))
def show(
    song: str = typer.Argument(..., metavar="SONG", help="Any audio file, or a video with sound."),
    *,
    plot: str = typer.Option(None, "--plot", metavar="FILE.png", help="score and cues on the waveform"),
    cues: str = typer.Option(None, "--cues", metavar="FILE", help="default SONG.cues.csv, if it is there"),
    force: bool = typer.Option(False, "--force", help="replace a picture that is there"),
    options: dict[str, Any],
) -> None:
    """The score with the cues applied, and every pin: in seconds and bars, as a table and a picture."""
    import avwalk
    from avwalk.cli.score_text import stretch_text, tempo_text
    from avwalk.events import warnings_as_events
    from avwalk.plan.analysis import corrected
    from avwalk.plan.cues_files import cues_of
    from avwalk.request.parse import parse_options

    track = parse_options(options).track
    told = cues_of(Path(song), cues)
    picture = _picture(plot, force) if plot else None
    with warnings_as_events(lambda event: say(f"note: {event['message']}")):
        analysis = corrected(avwalk.analyze(song, no_cues=True, track=track, words=False), told)
    if told.name:
        say(cues_text(told.name, len(told.rows)))
    else:
        say(f"no cues: '{song}' has no file beside it; `avwalk analyze --write-cues` writes one")
    echo(f"{tempo_text(analysis.score)}, {len(analysis.score.beats)} beats, {len(analysis.score.bars)} bars")
    for stretch in analysis.score.stretches:
        echo(f"{clock_text(stretch.start)} – {clock_text(stretch.end)}  {stretch_text(stretch)}")
    for line in _table(_rows(analysis, told), analysis):
        echo(line)
    if picture:
        from avwalk.audio.decode import read_song
        from avwalk.audio.probe import probe
        from avwalk.cli.plots.cues import plot_cues
        from avwalk.cli.plots.waveform import waveform
        from avwalk.files.atomic import make_folder

        make_folder(picture.parent)
        probed = probe(Path(song), track)
        columns = waveform(read_song(probed), 1600, probed.n_samples)
        plot_cues(analysis, told, columns, picture, Path(song).stem)
        say(f"wrote {picture}")


def _picture(name: str, force: bool) -> Path:
    """Where a picture goes, if one can be written there."""
    from avwalk.cli.files import writable
    from avwalk.cli.plots.analysis import check_suffix

    check_suffix(Path(name))
    return writable(name, force)


def is_table(name: str) -> bool:
    """A cues file, to go by its name."""
    return Path(name).suffix.lower() in (".csv", ".tsv", ".txt")


def _checked(name: str, cues: str | None, track: int | None) -> str:
    """What is to be said of a song or a cues file that is fine."""
    import avwalk
    from avwalk.errors import CuesError
    from avwalk.events import warnings_as_events
    from avwalk.files.names import as_there
    from avwalk.plan.cues_files import all_problems, cues_file, cues_of

    path = as_there(Path(name))
    file = path if is_table(name) else Path(cues) if cues else cues_file(path)
    if not file.exists() and not is_table(name):
        cues_of(path, cues)  # a file that was asked for must be there
        avwalk.analyze(name, no_cues=True, track=track, words=False)
        return f"{name}: no cues file beside it; `avwalk analyze --write-cues` writes one"
    analysed = None if is_table(name) else lambda: avwalk.analyze(name, no_cues=True, track=track, words=False)
    with warnings_as_events(lambda event: say(f"note: {event['message']}")):
        told, problems = all_problems(file, analysed)
    if problems:
        raise CuesError("\n".join(problems))
    if analysed is None:
        rows = len(told.rows)
        return f"{name}: fine, {rows} row{'s' * (rows != 1)}; `cues check SONG --cues {name}` checks the times too"
    return f"{name}: fine, {cues_text(told.name, len(told.rows))}"


def _rows(analysis: Any, told: Any) -> list[Row]:
    """Score and pins, in the order of the song."""
    from avwalk.config.preset import targets
    from avwalk.score.automation import automations, timeline
    from avwalk.score.cue_cells import CONTENT

    score, fps = analysis.score, float(analysis.fps)
    rows: list[Row] = [(s.start, s.end, "section", s.label, "") for s in score.sections]
    rows += [(float(start), float(end), "build", "", "") for start, end in score.builds]
    rows += [(float(drop), None, "drop", "", "") for drop in score.drops]
    for what in (*targets(), *CONTENT):
        for automation in (timeline if what in CONTENT else automations)(told, analysis, what):
            ease = (
                automation.curve if automation.curve == "cut" else f"{automation.curve} {automation.ease_seconds:.2f} s"
            )
            rows.append(
                (automation.i0 / fps, min(automation.i1 / fps, analysis.duration), what, automation.value, ease)
            )
    return sorted(rows, key=lambda row: row[0])


def _table(rows: list[Row], analysis: Any) -> list[str]:
    """Lines: at, until, bar, what, value, ease."""
    from avwalk.score.musical_time import clock, position

    bars = analysis.score.bars

    def bar(at: float) -> str:
        return f"{position(bars, at):.2f}" if len(bars) > 1 else "–"

    lines = [f"{'at':>10} {'until':>10} {'bar':>8}  {'what':<16} {'value':<16} ease"]
    for at, until, what, value, ease in rows:
        end = "" if until is None else clock(until)
        lines.append(f"{clock(at):>10} {end:>10} {bar(at):>8}  {what:<16} {value:<16} {ease}".rstrip())
    return lines
