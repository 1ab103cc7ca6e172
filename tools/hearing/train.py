"""Trains the network.

    python -m tools.hearing.train SONGS VALIDATION OUT --minutes 100 [--resume] [--threads 2]

``SONGS`` and ``VALIDATION`` are folders of ``make_songs``, with other seeds and other soundfonts; songs that arrive
while it runs are taken in. Every five minutes ``OUT/last.pt`` is written, and ``OUT/best.pt`` where the validation
songs are heard better than before. ``OUT/log.txt`` says how it goes.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from tools.hearing.examples import Example, Song, example, read_song
from tools.hearing.network import HearingNet

BATCH, RATE = 8, 3e-3


def tolerant(logits: torch.Tensor, target: torch.Tensor, weight: torch.Tensor, positive: float) -> torch.Tensor:
    """Cross entropy that lets the peak lie a frame beside its target (after Foscarin et al. 2024, "Beat This!")."""
    peak = F.max_pool1d(logits, 3, 1, 1)
    near = F.max_pool1d(target, 5, 1, 2)
    loss = target * weight * positive * F.softplus(-peak) + (1 - near) * weight.clamp(max=1) * F.softplus(logits)
    return loss.mean(dim=(0, 2))


def losses(net: HearingNet, batch: list[Example]) -> torch.Tensor:
    """Beat, downbeat, boundary, voice, drums; kick, snare, hat; loudness of the three together."""
    levels, slow, fast, weight, loud = (
        torch.from_numpy(np.stack([getattr(e, key) for e in batch]))
        for key in ("levels", "slow", "fast", "weight", "loud")
    )
    out_slow, out_fast = net(levels)
    ones = torch.ones_like(slow[:, :2])
    beats = tolerant(out_slow[:, :2], slow[:, :2], ones, 3.0)
    rest = F.binary_cross_entropy_with_logits(out_slow[:, 2:], slow[:, 2:], reduction="none").mean(dim=(0, 2))
    drums = tolerant(out_fast[:, :3], fast, weight, 3.0)
    error = (torch.sigmoid(out_fast[:, 3:]) - loud) ** 2 * fast
    loudness = error.sum() / fast.sum().clamp(min=1)
    return torch.cat([beats, rest, drums, loudness[None]])


# a head's share of the whole: what is rare and small counts more
_SHARES = torch.tensor([6.0, 6.0, 0.5, 0.3, 0.3, 6.0, 6.0, 3.0, 0.5])


def validate(net: HearingNet, songs: list[Song]) -> np.ndarray:
    """Mean losses over whole songs as they are."""
    net.eval()
    with torch.no_grad():
        rows = [losses(net, [example(song, None)]).numpy() for song in songs]
    return np.mean(rows, axis=0)


def main() -> None:
    """Trains until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("songs", type=Path)
    parser.add_argument("validation", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=100.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--rate", type=float, default=RATE)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    net = HearingNet()
    if options.resume:
        net.load_state_dict(torch.load(options.out / "last.pt", weights_only=True))
    mean = {key: value.detach().clone() for key, value in net.state_dict().items()}
    shadow = HearingNet()
    optimiser = torch.optim.AdamW(net.parameters(), lr=options.rate, weight_decay=1e-2)
    held: dict[Path, Song] = {}
    tried = [read_song(p) for p in sorted(options.validation.glob("*.npz"))[:48]]
    began, end, step, best, last = time.time(), time.time() + 60 * options.minutes, 0, math.inf, time.time()
    seen: list[np.ndarray] = []
    while time.time() < end:
        if step % 50 == 0:
            new = [p for p in sorted(options.songs.glob("*.npz")) if p not in held and ".part" not in p.name]
            for path in new[: 400 if step == 0 else 40]:
                held[path] = read_song(path)
            songs = list(held.values())
        share = (time.time() - began) / (end - began)
        for group in optimiser.param_groups:
            group["lr"] = (
                options.rate * min(1.0, (step + 1) / 100) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))
            )
        net.train()
        batch = [example(songs[int(rng.integers(len(songs)))], rng) for _ in range(BATCH)]
        parts = losses(net, batch)
        optimiser.zero_grad()
        (parts * _SHARES).sum().backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step += 1
        seen.append(parts.detach().numpy())
        keep = min(0.998, step / (step + 50))
        for key, value in net.state_dict().items():
            mean[key] = mean[key] * keep + value * (1 - keep) if value.dtype.is_floating_point else value.clone()
        if time.time() - last > 300 or time.time() >= end:
            last = time.time()
            shadow.load_state_dict(mean)
            found = validate(shadow, tried)
            whole = float((found * _SHARES.numpy()).sum())
            torch.save(mean, options.out / "part.pt")
            os.replace(options.out / "part.pt", options.out / "last.pt")
            if whole < best:
                best = whole
                torch.save(mean, options.out / "best.pt")
            line = f"{(last - began) / 60:.0f} min, step {step}, {len(songs)} songs, training {np.round(np.mean(seen, axis=0), 4)}, validation {whole:.4f} {np.round(found, 4)}"
            seen = []
            print(line, flush=True)
            with (options.out / "log.txt").open("a") as log:
                log.write(line + "\n")


if __name__ == "__main__":
    main()
