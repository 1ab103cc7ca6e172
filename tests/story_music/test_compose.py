"""Music for a story: exact beats, loudness by mood, a cadence, nothing that clips or rubs; same seed, same bits."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import OptionError
from avwalk.story_music.compose import Music, compose, write_music
from avwalk.story_music.loudness import loudness
from avwalk.story_music.moods import MOODS
from avwalk.story_music.score import Note

RATE = 22050
ARC = {"calm": 7.3, "tense": 6.1, "triumphant": 8.0, "sad": 9.6}


@pytest.fixture(scope="module")
def music() -> Music:
    return compose(list(ARC), list(ARC.values()), seed=4, rate=RATE)


def test_it_is_as_long_as_the_story_and_each_mood_begins_on_a_bar(music: Music) -> None:
    assert music.samples.shape == (round(31.0 * RATE), 2) and music.samples.dtype == np.float32
    for section, start in zip(music.sections, (0, 7.3, 13.4, 21.4), strict=True):
        assert section.start == pytest.approx(start) and section.start in music.bars
        assert section.bars[-1].end == pytest.approx(section.end)
    assert np.all(np.diff(music.beats) > 0.4) and music.beats[-1] < 31
    assert set(music.bars) <= set(music.beats)


def test_the_beats_are_played(music: Music) -> None:
    """Where a beat is, the level rises more often than between beats."""
    envelope = np.sqrt((music.samples[: len(music.samples) // 220 * 220] ** 2).reshape(-1, 440).mean(axis=1))
    rise = np.maximum(0, np.diff(envelope, prepend=0))

    def rises(times: list[float]) -> float:
        return float(np.mean([rise[max(0, round(t * 100) - 1) : round(t * 100) + 4].max() for t in times if t < 29]))

    beats = list(music.beats)
    between = [a + 0.36 * (b - a) for a, b in pairwise(beats)]
    assert rises(beats) > 1.7 * rises(between)


def test_loudness_follows_the_moods(music: Music) -> None:
    parts = [music.samples[round(s.start * RATE) : round(s.end * RATE)] for s in music.sections]
    measured = [loudness(part, RATE) for part in parts]
    assert np.corrcoef(measured, [MOODS[name].arousal for name in ARC])[0, 1] > 0.97
    assert loudness(music.samples, RATE) == pytest.approx(-16, abs=0.3)
    tempos = [section.bpm for section in music.sections]
    assert tempos[2] > tempos[1] > max(tempos[0], tempos[3])


def test_nothing_clips_and_both_ends_are_silent(music: Music) -> None:
    x = music.samples
    assert np.abs(x).max() <= 10 ** (-1.5 / 20) + 1e-6 and np.abs(x.mean(axis=0)).max() < 1e-4
    assert np.abs(x[[0, -1]]).max() < 1e-3 and 0.1 < np.asarray(np.corrcoef(x[:, 0], x[:, 1]))[0, 1] < 0.98
    steps = np.abs(np.diff(x[:, 0].astype(np.float64), 2))
    calmer = music.sections[3].start  # into a quieter mood: no cymbal swells there
    at = round(calmer * RATE)
    assert steps[at - 60 : at].max() <= np.quantile(steps, 0.9999)


def test_the_spectrum_is_that_of_music(music: Music) -> None:
    power = np.abs(np.fft.rfft(0.5 * (music.samples[:, 0] + music.samples[:, 1]))) ** 2
    f = np.fft.rfftfreq(len(music.samples), 1 / RATE)
    share = {
        low: power[(f >= low) & (f < high)].sum() / power.sum()
        for low, high in ((20, 60), (60, 250), (250, 2000), (2000, 8000))
    }
    assert share[20] < 0.25 and 0.1 < share[60] < 0.6 and 0.2 < share[250] < 0.8 and 0.002 < share[2000] < 0.2


def test_it_ends_with_a_cadence(music: Music) -> None:
    chords = [(bar.chord.degree, bar.chord.colour) for bar in music.sections[-1].bars]
    assert chords[-2:] == [(2, "V"), (5, "")]  # the dominant with its raised third, and the tonic in minor
    last = [note for note in music.notes if note.start >= music.bars[-1]]
    assert {note.voice for note in last} >= {"pad", "piano", "bass"}


def test_notes_do_not_rub() -> None:
    rubs = moments = 0
    for seed in range(4):
        pitched = [note for note in _notes(list(MOODS), seed) if note.pitch]
        for at in np.arange(0.3, 8.0 * len(MOODS), 0.41):
            pitches = sorted({note.pitch for note in pitched if note.start <= at < note.start + note.seconds})
            moments += 1
            rubs += any(b - a in (1, 13) for a, b in combinations(pitches, 2))
    assert moments > 1000 and rubs / moments < 0.02


def _notes(moods: list[str], seed: int) -> list[Note]:
    from avwalk.story_music.arrangement import arranged
    from avwalk.story_music.score import sections_of

    rng = np.random.default_rng(seed)
    return arranged(sections_of([MOODS[mood] for mood in moods], [8.0] * len(moods), rng), 0, rng)


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    first, again, other = (compose(["calm"], [3], seed=s, rate=8000).samples for s in (1, 1, 2))
    assert first.tobytes() == again.tobytes() != other.tobytes()


def test_the_shortest_and_strangest_lengths_are_played() -> None:
    lengths = [0.1, 0.3, 1.0, 2.9, 5.55]
    made = compose(["angry", "calm", "", "🦀", "tense"], lengths, rate=8000)
    assert len(made.samples) == round(sum(lengths) * 8000) and np.isfinite(made.samples).all()
    assert [section.mood.name for section in made.sections] == ["angry", "calm", "neutral", "neutral", "tense"]


@pytest.mark.parametrize(
    ("moods", "lengths", "options"),
    [
        ([], [], {}),
        (["calm"], [3, 4], {}),
        (["calm"], [0.0], {}),
        (["calm"], [float("nan")], {}),
        (["calm", "calm"], [1900, 1900], {}),
        (["calm"], [3], {"rate": 10}),
        (["calm"], [3], {"seed": -1}),
    ],
)
def test_what_cannot_be_composed_is_refused_in_one_line(
    moods: list[str], lengths: list[float], options: dict[str, int]
) -> None:
    with pytest.raises(OptionError) as caught:
        compose(moods, lengths, **options)
    assert "\n" not in str(caught.value)


def test_it_is_written_whole(music: Music, tmp_path: Path) -> None:
    import soundfile

    write_music(music, tmp_path / "a.wav")
    read, rate = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert rate == RATE and np.abs(read - music.samples).max() < 1e-6
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
