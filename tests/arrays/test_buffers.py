"""Memory for frames: it comes back when nothing looks at it any more, and not before."""

import gc

import numpy as np
import pytest

from avwalk.arrays import buffers
from avwalk.arrays.buffers import new_frames


def test_memory_comes_back_and_is_used_again() -> None:
    first = new_frames((2, 9, 16, 3))
    assert first.shape == (2, 9, 16, 3)
    assert first.dtype == np.float32
    assert first.flags.writeable
    assert first.flags.c_contiguous
    at = first.ctypes.data
    del first
    gc.collect()
    assert new_frames((2, 9, 16, 3)).ctypes.data == at


def test_a_view_keeps_the_memory() -> None:
    whole = new_frames((3, 9, 16, 3))
    whole.fill(0.5)
    view = whole[1:2, ::2].reshape(-1)[3:7]
    kept = whole[0]
    del whole
    gc.collect()
    new_frames((3, 9, 16, 3)).fill(9.0)
    assert (view == 0.5).all()
    assert (kept == 0.5).all()


def test_no_more_is_kept_than_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "IDLE_BYTES", 4 * 5 * 7)
    some = [new_frames((5, 7)) for _ in range(3)]
    del some
    gc.collect()
    assert len(buffers._idle[4 * 5 * 7]) <= 1
