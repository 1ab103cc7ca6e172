"""The network as PyTorch trains it is the network as avwalk runs it; what its training asks for."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from avwalk.features.beats import network as runner  # noqa: E402
from avwalk.features.beats.weights import weights as shipped_weights  # noqa: E402
from tools.hearing.examples import Example  # noqa: E402
from tools.hearing.export import export, exported, imported  # noqa: E402
from tools.hearing.network import Network  # noqa: E402
from tools.hearing.train import Average, learning_rate, losses, tolerant  # noqa: E402


def trained_looking_net() -> Network:
    torch.manual_seed(1)
    net = Network()
    with torch.no_grad():
        net.norm.running_mean.uniform_(0, 1)
        net.norm.running_var.uniform_(0.05, 1)
        net.norm.weight.uniform_(0.5, 1.5)
        net.norm.bias.uniform_(-0.5, 0.5)
        for p in net.parameters():  # float16 rounds them: not what is tested here
            p.copy_(p.half().float())
    net.eval()
    return net


def test_exported_weights_say_what_the_module_says() -> None:
    net = trained_looking_net()
    levels = np.random.default_rng(0).uniform(0, 2, (700, 64)).astype(np.float32)
    with torch.no_grad():
        slow, fast = (torch.sigmoid(out)[0].numpy().T for out in net(torch.from_numpy(levels[None])))
    weights = {name: array.astype(np.float32) for name, array in exported(net.state_dict()).items()}
    pulses, *seen = runner._run(weights, levels)
    ours = pulses, runner._drums(weights, *seen)
    assert slow.shape == ours[0].shape == (350, 5) and fast.shape == ours[1].shape == (700, 6)
    assert np.ptp(slow, axis=0).min() > 0.01  # it does say something
    assert np.abs(slow - ours[0]).max() < 1e-3 and np.abs(fast - ours[1]).max() < 1e-3


def test_training_may_go_on_from_exported_weights() -> None:
    net, other = trained_looking_net(), Network()
    rng = np.random.default_rng(2)
    mean, variance = rng.uniform(0, 1, 128).astype(np.float32), rng.uniform(0.1, 1, 128).astype(np.float32)
    other.load_state_dict(imported(exported(net.state_dict()), mean, variance))
    other.eval()
    levels = torch.from_numpy(rng.uniform(0, 2, (1, 300, 64)).astype(np.float32))
    with torch.no_grad():
        for ours, theirs in zip(other(levels), net(levels), strict=True):
            assert float((ours - theirs).abs().max()) < 0.02
    assert other.norm.running_mean.tolist() == pytest.approx(mean.tolist())


def test_what_is_written_may_keep_a_share_of_the_weights_that_training_began_with(tmp_path: Path) -> None:
    net = trained_looking_net()
    with torch.no_grad():
        net.slow.bias.fill_(1.0)
    np.savez(tmp_path / "start.npz", **dict[str, Any](exported(net.state_dict())))
    with torch.no_grad():
        net.slow.bias.fill_(5.0)
    torch.save(net.state_dict(), tmp_path / "last.pt")
    for kept, expected in ((0.0, 5.0), (0.25, 4.0)):
        export(tmp_path / "last.pt", tmp_path / "out.npz", tmp_path / "start.npz", kept)
        with np.load(tmp_path / "out.npz") as stored:
            assert stored["slow_bias"].tolist() == [expected] * 5 and stored["front"].dtype == np.float16
    with pytest.raises(ValueError, match="name them with --start"):
        export(tmp_path / "last.pt", tmp_path / "out.npz", None, 0.5)


def test_the_shipped_weights_have_the_shapes_of_the_module() -> None:
    weights = exported(Network().state_dict())
    assert {k: v.shape for k, v in shipped_weights().items()} == {k: v.shape for k, v in weights.items()}


def loss_of(logits: list[float], target: list[float], weight: float = 1.0, positive: float = 3.0) -> float:
    x, y, w = (torch.tensor([[values]]) for values in (logits, target, [weight] * len(target)))
    return float(tolerant(x, y, w, positive)[0])


def test_a_peak_may_lie_a_frame_beside_its_target() -> None:
    target = [0.0, 0, 0, 0, 1, 0, 0, 0, 0]
    low, high = -20.0, 20.0
    exact, beside, far = ([high if k == at else low for k in range(9)] for at in (4, 5, 8))
    assert loss_of(exact, target) == pytest.approx(0, abs=1e-6)
    assert loss_of(beside, target) == pytest.approx(0, abs=1e-6)
    assert loss_of(far, target) == pytest.approx((3 * 20 + 20) / 9, rel=1e-5)  # a beat is missed, another is false


def test_silence_costs_each_target_and_a_wall_costs_all_that_is_not_near_one() -> None:
    target = [0.0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert loss_of([-20.0] * 9, target) == pytest.approx(3 * 20 / 9, rel=1e-5)
    assert loss_of([20.0] * 9, target) == pytest.approx(4 * 20 / 9, rel=1e-5)
    assert loss_of([0.0] * 9, target) == pytest.approx((3 + 4) * np.log(2) / 9, rel=1e-5)
    assert loss_of([20.0] * 9, target, weight=0.0) == 0.0


def test_what_nobody_knows_costs_nothing() -> None:
    net, rng = trained_looking_net(), np.random.default_rng(4)
    slow = (rng.random((5, 100)) < 0.1).astype(np.float32)
    fast = np.zeros((3, 200), np.float32)
    levels = rng.uniform(0, 2, (200, 64)).astype(np.float32)
    unknown = slow.copy()
    unknown[[1, 2]] = -1
    with torch.no_grad():
        known, other = (losses(net, [Example(levels, rows, fast, fast + 1, fast)]) for rows in (slow, unknown))
    assert other[[1, 2]].tolist() == [0.0, 0.0] and (known[[1, 2]] > 0).all()
    kept = [0, 3, 4, 5, 6, 7, 8]
    assert other[kept].tolist() == pytest.approx(known[kept].tolist())


def test_the_learning_rate_rises_and_falls() -> None:
    assert learning_rate(1.0, 0, 0.0) == pytest.approx(0.01)
    assert learning_rate(1.0, 99, 0.0) == pytest.approx(1.0)
    assert learning_rate(1.0, 5000, 1.0) == pytest.approx(0.01)


def test_the_average_lies_between_the_weights_it_took_in() -> None:
    net = Network()
    average = Average(net)
    with torch.no_grad():
        net.slow.bias.fill_(1.0)
        average.state["slow.bias"].fill_(0.0)
    average.take(net, 50)
    assert average.state["slow.bias"].tolist() == pytest.approx([0.5] * 5)
