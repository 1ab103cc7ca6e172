"""BigGAN-deep's forward pass for fixed weights, channels last: (n, height, width, channels).

Equal to the package's up to rounding, with less work: batch norms as one multiply-add, 1×1 convolutions as matrix
products, 3×3 convolutions after upsampling on a quarter of the pixels, and no discarded channels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from avwalk.generators.biggan.folding import Norms, Rows, weight_of

if TYPE_CHECKING:
    from torch import Tensor

    Affine = tuple[Tensor, Tensor]
    Place = dict[str, Any]  # device and dtype

LARGE = 64
"""Height from which on a processor draws pictures one by one, since together they do not fit its caches, and from which
on a single picture's norms cost less in the weights than in the pixels."""


def affine_relu(x: Tensor, affine: Affine) -> Tensor:
    """max(0, x·scale + shift) of each channel, in a new tensor."""
    import torch

    scale, shift = (part[:, None, None] for part in affine)
    return torch.addcmul(shift, x, scale).relu_()


class PointwiseConv:
    """A 1×1 convolution."""

    def __init__(self, weight: Tensor, bias: Tensor | None, place: Place) -> None:
        self._weight = weight.flatten(1).contiguous().to(**place)
        self._bias = None if bias is None else bias.to(**place)

    def __call__(self, x: Tensor) -> Tensor:
        """(n, h, w, in) → (n, h, w, out)."""
        import torch

        return torch.nn.functional.linear(x, self._weight, self._bias)

    def affine_relu(self, x: Tensor, affine: Affine) -> Tensor:
        """max(0, convolution·scale + shift)."""
        import torch

        if not _folds(x):
            return _affine_relu_in_place(self(x), affine)
        scale, shift = (part[0] for part in affine)
        return torch.nn.functional.linear(x, self._weight * scale[:, None], _bias(self._bias, scale, shift)).relu_()


class SpatialConv:
    """A zero-padded 3×3 convolution."""

    def __init__(self, weight: Tensor, bias: Tensor, place: Place) -> None:
        import torch

        self._weight = weight.contiguous(memory_format=torch.channels_last).to(**place)
        self._bias = bias.to(**place)

    def __call__(self, x: Tensor) -> Tensor:
        """(n, h, w, in) → (n, h, w, out)."""
        return _convolved(x, self._weight, self._bias)

    def affine_relu(self, x: Tensor, affine: Affine) -> Tensor:
        """max(0, convolution·scale + shift)."""
        if not _folds(x):
            return _affine_relu_in_place(self(x), affine)
        scale, shift = (part[0] for part in affine)
        return _convolved(x, self._weight * scale[:, None, None, None], _bias(self._bias, scale, shift)).relu_()


