"""★ From the text of a story to its folder: storylets, prompts, pictures, sound, film, page.

Everything that was made once is kept in the folder; the same call again makes what is missing or was changed.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from avwalk.config.story_options import StoryOptions
from avwalk.contracts import Event
from avwalk.errors import OptionError, StoryError
from avwalk.events import warning, warnings_as_events
from avwalk.files.text_encoding import reading_as
from avwalk.painters.pictures import estimated
from avwalk.painters.registry import prompt_limit
from avwalk.request.output import safe_stem
from avwalk.screenplay.chat import ChatEndpoint
from avwalk.screenplay.language import language_of
from avwalk.screenplay.prompting import Style
from avwalk.screenplay.scene import Scene
from avwalk.screenplay.screenplay import ScreenplayOptions, scenes_of
from avwalk.screenplay.sentences import split
from avwalk.screenplay.table import read_screenplay, write_screenplay
from avwalk.story.characters import characters_in, read_characters, write_characters
from avwalk.story.film import render_story
from avwalk.story.film_plan import check_film, film_of, sound_of, sound_sources
from avwalk.story.folder import StoryFolder, StoryState
from avwalk.story.page import PageFacts, write_page
from avwalk.story.pictures import (
    PictureOrder,
    PictureSettings,
    Stock,
    film_size,
    order_pictures,
    paint_missing,
    parse_size,
    picture_size,
    take_away,
    take_stock,
)
from avwalk.story.rows import mark_failures
from avwalk.story.story_text import StoryText, read_story
from avwalk.story.storylets import Sentence, Storylet, storylets_of

Report = Callable[[Event], None]
WORDS_PER_SECOND = 2.5


@dataclass(frozen=True)
class Draft:
    """A story before anything is painted: what it tells, and what is to be seen.

    Attributes:
        state: text, options, and what is known of its pictures.
        storylets: in order.
        scenes: of each storylet, what is seen, and its prompt.
        orders: of each storylet, its picture.
    """

    state: StoryState
    storylets: tuple[Storylet, ...]
    scenes: tuple[Scene, ...]
    orders: tuple[PictureOrder, ...]


def tell_story(file: Path | None, options: StoryOptions, on_event: Report | None = None) -> dict[str, Any]:
    """Makes the folder of a story, or what is missing of it.

    Args:
        file: the story; None: as it is stored in the folder ``options.out``.
        options: how.
        on_event: called with ``step``, ``picture``, ``warning``, and what the film reports.

    Returns:
        The ``done`` event: ``out`` (the film, or the page where there is none), ``folder``, ``storylets``, ``failed``
        (numbers), ``wall_s``, and what the film says.

    Raises:
        AvwalkError: what happened. Called again it goes on.
        KeyboardInterrupt: as it came; what is done is kept.
    """
    folder = folder_of(file, options)
    report = on_event or (lambda event: None)
    with reading_as(options.encoding), warnings_as_events(report):
        story = read_story(file, options.chapter) if file else folder.load().story
        with folder.locked():
            draft = drafted(folder, file, story, options, report)
            return finished(folder, draft, report)


def folder_of(file: Path | None, options: StoryOptions) -> StoryFolder:
    """Where a story goes: what was asked for, else a folder named by its file, here.

    Raises:
        OptionError: neither is given.
    """
    if options.out:
        return StoryFolder(Path(options.out))
    if file is None:
        raise OptionError("neither a story nor its folder is given")
    return StoryFolder(Path(f"{safe_stem(file.stem)}_story"))


def estimate_story(file: Path, options: StoryOptions) -> dict[str, Any]:
    """What a story will take: numbers, and a ``line`` for people. Nothing is written.

    Raises:
        AvwalkError: the story cannot be read, or an option is wrong.
    """
    with reading_as(options.encoding):
        story = read_story(file, options.chapter)
    language = options.language or story.language or language_of(story.text)
    storylets = storylets_of(story, lambda text: split(text, language), options.sentences)
    scenes = _scenes(storylets, options, language)
    folder = folder_of(file, options)
    known = read_characters(folder.characters)
    orders = order_pictures(scenes, known, picture_settings(options))
    before = folder.load_if_there()
    records = before.pictures if before else {}
    missing = take_stock(folder, orders, records).missing if records else list(orders)
    found = estimated([order.commission for order in missing])
    words = len(story.text.split())
    seconds = words / (WORDS_PER_SECOND * options.speed) + 5
    told = f"{len(storylets)} storylet{'s' * (len(storylets) != 1)}, {words} word{'s' * (words != 1)}; "
    told += f"a film of about {_clock(seconds)}; " if options.film else ""
    rest = found.text() if missing else "all pictures are there"
    over = f"; more than the {options.limit} that are allowed: --limit {len(storylets)}"
    told += rest + (over if len(storylets) > options.limit else "")
    facts = {"storylets": len(storylets), "words": words, "film_s": round(seconds), "pictures": len(missing)}
    return {"event": "estimate", **facts, "seconds": found.seconds, "cost": found.cost, "line": told}


def drafted(folder: StoryFolder, file: Path | None, story: StoryText, options: StoryOptions, report: Report) -> Draft:
    """Storylets, prompts and orders of a story; its tables are written, and what the artist has changed in them counts.

    Raises:
        StoryError: there are more storylets than are allowed, or a table is wrong.
        ScenesError: the table of storylets is wrong, a line for each problem.
    """
    before = folder.load_if_there()
    language = options.language or story.language or language_of(story.text)
    split_text = lambda text: split(text, language)  # noqa: E731
    storylets = storylets_of(story, split_text, options.sentences)
    if len(storylets) > options.limit:
        raise StoryError(
            f"the story makes {len(storylets)} storylets, and {options.limit} are allowed; "
            f"--estimate says what they take, --limit {len(storylets)} allows them"
        )
    style = _style(options)
    if file is not None or not folder.table.exists():
        chat = ChatEndpoint(options.chat) if options.chat else None
        planned = _scenes(storylets, options, language, chat)
        write_screenplay(folder.table, planned)
    scenes = tuple(read_screenplay(folder.table, style))
    storylets = as_in_table(storylets, scenes, split_text)
    write_characters(folder.characters, characters_in(story.text) if language.startswith("en") else [])
    orders = order_pictures(scenes, read_characters(folder.characters), picture_settings(options))
    title = options.title or story.title
    state = StoryState(
        replace(story, title=title), file.name if file else before.source if before else "", options, language
    )
    if before:
        state = replace(state, pictures=before.pictures, film_facts=before.film_facts)
    return Draft(state, storylets, scenes, tuple(orders))


def finished(folder: StoryFolder, draft: Draft, report: Report, *, only: int | None = None) -> dict[str, Any]:
    """Paints, narrates, films.

    Args:
        folder: of the story.
        draft: what is to be there.
        report: called with events.
        only: number of the one storylet that may be painted; None: all that are missing.
    """
    began, options = time.perf_counter(), draft.state.options
    sources = sound_sources(options, draft.state.language)
    check_film(options)
    stock = take_stock(folder, draft.orders, draft.state.pictures)
    take_away(folder, {order.number for order in draft.orders}, draft.state.pictures)
    if only is not None:
        stock = Stock(stock.records, [order for order in stock.missing if order.number == only])
    state = painted(folder, draft, stock, report)
    mark_failures(folder.table, {number: record.error for number, record in state.pictures.items()})
    failed = [number for number, record in sorted(state.pictures.items()) if record.error]
    if len(failed) == len(draft.orders):
        raise StoryError(f"no picture could be painted: {state.pictures[failed[0]].error}")
    _page(folder, replace(draft, state=state), "")
    done: dict[str, Any] = {"event": "done", "out": str(folder.page), "n_frames": 0, "resumed_frames": 0}
    if options.film:
        report({"event": "step", "name": "sound"})
        moods = [scene.mood or scene.text for scene in draft.scenes]
        sound = sound_of(folder, draft.storylets, moods, state, sources, report)
        film = film_of(folder, draft.storylets, draft.scenes, state, sound)
        state = replace(state, film_facts=sound.facts(film))
        folder.save(state)
        report({"event": "step", "name": "film"})
        done |= render_story(film, lambda event: None if event["event"] == "done" else report(event))
        _page(folder, replace(draft, state=state), film.path.name)
    done |= {"folder": str(folder.path), "storylets": len(draft.storylets), "failed": failed}
    done["wall_s"] = round(time.perf_counter() - began, 3)
    report(done)
    return done


def painted(folder: StoryFolder, draft: Draft, stock: Stock, report: Report) -> StoryState:
    """Paints what is missing, and stores after each picture what is known."""
    state = replace(draft.state, pictures=stock.records)
    folder.save(state)
    done = len(draft.orders) - len(stock.missing)
    report({"event": "step", "name": "pictures", "done": done, "total": len(draft.orders)})
    records = dict(stock.records)

    def on_picture(order: PictureOrder, record: Any) -> None:
        nonlocal done
        done += 1
        records[order.number] = record
        folder.save(replace(state, pictures=records))
        told = {"number": order.number, "done": done, "total": len(draft.orders), "error": record.error}
        report({"event": "picture", **told, "file": str(folder.picture(order.number)), "seconds": record.seconds})
        if record.error:
            report(warning(f"picture {order.number} failed: {record.error}; the same command tries it again"))

    pictures = paint_missing(folder, stock, on_picture)
    told = Counter(note for order in stock.missing for note in pictures[order.number].notes)
    for note, n in told.items():
        report(warning(f"{n} of {len(draft.orders)} pictures: {note}"))
    return replace(state, pictures=pictures)


def as_in_table(
    storylets: Sequence[Storylet], scenes: Sequence[Scene], split_text: Callable[[str], Sequence[str]]
) -> tuple[Storylet, ...]:
    """The storylets of a table's rows: those of the story as they are, changed texts cut into sentences anew."""
    known: dict[str, list[Storylet]] = {}
    for storylet in storylets:
        known.setdefault(storylet.text, []).append(storylet)
    found = []
    for number, scene in enumerate(scenes, 1):
        same = known.get(scene.text)
        if same:
            storylet = same.pop(0) if len(same) > 1 else same[0]
            found.append(replace(storylet, number=number))
            continue
        texts = [text for text in split_text(scene.text) if text.strip()] or [scene.text or scene.prompt]
        sentences = tuple(Sentence(text.strip(), k == len(texts) - 1) for k, text in enumerate(texts))
        found.append(Storylet(number, sentences))
    return tuple(found)


def picture_settings(options: StoryOptions) -> PictureSettings:
    """What all pictures of a story share.

    Raises:
        OptionError: a size is none.
    """
    size = parse_size(options.picture_size, "--picture-size") if options.picture_size else None
    return PictureSettings(options.painter, size or picture_size(film_size(options)), options.anchor)


def _scenes(
    storylets: Sequence[Storylet], options: StoryOptions, language: str, chat: ChatEndpoint | None = None
) -> list[Scene]:
    wanted = ScreenplayOptions(style=_style(options), language=language, seed=options.seed, chat=chat)
    return scenes_of([storylet.text for storylet in storylets], wanted)


def _style(options: StoryOptions) -> Style:
    return Style(options.universe, options.style, options.negative, fits=prompt_limit(options.painter))


def _page(folder: StoryFolder, draft: Draft, film: str) -> None:
    state = draft.state
    shown = film or (folder.film().name if folder.film().exists() else "")
    facts = PageFacts(state.story.title, state.options.author, state.language, shown)
    write_page(folder, facts, draft.storylets, draft.scenes, state.pictures)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"
