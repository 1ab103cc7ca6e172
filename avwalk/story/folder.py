"""The folder of a story: its tables, pictures, sound and film, what was used for each, and what was said of them.

storylets.csv   text, place, light, prompt and seed of each storylet: the artist's to change
cast.csv        who is in it, and what they look like
pictures/       001.png, 002.png, …
sound.flac      what is heard
NAME.mp4        the film;  NAME.words.csv its subtitles with the times of words
index.html      text beside picture
story.json      what was used
reviews.jsonl   likes, dislikes and notes
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout
from pydantic import ValidationError

from avwalk._version import __version__
from avwalk.config.problems import option_error
from avwalk.config.story_options import StoryOptions
from avwalk.errors import OutputError, StoryError, clipped
from avwalk.files.atomic import output_error, write_file
from avwalk.files.bounded import parse_json
from avwalk.presets.locked import locked_style
from avwalk.story.story_text import Paragraph, StoryText

MAX_BYTES = 64 << 20
MAX_NOTE = 2000
MAX_REVIEWS = 10_000
Verdict = Literal["like", "dislike", "note"]


@dataclass(frozen=True)
class PictureRecord:
    """What is known of a storylet's picture.

    Attributes:
        key: sha256 of all that it was painted of; empty: it was never painted.
        sha256: of the file as it was written.
        used: what the painter says that it used.
        notes: what it could not follow.
        error: why it failed; empty: it did not.
        seconds: that it took.
        edited: the masks and prompts by which it was changed since.
    """

    key: str = ""
    sha256: str = ""
    used: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    error: str = ""
    seconds: float = 0.0
    edited: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoryState:
    """All of a story that is in no table of its own.

    Attributes:
        story: its text.
        source: name of the file that it is from.
        options: as they were given last.
        language: of the text.
        pictures: by the number of the storylet.
        film_facts: what is known of the film: frames, times, sound.
    """

    story: StoryText
    source: str
    options: StoryOptions
    language: str
    pictures: Mapping[int, PictureRecord] = field(default_factory=dict)
    film_facts: Mapping[str, Any] = field(default_factory=dict)


class StoryFolder:
    """Where a story is.

    Args:
        path: of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.table = path / "storylets.csv"
        self.characters = path / "cast.csv"
        self.pictures = path / "pictures"
        self.sound = path / "sound.flac"
        self.page = path / "index.html"
        self.state = path / "story.json"
        self.reviews = path / "reviews.jsonl"

    @property
    def name(self) -> str:
        """Of its films."""
        return self.path.absolute().name.removesuffix("_story") or "story"

    def film(self, suffix: str = ".mp4") -> Path:
        """Its film."""
        return self.path / f"{self.name}{suffix}"

    def picture(self, number: int) -> Path:
        """The picture of a storylet, from 1."""
        return self.pictures / f"{number:03d}.png"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While it lasts no other avwalk changes the story; the folder is made if it is not there.

        Raises:
            OutputError: one does; or the folder cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path / ".lock")
            lock.acquire(timeout=0)
        except Timeout:
            raise OutputError(f"'{self.path}' is being changed by another avwalk; wait for it") from None
        except OSError as error:
            raise output_error(self.path, error) from None
        try:
            yield
        finally:
            lock.release()

    def load(self) -> StoryState:
        """What is stored.

        Raises:
            StoryError: the folder holds no story, or one that cannot be read.
        """
        try:
            with self.state.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError:
            raise StoryError(f"'{self.path}' is no folder of a story; `avwalk story FILE` makes one") from None
        try:
            return _state_of(parse_json(data))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoryError(
                f"'{self.state}' cannot be read ({clipped(error, 80)}); tell the story again with its file"
            ) from None

    def load_if_there(self) -> StoryState | None:
        """What is stored; None where nothing is, or nothing that can be read."""
        try:
            return self.load()
        except StoryError:
            return None

    def save(self, state: StoryState) -> None:
        """Stores it.

        Raises:
            OutputError: it cannot be written.
        """
        tree = {
            "avwalk": __version__,
            "title": state.story.title,
            "source": state.source,
            "language": state.language,
            "options": state.options.model_dump(mode="json", exclude_defaults=True),
            "pictures": {str(k): _sparse(record) for k, record in sorted(state.pictures.items())},
            "film": dict(state.film_facts),
            "paragraphs": [[each.text, each.heading] for each in state.story.paragraphs],
        }
        write_file(self.state, json.dumps(tree, ensure_ascii=False, indent=1) + "\n")

    def review(self, verdict: Verdict, number: int, text: str = "") -> None:
        """Adds what somebody thinks of a storylet to `reviews`: a line of JSON.

        Args:
            verdict: what kind it is.
            number: of the storylet.
            text: of a note.

        Raises:
            StoryError: the text is empty or very long, or there are far too many already.
            OutputError: it cannot be written.
        """
        if verdict == "note" and not text.strip():
            raise StoryError("the note is empty; say something")
        if len(text) > MAX_NOTE:
            raise StoryError(f"the note has {len(text)} letters; at most {MAX_NOTE} are kept")
        if len(self.all_reviews()) >= MAX_REVIEWS:
            raise StoryError(f"'{self.reviews}' holds {MAX_REVIEWS} reviews; move it away")
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = {"timestamp": at, "storylet": number, "verdict": verdict, **({"review": text} if text else {})}
        try:
            with self.reviews.open("a", encoding="utf-8", newline="\n") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            raise output_error(self.reviews, error) from None

    def all_reviews(self) -> list[dict[str, Any]]:
        """Everything that was said, in order; lines that cannot be read are left out."""
        try:
            with self.reviews.open("rb") as file:
                rows = file.read(MAX_BYTES).splitlines()
        except OSError:
            return []
        found = []
        for row in rows:
            try:
                value = parse_json(row)
            except ValueError:
                continue
            if isinstance(value, dict) and isinstance(value.get("storylet"), int):
                found.append(value)
        return found


