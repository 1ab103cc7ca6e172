from __future__ import annotations

import json
import pickle
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("pytorch_pretrained_biggan")
pytest.importorskip("safetensors")

from avwalk.errors import ModelError  # noqa: E402
from avwalk.models import biggan_config, biggan_load, store, weights  # noqa: E402
from avwalk.settings import settings  # noqa: E402
from tests.small_biggan import save_biggan, small_biggan, small_config  # noqa: E402


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty model cache, and no network."""
    monkeypatch.setenv("AVWALK_MODEL_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()

    def no_network(*args: object) -> None:
        raise AssertionError(f"the network was asked: {args}")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    yield tmp_path / "cache"
    settings.cache_clear()


@pytest.fixture(scope="module")
def original() -> Any:
    return small_biggan(seed=4)


def picture(gan: Any, truncation: float = 0.4) -> Any:
    z = 0.4 * torch.randn((1, gan.config.z_dim), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        return gan(z, torch.eye(gan.config.num_classes)[[947]], truncation)


def state_of(gan: Any) -> dict[str, Any]:
    return {name: tensor.clone() for name, tensor in gan.state_dict().items()}


def refused(path: Path, match: str, cache: Path) -> None:
    with pytest.raises(ModelError, match=match) as error:
        store.find(str(path))
    assert "\n" not in str(error.value) and len(str(error.value)) < 500
    assert not list(cache.rglob("*")) or [p.name for p in cache.rglob("*")] == ["biggan"]


@pytest.mark.parametrize("format", ["bin", "zip", "safetensors"])
def test_a_folder_is_taken_in_once_and_draws_what_it_drew(tmp_path: Path, original: Any, format: str) -> None:
    folder = save_biggan(tmp_path / "mine", format, gan=original)
    model = store.find(str(folder), "biggan")
    assert model.name == "mine" and model.kind == "biggan"
    assert {p.name for p in model.folder.iterdir()} == {"model.safetensors", "config.json", "avwalk.json"}
    source = folder / ("model.safetensors" if format == "safetensors" else "pytorch_model.bin")
    assert model.sha256 == weights.sha256_of(source) == model.folder.name
    made = (model.folder / "model.safetensors").stat().st_mtime_ns
    assert store.find(str(folder), "biggan") == model == store.by_sha(model.sha256) == store.find(str(model.folder))
    assert (model.folder / "model.safetensors").stat().st_mtime_ns == made
    assert store.card(model)["source_format"] == {"bin": "pickle"}.get(format, format)
    gan = biggan_load.load(model)
    for name, tensor in original.state_dict().items():
        assert torch.equal(gan.state_dict()[name], tensor) and gan.state_dict()[name].is_contiguous()
    assert torch.equal(picture(gan), picture(original))


def test_a_single_file_with_the_servers_names(tmp_path: Path, original: Any) -> None:
    folder = save_biggan(tmp_path / "in", gan=original)
    file = (folder / "pytorch_model.bin").rename(folder / "biggan-deep-64-pytorch_model.bin")
    (folder / "config.json").rename(folder / "biggan-deep-64-config.json")
    assert store.find(str(file)) == store.find(str(folder))


def test_the_network_is_ready_to_draw_and_was_loaded_without_the_network(tmp_path: Path, original: Any) -> None:
    before = torch.get_rng_state()
    gan = biggan_load.load(store.find(str(save_biggan(tmp_path / "mine", gan=original))))
    assert torch.equal(torch.get_rng_state(), before)
    assert not any(module.training for module in gan.modules())
    assert not any(parameter.requires_grad for parameter in gan.parameters())
    assert {tensor.dtype for tensor in gan.state_dict().values()} == {torch.float32}
    assert torch.equal(picture(gan), picture(gan))  # in train mode u and v would move with every picture


def test_of_the_package_only_the_network_is_used() -> None:
    """Its loader asks the network and does not check; its helpers need nltk, or Pillow by accident."""
    from pathlib import Path

    import avwalk

    text = "".join(path.read_text(encoding="utf-8") for path in Path(avwalk.__file__).parent.rglob("*.py"))
    for broken in ("BigGAN.from_pretrained(", "convert_to_images(", "one_hot_from_names(", "cached_path"):
        assert broken not in text, broken


def test_keys_that_lack_or_are_too_many_are_refused(tmp_path: Path, original: Any, cache: Path) -> None:
    folder = save_biggan(tmp_path / "mine", gan=original)
    config = biggan_config.read(folder / "config.json")
    state = state_of(original)
    renamed = {name.replace("conv_0", "conv0"): tensor for name, tensor in state.items()}
    for bad, says in [
        ({k: v for k, v in state.items() if k != "embeddings.weight"}, "lacks embeddings.weight:"),
        ({k: v for k, v in state.items() if k != "generator.bn.weight"}, "lacks generator.bn.weight:"),
        (
            {k: v for k, v in state.items() if not k.startswith("generator.bn.")},
            "lacks generator.bn.bias, .* and 1 more",
        ),
        (state | {"discriminator.weight": torch.zeros(2)}, "has discriminator.weight too many"),
        (renamed, r"lacks .*conv_0.* more and has .*conv0.* more too many"),
        (state | {"generator.bn.bias": torch.zeros(9)}, "generator.bn.bias is 9, the config asks for 8"),
        (state | {"embeddings.weight": state["embeddings.weight"].t()}, "embeddings.weight is 1000 × 16, .* 16 × 1000"),
        (state | {"generator.bn.bias": torch.full((8,), float("nan"))}, "generator.bn.bias holds numbers that are not"),
        (state | {"generator.bn.weight": torch.full((8,), float("inf"))}, "generator.bn.weight holds numbers"),
        ({}, "lacks "),
    ]:
        torch.save(bad, folder / "pytorch_model.bin")
        refused(folder, says, cache)
    assert config == store.config(store.find(str(save_biggan(folder, gan=original))))


def test_what_the_package_itself_leaves_to_chance_comes_from_the_file(tmp_path: Path, original: Any) -> None:
    """The last batch norm begins as memory that nobody wrote; a load that forgets it gives other pictures each time."""
    gan = biggan_load.load(store.find(str(save_biggan(tmp_path / "mine", gan=original))))
    assert torch.equal(gan.generator.bn.weight, original.generator.bn.weight)
    assert torch.equal(gan.generator.bn.bias, original.generator.bn.bias)


class Trap:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (open, (self.path, "w"))


@pytest.mark.parametrize("legacy", [False, True])
def test_a_pickle_with_code_is_refused_and_never_run(tmp_path: Path, original: Any, cache: Path, legacy: bool) -> None:
    folder = save_biggan(tmp_path / "mine", gan=original)
    sprung = tmp_path / "sprung"
    bad = state_of(original) | {"trap": Trap(str(sprung))}
    torch.save(bad, folder / "pytorch_model.bin", _use_new_zipfile_serialization=not legacy)
    refused(folder, "holds more than tensors, which could run code: refused", cache)
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Trap(str(sprung)), protocol=2))
    refused(folder, "refused|broken", cache)
    assert not sprung.exists()


@pytest.mark.parametrize("format", ["bin", "zip", "safetensors"])
@pytest.mark.parametrize("keep", [0, 7, 300, 0.5, 0.99, -1])
def test_a_truncated_file_is_refused(tmp_path: Path, original: Any, cache: Path, format: str, keep: float) -> None:
    folder = save_biggan(tmp_path / "mine", format, gan=original)
    path = folder / ("model.safetensors" if format == "safetensors" else "pytorch_model.bin")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep) if isinstance(keep, float) else keep])
    refused(folder, "is broken|is no file of weights", cache)


def test_what_is_no_file_of_weights_is_refused(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "page.bin"
    path.write_bytes(b"<!DOCTYPE html><html>not here</html>")
    refused(path, "is no file of weights", cache)
    torch.save([1, 2], path)
    refused(path, "no table of tensors", cache)
    torch.save({"weight": torch.zeros(3)}, path)
    refused(path, "holds no BigGAN-deep", cache)
    refused(tmp_path / "nowhere", "there is nothing at", cache)
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "holds no weights; it needs pytorch_model.bin", cache)
    for name in ("a.pth", "b.pth"):
        (tmp_path / "empty" / name).write_bytes(b"")
    refused(tmp_path / "empty", r"2 files of weights \(a.pth, b.pth\)", cache)


def test_a_config_must_fit_and_stay(tmp_path: Path, original: Any, cache: Path) -> None:
    folder = save_biggan(tmp_path / "mine", gan=original)
    right = json.loads((folder / "config.json").read_text())

    def with_config(text: str) -> None:
        (folder / "config.json").write_text(text if isinstance(text, str) else json.dumps(text))

    for change, says in [
        ("{", "cannot be read as JSON"),
        ([], "no config of a BigGAN"),
        ({"output_dim": 64}, "no config of a BigGAN"),
        (right | {"z_dim": "16"}, "z_dim is '16'"),
        (right | {"n_stats": True}, "n_stats is True"),
        (right | {"eps": 0}, "eps is 0"),
        (right | {"output_dim": 128}, "give 64 pixels, output_dim says 128"),
        (right | {"class_embed_dim": 128}, "class_embed_dim is 128, z_dim 16"),
        (right | {"layers": []}, "layers is no"),
        (right | {"layers": right["layers"][:-1]}, "gives 2 channels, not 1"),
        (right | {"layers": [right["layers"][0], *right["layers"][2:]]}, "layer 1 goes from 8 to 4 channels after 16"),
        (right | {"attention_layer_position": 6}, "attention_layer_position is 6 with 6 layers"),
        (right | {"attention_layer_position": 3}, "lacks .* too many"),
        (right | {"channel_width": 16}, "the config asks for"),
        (right | {"num_classes": 10}, "asks for 16 × 10"),
        (right | {"channel_width": 10**7}, "the config asks for"),
        (right | {"n_stats": 50}, "asks for 50"),
    ]:
        with_config(change)
        refused(folder, says, cache)
    with_config(right)
    model = store.find(str(folder))
    with_config(right | {"eps": 1e-5})
    with pytest.raises(ModelError, match="differs from the config that these weights were taken in with; delete"):
        store.find(str(folder))
    (folder / "config.json").unlink()
    assert store.find(str(folder)) == model  # these weights are here already, with their config


def test_the_sizes_are_those_of_the_package() -> None:
    from pytorch_pretrained_biggan import BigGAN, BigGANConfig

    configs = [small_config().to_dict(), small_config(classes=7).to_dict()]
    configs += [
        biggan_config.published(resolution) | {"channel_width": 4, "z_dim": 8} for resolution in (128, 256, 512)
    ]
    for config in configs:
        network = BigGAN(BigGANConfig.from_dict(config))
        assert biggan_config.shapes_of(config) == {name: tuple(t.shape) for name, t in network.state_dict().items()}


@pytest.mark.parametrize("resolution", [128, 256, 512])
def test_a_published_layout_needs_no_config(tmp_path: Path, resolution: int) -> None:
    from pytorch_pretrained_biggan import BigGAN, BigGANConfig

    config = biggan_config.published(resolution) | {"channel_width": 4, "z_dim": 8, "class_embed_dim": 8}
    gan = BigGAN(BigGANConfig.from_dict(config))
    torch.nn.init.ones_(gan.generator.bn.weight)
    torch.nn.init.zeros_(gan.generator.bn.bias)
    torch.save(gan.state_dict(), tmp_path / "alone.bin")
    assert store.config(store.find(str(tmp_path / "alone.bin"))) == config


def test_another_layout_needs_its_config(tmp_path: Path, original: Any, cache: Path) -> None:
    folder = save_biggan(tmp_path / "mine", gan=original)
    (folder / "config.json").unlink()
    refused(folder, "none of the layouts of BigGAN-deep 128, 256 and 512 .* put its config.json beside it", cache)


def test_the_layouts_are_those_of_the_package() -> None:
    source = pytest.importorskip("pytorch_pretrained_biggan.convert_tf_to_pytorch")
    for resolution in (128, 256, 512):
        theirs = getattr(source, f"BigGAN{resolution}").to_dict()
        assert biggan_config.checked(theirs, "theirs") == biggan_config.published(resolution)


def test_old_half_and_double_files_become_float32(tmp_path: Path, original: Any) -> None:
    """torch before 1.0 also saved what spectral norm makes of a weight; it is no weight."""
    state = {name: tensor.double() for name, tensor in state_of(original).items()}
    state["generator.gen_z.weight"] = torch.zeros(3)
    torch.save(state, save_biggan(tmp_path / "mine", gan=original) / "pytorch_model.bin")
    gan = biggan_load.load(store.find(str(tmp_path / "mine")))
    assert torch.equal(picture(gan), picture(original))


def test_weights_that_are_not_contiguous_are_laid_out(tmp_path: Path, original: Any) -> None:
    """The package's own converter leaves transposed arrays."""
    state = {n: t.t().contiguous().t() if t.ndim == 2 else t for n, t in state_of(original).items()}
    torch.save(state, save_biggan(tmp_path / "mine", gan=original) / "pytorch_model.bin")
    gan = biggan_load.load(store.find(str(tmp_path / "mine")))
    assert all(tensor.is_contiguous() for tensor in gan.state_dict().values())
    assert torch.equal(picture(gan), picture(original))


