"""Subtitles as a track of a film."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from avwalk.spec.encoder import Encoder
from avwalk.video.encode import SegmentEncoder
from avwalk.video.join import Tracks, join_tracks
from avwalk.video.subtitle_track import Subtitle, in_turn
from avwalk.video.verify import verify

FPS = Fraction(30)


def test_one_text_at_a_time() -> None:
    found = in_turn([Subtitle(3, 4, "c"), Subtitle(1, 3.5, "a"), Subtitle(1, 2, "b"), Subtitle(5, 5, "none")])
    assert found == [Subtitle(1, 3, "a\nb"), Subtitle(3, 4, "c")]


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_players_find_the_texts_at_their_times(suffix: str, tmp_path: Path) -> None:
    encoder = Encoder(suffix=suffix)
    segment, film = tmp_path / "a.mp4", tmp_path / f"film{suffix}"
    with SegmentEncoder(segment, (32, 32), FPS, encoder, 0, 0) as writer:
        for k in range(90):
            writer.write(np.full((1, 32, 32, 3), k / 90, np.float32))
    told = (Subtitle(0.5, 1.25, "Größe\n夜の街"), Subtitle(2.0, 2.9, "end"))
    join_tracks([segment], [90], FPS, film, encoder, Tracks(subtitles=told))
    with av.open(str(film)) as container:
        assert [stream.type for stream in container.streams] == ["video", "subtitle"]
        stream = container.streams.subtitles[0]
        base = float(stream.time_base or 0)
        packets = [packet for packet in container.demux(stream) if packet.size > 2]
        assert [bytes(packet)[2:].decode() for packet in packets] == [each.text for each in told]
        starts = [float(packet.pts or 0) * base for packet in packets]
        lengths = [float(packet.duration or 0) * base for packet in packets]
    assert starts == pytest.approx([each.start for each in told])
    assert lengths == pytest.approx([each.end - each.start for each in told])
    assert verify(film, n_frames=90, fps=FPS)["problems"] == []


def test_without_subtitles_there_is_no_track(tmp_path: Path) -> None:
    segment, film = tmp_path / "a.mp4", tmp_path / "film.mp4"
    with SegmentEncoder(segment, (32, 32), FPS, Encoder(), 0, 0) as writer:
        writer.write(np.zeros((9, 32, 32, 3), np.float32))
    join_tracks([segment], [9], FPS, film, Encoder(), Tracks())
    with av.open(str(film)) as container:
        assert not container.streams.subtitles
