"""CLIP score: how near a picture and its prompt are to a CLIP model of the user's (Hessel et al. 2021), unscaled."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Frames
from avwalk.errors import ModelError

WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
_BATCH = 8


class ClipScorer:
    """Scores pictures by a CLIP model in a folder, as transformers saves it. Nothing is downloaded.

    Args:
        folder: with ``config.json``, ``model.safetensors``, the tokenizer and ``preprocessor_config.json``.

    Attributes:
        name: of the model: what its config says, else the folder's.
        n_cut: prompts that were longer than the model reads, so far.

    Raises:
        ModelError: transformers is missing, or there is no such model.
    """

    def __init__(self, folder: Path) -> None:
        self.name = _model_name(folder)
        self.n_cut = 0
        try:
            import torch
            from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizerFast
        except ImportError:
            raise ModelError(
                "a CLIP score needs torch and transformers; install them with: pip install 'avwalk[models]'"
            ) from None
        self._torch = torch
        local = {"local_files_only": True}
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                model, info = CLIPModel.from_pretrained(folder, use_safetensors=True, output_loading_info=True, **local)
                self._tokenizer = CLIPTokenizerFast.from_pretrained(folder, **local)
                self._processor = CLIPImageProcessor.from_pretrained(folder, **local)
        except Exception as error:  # of whatever kind: broken JSON, safetensors, another architecture
            said = " ".join(str(error).split())[:160]
            raise ModelError(f"'{folder}' cannot be loaded as a CLIP model: {said}; download it again") from None
        if missing := sorted(info["missing_keys"]):
            raise ModelError(f"'{folder}' lacks {len(missing)} weights, such as {missing[0]}; download it again")
        self._model = model.eval()

    def scores(self, pictures: Sequence[Frames], prompts: Sequence[str]) -> NDArray[np.float64]:
        """100 · cosine of each picture's and its prompt's embedding, (n,); nothing is added or clipped.

        Args:
            pictures: (H, W, 3) in [0, 1], of any sizes.
            prompts: one for each.
        """
        found = []
        for k in range(0, len(pictures), _BATCH):
            found.append(self._batch(pictures[k : k + _BATCH], list(prompts[k : k + _BATCH])))
        return np.concatenate(found) if found else np.zeros(0)

    def _batch(self, pictures: Sequence[Frames], prompts: list[str]) -> NDArray[np.float64]:
        longest = int(self._model.config.text_config.max_position_embeddings)
        self.n_cut += sum(len(ids) > longest for ids in self._tokenizer(prompts)["input_ids"])
        words = self._tokenizer(prompts, padding=True, truncation=True, max_length=longest, return_tensors="pt")
        eight = [np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8) for picture in pictures]
        pixels = self._processor(images=eight, return_tensors="pt", input_data_format="channels_last")["pixel_values"]
        with self._torch.no_grad():
            out: Any = self._model(
                input_ids=words["input_ids"], attention_mask=words["attention_mask"], pixel_values=pixels
            )
        a, b = (np.asarray(each.double()) for each in (out.image_embeds, out.text_embeds))
        cosines = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
        return np.asarray(100 * cosines, np.float64)


def _model_name(folder: Path) -> str:
    """What a model is called.

    Raises:
        ModelError: there is no CLIP model in the folder.
    """
    if not folder.is_dir():
        raise ModelError(f"--model '{folder}' is not there, or no folder; name the folder of a CLIP model")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ModelError(f"--model '{folder}' has no config.json; name the folder of a CLIP model") from None
    kind = config.get("model_type") if isinstance(config, dict) else None
    if kind != "clip":
        raise ModelError(
            f"--model '{folder}' is a model of the kind '{kind}', not clip; name one such as clip-vit-base-patch32"
        )
    if not any((folder / name).is_file() for name in WEIGHTS):
        raise ModelError(f"--model '{folder}' has no model.safetensors; save the weights as safetensors")
    return str(config.get("_name_or_path") or folder.resolve().name)
