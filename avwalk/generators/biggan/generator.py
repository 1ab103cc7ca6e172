"""The generator `biggan`: walks through BigGAN-deep (Brock, Donahue, Simonyan 2018, arXiv:1809.11096)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from avwalk.config.preset import targets
from avwalk.contracts import Drive, Frames
from avwalk.errors import FailedPicture, GeneratorError
from avwalk.generators.biggan.network import ADVICE, Network
from avwalk.models.load_once import loaded_once


class BigGan:
    """Draws square pictures, as large as the network makes them.

    A latent is z, then one weight for each class, as `walk.classes` gives them; the parameter ``walk.truncation``
    picks the statistics of the batch norms, z is scaled by it already.

    Args:
        size: of the film; not used.
        seed: not used; latents determine the picture.
        model: sha256 of weights in the model cache.
        classes: indices of the classes of the weights.
        mixing: ``"mix"`` or ``"embedding"``, see `Network`.
        classic: select batch-norm statistics as the package does.
        device: ``"cpu"``, ``"cuda"`` or ``"mps"``.
        compile: let torch compile the network.

    Raises:
        ModelError: the weights are not here.
    """

    finishes: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()

    def __init__(
        self,
        size: tuple[int, int],
        seed: int,
        *,
        model: str,
        classes: Sequence[int],
        mixing: str = "mix",
        classic: bool = False,
        device: str = "cpu",
        compile: bool = False,
    ) -> None:
        self._network = _network(model, tuple(classes), mixing, classic, device, compile)
        self.latent_dim = self._network.z_dim + len(classes)

    def set_batch(self, batch: int | None = None) -> int:
        """Sets the batch size to ``batch``, else measures it by a short trial; it may change last bits of pictures."""
        if batch is not None:
            self._network.batch = batch
        return self._network.batch

    def draw(self, drive: Drive) -> Frames:
        """One picture for each row, (n, R, R, 3).

        Raises:
            GeneratorError: a picture is invalid; names the frame.
        """
        z, weights = np.split(drive.latents, [self._network.z_dim], axis=1)
        base = np.full(len(drive), targets()["walk.truncation"].default, np.float32)
        truncation = np.clip(drive.params.get("walk.truncation", base), 0.0, 1.0)
        try:
            return self._network.images(z, np.maximum(weights, 0), truncation)
        except FailedPicture as error:
            raise GeneratorError(f"frame {drive.i0 + error.row} {error.fault}; {ADVICE}") from None


@loaded_once
def _network(model: str, classes: tuple[int, ...], mixing: str, classic: bool, device: str, compile: bool) -> Network:
    """The network, shared by all generators of a film."""
    from avwalk.models import store
    from avwalk.models.biggan_load import load

    gan = load(store.by_sha(model))
    return Network(gan, classes, device=device, mixing=mixing, classic=classic, compile=compile)
