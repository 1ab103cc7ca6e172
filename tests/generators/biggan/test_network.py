import copy
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from avwalk.errors import FailedPicture, GeneratorError
from avwalk.generators.biggan import layers
from avwalk.generators.biggan.folding import blended, classic_rows_of, rows_of, weight_of
from avwalk.generators.biggan.layers import Layers
from avwalk.generators.biggan.network import HALF_TOLERANCE, TOLERANCE, Network, half_in_range, thread_pool
from tests.spies import noting

torch = pytest.importorskip("torch")
package = pytest.importorskip("pytorch_pretrained_biggan.model")

from tests.small_biggan import small_biggan  # noqa: E402

CLASSES = [1, 4, 7]


@pytest.fixture(scope="module")
def gan() -> Any:
    return small_biggan(classes=10)


def asked(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """z, class weights that sum to 1, truncations on the grid."""
    rng = np.random.default_rng(seed)
    truncation = np.round(rng.uniform(0.1, 1, n) * 50) / 50
    z = (rng.standard_normal((n, 16)) * 0.5).astype(np.float32)
    weights = rng.dirichlet(np.ones(len(CLASSES)), n).astype(np.float32)
    return z, weights, truncation.astype(np.float32)


def by_the_package(
    gan: Any, z: np.ndarray, weights: np.ndarray, truncation: Any, classes: Sequence[int] = CLASSES
) -> np.ndarray:
    """The package's own forward pass, a row at a time, as pictures."""
    vector = np.zeros((len(z), gan.config.num_classes), np.float32)
    np.add.at(vector, (slice(None), list(classes)), weights)  # type: ignore[arg-type]  # numpy names no slices there
    with torch.no_grad():
        rows = [
            gan(torch.from_numpy(z[k : k + 1]), torch.from_numpy(vector[k : k + 1]), float(str(truncation[k])))
            for k in range(len(z))
        ]
    return np.asarray((torch.cat(rows).permute(0, 2, 3, 1).numpy() + 1) / 2)


# ---- the same function as the package's


@pytest.mark.parametrize("large", [8, 64, 1000])  # from where on pictures are drawn one by one
@pytest.mark.parametrize("n", [1, 2, 5])
def test_pictures_are_those_of_the_package(gan: Any, monkeypatch: pytest.MonkeyPatch, n: int, large: int) -> None:
    monkeypatch.setattr(layers, "LARGE", large)
    z, weights, truncation = asked(n)
    truncation[:] = 0.5  # a row that the package finds
    drawn = Network(gan, CLASSES, batch=2).images(z, weights, truncation)
    assert drawn.shape == (n, 64, 64, 3) and drawn.dtype == np.float32 and drawn.min() >= 0 and drawn.max() <= 1
    assert drawn.std() > 0.1
    np.testing.assert_allclose(drawn, by_the_package(gan, z, weights, truncation), atol=TOLERANCE, rtol=0)


def test_classic_is_the_package_at_every_truncation(gan: Any) -> None:
    truncation = np.array([0.02, 0.14, 0.28, 0.433, 0.56, 0.58, 0.751, 0.94, 1.0], np.float32)
    z, weights, _ = asked(len(truncation))
    wanted = by_the_package(gan, z, weights, truncation)
    classic = Network(gan, CLASSES, batch=4, classic=True).images(z, weights, truncation)
    corrected = Network(gan, CLASSES, batch=4).images(z, weights, truncation)
    np.testing.assert_allclose(classic, wanted, atol=TOLERANCE, rtol=0)
    wrong = np.abs(corrected - wanted).max((1, 2, 3)) > 10 * TOLERANCE
    np.testing.assert_array_equal(wrong, [False, True, True, True, True, True, True, True, False])


def test_spectral_norms_are_divided_out_to_the_bit(gan: Any) -> None:
    own, folded = copy.deepcopy(gan), copy.deepcopy(gan)
    z, weights, _ = asked(1)
    by_the_package(own, z, weights, [0.5])  # leaves the weights that it used
    layers = [name for name, module in gan.named_modules() if hasattr(module, "weight_orig")]
    assert len(layers) == 1 + 6 * (4 + 8) + 4 + 1
    for name in layers:
        torch.nn.utils.remove_spectral_norm(folded.get_submodule(name))
        weight = weight_of(gan.get_submodule(name))
        assert torch.equal(weight, own.get_submodule(name).weight)
        assert torch.equal(weight, folded.get_submodule(name).weight)
    before, after = (by_the_package(g, z, weights, [0.5]) for g in (gan, folded))
    np.testing.assert_array_equal(before, after)


def test_the_gan_is_left_as_it_was(gan: Any) -> None:
    before = {name: value.clone() for name, value in gan.state_dict().items()}
    Network(gan, CLASSES, batch=1).images(*asked(1))
    assert all(torch.equal(value, before[name]) for name, value in gan.state_dict().items())


@pytest.mark.parametrize("shape", [(2, 5, 7), (1, 64, 64)])  # the second folds norms into weights
@pytest.mark.parametrize("kind", ["UpsampleConv", "SpatialConv", "PointwiseConv"])
def test_convolutions_behind_a_norm(gan: Any, shape: Any, kind: str) -> None:
    conv = gan.generator.layers[1].conv_0 if kind == "PointwiseConv" else gan.generator.layers[1].conv_1
    x = torch.randn(*shape, conv.in_channels)
    scale, shift = torch.randn(2, shape[0], conv.out_channels)
    with torch.no_grad():
        seen = x.permute(0, 3, 1, 2)
        if kind == "UpsampleConv":
            seen = torch.nn.functional.interpolate(seen, scale_factor=2, mode="nearest")
        wanted = (conv(seen) * scale[:, :, None, None] + shift[:, :, None, None]).relu().permute(0, 2, 3, 1)
        layer = getattr(layers, kind)(weight_of(conv), conv.bias.detach(), {})
        found = layer.affine_relu(x, (scale, shift))
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)


