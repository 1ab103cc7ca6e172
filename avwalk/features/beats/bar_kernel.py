"""The inner loop of the bar model: Viterbi over tempo, metre and place in the bar, beat by beat."""

from __future__ import annotations

from typing import Any

import numpy as np

from avwalk.arrays.compile import kernel

NONE = np.float32(-1e9)
METER, PLACE, LAST, FIRST = 0, 1, 2, 3
"""Columns of the states: metre, place in the bar, whether it is the last, first state of the metre."""
CUT, OTHER, PAUSE, RESUME, PICKUP = 0, 1, 2, 3, 4
"""Prices: a cut or longer bar, another metre, into rest, out of rest, out of rest elsewhere than on a downbeat."""
BEAT, DOWNBEAT, REST = 0, 1, 2
"""Columns of the gains of a frame: of a beat, of a downbeat on top, of no beat."""


@kernel()
def _end(row: int, ring: Any, lengths: Any, ended: Any) -> None:
    """Ways whose beat is over now; the ring begins full of scores that nobody takes."""
    kept = ring.shape[0]
    for s in range(ended.shape[0]):
        out, length = ended[s], lengths[s]
        for j in range(ended.shape[1]):
            before = row - length[j]
            out[j] = ring[before + kept if before < 0 else before, s, j]


@kernel()
def _after_bars(ended: Any, states: Any, best: Any, came: Any) -> None:
    """The best way to each tempo that has just ended a bar, of whatever metre."""
    for j in range(best.shape[1]):
        best[1, j] = NONE
        came[1, j] = 0
    for s in range(ended.shape[0]):
        if states[s, LAST] == 1:
            for j in range(best.shape[1]):
                better = ended[s, j] > best[1, j]
                best[1, j] = ended[s, j] if better else best[1, j]
                came[1, j] = s if better else came[1, j]


@kernel()
def _towards(s: int, ended: Any, states: Any, prices: Any, best: Any, came: Any) -> None:
    """The best way to each tempo from which a beat of state ``s`` may follow."""
    n = best.shape[1]
    if states[s, PLACE] == 0:
        for j in range(n):
            best[0, j] = best[1, j] - prices[OTHER]
            came[0, j] = came[1, j]
        p = states[s, FIRST]
        while p < ended.shape[0] and states[p, METER] == states[s, METER]:
            price = np.float32(0.0) if states[p, LAST] == 1 else prices[CUT]
            for j in range(n):
                better = ended[p, j] - price > best[0, j]
                best[0, j] = ended[p, j] - price if better else best[0, j]
                came[0, j] = p if better else came[0, j]
            p += 1
    else:
        for j in range(n):
            best[0, j] = ended[s - 1, j]
            came[0, j] = s - 1
        if states[s, LAST] == 1:
            for j in range(n):
                better = ended[s, j] - prices[CUT] > best[0, j]
                best[0, j] = ended[s, j] - prices[CUT] if better else best[0, j]
                came[0, j] = s if better else came[0, j]


@kernel()
def _change(changes: Any, resumed: Any, best: Any, came: Any) -> None:
    """The best way to each length of the new beat, over changes of length and out of rest (marked −1)."""
    n, reach = best.shape[1], changes.shape[0] // 2
    for i in range(n):
        best[2, i] = resumed
        came[2, i] = -1
        came[3, i] = 0
    for k in range(changes.shape[0]):
        # slices: their indices cannot be negative, so that the loop becomes vector code
        low, high = max(0, reach - k), min(n, n + reach - k)
        old, kept, price = best[0, low + k - reach : high + k - reach], best[2, low:high], changes[k, low:high]
        old_state, state, step = came[0, low + k - reach : high + k - reach], came[2, low:high], came[3, low:high]
        move = np.int32(k - reach)
        for i in range(high - low):
            v = old[i] - price[i]
            better = v > kept[i]
            kept[i] = v if better else kept[i]
            state[i] = old_state[i] if better else state[i]
            step[i] = move if better else step[i]


@kernel(
    "void(i8, i8, f4[:,:,::1], f4[::1], f4[:,::1], f4[::1], i4[:,::1], i4[:,::1], f4[::1], f4[::1], f4[:,::1],"
    " i1[:,:,::1], i1[:,:,::1], i4[:,::1], f4[:,::1], f4[:,::1], i4[:,::1])"
)
def forward(
    start: int, stop: int, ring: Any, rest: Any, gains: Any, tempo: Any, states: Any, lengths: Any, handicaps: Any,
    prices: Any, changes: Any, from_state: Any, from_tempo: Any, from_rest: Any, ended: Any, best: Any, came: Any,
) -> None:  # fmt: skip
    """Frames [start, stop) of the model.

    Args:
        start: first frame.
        stop: one beyond the last.
        ring: (frames kept, states, tempos): best score of a way that has a beat of this state and length there.
        rest: (1,): the best score of a way that rests now.
        gains: (frames, 3): see the columns.
        tempo: gain of a beat's length, (tempos,).
        states: (n, 4): see the columns.
        lengths: (states, tempos): frames from this beat to the next.
        handicaps: (states,): taken from a beat of this state.
        prices: (5,).
        changes: (2 · reach + 1, tempos): what a change of length costs, by step and new length.
        from_state: (frames, states, tempos): out, the state before; −1: it rested.
        from_tempo: likewise, the step of length.
        from_rest: (frames, 2): out, the state and tempo that went into rest; −1 where it rested before.
        ended: scratch (states, tempos).
        best: scratch (3, tempos).
        came: scratch (4, tempos).
    """
    n_states, n_tempos = lengths.shape
    for t in range(start, stop):
        row = t % ring.shape[0]
        _end(row, ring, lengths, ended)
        stayed = rest[0] + gains[t, REST]
        top, top_state = NONE, 0
        for s in range(n_states):
            highest, way = NONE, ended[s]
            for j in range(n_tempos):
                highest = max(highest, way[j])
            if highest > top:
                top, top_state = highest, s
        top_tempo = 0
        while ended[top_state, top_tempo] < top:
            top_tempo += 1
        pauses = top - prices[PAUSE] > stayed
        from_rest[t - start, 0] = top_state if pauses else -1
        from_rest[t - start, 1] = top_tempo if pauses else -1
        rest[0] = top - prices[PAUSE] if pauses else stayed
        _after_bars(ended, states, best, came)
        for s in range(n_states):
            first = states[s, PLACE] == 0
            _towards(s, ended, states, prices, best, came)
            _change(changes, stayed - prices[RESUME] - (np.float32(0.0) if first else prices[PICKUP]), best, came)
            gain = gains[t, BEAT] + (gains[t, DOWNBEAT] if first else np.float32(0.0)) - handicaps[s]
            here, state, step = ring[row, s], from_state[t - start, s], from_tempo[t - start, s]
            value, came_state, came_step = best[2], came[2], came[3]
            for i in range(n_tempos):
                here[i] = value[i] + gain + tempo[i]
            for i in range(n_tempos):
                state[i] = came_state[i]
                step[i] = came_step[i]
