"""No damaged file makes a loader raise anything but an `AvwalkError`, take longer than five seconds or half a gigabyte.

A few dozen cases of each with the other tests, 300 with the full ones; ``AVWALK_FUZZ_CASES=10000`` and
``AVWALK_FUZZ_SEED=1`` for a longer run by hand. A case that fails says the number by which it is made again.
"""

from __future__ import annotations

import os
import random
import sys
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from avwalk.errors import AvwalkError
from tests.fuzz import loaders
from tests.fuzz.loaders import LOADERS

FEW, FULL = 30, 300
SECONDS = 5.0
"""Of the processor: a machine that does other things too is not slower for it."""
BYTES = 500 << 20


FIRST = int(os.environ.get("AVWALK_FUZZ_SEED", "0")) * 1_000_000
ASKED = int(os.environ.get("AVWALK_FUZZ_CASES", "0"))  # read here: tests have no settings of avwalk


def cases(usual: int) -> range:
    """Numbers of the cases."""
    return range(FIRST, FIRST + (ASKED or usual))


def peak() -> int:
    """Most memory that this process has had, bytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def problem_of(name: str, number: int) -> str | None:
    """What a case does that it may not; None: nothing."""
    before, begun = peak(), time.process_time()
    chance = random.Random(f"{name} {number}")
    said = ""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            LOADERS[name](Path(folder), chance)
        except AvwalkError:
            pass
        except Exception as error:
            said = f"{type(error).__name__}: {str(error)[:200]}"
    took, grown = time.process_time() - begun, peak() - before
    if said:
        return f"case {number} raises {said}"
    if took > SECONDS:
        return f"case {number} takes {took:.1f} s"
    return f"case {number} takes {grown >> 20} MiB" if grown > BYTES else None


def check(name: str, usual: int) -> None:
    problem_of(name, 0)  # what is imported late is here now, and does not count
    found = [problem for number in cases(usual) if (problem := problem_of(name, number))]
    assert not found, "\n".join(found[:20])


@pytest.mark.parametrize("name", [name for name in LOADERS if name not in ("override", "options", "times")])
def test_what_is_damaged_was_whole(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is refused undamaged would try the first lines of its loader alone. Three have no whole files."""
    monkeypatch.setattr(loaders, "damaged", lambda data, chance: data)
    monkeypatch.setattr(loaders, "damaged_tree", lambda tree, chance: tree)
    for number in range(12):
        (tmp_path / str(number)).mkdir()
        LOADERS[name](tmp_path / str(number), random.Random(number))


@pytest.mark.parametrize("name", LOADERS)
def test_damaged_files_a_few_of_each(name: str) -> None:
    check(name, FEW)


@pytest.mark.full
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", LOADERS)
def test_damaged_files_many_of_each(name: str) -> None:
    check(name, FULL)
