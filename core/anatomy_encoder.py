"""The text encoder, block by block: see `core.anatomy`."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)

from core.anatomy import (
    EMBEDDING,
    EMBEDDING_NORM,
    ENCODER,
    FEED_FORWARD,
    NO_LAYER,
    POOLING,
    POSITIONS,
    SELF,
    TOKEN_TYPE,
    TOKENS,
    Anatomy,
    Block,
    Parameter,
    Place,
)
from core.anatomy_facts import MEAN_OF_TOKENS, facts_of
from core.block_parameters import TITLES, outside
from core.encoder import changes_of, check, embed_pieces, piece_vectors
from core.encoder_model import (
    POSITION_TABLE,
    TYPE_TABLE,
    WORD_TABLE,
    TextEncoder,
    expected_shapes,
)
from core.named_tensor import NamedTensor
from core.opened_block import named, of_tokens, open_part
from core.stack_run import StackRun, last_stream
from core.text import Tokens, mask_words
from core.text_attention import TextInterventions
from core.transformer import walk

NO_CHANGES = TextInterventions()
# What a file's names stand for, in the order in which the numbers are used.
_ATTENTION = {
    "attention.self.query": "Q",
    "attention.self.key": "K",
    "attention.self.value": "V",
    "attention.output.dense": "O",
    "attention.output.LayerNorm": "",
}
_FEED_FORWARD = {"intermediate.dense": "1", "output.dense": "2", "output.LayerNorm": ""}


def anatomy_of(model: TextEncoder) -> Anatomy:
    """Return all blocks of the text encoder, in the order of computation."""
    shapes = expected_shapes()
    blocks = [
        Block(outside(ENCODER, TOKENS), "Pieces of words"),
        _table(EMBEDDING, "Vectors of pieces", WORD_TABLE, shapes),
        _table(POSITIONS, "Positions", POSITION_TABLE, shapes),
        _table(TOKEN_TYPE, "Type of text", TYPE_TABLE, shapes),
        Block(
            outside(ENCODER, EMBEDDING_NORM),
            "First norm",
            _parameters("embeddings", {"LayerNorm": ""}, shapes),
        ),
    ]
    for layer in range(model.n_layers):
        for kind, names in ((SELF, _ATTENTION), (FEED_FORWARD, _FEED_FORWARD)):
            parameters = _parameters(f"encoder.layer.{layer}", names, shapes)
            blocks.append(Block(Place(ENCODER, layer, kind), TITLES[kind], parameters))
    blocks.append(Block(outside(ENCODER, POOLING), "Mean of the tokens"))
    facts = facts_of(
        {ENCODER: model.stack},
        model.d_model,
        n_positions=shapes[POSITION_TABLE][0],
        causal=False,
        tied=False,
        read_out=MEAN_OF_TOKENS,
        answer="a vector for the text",
        n_answers=0,
    )
    return Anatomy("Text encoder", tuple(blocks), model.n_heads, model.d_model, facts)


@torch.no_grad()
def run_of(model: TextEncoder, tokens: Tokens, changes: TextInterventions = NO_CHANGES) -> StackRun:
    """Return the layers on a text, under interventions.

    Raises
    ------
    ValueError
        As `core.encoder.forward`.
    """
    check(model, tokens, changes)
    masked = mask_words(tokens, changes.masked_words)
    states = embed_pieces(model, torch.tensor(masked.ids))
    return StackRun(
        name=ENCODER,
        stack=model.stack,
        start=lambda: walk(model.stack, states, changes=changes_of(changes)),
        rows=masked.pieces,
        keys=masked.pieces,
    )


@torch.no_grad()
def open_block(
    model: TextEncoder, tokens: Tokens, place: Place, changes: TextInterventions = NO_CHANGES
) -> tuple[NamedTensor, ...]:
    """Return everything that one block computed on a text, in the order of computation.

    Raises
    ------
    ValueError
        If there is no such block; also as `core.encoder.forward`.
    """
    anatomy_of(model).block(place)
    run = run_of(model, tokens, changes)
    if place.layer != NO_LAYER:
        return open_part(run, place)
    if place.kind == POOLING:
        return _pooled(run)
    return _beginning(model, mask_words(tokens, changes.masked_words), place.kind)


def _pooled(run: StackRun) -> tuple[NamedTensor, ...]:
    stream = last_stream(run)
    mean = stream.mean(dim=0)
    row = ("the text",)
    return (
        of_tokens("stream before", stream, run.rows, "What the last layer left."),
        of_tokens("mean", mean[None], row, f"Of {len(run.rows)} tokens."),
        of_tokens("embedding", F.normalize(mean, dim=0)[None], row, "The mean at length 1."),
    )


def _beginning(model: TextEncoder, tokens: Tokens, kind: str) -> tuple[NamedTensor, ...]:
    """Open one of the blocks before the layers."""
    if kind == TOKENS:
        return ()
    ids, names = torch.tensor(tokens.ids), tokens.pieces
    words, positions, text_type = piece_vectors(model, ids)
    total = words + positions
    if kind == EMBEDDING:
        return (of_tokens("piece vectors", words, names, "For each piece a row of the table."),)
    if kind == POSITIONS:
        return (
            of_tokens("piece vectors", words, names, "For each piece a row of the table."),
            of_tokens("position vectors", positions, names, "One learned row for each position."),
            of_tokens("sum", total, names, "Both added up."),
        )
    if kind == TOKEN_TYPE:
        return (
            named(
                "type vector",
                text_type[None],
                ("type", "d_model"),
                (("first text",), None),
                "The model knows pairs of texts; there is one text here, always the first.",
            ),
            of_tokens("sum", total + text_type, names, "Added to every token."),
        )
    return (
        of_tokens("sum", total + text_type, names, "Piece, position and type, added up."),
        of_tokens("stream after", embed_pieces(model, ids), names, "At mean 0 and spread 1."),
    )


def _table(kind: str, title: str, name: str, shapes: dict[str, tuple[int, ...]]) -> Block:
    return Block(outside(ENCODER, kind), title, (Parameter(title.lower(), shapes[name]),))


def _parameters(
    prefix: str, names: dict[str, str], shapes: dict[str, tuple[int, ...]]
) -> tuple[Parameter, ...]:
    """Return matrix and bias, or scale and shift, of some modules of the file."""
    return tuple(
        Parameter(
            f"{letter}_{name}" if name else ("norm scale" if own == "weight" else "norm shift"),
            shapes[f"{prefix}.{module}.{own}"],
        )
        for module, name in names.items()
        for own, letter in (("weight", "W"), ("bias", "b"))
    )
