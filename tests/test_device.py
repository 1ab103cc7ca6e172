import ctypes
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import avwalk
from avwalk import device
from avwalk.errors import GeneratorError, OptionError
from avwalk.registry import choose_device
from avwalk.request.metadata import metadata, stored_options
from avwalk.request.resolve import resolve


def fake_torch(monkeypatch: pytest.MonkeyPatch, *, cuda: bool = False, mps: bool = False, built: bool = True) -> None:
    fake = SimpleNamespace(
        __version__="9.9",
        __spec__=object(),
        cuda=SimpleNamespace(is_available=lambda: cuda),
        backends=SimpleNamespace(
            cuda=SimpleNamespace(is_built=lambda: built), mps=SimpleNamespace(is_available=lambda: mps)
        ),
    )
    monkeypatch.setitem(sys.modules, "torch", fake)


def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)


class Driver:
    """As much of NVIDIA's driver as is asked."""

    def __init__(self, names: Sequence[str] = (), fails: int = 0) -> None:
        self.names, self.fails = names, fails

    def cuInit(self, flags: int) -> int:
        return self.fails

    def cuDeviceGetCount(self, count: Any) -> None:
        count._obj.value = len(self.names)

    def cuDeviceGet(self, handle: Any, k: int) -> None:
        handle._obj.value = k

    def cuDeviceGetName(self, name: Any, size: int, handle: Any) -> None:
        name.value = self.names[handle.value].encode()

    def cuDeviceTotalMem_v2(self, memory: Any, handle: Any) -> None:
        memory._obj.value = 8 << 30


def driver(monkeypatch: pytest.MonkeyPatch, found: Driver | None) -> None:
    def load(name: str) -> Driver:
        if found is None:
            raise OSError(name)
        return found

    monkeypatch.setattr(ctypes, "CDLL", load)


def machine(monkeypatch: pytest.MonkeyPatch, system: str, processor: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: processor)


def test_auto_takes_the_card_that_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    driver(monkeypatch, Driver(["A"]))
    fake_torch(monkeypatch, cuda=True)
    assert device.resolve("auto") == device.resolve("cuda") == "cuda"
    machine(monkeypatch, "darwin", "arm64")
    driver(monkeypatch, None)
    fake_torch(monkeypatch, mps=True)
    assert device.resolve("auto") == device.resolve("mps") == "mps"


def test_auto_is_the_processor_where_anything_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_torch(monkeypatch, cuda=True)
    for found in (None, Driver([]), Driver(["A"], fails=100)):
        driver(monkeypatch, found)
        assert device.resolve("auto") == "cpu"
    driver(monkeypatch, Driver(["A"]))
    fake_torch(monkeypatch, cuda=False)  # a card, but not for this torch
    assert device.resolve("auto") == "cpu"
    no_torch(monkeypatch)
    assert device.resolve("auto") == "cpu"


@pytest.mark.parametrize(
    ("asked", "torch", "why"),
    [
        ("cuda", None, r"pip install 'avwalk\[models\]'"),
        ("cuda", {"built": False}, "built without CUDA"),
        ("cuda", {}, "no CUDA card"),
        ("mps", {}, "no Apple GPU"),
    ],
)
def test_a_device_that_is_not_here_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, asked: str, torch: dict[str, bool] | None, why: str
) -> None:
    no_torch(monkeypatch) if torch is None else fake_torch(monkeypatch, **torch)
    with pytest.raises(GeneratorError, match=rf"device '{asked}' is not here: .*{why}.*device cpu") as caught:
        device.resolve(asked)
    assert "\n" not in str(caught.value)


def test_a_torch_that_does_not_load_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_has_torch", lambda: True)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "cannot be imported" in str(device.problem("cuda"))


def test_generators_of_the_processor_stay_there(monkeypatch: pytest.MonkeyPatch) -> None:
    driver(monkeypatch, Driver(["A"]))
    fake_torch(monkeypatch, cuda=True)
    assert choose_device("auto", "cppn") == "cuda"
    assert choose_device("auto", "testcard") == choose_device("cuda", "testcard") == "cpu"
    fake_torch(monkeypatch)
    with pytest.raises(GeneratorError, match="not here"):
        choose_device("cuda", "testcard")


def test_what_is_here_is_said_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    no_torch(monkeypatch)
    driver(monkeypatch, None)
    machine(monkeypatch, "linux", "x86_64")
    assert device.listed() == "cpu"
    driver(monkeypatch, Driver(["GeForce 9"]))
    assert device.listed() == "cpu, cuda (GeForce 9, 8 GB, needs torch)"
    driver(monkeypatch, None)
    machine(monkeypatch, "darwin", "arm64")
    fake_torch(monkeypatch)
    assert device.listed() == "cpu, mps (Apple GPU)"


def test_auto_does_not_import_torch_where_there_is_no_card() -> None:
    if device.cards() or device._is_apple_silicon():
        pytest.skip("there is a card here")
    code = "import sys; from avwalk.device import resolve; print(resolve('auto'), 'torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["cpu", "False"]


def test_the_device_is_one_of_the_films_inputs(click_song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver(monkeypatch, Driver(["A"]))
    fake_torch(monkeypatch, cuda=True)
    here, there = (resolve(click_song, {"generator": "cppn", "device": name}) for name in ("cpu", "auto"))
    assert here.film.device == here.summary["device"] == "cpu" and there.film.device == "cuda"
    assert "torch" in there.film.versions and "torch" not in here.film.versions
    stored = stored_options(metadata(there), "film.mp4")
    assert stored["device"] == "cuda"
    no_torch(monkeypatch)
    with pytest.raises(GeneratorError, match="device 'cuda' is not here"):
        resolve(click_song, stored)
    assert resolve(click_song, {**stored, "device": "cpu"}).film.device == "cpu"


def test_an_unknown_device_is_refused(click_song: Path) -> None:
    with pytest.raises(OptionError, match=r"device 'cudas'.*did you mean 'cuda'"):
        avwalk.render(click_song, device="cudas")  # type: ignore[arg-type]


def test_a_missing_device_stops_before_anything_is_written(
    click_song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_torch(monkeypatch)
    with pytest.raises(GeneratorError, match="torch is not installed"):
        avwalk.render(click_song, out=tmp_path / "a.mp4", device="cuda")
    assert not any(tmp_path.iterdir())
