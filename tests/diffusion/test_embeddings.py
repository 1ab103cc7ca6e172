from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from avwalk.diffusion import embeddings  # noqa: E402
from avwalk.diffusion import load as loading  # noqa: E402
from avwalk.errors import GeneratorError, ModelError, OptionError  # noqa: E402
from avwalk.models import store  # noqa: E402
from tests import small_diffusion as small  # noqa: E402

LONG = " ".join(["red cat"] * 45)  # 90 tokens


@pytest.fixture(scope="module")
def load(saved: Callable[..., Path]) -> Callable[[str], Any]:
    loaded = {}

    def get(kind: str) -> Any:
        if kind not in loaded:
            model = store.find(str(saved(kind)), "sd")
            loaded[kind] = loading.load(model, loading.complete_recipe(model, loading.guess_recipe(model))[0])
        return loaded[kind]

    return get


@pytest.mark.parametrize("kind", ["sd1", "sd2"])
def test_embeddings_are_those_of_diffusers(kind: str, load: Callable[[str], Any]) -> None:
    found = embeddings.encode(load(kind), ["a red cat", "", LONG])
    assert found.tokens.shape == (3, 77, small.WIDTH) and found.tokens.dtype == np.float32 and found.pooled is None
    pipe = small.diffusion(kind)
    for k, text in enumerate(["a red cat", "", LONG]):
        expected, _ = pipe.encode_prompt(text, "cpu", 1, False)
        assert np.abs(found.tokens[k] - expected[0].detach().numpy()).max() < 1e-5


def test_embeddings_of_sdxl_are_those_of_diffusers(load: Callable[[str], Any]) -> None:
    found: Any = embeddings.encode(load("sdxl"), ["a red cat", "the sea at night"])
    pipe = small.diffusion("sdxl")
    for k, text in enumerate(["a red cat", "the sea at night"]):
        expected, none, pooled, none_pooled = pipe.encode_prompt(text, do_classifier_free_guidance=True)
        assert np.abs(found.tokens[k] - expected[0].detach().numpy()).max() < 1e-5
        assert np.abs(found.pooled[k] - pooled[0].detach().numpy()).max() < 1e-5
    nothing: Any = embeddings.unconditional(load("sdxl"))
    assert np.array_equal(nothing.tokens, none.numpy()) and np.array_equal(nothing.pooled, none_pooled.numpy())
    pipe = small.diffusion("sdxl-turbo")  # its config does not ask for zeros
    _, none, _, none_pooled = pipe.encode_prompt("a", do_classifier_free_guidance=True)
    nothing = embeddings.unconditional(load("sdxl-turbo"))
    assert np.abs(nothing.tokens - none.detach().numpy()).max() < 1e-5 and nothing.tokens.any()


def test_a_prompt_does_not_depend_on_the_others(load: Callable[[str], Any]) -> None:
    together = embeddings.encode(load("sd1"), ["a red cat", "the sea", "a very long and beautiful painting"])
    alone = embeddings.encode(load("sd1"), ["the sea"])
    assert np.array_equal(together.tokens[1], alone.tokens[0])


def test_tokens_are_counted_and_what_is_cut_is_said(load: Callable[[str], Any], saved: Callable[..., Path]) -> None:
    its = embeddings.tokenizer(saved("sd1"))
    for reader in (its, load("sd1"), load("sdxl")):
        assert embeddings.tokens(reader, "a red cat") == 3 and embeddings.tokens(reader, "") == 0
        assert embeddings.tokens(reader, LONG) == 90
        assert embeddings.cut(reader, "a red cat") == "" and embeddings.cut(reader, " ".join(["cat"] * 75)) == ""
        assert embeddings.cut(reader, " ".join(["red"] * 75) + " blue moon") == "blue moon"
    embeddings.check(its, ["a red cat"])
    with pytest.raises(OptionError) as error:
        embeddings.check(its, ["a cat", LONG, " ".join(["sea"] * 76)])
    lines = str(error.value).splitlines()
    assert len(lines) == 2 and "has 90 tokens, 75 are read: 'cat red cat" in lines[0] and "in chunks" in lines[0]
    assert "'sea' is cut" in lines[1]
    embeddings.check(its, [LONG], chunks=True)


def test_chunks_read_all_of_a_prompt(load: Callable[[str], Any]) -> None:
    for kind, width in (("sd1", small.WIDTH), ("sdxl", 2 * small.WIDTH)):
        ours = load(kind)
        begin, end = " ".join(["red cat"] * 37) + " red", " ".join(["cat red"] * 7) + " cat"
        found = embeddings.encode(ours, [LONG, "the sea"], chunks=True)
        assert found.tokens.shape == (2, 154, width)
        parts = embeddings.encode(ours, [begin, end, "the sea", ""])
        assert np.array_equal(found.tokens[0], np.concatenate([parts.tokens[0], parts.tokens[1]]))
        assert np.array_equal(found.tokens[1], np.concatenate([parts.tokens[2], parts.tokens[3]]))
        if found.pooled is not None:
            assert parts.pooled is not None and np.array_equal(found.pooled[0], parts.pooled[0])
    assert embeddings.encode(load("sd1"), ["a"], chunks=True, at_least=2).tokens.shape[1] == 154


def test_encoding_after_the_encoders_were_freed_is_an_error(saved: Callable[..., Path]) -> None:
    model = store.find(str(saved("sd1")), "sd")
    ours = loading.load(model, loading.guess_recipe(model))
    ours.free_text_encoders()
    with pytest.raises(GeneratorError, match="were freed"):
        embeddings.encode(ours, ["a"])


def test_no_tokenizer(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="tokenizer cannot be loaded"):
        embeddings.tokenizer(tmp_path)
