"""Models of diffusers, known by what is in them: no torch is needed for that."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from avwalk.errors import ModelError
from avwalk.models import diffusers_folder, store
from avwalk.models.weights import sha256_of
from tests.spies import noting


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from avwalk.settings import settings

    monkeypatch.setenv("AVWALK_MODEL_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()
    return tmp_path / "cache"


def safetensors(path: Path, names: Sequence[str] = ("conv_in.weight",), numbers: Sequence[float] = (1.0,)) -> Path:
    """A file as the format says: length of the header, header, numbers."""
    data = struct.pack(f"<{len(numbers)}f", *numbers)
    shape = {"dtype": "F32", "shape": [len(numbers)], "data_offsets": [0, len(data)]}
    header = json.dumps(dict.fromkeys(names, shape)).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)
    return path


def folder(path: Path, kind: str = "StableDiffusionPipeline", **parts: str) -> Path:
    """A pipeline's folder with a UNet and a text encoder of one number each."""
    index: dict[str, Any] = {
        "_class_name": kind,
        "unet": ["diffusers", "UNet2DConditionModel"],
        "safety_checker": ["a", "B"],
    }
    index |= {"text_encoder": ["transformers", "CLIPTextModel"], "image_encoder": [None, None]}
    safetensors(path / "unet" / "diffusion_pytorch_model.safetensors")
    safetensors(path / "text_encoder" / "model.safetensors")
    safetensors(path / "safety_checker" / "model.safetensors")
    (path / "unet" / "config.json").write_text(json.dumps({"sample_size": 64} | parts))
    (path / "text_encoder" / "config.json").write_text(json.dumps({"hidden_act": "quick_gelu"} | parts))
    (path / "model_index.json").write_text(json.dumps(index))
    return path


def test_a_folder_stays_where_it_is_and_is_found_by_its_sha256(tmp_path: Path, cache: Path) -> None:
    model = store.find(str(folder(tmp_path / "mine")), "sd")
    assert (model.name, model.kind, model.folder) == ("mine", "sd", tmp_path / "mine")
    assert store.by_sha(model.sha256) == model and store.find(model.sha256, "sd") == model
    assert store.here() == [model] and store.card(model)["part"] == "pipeline"
    assert store.kind_of(str(model.folder)) == store.kind_of(model.sha256) == "sd"
    assert sum(file.stat().st_size for file in cache.rglob("*") if file.is_file()) < 5000


def test_the_sha256_is_that_of_names_and_contents(tmp_path: Path) -> None:
    import hashlib

    path = folder(tmp_path / "one")
    names = [
        "model_index.json",
        "text_encoder/config.json",
        "text_encoder/model.safetensors",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
    ]
    lines = "".join(f"{name}\0{sha256_of(path / name)}\n" for name in names)
    one = store.find(str(path), "sd").sha256
    assert one == hashlib.sha256(lines.encode()).hexdigest()
    assert store.find(str(folder(tmp_path / "two")), "sd").sha256 == one
    safetensors(tmp_path / "two" / "unet" / "diffusion_pytorch_model.safetensors", numbers=(2.0,))
    assert store.find(str(tmp_path / "two"), "sd").sha256 != one


def test_files_are_read_once_while_size_and_time_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder(tmp_path / "mine")
    read: list[str] = []
    monkeypatch.setattr(diffusers_folder, "sha256_of", noting(lambda file: read.append(file.name), sha256_of))
    first = store.find(str(path), "sd")
    assert len(read) == 5
    read.clear()
    assert store.find(str(path), "sd") == first and store.by_sha(first.sha256) == first and read == []
    unet = path / "unet" / "diffusion_pytorch_model.safetensors"
    os.utime(unet, (1, 1))
    assert store.find(str(path), "sd") == first and read == [unet.name]
    read.clear()
    assert diffusers_folder.unchanged(store.card(first), anew=True) and len(read) == 5


