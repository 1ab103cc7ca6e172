"""Models that can be fetched by name: how large they are, under which licence, and from where."""

from __future__ import annotations

from typing import NamedTuple

_S3 = "https://s3.amazonaws.com/models.huggingface.co/biggan"
_MMLAB = "https://download.openmmlab.com/mmgen/biggan"
_LICENCE = "Apache-2.0"


class Source(NamedTuple):
    """Where a model is.

    Attributes:
        weights: address of the file of weights.
        config: address of its config.json, or empty.
        sha256: the first digits of its sha256 as far as they are known, 8 to 64, or empty.
    """

    weights: str
    config: str = ""
    sha256: str = ""


class Entry(NamedTuple):
    """A model of the catalogue.

    Attributes:
        kind: ``"biggan"``.
        resolution: of its pictures, pixels.
        megabytes: of the first source's file, from the sizes of its tensors (10⁶ bytes).
        memory: of a process that draws one picture on the processor, measured at its peak (10⁶ bytes).
        licence: of the weights, as DeepMind published them; the converted files come without a text.
        sources: where it is; the first is the original, with statistics of every truncation.
    """

    kind: str
    resolution: int
    megabytes: int
    memory: int
    licence: str
    sources: tuple[Source, ...]


def _biggan(resolution: int, megabytes: int, memory: int, date: str, digits: str) -> Entry:
    original = f"{_S3}/biggan-deep-{resolution}"
    mirror = f"{_MMLAB}/biggan-deep_imagenet1k_{resolution}x{resolution}_cvt_hugging-face_rgb_{date}-{digits}.pth"
    sources = (
        Source(f"{original}-pytorch_model.bin", f"{original}-config.json"),
        Source(mirror, sha256=digits),
    )
    return Entry("biggan", resolution, megabytes, memory, _LICENCE, sources)


CATALOGUE = {
    "biggan-deep-128": _biggan(128, 211, 800, "20210728_111659", "099e96f9"),
    "biggan-deep-256": _biggan(256, 234, 1170, "20210728_111735", "28651569"),
    "biggan-deep-512": _biggan(512, 236, 1320, "20210728_112346", "a42585f2"),
}
