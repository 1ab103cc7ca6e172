from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from avwalk.errors import VideoError
from avwalk.files.chapters import MOST, Chapter, read_chapters
from avwalk.spec.encoder import Encoder
from avwalk.video.encode import SegmentEncoder
from avwalk.video.join import Tracks, join_tracks
from avwalk.video.subtitle_track import Subtitle

FPS = Fraction(10)


def film(folder: Path, chapters: list[Chapter], suffix: str = ".mp4") -> Path:
    encoder = Encoder(suffix=suffix)
    with SegmentEncoder(folder / "s.mp4", (64, 36), FPS, encoder, 0, 0) as segment:
        segment.write(np.random.default_rng(0).random((40, 36, 64, 3), np.float32))
    tracks = Tracks(None, (), {"title": "T"}, (Subtitle(0.5, 1.0, "Hello"),), chapters)
    join_tracks([folder / "s.mp4"], [40], FPS, folder / f"f{suffix}", encoder, tracks)
    return folder / f"f{suffix}"


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_chapters_are_read_back(tmp_path: Path, suffix: str) -> None:
    told = [Chapter(0.0, 1.5, "One: Ä & “b”"), Chapter(1.5, 4.0, "Two")]
    path = film(tmp_path, told, suffix)
    found = read_chapters(path)
    assert [c.title for c in found] == [c.title for c in told]
    assert np.allclose([c[:2] for c in found], [c[:2] for c in told], atol=0.002)
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 40
        assert container.metadata["title"] == "T" and len(container.streams.subtitles) == 1


def test_a_film_without_chapters_has_none(tmp_path: Path) -> None:
    assert read_chapters(film(tmp_path, [])) == []


def test_of_very_many_chapters_neighbours_join(tmp_path: Path) -> None:
    many = [Chapter(k / 100, (k + 1) / 100, str(k)) for k in range(400)]
    found = read_chapters(film(tmp_path, many))
    assert len(found) == 200 <= MOST and found[0].title == "0" and found[-1].end == pytest.approx(4.0, abs=0.01)


def test_what_is_no_film_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("x")
    with pytest.raises(VideoError, match="cannot be opened"):
        read_chapters(tmp_path / "a.mp4")
