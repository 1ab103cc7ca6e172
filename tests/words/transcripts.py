"""Random lines of a song, as Hypothesis makes them: times in thousandths, words of several scripts."""

from __future__ import annotations

from hypothesis import strategies as st

from avwalk.words.transcript import Line, Word, pieces

TEXTS = ("rain", "Hel", "l’été", "don't", "über", "夜", "の街", "שלום", "été,", "— yes", "50%", "a&b", "(oh)", "x")


@st.composite
def lines(draw: st.DrawFn, *, seconds: int = 200, speakers: bool = True) -> tuple[Line, ...]:
    """Lines one after the other; in each either all words have times that meet, or none has."""
    n = draw(st.integers(1, 6))
    edges = sorted(draw(st.lists(st.integers(0, 1000 * seconds - 1), min_size=2 * n, max_size=2 * n, unique=True)))
    found = list[Line]()
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        text = " ".join(draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=5)))
        words = pieces(text)
        end = max(end, start + 60)
        made: tuple[Word, ...] = tuple(Word(word) for word in words)
        if draw(st.booleans()) and end - start > len(words):
            at = sorted(
                draw(st.lists(st.integers(start, end - 1), min_size=len(words), max_size=len(words), unique=True))
            )
            at[0] = start
            stops = [*at[1:], end]
            made = tuple(Word(w, a / 1000, b / 1000) for w, a, b in zip(words, at, stops, strict=True))
        who = draw(st.sampled_from(("", "Ana", "B, the second"))) if speakers else ""
        if not found or found[-1].end <= start / 1000:
            found.append(Line(start / 1000, end / 1000, made, who))
    return tuple(found)