def test_by_sha(tmp_path: Path, original: Any, cache: Path) -> None:
    model = store.find(str(save_biggan(tmp_path / "mine", gan=original)))
    for bad in (model.sha256[:-1] + "x", "0" * 64, "../" + model.sha256, "", model.sha256[:8]):
        with pytest.raises(ModelError, match="avwalk models pull NAME, or name a folder: model DIR"):
            store.by_sha(bad)
    (model.folder / "config.json").unlink()
    with pytest.raises(ModelError):
        store.by_sha(model.sha256)
    again = store.find(str(tmp_path / "mine"))  # an entry that is not whole is made anew
    assert (again.folder / "config.json").exists() and store.here() == [again]
    assert [p.name for p in (cache / "biggan").iterdir()] == [model.sha256]


def test_an_entry_that_was_changed_is_refused(tmp_path: Path, original: Any) -> None:
    model = store.find(str(save_biggan(tmp_path / "mine", gan=original)))
    path = model.folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError, match="is broken"):
        biggan_load.load(model)


def test_names_that_are_not_here(cache: Path) -> None:
    with pytest.raises(ModelError, match="avwalk models pull biggan-deep-256 .about 234 MB., or name a folder"):
        store.find("biggan-deep-256")
    with pytest.raises(ModelError, match="did you mean 'biggan-deep-256'"):
        store.find("biggan-deep256")
    for address in ("hf:owner/name", "https://host/pytorch_model.bin"):
        with pytest.raises(ModelError, match="is not fetched by itself; do it once: avwalk models pull NAME --from"):
            store.find(address)
    with pytest.raises(ModelError, match="kind 'gan'"):
        store.find(str(cache.parent), "gan")


