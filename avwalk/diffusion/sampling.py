"""The sampling loop around a diffusers scheduler and UNet, with guidance and ControlNet; rows are independent."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from avwalk.diffusion.recipes import img2img_steps

if TYPE_CHECKING:
    from torch import Tensor

    from avwalk.diffusion.loaded import Pipeline


@dataclass
class Conditions:
    """Conditioning of b rows, on the device.

    Attributes:
        tokens: (b, T, D).
        pooled: (b, P) for SDXL.
        negative, negative_pooled: negative conditioning; None without guidance.
        guidance: (b, 1, 1, 1).
        control: (b, 3, H, W) in [0, 1], or None.
        control_scale: (b, 1, 1, 1).
        control_span: shares of the steps between which the ControlNet acts.
        reference: (b, 1, D) of a picture, or None.
    """

    tokens: Tensor
    pooled: Tensor | None
    negative: Tensor | None
    negative_pooled: Tensor | None
    guidance: Tensor
    control: Tensor | None = None
    control_scale: Tensor | None = None
    control_span: tuple[float, float] = (0.0, 1.0)
    reference: Tensor | None = None


def sample(
    pipeline: Pipeline, noise: Tensor, init_latents: Tensor | None, steps: int, strength: float, conditions: Conditions
) -> Tensor:
    """Samples latents (b, 4, h, w) float32, equal to those of a diffusers pipeline for the same noise.

    Args:
        pipeline: with UNet, scheduler and perhaps ControlNet.
        noise: (b, 4, h, w) float32, standard normal.
        init_latents: (b, 4, h, w) for image-to-image, or None: from noise alone.
        steps: of the full schedule.
        strength: share of it that is run, for all rows; 1 without ``init_latents``.
        conditions: conditioning of the network.
    """
    scheduler = copy.copy(pipeline.scheduler)
    scheduler.set_timesteps(steps)
    begin = 0 if init_latents is None else (steps - img2img_steps(steps, strength))
    times = scheduler.timesteps[begin * scheduler.order :]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin * scheduler.order)
    if init_latents is None:
        latents = noise * scheduler.init_noise_sigma
    else:
        latents = scheduler.add_noise(init_latents, noise, times[:1].repeat(len(noise)))
    network = _Network(pipeline, conditions, noise.shape)
    on_device = times.to(noise.device)  # one transfer, and no waiting for it
    for k in range(len(times)):
        network.controlled = (
            conditions.control_span[0] <= k / len(times) and (k + 1) / len(times) <= conditions.control_span[1]
        )
        predicted = network(scheduler.scale_model_input(latents, times[k]), on_device[k])
        latents = _stepped(scheduler, predicted, times, k, latents, noise)
    return latents


def rotated_noise(noise: Tensor, k: int) -> Tensor:
    """Noise derived from given noise: uncorrelated with it, but moving as it moves.

    Schedulers that add noise at every step (LCM, Euler ancestral) would make a walk flicker with fresh noise, and stick
    to the screen with the same. The four channels are a quaternion, multiplied by i, j or k: a rotation by 90° of
    every pixel's vector. Beyond three the noise is shifted too.
    """
    import torch

    a, b, c, d = noise.unbind(1)
    which, shift = k % 3, k // 3
    other = ((-b, a, -d, c), (-c, d, a, -b), (-d, -c, b, a))[which]
    out = torch.stack(other, 1)
    return torch.roll(out, (shift, 2 * shift), (2, 3)) if shift else out


def _stepped(scheduler: Any, predicted: Tensor, times: Tensor, k: int, latents: Tensor, noise: Tensor) -> Tensor:
    """Latents of the next step; the scheduler's random noise is replaced by `turned` noise."""
    kind = type(scheduler).__name__
    if kind == "LCMScheduler":
        found = scheduler.step(predicted, times[k], latents, generator=_any_generator(noise.device))
        if k == len(times) - 1:
            return found.denoised
        return scheduler.add_noise(found.denoised, rotated_noise(noise, k), times[k + 1 : k + 2].repeat(len(noise)))
    if kind == "EulerAncestralDiscreteScheduler":
        return _ancestral(scheduler, predicted, times[k], latents, rotated_noise(noise, k))
    if kind == "TCDScheduler":
        return scheduler.step(predicted, times[k], latents, eta=0.0).prev_sample
    return scheduler.step(predicted, times[k], latents).prev_sample


