"""A live run: each utterance is recognised, painted and kept, with how long one waited for it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avwalk.errors import WordsError
from avwalk.listen.listen_folder import ListenFolder
from avwalk.listen.live import Mono, listen_live
from avwalk.listen.recognition import recognised
from avwalk.listen.utterances import spoken as utterance_of
from avwalk.listen.voice_activity import Spoken
from avwalk.painters.contract import Painter, PaintRequest
from avwalk.painters.several import Commission, paint_all
from avwalk.screenplay.prompting import Style
from avwalk.speech.transcriber import Transcriber


@dataclass(frozen=True)
class LiveOptions:
    """How utterances become pictures.

    Attributes:
        painter: that paints.
        transcriber: that recognises.
        size: of the pictures.
        style: what all prompts share.
        seed: goes into that of each picture.
        language: of the speech; empty: it is found out.
        translate: to English.
    """

    painter: Painter
    transcriber: Transcriber
    size: tuple[int, int]
    style: Style
    seed: int = 0
    language: str = ""
    translate: bool = False


def run_live(
    blocks: Iterator[Mono], rate: int, options: LiveOptions, folder: ListenFolder, on_event: Callable[[str, Any], None]
) -> None:
    """Listens until the stream ends.

    Args:
        blocks: samples, (n,) float32 each.
        rate: samples per second.
        options: how utterances become pictures.
        folder: where they are kept.
        on_event: called as by `listen_live`, and with ``"picture"`` and its record, which has ``latency_s``, the
            seconds from the end of the utterance until its picture was there, and ``recognised_s`` of them.
    """

    def work(spoken: Spoken, ended: float) -> None:
        begun = time.monotonic()
        text = text_of(spoken, rate, options)
        understood = time.monotonic()
        said = utterance_of(text, options.style, options.seed)
        request = PaintRequest(said.prompt, said.negative, said.seed, options.size)
        (delivery,) = paint_all([Commission(options.painter, request)])
        facts = {
            "start_s": round(spoken.start_s, 2),
            "end_s": round(spoken.end_s, 2),
            "recognised_s": round(understood - begun, 3),
            "latency_s": round(time.monotonic() - ended, 3),
        }
        on_event("picture", folder.add(said, delivery, "live", **facts))

    listen_live(blocks, rate, work, on_event)


def text_of(spoken: Spoken, rate: int, options: LiveOptions) -> str:
    """What an utterance says.

    Raises:
        WordsError: nobody understands it.
        SpeechError: the recogniser cannot.
    """
    import soundfile

    with tempfile.TemporaryDirectory(prefix="avwalk-") as folder:
        file = Path(folder) / "spoken.wav"
        soundfile.write(file, spoken.samples, rate, "PCM_16")
        try:
            transcript, _ = recognised(file, options.language, options.translate, options.transcriber)
        except WordsError:
            raise WordsError(f"no word was understood between {spoken.start_s:.1f} and {spoken.end_s:.1f} s") from None
    return " ".join("".join(word.text for word in line.words).strip() for line in transcript.lines)
