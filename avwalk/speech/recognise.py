"""Recognises a whole song, block after block; each is kept when it is done, so a long one goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from avwalk.contracts import Song
from avwalk.files.byte_cache import ByteCache
from avwalk.speech.sound import SoundBlock, blocks_at_pauses
from avwalk.speech.transcriber import Segment, Transcriber, Transcription
from avwalk.words.entries import Entry
from avwalk.words.transcript import Word, split_words, words_of

LONGEST, SEARCH = 300.0, 60.0
"""Seconds of a block, and where in it the pause is looked for."""
TRANSLATED = "English"
"""The speaker of lines that are a translation."""
MAX_LINE = 64
"""Letters of a line: two lines of a subtitle at most (Netflix Timed Text Style Guide: 42 letters each)."""
PAUSE = 0.7
"""Seconds between words that begin a new line."""
_ENDS = (".", "!", "?", "…", "。", "！", "？", "।")
_FORM = 1  # of what is kept
_CACHE = ByteCache("speech", 64 << 20, "what was recognised is not kept, and would be recognised anew")
Report = Callable[[float, float], None]


@dataclass(frozen=True)
class Recognition:
    """What was recognised in a song.

    Attributes:
        entries: lines with the times of their words; a translation follows its line, with the same times.
        languages: found or asked for, each once, the most frequent first.
    """

    entries: tuple[Entry, ...]
    languages: tuple[str, ...]


def recognise(
    song: Song,
    transcriber: Transcriber,
    *,
    language: str | None = None,
    translate: bool = False,
    report: Report | None = None,
) -> Recognition:
    """The words of a song or a recording.

    Args:
        song: probed; of a song best the stem of its vocals.
        transcriber: recognises a block.
        language: ISO 639-1; None: found out for each block.
        translate: an English translation beside each line.
        report: called with seconds done, and seconds in all.

    Raises:
        SpeechError, OptionError: the transcriber cannot.
    """
    seconds, entries, languages = song.n_samples / song.sample_rate, list[Entry](), dict[str, int]()
    if report:
        report(0.0, seconds)
    for block, made in transcribed(song, transcriber, language, False):
        lines = [line for segment in made.segments for line in segment_lines(segment, block.start)]
        if lines:
            languages[made.language] = languages.get(made.language, 0) + len(lines)
        if translate and lines and made.language != "en":
            other = _of_block(block, transcriber, made.language, True)
            lines = with_translation(lines, [_shifted(segment, block.start) for segment in other.segments])
        entries += lines
        if report:
            report(block.end, seconds)
    _CACHE.trim()
    return Recognition(tuple(entries), tuple(sorted(languages, key=lambda each: -languages[each])))


def transcribed(
    song: Song, transcriber: Transcriber, language: str | None, translate: bool
) -> Iterator[tuple[SoundBlock, Transcription]]:
    """Each block of a song, and what is said in it, from the cache where it is there."""
    for block in blocks_at_pauses(song, LONGEST, SEARCH):
        yield block, _of_block(block, transcriber, language, translate)


def segment_lines(segment: Segment, offset: float) -> list[Entry]:
    """A segment as lines of a subtitle: cut behind sentences, at pauses, and where it is too long.

    Args:
        segment: as recognised.
        offset: seconds that are added to its times.
    """
    sentences, sentence = list[list[Word]](), list[Word]()
    for word in split_words(_shifted(segment, offset).words):
        late = sentence and word.start is not None and word.start - (sentence[-1].end or word.start) > PAUSE
        if sentence and (late or _ends(sentence)):
            sentences.append(sentence)
            sentence = []
        sentence.append(word)
    sentences += [sentence] if sentence else []
    lines = [line for each in sentences for line in _halved(each)]
    return [Entry(line[0].start, line[-1].end, _bare(line)) for line in lines]


def _halved(words: list[Word]) -> list[list[Word]]:
    """A sentence cut near its middle, rather behind a comma, until each part is short enough for a line."""
    sizes = np.cumsum([len(word.text) for word in words])
    if sizes[-1] <= MAX_LINE or len(words) < 2:
        return [words]
    comma = np.array([word.text.rstrip().endswith((",", ";", ":", "、", "，")) for word in words[:-1]])
    off = np.abs(sizes[:-1] - sizes[-1] / 2) - comma * MAX_LINE / 4
    cut = int(np.argmin(off)) + 1
    return [*_halved(words[:cut]), *_halved(words[cut:])]


def with_translation(lines: Sequence[Entry], translated: Sequence[Segment]) -> list[Entry]:
    """Lines, each followed by what of a translation lies in its time, under the same times.

    Args:
        lines: with times, ascending.
        translated: segments in English, whose times are on the same clock.
    """
    said: dict[int, list[str]] = {}
    for segment in translated:
        for word in segment.words:
            at = word.start or 0.0
            k = min(range(len(lines)), key=lambda k: _distance(lines[k], at))
            said.setdefault(k, []).append(word.text)
    made = []
    for k, line in enumerate(lines):
        made.append(line)
        if text := "".join(said.get(k, [])).strip():
            made.append(Entry(line.start, line.end, words_of(text), TRANSLATED))
    return made


def _distance(line: Entry, at: float) -> float:
    """Seconds from a time to a line; 0 inside."""
    return max(0.0, (line.start or 0.0) - at, at - (line.end or 0.0))


def _ends(line: Sequence[Word]) -> bool:
    return sum(len(word.text) for word in line) > MAX_LINE // 4 and line[-1].text.rstrip("\"'”’» ").endswith(_ENDS)


def _bare(line: Sequence[Word]) -> tuple[Word, ...]:
    return (*line[:-1], line[-1]._replace(text=line[-1].text.rstrip()))


def _shifted(segment: Segment, offset: float) -> Segment:
    moved = (
        Word(
            word.text,
            None if word.start is None else word.start + offset,
            None if word.end is None else word.end + offset,
        )
        for word in segment.words
    )
    return Segment(tuple(moved), segment.probability)


def _of_block(block: SoundBlock, transcriber: Transcriber, language: str | None, translate: bool) -> Transcription:
    name = _name(block, transcriber, language, translate)
    if (data := _CACHE.find(name)) is not None:
        return _unpacked(json.loads(data))
    made = transcriber.transcribe(block.samples, language, translate)
    _CACHE.store(name, json.dumps(_packed(made)).encode())
    return made


def _name(block: SoundBlock, transcriber: Transcriber, language: str | None, translate: bool) -> str:
    """Of what is kept: the sound as 16 bits, and all that the answer depends on."""
    options = [_FORM, dict(transcriber.identity), language, translate]
    digest = hashlib.sha256(json.dumps(options, sort_keys=True).encode())
    digest.update(np.clip(np.rint(block.samples * 32767), -32768, 32767).astype("<i2").tobytes())
    return f"{digest.hexdigest()}.json"


def _packed(made: Transcription) -> dict[str, Any]:
    segments = [{"words": list(each.words), "probability": each.probability} for each in made.segments]
    return {"language": made.language, "segments": segments}


def _unpacked(tree: dict[str, Any]) -> Transcription:
    segments = (Segment(tuple(Word(*word) for word in each["words"]), each["probability"]) for each in tree["segments"])
    return Transcription(tree["language"], tuple(segments))
