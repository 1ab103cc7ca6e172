"""Batched text-to-image and image-to-image from embeddings and noise; rows are independent of each other."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Frames
from avwalk.diffusion.conditioning import Conditioning
from avwalk.diffusion.offload import with_less_memory
from avwalk.diffusion.recipes import img2img_steps
from avwalk.diffusion.sampling import Conditions, sample
from avwalk.diffusion.tiers import empty_cache
from avwalk.errors import FailedPicture, GeneratorError
from avwalk.models.batch_size import fastest, is_out_of_memory

if TYPE_CHECKING:
    from torch import Tensor

    from avwalk.diffusion.loaded import Pipeline

Array = NDArray[np.float32]
MOST = {"cpu": 1, "cuda": 32, "mps": 4}
"""Maximum batch size; a CPU gains nothing from batches."""
FLAT = 1 / 255
"""A picture with less contrast has failed, unless its image-to-image input is as flat."""
ADVICE = "change the prompt or the seed, or check the model (avwalk models check)"


@dataclass
class _Rows:
    """Inputs of n pictures, on the CPU; shapes as in `Conditioning` and `Painter.repaint`."""

    tokens: Array
    pooled: Array | None
    negative: Array
    negative_pooled: Array | None
    noise: Array
    guidance: Array
    strength: Array
    frames: Frames | None = None
    control: Frames | None = None
    control_scale: Array | None = None
    reference: Array | None = None

    def picked(self, rows: NDArray[np.intp]) -> _Rows:
        """A subset of rows."""
        some: dict[str, Any] = {name: None if value is None else value[rows] for name, value in vars(self).items()}
        return _Rows(**some)


class Painter:
    """Draws with a pipeline; thread-safe, one batch at a time.

    Batches are padded to their size by repeating a row: a row gives the same picture in any batch, within 1e-4 in
    float32; on one thread and with the same ``batch`` to the bit.

    Args:
        pipeline: of `load.load`; its text encoders are not used.
        batch: pictures drawn at once; None: what a short trial finds at the first picture.

    Attributes:
        control_span: shares of the steps, from 0 to 1, between which a ControlNet acts, as in diffusers.

    Raises:
        GeneratorError: the batch is less than 1.
    """

    control_span: tuple[float, float] = (0.0, 1.0)

    def __init__(self, pipeline: Pipeline, *, batch: int | None = None) -> None:
        if batch is not None and batch < 1:
            raise GeneratorError(f"batch {batch} is less than 1; use 1 or more")
        self.pipeline = pipeline
        self._batch = batch
        self._lock = threading.RLock()

    @property
    def batch(self) -> int | None:
        """Batch size, None before it is known; halved permanently when memory runs out."""
        return self._batch

    @batch.setter
    def batch(self, pictures: int | None) -> None:
        with self._lock:
            self._batch = pictures

    def choose_batch(self, size: tuple[int, int], steps: int, *, guided: bool = True, over: bool = False) -> int:
        """The batch size; measured by a short trial if unknown.

        Args:
            size: width and height of the pictures.
            steps: of sampling.
            guided: whether guidance will exceed 1.
            over: image-to-image.
        """
        empty = self.pipeline.unconditional
        assert empty is not None
        with self._lock:
            if self._batch is None:
                noise, one = self.noise([0], size), np.ones(1, np.float32)
                row = self._rows(Conditioning(empty.tokens, one, empty.pooled), noise, one)
                if over:
                    row.frames = np.zeros((1, size[1], size[0], 3), np.float32)
                self._batch = self._tried(row, steps, guided, steps)
            return self._batch

    def noise(self, seeds: Sequence[int], size: tuple[int, int]) -> Array:
        """Initial noise of seeds, device-independent and equal to that of diffusers with a CPU generator.

        Args:
            seeds: n of them, 0 to 2⁶³ − 1.
            size: width and height of the pictures, multiples of 8.

        Returns:
            (n, 4, height / 8, width / 8) float32, standard normal.
        """
        import torch

        channels = self.pipeline.unet.config.in_channels
        shape = (1, channels, size[1] // 8, size[0] // 8)
        drawn = [torch.randn(shape, generator=torch.Generator("cpu").manual_seed(int(seed))) for seed in seeds]
        return torch.cat(drawn).numpy() if drawn else np.empty((0, *shape[1:]), np.float32)

    def paint(
        self, conditioning: Conditioning, noise: Array, steps: int, *, failed_frames: list[int] | None = None
    ) -> Frames:
        """Pictures drawn from noise.

        Args:
            conditioning: of n pictures.
            noise: (n, 4, H / 8, W / 8), standard normal.
            steps: 1 or more.
            failed_frames: receives the rows that failed or were blocked, black in the result, so that the caller
                can show the previous picture; None: raise.

        Returns:
            (n, H, W, 3) float32 sRGB in [0, 1].

        Raises:
            FailedPicture: a picture is invalid; names the first such row.
            GeneratorError: shapes do not fit; memory is too little for one picture.
        """
        return self._draw(self._rows(conditioning, noise, np.ones(len(noise), np.float32)), steps, failed_frames)

    def repaint(
        self,
        frames: Frames,
        conditioning: Conditioning,
        noise: Array,
        strength: Array,
        steps: int,
        *,
        failed_frames: list[int] | None = None,
    ) -> Frames:
        """Image-to-image.

        Args:
            frames: (n, H, W, 3) float32 in [0, 1]; sides in steps of 8 pixels.
            strength: (n,), more than 0, at most 1: ⌊steps × strength⌋ steps are run, as in
                diffusers; with less than one step the input passes through the VAE only.

        The others, the result and what is raised are those of `paint`.
        """
        rows = self._rows(conditioning, noise, strength)
        wanted = (len(noise), noise.shape[2] * 8, noise.shape[3] * 8, 3)
        if frames.shape != wanted:
            raise GeneratorError(f"frames {frames.shape} do not fit the noise {noise.shape}; give frames {wanted}")
        if self.pipeline.vae.encoder is None:
            raise GeneratorError("the model was loaded for drawing from noise alone; load it with img2img=True")
        rows.frames = np.asarray(frames, np.float32)
        return self._draw(rows, steps, failed_frames)

    def _rows(self, conditioning: Conditioning, noise: Array, strength: Array) -> _Rows:
        """All rows, each with what it needs."""
        n, empty = len(noise), self.pipeline.unconditional
        assert empty is not None  # `pipeline.load` encodes it
        tokens, pooled, control = conditioning.tokens, conditioning.pooled, conditioning.control
        negative, negative_pooled = conditioning.negative, conditioning.negative_pooled
        if negative is None:
            negative = np.tile(empty.tokens[0], (tokens.shape[1] // empty.tokens.shape[1], 1))
            negative_pooled = None if empty.pooled is None else empty.pooled[0]
        if control is not None and self.pipeline.controlnet is None:
            raise GeneratorError("control was given, and no ControlNet was loaded; load one, or leave control away")
        if (pooled is None or negative_pooled is None) and self.pipeline.is_xl:
            raise GeneratorError("SDXL needs pooled embeddings beside those of the tokens; give both of `encode`")
        rows = _Rows(
            np.asarray(tokens, np.float32),
            None if pooled is None else np.asarray(pooled, np.float32),
            np.broadcast_to(np.asarray(negative, np.float32), tokens.shape),
            None if negative_pooled is None or pooled is None else np.broadcast_to(negative_pooled, pooled.shape),
            np.asarray(noise, np.float32),
            np.broadcast_to(np.asarray(conditioning.guidance, np.float32), (n,)),
            np.broadcast_to(np.asarray(strength, np.float32), (n,)),
        )
        if control is not None:
            rows.control = np.asarray(control, np.float32)
            scale = conditioning.control_scale
            rows.control_scale = np.broadcast_to(np.float32(1) if scale is None else scale, (n,))
        if conditioning.reference is not None:
            rows.reference = np.asarray(conditioning.reference, np.float32)
        wrong = [name for name, value in vars(rows).items() if value is not None and len(value) != n]
        if wrong:
            raise GeneratorError(f"{', '.join(wrong)} do not have {n} rows as the noise has; give one for each picture")
        return rows

    def _draw(self, rows: _Rows, steps: int, failed_frames: list[int] | None) -> Frames:
        """Groups rows of equal steps and guidance, and draws them in batches."""
        n, _, h, w = rows.noise.shape
        if steps < 1:
            raise GeneratorError(f"steps {steps} are less than 1; use 1 or more")
        kept = np.array(
            [img2img_steps(steps, float(s)) for s in rows.strength] if rows.frames is not None else [steps] * n
        )
        guided = (rows.guidance > 1) & (self.pipeline.unet.config.time_cond_proj_dim is None)
        out = np.zeros((n, h * 8, w * 8, 3), np.float32)
        failed: dict[int, str] = {}
        with self._lock:
            for key in sorted(set(zip(kept.tolist(), guided.tolist(), strict=True))):
                group = np.flatnonzero((kept == key[0]) & (guided == key[1]))
                failed |= self._group(rows, group, key[0], bool(key[1]), steps, out)
        for row in sorted(failed):
            if failed_frames is None:
                raise FailedPicture(row, failed[row], ADVICE)
            failed_frames.append(row)
        return out

    def _group(
        self, rows: _Rows, group: NDArray[np.intp], kept: int, guided: bool, steps: int, out: Frames
    ) -> dict[int, str]:
        """Draws the rows of a group into ``out``; returns row → fault."""
        if self._batch is None:
            self._batch = self._tried(rows.picked(group[:1]), kept, guided, steps)
        failed, a = {}, 0
        while a < len(group):
            batch = self._batch
            some = group[a : a + batch]
            padded = np.concatenate([some, np.repeat(some[-1:], batch - len(some))])
            drawn = self._fitting(rows.picked(padded), kept, guided, steps)
            if drawn is None:
                self._batch = batch // 2
                empty_cache(self.pipeline.device)
                continue
            pictures, faults = drawn
            out[some] = pictures[: len(some)]
            for row, fault in zip(some, faults, strict=False):
                if fault:
                    failed[int(row)] = fault
                    out[row] = 0
            a += batch
        return failed

    def _tried(self, row: _Rows, kept: int, guided: bool, steps: int) -> int:
        """Measures the batch size by drawing one row repeatedly."""
        most = min(MOST[self.pipeline.device], self.pipeline.tier.batch)
        if most == 1:
            return 1

        def draw(batch: int) -> None:
            self._pictures(row.picked(np.zeros(batch, np.intp)), kept, guided, steps)

        return with_less_memory(self.pipeline, lambda: fastest(draw, min(most, self.pipeline.tier.batch)))

    def _fitting(self, rows: _Rows, kept: int, guided: bool, steps: int) -> tuple[Frames, list[str]] | None:
        """Draws a batch; None if memory ran out. At batch size 1 lower tiers are tried."""
        self.pipeline.compile_blocks()  # not before the batch is known: a trial is of many sizes
        if len(rows.noise) == 1:
            return with_less_memory(self.pipeline, lambda: self._pictures(rows, kept, guided, steps))
        try:
            return self._pictures(rows, kept, guided, steps)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            return None

    def _pictures(self, rows: _Rows, kept: int, guided: bool, steps: int) -> tuple[Frames, list[str]]:
        """A batch: pictures (b, H, W, 3), and the fault of each, or empty."""
        import torch

        with torch.inference_mode():
            given = None if rows.frames is None else self._encoded(rows.frames)
            noise = self._there(rows.noise)
            if given is not None and kept == 0:
                latents = given
            else:
                self.pipeline.onto("unet")
                latents = sample(self.pipeline, noise, given, steps, kept / steps, self._leads(rows, guided))
            drawn = self._decoded(latents)
            blocked = self.pipeline.safety.blocked(drawn) if self.pipeline.safety else [False] * len(drawn)
            least, most = torch.aminmax(drawn.flatten(1), dim=1)
            pictures = drawn.permute(0, 2, 3, 1).float().contiguous().cpu().numpy()
            contrast = (most - least).float().cpu().numpy()
        faults = []
        for k in range(len(pictures)):
            source = None if rows.frames is None else rows.frames[k]
            faults.append(
                "was blocked by the safety checker" if blocked[k] else _fault(contrast[k], pictures[k], source)
            )
        return pictures, faults

    def _leads(self, rows: _Rows, guided: bool) -> Conditions:
        there = self._there
        control = None if rows.control is None else there(rows.control).permute(0, 3, 1, 2)
        scale = None if rows.control_scale is None else there(rows.control_scale)[:, None, None, None]
        return Conditions(
            there(rows.tokens),
            None if rows.pooled is None else there(rows.pooled),
            there(rows.negative) if guided else None,
            None if rows.negative_pooled is None or not guided else there(rows.negative_pooled),
            there(rows.guidance)[:, None, None, None],
            control,
            scale,
            self.control_span,
            None if rows.reference is None else there(rows.reference),
        )

    def _there(self, array: Array) -> Tensor:
        import torch

        return torch.from_numpy(np.ascontiguousarray(array)).to(self.pipeline.device, non_blocking=True)

    def _encoded(self, frames: Frames) -> Tensor:
        """VAE latents (b, 4, h, w) of pictures: the mode of the distribution, not a sample."""
        vae = self.pipeline.vae
        self.pipeline.onto("vae")
        there = self._there(frames).permute(0, 3, 1, 2).to(vae.dtype) * 2 - 1
        found = vae.encode(there)
        latents = (found.latents if hasattr(found, "latents") else found.latent_dist.mode()).float()
        mean, spread = _statistics(vae, latents)
        return (latents - mean) * vae.config.scaling_factor / spread

    def _decoded(self, latents: Tensor) -> Tensor:
        """Pictures (b, 3, H, W) in [0, 1]."""
        vae = self.pipeline.vae
        self.pipeline.onto("vae")
        mean, spread = _statistics(vae, latents)
        there = latents * spread / vae.config.scaling_factor + mean
        drawn: Tensor = vae.decode(there.to(vae.dtype), return_dict=False)[0]
        return (drawn.float() / 2 + 0.5).clamp(0, 1)


def _statistics(vae: Any, like: Tensor) -> tuple[Any, Any]:
    """Mean and spread of latents where an autoencoder's config has them, else 0 and 1."""
    import torch

    mean, spread = (getattr(vae.config, name, None) for name in ("latents_mean", "latents_std"))
    if mean is None or spread is None:
        return 0.0, 1.0
    first, second = (torch.tensor(each, device=like.device).view(1, -1, 1, 1) for each in (mean, spread))
    return first, second


def _fault(contrast: float, picture: Frames, source: Frames | None) -> str:
    """The fault of a picture, or empty."""
    if not np.isfinite(contrast):
        return "has numbers that are not finite"
    if contrast >= FLAT or (source is not None and np.ptp(source) < 0.1):
        return ""
    return "is black" if picture.max() < FLAT else "has one colour alone"
