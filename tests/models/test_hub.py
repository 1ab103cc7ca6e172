"""The hub, played by a folder: nothing here asks the network."""

from __future__ import annotations

import hashlib
import shutil
import types
from pathlib import Path
from typing import Any

import pytest

hub_client = pytest.importorskip("huggingface_hub")

from huggingface_hub.hf_api import BlobLfsInfo, RepoSibling  # noqa: E402

from avwalk.errors import ModelError, OptionError  # noqa: E402
from avwalk.models import diffusers_folder, hub, store  # noqa: E402
from avwalk.models.pull import pull  # noqa: E402
from avwalk.settings import settings  # noqa: E402
from tests.models.test_diffusers_folder import folder, safetensors  # noqa: E402


@pytest.fixture(autouse=True)
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """Repositories in ``served``, by owner and name; the client's two calls, answered from there."""
    monkeypatch.setenv("AVWALK_MODEL_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()
    place = tmp_path / "hub"
    asked: list[str] = []
    damaged: set[str] = set()

    def listed(name: str, file: Path) -> RepoSibling:
        data = file.read_bytes()
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        if not name.endswith(".safetensors"):
            return RepoSibling(name, len(data), blob)
        lfs = BlobLfsInfo(size=len(data), sha256=hashlib.sha256(data).hexdigest(), pointer_size=130)
        return RepoSibling(name, len(data), "0" * 40, lfs)  # of these the blob is the pointer

    def model_info(self: Any, repo: str, *, files_metadata: bool) -> types.SimpleNamespace:
        assert files_metadata
        asked.append(repo)
        if not (place / repo).is_dir():
            error = hub_client.errors.RepositoryNotFoundError
            raise error("404 Client Error", response=types.SimpleNamespace(status_code=404, headers={}, request=None))
        files = [file.relative_to(place / repo).as_posix() for file in (place / repo).rglob("*") if file.is_file()]
        siblings = [listed(name, place / repo / name) for name in files]
        card = types.SimpleNamespace(license="mit")
        return types.SimpleNamespace(id=repo, siblings=siblings, sha="abc", card_data=card)

    def snapshot_download(repo: str, *, local_dir: Path, allow_patterns: list[str], revision: str) -> None:
        assert revision == "abc"
        for name in allow_patterns:
            (local_dir / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(place / repo / name, local_dir / name)
            if name in damaged:
                data = bytearray((local_dir / name).read_bytes())
                data[-1] ^= 1
                (local_dir / name).write_bytes(data)

    monkeypatch.setattr(hub_client.HfApi, "model_info", model_info)
    monkeypatch.setattr(hub_client, "snapshot_download", snapshot_download)
    return types.SimpleNamespace(place=place, asked=asked, damaged=damaged)


def tiny(path: Path) -> None:
    safetensors(path / "diffusion_pytorch_model.safetensors")
    (path / "config.json").write_text('{"_class_name": "AutoencoderTiny"}')


def test_a_bundle_is_pulled_with_its_parts(served: types.SimpleNamespace) -> None:
    folder(served.place / "stabilityai" / "sd-turbo", hidden_act="gelu")
    tiny(served.place / "madebyollin" / "taesd")
    model = pull("sd-turbo")
    assert (model.name, model.kind) == ("sd-turbo", "sd") and served.asked == [
        "stabilityai/sd-turbo",
        "madebyollin/taesd",
    ]
    assert store.find("sd-turbo", "sd") == model and store.find("taesd", "sd").name == "taesd"
    assert store.card(model)["licence"] == "Stability AI Community" and store.card(model)["pulled"]
    assert not (model.folder / "safety_checker").exists()
    assert [row.name for row in store.here()] == ["sd-turbo", "taesd"]


def test_what_is_loaded_is_what_was_served(served: types.SimpleNamespace) -> None:
    path = folder(served.place / "stable-diffusion-v1-5" / "stable-diffusion-v1-5")
    model = pull("sd15", safety=True)
    assert store.find(str(path), "sd").sha256 == model.sha256
    assert (model.folder / "safety_checker" / "model.safetensors").exists()


@pytest.mark.parametrize("name", ["diffusion_pytorch_model.safetensors", "config.json"])
def test_what_is_not_what_the_hub_lists_is_removed(name: str, served: types.SimpleNamespace, tmp_path: Path) -> None:
    tiny(served.place / "madebyollin" / "taesd")
    served.damaged.add(name)
    with pytest.raises(ModelError, match=f"{name} of madebyollin/taesd is not what the hub lists: removed"):
        pull("taesd")
    assert not list((tmp_path / "cache").rglob(name))
    served.damaged.clear()
    assert pull("taesd").name == "taesd"


def test_any_model_of_the_hub_by_its_address(served: types.SimpleNamespace) -> None:
    folder(served.place / "someone" / "style-1.5")
    safetensors(served.place / "ByteDance" / "Hyper-SD" / "Hyper-SD15-8steps-lora.safetensors", ["unet.lora_A"])
    safetensors(served.place / "ByteDance" / "Hyper-SD" / "other-lora.safetensors", ["unet.lora_A"])
    model = pull("someone/style-1.5")
    assert store.find("someone/style-1.5", "sd") == model and store.card(model)["licence"] == "mit"
    lora = pull("ByteDance/Hyper-SD:Hyper-SD15-8steps-lora.safetensors")
    assert lora.folder.name == "Hyper-SD15-8steps-lora.safetensors" and len(list(lora.folder.parent.iterdir())) == 1
    assert store.find("ByteDance/Hyper-SD:Hyper-SD15-8steps-lora.safetensors", "sd") == lora


def test_from_a_folder_nothing_is_asked(served: types.SimpleNamespace, tmp_path: Path) -> None:
    path = folder(tmp_path / "mine")
    model = pull("sd15", str(path))
    assert served.asked == [] and model.folder == path and store.find("sd15", "sd") == model
    assert pull("sd-turbo", str(path)).name == "sd-turbo" and served.asked == []
    with pytest.raises(OptionError, match="is not there"):
        pull("sd15", str(tmp_path / "nowhere"))
    with pytest.raises(ModelError, match="has sha256"):
        pull("sd15", str(path), sha256="00000000")


def test_what_the_hub_does_not_have_is_one_line(served: types.SimpleNamespace) -> None:
    with pytest.raises(ModelError, match=r"stabilityai/sd-turbo is not on the hub \(404\)") as error:
        pull("sd-turbo")
    assert "\n" not in str(error.value)
    (served.place / "someone" / "pickles").mkdir(parents=True)
    (served.place / "someone" / "pickles" / "model.ckpt").write_bytes(b"x")
    with pytest.raises(ModelError, match="no weights as safetensors"):
        pull("someone/pickles")
    with pytest.raises(ModelError, match=r"has no other\.safetensors"):
        pull("someone/pickles:other.safetensors")


def test_no_network_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Any, repo: str) -> None:
        raise OSError("[Errno -3] Temporary failure in name resolution")

    monkeypatch.setattr(hub_client.HfApi, "model_info", fails)
    with pytest.raises(ModelError, match="connect to the internet and run it again") as error:
        pull("sd-turbo")
    assert "\n" not in str(error.value)


def test_of_a_repository_only_what_is_loaded_is_fetched() -> None:
    files = [
        ".gitattributes", "README.md", "model_index.json", "sd_turbo.safetensors", "scheduler/scheduler_config.json",
        "tokenizer/vocab.json", "tokenizer/merges.txt", "unet/config.json", "unet/diffusion_pytorch_model.safetensors",
        "unet/diffusion_pytorch_model.fp16.safetensors", "unet/diffusion_pytorch_model.bin",
        "unet/diffusion_pytorch_model.non_ema.safetensors", "vae/diffusion_pytorch_model.safetensors",
        "vae/config.json", "safety_checker/config.json", "safety_checker/model.safetensors", "feature_extractor/p.json",
        "image_encoder/model.safetensors", "vae_decoder/model.onnx", "unet/onnx/model.safetensors",
    ]  # fmt: skip
    expected = [
        "model_index.json",
        "scheduler/scheduler_config.json",
        "tokenizer/merges.txt",
        "tokenizer/vocab.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae/config.json",
        "vae/diffusion_pytorch_model.safetensors",
    ]
    assert hub.select_files(files) == expected
    assert set(hub.select_files(files, safety=True)) - set(expected) == {
        "safety_checker/config.json",
        "safety_checker/model.safetensors",
    }
    tiny_files = [
        "README.md",
        "config.json",
        "diffusion_pytorch_model.safetensors",
        "diffusion_pytorch_model.bin",
        "taesd_decoder.safetensors",
    ]
    assert hub.select_files(tiny_files) == ["config.json", "diffusion_pytorch_model.safetensors"]
    assert hub.select_files([diffusers_folder.LORA, "README.md", "image.png"]) == [diffusers_folder.LORA]
    assert hub.select_files(["a.ckpt", "config.json"]) == []
