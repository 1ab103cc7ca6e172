"""Networks that torch compiles: the same pictures, and what happens where it cannot."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.errors import GeneratorError
from avwalk.models import torch_compile
from avwalk.models.torch_compile import Compiled

torch = pytest.importorskip("torch")

ROWS = np.array([5.0, 1.0], np.float32)  # one picture with guidance, one without


@pytest.fixture
def gan() -> Any:
    pytest.importorskip("pytorch_pretrained_biggan")
    from tests.small_biggan import small_biggan

    return small_biggan(classes=10)


@pytest.fixture
def painter(tmp_path: Path) -> Callable[..., Any]:
    """Makes a painter of a small model, compiled or not."""
    pytest.importorskip("diffusers")
    from avwalk.diffusion import load, recipes
    from avwalk.diffusion.painter import Painter
    from avwalk.diffusion.tiers import Placement
    from avwalk.models import store
    from tests.small_diffusion import save_diffusion

    model = store.find(str(save_diffusion(tmp_path / "sd1", "sd1")), "sd")
    recipe = recipes.Recipe("own", "sd1", "ddim", 2, 5.0, 64)
    return lambda **options: Painter(load.load(model, recipe, Placement(**options)), batch=1)


def biggan_pictures(gan: Any, **options: Any) -> np.ndarray:
    """Five pictures in batches of two."""
    from avwalk.generators.biggan.network import Network

    rng = np.random.default_rng(0)
    z = (rng.standard_normal((5, 16)) * 0.5).astype(np.float32)
    weights = rng.dirichlet(np.ones(3), 5).astype(np.float32)
    network = Network(gan, [1, 4, 7], batch=2, **options)
    return network.images(z, weights, np.linspace(0.2, 1, 5))


def painted(painter: Any) -> np.ndarray:
    from avwalk.diffusion import embeddings
    from avwalk.diffusion.conditioning import Conditioning

    text = embeddings.encode(painter.pipeline, ("a red cat", "the sea at night"))
    return np.asarray(painter.paint(Conditioning(text.tokens, ROWS, text.pooled), painter.noise([1, 2], (64, 64)), 2))


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Warnings of the program; torch tells much more."""
    own = [record for record in caplog.records if record.name == "avwalk" and record.levelno == logging.WARNING]
    return [record.getMessage() for record in own]


def broken(graph: Any, inputs: Any) -> None:
    """A backend of torch that cannot do its work."""
    raise RuntimeError("no C++ compiler was found\nand a page more")


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What torch hands to a backend, which leaves it as it is."""
    torch._dynamo.reset()
    seen = []

    def keep(graph: Any, inputs: Any) -> Any:
        seen.append(graph)
        return graph.forward

    monkeypatch.setattr(torch_compile, "BACKEND", keep)
    return seen


def test_what_fails_goes_on_as_it_was_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    calls = []

    def fast(x: Any) -> None:
        calls.append(x)
        raise RuntimeError("\n  no compiler\nmore")

    function = Compiled(fast, lambda: lambda x: 2 * x)
    assert [function(2), function(3)] == [4, 6] and calls == [2]
    assert said(caplog) == [
        "--compile does not work here (no compiler): it goes on without; leave it out, or see to a compiler for torch"
    ]


def test_other_errors_are_not_the_compilers(caplog: pytest.LogCaptureFixture) -> None:
    def full(x: Any) -> None:
        raise RuntimeError("CUDA out of memory")

    def wrong(x: Any) -> None:
        raise GeneratorError("no such picture")

    with pytest.raises(RuntimeError, match="out of memory"):
        Compiled(full, lambda: lambda x: x)(1)
    with pytest.raises(GeneratorError, match="no such picture"):
        Compiled(wrong, lambda: wrong)(1)
    assert not said(caplog)


def test_biggan_is_compiled_for_its_batch_alone(gan: Any, graphs: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    from avwalk.generators.biggan.network import TOLERANCE, Network

    assert Network(gan, [1, 4, 7], compile=True).batch >= 1 and not graphs, "a trial of many sizes compiles nothing"
    pictures = biggan_pictures(gan, compile=True)
    assert len(graphs) == 1 and not said(caplog)
    np.testing.assert_allclose(pictures, biggan_pictures(gan), atol=TOLERANCE, rtol=0)


def test_blocks_of_a_unet_are_compiled(
    painter: Callable[..., Any], graphs: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    fast = painter(compile=True)
    assert fast.choose_batch((64, 64), 2) == 1 and not graphs
    pictures = painted(fast)
    assert graphs and not said(caplog)
    np.testing.assert_allclose(pictures, painted(painter()), atol=1e-4, rtol=0)


def test_without_a_compiler_pictures_are_as_they_were(
    gan: Any, painter: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(torch_compile, "BACKEND", broken)
    torch._dynamo.reset()
    np.testing.assert_array_equal(biggan_pictures(gan, compile=True), biggan_pictures(gan))
    fast = painter(compile=True)
    np.testing.assert_array_equal(painted(fast), painted(painter()))
    assert fast.pipeline.network is fast.pipeline.unet
    assert len(said(caplog)) == 2, "one line for each network"
    for line in said(caplog):
        assert "--compile does not work here" in line and "C++ compiler" in line and "\n" not in line


def test_what_is_moved_about_is_not_compiled(
    painter: Callable[..., Any], graphs: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    from avwalk.diffusion.offload import apply
    from avwalk.diffusion.tiers import Tier

    careful = painter(compile=True, tier=Tier(4, "network", slicing=True, batch=1))
    painted(careful)
    assert not graphs and "--compile does nothing here: one network on the card" in said(caplog)[0]
    fast = painter(compile=True)
    before = painted(fast)
    assert graphs
    apply(fast.pipeline, Tier(4, "network", batch=1))  # memory ran out in the middle
    assert fast.pipeline.network is fast.pipeline.unet
    np.testing.assert_allclose(painted(fast), before, atol=1e-4, rtol=0)


@pytest.mark.slow
def test_pictures_of_the_real_compiler(gan: Any, painter: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    """Two minutes on two cores: C++ for a processor."""
    from avwalk.generators.biggan.network import TOLERANCE

    torch._dynamo.reset()
    np.testing.assert_allclose(biggan_pictures(gan, compile=True), biggan_pictures(gan), atol=TOLERANCE, rtol=0)
    np.testing.assert_allclose(painted(painter(compile=True)), painted(painter()), atol=1e-4, rtol=0)
    assert not said(caplog)
