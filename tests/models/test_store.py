from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("pytorch_pretrained_biggan")
pytest.importorskip("safetensors")

from avwalk.models import biggan, store  # noqa: E402
from tests.small_biggan import save_biggan, small_biggan  # noqa: E402


def picture(gan, truncation=0.4):
    z = 0.4 * torch.randn((1, 16), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        return gan(z, torch.eye(1000)[[947]], truncation)


@pytest.mark.parametrize("format", ["bin", "zip", "safetensors"])
def test_a_folder_is_taken_in_once_and_draws_what_it_drew(tmp_path, format):
    original = small_biggan(seed=4)
    folder = save_biggan(tmp_path / "mine", format, gan=original)
    model = store.find(str(folder), "biggan")
    assert model.name == "mine" and model.kind == "biggan"
    assert {p.name for p in model.folder.iterdir()} == {"model.safetensors", "config.json", "avwalk.json"}
    made = model.folder.stat().st_mtime_ns
    assert store.find(str(folder), "biggan") == model == store.by_sha(model.sha256)
    assert model.folder.stat().st_mtime_ns == made
    gan = biggan.load(model)
    assert not gan.training and not any(m.training for m in gan.modules())
    for name, tensor in original.state_dict().items():
        assert torch.equal(gan.state_dict()[name], tensor) and gan.state_dict()[name].is_contiguous()
    assert torch.equal(picture(gan), picture(original))