# ---- statistics of a truncation


@pytest.mark.parametrize("row", range(51))
def test_rows_on_the_grid_are_exact(row: Any) -> None:
    for value in (np.float64(f"{row * 0.02:.2f}"), np.float32(f"{row * 0.02:.2f}"), np.float64(row * 0.02)):
        found = rows_of(np.array([value]), 51)
        assert found.share[0] in (0.0, 1.0)
        assert (found.first if found.share[0] else found.second)[0] == row


def test_statistics_go_from_row_to_row_without_a_jump() -> None:
    table = torch.from_numpy(np.random.default_rng(0).standard_normal((51, 3)).astype(np.float32))
    steps = blended(table, rows_of(np.linspace(0, 1, 100_001), 51)).diff(dim=0).abs().max()
    assert steps < 2 * table.diff(dim=0).abs().max() / 2000
    middle = blended(table, rows_of(np.array([0.45]), 51))[0]  # between rows 22 and 23
    torch.testing.assert_close(middle, (table[22] + table[23]) / 2)
    quarter = blended(table, rows_of(np.array([0.445]), 51))[0]
    torch.testing.assert_close(quarter, 0.75 * table[22] + 0.25 * table[23], atol=1e-4, rtol=0)


@pytest.mark.parametrize("truncation", [0.01, 0.14, 0.28, 0.45, 0.56, 0.58, 0.7, 0.94, 0.999, 1.0])
def test_classic_statistics_are_the_packages_to_the_bit(gan: Any, truncation: float) -> None:
    seen = []
    norm = package.BigGANBatchNorm(3, n_stats=51, conditional=False)
    norm.running_means.normal_(generator=torch.Generator().manual_seed(1))
    spied = noting(lambda x, mean, *rest, **more: seen.append(mean.clone()), lambda x, *rest, **more: x)
    spy = pytest.MonkeyPatch()
    spy.setattr(
        torch.nn.functional,
        "batch_norm",
        spied,
    )
    try:
        norm(torch.zeros(1, 3, 1, 1), truncation)
    finally:
        spy.undo()
    for value in (np.array([truncation], np.float32), np.array([truncation])):
        assert torch.equal(blended(norm.running_means, classic_rows_of(value, 51))[0], seen[0])


# ---- rows


