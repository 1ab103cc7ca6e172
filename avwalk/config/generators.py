"""Settings of the generators with weights (BigGAN, Stable Diffusion) and of the restyle."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from avwalk.config.fields import Model, knob


def split_labels(value: Any) -> Any:
    """``"teapot | bubble"`` → ``("teapot", "bubble")``; numbers are indices."""
    words = value.split("|") if isinstance(value, str) else value
    return tuple(str(w).strip() for w in words if str(w).strip()) if isinstance(words, list | tuple) else words


class Classes(Model):
    """ImageNet classes, for class-conditional generators."""

    labels: Annotated[tuple[str, ...], BeforeValidator(split_labels)] = Field(
        (), max_length=100, description="names or indices, in the order of the walk: a list, or 'teapot | bubble'"
    )
    count: int = Field(6, ge=1, le=100, description="so many are drawn from the seed where none are named")
    follow: Literal["song", "sections"] = Field(
        "song", description="bands: from class to class through the song, or one for each label of a section"
    )
    mixing: Literal["mix", "embedding"] = Field(
        "mix", description="between classes: straight, or along an arc that keeps mixes as lively as classes are"
    )


class Biggan(Model):
    """BigGAN-deep."""

    model: str = Field("biggan-deep-256", description="name of weights that were pulled, or their folder or file")


class Sd(Model):
    """Stable Diffusion: a walk between prompts."""

    model: str = Field("sd-turbo", description="name of weights that were pulled, or their folder or file")
    recipe: str = Field("", description="scheduler, steps and guidance that go together; none: what fits the model")
    prompts: Annotated[tuple[str, ...], BeforeValidator(split_labels)] = Field(
        (), max_length=1000, description="in turn over the song: a list, or 'a sea at night | a city of glass'"
    )
    file: str = Field("", description="CSV of prompts: at, prompt, seed, guidance_scale, negative_prompt")
    negative_prompt: str = Field("", description="what is not to be seen")
    arrive: Literal["sections", "bars", "even"] = Field("sections", description="what prompts arrive on")
    every: int = Field(1, ge=1, le=64, description="on one in so many sections or bars")
    smooth: float = Field(0.3, ge=0, le=1, description="0: the drums alone drive the walk; 1: an even speed")
    ease: float = Field(0.0, ge=0, le=1, description="1: the walk rests at each prompt")
    interpolation: Literal["slerp", "lerp"] = Field("slerp", description="between prompts: along arcs, or straight")
    spacing: int = Field(
        0, ge=0, le=65, description="pictures of each transition, by which change is made even; 0: none"
    )
    loras: tuple[str, ...] = Field((), description="names or files of LoRAs, with weights: style.safetensors@0.8")
    vae: str = Field("", description="'tiny', or a name or folder of an autoencoder; none: the recipe's")
    size: int = Field(0, ge=0, le=2048, description="side that pictures are drawn at, about; 0: the model's own")
    steps: int = Field(
        0,
        ge=0,
        le=200,
        description="denoising steps; 0: the recipe's",
        validation_alias=AliasChoices("steps", "num_steps", "num_inference_steps"),
    )
    scheduler: str = Field("", description="name of a scheduler; none: the recipe's")
    long_prompts: bool = Field(False, description="read prompts of more than 75 tokens in chunks, instead of a refusal")
    safety: bool = Field(False, description="look at pictures with the model's safety checker; what it blocks is held")
    guidance: float = knob(0.0, 0, 30, "", "pull of the prompts; 0: the recipe's")
    noise: float = knob(0.0, 0, 1, "", "pushes the picture aside, composition and all")
    embedding: float = knob(0.0, 0, 1, "", "pushes what is seen aside")


class Restyle(Model):
    """Image-to-image diffusion over the frames."""

    when: Literal["never", "available", "always"] = Field("never", description="whether frames are restyled")
    model: str = Field("sd15", description="name of weights that were pulled, or their folder or file")
    painter: str = Field("", description="a painter instead, KIND[@URL], as `avwalk paint` takes it: a1111@http://…")
    recipe: str = Field("", description="as in [sd]")
    scheduler: str = Field("", description="as in [sd]")
    loras: tuple[str, ...] = Field((), description="as in [sd]")
    vae: str = Field("", description="as in [sd]")
    size: int = Field(0, ge=0, le=2048, description="as in [sd]")
    prompt: str = Field("", description="what the frames should look like")
    negative_prompt: str = Field("", description="what they should not look like")
    input_image_strength: float = Field(
        0.5,
        ge=0.02,
        le=1,
        description="how far from the frame",
        validation_alias=AliasChoices("input_image_strength", "strength"),
        json_schema_extra={"routable": True, "unit": "", "wraps": False},
    )
    num_steps: int = Field(
        10,
        ge=1,
        le=1000,
        description="denoising steps",
        validation_alias=AliasChoices("num_steps", "steps", "num_inference_steps"),
    )
    unconditional_guidance_scale: float = Field(
        7.5,
        ge=0,
        le=50,
        description="pull of the prompt",
        validation_alias=AliasChoices("unconditional_guidance_scale", "guidance_scale"),
        json_schema_extra={"routable": True, "unit": "", "wraps": False},
    )
    interpolation_steps: int = Field(3, ge=0, le=60, description="source frames between two restyled ones")
    between: Literal["carry", "fade", "hold"] = Field(
        "carry", description="frames between: carried by the source's motion, faded, or the one before"
    )
    noise: Literal["carried", "fixed", "fresh"] = Field(
        "carried", description="diffusion noise: moves with the source, stands on the screen, or is new for each"
    )
    motion: Literal["both", "exact", "seen"] = Field(
        "both", description="what carries: the motion that the generator knows, what is seen in the pictures, or both"
    )
    window: int = Field(0, ge=0, le=8, description="frames before and behind that each is averaged with")
    control: Literal["none", "depth", "mask", "canny", "scribble"] = Field(
        "none", description="what a ControlNet holds to: depth or mask of the generator, or edges of the picture"
    )
    control_model: str = Field("", description="the ControlNet: a name, or a folder or file")
    control_images: str = Field("", description="a folder of pictures, or a video, that the ControlNet sees instead")
    control_scale: float = knob(1.0, 0, 2, "×", "how strongly the ControlNet holds")
    temperature: float = Field(0.0, ge=0, description="of old notebooks; it has no effect with their sampler, nor here")
    safety: bool = Field(False, description="as in [sd]")
    long_prompts: bool = Field(False, description="as in [sd]")
    seed: int = Field(42, ge=0, description="of the diffusion noise")