def _ancestral(scheduler: Any, predicted: Tensor, time: Tensor, latents: Tensor, noise: Tensor) -> Tensor:
    """Euler's step down to σ_down, and noise up to the next σ (Karras et al. 2022, as in k-diffusion)."""
    generator = _any_generator(noise.device)
    found = scheduler.step(predicted, time, latents, generator=generator)  # it also counts the step
    start, end = (float(sigma) for sigma in scheduler.sigmas[scheduler.step_index - 1 : scheduler.step_index + 1])
    up = (end**2 * (start**2 - end**2) / start**2) ** 0.5
    down = (end**2 - up**2) ** 0.5
    slope = (latents - found.pred_original_sample) / start
    return latents + slope * (down - start) + noise * up


def _any_generator(device: Any) -> Any:
    """A throw-away generator, which leaves the global random state untouched."""
    import torch

    return torch.Generator(device)


class _Network:
    """The UNet, with guidance and control, as a function of latents and time."""

    def __init__(self, pipeline: Pipeline, leads: Conditions, shape: Any) -> None:
        import torch

        self._pipeline, self._leads = pipeline, leads
        self.controlled = True
        self._guided = leads.negative is not None
        dtype = pipeline.dtype
        tokens, pooled = leads.tokens, leads.pooled
        if leads.negative is not None:
            tokens = torch.cat([leads.negative, tokens])
            if pooled is not None and leads.negative_pooled is not None:
                pooled = torch.cat([leads.negative_pooled, pooled])
        self._tokens = tokens.to(dtype)
        self._control, self._scale = leads.control, leads.control_scale
        if self._control is not None and self._scale is not None:
            self._control = self._control.to(dtype)
            self._scale = self._scale.to(dtype)
            if self._guided:
                self._control, self._scale = torch.cat([self._control] * 2), torch.cat([self._scale] * 2)
        self._added: dict[str, Any] | None = None
        if pooled is not None:
            sides = (shape[2] * 8, shape[3] * 8)
            ids = torch.tensor([[*sides, 0, 0, *sides]], dtype=dtype, device=pooled.device)
            self._added = {"text_embeds": pooled.to(dtype), "time_ids": ids.expand(len(pooled), -1)}
        if leads.reference is not None:
            seen = leads.reference.to(dtype)
            seen = torch.cat([torch.zeros_like(seen), seen]) if self._guided else seen
            self._added = {**(self._added or {}), "image_embeds": [seen]}
        self._time_condition = self._guidance_embedding(len(self._tokens))

    def _guidance_embedding(self, n: int) -> Any:
        """Guidance as an input, for networks that were distilled with it."""
        width = self._pipeline.unet.config.time_cond_proj_dim
        if width is None:
            return None
        scale = self._leads.guidance.flatten() - 1
        return self._pipeline.pipe.get_guidance_scale_embedding(scale.cpu(), embedding_dim=width).to(
            device=scale.device, dtype=self._pipeline.dtype
        )

    def __call__(self, latents: Tensor, time: Tensor) -> Tensor:
        """Predicted noise (or velocity), float32."""
        import torch

        latents = latents.to(self._pipeline.dtype)
        latents = torch.cat([latents] * 2) if self._guided else latents
        residuals: dict[str, Any] = {}
        if self._control is not None and self.controlled:
            down, middle = self._pipeline.controlnet(
                latents,
                time,
                encoder_hidden_states=self._tokens,
                controlnet_cond=self._control,
                conditioning_scale=self._scale,
                added_cond_kwargs=self._added,
                return_dict=False,
            )
            residuals = {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}
        predicted = self._pipeline.network(
            latents,
            time,
            encoder_hidden_states=self._tokens,
            timestep_cond=self._time_condition,
            added_cond_kwargs=self._added,
            return_dict=False,
            **residuals,
        )[0].float()
        if not self._guided:
            return predicted
        without, within = predicted.chunk(2)
        return without + self._leads.guidance * (within - without)