def test_a_folder_with_a_name_of_the_catalogue_is_only_a_folder(
    tmp_path: Path, original: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save_biggan(tmp_path / "biggan-deep-256", gan=original)
    model = store.find(str(folder))
    assert model.name == "biggan-deep-256"
    with pytest.raises(ModelError, match="not here"):
        store.find("biggan-deep-256")  # it was not pulled
    monkeypatch.chdir(tmp_path)
    assert store.find("biggan-deep-256") == model


def test_a_cache_that_cannot_be_written(tmp_path: Path, original: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AVWALK_MODEL_CACHE_DIR", str(tmp_path / "file"))
    settings.cache_clear()
    with pytest.raises(ModelError, match="cannot be written .*AVWALK_MODEL_CACHE_DIR"):
        store.find(str(save_biggan(tmp_path / "mine", gan=original)))


def test_a_conversion_that_fails_leaves_nothing(
    tmp_path: Path, original: Any, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import safetensors.torch

    def full(*args: object, **more: Any) -> None:
        raise OSError(28, "No space left on device")

    folder = save_biggan(tmp_path / "mine", gan=original)
    monkeypatch.setattr(safetensors.torch, "save_file", full)
    refused(folder, "No space left on device.; make room", cache)


def test_many_at_a_time_make_one_entry(tmp_path: Path, original: Any, cache: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    folder = save_biggan(tmp_path / "mine", gan=original)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(store.find, [str(folder)] * 6))
    assert len(set(found)) == 1 and [p.name for p in (cache / "biggan").iterdir()] == [found[0].sha256]
    assert torch.equal(picture(biggan_load.load(found[0])), picture(original))


def test_importing_needs_no_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from avwalk.models import biggan_load, catalogue, imagenet, requirements, biggan_config, store, weights\n"
        "from avwalk.models import status\n"
        "import avwalk.models.biggan_openmmlab, avwalk.models.status, avwalk.models.pull, avwalk.models.biggan_trial\n"
        "print(requirements.problem(), len(status.rows()), imagenet.index_of('teapot'), 'requests' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split("\n")[0] == "torch is not installed; install it with: pip install 'avwalk[models]' 13 849 False"
