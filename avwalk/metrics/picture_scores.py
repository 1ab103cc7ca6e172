"""Scores of a row of pictures: each against its prompt, and against the next one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from avwalk.errors import OptionError, OutputError
from avwalk.files import image_meta, jpeg_text, png_text
from avwalk.files.bounded import parse_json
from avwalk.files.csv_table import read_table
from avwalk.files.image import PICTURES
from avwalk.files.infotext import parsed
from avwalk.files.text_encoding import decoded
from avwalk.metrics.ssim import ssim

MOST = 10_000
"""Pictures of one call."""
_MAX_BYTES = 8 << 20


@dataclass(frozen=True)
class PictureScore:
    """What was measured of a picture.

    Attributes:
        file: of it.
        prompt: empty: none is there.
        clip: 100 · cosine; None: not measured.
        ssim_next: SSIM with the picture behind it; None: it is the last.
    """

    file: Path
    prompt: str
    clip: float | None
    ssim_next: float | None


@dataclass(frozen=True)
class Scores:
    """What was measured.

    Attributes:
        pictures: in order.
        model: name of the CLIP model; empty: none was given.
        n_cut: prompts that the model read in part.
    """

    pictures: tuple[PictureScore, ...]
    model: str = ""
    n_cut: int = 0

    def as_json(self) -> dict[str, Any]:
        """Means, how many values they are of, and every value."""
        clips = [each.clip for each in self.pictures if each.clip is not None]
        pairs = [each.ssim_next for each in self.pictures if each.ssim_next is not None]
        return {
            "clip_score": {
                "model": self.model or None,
                "n": len(clips),
                "mean": _mean(clips),
                "sd": float(np.std(clips, ddof=1)) if len(clips) > 1 else None,
                "n_prompts_cut": self.n_cut,
            },
            "ssim_of_neighbours": {"n": len(pairs), "mean": _mean(pairs)},
            "pictures": [
                {"file": str(each.file), "prompt": each.prompt, "clip": each.clip, "ssim_next": each.ssim_next}
                for each in self.pictures
            ],
        }


def picture_scores(files: Sequence[Path], prompts: Sequence[str], model: Path | None) -> Scores:
    """Measures pictures.

    Args:
        files: in order.
        prompts: one for each; those of pictures without one are empty, and these have no CLIP score.
        model: folder of a CLIP model; None: no CLIP score.

    Raises:
        ModelError: there is no such model here.
        VideoError: a picture cannot be read.
    """
    from avwalk.metrics.clip_score import ClipScorer

    scorer = ClipScorer(model) if model else None
    found: list[PictureScore] = []
    before = None
    for file, prompt in zip(files, prompts, strict=True):
        picture = image_meta.read(file)
        clip = float(scorer.scores([picture], [prompt])[0]) if scorer and prompt else None
        if before is not None:
            last = found[-1]
            found[-1] = PictureScore(last.file, last.prompt, last.clip, ssim(before, picture))
        found.append(PictureScore(file, prompt, clip, None))
        before = picture
    return Scores(tuple(found), scorer.name if scorer else "", scorer.n_cut if scorer else 0)


def picture_files(names: Sequence[str]) -> list[Path]:
    """Files of pictures: those that are named, and those in folders that are named, as people count: 2 before 10.

    Raises:
        OutputError: one is not there, or there is none at all.
    """
    found: list[Path] = []
    for name in names:
        path = Path(name)
        if path.is_dir():
            inside = [each for each in path.iterdir() if each.suffix.lower() in PICTURES and each.is_file()]
            found += sorted(inside, key=lambda each: _natural(each.name))
        elif path.is_file():
            found.append(path)
        else:
            raise OutputError(f"picture '{name}' is not there, or no file; check its name")
    if not found:
        raise OutputError(
            f"there are no pictures in {', '.join(names)}; name files, or a folder of {', '.join(PICTURES)}"
        )
    if len(found) > MOST:
        raise OutputError(f"{len(found)} pictures are too many; give at most {MOST}")
    return found


def stored_prompt(file: Path) -> str:
    """The prompt that a picture was made of, as it says itself; empty: it does not."""
    texts = png_text.read_text(file) if png_text.is_png(file) else {}
    texts = jpeg_text.read_text(file) if jpeg_text.is_jpeg(file) else texts
    return parsed(texts["parameters"]).get("Prompt", "") if texts.get("parameters") else ""


def prompts_from(file: Path, pictures: Sequence[Path]) -> list[str]:
    """Prompts of a file, one for each picture.

    Args:
        file: a text, a prompt a line, in order; ``.csv`` with columns ``picture`` (or ``file``) and ``prompt``; or
            ``.json``, a list, or an object by names of pictures.
        pictures: their files.

    Raises:
        OptionError: it cannot be read, or does not fit the pictures.
    """
    try:
        data = file.read_bytes()
        if len(data) > _MAX_BYTES:
            raise OptionError(f"--prompts '{file}' is larger than {_MAX_BYTES >> 20} MiB; that is no list of prompts")
        text = decoded(data, file.name)[0]
        tree = parse_json(text) if file.suffix.lower() == ".json" else None
    except OSError as error:
        raise OptionError(f"--prompts '{file}' cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise OptionError(f"--prompts '{file}' cannot be read: {str(error)[:150]}") from None
    if file.suffix.lower() == ".csv":
        tree = _by_name(data, file)
    if isinstance(tree, dict):
        names = {str(name): prompt for name, prompt in tree.items() if isinstance(prompt, str)}
        return [names.get(picture.name, names.get(str(picture), "")) for picture in pictures]
    lines = [str(line) for line in tree] if isinstance(tree, list) else [line.strip() for line in text.splitlines()]
    lines = lines if tree is not None else [line for line in lines if line]
    if len(lines) != len(pictures):
        raise OptionError(
            f"--prompts '{file}' has {len(lines)} prompts for {len(pictures)} pictures; give one for each"
        )
    return lines


def _by_name(data: bytes, file: Path) -> dict[str, str]:
    """Picture → prompt, of a table."""
    rows = [[cell.text for cell in record.cells] for record in read_table(data, file.name).records if not record.blank]
    header = [text.strip().lower() for text in rows[0]] if rows else []
    name = next((k for k, text in enumerate(header) if text in ("picture", "file", "image")), None)
    if name is None or "prompt" not in header:
        raise OptionError(f"--prompts '{file}' has no columns picture and prompt; write them into its first line")
    prompt = header.index("prompt")
    return {row[name].strip(): row[prompt].strip() for row in rows[1:] if len(row) > max(name, prompt)}


def _natural(name: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.lower()) for part in re.split(r"(\d+)", name)]


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
