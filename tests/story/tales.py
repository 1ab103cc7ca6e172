"""Small stories, and a voice that is not there: for tests on machines without any."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from avwalk.speech.voice import Speech, WordStart
from avwalk.words.transcript import pieces

TALE = """The Small Boat

Anna had a small red boat on the blue sea. The sun was bright.

At night a storm came. The waves were high, and it rained.

In the morning she slept in the green forest. All was calm.
"""
RATE = 16_000
SECONDS = 0.2
"""Of a word."""
SMALL = {"size": "64x36", "fps": "10", "workers": 1, "card": False}


class ToneVoice:
    """Says a tone for each word, `SECONDS` long, the first after 0.1 s of silence."""

    def __init__(self) -> None:
        self.identity: dict[str, str | int | float] = {"voice": "tones"}
        self.said: list[str] = []

    def speak(self, text: str, language: str = "en") -> Speech:
        self.said.append(text)
        words, at, parts = list[WordStart](), 0.1, [np.zeros(round(0.1 * RATE))]
        begin = 0
        for k, piece in enumerate(pieces(text)):
            words.append(WordStart(round(at, 6), begin, begin + len(piece.rstrip())))
            time = np.arange(round(SECONDS * RATE)) / RATE
            parts.append(0.5 * np.sin(2 * np.pi * (200 + 40 * (k % 5)) * time))
            begin += len(piece)
            at += SECONDS
        samples = np.concatenate([*parts, np.zeros(RATE)]).astype(np.float32)
        return Speech(samples, RATE, tuple(words))


def tale(folder: Path, text: str = TALE, name: str = "tale.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
LONG = "The old ship sailed on over the wide grey sea, and nobody on it knew where the wind would take them. " * 3


def book(path: Path, pages: dict[str, str], *, opf: str = "", extra: dict[str, bytes] | None = None) -> Path:
    """An EPUB of pages in the order of a table, name → what is in its body."""
    items = "".join(f'<item id="i{k}" href="{n}" media-type="application/xhtml+xml"/>' for k, n in enumerate(pages))
    refs = "".join(f'<itemref idref="i{k}"/>' for k in range(len(pages)))
    package = f"""<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A Book</dc:title><dc:language>en-GB</dc:language>
</metadata><manifest>{items}</manifest><spine>{refs}</spine></package>"""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/epub+zip")
        file.writestr("META-INF/container.xml", CONTAINER)
        file.writestr("OPS/book.opf", opf or package)
        for name, body in pages.items():
            page = f"<html><head><title>no</title><style>p {{}}</style></head><body>{body}</body></html>"
            file.writestr(f"OPS/{name}", page)
        for name, data in (extra or {}).items():
            file.writestr(name, data)
    return path
