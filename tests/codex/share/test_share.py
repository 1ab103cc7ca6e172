"""A codex is shared into a second folder; what comes from elsewhere is checked before anything is written."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from avwalk import presets
from avwalk.codex.folder import CodexFolder
from avwalk.codex.lock import lock_by_hand, read_lock, write_lock
from avwalk.codex.page import page_facts
from avwalk.codex.record import read_record
from avwalk.codex.share import unpack
from avwalk.codex.share.entries import MANIFEST, MAX_THUMBNAIL
from avwalk.codex.share.pack import share
from avwalk.codex.share.unpack import Differs, add, read_shared
from avwalk.errors import AvwalkError, CodexError, OutputError, PresetError
from avwalk.presets.locked import create_locked
from tests.codex.pictures import small_codex

LOCK = lock_by_hand({"prompt": "oil, <SCENE>, gold", "negative": "people"})


@pytest.fixture(autouse=True)
def own_presets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_PRESETS_DIR", str(tmp_path / "presets"))


@pytest.fixture
def codex(tmp_path: Path) -> CodexFolder:
    folder = small_codex(tmp_path / "shore", painter="a1111@http://10.0.0.2:7860?steps=9")
    folder.add_mark("00001.png", "good")
    folder.add_mark("00002.png", "bad")
    write_lock(folder.path, LOCK)
    return folder


def parts(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def repacked(file: Path, files: dict[str, bytes], change: Callable[[dict[str, Any]], None] | None = None) -> Path:
    """A shared codex of other files, with a list that fits them unless it is changed."""
    told = json.loads(files.pop(MANIFEST, b"{}"))
    told["files"] = {k: {"sha256": hashlib.sha256(v).hexdigest(), "bytes": len(v)} for k, v in files.items()}
    if change:
        change(told)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr(MANIFEST, json.dumps(told))
    return file


def test_there_and_back(codex: CodexFolder, tmp_path: Path) -> None:
    create_locked("gilded", LOCK.alone)
    packed = share([codex.path], ["gilded"], tmp_path / "shore.codex")
    added = add(packed.path, tmp_path / "two" / "shore")
    assert set(added.wrote) == set(packed.names)
    there = CodexFolder(added.folder)
    assert there.scenes.read_bytes() == codex.scenes.read_bytes()
    assert there.structure.read_bytes() == codex.structure.read_bytes()
    assert read_lock(there.path) == LOCK and there.read_marks() == codex.read_marks()
    assert there.settings.read_text(encoding="utf-8") == 'painter = "a1111"\nnegative = "people"\n'
    assert page_facts(there)["marks"] == {"00001.png": "good", "00002.png": "bad"}
    small = there.file_of("00001.png")
    assert small.parent.name == "thumbnails"
    assert read_record(small).prompt == read_record(codex.picture(1)).prompt and read_record(small).painter == "a1111"
    values = presets.load(str(there.path / "presets" / "gilded.toml")).values
    assert values.lock == LOCK.alone and values.extends is None
    assert create_locked("theirs", read_lock(there.path).alone).is_file()


def test_equal_codices_give_equal_files(codex: CodexFolder, tmp_path: Path) -> None:
    one, two = (share([codex.path], [], tmp_path / f"{k}.codex").path.read_bytes() for k in (1, 2))
    assert one == two


def test_it_says_nothing_of_this_machine(codex: CodexFolder, tmp_path: Path) -> None:
    for name, data in parts(share([codex.path], [], tmp_path / "x.codex").path).items():
        for word in (b"10.0.0.2", str(tmp_path).encode(), str(Path.home()).encode() + b"/"):
            assert word not in data, name


def test_locks_alone(tmp_path: Path) -> None:
    write_lock(tmp_path / "ink.toml", lock_by_hand({"prompt": "ink, <SCENE>"}))
    write_lock(tmp_path / "oil.toml", LOCK)
    packed = share([tmp_path / "ink.toml", tmp_path / "oil.toml"], [], tmp_path / "mine.codex")
    assert packed.names == ("locks/ink.toml", "locks/oil.toml")
    folder = add(packed.path, tmp_path / "two").folder
    assert read_lock(folder / "locks" / "oil.toml") == LOCK


def test_a_taste_goes_along(codex: CodexFolder, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text('{"version": 1, "marks": []}', encoding="utf-8")
    packed = share([codex.path, tmp_path / "mine.json"], [], tmp_path / "x.codex")
    assert (add(packed.path, tmp_path / "two").folder / "taste.json").read_bytes() == b'{"version": 1, "marks": []}'


def test_adding_twice_changes_nothing_and_what_differs_is_kept(codex: CodexFolder, tmp_path: Path) -> None:
    file = share([codex.path], [], tmp_path / "shore.codex").path
    place = add(file, tmp_path / "two").folder
    again = add(file, place)
    assert not again.wrote and not again.replaced and len(again.same) == len(read_shared(file)[1])
    (place / "scene.csv").write_text("mine", encoding="utf-8")
    (place / "lock.toml").unlink()
    with pytest.raises(Differs, match=r"scene\.csv; .*into") as said:
        add(file, place)
    assert said.value.names == ["scene.csv"] and not (place / "lock.toml").exists()
    forced = add(file, place, force=True)
    assert forced.wrote == ("lock.toml",) and forced.replaced == {"scene.csv": "scene.csv.bak"}
    assert (place / "scene.csv.bak").read_text(encoding="utf-8") == "mine"
    (place / "scene.csv").write_text("mine too", encoding="utf-8")
    assert add(file, place, force=True).replaced == {"scene.csv": "scene.csv.bak2"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("scene.csv", "Scene Description\nas in /home/ana/pictures\n"),
        ("scene.csv", "Scene Description\nC:\\Users\\ana\\x.png\n"),
        ("structure.csv", "Mood\nsk-0123456789abcdefghij\n"),
        ("structure.csv", "Mood\nask ana@example.org\n"),
        ("lock.toml", "prompt = '<SCENE> of https://example.org'\n"),
        ("codex.toml", "negative = '~/private'\n"),
    ],
)
def test_paths_addresses_and_keys_are_not_shared(codex: CodexFolder, name: str, text: str, tmp_path: Path) -> None:
    (codex.path / name).write_text(text, encoding="utf-8")
    with pytest.raises(CodexError, match=f"{name}:[12]: it holds") as said:
        share([codex.path], [], tmp_path / "x.codex")
    assert "sk-0123" not in str(said.value) and not (tmp_path / "x.codex").exists()


def test_what_cannot_be_shared_is_said(codex: CodexFolder, tmp_path: Path) -> None:
    out = tmp_path / "x.codex"
    (tmp_path / "empty").mkdir()
    for places, said in (
        ([codex.path, tmp_path / "empty"], "second codex"),
        ([tmp_path / "empty"], "is no codex"),
        ([tmp_path / "none.toml"], "is not there"),
        ([], "nothing to share"),
    ):
        with pytest.raises(CodexError, match=said):
            share(places, [], out)
    with pytest.raises(PresetError, match="unknown preset"):
        share([codex.path], ["nosuch"], out)
    with pytest.raises(CodexError, match="name it"):
        share([codex.path], [], tmp_path / "x.zip")
    out.write_bytes(b"")
    with pytest.raises(OutputError, match="force"):
        share([codex.path], [], out)


def test_presets_that_belong_to_this_machine_are_not_shared(codex: CodexFolder, tmp_path: Path) -> None:
    folder = tmp_path / "presets"
    folder.mkdir()
    (folder / "far.toml").write_text("extends = 'lsd'\n[restyle]\npainter = 'a1111@http://10.0.0.2:7860'\n")
    (folder / "weights.toml").write_text("extends = 'lsd'\n[sd]\nmodel = '/models/mine'\n")
    (folder / "bend.csv").write_text("time,value\n0,0\n1,1\n")
    (folder / "curved.toml").write_text("extends = 'lsd'\nroutes = ['curve:bend.csv -> camera.zoom +5%']\n")
    for name, said in (("far", "address|where a service"), ("weights", "path of another machine"), ("curved", "curve")):
        with pytest.raises(CodexError, match=said):
            share([codex.path], [name], tmp_path / "x.codex")


@pytest.mark.parametrize(
    "entry",
    [
        "../evil.toml",
        "/etc/evil.toml",
        "presets/../../evil.toml",
        "C:\\evil.toml",
        "presets\\evil.toml",
        "locks/con.toml",
        "locks/.hidden.toml",
        "locks/deep/er.toml",
        "pictures/00000.png",
        "page.html",
        "thumbnails/x.svg",
        "presets/x.py",
        "~/x.toml",
        "locks/",
    ],
)
def test_names_that_leave_or_are_nothing(codex: CodexFolder, entry: str, tmp_path: Path) -> None:
    files = parts(share([codex.path], [], tmp_path / "x.codex").path)
    bad = repacked(tmp_path / "bad.codex", {**files, entry: b"x"})
    with pytest.raises(CodexError, match="nothing was added|cannot be read"):
        add(bad, tmp_path / "two")
    assert not (tmp_path / "two").exists() and not list(tmp_path.glob("evil*"))


def test_a_list_that_lies(codex: CodexFolder, tmp_path: Path) -> None:
    file = share([codex.path], [], tmp_path / "x.codex").path
    two = tmp_path / "two"

    def wrong_hash(told: dict[str, Any]) -> None:
        told["files"]["scene.csv"]["sha256"] = "0" * 64

    def wrong_length(told: dict[str, Any]) -> None:
        told["files"]["scene.csv"]["bytes"] += 1

    def not_there(told: dict[str, Any]) -> None:
        told["files"]["taste.json"] = told["files"]["scene.csv"]

    def unlisted(told: dict[str, Any]) -> None:
        del told["files"]["scene.csv"]

    def name(told: dict[str, Any]) -> None:
        told["name"] = "../two"

    def later(told: dict[str, Any]) -> None:
        told["format"] = 2

    changes = {
        wrong_hash: "sha256",
        wrong_length: "not as long",
        not_there: "but not there",
        unlisted: "not in its list",
        name: "no name of a folder",
        later: "newer avwalk",
    }
    for change, said in changes.items():
        with pytest.raises(CodexError, match=said):
            add(repacked(tmp_path / "bad.codex", parts(file), change), two)
        assert not two.exists()


def test_links_duplicates_and_what_is_encrypted(codex: CodexFolder, tmp_path: Path) -> None:
    files = parts(share([codex.path], [], tmp_path / "x.codex").path)
    link = zipfile.ZipInfo("scene.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    manifest = files.pop(MANIFEST)
    for kind, said in (("link", "is a link"), ("twice", "there twice"), ("case", "there twice"), ("bz2", "not taken")):
        with zipfile.ZipFile(tmp_path / "bad.codex", "w") as archive:
            for name, data in files.items():
                packing = zipfile.ZIP_BZIP2 if kind == "bz2" else zipfile.ZIP_STORED
                if name != "scene.csv" or kind != "link":
                    archive.writestr(name, data, packing)
            if kind == "link":
                archive.writestr(link, files["scene.csv"])
            if kind == "twice":
                with pytest.warns(UserWarning, match="Duplicate"):
                    archive.writestr("scene.csv", files["scene.csv"])
            if kind == "case":
                told = json.loads(manifest)
                data = files["lock.toml"]
                for name in ("locks/a.toml", "locks/A.toml"):
                    told["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
                    archive.writestr(name, data)
            archive.writestr(MANIFEST, json.dumps(told) if kind == "case" else manifest)
        with pytest.raises(CodexError, match=said):
            add(tmp_path / "bad.codex", tmp_path / "two")
    locked = bytearray((tmp_path / "x.codex").read_bytes())
    locked[locked.find(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "bad.codex").write_bytes(locked)
    with pytest.raises(CodexError, match="encrypted"):
        add(tmp_path / "bad.codex", tmp_path / "two")


def test_bombs(codex: CodexFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = parts(share([codex.path], [], tmp_path / "x.codex").path)
    big = repacked(tmp_path / "a.codex", {**files, "taste.json": b"[" * (9 << 20)})
    with pytest.raises(CodexError, match="larger than 8 MiB"):
        add(big, tmp_path / "two")
    picture = repacked(tmp_path / "b.codex", {**files, "thumbnails/9.png": bytes(MAX_THUMBNAIL + 1)})
    with pytest.raises(CodexError, match="larger than 1 MiB"):
        add(picture, tmp_path / "two")

    def honest(told: dict[str, Any]) -> None:
        told["files"]["scene.csv"]["bytes"] = 10

    lying = bytearray(repacked(tmp_path / "c.codex", {**files, "scene.csv": bytes(5 << 20)}, honest).read_bytes())
    at = -1
    while (at := lying.find(b"PK\x01\x02", at + 1)) >= 0:  # the zip's own list says the same
        if lying[at + 46 : at + 55] == b"scene.csv":
            struct.pack_into("<I", lying, at + 24, 10)
    (tmp_path / "c.codex").write_bytes(lying)
    with pytest.raises(CodexError):
        add(tmp_path / "c.codex", tmp_path / "two")
    monkeypatch.setattr(unpack, "MAX_FILES", 5)
    with pytest.raises(CodexError, match="more than 5 files"):
        add(tmp_path / "x.codex", tmp_path / "two")
    assert not (tmp_path / "two").exists()


@pytest.mark.parametrize(
    ("entry", "text", "said"),
    [
        ("presets/x.toml", "extends = '../../secret'", "extends"),
        ("presets/x.toml", "extends = 'lsd'", "extends"),
        ("presets/x.toml", "[upscale]\nmodel = '/models/x.safetensors'", "a path|path of another machine"),
        ("presets/x.toml", "[upscale]\nmodel = '../x.safetensors'", "path of another machine"),
        ("presets/x.toml", "[sd]\nloras = ['../x.safetensors@0.8']", "path of another machine"),
        ("presets/x.toml", "[palette]\nimage = '../x.png'", "path of another machine"),
        ("presets/x.toml", "[restyle]\npainter = 'rest@service'", "where a service is"),
        ("presets/x.toml", "[lock]\nprompt = '<SCENE>'\npainter = 'rest@service'", "names a place"),
        ("presets/x.toml", "nonsense = 1", "unknown key"),
        ("presets/x.toml", "routes = ['curve:x.csv -> camera.zoom +5%']", "curve"),
        ("locks/x.toml", "prompt = '<SCENE>'\npicture = 'a/b.png'", "names a folder"),
        ("codex.toml", "painter = 'comfyui@10.0.0.2'", "says where a painter is"),
        ("codex.toml", "painter = 'worlds,rest@service'", "says where a painter is"),
        ("codex.toml", "script = 'x.py'", "unknown option 'script'"),
        ("taste.json", "[1]", "no table"),
        ("taste.json", "{", "taste.json"),
        ("scene.csv", "Scene Description\n\\\\server\\share", "a path"),
    ],
)
def test_contents_that_name_another_machine(
    codex: CodexFolder, entry: str, text: str, said: str, tmp_path: Path
) -> None:
    files = parts(share([codex.path], [], tmp_path / "x.codex").path)
    bad = repacked(tmp_path / "bad.codex", {**files, entry: text.encode()})
    with pytest.raises(CodexError, match=said):
        add(bad, tmp_path / "two")
    assert not (tmp_path / "two").exists()


def test_small_pictures_that_are_none(codex: CodexFolder, tmp_path: Path) -> None:
    files = parts(share([codex.path], [], tmp_path / "x.codex").path)
    whole = files["thumbnails/00000.png"]
    for data in (b"x", whole[:-20], io.BytesIO(whole).read().replace(b"a1111", b"a@/tm"), b"<svg onload=x>"):
        bad = repacked(tmp_path / "bad.codex", {**files, "thumbnails/00000.png": data})
        with pytest.raises(CodexError, match=r"00000\.png"):
            add(bad, tmp_path / "two")


@pytest.mark.parametrize("data", [b"", b"x" * 100, b"PK\x05\x06" + bytes(18), b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_archive(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.codex").write_bytes(data)
    with pytest.raises(CodexError):
        add(tmp_path / "x.codex", tmp_path / "two")
    with pytest.raises(CodexError, match="is not there"):
        add(tmp_path / "none.codex", tmp_path / "two")


def test_a_link_on_this_disk_does_not_lead_out(codex: CodexFolder, tmp_path: Path) -> None:
    file = share([codex.path], [], tmp_path / "x.codex").path
    outside, two = tmp_path / "outside", tmp_path / "two"
    outside.mkdir()
    two.mkdir()
    try:
        (two / "thumbnails").symlink_to(outside, target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    with pytest.raises(AvwalkError, match="link"):
        add(file, two)
    assert not list(outside.iterdir()) and not (two / "scene.csv").exists()