def test_a_row_does_not_depend_on_the_others(gan: Any) -> None:
    network, (z, weights, truncation) = Network(gan, CLASSES, batch=4), asked(9)
    whole = network.images(z, weights, truncation)
    for k in range(9):
        np.testing.assert_array_equal(
            network.images(z[k : k + 1], weights[k : k + 1], truncation[k : k + 1])[0], whole[k]
        )
    order = np.random.default_rng(3).permutation(9)
    np.testing.assert_array_equal(network.images(z[order], weights[order], truncation[order]), whole[order])


@pytest.mark.parametrize("batch", [1, 2, 3, 8])
def test_the_batch_changes_pictures_within_the_tolerance(gan: Any, batch: int) -> None:
    rows = asked(5)
    np.testing.assert_allclose(
        Network(gan, CLASSES, batch=batch).images(*rows),
        Network(gan, CLASSES, batch=4).images(*rows),
        atol=TOLERANCE,
        rtol=0,
    )


def test_equal_neighbours_are_drawn_once(gan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    network, (z, weights, truncation) = Network(gan, CLASSES, batch=1), asked(3)
    drawn = []
    forward = network._forward
    monkeypatch.setattr(network, "_forward", noting(lambda *given: drawn.append(1), forward))
    held = [0, 0, 0, 1, 1, 0, 2]
    found = network.images(z[held], weights[held], truncation[held])
    assert len(drawn) == 4
    np.testing.assert_array_equal(found, network.images(z, weights, truncation)[held])
    assert network.images(z[:0], weights[:0], truncation[:0]).shape == (0, 64, 64, 3)


def test_threads_that_ask_at_once_get_the_same(gan: Any) -> None:
    network, rows = Network(gan, CLASSES, batch=2), asked(12)
    wanted = network.images(*rows)
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda k: network.images(*(part[3 * k : 3 * k + 3] for part in rows)), range(4)))
    np.testing.assert_array_equal(np.concatenate(parts), wanted)


def test_the_crew_draws_by_single_threads_and_leaves_torch_as_it_was() -> None:
    before = torch.get_num_threads()
    threads = thread_pool()
    assert thread_pool() is threads
    assert set(threads.map(lambda _: torch.get_num_threads(), range(2 * before))) == {1}
    assert torch.get_num_threads() == before
    with ThreadPoolExecutor(1) as later:
        assert later.submit(torch.get_num_threads).result() == before


def test_bits_are_the_same_on_any_number_of_cores(gan: Any) -> None:
    code = (
        "import hashlib, torch; from tests.generators.biggan.test_network import *\n"
        "network = Network(small_biggan(classes=10), CLASSES, batch=2)\n"
        "print(torch.get_num_threads(), hashlib.sha256(network.images(*asked(5)).tobytes()).hexdigest())"
    )
    found = []
    for n in ("1", "2"):
        env = {**os.environ, "OMP_NUM_THREADS": n}
        out = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
        found.append(out.split())
    assert found[0][0] == "1" and found[0][1] == found[1][1]  # on one core the second asks for no more


# ---- classes


def test_mixes(gan: Any) -> None:
    vectors = gan.embeddings.weight.detach()[:, CLASSES].T.numpy()
    weights = np.array([[1, 0, 0], [0.5, 0.5, 0], [0.2, 0.3, 0.4], [0, 0, 0]], np.float32)
    mix = Network(gan, CLASSES, batch=1)._mixed(torch.from_numpy(weights)).numpy()
    np.testing.assert_allclose(mix, weights @ vectors, atol=1e-6)
    arc = Network(gan, CLASSES, batch=1, mixing="embedding")._mixed(torch.from_numpy(weights)).numpy()
    lengths = np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(np.linalg.norm(arc, axis=1), weights @ lengths, rtol=1e-5)
    np.testing.assert_allclose(arc[0], vectors[0], rtol=1e-5)
    along = (arc[1] * mix[1]).sum() / np.linalg.norm(arc[1]) / np.linalg.norm(mix[1])
    assert abs(along - 1) < 1e-6 and np.linalg.norm(arc[1]) > np.linalg.norm(mix[1])
    assert not arc[3].any()


# ---- batches and memory


