"""Catalogue of downloadable models: size, memory, licence, sources."""

from __future__ import annotations

from typing import NamedTuple

_S3 = "https://s3.amazonaws.com/models.huggingface.co/biggan"
_MMLAB = "https://download.openmmlab.com/mmgen/biggan"
_LICENCE = "Apache-2.0"


class Source(NamedTuple):
    """Download addresses of a model.

    Attributes:
        weights: address of the file of weights.
        config: address of its config.json; empty where none is needed: the weights' shapes say it.
        sha256: known leading digits of its sha256, 8 to 64, or empty.
    """

    weights: str
    config: str = ""
    sha256: str = ""


class Entry(NamedTuple):
    """A model of the catalogue.

    Attributes:
        kind: ``"biggan"``, ``"sd"``, ``"whisper"`` (hears speech) or ``"kokoro"`` (a voice).
        resolution: of its pictures, pixels; 0 for what draws none on its own (a LoRA, an autoencoder).
        megabytes: download size, from the sizes of its tensors (10⁶ bytes).
        memory: of a process that draws one picture on the processor (10⁶ bytes): of a BigGAN measured at its peak; of
            an SD estimated, its weights in float32 and 1500 beside them.
        licence: of the weights, as they were published; OpenMMLab's files come without a text; empty: the hub says it.
        sources: where a BigGAN is; the first is the original, with statistics of every truncation.
        hub: where it is on the Hugging Face hub, ``owner/name``, or ``owner/name:file.safetensors``. Models of speech
            come out of packages of registries, see `avwalk.models.package_files`, and from there when asked for.
    """

    kind: str
    resolution: int
    megabytes: int
    memory: int
    licence: str
    sources: tuple[Source, ...] = ()
    hub: str = ""


# Hugging Face's store says no sha256. That of 256 is in the pinned list of a public repository that converts this file
# (Uncanny Lab, bundle-b-2026-08-07), with 234,411,737 bytes: 1,421 more than this network's state has as torch's format
# of 2019 is written today, whose names of storages are shorter. The list has the config too, with the sha256 of what
# the package's own code writes: so it saw these files. For 128 and 512 nobody says one.
_SHA256 = {256: "5900ef4065047e3aa0d1b66197b7f2664dceb59b27080e414ad57e203c485bc5"}


def _biggan(resolution: int, megabytes: int, memory: int, date: str, digits: str) -> Entry:
    original = f"{_S3}/biggan-deep-{resolution}-pytorch_model.bin"
    mirror = f"{_MMLAB}/biggan-deep_imagenet1k_{resolution}x{resolution}_cvt_hugging-face_rgb_{date}-{digits}.pth"
    sources = (
        Source(original, sha256=_SHA256.get(resolution, "")),
        Source(mirror, sha256=digits),
    )
    return Entry("biggan", resolution, megabytes, memory, _LICENCE, sources)


def _sd(resolution: int, millions: float, hub: str, licence: str) -> Entry:
    """Of so many millions of parameters, two bytes each in half precision."""
    return Entry("sd", resolution, round(2 * millions), round(4 * millions) + 1500, licence, hub=hub)


CATALOGUE = {
    "biggan-deep-128": _biggan(128, 211, 800, "20210728_111659", "099e96f9"),
    "biggan-deep-256": _biggan(256, 234, 1170, "20210728_111735", "28651569"),
    "biggan-deep-512": _biggan(512, 236, 1320, "20210728_112346", "a42585f2"),
    "sd-turbo": _sd(512, 866 + 340 + 84, "stabilityai/sd-turbo", "Stability AI Community"),
    "sd15": _sd(512, 860 + 123 + 84, "stable-diffusion-v1-5/stable-diffusion-v1-5", "CreativeML OpenRAIL-M"),
    "sdxl-turbo": _sd(512, 2567 + 123 + 695 + 84, "stabilityai/sdxl-turbo", "Stability AI NC"),
    "lcm-lora-sd15": _sd(0, 67.5, "latent-consistency/lcm-lora-sdv1-5", "OpenRAIL++"),
    "hyper-lora-sd15": _sd(0, 134.5, "ByteDance/Hyper-SD:Hyper-SD15-4steps-lora.safetensors", ""),
    "taesd": _sd(0, 2.4, "madebyollin/taesd", "MIT"),
    "taesdxl": _sd(0, 2.4, "madebyollin/taesdxl", "MIT"),
    "whisper-base": Entry("whisper", 0, 148, 600, "MIT", hub="Systran/faster-whisper-base"),
    "whisper-tiny.en": Entry("whisper", 0, 78, 400, "MIT", hub="Systran/faster-whisper-tiny.en"),
    "kokoro": Entry("kokoro", 0, 114, 500, "Apache-2.0"),
}

BUNDLES = {
    "sd-turbo": ("sd-turbo", "taesd"),
    "sd15-lcm": ("sd15", "lcm-lora-sd15", "taesd"),
    "sd15-hyper": ("sd15", "hyper-lora-sd15", "taesd"),
    "sdxl-turbo": ("sdxl-turbo", "taesdxl"),
}
"""Models that are used together, the one that draws first: pulled by one name."""
