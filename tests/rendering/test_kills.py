"""A render that is killed, in every phase: the same command goes on, and the film is what it would have been."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.benchmarks.kills import PHASES, SIGNALS, random_kill, survived


def test_every_phase_is_killed_by_every_signal() -> None:
    kills = [random_kill(number, 0) for number in range(48)]
    assert len({(kill.phase, kill.name, kill.output) for kill in kills}) == len(PHASES) * len(SIGNALS) * 2
    assert len({kill.share for kill in kills}) == 48


@pytest.mark.full
@pytest.mark.timeout(0)
@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_kills_change_nothing(tmp_path: Path) -> None:
    found, faults = survived(8, 0, tmp_path)
    assert not faults and found == 8
