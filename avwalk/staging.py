"""What each scene makes of the song's curves: its world streams from its own beginning, its camera goes its own way."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from avwalk.config import Preset
from avwalk.contracts import Analysis, Scene
from avwalk.score.camera import moves
from avwalk.score.cues import Cues
from avwalk.score.pins import apply_pins

CAMERA = ("camera.x", "camera.y", "camera.angle", "camera.zoom")
WAYS = ("cppn.phase", "camera.depth")
"""What a scene begins anew."""


def in_scenes(
    params: dict[str, NDArray[np.float32]], scenes: Sequence[Scene], preset: Preset, fps: Fraction
) -> list[dict[str, NDArray[np.float32]]]:
    """Changes the curves of the song to what each scene makes of them; gives those of the leads.

    A world begins to stream again where its label began, moved on a little each time that it returns; its dive and
    its camera programme begin anew.
    """
    song = {name: params[name] for name in (*WAYS, *CAMERA)}
    for name in song:
        params[name] = song[name].copy()
    leads: list[dict[str, NDArray[np.float32]]] = []
    form = preset.structure
    for k, scene in enumerate(scenes):
        rows = slice(scene.i0 - scene.lead, scene.i1)
        whips_out = k + 1 < len(scenes) and scenes[k + 1].transition == "whip"
        camera = moves(scene, form.camera, fps, whips_out=whips_out)
        changed = {name: song[name][rows] + camera[name] for name in ("camera.x", "camera.y", "camera.angle")}
        changed["camera.zoom"] = song["camera.zoom"][rows] * camera["camera.zoom"]
        changed |= {name: song[name][rows] - song[name][scene.i0] for name in WAYS}
        changed["cppn.phase"] += 0.5 * form.development * scene.occurrence
        changed["camera.depth"] += preset.camera.depth
        for name, curve in changed.items():
            params[name][scene.i0 : scene.i1] = curve[scene.lead :]
        leads.append(
            {name: curve[: scene.lead].astype(np.float32) for name, curve in changed.items()} if scene.lead else {}
        )
    return leads


def merge_leads(
    params: dict[str, NDArray[np.float32]], leads: Sequence[dict[str, NDArray[np.float32]]], scenes: Sequence[Scene]
) -> None:
    """One set of curves for pictures of one world: what a scene wants during its lead comes in by and by."""
    for scene, lead in zip(scenes, leads, strict=True):
        rows = slice(max(0, scene.i0 - scene.lead), scene.i0)
        linear = np.arange(1, scene.lead + 1) / (scene.lead + 1)
        share = (linear * linear * (3 - 2 * linear))[scene.lead - (rows.stop - rows.start) :]
        for name in CAMERA if lead else ():
            coming = lead[name][scene.lead - len(share) :]
            params[name][rows] += (share * (coming - params[name][rows])).astype(np.float32)


def pin_cameras(
    params: dict[str, NDArray[np.float32]],
    leads: Sequence[dict[str, NDArray[np.float32]]],
    scenes: Sequence[Scene],
    cues: Cues,
    analysis: Analysis,
) -> None:
    """What the artist pins holds against the camera programmes, too."""
    for name in [name for name in CAMERA if cues.of(name)]:
        song = params[name]
        params[name] = apply_pins({name: song}, cues, analysis)[name]
        for scene, lead in zip(scenes, leads, strict=True):
            if scene.lead:
                rows = slice(scene.i0 - scene.lead, scene.i0)
                coming = song.copy()
                coming[rows] = lead[name]
                lead[name] = apply_pins({name: coming}, cues, analysis)[name][rows]
