"""The generator `sd`: a walk between prompts and noise seeds with a Stable Diffusion model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import lerp, slerp_float32
from avwalk.contracts import Drive, Frames
from avwalk.diffusion.conditioning import Conditioning
from avwalk.diffusion.tiers import Placement
from avwalk.errors import GeneratorError
from avwalk.models.load_once import loaded_once

Array = NDArray[np.float32]

NOISE_ANGLE = 0.35
"""Radians that a full push turns the noise by, of the quarter turn to noise of another seed."""
EMBEDDING_PUSH = 0.5
"""Length of a full push of the embedding, of the mean distance between prompts that follow each other."""
LONE_PUSH = 0.25
"""The same for a single prompt: relative to the embedding's length."""
SKETCH_STEPS = 4
"""Steps of the pictures by which a walk is spaced; a recipe with fewer takes its own."""
BACK = (1 / 256, 1 / 64, 1 / 16, 1 / 4, 1.0)
"""Steps back along the timeline at which a picture that passes the safety checker is sought."""
_PURPOSE_PUSH = 0x70757368


class PainterLike(Protocol):
    """The methods of `avwalk.diffusion.painter.Painter` used here."""

    batch: Any

    def noise(self, seeds: Sequence[int], size: tuple[int, int]) -> Array:
        """(n, 4, height / 8, width / 8)."""
        ...

    def paint(
        self, conditioning: Conditioning, noise: Array, steps: int, *, failed_frames: list[int] | None = None
    ) -> Frames:
        """(n, H, W, 3)."""
        ...

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
        """(n, H, W, 3)."""
        ...


class TextEmbeddings(NamedTuple):
    """Embeddings of texts, each encoded once.

    Attributes:
        rows: text → its row.
        tokens: (m, T, D) float32.
        pooled: (m, P) float32 for SDXL, else None.
    """

    rows: Mapping[str, int]
    tokens: Array
    pooled: Array | None


