"""All figures, one table: ``python -m tests.benchmarks [NAME...]``. Ratios are taken within the run.

film        real time, SSIM and bit rate; overhead; segments against one encode
encoder     size, SSIM and time of each quality on drawn frames, beside the former default; takes presets: encoder lsd
start       time to the help text
memory      peak memory of a long song against a short one
kills       renders that are killed in every phase and gone on with; takes options after its name: kills --kills 100.
            Only when named: minutes
disk        calls that wait for the disk and checksums, by kind: their share of a render
workers     two workers against one, as threads and as processes; keeping frames for the case of an interrupt
cluster     how long a film takes on 1 to 1,000 cards, by a model that is checked against two workers here
edit        a pinned value, a caption, a palette changed in a finished film, beside the whole film
sync        lag and correlation on clicks and the demo song
analysis    five minutes, warm and in a first process, beside librosa
picture     CPU time of a frame, part by part
matter      CPU time that matter adds to a frame of each preset; takes presets after its name: matter lsd sumi --profile
follow      how the film follows the song: liveliness, repetition, calm between hits
beats       beat tracking on generated rhythms
hearing     beats, tempo, bars, drums and form on sets of songs, against a commit and peers; takes options after its
            name: hearing --sets synth --against main. Only when named: every look at the evaluation sets counts
form        sections, labels, drops, build-ups, keys and kicks on songs of known form
biggan      BigGAN-deep at full size beside the package in a plain loop
diffusion   the painter beside bare calls of diffusers, on a small model
scenes      a path through a graph of 200 pictures and 2,000 ways; unpacking 60,000 pictures beside zipfile
scenes_film a film of 30 scenes from rendered frames beside the encoder alone; arrivals on their beats
restyle     flicker and error of the ways from key to key
salience    what a hit makes of the picture; takes options after its name: salience --songs FOLDER --presets idol,lsd.
            Only when named
own         whether a song has a film of its own: distances between songs over those between seeds; takes options after
            its name: own --presets idol,lsd. Only when named
worlds      whether the built-in painter paints what words mean; --only "named colours,same place". Only when named
words       when words are said: aligned and recognised, clean and over music, against espeak-ng's own times; wrong
            texts; a French passage; takes parts after its name: words aligned wrong. Only when named
look        every preset: film, speed, tone, grey, worlds; takes parts and presets after its name: look tone idol lsd
"""

from __future__ import annotations

import importlib
import sys
import time
from importlib.util import find_spec

NAMES = (
    "start", "film", "encoder", "disk", "workers", "cluster", "edit", "sync", "picture", "analysis", "memory", "beats",
    "form", "follow", "biggan", "diffusion", "scenes", "scenes_film", "restyle", "matter", "look",
)  # fmt: skip


TAKE_WORDS = ("look", "worlds", "words", "hearing", "kills", "salience", "matter", "own", "encoder")
"""What follows these is theirs."""


def main() -> None:
    """Runs the benchmarks named, or all; ends with the highest code that one of them returns."""
    asked = sys.argv[1:] or list(NAMES)
    end = next((k for k, name in enumerate(asked, 1) if name in TAKE_WORDS), len(asked))
    worst = 0
    for name in asked[:end]:
        began = time.perf_counter()
        print(f"\n== {name} ==", flush=True)
        if name in ("biggan", "diffusion") and not find_spec("torch"):
            print("not here: pip install 'avwalk[models]'", flush=True)
            continue
        sys.argv = [name, *(asked[end:] if name in TAKE_WORDS else [])]
        worst = max(worst, importlib.import_module(f"tests.benchmarks.{name}").main() or 0)
        print(f"({time.perf_counter() - began:.0f} s)", flush=True)
    if worst:
        raise SystemExit(worst)


if __name__ == "__main__":
    main()
