"""``avwalk music``."""

from __future__ import annotations

import typer

from avwalk.cli.terminal import echo, json_text

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def music(
    moods: list[str] = typer.Argument(
        ..., metavar="MOODS|STORY.txt", help="A mood for each part, as calm or calm:12.5 (seconds); or a text."
    ),
    out: str = typer.Option("music.wav", "--out", "-o", metavar="FILE.wav", help="24 bits"),
    seconds: float = typer.Option(
        None, "--seconds", metavar="S", help="of each part; default 12, and of a text as long as it takes to read"
    ),
    seed: int = typer.Option(0, "--seed", metavar="N", help="another theme, another key"),
    rate: int = typer.Option(44100, "--rate", metavar="HZ", help="samples per second"),
    force: bool = typer.Option(False, "--force", help="replace a file that is there"),
    as_json: bool = typer.Option(False, "--json", help="sections, bars and beats, in seconds, as one JSON object"),
) -> None:
    """Compose music for a story: chords, tempo, loudness and instruments follow the moods; same seed, same music."""
    from pathlib import Path

    from avwalk.cli.files import writable
    from avwalk.errors import OptionError
    from avwalk.files.atomic import make_folder
    from avwalk.story_music.compose import compose, write_music
    from avwalk.story_music.loudness import loudness
    from avwalk.story_music.requests import parts_of_file, parts_of_words

    path = writable(out, force)
    if path.suffix.lower() != ".wav":
        raise OptionError(f"--out '{out}' is no WAV; name it {path.stem}.wav")
    story = len(moods) == 1 and Path(moods[0]).is_file()
    parts = parts_of_file(Path(moods[0]), seconds) if story else parts_of_words(moods, seconds)
    made = compose([mood for mood, _ in parts], [length for _, length in parts], seed, rate)
    make_folder(path.parent)
    write_music(made, path)
    if as_json:
        echo(
            json_text(
                {"out": str(path), "key": made.key, "seed": seed, "sections": made.as_json(), "beats": made.beats}
            )
        )
        return
    for section in made.sections:
        echo(f"{section.start:7.2f} s  {section.mood.name}, {section.bpm:.1f} BPM, {len(section.bars)} bars")
    echo(f"{path}: {made.sections[-1].end:.1f} s, {made.key}, {loudness(made.samples, rate):.1f} LUFS")
