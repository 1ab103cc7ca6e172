"""``avwalk analyze SONG``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from avwalk.cli.files import writable
from avwalk.cli.options import with_options
from avwalk.cli.progress import say
from avwalk.cli.terminal import echo
from avwalk.config.options import RenderOptions

if TYPE_CHECKING:
    from avwalk.contracts import Analysis

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@with_options(RenderOptions, only=("fps", "bpm", "first_beat", "track", "words", "no_words", "encoding"))
def analyze(
    song: str = typer.Argument(..., metavar="SONG", help="Any audio file, or a video with sound."),
    *,
    options: dict[str, Any],
    export: str = typer.Option(None, "--export", metavar="csv|json", help="every signal, frame by frame; needs --out"),
    out: str = typer.Option(None, "--out", "-o", metavar="FILE", help="where --export goes"),
    plot: str = typer.Option(None, "--plot", metavar="FILE.png", help="one picture: waveform, bands, signals, score"),
    clicks: str = typer.Option(
        None, "--clicks", metavar="FILE.wav", help="the song with clicks on bars, beats and drums; or FILE.flac"
    ),
    preset: str = typer.Option(
        None, "--preset", "-p", metavar="NAME|FILE", help="draws the parameters that its routes move into --plot"
    ),
    stem: list[str] = typer.Option([], "--stem", metavar="NAME=FILE", help="a part of the song that routes hear"),
    cues: str = typer.Option(
        None, "--cues", metavar="FILE", help="file of corrections; default SONG.cues.csv, if it is there"
    ),
    no_cues: bool = typer.Option(False, "--no-cues", help="leave the corrections beside the song out"),
    write_cues: bool = typer.Option(
        False, "--write-cues", help="write what is found into the cues file, never over your edits"
    ),
    as_json: bool = typer.Option(False, "--json", help="what is printed as one JSON object, all times included"),
    force: bool = typer.Option(False, "--force", help="replace files that are there"),
) -> None:
    """What avwalk hears: tempo, metre, beats, sections, signals; as text, picture, sound, CSV or JSON."""
    import avwalk
    from avwalk.events import warnings_as_events
    from avwalk.files.atomic import make_folder
    from avwalk.request.parse import parse_options

    _check_export(export, out)
    _check_plot(plot, preset, stem)
    _check_clicks(song, clicks)
    for name in (out, plot, clicks):
        if name:
            writable(name, force)
    given = parse_options(options)
    asked: dict[str, Any] = {name: getattr(given, name) for name in ("fps", "bpm", "first_beat", "track")}
    words: Any = False if given.no_words else given.words
    if write_cues:
        from avwalk.plan.cues_files import cues_file, write_findings

        file = Path(cues) if cues else cues_file(Path(song))
        with warnings_as_events(lambda event: None):  # said below
            found = avwalk.analyze(song, no_cues=True, words=False, **asked)
        say(write_findings(found, file))
        cues = str(file)
    with warnings_as_events(lambda event: say(f"note: {event['message']}")):
        analysis = avwalk.analyze(song, cues=cues, no_cues=no_cues, words=words, **asked)
    _print(analysis, as_json)
    for name in (out, plot, clicks):
        if name:
            make_folder(Path(name).parent)
    if export and out:
        from avwalk.features.export import write_csv, write_json

        (write_json if export == "json" else write_csv)(analysis, Path(out))
        say(f"wrote {out}")
    if plot:
        told = {
            **asked,
            "words": given.words,
            "no_words": given.no_words,
            "preset": preset,
            "stem": stem,
            "cues": cues,
            "no_cues": no_cues,
        }
        _plot(song, analysis, told, Path(plot))
        say(f"wrote {plot}")
    if clicks:
        _write_clicks(song, analysis, given.track, Path(clicks))
        say(f"wrote {clicks}")


def _plot(song: str, analysis: Analysis, told: dict[str, Any], path: Path) -> None:
    """The picture of an analysis; with a preset also the parameters that it moves, and the film."""
    from avwalk.audio.decode import read_song
    from avwalk.audio.probe import probe
    from avwalk.cli.plots.analysis import plot_analysis
    from avwalk.cli.plots.waveform import waveform
    from avwalk.pipeline import plan_of
    from avwalk.request.resolve import resolve

    probed, moved, pictures = probe(Path(song), told["track"]), {}, None
    if told["preset"]:
        request = resolve(song, told)
        film, _, _ = plan_of(request)
        for note in request.notes:
            say(f"note: {note}")
        named = dict.fromkeys(route.target for route in request.preset.routes)
        moved = {name: film.params[name] for name in named if name in film.params}
        pictures = film.thumbnails
    columns = waveform(read_song(probed), 1600, probed.n_samples)
    plot_analysis(analysis, columns, path, Path(song).stem, moved, pictures)


def _check_export(export: str | None, out: str | None) -> None:
    """Raises if signals cannot be exported so."""
    from avwalk.errors import OptionError

    if export not in (None, "csv", "json"):
        raise OptionError(f"--export '{export}' is not known; it is csv or json")
    if (export is None) != (out is None):
        raise OptionError("--export and --out belong together: --export json --out song.json")


def _check_plot(plot: str | None, preset: str | None, stem: list[str]) -> None:
    """Raises if the picture cannot be drawn so: another kind of file, or what belongs to it without it."""
    from avwalk.errors import OptionError

    if preset and not plot:
        raise OptionError("--preset belongs to --plot: --plot song.png --preset lsd")
    if stem and not preset:
        raise OptionError("--stem belongs to --preset, whose routes hear it: --plot song.png --preset mine")
    if plot:
        from avwalk.cli.plots.analysis import check_suffix

        check_suffix(Path(plot))


def _check_clicks(song: str, name: str | None) -> None:
    """Raises if clicks cannot go there: another kind of file, or the song itself."""
    from avwalk.audio.clicks import check_suffix
    from avwalk.errors import OutputError

    if not name:
        return
    check_suffix(Path(name))
    if Path(name).exists() and Path(song).exists() and Path(name).samefile(song):
        raise OutputError(f"'{name}' is the song itself; give --clicks another name")


def _write_clicks(song: str, analysis: Analysis, track: int | None, path: Path) -> None:
    from avwalk.audio.clicks import marks_of, write_clicks
    from avwalk.audio.decode import read_song
    from avwalk.audio.probe import probe

    probed, score = probe(Path(song), track), analysis.score
    write_clicks(probed, lambda: read_song(probed), marks_of(score.beats, score.bars, analysis.hits), path)


def _print(analysis: Analysis, as_json: bool) -> None:
    """The score on stdout."""
    import json

    from avwalk.cli.score_text import score_lines
    from avwalk.features.export import score_as_dict

    if as_json:
        echo(json.dumps(score_as_dict(analysis)))
    else:
        echo("\n".join(score_lines(analysis)))
