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
REACH = 4
"""Frames by which a beat may be longer or shorter than the one before."""
STEPS = 2 * REACH + 1


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
def _after_bars(ended: Any, states: Any, after: Any, ended_in: Any) -> None:
    """The best way to each tempo that has just ended a bar, of whatever metre."""
    for j in range(after.shape[0]):
        after[j] = NONE
        ended_in[j] = 0
    for s in range(ended.shape[0]):
        if states[s, LAST] == 1:
            for j in range(after.shape[0]):
                better = ended[s, j] > after[j]
                after[j] = ended[s, j] if better else after[j]
                ended_in[j] = s if better else ended_in[j]


@kernel()
def _towards(s: int, ended: Any, states: Any, prices: Any, after: Any, ended_in: Any, best: Any, came: Any) -> None:
    """The best way to each tempo from which a beat of state ``s`` may follow."""
    n = best.shape[0]
    if states[s, PLACE] == 0:
        for j in range(n):
            best[j] = after[j] - prices[OTHER]
            came[j] = ended_in[j]
        p = states[s, FIRST]
        while p < ended.shape[0] and states[p, METER] == states[s, METER]:
            price = np.float32(0.0) if states[p, LAST] == 1 else prices[CUT]
            for j in range(n):
                better = ended[p, j] - price > best[j]
                best[j] = ended[p, j] - price if better else best[j]
                came[j] = p if better else came[j]
            p += 1
    else:
        for j in range(n):
            best[j] = ended[s - 1, j]
            came[j] = s - 1
        if states[s, LAST] == 1:
            for j in range(n):
                better = ended[s, j] - prices[CUT] > best[j]
                best[j] = ended[s, j] - prices[CUT] if better else best[j]
                came[j] = s if better else came[j]


@kernel()
def _change(changes: Any, resumed: Any, before: Any, kept: Any, move: Any) -> None:
    """The best way to each length of the new beat, over changes of length and out of rest (which is step ``STEPS``).

    ``before`` has `REACH` scores that nobody takes at either end.
    """
    for i in range(kept.shape[0]):
        highest, step = resumed, np.int32(STEPS)
        for k in range(STEPS):  # a constant: unrolled, so that the outer loop becomes vector code
            v = before[i + k] - changes[k, i]
            better = v > highest
            highest = v if better else highest
            step = np.int32(k) if better else step
        kept[i] = highest
        move[i] = step


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
        changes: (STEPS, tempos): what a change of length costs, by step and new length.
        from_state: (frames, states, tempos): out, the state before; −1: it rested.
        from_tempo: likewise, the step of length.
        from_rest: (frames, 2): out, the state and tempo that went into rest; −1 where it rested before.
        ended: scratch (states, tempos).
        best: scratch (3, tempos + 2 · REACH).
        came: scratch (3, tempos).
    """
    n_states, n_tempos = lengths.shape
    padded, after, kept = best[0], best[1, :n_tempos], best[2, :n_tempos]
    way_in, ended_in, move = came[0], came[1], came[2]
    padded[:] = NONE
    before = padded[REACH : REACH + n_tempos]
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
        _after_bars(ended, states, after, ended_in)
        for s in range(n_states):
            first = states[s, PLACE] == 0
            _towards(s, ended, states, prices, after, ended_in, before, way_in)
            resumed = stayed - prices[RESUME] - (np.float32(0.0) if first else prices[PICKUP])
            _change(changes, resumed, padded, kept, move)
            gain = gains[t, BEAT] + (gains[t, DOWNBEAT] if first else np.float32(0.0)) - handicaps[s]
            here, state, step = ring[row, s], from_state[t - start, s], from_tempo[t - start, s]
            for i in range(n_tempos):
                here[i] = kept[i] + gain + tempo[i]
            if first or states[s, LAST] == 1:
                for i in range(n_tempos):
                    rested = move[i] == STEPS
                    state[i] = -1 if rested else way_in[i + (0 if rested else move[i] - REACH)]
                    step[i] = 0 if rested else move[i] - REACH
            else:  # all come from the place before
                for i in range(n_tempos):
                    state[i] = -1 if move[i] == STEPS else s - 1
                    step[i] = 0 if move[i] == STEPS else move[i] - REACH