def test_a_folder_that_changed_is_noticed(tmp_path: Path) -> None:
    path = folder(tmp_path / "mine")
    model = store.find(str(path), "sd")
    safetensors(path / "unet" / "diffusion_pytorch_model.safetensors", numbers=(1.0, 2.0))
    with pytest.raises(ModelError, match="has changed since"):
        store.by_sha(model.sha256)
    (path / "model_index.json").unlink()
    with pytest.raises(ModelError, match="has changed since"):
        store.by_sha(model.sha256)


def test_a_copy_of_what_was_pulled_does_not_take_its_place(tmp_path: Path) -> None:
    import shutil

    pulled = store.named(store.find(str(folder(tmp_path / "pulled")), "sd"), "sd15", "open")
    assert store.find(str(shutil.copytree(pulled.folder, tmp_path / "copy")), "sd") == pulled
    assert store.find("sd15", "sd") == pulled
    shutil.rmtree(pulled.folder)
    moved = store.find(str(tmp_path / "copy"), "sd")
    assert (moved.name, moved.folder) == ("sd15", tmp_path / "copy")


def test_a_model_without_a_name_has_that_of_its_folder(tmp_path: Path) -> None:
    assert store.find(str(folder(tmp_path / "one")), "sd").name == "one"
    assert store.find(str(folder(tmp_path / "my-turbo")), "sd").name == "my-turbo"


def test_a_broken_folder_is_listed_with_what_is_wrong(tmp_path: Path) -> None:
    from avwalk.models.status import rows

    path = folder(tmp_path / "mine")
    store.find(str(path), "sd")
    (path / "unet" / "diffusion_pytorch_model.safetensors").rename(path / "unet" / "x.bin")
    row = next(row for row in rows() if row.name == "mine")
    assert "is a pickle" in (row.problem or "")


def test_what_is_not_loaded_does_not_count(tmp_path: Path) -> None:
    path = folder(tmp_path / "mine")
    before = store.find(str(path), "sd").sha256
    safetensors(path / "safety_checker" / "model.safetensors", numbers=(3.0,))
    safetensors(path / "v1-5-pruned.safetensors", ["model.diffusion_model.x"])
    safetensors(path / "unet" / "diffusion_pytorch_model.fp16.safetensors")
    (path / "README.md").write_text("about")
    (path / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"pickle")
    assert store.find(str(path), "sd").sha256 == before


def test_half_precision_where_there_is_nothing_else(tmp_path: Path) -> None:
    path = folder(tmp_path / "mine")
    assert diffusers_folder.variant(path) is None
    for file in path.rglob("*.safetensors"):
        file.rename(file.with_name(file.name.replace(".safetensors", ".fp16.safetensors")))
    assert diffusers_folder.variant(path) == "fp16"
    assert "unet/diffusion_pytorch_model.fp16.safetensors" in diffusers_folder.loaded_files(path)
    safetensors(path / "text_encoder" / "model.safetensors")  # one in full does not change what the others are
    assert diffusers_folder.variant(
        path
    ) == "fp16" and "text_encoder/model.fp16.safetensors" in diffusers_folder.loaded_files(path)


@pytest.mark.parametrize(
    ("kind", "parts", "base"),
    [
        ("StableDiffusionPipeline", {}, "sd1"),
        ("StableDiffusionImg2ImgPipeline", {}, "sd1"),
        ("LatentConsistencyModelPipeline", {}, "sd1"),
        ("StableDiffusionPipeline", {"hidden_act": "gelu"}, "sd2"),
        ("StableDiffusionPipeline", {"use_linear_projection": True}, "sd2"),
        ("StableDiffusionXLPipeline", {}, "sdxl"),
    ],
)
def test_families(tmp_path: Path, kind: str, parts: dict[str, Any], base: str) -> None:
    assert diffusers_folder.base_of(folder(tmp_path / "x", kind, **parts)) == base


def test_another_family_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is a FluxPipeline"):
        diffusers_folder.base_of(folder(tmp_path / "x", "FluxPipeline"))


