"""What a story's film will be, before it is drawn: what is heard, when each storylet comes, what is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from avwalk.audio.probe import probe
from avwalk.clock import Clock, parse_fps
from avwalk.config.story_options import StoryOptions
from avwalk.config.text import Text as Style
from avwalk.contracts import Caption, Event, Lyric, Song
from avwalk.errors import OptionError
from avwalk.events import warning
from avwalk.files.atomic import write_file
from avwalk.files.chapters import Chapter
from avwalk.plan.analysis import analysis_of
from avwalk.plan.lyrics import check_letters, lyrics_of
from avwalk.screenplay.scene import Scene
from avwalk.speech.voice import Speech, Voice
from avwalk.story import timing
from avwalk.story.film import StoryFilm
from avwalk.story.folder import StoryFolder, StoryState
from avwalk.story.narration import open_voice, speak_all
from avwalk.story.pictures import film_size
from avwalk.story.sound import write_sound
from avwalk.story.story_frames import StoryShots, shots_of
from avwalk.story.storylets import Storylet
from avwalk.story.timing import Timeline
from avwalk.video.profiles import profile
from avwalk.video.subtitle_track import Subtitle
from avwalk.words.table import merged
from avwalk.words.transcript import Line

Report = Callable[[Event], None]
CARD = Style(size=9, position="centre", at=0.0, ease=0.6)
"""Of the title."""
COMPOSE = "compose"
"""Stands for a song in ``--music``: it is made for the story."""
_CHAPTER_WORDS = 8


@dataclass(frozen=True)
class SoundSources:
    """What a story is told with.

    Attributes:
        voice: says it; None: nobody.
        music: the song; None: none, or one that is made for it.
        composed: whether music is made for it.
        lacks_voice: whether a voice is wanted and there is none here.
    """

    voice: Voice | None
    music: Song | None
    composed: bool
    lacks_voice: bool


def sound_sources(options: StoryOptions, language: str) -> SoundSources:
    """What a story is told with: what is wrong with it is known before anything is painted.

    Args:
        options: of the story.
        language: of its text.

    Raises:
        OptionError: no such voice, or options that contradict each other.
        SongError: the music cannot be read.
    """
    composed = options.music == COMPOSE
    music = probe(Path(options.music)) if options.music and not composed else None
    if options.narrate and options.voice == "none":
        raise OptionError("--narrate and --voice none contradict each other; leave one away")
    narrate = options.narrate if options.narrate is not None else music is None
    voice = open_voice(options.voice, options.speed, language) if narrate else None
    return SoundSources(voice, music, composed, narrate and voice is None and options.voice != "none")


def check_film(options: StoryOptions) -> None:
    """Whether a film can have these options.

    Raises:
        OptionError: a size or rate that is none.
    """
    parse_fps(options.fps)
    film_size(options)


@dataclass(frozen=True)
class StorySound:
    """What is heard of a story, and when.

    Attributes:
        timeline: of the storylets.
        song: the file; of a silent story one as long as it.
        kind: ``voice``, ``music``, ``both`` or ``silent``.
        voice: what the voice is; empty: none.
    """

    timeline: Timeline
    song: Song
    kind: str
    voice: Mapping[str, Any]

    def facts(self, film: StoryFilm) -> dict[str, Any]:
        """What is stored of a film: when each storylet begins."""
        shots = film.shots
        return {
            "file": film.path.name,
            "sound": self.kind,
            "voice": dict(self.voice),
            "fps": str(shots.fps),
            "n_frames": shots.n_frames,
            "frames": [shot.i0 for shot in shots.shots],
            "starts": [round(span.start, 3) for span in self.timeline.spans],
        }


def sound_of(
    folder: StoryFolder,
    storylets: Sequence[Storylet],
    moods: Sequence[str],
    state: StoryState,
    sources: SoundSources,
    report: Report,
) -> StorySound:
    """Speaks and mixes what is heard, or takes it as it is there.

    Args:
        folder: of the story.
        storylets: in order.
        moods: of the storylets, for music that is made for them.
        state: options and language.
        sources: voice and music.
        report: called with warnings.

    Raises:
        SpeechError: the voice fails.
        StoryError: the music is too short.
    """
    options, music, voice = state.options, sources.music, sources.voice
    for note in music.warnings if music else ():
        report(warning(note))
    if sources.lacks_voice:
        rest = "the music alone sets the time" if music else "a silent story, at the speed of reading"
        report(warning(f"there is no voice here (install espeak-ng): {rest}"))
    starts = list[tuple[float, Speech]]()
    if voice is not None:
        speeches = speak_all(storylets, voice, state.language)
        timeline = timing.narrated(storylets, speeches, options.card)
        starts = [(timeline.voice_starts[s.number], speech) for s, speech in zip(storylets, speeches, strict=True)]
    elif music is not None:
        bars = analysis_of(music, parse_fps(options.fps)).score.bars
        seconds = music.n_samples / music.sample_rate
        return StorySound(timing.on_bars(storylets, np.asarray(bars), seconds, options.card), music, "music", {})
    else:
        timeline = timing.silent(storylets, options.card)
    if sources.composed:
        music = compose_for(folder, timeline, moods, options.seed)
    told = dict(voice.identity) if voice else {}
    song = _mixed(folder, starts, timeline.seconds, music, told)
    kind = {(True, True): "both", (True, False): "voice", (False, True): "music", (False, False): "silent"}
    return StorySound(timeline, song, kind[voice is not None, music is not None], told)


def compose_for(folder: StoryFolder, timeline: Timeline, moods: Sequence[str], seed: int) -> Song:
    """Music by avwalk's own synthesiser, as long as the film: a section for the title and for each storylet.

    Args:
        folder: of the story; the piece is written there.
        timeline: of the film.
        moods: of the storylets, in their own words.
        seed: of the piece.

    Raises:
        OptionError: the film is longer than an hour.
        OutputError: it cannot be written.
    """
    from avwalk.story_music.compose import compose, write_music

    first = timeline.spans[0].start
    lengths = [span.end - span.start for span in timeline.spans]
    feelings = list(moods)
    if first >= 2.0:
        lengths, feelings = [first, *lengths], [moods[0], *moods]
    else:
        lengths[0] += first
    told = json.dumps([1, feelings, [round(each, 4) for each in lengths], seed], ensure_ascii=False)
    path, mark = folder.path / "music.wav", folder.path / ".music.sha256"
    label = hashlib.sha256(told.encode()).hexdigest()
    if not (path.exists() and mark.exists() and mark.read_text(encoding="ascii") == label):
        mark.unlink(missing_ok=True)
        write_music(compose(feelings, lengths, seed), path)
        write_file(mark, label, sync="no")
    return probe(path)


def _mixed(
    folder: StoryFolder,
    starts: Sequence[tuple[float, Speech]],
    seconds: float,
    music: Song | None,
    voice: Mapping[str, Any],
) -> Song:
    """The sound of a film; the same is not mixed twice."""
    told = [1, [round(at, 6) for at, _ in starts], round(seconds, 6), music.sha256 if music else "", voice]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for _, speech in starts:
        digest.update(speech.samples.tobytes())
    mark = folder.path / ".sound.sha256"
    label = digest.hexdigest()
    if not (folder.sound.exists() and mark.exists() and mark.read_text(encoding="ascii") == label):
        mark.unlink(missing_ok=True)
        write_sound(folder.sound, starts, seconds, music)
        write_file(mark, label, sync="no")
    return probe(folder.sound)


def film_of(
    folder: StoryFolder, storylets: Sequence[Storylet], scenes: Sequence[Scene], state: StoryState, sound: StorySound
) -> StoryFilm:
    """The film of a story whose pictures and sound are there; its words are written beside it.

    Raises:
        OptionError: a size or rate that is none.
        WordsError: a font lacks letters that are to be written over the pictures.
    """
    options, timeline = state.options, sound.timeline
    fps, size = parse_fps(options.fps), film_size(options)
    n_frames = Clock(fps, sound.song.sample_rate, sound.song.n_samples).n_frames
    numbers = [storylet.number for storylet in storylets]
    there = [folder.picture(n) if state.pictures[n].sha256 else None for n in numbers]
    frames = _ascending(timeline.frames(fps), n_frames)
    shots = StoryShots(
        shots_of(frames, n_frames, there, [scene.seed for scene in scenes], fps),
        fps,
        size,
        options.walk,
        options.still,
    )
    encoder = profile(options.profile)
    encoder = replace(encoder, audio="none") if sound.kind == "silent" else encoder
    lines = _ended(timeline.lines, timeline.seconds)
    write_file(folder.path / f"{folder.name}.words.csv", merged(None, lines))
    style = CARD if options.text == "none" else CARD.model_copy(update={"lyrics": options.text, "lyrics_size": 5.4})
    return StoryFilm(
        path=folder.film(encoder.suffix),
        song=sound.song,
        shots=shots,
        digests=tuple(state.pictures[n].sha256 for n in numbers),
        encoder=encoder,
        captions=_card(state, fps, frames[0]) if options.card else (),
        lyrics=_lyrics(lines, style, options, n_frames),
        style=style,
        profile=options.profile,
        subtitles=_subtitles(lines) if options.subtitles == "soft" else (),
        chapters=_chapters(storylets, timeline, float(n_frames / fps)),
        tags={"title": state.story.title, **({"artist": options.author} if options.author else {})},
        workers=options.workers,
    )


def _ascending(frames: Sequence[int], n_frames: int) -> list[int]:
    """Frames of storylets, each behind the one before and inside the film."""
    found = list[int]()
    for k, frame in enumerate(frames):
        least = found[-1] + 1 if found else 0
        found.append(max(least, min(frame, n_frames - (len(frames) - k))))
    return found


def _ended(lines: Sequence[Line], seconds: float) -> list[Line]:
    return [replace(line, end=min(line.end, seconds)) for line in lines if line.start < seconds]


def _card(state: StoryState, fps: Any, first: int) -> tuple[Caption, ...]:
    """The title, gone when the first word is said."""
    texts = tuple(text for text in (state.story.title, state.options.author) if text)
    i0, i1 = round(0.25 * fps), max(1, first - round(0.1 * fps))
    return (Caption(min(i0, i1 - 1), i1, "card", texts, CARD.ease * float(fps)),) if first > fps / 2 else ()


def _lyrics(lines: Sequence[Line], style: Style, options: StoryOptions, n_frames: int) -> tuple[Lyric, ...]:
    if options.text == "none":
        return ()
    check_letters(lines, style.font)
    return lyrics_of(lines, style, parse_fps(options.fps), n_frames, np.zeros(0))


def _subtitles(lines: Sequence[Line]) -> tuple[Subtitle, ...]:
    return tuple(Subtitle(line.start, line.end, two_rows(line.text)) for line in lines)


def two_rows(text: str) -> str:
    """A subtitle on one row, or on two of nearly equal length."""
    if len(text) <= timing.ROW_LETTERS:
        return text
    places = [k for k, letter in enumerate(text) if letter == " "]
    if not places:
        return text
    best = min(places, key=lambda k: abs(k - len(text) / 2) - (4 if text[k - 1] in ",;:" else 0))
    return f"{text[:best]}\n{text[best + 1 :]}"


def _chapters(storylets: Sequence[Storylet], timeline: Timeline, seconds: float) -> tuple[Chapter, ...]:
    """A chapter for each storylet; the first one begins with the film."""
    found = list[Chapter]()
    for storylet, span in zip(storylets, timeline.spans, strict=True):
        words = storylet.text.split()
        title = " ".join(words[:_CHAPTER_WORDS]).rstrip(",;:") + (" …" if len(words) > _CHAPTER_WORDS else "")
        title = f"{storylet.heading}: {title}" if storylet.heading else title
        found.append(Chapter(span.start if found else 0.0, min(span.end, seconds), title))
    return tuple(found)