def test_the_batch_is_tried_once_and_told(gan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    monkeypatch.setattr(Network, "_try", lambda self, batch: tried.append(batch))
    network = Network(gan, CLASSES)
    network.images(*asked(2))
    assert network.batch in (1, 2, 4) and tried[:2] == [1, 1]
    n = len(tried)
    network.images(*asked(2))
    assert len(tried) == n
    assert Network(gan, CLASSES, batch=3).batch == 3


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        RuntimeError("MPS backend out of memory (MPS allocated: 1.00 GB)"),
        MemoryError(),
    ],
    ids=["cuda", "cpu", "mps", "python"],
)
def test_out_of_memory_halves_the_batch_and_goes_on(gan: Any, monkeypatch: pytest.MonkeyPatch, error: Any) -> None:
    network, rows = Network(gan, CLASSES, batch=8), asked(11)
    forward = network._forward

    def limited(condition: Any, *rest: Any) -> Any:
        if len(condition) > 2:
            raise error
        return forward(condition, *rest)

    monkeypatch.setattr(network, "_forward", limited)
    found = network.images(*rows)
    assert network.batch == 2
    np.testing.assert_array_equal(found, Network(gan, CLASSES, batch=2).images(*rows))

    def none(*given: Any) -> None:
        raise error

    monkeypatch.setattr(network, "_forward", none)
    with pytest.raises(GeneratorError, match="too little free memory for one picture of 64 pixels") as caught:
        network.images(*rows)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("batch", [1, None])
