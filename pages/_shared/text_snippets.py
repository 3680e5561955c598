"""Programs that print the numbers of the text encoder's page: a row of weights, and cosines.

A program to copy holds what it takes for a few numbers; the notebook holds all keys.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.notebook import Code, Markdown
from pages._shared.attention_case import ROOT
from pages._shared.code_text import Library, array_code, join_blocks, words_code
from pages._shared.encoder_heads import HeadMap
from pages._shared.row_code import N_STRONGEST, packed_array, row_values
from pages._shared.snippets import Cell
from pages._shared.text_case import TextRow
from pages._shared.text_measures import Verdict

Float32Array = NDArray[np.float32]

_ROW_TITLE: Final = '"""A row of a text encoder\'s attention, as Attention Lab showed it."""'
_COSINE_TITLE: Final = '"""A text and two labels as vectors, as Attention Lab compared them."""'
_N_LABELS: Final = 2


def row_program(case: TextRow, library: Library) -> str:
    """Return a program that prints the strongest weights of a row."""
    tokens = case.strongest(N_STRONGEST)
    blocks = (
        _ROW_TITLE,
        _import_code(library),
        f"# Layer {case.layer + 1}, {_head_name(case)}: what a piece reads of {case.n_tokens:,} "
        "pieces, [CLS] and [SEP] among them.\n"
        f"reader = {case.name(case.query_token)!r}\n"
        f"{words_code('tokens', [case.name(token) for token in tokens])}\n"
        f"n_tokens = {case.n_tokens}",
        row_values(case, library, f"{library}.exp"),
        "for token, weight in zip(tokens, weights, strict=True):\n"
        '    print(f"{reader} reads {token}: {weight:.6f}, "\n'
        '          f"{weight * n_tokens:.2f} times the uniform weight")',
    )
    return join_blocks(blocks) + "\n"


def cosine_program(
    embedding: Float32Array, labels: Float32Array, found: Verdict, library: Library
) -> str:
    """Return a program that prints the cosines with the two nearest labels."""
    nearest = np.argsort(-found.cosines, kind="stable")[:_N_LABELS]
    blocks = (
        _COSINE_TITLE,
        _import_code(library),
        words_code("labels", [found.names[place] for place in nearest]),
        array_code("text", embedding, library, f"({embedding.size},)"),
        array_code("sentences", labels[nearest], library, f"({_N_LABELS}, {embedding.size})"),
        f"# Both have length 1, so that their dot product is their cosine.\n"
        f"cosines = sentences @ text  # ({_N_LABELS},)\n"
        "for label, cosine in zip(labels, cosines, strict=True):\n"
        '    print(f"{label}: {cosine:.3f}")',
    )
    return join_blocks(blocks) + "\n"


def notebook_cells(
    shown: HeadMap, query: int, embedding: Float32Array, labels: Float32Array, found: Verdict
) -> list[Cell]:
    """Return a notebook that computes a row of a map from queries and keys, and all cosines.

    Parameters
    ----------
    shown : HeadMap
    query : int
        The row.
    embedding : ndarray of float32, (d_model,)
        Of the text.
    labels : ndarray of float32, (label, d_model)
        Of the label sentences.
    found : Verdict
        Their names.
    """
    attention, heads = shown.attention, list(shown.heads)
    readers = list(shown.pieces_at(query))
    queries = attention.query[shown.layer][heads][:, readers]  # (head, reader, d_head)
    keys = attention.key[shown.layer, heads]  # (head, token, d_head)
    starts = [shown.pieces_at(place)[0] for place in range(len(shown.labels))]
    starts = starts if not shown.hide_special else [0, *starts, len(attention.tokens) - 1]
    return [
        Markdown(
            "# What do the 72 heads of a trained encoder do, and how does it classify?\n\n"
            f"Layer {shown.layer + 1}, {_map_name(shown)}. NumPy is all that it takes, but for "
            "the last cell, which compares with PyTorch."
        ),
        Markdown(
            "**Queries and keys**, as the model computed them, packed as base64. The queries are "
            "those of the pieces of the word that asks."
        ),
        Code(
            join_blocks(
                (
                    "import base64\n\nimport numpy as np\n\n"
                    "np.set_printoptions(precision=4, suppress=True)",
                    words_code("words", shown.labels),
                    f"reader = words[{query}]",
                    packed_array("query", queries, "(head, reader, d_head)"),
                    packed_array("key", keys, "(head, token, d_head)"),
                )
            )
        ),
        Markdown("**Scores and softmax.** Each head has a softmax of its own."),
        Code(
            f"scale = {ROOT}\n"
            "logits = query @ key.swapaxes(-1, -2) * scale  # (head, reader, token)\n"
            "exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))\n"
            "weights = exponentials / exponentials.sum(axis=-1, keepdims=True)\n"
            "weights.shape, weights.sum(axis=-1).round(6)"
        ),
        Markdown(
            "**Pieces to words.** The mean over the heads and over the pieces that ask; what the "
            "pieces of one word receive is added up."
        ),
        Code(_by_word_code(shown, starts)),
        Markdown("**The text and the labels** as vectors of length 1: dot products are cosines."),
        Code(
            join_blocks(
                (
                    words_code("labels", found.names),
                    packed_array("text", embedding, "(d_model,)"),
                    packed_array("sentences", labels, "(label, d_model)"),
                    'cosines = sentences @ text  # (label,)\nprint("cosines", cosines, sep="\\n")',
                )
            )
        ),
        Markdown(
            "**PyTorch's own function.** With the identity as values its output is the weights. "
            "Needs PyTorch (`pip install torch`)."
        ),
        Code(_TORCH_CHECK),
    ]


def _by_word_code(shown: HeadMap, starts: list[int]) -> str:
    lines = [
        f"starts = {starts}  # the first piece of each word, [CLS] and [SEP] among them",
        "row = weights.mean(axis=(0, 1))  # (token,)",
        "weights_row = np.add.reduceat(row, starts)  # (word,)",
    ]
    if shown.hide_special:
        lines += [
            "# Without [CLS] and [SEP], what is left is rescaled to sum to 1.",
            "weights_row = weights_row[1:-1] / max(weights_row[1:-1].sum(), 1e-30)",
        ]
    lines += [
        "most = weights_row.argmax()",
        'print(f"{reader!r} reads {words[most]!r} most: {weights_row[most]:.4f}")',
        'print("weights_row", weights_row, sep="\\n")',
    ]
    return "\n".join(lines)


def _import_code(library: Library) -> str:
    return "import numpy as np" if library == "np" else "import torch"


def _head_name(case: TextRow) -> str:
    return f"mean of {case.n_heads} heads" if case.is_mean else f"head {case.head + 1}"


def _map_name(shown: HeadMap) -> str:
    n_heads = shown.attention.n_heads
    return f"mean of {n_heads} heads" if shown.mean else f"head {shown.head + 1}"


_TORCH_CHECK: Final = """import torch
from torch.nn.functional import scaled_dot_product_attention

identity = torch.eye(key.shape[-2]).expand(key.shape[0], -1, -1)
reference = scaled_dot_product_attention(
    torch.tensor(query), torch.tensor(key), identity
)
print(f"largest difference: {np.abs(weights - reference.numpy()).max():.1e}")
"""