class StableDiffusion:
    """Draws pictures of about the model's native area and the film's aspect ratio.

    A latent is (position on the prompts, position on the seeds, push of the noise, push of the embedding): position k
    is keyframe k, pushes are 0 to 1. The parameter ``sd.guidance`` is the guidance scale.

    Args:
        size: of the film.
        seed: of the directions of the pushes.
        model: sha256 of weights in the model cache.
        recipe: of `avwalk.diffusion.recipes.Recipe.as_dict`.
        prompts: of each keyframe.
        negatives: of each keyframe; empty: none.
        seeds: of each keyframe's noise.
        guidance: of each keyframe, where there is no parameter; None: the recipe's.
        interpolation: of embeddings: ``"lerp"``, or ``"slerp"`` token by token.
        chunks: prompts of more than 75 tokens are read in chunks; else refused.
        safety: pictures that the safety checker blocks are replaced by one slightly earlier on the timeline.
        device: ``"cpu"``, ``"cuda"`` or ``"mps"``.
        compile: let torch compile the blocks of the network.

    Raises:
        ModelError: the weights are not here.
        OptionError: a prompt is too long.
    """

    latent_dim = 4
    finishes: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()

    def __init__(
        self,
        size: tuple[int, int],
        seed: int,
        *,
        model: str,
        recipe: Mapping[str, Any],
        prompts: Sequence[str],
        negatives: Sequence[str],
        seeds: Sequence[int],
        guidance: Sequence[float] | None = None,
        interpolation: str = "slerp",
        chunks: bool = False,
        safety: bool = False,
        device: str = "cpu",
        compile: bool = False,
    ) -> None:
        if not len(prompts) == len(negatives) == len(seeds) > 0:
            raise GeneratorError(
                f"{len(prompts)} prompts, {len(negatives)} negatives, {len(seeds)} seeds: give as many"
            )
        texts = tuple(dict.fromkeys([*prompts, *(negatives if any(negatives) else ())]))
        self._painter, words = open_painter(
            model, json.dumps(recipe, sort_keys=True), texts, chunks, safety, Placement(device, compile=compile)
        )
        self._words, self._curved, self._safety = words, interpolation == "slerp", safety
        self._prompts = np.array([words.rows[text] for text in prompts])
        self._negatives = np.array([words.rows[text] for text in negatives]) if any(negatives) else None
        self._guidance = [float(recipe["guidance"])] * len(prompts) if guidance is None else list(guidance)
        self._steps = int(recipe["steps"])
        self.failed_frames: set[int] = set()
        self.size = working_size(size, int(recipe["size"]))
        distinct = list(dict.fromkeys(int(s) for s in seeds))
        self._noises = self._painter.noise(distinct, self.size)
        self._seeds = np.array([distinct.index(int(s)) for s in seeds])
        push = int(np.random.SeedSequence([seed, _PURPOSE_PUSH]).generate_state(1)[0])
        self._other = self._painter.noise([push], self.size)[0]
        self._aside = push_direction(words.tokens[self._prompts], push)

    def set_batch(self, batch: int | None = None) -> int:
        """Sets the batch size to ``batch``, else measures it by a short trial; it may change last bits of pictures."""
        if batch is not None:
            self._painter.batch = batch
        elif self._painter.batch is None:
            self.sketch(np.zeros(1))
        return int(self._painter.batch or 1)

    def draw(self, drive: Drive) -> Frames:
        """One picture for each row, (n, H, W, 3).

        Raises:
            GeneratorError: a picture is invalid, or it and its predecessors are blocked; names the frame.
        """
        usual = np.interp(drive.latents[:, 0], np.arange(len(self._guidance)), self._guidance)
        guidance = np.asarray(drive.params.get("sd.guidance", usual), np.float32)
        failed_frames: list[int] | None = [] if self._safety else None
        try:
            frames = self._paint(drive.latents, guidance, self._steps, failed_frames)
        except GeneratorError as error:
            row, fault = getattr(error, "row", None), getattr(error, "fault", "")
            if row is None:
                raise
            raise _failed(drive.i0 + row, fault) from None
        for row in failed_frames or ():
            self.failed_frames.add(drive.i0 + row)
            frames[row] = self._before(drive.latents[row], guidance[row : row + 1], drive.i0 + row)
        return frames

    def sketch(self, positions: NDArray[np.floating]) -> Frames:
        """Cheap pictures of positions (n,) on the timeline, for spacing: few steps, no pushes."""
        still = np.zeros((len(positions), 4), np.float64)
        still[:, 0] = still[:, 1] = positions
        guidance = np.interp(positions, np.arange(len(self._guidance)), self._guidance).astype(np.float32)
        return self._paint(still, guidance, min(self._steps, SKETCH_STEPS), [] if self._safety else None)

    def _before(self, latent: NDArray[np.floating], guidance: Array, frame: int) -> Frames:
        """Replacement for a blocked picture, slightly earlier on the timeline: a function of its position alone."""
        for back in BACK:
            earlier = np.asarray(latent, np.float64)[None].copy()
            earlier[0, :2] = np.maximum(earlier[0, :2] - back, 0)
            failed_frames: list[int] = []
            pictures = self._paint(earlier, guidance, self._steps, failed_frames)
            if not failed_frames:
                return np.asarray(pictures[0])
        raise _failed(frame, "is blocked by the safety checker, and so is what comes before it")

    def _paint(
        self, latents: NDArray[np.floating], guidance: Array, steps: int, failed_frames: list[int] | None
    ) -> Frames:
        """Pictures of latents (n, 4)."""
        rows = [self._row(latent) for latent in np.asarray(latents, np.float64)]
        tokens, pooled, negative, negative_pooled, noise = zip(*rows, strict=True)
        towards = Conditioning(
            np.stack(tokens), guidance, _stacked(pooled), _stacked(negative), _stacked(negative_pooled)
        )
        return self._painter.paint(towards, np.stack(noise), steps, failed_frames=failed_frames)

    def _row(self, latent: NDArray[np.float64]) -> tuple[Array, Array | None, Array | None, Array | None, Array]:
        """Embedding, pooled, negative, its pooled, and noise of one picture; of this row alone."""
        k, j, share = _place(latent[0], len(self._prompts))
        tokens, pooled = self._mixed_embedding(self._prompts[k], self._prompts[j], share)
        tokens = tokens + np.float32(latent[3]) * self._aside
        negative, negative_pooled = None, None
        if self._negatives is not None:
            negative, negative_pooled = self._mixed_embedding(self._negatives[k], self._negatives[j], share)
        k, j, share = _place(latent[1], len(self._seeds))
        noise = slerp_float32(self._noises[self._seeds[k]].ravel(), self._noises[self._seeds[j]].ravel(), share)
        noise = rotate_noise(noise, self._other.ravel(), NOISE_ANGLE * float(latent[2])).reshape(self._other.shape)
        return tokens, pooled, negative, negative_pooled, noise

    def _mixed_embedding(self, k: int, j: int, share: float) -> tuple[Array, Array | None]:
        """Embeddings between two texts."""
        words = self._words
        between = slerp_float32 if self._curved else lerp
        pooled = None if words.pooled is None else between(words.pooled[k], words.pooled[j], share)
        return between(words.tokens[k], words.tokens[j], share), pooled


