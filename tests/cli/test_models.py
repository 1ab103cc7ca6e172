from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from avwalk.settings import settings
from tests.cli.test_bad_input import run
from tests.pictures import read


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_MODEL_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()


def test_list_says_size_licence_and_what_to_do(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "models", "list")
    lines = out.splitlines()
    assert code == 0 and [line.split()[0] for line in lines[:3]] == [f"biggan-deep-{n}" for n in (128, 256, 512)]
    assert "512 px" in lines[2] and "236 MB" in lines[2] and "Apache-2.0" in lines[2]
    assert "avwalk models pull biggan-deep-512" in lines[2] or "pip install 'avwalk[models]'" in lines[2]
    assert lines[-1].startswith("devices: cpu")
    rows = json.loads(run(capfd, "models", "list", "--json")[1])
    assert rows[0]["name"] == "biggan-deep-128" and rows[0]["where"] == ""


def test_too_little_memory_is_said(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from avwalk.models import requirements, status

    monkeypatch.setattr(requirements, "problem", lambda: None)
    monkeypatch.setattr(status, "total_memory", lambda: 10**9)
    lines = run(capfd, "models", "list")[1].splitlines()
    assert "not here: avwalk models pull" in lines[0]
    assert "not usable here: it needs 1320 MB of memory, this machine has 1000 MB" in lines[2]


def test_this_machine_tells_its_memory() -> None:
    from avwalk.models.status import total_memory

    assert (total_memory() or 0) > 100e6


def test_classes(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capfd, "models", "classes")
    assert code == 0 and len(out.splitlines()) == 1000 and err == ""
    code, out, err = run(capfd, "models", "classes", "--search", "crane")
    assert [line.split() for line in out.splitlines()] == [
        ["134", "crane", "(wading", "bird)"],
        ["517", "crane", "(lifting", "device)"],
    ]
    assert "'crane' alone means 134" in err
    rows = json.loads(run(capfd, "models", "classes", "--search", "bird", "--json")[1])
    assert {"index": 15, "name": "robin", "synonyms": ["American robin", "Turdus migratorius"]} in rows
    code, _, err = run(capfd, "models", "classes", "--search", "mushrom")
    assert code == 1 and "did you mean 'mushroom'" in err
    assert run(capfd, "models", "classes", "--search", "qqqq")[0] == 1


def test_doctor_says_which_models_are_here() -> None:
    from avwalk.cli.doctor import _models

    assert _models() == "none; BigGAN needs weights: avwalk models pull biggan-deep-256"


def test_check_draws_a_picture(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("pytorch_pretrained_biggan")

    from tests.small_biggan import save_biggan, small_biggan

    folder = save_biggan(tmp_path / "mine")
    code, out, err = run(capfd, "models", "check", str(folder), "--seed", "5", "--out", str(tmp_path / "a.png"))
    assert code == 0, err
    assert "all there, of the right size and finite" in out and "draws 64 × 64 pixels" in out
    picture = read(tmp_path / "a.png")
    assert picture.shape == (64, 64, 3) and picture.std() > 5
    run(capfd, "models", "check", str(folder), "--seed", "6", "--out", str(tmp_path / "b.png"))
    assert np.abs(read(tmp_path / "b.png").astype(float) - picture).mean() > 1
    from avwalk.cli.doctor import _models

    assert _models() == "mine"
    rows = json.loads(run(capfd, "models", "list", "--json")[1])
    assert rows[-1]["name"] == "mine" and rows[-1]["resolution"] == 64 and rows[-1]["problem"] is None

    black = small_biggan()
    black.generator.conv_to_rgb.weight_orig.data[:3] = 0
    black.generator.conv_to_rgb.bias.data.fill_(-50)
    for value, said in ((-50, "black"), (0.2, "one shade, 0.60")):
        black.generator.conv_to_rgb.bias.data.fill_(value)
        code, _, err = run(capfd, "models", "check", str(save_biggan(tmp_path / f"{value}", gan=black)))
        assert code == 1 and said in err and len(err.splitlines()) == 1


def test_a_changed_entry_is_noticed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("pytorch_pretrained_biggan")
    from avwalk.models import store
    from tests.small_biggan import save_biggan

    model = store.find(str(save_biggan(tmp_path / "mine")))
    path = model.folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    code, _, err = run(capfd, "models", "check", str(tmp_path / "mine"))
    assert code == 1 and "pull it again" in err  # the middle of a long line is left out


def test_pull_is_one_line_when_it_fails(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, "models", "pull", "biggan-deep-265")
    assert code == 1 and err.count("\n") == 1 and "did you mean 'biggan-deep-256'" in err
    code, _, err = run(capfd, "models", "pull", "biggan-deep-256", "--from", str(tmp_path / "nowhere"))
    assert code == 1 and err.count("\n") == 1


def test_pull_from_a_folder_says_where_it_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("pytorch_pretrained_biggan")
    from avwalk.models import biggan_config
    from tests.small_biggan import save_biggan, small_biggan, small_config

    published = biggan_config.published(128)
    config = small_config(layers=published["layers"], attention=published["attention_layer_position"])
    file = save_biggan(tmp_path / "in", "mmlab", gan=small_biggan(config=config))
    code, out, err = run(capfd, "models", "pull", "biggan-deep-128", "--from", str(file))
    assert code == 0, err
    assert str(tmp_path / "cache" / "biggan") in out and "sha256 " in out
    assert "statistics of one truncation" in err
    assert "biggan-deep-128" in run(capfd, "models", "list")[1].splitlines()[0]
    assert run(capfd, "models", "check", "biggan-deep-128")[0] == 0


@pytest.mark.parametrize(("name", "told"), [("biggan-deep-128", True), ("biggan-deep-256", False), ("taesd", False)])
def test_pull_says_where_no_checksum_is_known(
    name: str, told: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from avwalk.models import pull, store

    model = store.Model(name, "biggan", "ab" * 32, tmp_path)
    monkeypatch.setattr(pull, "pull", lambda *args, **options: model)
    monkeypatch.setattr(store, "card", lambda model: {"source_format": "pickle"})
    code, out, err = run(capfd, "models", "pull", name)
    assert code == 0 and "abab" in out
    assert ("no checksum of it is published" in err) == told


def test_check_draws_with_a_diffusion_model(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("diffusers")

    from tests.small_diffusion import save_diffusion, save_lora, save_tiny_vae

    folder = save_diffusion(tmp_path / "mine")
    capfd.readouterr()
    code, out, err = run(capfd, "models", "check", str(folder), "--seed", "5", "--out", str(tmp_path / "a.png"))
    assert code == 0, err
    assert "pipeline, sha256" in out and "all finite" in out and "draws 64 × 64 pixels with sd15 in 8 steps" in out
    picture = read(tmp_path / "a.png")
    assert picture.shape == (64, 64, 3) and picture.std() > 5
    for path, part in ((save_tiny_vae(tmp_path / "tiny"), "vae"), (save_lora(tmp_path / "l.safetensors"), "lora")):
        code, out, err = run(capfd, "models", "check", str(path))
        assert code == 0 and f"{part}, sha256" in out and " pixels" not in out, err
    rows = {row["name"]: row for row in json.loads(run(capfd, "models", "list", "--json")[1])}
    assert rows["mine"]["resolution"] == 64 and rows["mine"]["problem"] is None and rows["tiny"]["resolution"] == 0
    (tmp_path / "old.ckpt").write_bytes(b"PK\x03\x04")
    code, _, err = run(capfd, "models", "check", str(tmp_path / "old.ckpt"))
    assert code == 1 and "is a pickle" in err and err.count("\n") == 1


def test_doctor_says_what_a_card_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from avwalk.cli.doctor import _diffusion
    from avwalk.device import Card
    from avwalk.diffusion import tiers
    from avwalk.models import requirements

    monkeypatch.setattr(requirements, "diffusion_problem", lambda: None)
    monkeypatch.setattr(tiers, "cards", lambda: [Card("a card", 8 << 30)])
    assert _diffusion().startswith("SD 8 GB: the autoencoder in slices, at most 4 at once; SDXL 8 GB: ")
    monkeypatch.setattr(requirements, "diffusion_problem", lambda: "diffusers is not installed")
    assert _diffusion() == "diffusers is not installed"