@pytest.mark.parametrize(
    ("names", "part", "base"),
    [
        (["model.diffusion_model.x", "cond_stage_model.transformer.y"], "single", "sd1"),
        (["model.diffusion_model.x", "cond_stage_model.model.y"], "single", "sd2"),
        (["model.diffusion_model.x", "conditioner.embedders.1.model.y"], "single", "sdxl"),
        (["lora_unet_down.lora_up.weight"], "lora", "sd1"),
        (["unet.mid_block.to_q.lora_A.weight"], "lora", "sd1"),
    ],
)
def test_single_files_are_told_apart_by_their_tensors(tmp_path: Path, names: list[Any], part: str, base: str) -> None:
    path = safetensors(tmp_path / "x.safetensors", names)
    assert diffusers_folder.part_of(path) == part and diffusers_folder.base_of(path) == base


def test_configs_beside_a_single_file_count(tmp_path: Path) -> None:
    path = safetensors(tmp_path / "x.safetensors", ["model.diffusion_model.x"])
    alone = store.find(str(path), "sd")
    assert store.card(alone)["config"] is None
    configs = folder(tmp_path / "x")
    model = store.find(str(path), "sd")
    assert store.card(model)["config"] == str(configs) and model.sha256 != alone.sha256
    (configs / "unet" / "config.json").write_text(json.dumps({"sample_size": 96}))
    assert store.find(str(path), "sd").sha256 != model.sha256


def test_parts_in_folders_of_their_own(tmp_path: Path) -> None:
    for kind, part in (("AutoencoderTiny", "vae"), ("AutoencoderKL", "vae"), ("ControlNetModel", "controlnet")):
        path = safetensors(tmp_path / kind / "diffusion_pytorch_model.safetensors").parent
        (path / "config.json").write_text(json.dumps({"_class_name": kind}))
        assert diffusers_folder.part_of(path) == part
        assert sorted(diffusers_folder.loaded_files(path)) == ["config.json", "diffusion_pytorch_model.safetensors"]
    lora = safetensors(tmp_path / "lora" / diffusers_folder.LORA, ["unet.lora_A"]).parent
    assert diffusers_folder.part_of(lora) == "lora" and list(diffusers_folder.loaded_files(lora)) == [
        diffusers_folder.LORA
    ]


@pytest.mark.parametrize("name", ["x.ckpt", "x.bin", "x.pt", "x.pth"])
def test_pickles_are_refused_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match="is a pickle, which could run code: refused") as error:
        store.find(str(tmp_path / name), "sd")
    assert "\n" not in str(error.value)


def test_what_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.safetensors").write_bytes(b"\xff" * 40)
    safetensors(tmp_path / "y.safetensors", ["layer.weight"])
    for name, said in (("empty", "no model of diffusers"), ("x.safetensors", "is broken"), ("y.safetensors", "'layer")):
        with pytest.raises(ModelError, match=said):
            store.find(str(tmp_path / name), "sd")
    with pytest.raises(ModelError, match="avwalk models pull owner/name"):
        store.find("owner/name", "sd")
    with pytest.raises(ModelError, match="did you mean 'sd-turbo'"):
        store.find("sd-turbo2", "sd")
    with pytest.raises(
        ModelError, match=r"'sd15-lcm' is not here; get it with: avwalk models pull sd15-lcm \(about 22"
    ):
        store.find("sd15-lcm", "sd")


def test_a_biggan_is_none_of_these(tmp_path: Path) -> None:
    path = safetensors(tmp_path / "gan" / "model.safetensors", ["generator.layers.0"]).parent
    (path / "config.json").write_text("{}")
    assert store.kind_of(str(path)) == "biggan" and store.kind_of("biggan-deep-256") == "biggan"
    assert store.kind_of("sd-turbo") == store.kind_of("sd15-lcm") == store.kind_of("taesd") == "sd"
