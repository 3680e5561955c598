"""A row of a trained encoder's attention, written out in numbers and as a notebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.attention import scaled_dot_product_attention
from core.notebook import Code, Markdown
from core.softmax import softmax
from core.text import by_word
from pages._shared.attention_case import ROOT
from pages._shared.code_text import join_blocks, words_code
from pages._shared.encoder_heads import HeadMap
from pages._shared.files import Table
from pages._shared.matrix import Axis
from pages._shared.row_code import DIFFERENCE, TORCH_CHECK, packed_keys
from pages._shared.snippets import Cell
from pages._shared.text_case import text_row
from pages._shared.text_snippets import row_program
from pages._shared.vision_arithmetic import weight_lines
from pages._shared.words import number
from pages._shared.work import Work


def encoder_work(
    shown: HeadMap, query: int, key: int, functions: Callable[[], Sequence[Callable[..., Any]]]
) -> Work:
    """Return the arithmetic, the programs and the source behind a weight of a map.

    Parameters
    ----------
    shown : HeadMap
    query, key : int
        Row and column of the map.
    functions : callable
        Returns the functions of `core` that ran.
    """
    return Work(
        heading=f"The arithmetic behind “{shown.labels[query]}” reading “{shown.labels[key]}” in "
        f"{shown.name[0].lower()}{shown.name[1:]}",
        lines=lambda: encoder_lines(shown, query, key),
        numpy=lambda: row_program(text_row(shown, query, key), "np"),
        torch=lambda: row_program(text_row(shown, query, key), "torch"),
        functions=functions,
    )


def encoder_functions() -> tuple[Callable[..., Any], ...]:
    """Return the functions that lead to a map of words."""
    # Loads torch, which the page has loaded by then.
    from core import torch_attention
    from core.encoder import forward

    in_torch = torch_attention.scaled_dot_product_attention
    return forward, in_torch, by_word, scaled_dot_product_attention, softmax


def encoder_lines(shown: HeadMap, query: int, key: int) -> list[str]:
    """Write a weight of a map out; of words in several pieces first that of one pair of pieces.

    Parameters
    ----------
    shown : HeadMap
    query, key : int
        Row and column of the map.
    """
    lines = weight_lines(text_row(shown, query, key))
    n_readers, n_read = len(shown.pieces_at(query)), len(shown.pieces_at(key))
    if n_readers == n_read == 1:
        return lines
    return [
        "Of the first piece that asks, and the piece of the word read most:",
        *lines,
        f"of the whole words: the {n_read} pieces read are added up, and the mean is taken over "
        f"the {n_readers} that ask",
        f"weight on the map = {number(float(shown.weights[query, key]), 6)}",
    ]


def encoder_row(shown: HeadMap, query: int, key: int) -> Table:
    """Return the row that the notebook computes: what the first piece reads of every piece."""
    case = text_row(shown, query, key)
    pieces = tuple(case.name(token) for token in range(case.n_tokens))
    return Table(case.row, (Axis("key", pieces),))


def encoder_cells(shown: HeadMap, query: int, key: int, about: str) -> list[Cell]:
    """Return a notebook that computes a row of a map from all keys.

    Parameters
    ----------
    shown : HeadMap
    query, key : int
        Row and column of the map.
    about : str
        The opening, in Markdown: no words of a reader's.
    """
    case = text_row(shown, query, key)
    result = "weights" if case.is_mean else "row"
    scores = "(key @ query[:, :, np.newaxis])[..., 0]" if case.is_mean else "key @ query"
    cells: list[Cell] = [
        Markdown(f"{about} NumPy is all that it takes, but for the last cell."),
        Markdown("**Query and keys**, as the model computed them; the keys packed as base64."),
        Code(packed_keys(case)),
        Code(
            join_blocks(
                (
                    words_code("tokens", [case.name(token) for token in range(case.n_tokens)]),
                    f"reader = {case.name(case.query_token)!r}",
                )
            )
        ),
        Markdown("**Scores**, divided by the root of d_head, and the **softmax**."),
        Code(
            f"scale = {ROOT}\n"
            f"logits = {scores} * scale\n"
            "exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))\n"
            f"{result} = exponentials / exponentials.sum(axis=-1, keepdims=True)\n"
            f"{result}.shape, {result}.sum(axis=-1)"
        ),
    ]
    if case.is_mean:
        cells += [
            Markdown("**The mean of the heads.** Each has a softmax of its own."),
            Code("row = weights.mean(axis=0)  # (token,)\nrow.shape, row.sum()"),
        ]
    return [
        *cells,
        Code(
            "np.set_printoptions(precision=4, suppress=True)\n"
            'print("row", row, sep="\\n")\n'
            "most = row.argmax()\n"
            'print(f"{reader} reads {tokens[most]} most: {row[most]:.4f}")'
        ),
        Markdown("**PyTorch's own function**, with the identity as values. Needs PyTorch."),
        Code(TORCH_CHECK + DIFFERENCE[case.is_mean]),
    ]
