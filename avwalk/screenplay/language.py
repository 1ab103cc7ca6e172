"""Which language a text is in: by its script, then by its function words (Grefenstette 1995)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from avwalk.errors import OptionError, clipped, did_you_mean

ENOUGH = 6
"""Words from which a part of a text is asked for a language of its own."""
MARGIN = 2
"""Different function words that a part needs beyond those of the text's language to have one of its own."""
FUNCTION_WORDS: Mapping[str, str] = {
    "en": "the and of to in a is that was he she it his her with for as on at but they had not you i my we be this",
    "fr": "le la les de des du et un une est que qui dans il elle sur pas ne se ce au aux avec pour je nous vous l d",
    "de": "der die das und ist ein eine nicht ich er sie es zu den dem mit von im auf war sich des auch wir als am",
    "es": "el la los las de que y en un una es no se por con su al del lo como más pero yo era está mi para sus le",
    "it": "il lo la gli le di che e un una è non si per con del della sono in al nel come ma io era mi suo dal più",
    "pt": "o a os as de que e em um uma é não se por com do da no na ao mas eu seu sua era para mais como dos das",
    "nl": "de het een en van is dat niet in op ik zijn hij ze te met voor er was die aan maar naar om ook",
    "sv": "och att det en ett är som på i av för med den inte han hon jag var till hade men om de sig",
    "da": "og at det en et er som på i af for med den ikke han hun jeg var til havde men om de sig",
    "no": "og at det en et er som på i av for med den ikke han hun jeg var til hadde men om de seg",
    "fi": "ja on ei se hän oli että mutta niin kun kuin minä sinä ovat joka sen hänen tämä olla myös",
    "et": "ja on ei see ta oli et aga kui mis ma sa nad kes selle tema ka oma siis veel",
    "pl": "i w na się nie że to z do jest był była jak a ale o jego jej po za od przez tak",
    "cs": "a v na se že to je s do byl byla jako ale o jeho její po za od by tak si jsem",
    "sl": "in v na se da je to z do bil bila kot pa o njegov njen po za od bi tako sem so",
    "tr": "ve bir bu da de için ile çok ne o ama gibi daha var olan sonra kadar ben sen değil",
}
"""The commonest words of languages in Latin script."""
NAMES = {
    "en": "English", "fr": "French", "de": "German", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish", "et": "Estonian",
    "pl": "Polish", "cs": "Czech", "sl": "Slovene", "tr": "Turkish", "ru": "Russian", "el": "Greek", "ar": "Arabic",
    "he": "Hebrew", "hi": "Hindi", "ml": "Malayalam", "th": "Thai", "ja": "Japanese", "zh": "Chinese", "ko": "Korean",
}  # fmt: skip
"""ISO 639-1 → name in English."""
_SCRIPTS = {
    "CYRILLIC": "ru", "GREEK": "el", "ARABIC": "ar", "HEBREW": "he", "DEVANAGARI": "hi", "MALAYALAM": "ml",
    "THAI": "th", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh",
}  # fmt: skip
_SAMPLE = 20_000  # letters that are looked at
_LISTED = {language: frozenset(words.split()) for language, words in FUNCTION_WORDS.items()}


def language_of(text: str, usual: str = "") -> str:
    """The language of a text, ISO 639-1; ``usual``, else English, where nothing tells.

    Args:
        text: any.
        usual: of what it is part of.
    """
    sample = text[:_SAMPLE]
    scripts = Counter(unicodedata.name(letter, "?").split()[0] for letter in sample if letter.isalpha())
    if scripts and (script := scripts.most_common(1)[0][0]) != "LATIN":
        if script == "CJK" and (scripts["HIRAGANA"] or scripts["KATAKANA"]):
            return "ja"
        return _SCRIPTS.get(script, usual or "en")
    words = re.findall(r"[^\W\d_]+", sample.lower())
    if usual in _LISTED and len(words) < ENOUGH:
        return usual
    there = set(words)
    different = {language: len(there & listed) for language, listed in _LISTED.items()}
    often = {language: sum(word in listed for word in words) for language, listed in _LISTED.items()}
    best = max(_LISTED, key=lambda language: (different[language], often[language]))
    enough = different[best] >= different[usual] + MARGIN if usual in _LISTED else different[best] > 0
    return best if enough else usual or "en"


def checked_language(code: str) -> str:
    """A language as it was told.

    Raises:
        OptionError: it is none of `NAMES`.
    """
    found = {name.lower(): code for code, name in NAMES.items()}.get(code.lower(), code.lower())
    if found not in NAMES:
        near = did_you_mean(code, (*NAMES, *NAMES.values()))
        raise OptionError(f"--language '{clipped(code)}' is not known{near}; it is one of {', '.join(NAMES)}")
    return found


def name_of(language: str) -> str:
    """A language's name in English, or its code."""
    return NAMES.get(language, language)
