"""Trains the network.

    python -m tools.hearing.train SONGS VALIDATION OUT --minutes 100 [--resume] [--threads 2]

``SONGS`` and ``VALIDATION`` are folders of ``make_songs``, with other seeds and other soundfonts; songs that arrive
while it runs are taken in. Every five minutes ``OUT/last.pt`` is written, and ``OUT/best.pt`` where the validation
songs are heard better than before. ``OUT/log.txt`` says how it goes.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from tools.hearing.examples import Example, Song, example, read_song
from tools.hearing.export import imported
from tools.hearing.network import Network, with_rise

BATCH, RATE = 8, 3e-3
"""Examples of a step, and the highest learning rate."""
MINUTES = 188.0
"""How long the shipped weights were trained, in two rounds."""
_VALIDATED = 48  # songs
_EVERY = 300.0  # seconds from one validation to the next
_FIRST, _NEXT = 400, 40  # songs read before the first step, and taken in every `_PAUSE` steps
_PAUSE = 50
_SHARES = torch.tensor([6.0, 6.0, 0.5, 0.3, 0.3, 6.0, 6.0, 3.0, 0.5])  # of the losses: what is rare and small is more


def tolerant(logits: torch.Tensor, target: torch.Tensor, weight: torch.Tensor, positive: float) -> torch.Tensor:
    """Cross entropy that lets a peak lie a frame beside its target; what is two frames away is not blamed.

    After Foscarin, Schlüter, Widmer, "Beat This! Accurate beat tracking without DBN postprocessing", ISMIR 2024.

    Args:
        logits: (batch, heads, frames).
        target: likewise, 0 or 1.
        weight: likewise, of each frame, 0 where nothing is asked for.
        positive: weight of a target against that of a frame without.

    Returns:
        (heads,) means over batch and frames.
    """
    peak = F.max_pool1d(logits, 3, 1, 1)
    near = F.max_pool1d(target, 5, 1, 2)
    loss = target * weight * positive * F.softplus(-peak) + (1 - near) * weight.clamp(max=1) * F.softplus(logits)
    return loss.mean(dim=(0, 2))


def losses(net: Network, batch: Sequence[Example]) -> torch.Tensor:
    """(9,): beat, downbeat, boundary, voice, drums; kick, snare, hat; loudness of the three together."""
    levels, slow, fast, weight, loud = (
        torch.from_numpy(np.stack([getattr(e, key) for e in batch]))
        for key in ("levels", "slow", "fast", "weight", "loud")
    )
    out_slow, out_fast = (out.float() for out in net(levels))
    known, slow = (slow >= 0).float(), slow.clamp(min=0)
    beats = tolerant(out_slow[:, :2], slow[:, :2], known[:, :2], 3.0)
    rest = F.binary_cross_entropy_with_logits(out_slow[:, 2:], slow[:, 2:], known[:, 2:], reduction="none")
    drums = tolerant(out_fast[:, :3], fast, weight, 3.0)
    error = (torch.sigmoid(out_fast[:, 3:]) - loud) ** 2 * fast
    loudness = error.sum() / fast.sum().clamp(min=1)
    return torch.cat([beats, rest.mean(dim=(0, 2)), drums, loudness[None]])


def validate(net: Network, songs: Sequence[Song]) -> NDArray[np.float32]:
    """(9,) mean losses over whole songs as they are."""
    net.eval()
    with torch.no_grad():
        rows = [losses(net, [example(song, None)]).numpy() for song in songs]
    return np.asarray(np.mean(rows, axis=0), np.float32)


@dataclass
class Songs:
    """The songs of a folder, more of them as time goes by: they may still be made."""

    folder: Path
    songs: dict[Path, Song] = field(default_factory=dict)

    def read(self, most: int) -> list[Song]:
        """Takes in ``most`` new songs at most.

        Returns:
            All that were read.

        Raises:
            FileNotFoundError: there is none.
        """
        paths = sorted(self.folder.glob("*.npz"))
        new = [p for p in paths if p not in self.songs and ".part" not in p.name]
        self.songs |= {path: read_song(path) for path in new[:most]}
        if not self.songs:
            raise FileNotFoundError(f"no songs in {self.folder}: python -m tools.hearing.make_songs makes some")
        return list(self.songs.values())


class Average:
    """Running mean of a network's weights: a better network than the last one (Polyak, Juditsky 1992)."""

    def __init__(self, net: Network) -> None:
        self.state = {key: value.detach().clone() for key, value in net.state_dict().items()}

    def take(self, net: Network, step: int) -> None:
        """Takes in the weights after step ``step``, counted from 1."""
        keep = min(0.998, step / (step + 50))
        for key, value in net.state_dict().items():
            floats = value.dtype.is_floating_point
            self.state[key] = self.state[key] * keep + value * (1 - keep) if floats else value.clone()


