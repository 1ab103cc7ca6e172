"""Time to the help text, against a bare Python in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time


def seconds(command: list[str], runs: int = 9) -> float:
    """Median wall time of a command, the first run not counted."""
    times = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def main() -> None:
    """Prints the table."""
    bare = seconds([sys.executable, "-c", "pass"])
    imported = seconds([sys.executable, "-c", "import typer"])
    ours = seconds([sys.executable, "-m", "avwalk", "--help"])
    print(f"{'python -c pass':<24} {bare * 1000:7.0f} ms")
    print(f"{'import typer':<24} {imported * 1000:7.0f} ms")
    print(
        f"{'avwalk --help':<24} {ours * 1000:7.0f} ms   of the limit (300 ms) {ours / 0.3:.2f}, "
        f"of a bare Python {ours / bare:.1f} ×"
    )


if __name__ == "__main__":
    main()
