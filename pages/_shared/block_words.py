"""What a block does, in sentences and in a table; all numbers are counted or computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.anatomy import (
    CLASS_TOKEN,
    CROSS,
    EMBEDDING,
    EMBEDDING_NORM,
    FEED_FORWARD,
    LAST_NORM,
    PATCHES,
    POOLING,
    POSITIONS,
    PROJECTION,
    SALIENCY,
    SELF,
    SOFTMAX,
    TOKEN_TYPE,
    TOKENS,
    Anatomy,
    Block,
    Parameter,
)
from core.named_tensor import NamedTensor
from pages._shared.words import number

_DOES: Final[Mapping[str, str]] = {
    TOKENS: "What is given, cut into pieces that the model knows by number.",
    PATCHES: "Cuts the picture into patches and makes a vector of each: one linear map for all.",
    CLASS_TOKEN: "Puts one learned vector in front, in which the picture is to be summed up.",
    EMBEDDING: "Looks up a learned vector for every token, whatever stands around it.",
    POSITIONS: "Adds a vector for each place, by which the same token differs from place to place.",
    TOKEN_TYPE: "Adds a vector that says which of two texts a token is of.",
    EMBEDDING_NORM: "Brings every token to mean 0 and spread 1, then scales and shifts it.",
    SELF: "Lets every token read all of them, itself too, and adds what it read.",
    CROSS: "Lets every token of the decoder read the end of the encoder, and adds what it read.",
    FEED_FORWARD: "Works on each token by itself: made wider, bent, made narrow again, and added.",
    LAST_NORM: "Brings every token to mean 0 and spread 1, then scales and shifts it, to be read.",
    POOLING: "Takes the mean of all tokens: one vector for the whole text.",
    PROJECTION: "Compares every token with a vector for every answer: one number each, a logit.",
    SOFTMAX: "Makes probabilities of the logits: above 0, and 1 in all.",
    SALIENCY: "Makes a map of what stands out, from the final vectors of the patches.",
}
# Their first letter stays as it is within a sentence.
_PROPER: Final = ("English", "French")
_OF_CLASS: Final = (
    "Compares the class token with a vector for every answer: one number each, a logit."
)
_MASKED: Final = (
    "Lets every token read itself and those before it, never those behind, and adds what it read."
)


def place_name(block: Block) -> str:
    """Name a block with its place: ``"Decoder, layer 1: cross-attention"``."""
    stack, layer, _ = block.place
    where = stack.capitalize() if layer < 0 else f"{stack.capitalize()}, layer {layer + 1}"
    is_proper = block.title.startswith(_PROPER)
    title = block.title if is_proper else f"{block.title[0].lower()}{block.title[1:]}"
    return f"{where}: {title}"


def sentence_of(anatomy: Anatomy, block: Block) -> str:
    """Say in one sentence what a block does."""
    kind, stack = block.place.kind, block.place.stack
    if kind == SELF and anatomy.facts.causal and stack == anatomy.facts.n_layers[-1][0]:
        return _MASKED
    if kind == PROJECTION and anatomy.facts.read_out == "class token":
        return _OF_CLASS
    return _DOES[kind]


def counted(anatomy: Anatomy, block: Block) -> str:
    """Say how many parameters a block has, and how much of the model that is."""
    own, whole = block.n_parameters, anatomy.n_parameters
    shared = ", ".join(parameter.name for parameter in block.shared)
    if not own:
        said = "It has no parameters of its own"
        return f"{said}: {shared} are counted where they are first used." if shared else f"{said}."
    said = f"{own:,} of the model's {whole:,} parameters, {_percent(own / whole)}"
    return f"{said}; {shared} are counted where they are first used." if shared else f"{said}."


def arithmetic_of(block: Block, tensors: Sequence[NamedTensor]) -> list[str]:
    """Say what is computed, with its sizes, and what came of it in these numbers."""
    by_name = {one.name: one for one in tensors}
    kind = block.place.kind
    if kind == TOKENS:
        return ["Nothing is computed here: the next block makes a vector of every token."]
    said = []
    if kind in (SELF, CROSS) and {"query", "key", "weights"} <= by_name.keys():
        said += _attention(by_name["query"].values, by_name["weights"].values)
    if kind == FEED_FORWARD and {"inner", "active"} <= by_name.keys():
        said += _feed_forward(by_name["inner"].values, by_name["active"].values)
    if {"stream before", "written"} <= by_name.keys():
        said.append(_written(by_name["stream before"].values, by_name["written"].values))
    if kind in (LAST_NORM, EMBEDDING_NORM) and len(tensors) > 1:
        said.append(_normalised(tensors[0].values, tensors[-1].values))
    if "logits" in by_name:
        n_row, n_answer = by_name["logits"].shape
        said.append(
            f"{n_row:,} {'row' if n_row == 1 else 'rows'} of {n_answer:,} logits: "
            f"{n_row * n_answer:,} numbers, "
            f"from {number(float(by_name['logits'].values.min()))} "
            f"to {number(float(by_name['logits'].values.max()))}."
        )
    return said or [f"Shown here: {_listed(tensors)}."] if tensors else []


def parameter_table(block: Block) -> str:
    """Return a table in HTML of all arrays of a block: name, shape, how many numbers."""
    head = "".join(f"<th scope='col'>{name}</th>" for name in ("Name", "Shape", "Numbers"))
    rows = [_row(one, f"{one.size:,}") for one in block.parameters]
    rows += [_row(one, "counted before") for one in block.shared]
    rows.append(f"<tr><th scope='row'>All</th><td></td><td><b>{block.n_parameters:,}</b></td></tr>")
    return (
        f"<div class='wide'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def probabilities_html(tensor: NamedTensor) -> str:
    """Return, in HTML, what probabilities are, and the most probable answers of every row."""
    sums = tensor.values.sum(axis=-1)
    return (
        f"<div class='sum limits'><p class='note'><b>{escape(tensor.name.capitalize())}</b>, "
        f"{shape_of(tensor.shape)}: {' × '.join(map(escape, tensor.axes))}. "
        f"{escape(tensor.note)} Sums of rows: {number(float(sums.min()))} to "
        f"{number(float(sums.max()))}.</p>{_most_probable(tensor)}</div>"
    )


def _most_probable(tensor: NamedTensor, n: int = 4) -> str:
    """Return a table of the most probable answers of every row."""
    rows, answers = (
        labels or tuple(str(index + 1) for index in range(size))
        for labels, size in zip(tensor.labels, tensor.shape, strict=True)
    )
    n = min(n, len(answers))
    places = ("Most probable", *(f"{rank}." for rank in range(2, n + 1)))
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in ("Row", *places))
    body = []
    for name, values in zip(rows, tensor.values, strict=True):
        best = np.argsort(-values, kind="stable")[:n]
        cells = "".join(
            f"<td>{escape(answers[index])} {number(float(values[index]), 3)}</td>" for index in best
        )
        body.append(f"<tr><th scope='row'>{escape(name)}</th>{cells}</tr>")
    return (
        f"<div class='wide'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def shape_of(shape: Sequence[int]) -> str:
    """Write a shape: ``"12 × 128"``."""
    return " × ".join(f"{size:,}" for size in shape)


def _percent(share: float) -> str:
    """Write a share in percent; what is there is never written as 0."""
    return f"{number(100 * share, 1)}%" if share >= 0.0005 else "less than 0.1%"


def _row(parameter: Parameter, count: str) -> str:
    cells = f"<td>{shape_of(parameter.shape)}</td><td>{count}</td>"
    return f"<tr><th scope='row'>{escape(parameter.name)}</th>{cells}</tr>"


def _attention(query: NDArray[np.float32], weights: NDArray[np.float32]) -> list[str]:
    n_head, n_query, n_key = weights.shape
    d_head = query.shape[-1]
    return [
        f"Each of {n_head} {'head' if n_head == 1 else 'heads'} compares {n_query:,} queries with "
        f"{n_key:,} keys: {n_head * n_query * n_key:,} scores, each the sum of {d_head} products, "
        f"divided by √{d_head} = {number(d_head**0.5)}.",
        f"Each head then averages {n_key:,} values of {d_head} numbers, and W_O mixes the "
        f"{n_head} averages, side by side {n_head * d_head:,} numbers a token, into what is added.",
    ]


def _feed_forward(inner: NDArray[np.float32], active: NDArray[np.float32]) -> list[str]:
    n_token, d_hidden = inner.shape
    below = float((inner < 0).mean())
    off = float((active == 0).mean())
    bent = f"{number(100 * below, 0)}% of them are below 0"
    after = f", and {number(100 * off, 0)}% are exactly 0 behind the bend" if off > 0.005 else ""
    return [
        f"Each of {n_token:,} tokens by itself becomes {d_hidden:,} numbers: "
        f"{n_token * d_hidden:,} in all. {bent}{after}."
    ]


def _normalised(before: NDArray[np.float32], after: NDArray[np.float32]) -> str:
    spreads = [
        f"mean {number(x[-1].mean())} and spread {number(x[-1].std())}" for x in (before, after)
    ]
    return (
        f"The last token has {spreads[0]} before, {spreads[1]} after: scale and shift are learned, "
        "one of each for every number of a token."
    )


def _listed(tensors: Sequence[NamedTensor]) -> str:
    return "; ".join(
        f"{one.name}, {shape_of(one.shape)} = {one.values.size:,} numbers" for one in tensors
    )


def _written(before: NDArray[np.float32], written: NDArray[np.float32]) -> str:
    stream, added = (float(np.linalg.norm(x, axis=-1).mean()) for x in (before, written))
    if not added:
        return "It writes nothing: the stream after it is the stream before it."
    return (
        f"What it writes has a length of {number(added)} at a token, the stream before it one of "
        f"{number(stream)}: {number(added / stream)} of it (means of {len(before):,} tokens)."
    )
