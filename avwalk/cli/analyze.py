"""``avwalk analyze SONG``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from avwalk.cli.options import with_options
from avwalk.cli.progress import clock_text, say
from avwalk.config.options import RenderOptions

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@with_options(RenderOptions, only=("track",))
def analyze(
    song: str = typer.Argument(..., metavar="SONG", help="Any audio file, or a video with sound."),
    *,
    options: dict[str, Any],
    export: str = typer.Option(None, "--export", metavar="csv|json", help="every signal, frame by frame; needs --out"),
    out: str = typer.Option(None, "--out", "-o", metavar="FILE", help="where --export goes"),
    plot: str = typer.Option(None, "--plot", metavar="FILE.png", help="one picture: waveform, bands, signals, score"),
    preset: str = typer.Option(
        None, "--preset", "-p", metavar="NAME|FILE", help="draws the parameters that its routes move into --plot"
    ),
    stem: list[str] = typer.Option([], "--stem", metavar="NAME=FILE", help="a part of the song that routes hear"),
    fps: str = typer.Option(
        "30", metavar="FPS", help="frames per second of the signals [default: 30]", show_default=False
    ),
    bpm: float = typer.Option(None, metavar="X", help="overrules the tempo found"),
    first_beat: str = typer.Option(None, metavar="TIME", help="overrules where the beats begin"),
    cues: str = typer.Option(
        None, "--cues", metavar="FILE", help="file of corrections; default SONG.cues.csv, if it is there"
    ),
    no_cues: bool = typer.Option(False, "--no-cues", help="leave the corrections beside the song out"),
    write_cues: bool = typer.Option(
        False, "--write-cues", help="write what is found into the cues file, never over your edits"
    ),
    force: bool = typer.Option(False, "--force", help="replace files that are there"),
) -> None:
    """What avwalk hears: tempo, beats, sections, signals; as text, picture, CSV or JSON."""
    import avwalk
    from avwalk.clock import parse_time
    from avwalk.errors import OptionError
    from avwalk.events import warnings_as_events
    from avwalk.request.parse import parse_options

    if export not in (None, "csv", "json"):
        raise OptionError(f"--export '{export}' is not known; it is csv or json")
    if (export is None) != (out is None):
        raise OptionError("--export and --out belong together: --export json --out song.json")
    if preset and not plot:
        raise OptionError("--preset belongs to --plot: --plot song.png --preset lsd")
    if stem and not preset:
        raise OptionError("--stem belongs to --preset, whose routes hear it: --plot song.png --preset mine")
    files = [writable(name, force) for name in (out, plot) if name]
    beat = None if first_beat is None else parse_time(first_beat)
    track = parse_options(options).track
    asked: dict[str, Any] = {"fps": fps, "bpm": bpm, "first_beat": beat, "track": track}
    if write_cues:
        from avwalk.plan.cues_files import cues_file, write_findings

        file = Path(cues) if cues else cues_file(Path(song))
        with warnings_as_events(lambda event: None):  # said below
            found = avwalk.analyze(song, no_cues=True, **asked)
        say(write_findings(found, file))
        cues = str(file)
    with warnings_as_events(lambda event: say(f"note: {event['message']}")):
        analysis = avwalk.analyze(song, cues=cues, no_cues=no_cues, **asked)
    _print(analysis)
    if export and out:
        from avwalk.features.export import write_csv, write_json

        (write_json if export == "json" else write_csv)(analysis, Path(out))
        say(f"wrote {files[0]}")
    if plot:
        from avwalk.audio.decode import read_song
        from avwalk.audio.probe import probe
        from avwalk.cli.plots.analysis import plot_analysis
        from avwalk.cli.plots.waveform import waveform
        from avwalk.pipeline import plan_of
        from avwalk.request.resolve import resolve

        probed, moved, pictures = probe(Path(song), track), {}, None
        if preset:
            request = resolve(song, {**asked, "preset": preset, "stem": stem, "cues": cues, "no_cues": no_cues})
            film, _, _ = plan_of(request)
            for note in request.notes:
                say(f"note: {note}")
            moved = {name: film.params[name] for name in dict.fromkeys(route.target for route in request.preset.routes)}
            pictures = film.thumbnails
        columns = waveform(read_song(probed), 1600, probed.n_samples)
        plot_analysis(analysis, columns, Path(plot), Path(song).stem, moved, pictures)
        say(f"wrote {files[-1]}")


def writable(name: str, force: bool) -> Path:
    """The path, if a file may be written there.

    Raises:
        OutputError: its folder is missing, or it is there and ``force`` is not given.
    """
    from avwalk.errors import OutputError

    path = Path(name)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise OutputError(f"cannot write '{name}': its folder does not exist, or it is a folder itself")
    if path.exists() and not force:
        raise OutputError(f"'{name}' exists; --force replaces it")
    return path


def _print(analysis: object) -> None:
    from avwalk.contracts import Analysis

    assert isinstance(analysis, Analysis)
    score = analysis.score
    tempo = f"{score.tempo_bpm:.2f} BPM" if score.tempo_bpm else "no steady beat"
    typer.echo(f"length    {clock_text(analysis.duration)}  ({analysis.duration:.3f} s, {analysis.n_frames} frames)")
    typer.echo(f"tempo     {tempo}, {len(score.beats)} beats, {len(score.bars)} bars")
    for section in score.sections:
        typer.echo(f"section   {clock_text(section.start):>6} – {clock_text(section.end):>6}  {section.label}")
    for start, end in score.builds:
        typer.echo(f"build-up  {clock_text(start):>6} – {clock_text(end):>6}")
    for drop in score.drops:
        typer.echo(f"drop      {clock_text(float(drop)):>6}")