def story_options(values: Mapping[str, Any]) -> StoryOptions:
    """Options as given, checked; the locked style of a preset becomes their style, so that a folder needs no preset.

    Raises:
        OptionError: values out of range, all at once.
        PresetError: there is no such preset, or it has no locked style.
    """
    try:
        found = StoryOptions(**values)
        style, negative = locked_style(found.preset or "", found.style, found.negative)
        return StoryOptions(**{**found.model_dump(), "preset": None, "style": style, "negative": negative})
    except ValidationError as error:
        raise option_error(error, StoryOptions.model_fields) from None


def continued(folder: StoryFolder, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The options of a story that is told again: as its folder has them, but for those that are given.

    Args:
        folder: of the story; where none was told yet nothing is stored.
        given: name → value, of this call.

    Returns:
        All options, and lines for people: what is taken from the folder, and what is given otherwise.
    """
    state = folder.load_if_there()
    if state is None:
        return dict(given), []
    stored = state.options.model_dump(exclude_defaults=True, exclude={"out"})
    before = state.options.model_dump()
    checked = story_options(given).model_dump()
    changed = [name for name in given if name not in _NOT_TOLD and checked[name] != before[name]]
    kept = [name for name in stored if name not in given and name not in _NOT_TOLD]
    lines = []
    if kept:
        told = ", ".join(f"{name.replace('_', '-')} {_told(stored[name])}" for name in kept)
        lines.append(f"as it was told before: {told} (--forget takes none of it)")
    lines += [
        f"{name.replace('_', '-')} is {_told(checked[name])} from now on; it was {_told(before[name])}"
        for name in changed
    ]
    return {**stored, **given}, lines


_NOT_TOLD = ("out", "limit", "workers", "encoding")
"""Options that change no picture and no sound."""


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not given" if value in (None, "") else clipped(str(value), 60)


def _sparse(record: PictureRecord) -> dict[str, Any]:
    return {name: value for name, value in asdict(record).items() if value}


def _state_of(tree: Any) -> StoryState:
    paragraphs = tuple(Paragraph(str(text), str(heading)) for text, heading in tree["paragraphs"])
    pictures = {}
    for number, record in tree["pictures"].items():
        pictures[int(number)] = PictureRecord(
            str(record.get("key", "")),
            str(record.get("sha256", "")),
            dict(record.get("used", {})),
            tuple(str(each) for each in record.get("notes", ())),
            str(record.get("error", "")),
            float(record.get("seconds", 0)),
            tuple(str(each) for each in record.get("edited", ())),
        )
    return StoryState(
        StoryText(str(tree["title"]), paragraphs),
        str(tree["source"]),
        StoryOptions(**tree["options"]),
        str(tree["language"]),
        pictures,
        dict(tree["film"]),
    )