def working_size(size: tuple[int, int], native: int) -> tuple[int, int]:
    """The size that pictures are drawn in: about the film's shape, at most the model's native area.

    In steps of 64 pixels, so that every layer of the network has whole numbers of them; of 8 for small networks. A
    network asked for much more than its native area repeats its subject.

    Args:
        size: width and height of the film.
        native: side of the squares that the model was trained on.
    """
    step = 64 if native >= 256 else 8
    most = max(1, native // step) ** 2  # squares of a step
    shape = np.log(size[0] / size[1])
    best, least = (native, native), np.inf
    for across in range(1, most + 1):
        down = round(across * size[1] / size[0]) or 1
        for rows in {max(1, down - 1), down, down + 1, max(1, most // across)}:
            if across * rows > most or across * step < 64 or rows * step < 64:
                continue
            # shape counts most, then how much of the area is used
            fault = abs(np.log(across / rows) - shape) + 0.5 * np.log(most / (across * rows))
            if fault < least - 1e-9:
                best, least = (across * step, rows * step), fault
    return best


def rotate_noise(noise: Array, towards: Array, angle: float) -> Array:
    """Noise (m,) rotate_noise by an angle towards other noise; its length stays."""
    if angle == 0:
        return noise
    z, w = noise.astype(np.float64), towards.astype(np.float64)
    length = float(np.linalg.norm(z))
    w = w - z * (float(z @ w) / length**2)
    return np.asarray(np.cos(angle) * z + np.sin(angle) * length / float(np.linalg.norm(w)) * w, np.float32)


def push_direction(tokens: Array, seed: int) -> Array:
    """Offset of a full embedding push: a seeded direction orthogonal to all differences between prompts.

    Token positions at which all prompts agree, such as the first, are 0.

    Args:
        tokens: (K, T, D) of the keyframes' prompts in their order.
        seed: of the direction.

    Returns:
        (T, D).
    """
    ways = np.diff(tokens.astype(np.float64), axis=0)
    ways = ways[np.linalg.norm(ways, axis=(1, 2)) > 0]
    drawn = np.random.default_rng(seed).standard_normal(tokens.shape[1:])
    if len(ways):
        drawn[(ways == 0).all(axis=(0, 2))] = 0
        length = EMBEDDING_PUSH * float(np.linalg.norm(ways, axis=(1, 2)).mean())
        flat = np.unique(ways.reshape(len(ways), -1), axis=0)
        basis = np.linalg.svd(flat, full_matrices=False)
        kept = basis.Vh[1e-9 * basis.S[0] < basis.S]
        drawn = (drawn.ravel() - kept.T @ (kept @ drawn.ravel())).reshape(drawn.shape)
    else:
        drawn[0] = 0
        length = LONE_PUSH * float(np.linalg.norm(tokens[0, 1:].astype(np.float64)))
    size = float(np.linalg.norm(drawn))
    return np.asarray(drawn * (length / size) if size > 1e-9 else 0 * drawn, np.float32)


def _place(position: float, count: int) -> tuple[int, int, float]:
    """The keyframes around a position, and the share between them; clamped at the ends."""
    k = int(np.clip(np.floor(position), 0, max(0, count - 2)))
    return k, min(k + 1, count - 1), float(np.clip(position - k, 0, 1))


def _stacked(rows: Sequence[Array | None]) -> Array | None:
    found = [row for row in rows if row is not None]
    return np.stack(found) if found else None


def _failed(frame: int, fault: str) -> GeneratorError:
    return GeneratorError(
        f"frame {frame} {fault}; change the prompt or its seed, or check the weights (avwalk models check)"
    )


@loaded_once
def open_painter(
    model: str,
    recipe: str,
    texts: tuple[str, ...],
    chunks: bool,
    safety: bool,
    placement: Placement,
    img2img: bool = False,
    controlnet: str = "",
) -> tuple[PainterLike, TextEmbeddings]:
    """The painter, shared by all generators of a film, and the embeddings of all its texts; text encoders are freed.

    Args:
        model: sha256 of weights in the model cache.
        recipe: JSON of `avwalk.diffusion.recipes.Recipe.as_dict`.
        texts: without duplicates.
        chunks: texts of more than 75 tokens are read in chunks; else refused.
        safety: pictures are looked at with the safety checker.
        placement: device, and whether torch compiles the blocks of the network.
        img2img: load for image-to-image.
        controlnet: sha256 of a ControlNet; empty: none.

    Raises:
        ModelError: the weights are not here, or not whole.
        OptionError: a text is too long.
    """
    from avwalk.diffusion import embeddings, load, recipes
    from avwalk.diffusion.painter import Painter
    from avwalk.models import store

    loaded = load.load(
        store.by_sha(model),
        recipes.from_dict(json.loads(recipe)),
        placement,
        img2img=img2img,
        safety=safety,
        controlnet=store.by_sha(controlnet) if controlnet else None,
    )
    embeddings.check(loaded, texts, chunks=chunks)
    painter = Painter(loaded)
    found = embeddings.encode(loaded, texts, chunks=chunks)
    tokens, pooled = found.tokens.copy(), None if found.pooled is None else found.pooled.copy()
    if "" in texts and loaded.unconditional is not None:  # nothing is what the model was trained to take for it
        nothing = loaded.unconditional
        tokens[texts.index("")] = np.tile(nothing.tokens[0], (tokens.shape[1] // nothing.tokens.shape[1], 1))
        if pooled is not None and nothing.pooled is not None:
            pooled[texts.index("")] = nothing.pooled[0]
    loaded.free_text_encoders()
    return painter, TextEmbeddings({text: k for k, text in enumerate(texts)}, tokens, pooled)
