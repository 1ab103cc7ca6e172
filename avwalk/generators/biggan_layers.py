"""BigGAN-deep's forward pass for weights that do not change: pictures as (n, height, width, channels).

The same function as the package's, to rounding, with less work: one multiplication and addition for a batch norm, a
product of matrices for a 1×1 convolution, a quarter of the pixels for the 3×3 convolution behind an enlargement, and
no channels that are thrown away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from avwalk.generators.biggan_fold import Norms, Rows, weight_of

if TYPE_CHECKING:
    from torch import Tensor

    Affine = tuple[Tensor, Tensor]


def lit(x: Tensor, affine: Affine) -> Tensor:
    """max(0, x·scale + shift) of each channel, in a new tensor."""
    import torch

    scale, shift = (part[:, None, None] for part in affine)
    return torch.addcmul(shift, x, scale).relu_()


class Pointwise:
    """A 1×1 convolution."""

    def __init__(self, conv: Any, device: str) -> None:
        self._weight = weight_of(conv).flatten(1).to(device).contiguous()
        self._bias = None if conv.bias is None else conv.bias.detach().to(device)

    def __call__(self, x: Tensor) -> Tensor:
        """(n, h, w, in) → (n, h, w, out)."""
        import torch

        return torch.nn.functional.linear(x, self._weight, self._bias)


class Spatial:
    """A 3×3 convolution with a border of zeros."""

    def __init__(self, conv: Any, device: str, channels: int | None = None) -> None:
        import torch

        weight = weight_of(conv)[:channels].to(device)
        self._weight = weight.contiguous(memory_format=torch.channels_last)
        self._bias = conv.bias.detach()[:channels].to(device)

    def __call__(self, x: Tensor) -> Tensor:
        """(n, h, w, in) → (n, h, w, out)."""
        import torch

        y = torch.nn.functional.conv2d(x.permute(0, 3, 1, 2), self._weight, self._bias, padding=1)
        return y.permute(0, 2, 3, 1)


class Doubling:
    """A picture enlarged twice by repeating pixels, then a 3×3 convolution with a border of zeros.

    The nine pixels under the kernel are but four of the small picture: of each of the four places that a large pixel
    can have in a small one, a 2×2 convolution with sums of the kernel's weights.
    """

    def __init__(self, conv: Any, device: str) -> None:
        import torch

        weight, bias = weight_of(conv).double(), conv.bias.detach()
        pairs = torch.tensor([[[1.0, 0, 0], [0, 1, 1]], [[1, 1, 0], [0, 0, 1]]], dtype=torch.float64)
        places = [
            torch.einsum("oiyx,ay,bx->oiab", weight, pairs[row], pairs[column]) for row in (0, 1) for column in (0, 1)
        ]
        self._weight = torch.cat(places).float().to(device).contiguous(memory_format=torch.channels_last)
        self._bias = bias.repeat(4).to(device)

    def __call__(self, x: Tensor) -> Tensor:
        """(n, h, w, in) → (n, h + 1, w + 1, 4 · out): `of_place` has them in their order."""
        import torch

        y = torch.nn.functional.conv2d(x.permute(0, 3, 1, 2), self._weight, self._bias, padding=1)
        return y.permute(0, 2, 3, 1)

    @staticmethod
    def lit(y: Tensor, affine: Affine) -> Tensor:
        """max(0, y·scale + shift), the four places of each pixel in order, (n, 2h, 2w, out)."""
        import torch

        n, h, w, c = y.shape
        out = y.new_empty(n, 2 * h - 2, 2 * w - 2, c // 4)
        scale, shift = (part[:, None, None] for part in affine)
        for place, part in enumerate(y.chunk(4, 3)):
            a, b = divmod(place, 2)
            torch.addcmul(shift, part[:, a : a + h - 1, b : b + w - 1], scale, out=out[:, a::2, b::2])
        return out.relu_()


class Block:
    """`GenBlock`: four convolutions, each behind a batch norm, and a way past them."""

    n_norms = 4

    def __init__(self, block: Any, device: str) -> None:
        self._doubles = bool(block.up_sample)
        self._conv_0 = Pointwise(block.conv_0, device)
        self._conv_1 = (Doubling if self._doubles else Spatial)(block.conv_1, device)
        self._conv_2 = Spatial(block.conv_2, device)
        self._conv_3 = Pointwise(block.conv_3, device)

    def __call__(self, x: Tensor, affines: list[Affine]) -> Tensor:
        """(n, h, w, in) → (n, h, w, out), twice as high and wide if it doubles."""
        y = lit(self._conv_0(lit(x, affines[0])), affines[1])
        y = self._conv_1(y)
        y = Doubling.lit(y, affines[2]) if self._doubles else lit(y, affines[2])
        y = self._conv_3(lit(self._conv_2(y), affines[3]))
        past = x[..., : y.shape[3]]
        if self._doubles:
            n, h, w, c = past.shape
            y.view(n, h, 2, w, 2, c).add_(past[:, :, None, :, None])
            return y
        return y.add_(past)


class Attention:
    """`SelfAttn`: every pixel looks at all others, at a quarter of their number."""

    n_norms = 0

    def __init__(self, attention: Any, device: str) -> None:
        self._theta = Pointwise(attention.snconv1x1_theta, device)
        self._phi = Pointwise(attention.snconv1x1_phi, device)
        self._g = Pointwise(attention.snconv1x1_g, device)
        self._out = Pointwise(attention.snconv1x1_o_conv, device)
        self._out._weight = self._out._weight * attention.gamma.detach().to(device)

    def __call__(self, x: Tensor, affines: list[Affine]) -> Tensor:
        """(n, h, w, channels), the same size."""
        import torch

        n, h, w, _ = x.shape
        theta = self._theta(x).flatten(1, 2)
        phi, g = (_pooled(part(x)).flatten(1, 2) for part in (self._phi, self._g))
        seen = torch.softmax(theta @ phi.transpose(1, 2), -1) @ g
        return self._out(seen.view(n, h, w, -1)).add_(x)


def _pooled(x: Tensor) -> Tensor:
    """The largest of each 2×2 pixels."""
    n, h, w, c = x.shape
    return x.view(n, h // 2, 2, w // 2, 2, c).amax((2, 4))


class Layers:
    """The generator behind the class embedding."""

    def __init__(self, generator: Any, device: str) -> None:
        self._first = Pointwise(generator.gen_z, device)
        self._layers: list[Block | Attention] = [
            Block(layer, device) if hasattr(layer, "conv_0") else Attention(layer, device) for layer in generator.layers
        ]
        norms = [getattr(layer, f"bn_{k}") for layer in generator.layers if hasattr(layer, "conv_0") for k in range(4)]
        self.norms = Norms([*norms, generator.bn], device)
        self._rgb = Spatial(generator.conv_to_rgb, device, channels=3)

    def __call__(self, condition: Tensor, rows: Rows) -> Tensor:
        """Pictures (n, R, R, 3) in [−1, 1] for conditions (n, dim)."""
        affines = self.norms.of(condition, rows)
        x = self._first(condition).view(len(condition), 4, 4, -1)
        for layer in self._layers:
            own, affines = affines[: layer.n_norms], affines[layer.n_norms :]
            x = layer(x, own)
        return self._rgb(lit(x, affines[0])).tanh()
