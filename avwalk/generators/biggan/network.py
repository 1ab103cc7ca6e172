"""BigGAN-deep as a batched, thread-safe network: latents, class weights and truncation in, pictures out.

`Network` draws what `pytorch_pretrained_biggan.BigGAN` draws, within `TOLERANCE` in float32, in about half the time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import wait
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Frames
from avwalk.errors import FailedPicture, GeneratorError
from avwalk.generators.biggan.folding import Rows, classic_rows_of, rows_of
from avwalk.generators.biggan.layers import Layers
from avwalk.models.batch_size import fastest, fitting, is_out_of_memory
from avwalk.models.torch_compile import Compiled, compiler_options

if TYPE_CHECKING:
    from torch import Tensor


from concurrent.futures import ThreadPoolExecutor
from functools import cache

TOLERANCE = 1e-4
"""Largest difference from the package's pictures, of values in [0, 1], in float32."""
HALF_TOLERANCE = 0.02
"""The same for the half precision that a CUDA card may use."""
HALVES = ("float16", "bfloat16")
DARK = 1 / 255
"""A picture whose brightest value, or whose contrast, is less than this has failed."""
ADVICE = "check the weights (avwalk models check), or use --device cpu"


class Network:
    """Draws pictures of a BigGAN; thread-safe: on the CPU with a thread pool, else one call at a time.

    Batches are padded to their size by repeating a row: a row gives the same bits in any batch, as long as ``batch`` is
    the same.

    Args:
        gan: a `pytorch_pretrained_biggan.BigGAN` in float32 on the CPU; it is not changed.
        classes: indices of the K classes of the weights.
        device: ``"cpu"``, ``"cuda"`` or ``"mps"``.
        mixing: how classes are mixed: ``"mix"``: their embeddings, weighted; ``"embedding"``: the same direction, as
            long as the weighted lengths of the embeddings, which keeps mixes as lively as classes are.
        classic: take the statistics of a truncation as the package does (see `classic_rows_of`).
        batch: pictures drawn at once; None: what a short trial finds when it is first needed.
        precision: ``"float32"``, ``"float16"`` or ``"bfloat16"``; ``"auto"``: on a CUDA card the first half precision
            whose pictures of a probe are those of float32 to within `HALF_TOLERANCE`, else float32.
        compile: let torch compile the network for the batch that was found: minutes at the first picture, for a long
            film on a graphics card. Where that fails a warning says so, and it goes on without.

    Attributes:
        z_dim: length of a latent vector.
        resolution: width and height of the pictures.
        precision: that of the network.

    Raises:
        GeneratorError: an option is out of range.
    """

    def __init__(
        self,
        gan: Any,
        classes: Sequence[int],
        *,
        device: str = "cpu",
        mixing: str = "mix",
        classic: bool = False,
        batch: int | None = None,
        precision: str = "auto",
        compile: bool = False,
    ) -> None:
        import torch

        config = gan.config
        if not classes or not all(0 <= k < config.num_classes for k in classes):
            raise GeneratorError(f"classes {list(classes)} are not all in 0 to {config.num_classes - 1}; choose others")
        if mixing not in ("mix", "embedding"):
            raise GeneratorError(f"mixing '{mixing}' is unknown; use mix or embedding")
        if batch is not None and batch < 1:
            raise GeneratorError(f"batch {batch} is less than 1; use 1 or more")
        if precision not in ("auto", "float32", *HALVES):
            raise GeneratorError(f"precision '{precision}' is unknown; use auto, float32, float16 or bfloat16")
        self.z_dim, self.resolution = int(config.z_dim), int(config.output_dim)
        self._device, self._mixing = device, mixing
        self._rows_of = classic_rows_of if classic else rows_of
        self._lock = threading.RLock()
        self._batch = batch
        self._channels = int(config.channel_width)
        with torch.inference_mode():
            self._embeddings = gan.embeddings.weight.detach()[:, list(classes)].T.to(device).contiguous()
            self._n_rows = int(config.n_stats)
            self.precision, layers = self._made(gan.generator, precision)
        self._layers = layers
        self._drawn_by: Callable[..., Any] = layers.forward
        if compile:
            self._drawn_by = Compiled(torch.compile(layers.forward, **compiler_options()), lambda: layers.forward)
        self._alone = False  # whether one picture at a time is all that there is memory for
        self._turn = threading.Lock()

    @property
    def batch(self) -> int:
        """Batch size: as given, or found by a short trial; halved permanently when memory runs out."""
        with self._lock:
            if self._batch is None:
                picture_bytes = self.resolution**2 * self._channels * 4 * 4  # four tensors of the largest layer
                self._batch = self._tried(fitting(self._device, picture_bytes))
            return self._batch

    @batch.setter
    def batch(self, pictures: int) -> None:
        with self._lock:
            self._batch = pictures

    def _made(self, generator: Any, precision: str) -> tuple[str, Layers]:
        import torch

        def layers(precision: str) -> Layers:
            with torch.inference_mode():
                return Layers(generator, self._device, precision)

        def build(precision: str) -> Layers:  # on one thread: sums of weights are others on two
            return thread_pool().submit(layers, precision).result()

        if precision == "auto" and self._device == "cuda":
            with _exactly(self._device):
                return half_in_range(build, *self._probe())
        precision = "float32" if precision == "auto" else precision
        return precision, build(precision)

    def _probe(self) -> tuple[Tensor, Rows]:
        """Conditions and statistics of the probe: each class alone, truncations from low to high."""
        n = min(16, max(4, len(self._embeddings)))
        truncation = np.linspace(0.1, 1, n)
        z = np.random.default_rng(0).standard_normal((n, self.z_dim)) * truncation[:, None]
        weights = np.eye(len(self._embeddings), dtype=np.float32)[np.arange(n) % len(self._embeddings)]
        return self._condition(z.astype(np.float32), weights), self._rows_of(truncation, self._n_rows)

    def images(
        self, z: NDArray[np.float32], weights: NDArray[np.float32], truncation: NDArray[np.floating[Any]]
    ) -> Frames:
        """Pictures (n, R, R, 3), float32 sRGB in [0, 1]: (x + 1) / 2 of the network's values. Rows are independent.

        Args:
            z: (n, z_dim), scaled by its truncation.
            weights: (n, K) of the classes, ≥ 0, used as given.
            truncation: (n,), 0 to 1: picks the statistics of the batch norms.

        Raises:
            FailedPicture: a picture is not a number, black or of one colour; names the first such row.
            GeneratorError: arguments are out of range; too little memory for one picture.
        """
        z, weights = np.asarray(z, np.float32), np.asarray(weights, np.float32)
        truncation = np.asarray(truncation)
        self._check(z, weights, truncation)
        if not len(z):
            return np.empty((0, self.resolution, self.resolution, 3), np.float32)
        new = np.ones(len(z), bool)  # what equals its neighbour is drawn once
        new[1:] = (np.diff(z, axis=0) != 0).any(1) | (np.diff(weights, axis=0) != 0).any(1) | (np.diff(truncation) != 0)
        with nullcontext() if self._device == "cpu" else self._lock:
            pictures = self._drawn(z[new], weights[new], truncation[new])
        for row, picture in zip(np.flatnonzero(new), pictures, strict=True):
            if fault := _fault(float(picture.min()), float(picture.max())):
                raise FailedPicture(int(row), fault, ADVICE)
        return pictures if new.all() else pictures[np.cumsum(new) - 1]

    def _check(self, z: NDArray[Any], weights: NDArray[Any], truncation: NDArray[Any]) -> None:
        n, k = len(z), len(self._embeddings)
        if z.shape != (n, self.z_dim) or weights.shape != (n, k) or truncation.shape != (n,):
            raise GeneratorError(
                f"shapes {z.shape}, {weights.shape}, {truncation.shape} are not (n, {self.z_dim}), (n, {k}), (n,); "
                "give one row for each picture"
            )
        wrong = ~(
            np.isfinite(z).all(1)
            & np.isfinite(weights).all(1)
            & (weights >= 0).all(1)
            & (truncation >= 0)
            & (truncation <= 1)
        )
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise GeneratorError(
                f"row {row} is out of range (truncation {truncation[row]}, weights from {weights[row].min():g}); "
                "give finite numbers, weights of at least 0 and truncations of 0 to 1"
            )

    def _drawn(self, z: NDArray[np.float32], weights: NDArray[np.float32], truncation: NDArray[Any]) -> Frames:
        import torch

        n, side, fast = len(z), self.resolution, self._device == "cuda"
        pictures = torch.empty((n, side, side, 3), dtype=torch.float32, pin_memory=fast)
        a = 0
        while a < n:
            batch = self.batch
            batches = [np.minimum(np.arange(k, k + batch), n - 1) for k in range(a, n, batch)]
            alone = self._alone
            try:
                for drawn in self._each(lambda rows: self._pictures(z[rows], weights[rows], truncation[rows]), batches):
                    pictures[a : a + batch].copy_(drawn[: n - a], non_blocking=fast)
                    a += batch
                continue
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            self._spare(batch, alone)  # out here: the error held on to what the batch had in memory
        if fast:
            torch.cuda.synchronize()  # copies go on while the next batch is drawn
        frames: Frames = pictures.numpy()
        return frames

    def _each(self, draw: Callable[[Any], Tensor], batches: Iterable[Any]) -> Iterator[Tensor]:
        """Batches as they are drawn, in order."""
        if self._device != "cpu":
            yield from map(draw, batches)
        elif not self._alone:
            drawn = [thread_pool().submit(draw, batch) for batch in batches]
            try:
                for each in drawn:
                    yield each.result()
            finally:  # what one had too little memory for is not begun again while others still hold theirs
                for each in drawn:
                    each.cancel()
                wait(drawn)
        else:
            with self._turn:
                for batch in batches:
                    yield thread_pool().submit(draw, batch).result()  # by a thread of the crew: its bits are the same

    def _tried(self, most: int) -> int:
        """The fastest batch size that fits."""
        while True:
            alone = self._alone
            try:
                return fastest(self._try, most)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            self._spare(1, alone)

    def _spare(self, batch: int, alone: bool) -> None:
        """A batch ran out of memory: half of it; of one picture, no longer several at a time.

        Raises:
            GeneratorError: nothing is left to spare.
        """
        import torch

        with self._lock:
            n = torch.get_num_threads()
            if batch > 1:
                self._batch = min(self._batch or batch, batch // 2)
            elif alone or self._device != "cpu" or n == 1:
                raise GeneratorError(
                    f"the {self._device} device has too little free memory for one picture of {self.resolution} "
                    "pixels; close what else uses it, or take a smaller model"
                )
            elif not self._alone:  # else another thread has seen to it
                self._alone = True
                logging.getLogger("avwalk").warning(
                    "memory was too little for %d pictures at a time: they are drawn one after the other, slower", n
                )
        if self._device == "cuda":
            torch.cuda.empty_cache()

    def _pictures(self, z: NDArray[np.float32], weights: NDArray[np.float32], truncation: NDArray[Any]) -> Tensor:
        """A batch on the device, (n, R, R, 3) in [0, 1]."""
        import torch

        with torch.inference_mode(), _exactly(self._device):
            return self._forward(self._condition(z, weights), self._rows_of(truncation, self._n_rows)).add_(1).mul_(0.5)

    def _forward(self, condition: Tensor, rows: Rows) -> Tensor:
        """The network, compiled if that is wanted, but for a trial, which is of many sizes."""
        draw: Callable[..., Tensor] = self._layers.forward if self._batch is None else self._drawn_by
        return draw(condition, self._layers.norms.of(condition, rows))

    def _condition(self, z: NDArray[np.float32], weights: NDArray[np.float32]) -> Tensor:
        """Condition of all layers: latents concatenated with class embeddings, (n, 2 · z_dim)."""
        import torch

        mixed = self._mixed(torch.from_numpy(weights).to(self._device))
        return torch.cat((torch.from_numpy(z).to(self._device), mixed), 1)

    def _mixed(self, weights: Tensor) -> Tensor:
        """Class embeddings of weights (n, K)."""
        mix = weights @ self._embeddings
        if self._mixing == "mix":
            return mix
        length = weights @ self._embeddings.norm(dim=1)
        return mix * (length / mix.norm(dim=1).clamp(min=1e-12))[:, None]

    def _try(self, batch: int) -> None:
        """Draws a trial batch in each thread."""
        import torch

        z = np.zeros((batch, self.z_dim), np.float32)
        weights = np.full((batch, len(self._embeddings)), 1 / len(self._embeddings), np.float32)
        times = torch.get_num_threads() if self._device == "cpu" else 1
        for drawn in self._each(lambda _: self._pictures(z, weights, np.full(batch, 0.5)), range(times)):
            drawn[0, 0, 0, 0].item()  # waits for a card


def half_in_range(build: Callable[[str], Layers], condition: Tensor, rows: Rows) -> tuple[str, Layers]:
    """The first half precision whose probe pictures are close enough to those of float32, else float32.

    Scales of batch norms are far from 1 where a variance is next to nothing, and may leave the range of half precision.
    """
    whole = build("float32")
    exact = whole(condition, rows)
    for half in HALVES:
        layers = build(half)
        if bool((layers(condition, rows) - exact).abs().max() <= 2 * HALF_TOLERANCE):  # never for what is no number
            return half, layers
    return "float32", whole


def _exactly(device: str) -> AbstractContextManager[None]:
    """Disables TF32 on CUDA: float32 convolutions keep all their bits."""
    import torch

    if device != "cuda":
        return nullcontext()
    exactly: AbstractContextManager[None] = torch.backends.cudnn.flags(enabled=True, allow_tf32=False)
    return exactly


def _fault(least: float, most: float) -> str:
    if not np.isfinite(least) or not np.isfinite(most):
        return "is not a number"
    if most < DARK:
        return f"is black (its brightest value is {most:.4f})"
    if most - least < DARK:
        return f"is of one colour ({most:.4f})"
    return ""


@cache
def thread_pool() -> ThreadPoolExecutor:
    """Shared pool of as many threads as torch uses for one operation (all cores, or ``OMP_NUM_THREADS``)."""
    import torch

    def alone() -> None:
        torch.get_num_threads()  # a thread takes over the number of all when it first asks; set before, it is lost
        torch.set_num_threads(1)

    n = torch.get_num_threads()
    threads = ThreadPoolExecutor(n, "biggan", initializer=alone)
    together = threading.Barrier(n)
    list(threads.map(lambda _: together.wait(), range(n)))  # all begin now:
    torch.set_num_threads(n)  # the number is each thread's own, but those that begin later take over the last one set
    return threads
