"""Renders the first two seconds of a song, small: python examples/render_a_song.py [SONG] [PRESET] [OUT]"""

import sys
from pathlib import Path

import avwalk

DEMO = Path(__file__).resolve().parent.parent / "media" / "demo-song.ogg"


def main(song: str = str(DEMO), preset: str = "lsd", out: str = "two-seconds.mp4") -> None:
    # The test card needs no warming up; leave `generator` out for the preset's own picture.
    avwalk.render(song, preset=preset, out=out, size="320x180", duration=2.0, generator="testcard", force=True)
    print(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
