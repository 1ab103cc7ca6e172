"""The storyboard: pages of thumbnails with the text under them, for print, as PNG or PDF by Pillow."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from avwalk.effects.writing.lettering import font_file
from avwalk.errors import OptionError, StoryError
from avwalk.files.atomic import make_folder, write_file
from avwalk.story.folder import StoryFolder
from avwalk.story.storylets import Storylet

DPI = 150
PAPERS = {"a4": (210, 297), "letter": (216, 279)}
"""Name → width and height, mm."""
FORMATS = (".pdf", ".png")
_MARGIN, _GAP = 14, 7  # mm
_INK, _SOFT, _LINE, _PAPER = (35, 32, 27), (120, 112, 100), (210, 203, 190), (255, 255, 255)


@dataclass(frozen=True)
class BoardSettings:
    """How a storyboard is laid out.

    Attributes:
        paper: ``a4`` or ``letter``.
        columns: of pictures, 1 to 6.
        landscape: whether the page lies.
    """

    paper: str = "a4"
    columns: int = 2
    landscape: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Of a page, pixels.

        Raises:
            OptionError: no such paper.
        """
        if self.paper not in PAPERS:
            raise OptionError(f"--paper '{self.paper}' is unknown; there are {', '.join(PAPERS)}")
        width, height = (round(side / 25.4 * DPI) for side in PAPERS[self.paper])
        return (height, width) if self.landscape else (width, height)


def write_board(
    folder: StoryFolder, title: str, storylets: Sequence[Storylet], out: Path, settings: BoardSettings | None = None
) -> list[Path]:
    """Writes the storyboard.

    Args:
        folder: of the story, for its pictures.
        title: of the story.
        storylets: in order.
        out: ``.pdf``, or ``.png``; of several pages the second is ``NAME_2.png``.
        settings: of the layout.

    Returns:
        The files.

    Raises:
        OptionError: another kind of file, or a layout that cannot be.
        OutputError: it cannot be written.
    """
    if out.suffix.lower() not in FORMATS:
        raise OptionError(f"--out '{out.name}' is no storyboard; name it .pdf or .png")
    pages = board_pages(folder, title, storylets, settings or BoardSettings())
    make_folder(out.parent)
    if out.suffix.lower() == ".pdf":
        data = io.BytesIO()
        pages[0].save(data, "PDF", resolution=DPI, save_all=True, append_images=pages[1:], title=title)
        write_file(out, data.getvalue())
        return [out]
    files = [out if k == 1 else out.with_name(f"{out.stem}_{k}{out.suffix}") for k in range(1, len(pages) + 1)]
    for file, page in zip(files, pages, strict=True):
        data = io.BytesIO()
        page.save(data, "PNG", dpi=(DPI, DPI))
        write_file(file, data.getvalue())
    return files


def board_pages(
    folder: StoryFolder, title: str, storylets: Sequence[Storylet], settings: BoardSettings
) -> list[Image.Image]:
    """The pages of a storyboard: each cell a picture, its number and its text; rows are as tall as their texts.

    Raises:
        OptionError: a layout that cannot be.
    """
    if not 1 <= settings.columns <= 6:
        raise OptionError(f"--columns {settings.columns} is out of range; give 1 to 6")
    if not storylets:
        raise StoryError("the story has no storylets")
    width, height = settings.size
    margin, gap = (round(mm / 25.4 * DPI) for mm in (_MARGIN, _GAP))
    across = (width - 2 * margin - (settings.columns - 1) * gap) // settings.columns
    em = max(13, min(30, round(across / 26)))
    text, small, large = (serif(size) for size in (em, round(em * 0.8), round(em * 1.7)))
    cells = [_Cell(folder.picture(each.number), each, across, text, em) for each in storylets]
    rows = [cells[k : k + settings.columns] for k in range(0, len(cells), settings.columns)]
    pages: list[Image.Image] = []
    y = height
    for row in rows:
        tall = min(max(cell.height for cell in row), height - 2 * margin - 3 * em)
        if y + tall > height - margin - 2 * em:
            page = Image.new("RGB", (width, height), _PAPER)
            pages.append(page)
            draw = ImageDraw.Draw(page)
            y = margin
            if len(pages) == 1:
                draw.text((margin, y), _fitting(title, large, width - 2 * margin), _INK, large)
                y += round(em * 3)
        for k, cell in enumerate(row):
            cell.draw(pages[-1], draw, (margin + k * (across + gap), y), small)
        y += tall + gap
    for number, page in enumerate(pages, 1):
        told = f"{title}   {number} / {len(pages)}"
        ImageDraw.Draw(page).text((width - margin, height - margin), told, _SOFT, small, anchor="rs")
    return pages


class _Cell:
    """A picture and its text in a column."""

    def __init__(self, picture: Path, storylet: Storylet, width: int, font: ImageFont.FreeTypeFont, em: int) -> None:
        self._width, self._font, self._em, self._number = width, font, em, storylet.number
        self._picture = _thumbnail(picture, width)
        self._lines = wrapped(storylet.text, font, width)
        self._leading = round(em * 1.35)

    @property
    def height(self) -> int:
        """In pixels."""
        return self._picture.height + round(self._em * 2.1) + self._leading * len(self._lines)

    def draw(
        self, page: Image.Image, draw: ImageDraw.ImageDraw, at: tuple[int, int], small: ImageFont.FreeTypeFont
    ) -> None:
        """Puts it on a page; of a text longer than the page the rest is left out."""
        x, y = at
        page.paste(self._picture, at)
        draw.rectangle((x, y, x + self._width - 1, y + self._picture.height - 1), outline=_LINE)
        y += self._picture.height + round(self._em * 0.5)
        draw.text((x, y), str(self._number), _SOFT, small)
        y += round(self._em * 1.3)
        room = page.height - y - 2 * self._em
        for k, line in enumerate(self._lines[: max(0, room // self._leading)]):
            draw.text((x, y + k * self._leading), line, _INK, self._font)


def _thumbnail(path: Path, width: int) -> Image.Image:
    """A picture as wide as its column; where there is none, an empty frame."""
    try:
        with Image.open(path, formats=("PNG",)) as picture:
            height = max(1, round(width * picture.height / picture.width))
            return picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    except (OSError, ValueError, Image.DecompressionBombError):
        return Image.new("RGB", (width, round(width * 9 / 16)), (240, 236, 228))


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """A text in lines that are not wider; a word that is, is broken."""
    lines = [""]
    for word in text.split():
        line = f"{lines[-1]} {word}".strip()
        if font.getlength(line) <= width:
            lines[-1] = line
            continue
        while font.getlength(word) > width and len(word) > 1:
            n = max(1, int(len(word) * width / font.getlength(word)) - 1)
            lines.append(word[:n])
            word = word[n:]
        lines.append(word)
    return [line for line in lines if line]


def _fitting(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    while len(text) > 1 and font.getlength(text) > width:
        text = text[:-2].rstrip() + "…"
    return text


def serif(size: int) -> ImageFont.FreeTypeFont:
    """The letters of storyboards and books."""
    return ImageFont.truetype(str(font_file("serif")), size)
