"""How far it is: the event that bars and lines are made of."""

from __future__ import annotations

from avwalk.contracts import Event


def progress(done: int, total: int, speed: float, limit: str) -> Event:
    """A ``progress`` event.

    Args:
        done: frames that are there.
        total: frames in all.
        speed: frames per second.
        limit: the stage that the others wait for.
    """
    eta = (total - done) / max(1e-9, speed)
    return {
        "event": "progress", "done": done, "total": total, "fps": round(speed, 2), "eta_s": round(eta), "limit": limit,
    }  # fmt: skip
