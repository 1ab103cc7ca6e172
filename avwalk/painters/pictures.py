"""Pictures of a prompt as PNG files that say how they were made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from avwalk._version import __version__
from avwalk.contracts import Frames
from avwalk.errors import OptionError, OutputError, PainterError
from avwalk.files.atomic import make_folder
from avwalk.files.image_meta import read, write
from avwalk.files.infotext import infotext
from avwalk.files.png_text import origin_text
from avwalk.painters.cached import CachedPainter
from avwalk.painters.contract import Painting, PaintRequest
from avwalk.painters.registry import open_painters
from avwalk.painters.several import Commission, Delivery, Estimate, estimate, paint_all, seeds_from, share_out
from avwalk.painters.times import LEAST_SECONDS, remember_seconds, seconds_each

MOST = 1000
"""Pictures of one prompt."""


def commissions(
    request: PaintRequest, painter: str = "worlds", *, count: int = 1, how: str = "", fresh: bool = False
) -> list[Commission]:
    """What is to be painted, and by whom.

    Args:
        request: the first picture; further ones have the seeds behind its own.
        painter: ``KIND[@URL][?…]``, or several, separated by commas.
        count: pictures.
        how: with several painters: ``"random"`` or ``"all"``.
        fresh: paint anew what is kept.

    Raises:
        OptionError: an option is out of range.
        PainterError: a painter cannot run here.
    """
    if not request.prompt.strip():
        raise OptionError("the prompt is empty; say what is to be seen")
    if not 1 <= count <= MOST:
        raise OptionError(f"-n {count} is out of range; give 1 to {MOST}")
    if not 0 <= request.seed <= 2**63 - 1 - MOST:
        raise OptionError(f"--seed {request.seed} is out of range; give 0 to 2^63 − {MOST + 1}")
    return share_out(open_painters(painter, fresh=fresh), seeds_from(request, count), how)


def estimated(work: Sequence[Commission]) -> Estimate:
    """What pictures will take, by what was measured here before."""
    return estimate(work, seconds_each)


def paint_files(
    work: Sequence[Commission], paths: Sequence[Path], on_picture: Callable[[int, Delivery], None] | None = None
) -> list[Path]:
    """Paints pictures into PNG files.

    Args:
        work: the pictures.
        paths: a file for each.
        on_picture: called with its number and each that was painted or failed.

    Returns:
        The files that were written; those of failed pictures are missing.

    Raises:
        PainterError: none could be painted; the first reason.
        OutputError: a file cannot be written.
    """
    written, first = [], ""
    for k, (path, delivery) in enumerate(zip(paths, paint_all(work), strict=True)):
        if delivery.painting is not None:
            make_folder(path.parent)
            write(path, delivery.painting.picture, texts(delivery.commission, delivery.painting))
            written.append(path)
            painter = delivery.commission.painter
            if not (isinstance(painter, CachedPainter) and delivery.seconds < LEAST_SECONDS):
                remember_seconds(painter, delivery.seconds)
        first = first or delivery.error
        if on_picture:
            on_picture(k, delivery)
    if not written:
        raise PainterError(first)
    return written


def texts(commission: Commission, painting: Painting) -> dict[str, str]:
    """PNG texts of a picture: how it was made, as infotext and as JSON."""
    request, used = commission.request, dict(painting.used)
    notes = used.pop("notes", [])
    own: dict[str, Any] = {
        "Seed": request.seed,
        "Size": f"{request.size[0]}x{request.size[1]}",
        "Painter": commission.painter.kind,
    }
    if request.init_image is not None:
        own["Denoising strength"] = float(request.strength)
    own |= {"Seed": used.pop("Seed", request.seed), **used, "Version": f"avwalk {__version__}"}
    facts = {
        "painter": dict(commission.painter.identity),
        "prompt": request.prompt,
        "seed": request.seed,
        "notes": notes,
    }
    return {"parameters": infotext(request.prompt, request.negative, own), **origin_text("painting", **facts)}


def init_picture(path: Path) -> Frames:
    """The picture to start from, (H, W, 3).

    Raises:
        OutputError: it is not there.
        VideoError: it cannot be read.
    """
    if not path.is_file():
        raise OutputError(f"--init '{path}' is not there, or no file")
    return read(path)


def file_names(out: Path, work: Sequence[Commission]) -> list[Path]:
    """A name for each picture: ``out`` itself for one, else with number, and painter where there are several."""
    if len(work) == 1:
        return [out]
    several = len({id(each.painter) for each in work}) > 1
    names = []
    for each in work:
        mark = f"_{each.painter.kind}" if several else ""
        names.append(out.with_name(f"{out.stem}_{each.request.seed}{mark}{out.suffix}"))
    if len(set(names)) < len(names):  # two painters of one kind
        digests = [hashlib.sha256(str(each.painter.identity).encode()).hexdigest()[:6] for each in work]
        names = [
            name.with_name(f"{name.stem}_{digest}{name.suffix}") for name, digest in zip(names, digests, strict=True)
        ]
    return names
