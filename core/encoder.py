"""Run the trained text encoder step by step, so that nothing it computes stays hidden.

BERT's encoder (Devlin et al. 2019, arXiv:1810.04805): the sums of word, position and type vectors
go through layers of multi-head attention and a two-layer network, each followed by an addition and
a layer normalisation: a `Stack` that `core.transformer.walk` runs. `forward` returns everything and
takes interventions; `embed` runs many texts together and returns their embeddings alone. Nothing is
left on the model, so any number of sessions may use one model at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from numpy.typing import NDArray
from torch import Tensor

from core.encoder_model import POSITION_TABLE, TYPE_TABLE, TextEncoder, load_encoder
from core.text import Tokens, mask_words, without_word
from core.text_attention import TextAttention, TextInterventions
from core.transformer import AttentionStep, Changes, last, walk
from core.transformer_parts import FEED_FORWARD, SELF
from core.weight_edits import WeightEdit, check_heads, check_off

__all__ = [
    "TextAttention",
    "TextEncoder",
    "TextInterventions",
    "WeightEdit",
    "embed",
    "forward",
    "leave_one_out",
    "load_encoder",
]

Float32Array = NDArray[np.float32]

# Pieces, padding included, that `embed` runs at once: more no longer saves time.
BATCH_PIECES = 512


@torch.no_grad()
def forward(
    model: TextEncoder,
    tokens: Tokens,
    interventions: TextInterventions = TextInterventions(),  # noqa: B008 (frozen)
) -> TextAttention:
    """Run the encoder on one text and return what every layer and head attended to.

    Parameters
    ----------
    model : TextEncoder
        The model; not changed.
    tokens : Tokens
        From `core.text.tokenise`; at most 512 pieces. A text without words is [CLS] [SEP].
    interventions : TextInterventions
        Heads to drop, words to mask, weights to force.

    Returns
    -------
    TextAttention
        Weights, queries, keys and values of every head, the tokens after every layer, and the
        embedding of the text. At 200 pieces 20 MB, of which 11.5 are weights.

    Raises
    ------
    ValueError
        If the text has more pieces than there are positions, or an intervention names something
        that the model or the text does not have.
    """
    check(model, tokens, interventions)
    tokens = mask_words(tokens, interventions.masked_words)
    n_tokens = len(tokens)
    weights = torch.empty(model.n_layers, model.n_heads, n_tokens, n_tokens)
    per_head = (model.n_layers, model.n_heads, n_tokens, model.d_head)
    queries, keys, values = (torch.empty(per_head) for _ in range(3))
    hidden = torch.empty(model.n_layers + 1, n_tokens, model.d_model)

    hidden[0] = embed_pieces(model, torch.tensor(tokens.ids))
    for step in walk(model.stack, hidden[0], changes=changes_of(interventions)):
        if isinstance(step, AttentionStep):
            queries[step.layer], keys[step.layer] = step.query, step.key
            values[step.layer], weights[step.layer] = step.value, step.weights
        hidden[step.layer + 1] = step.leaving
    return TextAttention(
        tokens=tokens,
        weights=weights.numpy(),
        query=queries.numpy(),
        key=keys.numpy(),
        value=values.numpy(),
        hidden=hidden.numpy(),
        embedding=F.normalize(hidden[-1].mean(dim=0), dim=0).numpy(),
    )


@torch.no_grad()
def embed(model: TextEncoder, texts: Sequence[Tokens]) -> Float32Array:
    """Return the embeddings of many texts, (text, d_model), each of length 1.

    The same as one `forward` for each to 1e-5, and quicker: texts of like length run together,
    the shorter ones padded, with a mask over the padding.

    Raises
    ------
    ValueError
        If a text has more pieces than there are positions.
    """
    for tokens in texts:
        check(model, tokens, TextInterventions())
    embeddings = torch.empty(len(texts), model.d_model)
    for batch in _batches([len(tokens) for tokens in texts]):
        embeddings[batch] = _embed_together(model, [texts[at].ids for at in batch])
    array: Float32Array = embeddings.numpy()
    return array


def leave_one_out(model: TextEncoder, tokens: Tokens) -> Iterator[Float32Array]:
    """Yield the embeddings of a text without each of its words, some words at a time.

    Parameters
    ----------
    model : TextEncoder
    tokens : Tokens
        The whole text.

    Yields
    ------
    ndarray of float32, (word, d_model)
        The next few words, in their order; as many rows in all as the text has words. A page can
        show how far it is between two of them.
    """
    step = max(1, BATCH_PIECES // len(tokens))
    for first in range(0, len(tokens.words), step):
        words = range(first, min(first + step, len(tokens.words)))
        yield embed(model, [without_word(tokens, word) for word in words])


def check(model: TextEncoder, tokens: Tokens, interventions: TextInterventions) -> None:
    """Raise a ValueError if a text is too long, or an intervention names what is not there."""
    n_positions = model.tensors[POSITION_TABLE].shape[0]
    if len(tokens) > n_positions:
        raise ValueError(
            f"The encoder has {n_positions} positions and this text {len(tokens)} pieces: cut it "
            "with core.text.tokenise(text, max_pieces=...)."
        )
    check_heads(
        interventions.dropped_heads, interventions.weight_edits, model.n_layers, model.n_heads
    )
    check_off(interventions.off, (SELF, FEED_FORWARD), model.n_layers)
    for edit in interventions.weight_edits:
        if not (0 <= edit.query < len(tokens) and 0 <= edit.key < len(tokens)):
            raise ValueError(
                f"There is no weight from piece {edit.query} to piece {edit.key}: pieces run from "
                f"0 to {len(tokens) - 1}."
            )


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield which texts run together: neighbours in length, within `BATCH_PIECES` when padded."""
    batch: list[int] = []
    for at in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[at] > BATCH_PIECES:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch


def _embed_together(model: TextEncoder, texts: Sequence[tuple[int, ...]]) -> Tensor:
    """Return the embeddings of one batch of texts, (text, d_model)."""
    lengths = torch.tensor([len(ids) for ids in texts])
    ids = torch.zeros(len(texts), int(lengths.max()), dtype=torch.long)  # 0 is [PAD]
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
    real = torch.arange(ids.shape[1]) < lengths[:, None]  # (text, token)
    mask = None if real.all() else real[:, None, None, :]  # over the keys
    tokens = last(walk(model.stack, embed_pieces(model, ids), mask=mask)).leaving
    mean = (tokens * real[..., None]).sum(dim=1) / lengths[:, None]
    return F.normalize(mean, dim=-1)


def embed_pieces(model: TextEncoder, ids: Tensor) -> Tensor:
    """Add the vectors of pieces, positions and text type, and normalise: (..., token, d_model)."""
    words, positions, text_type = piece_vectors(model, ids)
    return model.first_norm(words + positions + text_type)


def piece_vectors(model: TextEncoder, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the vectors of pieces (..., token, d_model), positions (token, d_model) and type."""
    distinct, place = np.unique(ids.numpy(), return_inverse=True)
    words = model.word_rows(distinct.tolist())[torch.from_numpy(place)]
    positions = model.get(POSITION_TABLE)[: ids.shape[-1]]
    text_type = model.get(TYPE_TABLE)[0]  # the model knows pairs of texts; ours is always the first
    return words, positions, text_type


def changes_of(interventions: TextInterventions) -> Changes:
    """Return what to change in the layers: masked words are changed before them."""
    return Changes(
        dropped=frozenset((SELF, layer, head) for layer, head in interventions.dropped_heads),
        edits=tuple((SELF, edit) for edit in interventions.weight_edits),
        off=interventions.off,
    )