def learning_rate(highest: float, step: int, share: float) -> float:
    """Rises over a hundred steps, then falls along a cosine to a hundredth; ``share`` of the time is over."""
    return highest * min(1.0, (step + 1) / 100) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))


@dataclass
class Log:
    """Where a run writes, and how good it has been.

    Attributes:
        out: folder of ``last.pt``, ``best.pt`` and ``log.txt``.
        validation: songs that judge.
        best: their lowest loss.
        losses: of the training steps since the last validation.
    """

    out: Path
    validation: list[Song]
    best: float = math.inf
    losses: list[NDArray[np.float32]] = field(default_factory=list)

    def write(self, state: dict[str, torch.Tensor], net: Network, progress: str) -> None:
        """Judges the state with ``net``, whose weights become it, and stores it."""
        net.load_state_dict(state)
        rows = validate(net, self.validation)
        whole = float((rows * _SHARES.numpy()).sum())
        torch.save(state, self.out / "part.pt")
        (self.out / "part.pt").replace(self.out / "last.pt")
        if whole < self.best:
            self.best = whole
            torch.save(state, self.out / "best.pt")
        training = np.round(np.mean(self.losses, axis=0), 4)
        line = f"{progress}, training {training}, validation {whole:.4f} {np.round(rows, 4)}"
        self.losses.clear()
        print(line, flush=True)
        with (self.out / "log.txt").open("a", encoding="utf-8") as log:
            log.write(line + "\n")


@dataclass(frozen=True)
class Schedule:
    """How to train.

    Attributes:
        minutes: wall clock; the learning rate falls over this time.
        rate: the highest learning rate.
        threads: of PyTorch.
        seed: of weights and examples; the time a step takes decides besides which songs are there.
        resume: go on from ``last.pt``.
        start: weights of the package to begin with; None draws them.
        bfloat16: convolve so: twice as fast on processors that have it, slower on others.
    """

    minutes: float = MINUTES
    rate: float = RATE
    threads: int = 2
    seed: int = 0
    resume: bool = False
    start: Path | None = None
    bfloat16: bool = False


def _started(weights: Path, songs: Sequence[Song]) -> dict[str, torch.Tensor]:
    """A state that says what the package's weights say."""
    rows = torch.cat([with_rise(torch.from_numpy(example(song, None).levels)[None])[0] for song in songs], 1)
    with np.load(weights) as arrays:
        return imported(arrays, rows.mean(dim=1).numpy(), rows.var(dim=1).numpy())


def train(songs: Path, validation: Path, out: Path, schedule: Schedule) -> None:
    """Trains until the time is over.

    Args:
        songs: folder of ``make_songs``.
        validation: another, of other seeds and soundfonts.
        out: folder for weights and log, made where it is missing.
        schedule: how.
    """
    torch.set_num_threads(schedule.threads)
    torch.manual_seed(schedule.seed)
    rng = np.random.default_rng(schedule.seed)
    out.mkdir(parents=True, exist_ok=True)
    net = Network()
    if schedule.resume:
        net.load_state_dict(torch.load(out / "last.pt", weights_only=True))
    optimiser = torch.optim.AdamW(net.parameters(), lr=schedule.rate, weight_decay=1e-2)
    library = Songs(songs)
    if schedule.start is not None:
        net.load_state_dict(_started(schedule.start, library.read(_FIRST)))
    average, judged = Average(net), Network()
    log = Log(out, [read_song(p) for p in sorted(validation.glob("*.npz"))[:_VALIDATED]])
    began = last = time.time()
    end, step = began + 60 * schedule.minutes, 0
    while time.time() < end:
        if step % _PAUSE == 0:
            crops = library.read(_FIRST if step == 0 else _NEXT)
        share = (time.time() - began) / (end - began)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(schedule.rate, step, share)
        net.train()
        batch = [example(crops[int(rng.integers(len(crops)))], rng) for _ in range(BATCH)]
        with torch.autocast("cpu", torch.bfloat16, enabled=schedule.bfloat16):
            parts = losses(net, batch)
        optimiser.zero_grad()
        (parts * _SHARES).sum().backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        log.losses.append(parts.detach().numpy())
        average.take(net, step)
        if time.time() - last > _EVERY or time.time() >= end:
            last = time.time()
            log.write(average.state, judged, f"{(last - began) / 60:.0f} min, step {step}, {len(crops)} songs")


def main() -> None:
    """Trains until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("songs", type=Path)
    parser.add_argument("validation", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--start", type=Path, help="weights of the package to begin with")
    parser.add_argument("--bfloat16", action="store_true")
    options = parser.parse_args()
    schedule = Schedule(
        options.minutes, options.rate, options.threads, options.seed, options.resume, options.start, options.bfloat16
    )
    train(options.songs, options.validation, options.out, schedule)


if __name__ == "__main__":
    main()
