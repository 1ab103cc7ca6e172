"""What `avwalk.analyze` does; apart from the pipeline, so that it imports nothing that draws."""

from __future__ import annotations

import logging
from fractions import Fraction
from pathlib import Path
from typing import Literal

from avwalk.audio.probe import probe
from avwalk.clock import parse_fps
from avwalk.contracts import Analysis
from avwalk.files.names import as_there
from avwalk.plan.analysis import analysis_of
from avwalk.plan.cues_files import cues_of
from avwalk.words.files import transcript_of, words_beside
from avwalk.words.signals import with_words


def analyze(
    song: str | Path,
    *,
    fps: str | float | Fraction = "30",
    bpm: float | None = None,
    first_beat: float | None = None,
    cues: str | Path | None = None,
    no_cues: bool = False,
    track: int | None = None,
    words: str | Path | Literal[False] | None = None,
) -> Analysis:
    """The whole song as curves on the frame clock, with tempo, beats, bars, sections and drops.

    Args:
        song: any audio file, or a video with sound.
        fps: frames per second.
        bpm: overrules the tempo found.
        first_beat: overrules where the beats begin, seconds.
        cues: file of corrections; None: the one beside the song, if there is one.
        no_cues: leave that one out.
        track: which audio track of the file, from 1; None: the one marked as the default.
        words: file of lyrics or subtitles, for the signals of words; None: the one beside the song, if there is one;
            False: not even that.

    Raises:
        SongError: the song cannot be read, or holds nothing to read.
        CuesError: there is something wrong in the cues file.
        WordsError: there is something wrong in the file of words.
    """
    probed = probe(Path(song), track)
    for message in probed.warnings:
        logging.getLogger(__name__).warning(message)
    told = cues_of(probed.path, str(cues) if cues else None, ignored=no_cues)
    analysis = analysis_of(probed, parse_fps(fps), bpm=bpm, first_beat=first_beat, cues=told)
    file = None if words is False else Path(words) if words else words_beside(probed.path)
    if file is None:
        return analysis
    transcript, notes = transcript_of(as_there(file), analysis.duration)
    for message in notes:
        logging.getLogger(__name__).warning(message)
    return with_words(analysis, transcript.lines)
