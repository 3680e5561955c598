"""Traps of self- and cross-attention: the corner of a causal mask, the axis of a padding mask."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.attention import Attention, scaled_dot_product_attention
from core.masks import causal_mask, padding_mask
from core.traps import leaked_weight, padding_on_queries
from pages._shared.self_cross_scene import Scene
from pages._shared.trap import Exhibit, Knob, Trap
from pages._shared.traps.parts import (
    Array,
    BoolArray,
    gap,
    quoted,
    settle_torch,
    several,
    weights_matrix,
)
from pages._shared.words import number

# How many of the words ask; the last is all of them.
NEW_WORDS: Final = (1, 2, 3, 99)
PADDED: Final = (0, 1, 2, 3)
IN_NUMPY, IN_TORCH = "in NumPy", "in PyTorch"
BY: Final = (IN_NUMPY, IN_TORCH)


def query_and_key(scene: Scene) -> tuple[Array, Array]:
    """Return the queries and keys of the target's self-attention, in float64."""
    state = scene.state
    x = state.target.rows[:, : state.d_model]
    query, key = (
        matrix[: state.d_model, : state.d_head]
        for matrix in (state.matrices.self_query, state.matrices.self_key)
    )
    return x @ query, x @ key


def _attend(query: Array, key: Array, mask: BoolArray) -> Attention:
    return scaled_dot_product_attention(query, key, key, mask=mask)


# ---- the corner of a causal mask


def show_corner(scene: Scene, stops: tuple[int, ...]) -> Exhibit:
    """Show a causal mask from either corner, for queries that continue cached keys."""
    words, by = scene.state.target.words, BY[stops[1]]
    n_query, n_key = min(NEW_WORDS[stops[0]], len(words)), len(words)
    query, key = query_and_key(scene)
    query, new = query[n_key - n_query :], words[n_key - n_query :]
    top_left = causal_mask(n_query, n_key)
    bottom_right = causal_mask(n_query, n_key, alignment="bottom_right")
    if by == IN_TORCH:
        from core.torch_traps import torch_sdpa_weights

        settle_torch()
        wrong = torch_sdpa_weights(query, key, causal=True)
        right = torch_sdpa_weights(query, key, bottom_right)
    else:
        wrong = _attend(query, key, top_left).weights
        right = _attend(query, key, bottom_right).weights
    row = [
        weights_matrix("Wrong", wrong, new, "from top left", key_tokens=words, blocked=~top_left),
        weights_matrix(
            "Right", right, new, "from bottom right", key_tokens=words, blocked=~bottom_right
        ),
    ]
    return Exhibit(
        rows=[row],
        said=_said_of_corner(wrong, right, words, n_query),
        wrong="F.scaled_dot_product_attention(q, k, v, is_causal=True)",
        right="mask = torch.ones(n_query, n_key).tril(n_key - n_query)\n"
        "F.scaled_dot_product_attention(q, k, v, attn_mask=mask.bool())",
    )


def _said_of_corner(wrong: Array, right: Array, words: tuple[str, ...], n_query: int) -> str:
    n_cached = len(words) - n_query
    if not n_cached:
        return (
            f"{len(words)} queries and {len(words)} keys: both corners lie on one diagonal, and "
            f"both agree {gap(wrong, right)}. So it passes wherever a whole sentence is tested. "
            "Let fewer words ask."
        )
    reads = f"“{words[0]}” alone"
    if n_query > 1:
        reads = f"{n_query} of {len(words)} keys, up to “{words[n_query - 1]}”"
    itself = [number(float(weights[-1, -1])) for weights in (wrong, right)]
    return (
        f"{several(n_cached, 'word')} cached, {n_query} new. Counted from top left, new words "
        f"stand at the first keys: “{words[-1]}” reads {reads}, and itself with {itself[0]}. "
        f"Counted from bottom right it reads all {len(words)}, itself with {itself[1]}."
    )


# ---- the axis of a padding mask


def show_padding(scene: Scene, stops: tuple[int, ...]) -> Exhibit:
    """Show a padding mask on the axis of the queries and on that of the keys."""
    words = scene.state.target.words
    asked = PADDED[stops[0]]
    n_real = max(1, len(words) - asked)
    query, key = query_and_key(scene)
    on_keys = np.broadcast_to(padding_mask(n_real, len(words)), (len(words),) * 2)
    on_queries = np.broadcast_to(padding_on_queries(n_real, len(words)), (len(words),) * 2)
    wrong = _attend(query, key, on_queries).weights
    right = _attend(query, key, on_keys).weights
    few = "" if asked < len(words) else "One word has to stay. "
    row = [
        weights_matrix("Wrong", wrong, words, "mask on the queries", blocked=~on_queries),
        weights_matrix("Right", right, words, "mask on the keys", blocked=~on_keys),
    ]
    return Exhibit(
        rows=[row],
        said=few + _said_of_padding(wrong, on_keys, words, n_real),
        wrong="mask = is_word[:, :, None]  # (batch, n_query, 1)",
        right="mask = is_word[:, None, :]  # (batch, 1, n_key)",
    )


def _said_of_padding(wrong: Array, on_keys: BoolArray, words: tuple[str, ...], n_real: int) -> str:
    if n_real == len(words):
        return (
            "No padding: neither mask blocks anything, and a test with sentences of one length "
            "passes. Take the last words for padding."
        )
    leaks = leaked_weight(wrong, on_keys)[:n_real]
    most = int(leaks.argmax())
    padded = words[n_real:]
    average = ""
    if n_real > 1:
        average = f"; the {n_real} words that are left, {number(float(leaks.mean()))} on average"
    return (
        f"{quoted(padded)} {'is' if len(padded) == 1 else 'are'} padding. With the mask on the "
        f"queries, “{words[most]}” still reads {number(float(leaks[most]))} from padding{average}. "
        f"All that is blocked {'is the row' if len(padded) == 1 else 'are the rows'} of the "
        "padding, whose outputs nobody uses."
    )


TRAPS: Final[tuple[Trap[Scene], ...]] = (
    Trap(
        name="corner",
        title="Causal with fewer queries",
        about=(
            "The target writes word after word, and the keys of earlier words are cached: new "
            "words ask all of them. Its self-attention, with your numbers. From which corner does "
            "the causal mask count?"
        ),
        knobs=(
            Knob("New words that ask", ("1", "2", "3", "all")),
            Knob("Computed", BY),
        ),
        show=show_corner,
    ),
    Trap(
        name="padding",
        title="Padding on the wrong axis",
        about=(
            "Sentences of a batch are filled up to one length. Take the target's last words for "
            "such padding: who must not read, and who must not be read?"
        ),
        knobs=(Knob("Words of padding", tuple(map(str, PADDED)), 2),),
        show=show_padding,
    ),
)
