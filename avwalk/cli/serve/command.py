"""``avwalk serve``."""

from __future__ import annotations

import typer

from avwalk.cli.terminal import echo

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_SAFETY, _LIMITS = "Who may ask", "Limits"
"""Headings of the help."""


@app.command()
def serve(
    port: int = typer.Option(8000, "--port", metavar="N", help="0: any that is free"),
    host: str = typer.Option("127.0.0.1", "--host", metavar="ADDRESS", help="others than this machine need a token"),
    painter: str = typer.Option(
        "worlds", "--painter", "-p", metavar="KIND[@URL]", help="what paints, as in avwalk paint"
    ),
    size: str = typer.Option("512x512", "--size", metavar="WxH", help="of the pictures of /generate"),
    img_format: str = typer.Option(
        "JPEG", "--img-format", "--img_format", metavar="JPEG|jpeg|png", help="of the pictures of /generate"
    ),
    save_to_disk: str = typer.Option(
        "no", "--save-to-disk", "--save_to_disk", metavar="yes|no", help="keep the pictures of /generate"
    ),
    output_dir: str = typer.Option(
        "generations", "--output-dir", "--output_dir", metavar="FOLDER", help="where they are kept"
    ),
    folder: str = typer.Option("avwalk-served", "--folder", metavar="FOLDER", help="of songs and jobs"),
    token_file: str = typer.Option(
        None,
        "--token-file",
        metavar="FILE",
        help="token that requests need; else AVWALK_SERVE_TOKEN",
        rich_help_panel=_SAFETY,
    ),
    allow_origin: list[str] = typer.Option(
        [], "--allow-origin", metavar="URL", help="web pages that may ask; repeatable", rich_help_panel=_SAFETY
    ),
    allow_host: list[str] = typer.Option(
        [], "--allow-host", metavar="NAME", help="names by which it is asked; repeatable", rich_help_panel=_SAFETY
    ),
    rate: int = typer.Option(
        240, "--rate", metavar="N", help="requests a minute of one address; 0: any", rich_help_panel=_LIMITS
    ),
    concurrency: int = typer.Option(
        2, "--concurrency", metavar="N", help="pictures painted at once", rich_help_panel=_LIMITS
    ),
    queue: int = typer.Option(64, "--queue", metavar="N", help="pictures that wait", rich_help_panel=_LIMITS),
    max_upload: int = typer.Option(128, "--max-upload", metavar="MIB", help="of a song", rich_help_panel=_LIMITS),
) -> None:
    """Serve pictures of texts and films by HTTP. Only this machine can ask, unless --host and a token say otherwise."""
    from pathlib import Path

    from avwalk.cli.values import size_of
    from avwalk.serve.run import serve as run
    from avwalk.serve.settings import Limits, ServeSettings, token_from, yes_or_no

    run(
        ServeSettings(
            folder=Path(folder),
            host=host,
            port=port,
            painter=painter,
            size=size_of(size),
            img_format=img_format,
            output_dir=Path(output_dir) if yes_or_no(save_to_disk, "--save-to-disk") else None,
            token=token_from(Path(token_file) if token_file else None),
            allow_origins=tuple(allow_origin),
            allow_hosts=tuple(allow_host),
            limits=Limits(rate=rate, concurrency=concurrency, queue=queue, upload=max_upload << 20),
        ),
        lambda address: echo(f"avwalk serves at {address} (Ctrl-C ends it); {address}/docs says what can be asked"),
    )
