"""Languages by script and function words."""

from __future__ import annotations

import pytest

from avwalk.screenplay.language import language_of, name_of

TEXTS = {
    "en": "The wind blows over the sea and she waits for the boat.",
    "fr": "Le vent souffle sur la mer et elle attend le bateau dans la nuit.",
    "de": "Der Wind weht über das Meer und sie wartet auf das Boot.",
    "es": "El viento sopla sobre el mar y ella espera la barca en la noche.",
    "it": "Il vento soffia sul mare e lei aspetta la barca nella notte.",
    "pt": "O vento sopra sobre o mar e ela não espera por uma barca.",
    "nl": "De wind waait over de zee en zij wacht op het schip.",
    "sv": "Vinden blåser över havet och hon väntar på en båt som inte kommer.",
    "pl": "Wiatr wieje nad morzem, a ona czeka na łódź i nie śpi do rana.",
    "tr": "Rüzgar denizin üzerinde esiyor ve o bir tekne için bekliyor.",
    "ru": "Ветер дует над морем, и она ждёт лодку.",
    "el": "Ο άνεμος φυσάει πάνω από τη θάλασσα.",
    "ja": "海の上を風が吹く。", "zh": "风吹过大海。", "ko": "바람이 바다 위로 분다.", "ar": "نسيم على البحر",
    "he": "הרוח נושבת", "hi": "हवा समुद्र पर चलती है", "th": "ลมพัดเหนือทะเล",
}  # fmt: skip


@pytest.mark.parametrize("language", TEXTS)
def test_languages(language: str) -> None:
    assert language_of(TEXTS[language]) == language
    assert name_of(language) != language


@pytest.mark.parametrize("text", ["Oh baby", "no tree, no river, no bird, nothing", "La la la", "", "42"])
def test_what_does_not_tell_is_of_the_text_around_it(text: str) -> None:
    assert language_of(text, "en") == "en" and language_of("Oh", "fr") == "fr"


def test_a_part_in_another_language_is_told() -> None:
    assert language_of(TEXTS["fr"], "en") == "fr" and language_of(TEXTS["ja"], "en") == "ja"
