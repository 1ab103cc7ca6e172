"""Prompt embeddings: token counts, truncation or chunks of 75 tokens, each prompt encoded alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from avwalk.diffusion import offload
from avwalk.diffusion.loaded import Embeddings
from avwalk.errors import GeneratorError, ModelError, OptionError
from avwalk.models.requirements import diffusion_problem

if TYPE_CHECKING:
    from avwalk.diffusion.loaded import Pipeline


CONTEXT_LENGTH = 77
"""Context length of CLIP's text encoder: start token, 75 tokens, end token."""
MAX_TOKENS = CONTEXT_LENGTH - 2


def tokenizer(folder: Path) -> Any:
    """The tokenizer of a model folder, without its networks.

    Raises:
        ModelError: it is not there.
    """
    from avwalk.diffusion.offline import offline, quiet

    if why := diffusion_problem():
        raise ModelError(why)
    with quiet(), offline():
        from transformers import CLIPTokenizer

        try:
            return CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
        except Exception as error:
            raise ModelError(
                f"{folder / 'tokenizer'} cannot be loaded ({type(error).__name__}); get it again"
            ) from None


def tokens(reader: Any, text: str) -> int:
    """Number of tokens of a prompt; a model reads 75 of them.

    Args:
        reader: a `Pipeline` or a tokenizer.
        text: the prompt.
    """
    return len(_ids(_tokenizer(reader), text))


def cut(reader: Any, text: str) -> str:
    """The part of a prompt beyond the context length; empty if it fits."""
    its = _tokenizer(reader)
    return str(its.decode(_ids(its, text)[MAX_TOKENS:])).strip()


def check(reader: Any, prompts: Sequence[str], *, chunks: bool = False) -> None:
    """Checks the length of prompts.

    Raises:
        OptionError: one line for each prompt that would be truncated, unless ``chunks``.
    """
    if chunks:
        return
    problems = []
    for text in prompts:
        if lost := cut(reader, text):
            begin = text if len(text) <= 40 else f"{text[:39]}…"
            problems.append(
                f"prompt '{begin}' has {tokens(reader, text)} tokens, {MAX_TOKENS} are read: '{lost}' is cut; "
                "shorten it, or read it in chunks"
            )
    if problems:
        raise OptionError("\n".join(problems))


def encode(pipeline: Pipeline, prompts: Sequence[str], *, chunks: bool = False, at_least: int = 1) -> Embeddings:
    """Embeddings as the model's own pipeline makes them.

    Each prompt is encoded alone: its numbers do not depend on the others.

    Args:
        pipeline: with its text encoders.
        prompts: n texts.
        chunks: encode longer prompts in chunks of 75 tokens, concatenated; else truncate them.
        at_least: minimum number of chunks of every prompt; the longest prompt's otherwise.

    Raises:
        GeneratorError: the text encoders were freed.
    """
    if not pipeline.text_encoders:
        raise GeneratorError("prompts cannot be encoded: the text encoders were freed; load the model again")
    import torch

    readers = list(zip(pipeline.tokenizers, pipeline.text_encoders, strict=True))
    wanted = [[_ids(its, text) for its, _ in readers] for text in prompts]
    longest = max((len(ids) for row in wanted for ids in row), default=0)
    n_chunks = max(at_least, -(-longest // MAX_TOKENS)) if chunks else at_least
    found, pooled = [], []

    def read(row: list[list[int]]) -> list[tuple[Any, Any]]:
        pipeline.onto("text")
        with torch.inference_mode():
            return [_encoded(pipeline, its, net, ids, n_chunks) for (its, net), ids in zip(readers, row, strict=True)]

    with torch.inference_mode():
        for row in wanted:
            parts = offload.with_less_memory(pipeline, partial(read, row))
            found.append(torch.cat([part[0] for part in parts], -1).float().cpu().numpy())
            if pipeline.is_xl:
                pooled.append(parts[-1][1].float().cpu().numpy())
    return Embeddings(np.stack(found), np.stack(pooled) if pipeline.is_xl else None)


def unconditional(pipeline: Pipeline) -> Embeddings:
    """Unconditional embeddings (1, 77, D) for classifier-free guidance: of the empty prompt, or zeros if so trained."""
    empty = encode(pipeline, [""])
    if pipeline.is_xl and pipeline.pipe.config.force_zeros_for_empty_prompt:
        assert empty.pooled is not None
        return Embeddings(np.zeros_like(empty.tokens), np.zeros_like(empty.pooled))
    return empty


def _encoded(pipeline: Pipeline, its: Any, net: Any, ids: list[int], n_chunks: int) -> tuple[Any, Any]:
    """Embeddings (n_chunks · 77, D) of one text by one encoder, and the pooled ones (P,) of the first chunk."""
    import torch

    rows = []
    for k in range(n_chunks):
        inside = ids[k * MAX_TOKENS : (k + 1) * MAX_TOKENS]
        row = [its.bos_token_id, *inside, its.eos_token_id]
        rows.append(row + [its.pad_token_id] * (CONTEXT_LENGTH - len(row)))
    found, pooled = [], None
    for row in rows:
        there = torch.tensor([row], device=net.device)
        if pipeline.is_xl:
            out = net(there, output_hidden_states=True)
            found.append(out.hidden_states[-2][0])
            pooled = out[0][0] if pooled is None else pooled
        else:
            mask = None
            if getattr(net.config, "use_attention_mask", False):
                mask = (there != its.pad_token_id).long()
            found.append(net(there, attention_mask=mask)[0][0])
    return torch.cat(found), pooled


def _ids(its: Any, text: str) -> list[int]:
    """Token ids of a text without start and end tokens."""
    found: list[int] = its(text, add_special_tokens=False, verbose=False).input_ids
    return found


def _tokenizer(reader: Any) -> Any:
    return reader.tokenizers[0] if hasattr(reader, "tokenizers") else reader
