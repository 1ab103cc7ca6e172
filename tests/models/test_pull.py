from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("pytorch_pretrained_biggan")
pytest.importorskip("requests")

from avwalk.errors import ModelError, OptionError  # noqa: E402
from avwalk.models import biggan_config, catalogue, pull, store  # noqa: E402
from avwalk.models.catalogue import CATALOGUE, Source  # noqa: E402
from avwalk.settings import settings  # noqa: E402
from tests.models.web_server import Web, web  # noqa: E402
from tests.small_biggan import save_biggan, small_biggan, small_config  # noqa: E402

NAME = "biggan-deep-128"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("AVWALK_MODEL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "*")
    settings.cache_clear()
    yield tmp_path / "cache"
    settings.cache_clear()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A narrow network with the layers of the published 128, as it lies on the servers."""
    published = biggan_config.published(128)
    config = small_config(layers=published["layers"], attention=published["attention_layer_position"])
    gan = small_biggan(seed=3, config=config)
    folder = tmp_path_factory.mktemp("served")
    save_biggan(folder, gan=gan)
    mirrored = save_biggan(folder / "mirror", "mmlab", gan=gan)
    return {
        f"/{NAME}-pytorch_model.bin": (folder / "pytorch_model.bin").read_bytes(),
        f"/{NAME}-config.json": (folder / "config.json").read_bytes(),
        f"/{mirrored.name}": mirrored.read_bytes(),
    }


@pytest.fixture
def server(files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with web(files=dict(files)) as state:
        mirror = next(path for path in files if path.endswith(".pth"))
        sources = (
            Source(f"{state.address}/{NAME}-pytorch_model.bin"),
            Source(f"{state.address}{mirror}", sha256=pull.sha256_digits(mirror)),
        )
        monkeypatch.setitem(catalogue.CATALOGUE, NAME, CATALOGUE[NAME]._replace(sources=sources))
        yield state


def test_a_name_is_fetched_once_and_found_from_then_on(server: Web, cache: Path) -> None:
    server.breaks[:] = [1 << 20]
    seen = []
    model = pull.pull(NAME, progress=lambda done, total: seen.append((done, total)), waits=0)
    assert model.name == NAME and store.find(NAME) == model == store.by_sha(model.sha256)
    card = store.card(model)
    assert card["licence"] == "Apache-2.0" and card["pulled"] and card["source_format"] == "pickle"
    assert model.sha256 == hashlib.sha256(server.files[f"/{NAME}-pytorch_model.bin"]).hexdigest()
    assert seen and [asked for _, asked in server.asked] == ["", f"bytes={1 << 20}-"]
    assert not list((cache / "downloads").rglob("*"))


def test_the_mirrors_file_name_is_a_checksum(server: Web) -> None:
    model = pull.pull(NAME, "mirror")
    assert store.card(model)["source_format"] == "openmmlab" and store.find(NAME) == model
    mirror = next(path for path in server.files if path.endswith(".pth"))
    server.files[mirror] = server.files[mirror][:-1] + b"x"
    with pytest.raises(ModelError, match="refused and removed"):
        pull.pull(NAME, f"{server.address}{mirror}")


def test_the_one_pulled_last_has_the_name(server: Web) -> None:
    first = pull.pull(NAME)
    second = pull.pull(NAME, "mirror")
    assert store.find(NAME) == second != first
    assert pull.pull(NAME) == store.find(NAME) == first
    assert {model.sha256 for model in store.here()} == {first.sha256, second.sha256}


def test_a_wrong_sha256_is_refused_and_nothing_is_kept(server: Web, cache: Path) -> None:
    with pytest.raises(ModelError, match="not 0123456789abcdef"):
        pull.pull(NAME, sha256="0123456789abcdef")
    assert store.here() == [] and not list((cache / "downloads").rglob("*.bin*[!k]"))
    right = hashlib.sha256(server.files[f"/{NAME}-pytorch_model.bin"]).hexdigest()
    assert pull.pull(NAME, sha256=right.upper()[:12]).sha256 == right


def test_from_a_folder_and_a_file(tmp_path: Path, files: dict[str, bytes], server: Web) -> None:
    folder = tmp_path / "copied"
    folder.mkdir()
    for name in (f"{NAME}-pytorch_model.bin", f"{NAME}-config.json"):
        (folder / name).write_bytes(files[f"/{name}"])
    model = pull.pull(NAME, str(folder))
    assert store.find(NAME) == model and model.name == NAME
    assert pull.pull(NAME, str(folder / f"{NAME}-pytorch_model.bin")) == model
    assert server.asked == []
    with pytest.raises(ModelError, match="has sha256"):
        pull.pull(NAME, str(folder), sha256="00000000")


def test_a_model_of_another_resolution_does_not_get_the_name(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="draws 64 pixels, biggan-deep-128 128; .*model"):
        pull.pull(NAME, str(save_biggan(tmp_path / "small")))
    with pytest.raises(ModelError, match="not here"):
        store.find(NAME)


def test_a_page_instead_of_weights(server: Web, cache: Path) -> None:
    server.files[f"/{NAME}-pytorch_model.bin"] = b"<html>please log in</html>"
    with pytest.raises(ModelError, match="is no file of weights"):
        pull.pull(NAME)
    assert store.here() == [] and not list((cache / "downloads").rglob("*.bin"))


def test_what_is_not_there(server: Web) -> None:
    server.files.clear()
    with pytest.raises(ModelError, match="answers 404 Not Found; try another source: from URL"):
        pull.pull(NAME, waits=0)


@pytest.mark.parametrize(
    ("name", "source", "sha256", "says"),
    [
        ("biggan-deep-265", "", "", "did you mean 'biggan-deep-256'"),
        (NAME, "nowhere", "", "is not there"),
        (NAME, "hf:owner", "", "write hf:owner/name"),
        (NAME, "", "12", "first 8 digits"),
        (NAME, "", "xyzxyzxyz", "hexadecimal"),
    ],
)
def test_options_that_are_none(name: str, source: Any, sha256: Any, says: str) -> None:
    with pytest.raises(OptionError, match=says):
        pull.pull(name, source, sha256=sha256)


def test_the_hub(server: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "_HUB", server.address)
    at = "/some.one/Big_GAN-128/resolve/main"
    server.files[f"{at}/pytorch_model.bin"] = server.files[f"/{NAME}-pytorch_model.bin"]
    server.files[f"{at}/config.json"] = server.files[f"/{NAME}-config.json"]
    assert pull.pull(NAME, "hf:some.one/Big_GAN-128") == store.find(NAME)
    assert [path for path, _ in server.asked] == [f"{at}/pytorch_model.bin", f"{at}/config.json"]


def test_a_list_that_names_the_checksum_of_the_256_saw_its_config() -> None:
    """The list's sha256 of the config is that of what the package writes: its other line is to be believed as well."""
    text = json.dumps(biggan_config.published(256), indent=2, sort_keys=True) + "\n"
    listed = "edd106f65ff28ee1638491a978cfa6bc50dfa0344aab70749a7b8eb08bbec677"
    assert hashlib.sha256(text.encode()).hexdigest() == listed and len(text) == 715


def test_what_the_catalogue_names_is_refused_if_it_is_another(server: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = catalogue.CATALOGUE[NAME]
    first = entry.sources[0]._replace(sha256="5" * 64)
    monkeypatch.setitem(catalogue.CATALOGUE, NAME, entry._replace(sources=(first, *entry.sources[1:])))
    with pytest.raises(ModelError, match="not 5555555555555555…: refused and removed"):
        pull.pull(NAME)


def test_the_catalogue_says_what_the_layouts_say() -> None:
    for name, entry in ((name, entry) for name, entry in CATALOGUE.items() if entry.kind == "biggan"):
        shapes = biggan_config.shapes_of(biggan_config.published(entry.resolution)).values()
        assert entry.megabytes == round(4 * sum(torch.Size(shape).numel() for shape in shapes) / 1e6), name
        assert name.endswith(str(entry.resolution)) and entry.memory > entry.megabytes
        original, mirror = entry.sources
        assert not original.config and len(original.sha256) == (64 if entry.resolution == 256 else 0)
        assert mirror.sha256 == pull.sha256_digits(mirror.weights) != ""
        assert all(source.weights.startswith("https://") for source in entry.sources)
        assert json.dumps(entry)
