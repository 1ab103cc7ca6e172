"""The generator `sd` by a painter that shows what it is given, and by small models of the real classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.arrays.interpolation import slerp_float32
from avwalk.contracts import Batched, Drive, Generator
from avwalk.diffusion.conditioning import Conditioning
from avwalk.errors import GeneratorError
from avwalk.generators import stable_diffusion
from avwalk.generators.stable_diffusion import (
    EMBEDDING_PUSH,
    NOISE_ANGLE,
    SKETCH_STEPS,
    StableDiffusion,
    TextEmbeddings,
    push_direction,
    rotate_noise,
    working_size,
)

RECIPE = {"name": "own", "steps": 9, "guidance": 7.5, "size": 64}
PROMPTS = ["a", "b", "a", "c"]
T, D = 5, 12


class Fake:
    """Keeps what it is asked to paint; pictures have the row's guidance as their grey."""

    def __init__(self) -> None:
        self.batch: int | None = None
        self.asked: list[dict[str, Any]] = []
        self.blocked: Any = lambda tokens: False
        self.broken: int | None = None

    def noise(self, seeds: Sequence[int], size: tuple[int, int]) -> np.ndarray:
        shape = (4, size[1] // 8, size[0] // 8)
        return np.stack([np.random.default_rng(s).standard_normal(shape) for s in seeds]).astype(np.float32)

    def paint(
        self, conditioning: Conditioning, noise: np.ndarray, steps: int, *, failed_frames: list[int] | None = None
    ) -> np.ndarray:
        self.asked.append({**vars(conditioning), "noise": noise, "steps": steps, "failed_frames": failed_frames})
        self.batch = self.batch or 3
        if self.broken is not None:
            error: Any = GeneratorError("no picture")
            error.row, error.fault = self.broken, "is black"
            raise error
        for k, tokens in enumerate(conditioning.tokens):
            if failed_frames is not None and self.blocked(tokens):
                failed_frames.append(k)
        n, _, h, w = noise.shape
        return np.broadcast_to(
            np.asarray(conditioning.guidance)[:, None, None, None] / 10, (n, h * 8, w * 8, 3)
        ).astype(np.float32)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    painter = Fake()

    def opened(
        model: str, recipe: Any, texts: Sequence[str], chunks: int, safety: bool, placement: Any
    ) -> tuple[Fake, TextEmbeddings]:
        tokens: Any = np.stack([np.random.default_rng(list(t.encode())).standard_normal((T, D)) for t in texts])
        tokens[:, 0] = 3.0  # the beginning is that of every prompt
        pooled = tokens[:, 1] if model == "xl" else None
        return painter, TextEmbeddings({t: k for k, t in enumerate(texts)}, tokens.astype(np.float32), pooled)

    monkeypatch.setattr(stable_diffusion, "open_painter", opened)
    yield painter


def made(**more: Any) -> StableDiffusion:
    options = {"prompts": PROMPTS, "negatives": [""] * 4, "seeds": [1, 2, 3, 1], "model": "m", "recipe": RECIPE}
    return StableDiffusion((64, 64), 5, **{**options, **more})


def drive(*latents: Sequence[float], i0: int = 100, **params: Sequence[float]) -> Drive:
    curves = {name.replace("_", "."): np.array(values, np.float32) for name, values in params.items()}
    return Drive(i0, np.array(latents, np.float32), curves, Fraction(30), 5)


def test_it_is_what_a_film_needs(fake: Fake) -> None:
    generator: Generator = made()
    assert isinstance(generator, Batched) and generator.latent_dim == 4
    assert generator.set_batch() == 3 and len(fake.asked) == 1  # a short trial
    assert generator.set_batch(2) == 2 == fake.batch and len(fake.asked) == 1


@pytest.mark.parametrize("interpolation", ["lerp", "slerp"])
def test_on_a_keyframe_are_its_prompt_and_its_noise(fake: Fake, interpolation: str) -> None:
    generator = made(interpolation=interpolation)
    generator.draw(drive(*([k, k, 0, 0] for k in range(4))))
    asked = fake.asked[0]
    words = generator._words
    assert all(np.array_equal(asked["tokens"][k], words.tokens[words.rows[p]]) for k, p in enumerate(PROMPTS))
    assert np.array_equal(asked["noise"], fake.noise([1, 2, 3, 1], (64, 64)))
    assert asked["negative"] is None and asked["pooled"] is None and asked["steps"] == 9


def test_between_keyframes_lengths_are_kept(fake: Fake) -> None:
    generator = made()
    generator.draw(drive([0.5, 0.5, 0, 0], [0, 1.25, 0, 0]))
    noise, tokens = fake.asked[0]["noise"], fake.asked[0]["tokens"]
    a, b, c = fake.noise([1, 2, 3], (64, 64))
    lengths = np.linalg.norm([a.ravel(), b.ravel(), c.ravel()], axis=1)
    assert np.linalg.norm(noise[0]) == pytest.approx(lengths[:2].mean(), rel=1e-5)
    assert np.linalg.norm(noise[1]) == pytest.approx(0.75 * lengths[1] + 0.25 * lengths[2], rel=1e-5)
    ends = np.linalg.norm(generator._words.tokens[:2], axis=-1).mean(0)
    assert np.allclose(np.linalg.norm(tokens[0], axis=-1), ends, rtol=1e-5)  # token by token
    straight = made(interpolation="lerp")
    straight.draw(drive([0.5, 0.5, 0, 0]))
    assert np.allclose(fake.asked[-1]["tokens"][0], generator._words.tokens[:2].mean(0), atol=1e-6)


@given(
    st.lists(st.tuples(st.floats(-1, 5), st.floats(-1, 5), st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=5)
)
def test_a_row_does_not_depend_on_the_others(rows: list[Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        painter = Fake()
        tokens = np.random.default_rng(0).standard_normal((3, T, D)).astype(np.float32)
        words = TextEmbeddings({"a": 0, "b": 1, "c": 2}, tokens, None)
        patch.setattr(stable_diffusion, "open_painter", lambda *args: (painter, words))
        generator = made()
        generator.draw(drive(*rows))
        together = painter.asked[-1]
        for k, row in enumerate(rows):
            generator.draw(drive(row))
            alone = painter.asked[-1]
            for name in ("tokens", "noise", "guidance"):
                assert np.array_equal(together[name][k], alone[name][0])


def test_pushes(fake: Fake) -> None:
    generator = made()
    generator.draw(drive([1.3, 1.3, 0, 0], [1.3, 1.3, 1, 1], [1.3, 1.3, 0.5, 0.5]))
    noise = fake.asked[0]["noise"].reshape(3, -1).astype(float)
    tokens = fake.asked[0]["tokens"].astype(float)
    assert np.allclose(np.linalg.norm(noise, axis=1), np.linalg.norm(noise[0]))
    cosine = noise[0] @ noise[1:].T / (noise[0] @ noise[0])
    assert np.allclose(np.arccos(cosine), [NOISE_ANGLE, NOISE_ANGLE / 2], atol=1e-4)
    push = tokens[1] - tokens[0]
    assert np.allclose(push, 2 * (tokens[2] - tokens[0]), atol=1e-5) and np.allclose(push[0], 0)
    told = generator._words.tokens[[0, 1, 0, 2]].astype(float)
    ways = np.diff(told, axis=0)
    assert np.linalg.norm(push) == pytest.approx(EMBEDDING_PUSH * np.linalg.norm(ways, axis=(1, 2)).mean(), rel=1e-4)
    assert np.abs([np.sum(push * way) for way in ways]).max() < 1e-4  # at right angles to the way
    prompts = generator._words.tokens[generator._prompts]
    assert not np.allclose(push_direction(prompts, 1), push_direction(prompts, 2))


def test_one_prompt_alone_is_pushed_too(fake: Fake) -> None:
    generator = made(prompts=["a"], negatives=[""], seeds=[1])
    generator.draw(drive([0, 0, 0, 1], [3, 3, 0, 0], [-1, -1, 0, 0]))
    tokens = fake.asked[0]["tokens"]
    assert np.linalg.norm(tokens[0] - tokens[1]) > 0.1 and np.array_equal(tokens[1], tokens[2])
    assert np.array_equal(tokens[0][0], tokens[1][0])
    assert not push_direction(np.zeros((1, 1, 4), np.float32), 1).any()  # nothing to push


def test_guidance_is_the_parameter_else_that_of_the_keyframes(fake: Fake) -> None:
    generator = made(guidance=[2, 4, 6, 8])
    assert generator.draw(drive([0.5, 0.5, 0, 0], [3, 3, 0, 0]))[:, 0, 0, 0] == pytest.approx([0.3, 0.8])
    moved = generator.draw(drive([0.5, 0.5, 0, 0], [3, 3, 0, 0], sd_guidance=[5, 6]))
    assert moved[:, 0, 0, 0] == pytest.approx([0.5, 0.6])
    assert made().draw(drive([1, 1, 0, 0]))[0, 0, 0, 0] == pytest.approx(0.75)


def test_negatives_walk_with_the_prompts(fake: Fake) -> None:
    generator = made(negatives=["x", "", "x", "y"], model="xl", interpolation="lerp")
    generator.draw(drive([0, 0, 0, 0], [0.5, 0, 0, 0]))
    asked, words = fake.asked[0], generator._words
    x, nothing = words.tokens[words.rows["x"]], words.tokens[words.rows[""]]
    assert np.array_equal(asked["negative"][0], x) and np.allclose(asked["negative"][1], (x + nothing) / 2, atol=1e-6)
    assert asked["negative_pooled"].shape == asked["pooled"].shape == (2, D)


def test_what_is_blocked_shows_what_was_a_little_earlier(fake: Fake) -> None:
    generator = made(safety=True, interpolation="lerp")
    told = generator._words.tokens.astype(float)
    way = told[1] - told[0]

    def share(tokens: np.ndarray) -> float:
        return float(np.sum((tokens - told[0]) * way) / np.sum(way * way))

    fake.blocked = lambda tokens: share(tokens) > 0.49
    generator.draw(drive([0.3, 0.3, 0, 0], [0.5, 0.5, 0, 0]))
    asked = [round(share(each["tokens"][0]), 3) for each in fake.asked[1:]]
    assert asked == [round(0.5 - 1 / 256, 3), round(0.5 - 1 / 64, 3)]
    alone = len(fake.asked)
    generator.draw(drive([0.5, 0.5, 0, 0]))
    assert [round(share(each["tokens"][0]), 3) for each in fake.asked[alone + 1 :]] == asked  # no state
    fake.blocked = lambda tokens: True
    with pytest.raises(GeneratorError, match="frame 101 is blocked"):
        generator.draw(drive([0.5, 0.5, 0, 0], i0=101))


def test_a_picture_that_is_none_names_its_frame(fake: Fake) -> None:
    fake.broken = 1
    with pytest.raises(GeneratorError, match="frame 101 is black"):
        made().draw(drive([0, 0, 0, 0], [1, 1, 0, 0]))


def test_sketches_are_cheap(fake: Fake) -> None:
    assert made().sketch(np.array([0.5, 1, 2])).shape == (3, 64, 64, 3)
    assert fake.asked[0]["steps"] == SKETCH_STEPS
    made(recipe={**RECIPE, "steps": 1}).sketch(np.zeros(1))
    assert fake.asked[1]["steps"] == 1


def test_lists_of_other_lengths_are_refused(fake: Fake) -> None:
    with pytest.raises(GeneratorError, match="4 prompts, 4 negatives, 3 seeds"):
        made(seeds=[1, 2, 3])


@given(st.integers(64, 4000), st.integers(64, 4000), st.sampled_from([64, 512, 768, 1024]))
def test_working_sizes_fit_the_model_and_the_film(width: int, height: int, native: int) -> None:
    w, h = working_size((width, height), native)
    step = 64 if native >= 256 else 8
    assert w % step == h % step == 0 and min(w, h) >= 64 and w * h <= native * native
    if native >= 512 and max(width, height) < 2 * min(width, height):
        assert 0.6 * native * native <= w * h and abs(np.log(w / h / (width / height))) < 0.2
    assert working_size((height, width), native) == (h, w) or w * h == np.prod(working_size((height, width), native))


def test_arcs() -> None:
    a, b = np.array([[1, 0], [0, 2], [1, 1]], np.float32), np.array([[0, 1], [0, 4], [-1, -1]], np.float32)
    assert np.allclose(slerp_float32(a, b, 0.5), [[np.sqrt(0.5), np.sqrt(0.5)], [0, 3], [0, 0]], atol=1e-6)
    assert np.array_equal(slerp_float32(a, b, 0), a) and np.array_equal(slerp_float32(a, b, 1), b)
    turned = rotate_noise(np.array([3, 0], np.float32), np.array([5, 7], np.float32), np.pi / 2)
    assert np.allclose(turned, [0, 3], atol=1e-6)
