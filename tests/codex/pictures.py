"""A codex of a few small pictures that say how they were made."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from avwalk.codex.folder import CodexFolder
from avwalk.codex.record import Record, record_texts
from avwalk.files.image_meta import write

SCENES = ("a lighthouse above the sea", "a fox in the forest")
MOODS = ("misty", "crimson and gold", '<b>bold</b> & "odd"')


def small_codex(place: Path, n: int = 6, painter: str = "worlds") -> CodexFolder:
    """A codex of ``n`` pictures of 24×16 pixels, two scenes and three moods."""
    folder = CodexFolder(place)
    folder.pictures.mkdir(parents=True)
    folder.scenes.write_text("Scene Description\n" + "\n".join(SCENES) + "\n", encoding="utf-8")
    folder.structure.write_text('Mood\nmisty\ncrimson and gold\n"<b>bold</b> & ""odd"""\n', encoding="utf-8")
    folder.settings.write_text(f'painter = "{painter}"\nnegative = "people"\n', encoding="utf-8")
    for k in range(n):
        scene, mood = SCENES[k % 2], MOODS[k % 3]
        record = Record(k, place.name, scene, {"Mood": mood}, f"{scene}, {mood}", "people", "", 7 + k, painter, 24, 16)
        pixels = np.full((16, 24, 3), (k % 5) / 5, np.float32)
        pixels[:8] = (0.8, 0.2, 0.1)
        write(folder.picture(k), pixels, record_texts(record), sync="no")
    return folder
