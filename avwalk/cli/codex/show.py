"""``avwalk codex page``, ``avwalk codex show``."""

from __future__ import annotations

import typer

from avwalk.cli.terminal import echo


def add(app: typer.Typer) -> None:
    """Adds the commands to the group."""
    app.command()(page)
    app.command()(show)


def page(directory: str = typer.Argument(..., metavar="DIR", help="of a codex")) -> None:
    """Write the page of a codex anew, index.html: look through its pictures, filter, and sort them with g and b."""
    from pathlib import Path

    from avwalk.codex.page import write_page
    from avwalk.errors import OutputError

    if not Path(directory).is_dir():
        raise OutputError(f"'{directory}' is no folder; name that of a codex")
    echo(str(write_page(Path(directory))))


def show(
    directory: str = typer.Argument(..., metavar="DIR", help="of a codex, a story, avwalk listen, or of pictures"),
    fullscreen: bool = typer.Option(False, "--fullscreen", help="a slideshow; it takes in pictures as they come"),
    seconds: float = typer.Option(6.0, "--seconds", metavar="S", help="that a picture of the slideshow stays"),
    open_it: bool = typer.Option(False, "--open", help="open it in the browser"),
    port: int = typer.Option(0, "--port", metavar="N", help="0: any that is free"),
    host: str = typer.Option("127.0.0.1", "--host", metavar="ADDRESS", help="for screens of other machines: 0.0.0.0"),
    token_file: str = typer.Option(
        None, "--token-file", metavar="FILE", help="secret of the address, for one that stays; default a new one"
    ),
) -> None:
    """Show a folder in the browser: marks are kept at once, and slideshows on several screens are in step."""
    from pathlib import Path

    from avwalk.serve.settings import token_from
    from avwalk.serve.show.run import show as run
    from avwalk.serve.show.run import show_settings

    token = token_from(Path(token_file)) if token_file else ""

    def said(address: str) -> None:
        import webbrowser

        shown = f"{address}show" if fullscreen else address
        echo(f"{directory} is shown at {shown} (Ctrl-C ends it)")
        if fullscreen:
            echo(f"several screens: {shown}?screen=1of3, ?screen=2of3, …; &wall: one picture over all of them")
        else:
            echo(f"slideshow: {address}show")
        if open_it:
            webbrowser.open(shown)

    run(show_settings(Path(directory), host, port, token), seconds, said)
