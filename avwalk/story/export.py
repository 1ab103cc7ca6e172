"""A story given away: a zip of its folder, a PDF book, an animated GIF, the film."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from avwalk.errors import OptionError, StoryError
from avwalk.files.atomic import make_folder, whole_file, write_file
from avwalk.story.board import DPI, serif, wrapped
from avwalk.story.folder import StoryFolder
from avwalk.story.storylets import Storylet

KINDS = ("zip", "pdf", "gif", "mp4")
GIF_WIDTH = 480
"""Pixels."""
GIF_SECONDS = 2.0
"""Of each picture; a storyboard in motion, not a film."""
_BOOK = (1600, 1000)  # pixels of a page
_LEFT_OUT = {".lock", ".sound.sha256", "sound.flac"}


def export_story(
    folder: StoryFolder, title: str, storylets: Sequence[Storylet], kind: str, out: Path | None, *, force: bool = False
) -> Path:
    """Writes a story as one file.

    Args:
        folder: of the story.
        title: of the story.
        storylets: in order.
        kind: of `KINDS`.
        out: the file; None: ``NAME.KIND`` beside the folder.
        force: replace a file that is there.

    Raises:
        OptionError: no such kind, or the file has another suffix.
        StoryError: what is to be written is not there, or a file of that name is.
        OutputError: it cannot be written.
    """
    if kind not in KINDS:
        raise OptionError(f"--to '{kind[:20]}' is unknown; there are {', '.join(KINDS)}")
    path = out or folder.path.absolute().parent / f"{folder.name}.{kind}"
    if path.suffix.lower() != f".{kind}":
        raise OptionError(f"--out '{path.name}' is no {kind}; name it {path.stem}.{kind}")
    if path.exists() and not force:
        raise StoryError(f"'{path}' exists; --force replaces it")
    make_folder(path.parent)
    if kind == "zip":
        _zip(folder, path)
    elif kind == "mp4":
        if not folder.film().exists():
            raise StoryError(f"there is no film in '{folder.path}'; `avwalk story {folder.path}` makes it")
        with whole_file(path) as part:
            shutil.copyfile(folder.film(), part)
    elif kind == "gif":
        _gif(folder, storylets, path)
    else:
        _book(folder, title, storylets, path)
    return path


def _zip(folder: StoryFolder, path: Path) -> None:
    """The folder as it is, without what the film has already; the page in it works."""
    files = [
        each
        for each in sorted(folder.path.rglob("*"))
        if each.is_file()
        and not each.is_symlink()
        and each.name not in _LEFT_OUT
        and each.suffix not in (".part", ".bak")
    ]
    files = [each for each in files if not any(part.endswith(".work") for part in each.relative_to(folder.path).parts)]
    with whole_file(path) as part, zipfile.ZipFile(part, "w") as archive:
        for each in files:
            if each.absolute() in (path.absolute(), part.absolute()):
                continue
            packed = zipfile.ZIP_STORED if each.suffix in (".png", ".mp4") else zipfile.ZIP_DEFLATED
            archive.write(each, f"{folder.path.absolute().name}/{each.relative_to(folder.path).as_posix()}", packed)


def _pictures(folder: StoryFolder, storylets: Sequence[Storylet]) -> list[tuple[Storylet, Image.Image]]:
    found = []
    for storylet in storylets:
        try:
            with Image.open(folder.picture(storylet.number), formats=("PNG",)) as picture:
                found.append((storylet, picture.convert("RGB")))
        except (OSError, ValueError, Image.DecompressionBombError):
            continue
    if not found:
        raise StoryError(f"there is no picture in '{folder.pictures}'; `avwalk story {folder.path}` paints them")
    return found


def _gif(folder: StoryFolder, storylets: Sequence[Storylet], path: Path) -> None:
    frames = []
    for _, picture in _pictures(folder, storylets):
        height = max(2, round(GIF_WIDTH * picture.height / picture.width))
        frames.append(picture.resize((GIF_WIDTH, height), Image.Resampling.LANCZOS).quantize(128))
    data = io.BytesIO()
    frames[0].save(
        data, "GIF", save_all=True, append_images=frames[1:], duration=round(GIF_SECONDS * 1000), loop=0, optimize=True
    )
    write_file(path, data.getvalue())


def _book(folder: StoryFolder, title: str, storylets: Sequence[Storylet], path: Path) -> None:
    pages, data = book_pages(folder, title, storylets), io.BytesIO()
    pages[0].save(data, "PDF", resolution=DPI, save_all=True, append_images=pages[1:], title=title)
    write_file(path, data.getvalue())


def book_pages(folder: StoryFolder, title: str, storylets: Sequence[Storylet]) -> list[Image.Image]:
    """A page for each picture, its text below it; the title first.

    Raises:
        StoryError: there is no picture.
    """
    width, height = _BOOK
    cover = Image.new("RGB", _BOOK, "white")
    large, text = serif(64), serif(26)
    lines = wrapped(title, large, width - 300)
    for k, line in enumerate(lines):
        ImageDraw.Draw(cover).text(
            (width / 2, height / 2 + (k - len(lines) / 2) * 84), line, "black", large, anchor="mm"
        )
    pages = [cover]
    for storylet, picture in _pictures(folder, storylets):
        page = Image.new("RGB", _BOOK, "white")
        lines = wrapped(storylet.text, text, width - 320)[:8]
        room = height - 120 - 36 * len(lines) - 40
        scale = min((width - 320) / picture.width, room / picture.height)
        small = picture.resize(
            (max(1, round(picture.width * scale)), max(1, round(picture.height * scale))), Image.Resampling.LANCZOS
        )
        page.paste(small, ((width - small.width) // 2, 60))
        draw = ImageDraw.Draw(page)
        for k, line in enumerate(lines):
            draw.text((160, 60 + small.height + 40 + 36 * k), line, (35, 32, 27), text)
        draw.text((width - 60, height - 40), str(storylet.number), (120, 112, 100), text, anchor="rs")
        pages.append(page)
    return pages
