"""Peak memory of a render of an hour (or three) against a minute; small and slow frames, so that it ends."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.songs import song_of

CODE = """
import avwalk, sys
from pathlib import Path
done = avwalk.render(sys.argv[1], out=sys.argv[2], generator="cppn", size="320x180", fps=sys.argv[3], force=True)
status = Path("/proc/self/status")
if status.exists():
    print(next(int(l.split()[1]) for l in status.read_text().splitlines() if l.startswith("VmHWM")))
else:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak // 1024 if sys.platform == "darwin" else peak)
"""


def peak_mib(song: Path, out: Path, fps: str = "30") -> float:
    """Peak resident memory of one render in a process of its own."""
    done = subprocess.run([sys.executable, "-c", CODE, str(song), str(out), fps], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return int(done.stdout.split()[-1]) / 1024


def main() -> None:
    """Prints the table."""
    minutes = [int(m) for m in sys.argv[1:]] or [1, 60]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = None
        for m in minutes:
            peak = peak_mib(song_of(60 * m, folder / "song.wav"), folder / "a.mp4")
            first = first or peak
            print(f"{m:>4} min   peak {peak:6.0f} MiB   {peak / first:.2f} of the first (limit 1.25)")


if __name__ == "__main__":
    main()
