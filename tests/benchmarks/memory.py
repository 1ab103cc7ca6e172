"""Peak memory of a render of an hour (or three) against a minute; small and slow frames, so that it ends.

python -m tests.benchmarks memory                # every generator that is here, 1 and 60 minutes
python -m tests.benchmarks.memory biggan 1 180   # one of them, other lengths
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks.songs import song_of

LIMIT = 1.25
CODE = """
import avwalk, sys
from pathlib import Path
options = dict(zip(sys.argv[3::2], sys.argv[4::2]))
done = avwalk.render(sys.argv[1], out=sys.argv[2], force=True, **options)
status = Path("/proc/self/status")
if status.exists():
    print(next(int(l.split()[1]) for l in status.read_text().splitlines() if l.startswith("VmHWM")))
else:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak // 1024 if sys.platform == "darwin" else peak)
"""


def peak_mib(song: Path, out: Path, **options: str) -> float:
    """Peak resident memory of one render in a process of its own."""
    given = [word for option in options.items() for word in option]
    done = subprocess.run([sys.executable, "-c", CODE, str(song), str(out), *given], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return int(done.stdout.split()[-1]) / 1024


def kinds(folder: Path) -> dict[str, dict[str, str]]:
    """What is measured: name → options of the render. A frame of BigGAN takes long: it gets few of them."""
    found = {"cppn": {"generator": "cppn", "size": "320x180", "fps": "30"}}
    if find_spec("pytorch_pretrained_biggan"):
        from tests.small_biggan import save_biggan

        model = str(save_biggan(folder / "model"))
        found["biggan"] = {"generator": "biggan", "model": model, "size": "64x36", "fps": "1"}
    return found


def main() -> None:
    """Prints the table: of all generators, or of those named."""
    minutes = [int(word) for word in sys.argv[1:] if word.isdigit()] or [1, 60]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        there = kinds(folder)
        wanted = [word for word in sys.argv[1:] if not word.isdigit()] or list(there)
        if missing := [word for word in wanted if word not in there]:
            raise SystemExit(f"{', '.join(missing)} cannot be measured here; there are: {', '.join(there)}")
        peaks: dict[str, list[float]] = {kind: [] for kind in wanted}
        for m in minutes:
            song = song_of(60 * m, folder / "song.wav")
            for kind, found in peaks.items():
                found.append(peak_mib(song, folder / "a.mp4", **there[kind]))
                ratio = found[-1] / found[0]
                print(
                    f"{kind:<7} {m:>4} min   peak {found[-1]:6.0f} MiB   {ratio:.2f} of the first (limit {LIMIT})",
                    flush=True,
                )
    if above := [kind for kind, found in peaks.items() if max(found) > LIMIT * found[0]]:
        raise SystemExit(f"memory grows with the song: {', '.join(above)}")


if __name__ == "__main__":
    main()
