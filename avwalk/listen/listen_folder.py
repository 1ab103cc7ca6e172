"""The folder of a run: numbered pictures, and a line of JSON for each, which says what was said.

0001.png 0002.png …      each says its prompt, seed and painter, as those of `avwalk paint`
listen.jsonl             {"number", "time", "text", "prompt", "seed", "painter", "picture", …}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from avwalk.errors import OutputError, PainterError
from avwalk.files.atomic import make_folder, output_error
from avwalk.files.image_meta import write
from avwalk.listen.utterances import Utterance
from avwalk.painters.contract import Painter, PaintRequest
from avwalk.painters.pictures import texts
from avwalk.painters.several import Commission, Delivery, paint_all

RECORD = "listen.jsonl"
STORY = "said.txt"
_NUMBER = re.compile(r"(\d{4,})\.png")


class ListenFolder:
    """The pictures of a run. What is there stays; new ones get the next numbers.

    Args:
        folder: is made if it is not there.

    Raises:
        OutputError: it cannot be made, or is a file.
    """

    def __init__(self, folder: Path) -> None:
        if folder.is_file():
            raise OutputError(f"--out '{folder}' is a file; name a folder")
        make_folder(folder)
        self.path = folder

    def records(self) -> Iterator[dict[str, Any]]:
        """The lines of the record; those that are not whole are left out."""
        try:
            lines = (self.path / RECORD).read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return
        for line in lines:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                yield record

    def next_number(self) -> int:
        """Of a new picture."""
        names = [match[1] for path in self.path.iterdir() if (match := _NUMBER.fullmatch(path.name))]
        numbers = [int(name) for name in names]
        numbers += [number for record in self.records() if isinstance(number := record.get("number"), int)]
        return max(numbers, default=0) + 1

    def add(self, utterance: Utterance, delivery: Delivery, source: str, **facts: Any) -> dict[str, Any]:
        """Keeps a picture, or that it failed.

        Args:
            utterance: what was said.
            delivery: the picture, or why there is none.
            source: what it was said in.
            facts: more for the record; JSON values.

        Returns:
            Its line of the record.

        Raises:
            OutputError: it cannot be written.
        """
        number = self.next_number()
        name = f"{number:04d}.png"
        record = {
            "number": number,
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            **{key: value for key, value in asdict(utterance).items() if value not in ("", None)},
            "painter": delivery.commission.painter.kind,
            "source": source,
            "picture": name if delivery.painting else None,
            **({"error": delivery.error} if delivery.error else {}),
            "seconds": round(delivery.seconds, 3),
            **facts,
        }
        if delivery.painting:
            said = texts(delivery.commission, delivery.painting)
            own = {key: record[key] for key in ("text", "time", "source", "speaker", "start_s") if key in record}
            said["avwalk"] = json.dumps({**json.loads(said["avwalk"]), **own}, ensure_ascii=False)
            write(self.path / name, delivery.painting.picture, said)
        self._append(RECORD, json.dumps(record, ensure_ascii=False) + "\n")
        speaker = f"{utterance.speaker}: " if utterance.speaker else ""
        self._append(STORY, f"{speaker}{utterance.text}\n\n")
        return record

    def _append(self, name: str, text: str) -> None:
        try:
            with (self.path / name).open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise output_error(self.path / name, error) from None


def paint_utterances(
    utterances: Sequence[Utterance], painter: Painter, size: tuple[int, int], folder: ListenFolder, source: str
) -> Iterator[dict[str, Any]]:
    """Paints pictures in order, and keeps each as it comes; a failed one does not end the others.

    Raises:
        PainterError: none could be painted; the first reason.
        OutputError: a file cannot be written.
    """
    requests = [PaintRequest(each.prompt, each.negative, each.seed, size) for each in utterances]
    work = [Commission(painter, request) for request in requests]
    first, painted = "", 0
    for utterance, delivery in zip(utterances, paint_all(work), strict=True):
        first, painted = first or delivery.error, painted + (delivery.painting is not None)
        yield folder.add(utterance, delivery, source)
    if not painted:
        raise PainterError(first)
