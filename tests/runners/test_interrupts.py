"""The first signal stops; more of them leave it its time."""

from __future__ import annotations

import os
import signal
import sys
import time
import types

import pytest

from avwalk.runners.interrupts import POLITE, exit_code, interruptible

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


@pytest.mark.parametrize("number", POLITE)
def test_the_first_interrupts_and_the_others_are_nothing(number: int) -> None:
    before, kept = signal.getsignal(number), False
    with pytest.raises(KeyboardInterrupt), interruptible():
        try:
            signal.raise_signal(signal.Signals(number))
        finally:
            for _ in range(5):
                signal.raise_signal(signal.Signals(number))
            kept = True
    assert kept and signal.getsignal(number) == before
    assert exit_code() == 128 + number
    with interruptible():
        assert exit_code() == 130, "what stopped another command is forgotten"


def test_what_was_switched_off_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_python_cannot_raise_comes_again(capfd: pytest.CaptureFixture[str]) -> None:
    class Gone:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    hook = sys.unraisablehook
    with pytest.raises(KeyboardInterrupt), interruptible():
        thing = Gone()
        del thing  # the interrupt is raised here, and ignored
        for _ in range(200):
            time.sleep(0.01)
    assert sys.unraisablehook is hook and capfd.readouterr().err == ""


def test_an_interrupt_within_the_import_system_waits_until_it_is_left() -> None:
    """Raised there, it left the lock of all imports held, and threads waited for ever."""
    importing = types.SimpleNamespace(f_code=types.SimpleNamespace(co_filename="<frozen importlib._bootstrap>"))
    with pytest.raises(KeyboardInterrupt), interruptible():
        handler = signal.getsignal(signal.SIGINT)
        assert callable(handler)
        handler(signal.SIGINT, importing)  # type: ignore[arg-type]
        time.sleep(2)
