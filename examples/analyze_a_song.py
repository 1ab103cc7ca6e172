"""Says what is heard in a song: python examples/analyze_a_song.py [SONG]"""

import sys
from pathlib import Path

import avwalk

DEMO = Path(__file__).resolve().parent.parent / "media" / "demo-song.ogg"


def main(song: str = str(DEMO)) -> None:
    analysis = avwalk.analyze(song)
    score = analysis.score
    print(f"{analysis.duration:.2f} s, {score.tempo_bpm:.1f} BPM, {len(score.beats)} beats")
    for section in score.sections:
        print(f"{section.start:8.2f} to {section.end:7.2f} s: {section.label}")
    for drop in score.drops:
        print(f"{drop:8.2f} s: drop")

    # Every signal is one float32 for each frame of the film
    loudest = int(analysis.signals["rms"].argmax())
    print(f"loudest at frame {loudest} of {analysis.n_frames}, {loudest / float(analysis.fps):.2f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