class UpsampleConv:
    """Nearest-neighbour upsampling by 2, then a zero-padded 3×3 convolution.

    The nine pixels under the kernel are only four of the small picture: for each of the four positions of a large pixel
    within a small one, a 2×2 convolution with sums of the kernel's weights.
    """

    def __init__(self, weight: Tensor, bias: Tensor, place: Place) -> None:
        import torch

        pairs = torch.tensor([[[1.0, 0, 0], [0, 1, 1]], [[1, 1, 0], [0, 0, 1]]], dtype=torch.float64)
        places = [
            torch.einsum("oiyx,ay,bx->oiab", weight.double(), pairs[row], pairs[column])
            for row in (0, 1)
            for column in (0, 1)
        ]
        self._weight = torch.cat(places).float().contiguous(memory_format=torch.channels_last).to(**place)
        self._bias = bias.repeat(4).to(**place)

    def affine_relu(self, x: Tensor, affine: Affine) -> Tensor:
        """max(0, convolution·scale + shift), (n, h, w, in) → (n, 2h, 2w, out)."""
        import torch

        folds = _folds(x)
        weight, bias = self._weight, self._bias
        if folds:
            scale, shift = (part[0].repeat(4) for part in affine)
            weight, bias = weight * scale[:, None, None, None], _bias(bias, scale, shift)
        n, h, w, _ = x.shape
        y = _convolved(x, weight, bias)  # (n, h + 1, w + 1, 4 · out): a place begins where it has a neighbour
        lit = y.new_empty(n, 2 * h, 2 * w, y.shape[3] // 4)
        for place, part in enumerate(y.chunk(4, 3)):
            a, b = divmod(place, 2)
            part, out = part[:, a : a + h, b : b + w], lit[:, a::2, b::2]
            if torch.compiler.is_compiling():  # it takes no `out` with gaps, and makes one pass of this
                out.copy_(part if folds else torch.addcmul(affine[1][:, None, None], part, affine[0][:, None, None]))
            elif folds:
                torch.clamp_min(part, 0, out=out)
            else:
                torch.addcmul(affine[1][:, None, None], part, affine[0][:, None, None], out=out)
        return lit if folds and not torch.compiler.is_compiling() else lit.relu_()


def _convolved(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    import torch

    return torch.nn.functional.conv2d(x.permute(0, 3, 1, 2), weight, bias, padding=1).permute(0, 2, 3, 1)


def _folds(x: Tensor) -> bool:
    """Whether folding the norm into the weights is cheaper than applying it to the pixels (single picture)."""
    return len(x) == 1 and x.shape[1] >= LARGE


def _bias(bias: Tensor | None, scale: Tensor, shift: Tensor) -> Tensor:
    return shift if bias is None else bias * scale + shift


def _affine_relu_in_place(y: Tensor, affine: Affine) -> Tensor:
    import torch

    scale, shift = (part[:, None, None] for part in affine)
    return torch.addcmul(shift, y, scale, out=y).relu_()


class Block:
    """`GenBlock`: four convolutions, each after a batch norm, and a skip connection."""

    n_norms = 4

    def __init__(self, block: Any, place: Place) -> None:
        self._doubles = bool(block.up_sample)
        self._conv_0 = PointwiseConv(*_of(block.conv_0), place)
        self._conv_1 = (UpsampleConv if self._doubles else SpatialConv)(*_of(block.conv_1), place)
        self._conv_2 = SpatialConv(*_of(block.conv_2), place)
        self._conv_3 = PointwiseConv(*_of(block.conv_3), place)

    def __call__(self, x: Tensor, affines: list[Affine]) -> Tensor:
        """(n, h, w, in) → (n, h, w, out), twice as high and wide if it doubles."""
        y = self._conv_0.affine_relu(affine_relu(x, affines[0]), affines[1])
        y = self._conv_2.affine_relu(self._conv_1.affine_relu(y, affines[2]), affines[3])
        y = self._conv_3(y)
        past = x[..., : y.shape[3]]
        if self._doubles:
            n, h, w, c = past.shape
            y.view(n, h, 2, w, 2, c).add_(past[:, :, None, :, None])
            return y
        return y.add_(past)


def _of(conv: Any) -> tuple[Tensor, Tensor]:
    """Weight and bias of a layer, as they are used."""
    return weight_of(conv), conv.bias.detach()


class Attention:
    """`SelfAttn`: self-attention with keys and values pooled to a quarter of the pixels."""

    n_norms = 0

    def __init__(self, attention: Any, place: Place) -> None:
        import torch

        names = ("theta", "phi", "g", "o_conv")
        theta, phi, g, out = (weight_of(getattr(attention, f"snconv1x1_{name}")) for name in names)
        self._sizes = [len(theta), len(phi), len(g)]
        self._in = PointwiseConv(torch.cat((theta, phi, g)), None, place)
        self._out = PointwiseConv(out * attention.gamma.detach(), None, place)

    def __call__(self, x: Tensor, affines: list[Affine]) -> Tensor:
        """(n, h, w, channels), the same size."""
        import torch

        theta, phi, g = self._in(x).split(self._sizes, 3)
        keys, values = (_pooled(part).flatten(1, 2) for part in (phi, g))
        seen = torch.softmax(theta.flatten(1, 2) @ keys.transpose(1, 2), -1) @ values
        return self._out(seen.view(*x.shape[:3], -1)).add_(x)


def _pooled(x: Tensor) -> Tensor:
    """2×2 max pooling, (n, h, w, c) → (n, h / 2, w / 2, c)."""
    import torch

    wide = torch.maximum(x[:, ::2], x[:, 1::2])
    return torch.maximum(wide[:, :, ::2], wide[:, :, 1::2])


class Layers:
    """The generator after the class embedding."""

    def __init__(self, generator: Any, device: str, precision: str = "float32") -> None:
        import torch

        self._dtype, self._by_row = getattr(torch, precision), device == "cpu"
        place = {"device": device, "dtype": self._dtype}
        self._first = PointwiseConv(*_of(generator.gen_z), place)
        self._layers = [
            Block(layer, place) if hasattr(layer, "conv_0") else Attention(layer, place) for layer in generator.layers
        ]
        blocks = [layer for layer in generator.layers if hasattr(layer, "conv_0")]
        self.norms = Norms([*(getattr(block, f"bn_{k}") for block in blocks for k in range(4)), generator.bn], device)
        weight, bias = _of(generator.conv_to_rgb)
        self._rgb = SpatialConv(weight[:3], bias[:3], place)  # the others are thrown away

    def __call__(self, condition: Tensor, rows: Rows) -> Tensor:
        """Pictures (n, R, R, 3) in [−1, 1], float32, for conditions (n, dim) float32."""
        return self.forward(condition, self.norms.of(condition, rows))

    def forward(self, condition: Tensor, norms: list[Affine]) -> Tensor:
        """The forward pass for given scales and shifts; takes tensors only, so that torch can compile it."""
        import torch

        affines = [(scale.to(self._dtype), shift.to(self._dtype)) for scale, shift in norms]
        x = self._first(condition.to(self._dtype)).view(len(condition), 4, 4, -1)
        n = 0  # layers of small pictures, drawn together, since reading the weights is most of their work
        while n < len(self._layers) and not (self._by_row and x.shape[1] >= LARGE):
            own, affines = affines[: self._layers[n].n_norms], affines[self._layers[n].n_norms :]
            x = self._layers[n](x, own)
            n += 1
        if not self._by_row:
            return self._rest(x, affines, n)
        parts = [[(a[k : k + 1], b[k : k + 1]) for a, b in affines] for k in range(len(x))]
        return torch.cat([self._rest(x[k : k + 1], part, n) for k, part in enumerate(parts)])

    def _rest(self, x: Tensor, affines: list[Affine], n: int) -> Tensor:
        """Layers from the n-th on; one large picture at a time stays in the processor's caches."""
        for layer in self._layers[n:]:
            own, affines = affines[: layer.n_norms], affines[layer.n_norms :]
            x = layer(x, own)
        return self._rgb(affine_relu(x, affines[0])).float().tanh_()
