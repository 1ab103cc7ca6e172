"""How the words of a text are said in English: numbers, dates, money, signs, letters; the text itself stays."""

from __future__ import annotations

import re
import unicodedata

from avwalk.errors import ModelError

SIGNS = {
    "&": "and", "%": "percent", "+": "plus", "=": "equals", "@": "at", "$": "dollars", "€": "euros", "£": "pounds",
    "°": "degrees", "#": "number",
}  # fmt: skip
SHORT = {
    "dr": "doctor", "mr": "mister", "mrs": "missus", "ms": "miz", "prof": "professor", "st": "saint", "jr": "junior",
    "sr": "senior", "vs": "versus", "no": "no", "etc": "et cetera", "am": "a m", "pm": "p m", "km": "kilometers",
    "kg": "kilograms", "ft": "feet", "lb": "pounds", "mph": "miles per hour",
}  # fmt: skip
"""Said otherwise than written, where a full stop or a number shows it."""
_MONEY = {"$": ("dollars", "cents"), "€": ("euros", "cents"), "£": ("pounds", "pence")}
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_ORDINAL = re.compile(r"(\d+)(st|[nr]d|th)", re.I)
_DECADE = re.compile(r"'?(\d{2,4})(?:'?s)", re.I)
_MONEY_TEXT = re.compile(rf"([$€£])({_NUMBER})")
_LETTERS = {letter: letter for letter in "abcdefghijklmnopqrstuvwxyz"}


def spoken_forms(token: str) -> list[list[str]]:
    """The ways in which a token of an English text may be said, the likeliest first, each as words in small letters.

    >>> spoken_forms("1984")[0]
    ['nineteen', 'eighty', 'four']
    >>> spoken_forms("rock’n’roll!")
    [["rock'n'roll"]]
    >>> spoken_forms("—")
    []

    Args:
        token: a word as it is written, with its punctuation.

    Raises:
        ModelError: num2words is not installed.
    """
    text = unicodedata.normalize("NFKC", token).replace("’", "'").replace("‘", "'").strip()
    core = re.sub(r"^[^\w$€£&%#@+=']+|[^\w&%°$€£+=']+$", "", text).strip("_")
    if not re.search(r"\w", core):
        return [[SIGNS[core]]] if core in SIGNS else []
    if re.search(r"\d", core):
        return _with_numbers(core)
    bare = core.strip("'").casefold()
    parts = [part for part in re.split(r"[^\w']+", core.casefold()) if part]
    forms = []
    if text.rstrip("\"')”,;:!?").endswith(".") and bare in SHORT:
        forms.append(SHORT[bare].split())
    if len(parts) == 1:
        forms += [[each] for each in dict.fromkeys((core.casefold(), bare))]
    else:
        forms.append([SIGNS.get(part, part) for part in re.findall(r"[\w']+|[&%@+=]", core.casefold())])
    if core.isupper() and core.isascii() and 1 < len(core) <= 6:
        forms.append([letter for letter in core.casefold() if letter in _LETTERS])
    return forms


def _with_numbers(core: str) -> list[list[str]]:
    """Of a token that holds digits."""
    if match := _TIME.fullmatch(core):
        hours, minutes = _cardinal(match[1]), _cardinal(match[2])
        small = ["o'clock"] if match[2] == "00" else (["oh"] if match[2][0] == "0" else []) + minutes
        return [hours + small, hours + minutes]
    if match := _MONEY_TEXT.fullmatch(core):
        return _money(match[1], match[2])
    if match := _ORDINAL.fullmatch(core):
        return [_words(int(match[1]), "ordinal")]
    if match := _DECADE.fullmatch(core):
        return [_plural(form) for form in _number(match[1])]
    forms: list[list[str]] = [[]]
    for piece in re.findall(rf"{_NUMBER}|[^\W\d_']+(?:'[^\W\d_]+)*|[&%@+=$€£°#]", core):
        if piece[0].isdigit():
            ways = _number(piece)
        else:
            name = piece.casefold()
            ways = [[SIGNS.get(piece, SHORT.get(name, name))]]
            ways = [each.split() for way in ways for each in way]
        forms = [form + way for form in forms for way in ways][:6]
    return forms


def _money(sign: str, number: str) -> list[list[str]]:
    whole, _, rest = number.replace(",", "").partition(".")
    large, small = _MONEY[sign]
    said = [*_cardinal(whole), large.removesuffix("s") if whole == "1" else large]
    if not rest:
        return [said, [large, *_cardinal(whole)]]
    cents = _cardinal(rest)
    return [
        [*said, "and", *cents, small],
        [*said, *cents],
        _cardinal(whole) + cents,
        [large, *_number(number)[0]],
        [large, *_cardinal(whole), "point", *(word for digit in rest for word in _cardinal(digit))],
    ]


def _number(text: str) -> list[list[str]]:
    """A number as a year, as a cardinal with and without "and", and digit by digit."""
    plain = text.replace(",", "")
    if "." in plain:
        whole, _, rest = plain.partition(".")
        point = ["point", *(word for digit in rest for word in _cardinal(digit))]
        return [form + point for form in _number(whole)[:2]]
    value, forms = int(plain), list[list[str]]()
    if len(plain) == 4 and "," not in text and 1000 <= value <= 2999:
        forms.append(_words(value, "year"))
        high, low = divmod(value, 100)
        if value % 1000 >= 100 and low:
            forms.append([*_cardinal(str(high)), "hundred", *_cardinal(str(low))])
            forms.append([*_cardinal(str(high)), "hundred", "and", *_cardinal(str(low))])
    forms.append(_cardinal(plain))
    forms.append([word for word in _cardinal(plain) if word != "and"])
    if len(plain) > 1:
        forms.append([word for digit in plain for word in _cardinal(digit)])
    return [form for k, form in enumerate(forms) if form not in forms[:k]]


def _cardinal(text: str) -> list[str]:
    return _words(int(text), "cardinal") if len(text) <= 15 else [word for d in text for word in _cardinal(d)]


def _words(value: int, kind: str) -> list[str]:
    try:
        from num2words import num2words
    except ImportError:
        raise ModelError("num2words is not installed; install it with: pip install 'avwalk[voice]'") from None
    return re.findall(r"[a-z]+", str(num2words(value, lang="en", to=kind)))


def _plural(form: list[str]) -> list[str]:
    last = form[-1]
    return [*form[:-1], f"{last[:-1]}ies" if last.endswith("y") else f"{last}s"]
