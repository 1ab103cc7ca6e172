"""Scene pictures and transitions by BigGAN: the class from the prompt's words, the latent from the seed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.fit import Fit
from avwalk.arrays.interpolation import slerp
from avwalk.contracts import Drive, Frames
from avwalk.errors import OptionError
from avwalk.models.imagenet import index_of, name_of, namesakes, search
from avwalk.scenes.draw.seeds import mixed
from avwalk.scenes.nodes import Node

Array = NDArray[np.float64]

TRUNCATION = 0.7
LONGEST = 4  # words in the name of a class
_PURPOSE = 0x2166


class BigGanArtist:
    """Draws prompts as ImageNet classes; transitions: slerp of latents, lerp of class weights.

    Args:
        size: width and height; the network's square pictures are cropped.
        texts: name of a prompt → its text, which names a class.
        model: sha256 of weights in the model cache.
        truncation: truncation of the latents, 0.01 to 1.
        device: ``"cpu"``, ``"cuda"`` or ``"mps"``.

    Raises:
        ModelError: the weights are not here.
        OptionError: a text names no class.
    """

    def __init__(
        self,
        size: tuple[int, int],
        texts: Mapping[str, str],
        *,
        model: str,
        truncation: float = TRUNCATION,
        device: str = "cpu",
    ) -> None:
        from avwalk.generators.biggan.generator import BigGan

        if not 0.01 <= truncation <= 1:
            raise OptionError(f"truncation {truncation:g} is out of range; give 0.01 to 1")
        self.size, self._texts, self._model, self._truncation = size, dict(texts), model, truncation
        self._class = {name: class_of(name, text) for name, text in texts.items()}
        cast = list(dict.fromkeys(self._class.values()))
        self._column = {index: k for k, index in enumerate(cast)}
        self._generator = BigGan(size, 0, model=model, classes=cast, device=device)
        self._fit = Fit(size)
        self._batch = 0

    def frames(self, a: Node, b: Node, positions: Sequence[float]) -> Iterator[Frames]:
        """See `avwalk.scenes.draw.studio.Artist`."""
        assert a.seed is not None and b.seed is not None, "pictures put there by hand are not drawn here"
        rows = [self._latent(a, b, position) for position in positions]
        self._batch = self._batch or self._generator.set_batch()
        for k in range(0, len(rows), self._batch):
            latents = np.stack(rows[k : k + self._batch]).astype(np.float32)
            self._generator.set_batch(len(latents))  # a batch is filled up: a still picture would cost as much as many
            params = {"walk.truncation": np.full(len(latents), self._truncation, np.float32)}
            yield from self._fit.apply(self._generator.draw(Drive(k, latents, params, Fraction(30), 0)))

    def fingerprint(self, a: Node, b: Node) -> str:
        """See `avwalk.scenes.draw.studio.Artist`."""
        inputs = [self._model, self._truncation, self.size]
        inputs += [[node.id, self._class[node.name]] for node in (a, b)]
        return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:16]

    def metadata(self, node: Node) -> tuple[str, str, dict[str, object]]:
        """See `avwalk.scenes.draw.studio.Artist`."""
        values: dict[str, object] = {
            "Truncation": self._truncation,
            "Seed": node.seed,
            "Size": f"{self.size[0]}x{self.size[1]}",
            "Model": "biggan",
            "Model hash": self._model[:10],
            "Class": name_of(self._class[node.name]),
        }
        return self._texts[node.name], "", values

    def _latent(self, a: Node, b: Node, position: float) -> Array:
        """Latent vector, then a weight for each class."""
        assert a.seed is not None and b.seed is not None
        z = slerp(self._z(a.seed), self._z(b.seed), np.asarray(position))
        weights = np.zeros(len(self._column))
        weights[self._column[self._class[a.name]]] += 1 - position
        weights[self._column[self._class[b.name]]] += position
        return np.concatenate([z, weights])

    def _z(self, seed: int) -> Array:
        """The latent of a seed: normal, cut off at 2, times the truncation."""
        dim = self._generator.latent_dim - len(self._column)
        return self._truncation * mixed(seed, lambda plain: _normal(plain, dim))


def class_of(name: str, text: str) -> int:
    """The class of a prompt: the longest class name in its text, the first of several; else a hypernym.

    Args:
        name: of the prompt; searched after the text.
        text: such as ``"a red fox in the snow"``.

    Raises:
        OptionError: no word names a class; suggests similar ones.
    """
    for words in (re.findall(r"[\w'-]+", text), name.replace("_", " ").split()):
        runs = [
            " ".join(words[k : k + length])
            for length in range(min(LONGEST, len(words)), 0, -1)
            for k in range(len(words) - length + 1)
        ]
        for form in [form for run in runs for form in dict.fromkeys((run, run.removesuffix("s")))]:
            if not form.isdecimal() and (found := namesakes(form)):
                return found[0]
        if text.strip().isdecimal():
            return index_of(text)
        for word in [word for word in words if len(word) > 2]:
            if kinds := [index for index, *_ in search(word)]:
                return kinds[_pick(name) % len(kinds)]
    try:
        return index_of(text if len(text.split()) == 1 else name)
    except OptionError as error:
        raise OptionError(f"prompt '{name}' names nothing that BigGAN knows: {error}") from None


def _normal(seed: int, dim: int) -> Array:
    """Normal numbers truncated to ±2 by redrawing."""
    rng = np.random.default_rng([seed, _PURPOSE])
    drawn = rng.standard_normal(16 * dim)
    return drawn[np.abs(drawn) <= 2][:dim]


def _pick(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
