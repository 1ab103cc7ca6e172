"""The inner loop of the bar model: Viterbi over tempo, metre and place in the bar, beat by beat."""

from __future__ import annotations

from typing import Any

from avwalk.arrays.compile import kernel


@kernel(
    "void(i8, i8, f4[:,:,::1], f4[::1], f4[::1], f4[::1], f4[:,::1], f4[::1], i4[:,::1], i4[:,::1], f4[::1], f4[::1], f4[:,::1],"
    " i1[:,:,::1], i1[:,:,::1], i4[:,::1], f4[:,::1], f4[:,::1], i4[:,::1])"
)
def forward(
    start: int, stop: int, ring: Any, rest: Any, beat: Any, downbeat: Any, tempo: Any, resting: Any, states: Any,
    lengths: Any, handicaps: Any, costs: Any, changes: Any, from_state: Any, from_tempo: Any, from_rest: Any, ended: Any, best: Any,
    came: Any,
) -> None:  # fmt: skip
    """Frames [start, stop) of the model.

    Args:
        start: first frame.
        stop: one beyond the last.
        ring: (frames kept, states, tempos): best score of a way that has a beat of this state and length there.
        rest: (1,): the best score of a way that rests now.
        beat: gain of a beat at each frame.
        downbeat: what it gains more as the first of a bar.
        tempo: gain of a beat's length, (seconds, tempos).
        resting: gain of a frame without a beat.
        states: (n, 4): metre, place, whether it is the last place, first state of the metre.
        lengths: (states, tempos): frames from this beat to the next.
        handicaps: (states,): taken from a beat of this state.
        costs: cut or longer bar, other metre, into rest, out of rest, out of rest elsewhere than on a downbeat.
        changes: (2 · reach + 1, tempos): what a change of length costs, by step and new length.
        from_state: (frames, states, tempos): out, the state before.
        from_tempo: likewise, the step of length.
        from_rest: (frames, 2): out, the state and tempo that went into rest; −1 where it rested before.
        ended: scratch (states, tempos).
        best: scratch (3, tempos).
        came: scratch (4, tempos).
    """
    n_states, n_tempos = lengths.shape
    kept = ring.shape[0]
    reach = changes.shape[0] // 2
    none = -1e9
    for t in range(start, stop):
        # every way whose beat is over now
        row = t % kept
        top, top_state, top_tempo = none, 0, 0
        for s in range(n_states):
            for j in range(n_tempos):
                # the ring begins full of scores that nobody takes: frames before 0 need no question
                before = row - lengths[s, j]
                v = ring[before + kept if before < 0 else before, s, j]
                ended[s, j] = v
                if v > top:
                    top, top_state, top_tempo = v, s, j
        stayed = rest[0] + resting[t]
        if top - costs[2] > stayed:
            rest_now = top - costs[2]
            from_rest[t - start, 0], from_rest[t - start, 1] = top_state, top_tempo
        else:
            rest_now = stayed
            from_rest[t - start, 0], from_rest[t - start, 1] = -1, -1
        second = min(t // 50, tempo.shape[0] - 1)
        # the end of a bar of any metre, for beginnings of another one
        for j in range(n_tempos):
            best[1, j] = none
            came[1, j] = 0
        for s in range(n_states):
            if states[s, 2] == 1:
                for j in range(n_tempos):
                    if ended[s, j] > best[1, j]:
                        best[1, j] = ended[s, j]
                        came[1, j] = s
        for s in range(n_states):
            first = states[s, 3]
            if states[s, 1] == 0:
                for j in range(n_tempos):
                    best[0, j] = best[1, j] - costs[1]
                    came[0, j] = came[1, j]
                p = first
                while p < n_states and states[p, 0] == states[s, 0]:
                    price = 0.0 if states[p, 2] == 1 else costs[0]
                    for j in range(n_tempos):
                        if ended[p, j] - price > best[0, j]:
                            best[0, j] = ended[p, j] - price
                            came[0, j] = p
                    p += 1
            else:
                for j in range(n_tempos):
                    best[0, j] = ended[s - 1, j]
                    came[0, j] = s - 1
                if states[s, 2] == 1:
                    for j in range(n_tempos):
                        if ended[s, j] - costs[0] > best[0, j]:
                            best[0, j] = ended[s, j] - costs[0]
                            came[0, j] = s
            gain = beat[t] + (downbeat[t] if states[s, 1] == 0 else 0.0) - handicaps[s]
            begins = stayed - costs[3] - (0.0 if states[s, 1] == 0 else costs[4])
            for i in range(n_tempos):
                best[2, i] = begins
                came[2, i] = n_states
                came[3, i] = 0
            for d in range(-reach, reach + 1):
                for i in range(max(0, -d), min(n_tempos, n_tempos - d)):
                    v = best[0, i + d] - changes[d + reach, i]
                    better = v > best[2, i]
                    best[2, i] = v if better else best[2, i]
                    came[2, i] = came[0, i + d] if better else came[2, i]
                    came[3, i] = d if better else came[3, i]
            for i in range(n_tempos):
                ring[row, s, i] = best[2, i] + gain + tempo[second, i]
                from_state[t - start, s, i] = came[2, i]
                from_tempo[t - start, s, i] = came[3, i]
        rest[0] = rest_now
