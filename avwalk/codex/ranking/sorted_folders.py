"""Pictures sorted into two folders, checked."""

from __future__ import annotations

from pathlib import Path

from avwalk.codex.folder import CodexFolder, SortedPictures
from avwalk.errors import CodexError

ECHOAI = "ranking_good", "ranking_bad"
"""What EchoAI calls its folders."""


def sorted_folders(folder: CodexFolder, good: Path | None, bad: Path | None) -> SortedPictures:
    """What was liked in a codex: by its marks and by two folders, its own, EchoAI's, or others.

    Args:
        folder: the codex.
        good: folder of liked pictures; None: ``good/``, or ``ranking_good/`` where there is no such folder.
        bad: the same of the others.

    Raises:
        CodexError: a folder is not there; or a picture is liked and not.
    """
    if not folder.path.is_dir():
        raise CodexError(f"'{folder.path}' is no folder; name that of a codex")
    for each in (good, bad):
        if each is not None and not each.is_dir():
            raise CodexError(f"'{each}' is no folder; name one with pictures in it")
    chosen = []
    for given, usual, other in ((good, folder.good, ECHOAI[0]), (bad, folder.bad, ECHOAI[1])):
        fallback = folder.path / other
        chosen.append(fallback if given is None and not usual.is_dir() and fallback.is_dir() else given)
    return folder.sorted_pictures(*chosen)
