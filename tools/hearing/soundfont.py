"""Plays notes with soundfonts through FluidSynth."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from tools.hearing.piece import Note
from tools.hearing.sound import RATE, Sound

_TICKS = 960  # of a quarter note, which lasts half a second
_COMMAND = (
    *("fluidsynth", "-niq", "-g", ".6", "-r", str(RATE), "-R", "0", "-C", "0"),
    *("-o", "synth.cpu-cores=1", "-T", "wav"),
)
"""No reverberation and no chorus: ``mixing`` has those. One core: the same samples in every run."""
_DRUMS = 9  # channel, of 16
_OFF, _ON, _PROGRAM, _SILENCE = 0, 1, -1, -2  # programs before notes, silence before both


@dataclass(frozen=True)
class Job:
    """What to play.

    Attributes:
        notes: in any order.
        programs: General MIDI program by role, 15 of them at most.
        kit: program of the drums.
    """

    notes: Sequence[Note]
    programs: Mapping[str, int]
    kit: int


def play_soundfont(jobs: Sequence[Job], soundfont: Path, seconds: float, scratch: Path) -> list[Sound]:
    """Plays all jobs in one run: loading a soundfont takes a while.

    Args:
        jobs: what to play.
        soundfont: ``.sf2`` or ``.sf3``.
        seconds: length of each sound.
        scratch: folder for the MIDI file and the sound.

    Returns:
        A mono sound of ``seconds`` for each job.

    Raises:
        subprocess.CalledProcessError: FluidSynth failed.
    """
    gap = seconds + 1.5
    _write_midi(scratch / "notes.mid", _events(jobs, seconds, gap))
    subprocess.run(
        [*_COMMAND, "-F", scratch / "notes.wav", soundfont, scratch / "notes.mid"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    n, out = int(seconds * RATE), []
    with soundfile.SoundFile(scratch / "notes.wav") as file:
        for j in range(len(jobs)):
            file.seek(min(int(j * gap * RATE), file.frames))
            sound = file.read(n, dtype="float32", always_2d=True).mean(axis=1)
            out.append(np.pad(sound, (0, n - len(sound))))
    return out


_Event = tuple[float, int, int, int, int]
"""Seconds, kind, channel, pitch or program, velocity."""


def _events(jobs: Sequence[Job], seconds: float, gap: float) -> list[_Event]:
    """What is sent when, each job ``gap`` seconds after the one before, in order."""
    events: list[_Event] = []
    for j, job in enumerate(jobs):
        start = j * gap
        channels = _channels(job)
        events += [(start, _PROGRAM, channels[role], program, 0) for role, program in job.programs.items()]
        events.append((start, _PROGRAM, _DRUMS, job.kit, 0))
        for n in job.notes:
            if n.start < seconds:
                channel, end = channels[n.role], min(n.start + n.length, seconds)
                events.append((start + n.start, _ON, channel, n.pitch, n.velocity))
                events.append((start + end, _OFF, channel, n.pitch, 0))
        events += [(start + seconds + 0.2, _SILENCE, channel, 0, 0) for channel in range(16)]
    return sorted(events, key=lambda event: event[:2])


def _channels(job: Job) -> dict[str, int]:
    """Role → channel: that of the drums is the tenth."""
    return {role: k + (k >= _DRUMS) for k, role in enumerate(job.programs)} | {"drums": _DRUMS}


def _write_midi(path: Path, events: Sequence[_Event]) -> None:
    import mido

    midi, track, last = mido.MidiFile(ticks_per_beat=_TICKS), mido.MidiTrack(), 0
    midi.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=500000))
    for time, kind, channel, value, velocity in events:
        tick = max(last, round(time * 2 * _TICKS))
        wait, last = tick - last, tick
        if kind == _PROGRAM:
            track.append(mido.Message("program_change", channel=channel, program=value, time=wait))
        elif kind == _SILENCE:  # all sound off
            track.append(mido.Message("control_change", channel=channel, control=120, value=0, time=wait))
        else:
            name = "note_on" if kind == _ON else "note_off"
            track.append(mido.Message(name, channel=channel, note=value, velocity=velocity, time=wait))
    track.append(mido.Message("note_off", channel=0, note=0, time=4000))
    midi.save(path)