def test_one_picture_on_each_thread_becomes_one_at_a_time(
    gan: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, batch: int
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    network, rows, at_work, most = Network(gan, CLASSES, batch=batch), asked(6), [], []
    expected = Network(gan, CLASSES, batch=1).images(*rows)
    forward, two = network._forward, ThreadPoolExecutor(2)
    monkeypatch.setattr("avwalk.generators.biggan.network.thread_pool", lambda: two)

    def limited(condition: Any, *rest: Any) -> Any:
        at_work.append(1)
        try:
            time.sleep(0.02)  # so that the other thread is at work as well
            if len(condition) > 1 or len(at_work) > 1:
                raise MemoryError
            most.append(len(at_work))
            return forward(condition, *rest)
        finally:
            at_work.pop()

    monkeypatch.setattr(network, "_forward", limited)
    np.testing.assert_allclose(network.images(*rows), expected, atol=1e-5)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "2 pictures at a time" in caplog.text and network.batch == 1
    most.clear()
    with ThreadPoolExecutor(2) as workers:
        found = list(workers.map(lambda _: network.images(*rows), range(2)))
    assert set(most) == {1} and len(most) == 12 and len(caplog.records) == 1
    np.testing.assert_allclose(found[1], expected, atol=1e-5)
    monkeypatch.setattr(network, "_forward", lambda *given: (_ for _ in ()).throw(MemoryError))
    with pytest.raises(GeneratorError, match="too little free memory for one picture"):
        network.images(*rows)


def test_memory_that_runs_out_in_the_trial_is_one_line(gan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    network = Network(gan, CLASSES)
    monkeypatch.setattr(network, "_forward", lambda *given: (_ for _ in ()).throw(MemoryError))
    with pytest.raises(GeneratorError, match="too little free memory for one picture of 64 pixels"):
        network.images(*asked(1))


def test_other_errors_are_not_taken_for_memory(gan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(gan, CLASSES, batch=2)
    monkeypatch.setattr(network, "_forward", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        network.images(*asked(2))


# ---- precision


def test_half_precision_is_taken_only_where_it_keeps_to_its_range(gan: Any) -> None:
    network = Network(gan, CLASSES, batch=2)
    with torch.inference_mode():
        probe = network._probe()
        assert (probe[0].shape, len(probe[1].first)) == ((4, 32), 4)
        precision, layers = half_in_range(lambda precision: Layers(gan.generator, "cpu", precision), *probe)
        assert precision == "float16" and layers(*probe).dtype == torch.float32
        wild = copy.deepcopy(gan)
        wild.generator.layers[2].conv_1.bias.data.mul_(1e6)  # beyond 65504

        def build(precision: str) -> Layers:
            return Layers(wild.generator, "cpu", precision)

        exact = build("float32")(*probe)
        precision, layers = half_in_range(build, *probe)
        assert precision != "float16" and (layers(*probe) - exact).abs().max() <= 2 * HALF_TOLERANCE


@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_half_precision_is_near(gan: Any, precision: str) -> None:
    network, rows = Network(gan, CLASSES, batch=2, precision=precision), asked(4)
    assert network.precision == precision
    difference = np.abs(network.images(*rows) - Network(gan, CLASSES, batch=2).images(*rows))
    assert 0 < difference.max() < {"float16": 0.02, "bfloat16": 0.2}[precision]


@pytest.mark.gpu
def test_a_card_draws_the_same_pictures(gan: Any) -> None:
    rows = asked(9)
    wanted = Network(gan, CLASSES, batch=4).images(*rows)
    exact = Network(gan, CLASSES, batch=4, device="cuda", precision="float32")
    np.testing.assert_allclose(exact.images(*rows), wanted, atol=TOLERANCE, rtol=0)
    fast = Network(gan, CLASSES, device="cuda")
    assert fast.precision in ("float16", "bfloat16", "float32") and fast.batch >= 1
    np.testing.assert_allclose(fast.images(*rows), wanted, atol=2 * HALF_TOLERANCE, rtol=0)


@pytest.mark.gpu
def test_a_card_runs_the_compiled_network(gan: Any) -> None:
    rows = asked(5)
    compiled = Network(gan, CLASSES, batch=4, device="cuda", precision="float32", compile=True)
    np.testing.assert_allclose(
        compiled.images(*rows), Network(gan, CLASSES, batch=4).images(*rows), atol=TOLERANCE, rtol=0
    )


# ---- faults


@pytest.mark.parametrize(
    ("value", "fault"),
    [(np.nan, "is not a number"), (np.inf, "is not a number"), (-1.0, "is black"), (0.3, "is of one colour")],
)
def test_failed_pictures_are_named(gan: Any, monkeypatch: pytest.MonkeyPatch, value: float, fault: str) -> None:
    network, (z, weights, truncation) = Network(gan, CLASSES, batch=2), asked(5)
    forward = network._forward

    def failing(condition: Any, rows: Any) -> Any:
        drawn = forward(condition, rows)
        drawn[condition[:, 0] == float(z[3, 0])] = value
        return drawn

    monkeypatch.setattr(network, "_forward", failing)
    held = [0, 0, 1, 2, 3, 4]
    with pytest.raises(FailedPicture, match=rf"^picture 4 {fault}.*; ") as caught:
        network.images(z[held], weights[held], truncation[held])
    assert caught.value.row == 4 and caught.value.fault.startswith(fault) and "\n" not in str(caught.value)


def test_one_pixel_that_is_not_a_number_is_found(gan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(gan, CLASSES, batch=2)
    forward = network._forward

    def failing(*given: Any) -> Any:
        drawn = forward(*given)
        drawn[1, 5, 6, 0] = np.nan
        return drawn

    monkeypatch.setattr(network, "_forward", failing)
    with pytest.raises(FailedPicture, match="picture 1 is not a number"):
        network.images(*asked(2))


@pytest.mark.parametrize("bad", [(np.nan, 0.5, 0.5), (0, -0.1, 0.5), (0, 0.5, 1.1), (0, 0.5, np.nan)])
def test_what_is_out_of_range_is_refused(gan: Any, bad: Any) -> None:
    network, (z, weights, truncation) = Network(gan, CLASSES, batch=2), asked(3)
    z[2, 3], weights[2, 1], truncation[2] = bad
    with pytest.raises(GeneratorError, match="^row 2 is out of range"):
        network.images(z, weights, truncation)
    with pytest.raises(GeneratorError, match="shapes"):
        network.images(z, weights[:2], truncation)


@pytest.mark.parametrize("bad", [{"classes": [10]}, {"classes": []}, {"mixing": "x"}, {"batch": 0}, {"precision": "x"}])
def test_options_out_of_range_are_refused(gan: Any, bad: Any) -> None:
    with pytest.raises(GeneratorError, match=next(iter(bad))):
        Network(gan, **({"classes": [1]} | bad))
