"""CLIP score by the real classes of transformers, with tiny random weights that are made here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import ModelError
from avwalk.metrics.clip_score import ClipScorer

pytest.importorskip("torch", reason="CLIP needs the extra models")
transformers = pytest.importorskip("transformers", reason="CLIP needs the extra models")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizer

    path = tmp_path_factory.mktemp("tiny-clip")
    letters = [chr(k) for k in range(97, 123)]
    pieces = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    (path / "vocab.json").write_text(json.dumps({piece: k for k, piece in enumerate(pieces)}))
    (path / "merges.txt").write_text("#version: 0.2\n")
    CLIPTokenizer(str(path / "vocab.json"), str(path / "merges.txt")).save_pretrained(path)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = {**sizes, "vocab_size": len(pieces), "max_position_embeddings": 20, "eos_token_id": len(pieces) - 1}
    vision = {**sizes, "image_size": 32, "patch_size": 8}
    torch.manual_seed(0)
    CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=8)).save_pretrained(path)
    size = {"shortest_edge": 32}
    CLIPImageProcessor(size=size, crop_size={"height": 32, "width": 32}).save_pretrained(path)
    return path


def pictures(n: int) -> list[np.ndarray]:
    return [np.random.default_rng(k).random((40 + k, 50, 3), np.float32) for k in range(n)]


def test_it_is_a_hundred_times_the_cosine(folder: Path) -> None:
    import torch
    from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizer

    prompts = ["a sea", "red", "the longest of all of these prompts is this one"]
    scorer = ClipScorer(folder)
    scores = scorer.scores(pictures(3), prompts)
    model, tokenizer = CLIPModel.from_pretrained(folder).eval(), CLIPTokenizer.from_pretrained(folder)
    processor = CLIPImageProcessor.from_pretrained(folder)
    for k, prompt in enumerate(prompts):  # one by one, without batches or padding
        words = tokenizer([prompt], truncation=True, max_length=20, return_tensors="pt")
        eight = np.round(pictures(3)[k] * 255).astype(np.uint8)
        with torch.no_grad():
            out = model(**words, **processor(images=eight, return_tensors="pt"))
        cosine = torch.nn.functional.cosine_similarity(out.image_embeds, out.text_embeds).item()
        assert scores[k] == pytest.approx(100 * cosine, abs=1e-3)
    assert scorer.n_cut == 1 and scorer.name == folder.name


def test_negative_scores_stay_negative(folder: Path, tmp_path: Path) -> None:
    """Where a picture's embedding is turned round, so is its score."""
    import shutil

    from safetensors.torch import load_file, save_file

    scores = ClipScorer(folder).scores(pictures(9), ["a sea"] * 9)
    shutil.copytree(folder, tmp_path / "turned")
    values = load_file(folder / "model.safetensors")
    values["visual_projection.weight"] = -values["visual_projection.weight"]
    save_file(values, tmp_path / "turned" / "model.safetensors", {"format": "pt"})
    turned = ClipScorer(tmp_path / "turned").scores(pictures(9), ["a sea"] * 9)
    assert np.allclose(turned, -scores, atol=1e-4) and min(turned.min(), scores.min()) < 0
    assert np.array_equal(scores, ClipScorer(folder).scores(pictures(9), ["a sea"] * 9))


def test_broken_weights_are_refused(folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(ModelError, match="cannot be loaded as a CLIP model"):
        ClipScorer(copy)
    from safetensors.torch import load_file, save_file

    values = load_file(folder / "model.safetensors")
    del values["visual_projection.weight"]
    save_file(values, weights, {"format": "pt"})
    with pytest.raises(ModelError, match="lacks 1 weights"):
        ClipScorer(copy)
