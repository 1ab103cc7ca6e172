from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("pytorch_pretrained_biggan")

from avwalk.errors import ModelError  # noqa: E402
from avwalk.models import biggan_load, biggan_openmmlab, store, weights  # noqa: E402
from avwalk.models.pull import sha256_digits  # noqa: E402
from tests.small_biggan import mmlab_state, save_biggan, small_biggan  # noqa: E402


def test_names_there_and_back_give_every_tensor_of_the_package() -> None:
    gan = small_biggan(seed=2)
    found = biggan_openmmlab.renamed({f"generator.{name}": t for name, t in mmlab_state(gan).items()}, "there")
    expected = gan.state_dict()
    assert set(found) == set(expected)
    for name, tensor in expected.items():
        assert found[name].shape == tensor.shape, name
        if "running_" in name:
            assert all(torch.equal(row, tensor[-1]) for row in found[name]), name
        elif "conv_to_rgb" in name and "weight_v" not in name:
            assert "weight_u" in name or torch.equal(found[name][:3], tensor[:3])
            assert not found[name][3:].any()
        else:
            assert torch.equal(found[name], tensor), name


@pytest.mark.parametrize("seed", [2, 3])
def test_at_its_one_truncation_it_draws_what_the_package_draws(tmp_path: Path, seed: int) -> None:
    gan = small_biggan(seed)
    converted = biggan_load.load(store.find(str(save_biggan(tmp_path / "in", "mmlab", gan=gan))))
    z = torch.randn((3, 16), generator=torch.Generator().manual_seed(1))
    classes = torch.eye(1000)[[947, 1, 971]]
    with torch.inference_mode():
        assert torch.allclose(converted(z, classes, 1.0), gan(z, classes, 1.0), atol=2e-5)
        assert torch.equal(converted(z, classes, 0.3), converted(z, classes, 1.0))
        assert not torch.allclose(gan(z, classes, 0.3), gan(z, classes, 1.0), atol=0.01)


def test_a_file_draws_what_a_network_of_its_names_would(tmp_path: Path) -> None:
    """Written anew from MMGeneration's forward pass: what is checked is that every name went to its place."""
    path = save_biggan(tmp_path / "in", "mmlab", seed=2)
    model = store.find(str(path))
    assert store.card(model)["source_format"] == "openmmlab"
    gan = biggan_load.load(model)
    state = torch.load(path, weights_only=True)["state_dict"]
    z = torch.randn((3, 16), generator=torch.Generator().manual_seed(1))
    label = torch.tensor([947, 1, 971])
    eye = torch.eye(1000)[label]
    with torch.inference_mode():
        for truncation in (1.0, 0.3):  # one row of statistics, so this says nothing to the network
            drawn = gan(z, eye, truncation)
            assert torch.allclose(drawn, forward(state, z, label), atol=2e-5)
            assert drawn.std() > 0.05


def forward(state: dict[str, Any], z: np.ndarray, label: Any) -> Any:
    def tensor(name: str) -> Any:
        return state[f"generator_ema.{name}"]

    def weight(name: str) -> Any:
        w, u, v = (tensor(f"{name}.{part}") for part in ("weight_orig", "weight_u", "weight_v"))
        return w / torch.dot(u, w.reshape(len(w), -1) @ v)

    def norm(x: Any, name: str) -> Any:
        mean, var = tensor(f"{name}.running_mean"), tensor(f"{name}.running_var")
        return (x - mean[:, None, None]) / torch.sqrt(var[:, None, None] + 1e-4)

    def conditional(x: Any, name: str) -> Any:
        gain, bias = (y @ weight(f"{name}.{part}").t() for part in ("gain", "bias"))
        return norm(x, f"{name}.bn") * (1 + gain)[..., None, None] + bias[..., None, None]

    def conv(x: Any, name: str, padding: int = 0, bias: bool = True) -> Any:
        kernel = weight(f"{name}.conv")
        return torch.nn.functional.conv2d(x, kernel, tensor(f"{name}.conv.bias") if bias else None, padding=padding)

    def attention(x: Any, name: str) -> Any:
        theta, phi, g = (conv(x, f"{name}.{part}", bias=False) for part in ("theta", "phi", "g"))
        phi, g = (torch.nn.functional.max_pool2d(t, 2).flatten(2) for t in (phi, g))
        beta = torch.softmax(theta.flatten(2).transpose(1, 2) @ phi, -1)
        return x + tensor(f"{name}.gamma") * conv(
            (g @ beta.transpose(1, 2)).reshape(len(x), -1, *x.shape[2:]), f"{name}.o", bias=False
        )

    def block(x: Any, name: str, doubles: bool) -> Any:
        h = conv(conditional(x, f"{name}.bn1").relu(), f"{name}.conv1")
        h = conditional(h, f"{name}.bn2").relu()
        x = x[:, : len(tensor(f"{name}.conv4.conv.bias"))]
        if doubles:
            h, x = (torch.nn.functional.interpolate(t, scale_factor=2) for t in (h, x))
        h = conv(h, f"{name}.conv2", padding=1)
        h = conv(conditional(h, f"{name}.bn3").relu(), f"{name}.conv3", padding=1)
        return x + conv(conditional(h, f"{name}.bn4").relu(), f"{name}.conv4")

    y = torch.cat([z, tensor("shared_embedding.weight")[label]], 1)
    x = y @ weight("noise2feat").t() + tensor("noise2feat.bias")
    x = x.reshape(len(x), 4, 4, -1).permute(0, 3, 1, 2)
    for k, doubles in enumerate([False, True, True, True, None, False, True]):
        name = f"conv_blocks.{k}"
        x = attention(x, name) if doubles is None else block(x, name, doubles)
    x = (
        norm(x, "output_layer.bn") * tensor("output_layer.bn.weight")[:, None, None]
        + tensor("output_layer.bn.bias")[:, None, None]
    )
    return torch.tanh(conv(x.relu(), "output_layer", padding=1))


def test_a_name_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    path = save_biggan(tmp_path / "in", "mmlab")
    held = torch.load(path, weights_only=True)
    held["state_dict"]["generator_ema.conv_blocks.0.bn9.gain.weight_u"] = torch.zeros(1)
    torch.save(held, tmp_path / "in" / "odd.pth")
    with pytest.raises(ModelError, match="bn9.* is not known"):
        store.find(str(tmp_path / "in" / "odd.pth"))


def test_a_file_without_averaged_weights_or_any_prefix_is_read_too() -> None:
    state = mmlab_state(small_biggan(seed=1))
    bare = biggan_openmmlab.renamed(state, "x")
    prefixed = biggan_openmmlab.renamed(
        {f"generator.{name}": t for name, t in state.items()} | {"discriminator.x": torch.ones(1)}, "x"
    )
    assert bare.keys() == prefixed.keys() and all(torch.equal(bare[name], prefixed[name]) for name in bare)
    assert not biggan_openmmlab.is_one({"generator.gen_z.weight_orig": torch.zeros(1)})


def test_the_files_name_ends_in_digits_of_its_sha256(tmp_path: Path) -> None:
    path = save_biggan(tmp_path / "in", "mmlab")
    digits = sha256_digits(f"https://host/folder/{path.name}?versionId=7")
    assert len(digits) == 8 and weights.sha256_of(path).startswith(digits)
    assert sha256_digits("https://host/pytorch_model.bin") == ""
