"""Captions: title card, credit line and the texts of the cues, as runs of frames."""

from __future__ import annotations

from avwalk.clock import Clock, round_half_up, seconds_to_fraction
from avwalk.config.options import RenderOptions
from avwalk.config.text import Text
from avwalk.contracts import Analysis, Caption, Song
from avwalk.effects.writing.lettering import composed, face, unwritable
from avwalk.errors import OptionError
from avwalk.score.automation import timeline
from avwalk.score.cues import Cues
from avwalk.spec import NO_TEXT, TextSpec

CREDIT_SECONDS = 5.0
"""How long the credit line is there; it goes a second before the song ends."""


def chosen_text(options: RenderOptions, song: Song, style: Text) -> TextSpec:
    """Title and artist as they are to be written: part of the film.

    Raises:
        OptionError: a card or a credit line is asked for, and there is nothing to write.
    """
    if options.text == "none":
        return NO_TEXT
    if options.text == "lyrics":
        return TextSpec("lyrics", "", "")
    title, artist = (
        " ".join((given if given is not None else tag or "").split())
        for given, tag in ((options.title, song.title), (options.artist, song.artist))
    )
    if not title and not artist:
        raise OptionError(
            f"--text {options.text}: there is nothing to write, '{song.path.name}' has neither title nor artist "
            "in its tags; give --title"
        )
    if not any(face(style.font).has(letter) for letter in composed(title + artist) if letter != " "):
        raise OptionError(f"--text {options.text}: the font has no letter of '{title or artist}'; give another --title")
    return TextSpec(options.text, title, artist)


def captions(text: TextSpec, style: Text, cues: Cues, analysis: Analysis) -> tuple[Caption, ...]:
    """All captions of a song, those of title and artist first.

    Args:
        text: title and artist.
        style: of the preset.
        cues: the artist's.
        analysis: corrected by the same cues.

    Raises:
        OptionError: a cue at a time that this song does not have.
    """
    lines = tuple(line for line in (text.title, text.artist) if line)
    fps, n = analysis.fps, analysis.n_frames
    ease = style.ease * float(fps)
    found = []
    after = 0
    if text.show in ("card", "both", "all"):
        i0, i1 = (round_half_up(seconds_to_fraction(t) * fps) for t in (style.at, style.at + style.seconds))
        after = min(i1, n)
        found.append(Caption(i0, after, "card", lines, ease))
    if text.show in ("credit", "both", "all"):
        i1 = max(1, n - round(fps))
        i0 = max(0, i1 - round(CREDIT_SECONDS * fps))
        found.append(Caption(max(i0, after) if after < i1 else i0, i1, "credit", (" – ".join(lines[::-1]),), ease))
    for automation in timeline(cues, analysis, "text"):
        words = tuple(automation.value.replace("\\n", "\n").split("\n"))
        found.append(Caption(automation.i0, automation.i1, "words", words, automation.ease_seconds * float(fps)))
    return tuple(caption for caption in found if caption.i0 < caption.i1)


def caption_notes(
    options: RenderOptions, text: TextSpec, style: Text, cues: Cues, clock: Clock, span: tuple[int, int]
) -> list[str]:
    """Lines about what was asked for and will not be seen, or not as it should be.

    Args:
        options: of the render.
        text: from `chosen_text`.
        style: of the preset.
        cues: the artist's.
        clock: of the song.
        span: frames of the film.
    """
    notes = []
    if words := " ".join(word for word in (text.title, text.artist, *(c.value for c in cues.of("text"))) if word):
        notes += unwritable(words, style.font)
    if options.text in ("none", "lyrics") and (options.title or options.artist):
        notes.append("--title and --artist go into the tags of the video alone; --text card writes them over it")
    i0, i1 = span
    at, until = (t * float(clock.fps) for t in (style.at, style.at + style.seconds))
    if options.text in ("card", "both", "all") and not (at < i1 and until > i0):
        start = float(clock.time(i0)) + 1
        notes.append(
            f"the card is there from {style.at:g} s of the song, outside of this excerpt; "
            f"--set text.at={start:g} shows it"
        )
    return notes
