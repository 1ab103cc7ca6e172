"""Text conversations: ``speaker: text``, and what messengers export."""

from __future__ import annotations

import re

from avwalk.screenplay.scene import Passage
from avwalk.screenplay.vocabulary import word_set

_STAMP = r"\d{1,4}[./\-]\d{1,2}[./\-]\d{1,4},?\s+\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[APap]\.?\s?[Mm]\.?)?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:\s*[APap][Mm])?"
_NAME = r"(?:[^\w\s:\[\]<>\-–]{1,3}\s?)?[^\W\d_][^:\n\[\]<>]{0,39}?"
_MESSENGER = re.compile(
    rf"^\u200e?\[?(?:{_STAMP}|{_CLOCK})\]?\s*(?:[-–]\s*)?(?P<name>{_NAME}|\+[\d\s()\-]{{6,20}}):\s(?P<text>.*)$"
)
_SYSTEM = re.compile(rf"^\u200e?\[?{_STAMP}\]?\s*(?:[-–]\s*)?[^:\n]*$")
_IRC = re.compile(rf"^(?:\[?{_CLOCK}\]?\s*)?<[@+ ]?(?P<name>[^<>\n]{{1,40}})>\s(?P<text>.*)$")
_PLAIN = re.compile(rf"^\**(?P<name>{_NAME})\**:\**\s+(?P<text>\S.*)$")
_LEFT_OUT = re.compile(
    r"^\u200e?<?(?:media omitted|image omitted|video omitted|audio omitted|sticker omitted|médias omis|medien "
    r"ausgeschlossen|multimedia omitido|this message was deleted|you deleted this message|attached: .*)>?$|"
    r"^https?://\S+$",
    re.I,
)
_SHARE = 0.6  # of lines that begin with who speaks
_NOT_SPEAKERS = word_set("note chapter part ps warning title author date http https source summary")


def is_conversation(text: str) -> bool:
    """Whether a text is a conversation: most of its lines begin with a speaker, at least one of whom speaks twice."""
    lines = [line for line in text.splitlines() if line.strip()][:400]
    if len(lines) < 2:
        return False
    found = [_message(line) for line in lines]
    stamped = sum(bool(_MESSENGER.match(line) or _SYSTEM.match(line) or _IRC.match(line)) for line in lines)
    names = [each[0] for each in found if each]
    if stamped >= 2 and names and stamped >= 0.3 * len(lines):
        return True
    return len(names) >= max(2, _SHARE * len(lines)) and (len(set(names)) < len(names) or len(names) == len(lines))


def conversation_of(text: str) -> tuple[list[Passage], list[str]]:
    """What is said in a conversation, message by message, and notes of what was left out.

    Lines without a speaker go on with the message before them.
    """
    found: list[Passage] = []
    left_out = 0
    for line in text.splitlines():
        if not line.strip():
            continue
        message = _message(line)
        if message is None and _SYSTEM.match(line):
            left_out += 1
        elif message is None and found:
            found[-1] = Passage(f"{found[-1].text} {_said(line)}", speaker=found[-1].speaker)
        elif message is not None and (_LEFT_OUT.match(message[1].strip()) or not re.search(r"\w", message[1])):
            left_out += 1
        elif message is not None:
            found.append(Passage(_said(message[1]), speaker=" ".join(message[0].split())))
        elif re.search(r"\w", line):
            found.append(Passage(_said(line)))
    notes = [f"{left_out} message{'s' * (left_out != 1)} without words left out"] if left_out else []
    return [_in_sentences(each) for each in found if re.search(r"\w", each.text)], notes


def _message(line: str) -> tuple[str, str] | None:
    """Who speaks, and what; None: the line does not say who."""
    line = line.strip().lstrip("\u200e\u200f\ufeff")
    for pattern in (_MESSENGER, _IRC, _PLAIN):
        if match := pattern.match(line):
            name = match["name"].strip(" *~")
            if pattern is _PLAIN and (len(name.split()) > 3 or name.lower() in _NOT_SPEAKERS):
                return None
            return name, match["text"]
    return None


def _said(text: str) -> str:
    from avwalk.screenplay.prompting import clean  # late: it needs the painter's words

    return clean(text)


def _in_sentences(passage: Passage) -> Passage:
    """A message that ends as sentences do: people end theirs by sending them."""
    text = passage.text
    return passage if text[-1:] in ".!?…。！？؟)\"'" else Passage(f"{text}.", speaker=passage.speaker)
