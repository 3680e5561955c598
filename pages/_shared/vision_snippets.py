"""Programs that compute one row of a Vision Transformer's attention, as the page shows it.

A program to copy holds the keys of the strongest tokens alone; the notebook holds every key.
"""

from __future__ import annotations

from typing import Final

from core.notebook import Code, Markdown
from pages._shared.attention_case import ROOT
from pages._shared.code_text import Library, join_blocks, words_code
from pages._shared.row_code import DIFFERENCE, N_STRONGEST, TORCH_CHECK, packed_keys, row_values
from pages._shared.snippets import Cell
from pages._shared.vision_case import VisionCase
from pages._shared.vision_words import head_name

_TITLE: Final = '"""A row of a Vision Transformer\'s attention, as Attention Lab showed it."""'


def vision_numpy_snippet(case: VisionCase) -> str:
    """Return a program that needs NumPy alone and prints the strongest weights of the row."""
    return _snippet(case, "np", "import numpy as np", "np.exp")


def vision_torch_snippet(case: VisionCase) -> str:
    """Return a program that needs PyTorch alone and prints the strongest weights of the row."""
    return _snippet(case, "torch", "import torch", "torch.exp")


def vision_notebook_cells(case: VisionCase, about: str) -> list[Cell]:
    """Return a notebook that computes the whole row from all keys.

    Parameters
    ----------
    case : VisionCase
        The row.
    about : str
        The opening, in Markdown.

    Returns
    -------
    list of Markdown or Code
        The keys travel as base64: 90 kB for one head of 257 tokens, six times that for the mean
        of six heads. The last cell needs PyTorch.
    """
    heads = "(head, token)" if case.is_mean else "(token,)"
    result = "weights" if case.is_mean else "row"
    scores = "(key @ query[:, :, np.newaxis])[..., 0]" if case.is_mean else "key @ query"
    cells: list[Cell] = [
        Markdown(
            f"{about.strip()}\n\n{_place(case)}: {_reads(case)} NumPy is all that it takes, but "
            "for the last cell, which compares with PyTorch."
        ),
        Markdown("**Query and keys**, as the model computed them; the keys packed as base64."),
        Code(packed_keys(case)),
        Markdown(
            "**Scores.** The dot product of the query with every key, divided by the root of "
            "d_head."
        ),
        Code(f"scale = {ROOT}\nlogits = {scores} * scale  # {heads}\nlogits.min(), logits.max()"),
        Markdown(
            "**Softmax.** Subtracting the largest logit changes nothing on paper and keeps `exp` "
            "from overflowing."
        ),
        Code(
            "exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))\n"
            f"{result} = exponentials / exponentials.sum(axis=-1, keepdims=True)  # {heads}\n"
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
        Markdown(
            "**The map.** The patches in their places, as multiples of the uniform weight."
            + (
                f" What goes to {case.prefix_words} has no place in it."
                if case.prefix_words
                else ""
            )
        ),
        Code(
            f"patches = row[{case.n_prefix_tokens}:].reshape{case.grid}\n"
            "(patches * row.size).round(1)"
        ),
        Markdown("**What the page says.**"),
        Code(_printing_row(case)),
        Markdown(
            "**PyTorch's own function.** With the identity as values its output is the weights. "
            "Needs PyTorch (`pip install torch`)."
        ),
        Code(TORCH_CHECK + DIFFERENCE[case.is_mean]),
    ]


def _snippet(case: VisionCase, library: Library, imports: str, exp: str) -> str:
    tokens = case.strongest(N_STRONGEST)
    reader = case.name(case.query_token)
    blocks = (
        _TITLE,
        imports,
        f"# {_place(case)}:\n# {_reads(case)}\n"
        f"{words_code('tokens', [case.name(token) for token in tokens])}\n"
        f"n_tokens = {case.n_tokens}",
        row_values(case, library, exp),
        "for token, weight in zip(tokens, weights, strict=True):\n"
        "    times = weight * n_tokens\n"
        f'    print(f"{reader} reads {{token}}: {{weight:.6f}}, "\n'
        '          f"{times:.2f} times the uniform weight")',
    )
    return join_blocks(blocks) + "\n"


def _place(case: VisionCase) -> str:
    return f"Layer {case.layer + 1}, {head_name(case.head, case.n_heads).lower()}"


def _reads(case: VisionCase) -> str:
    n_patches = case.n_tokens - case.n_prefix_tokens
    prefix = f" and {case.prefix_words}" if case.prefix_words else ""
    return f"what {case.name(case.query_token)} reads of {n_patches:,} patches{prefix}."


def _printing_row(case: VisionCase) -> str:
    reader, token = case.name(case.query_token), case.key_token
    share = f"{{row[:{case.n_prefix_tokens}].sum():.1%}} of all weight"
    prefix = case.prefix_words.removeprefix("the ")
    return "\n".join(
        (
            "place = np.unravel_index(patches.argmax(), patches.shape)",
            'print(f"strongest patch: row {place[0] + 1}, column {place[1] + 1}, "',
            '      f"{patches.max() * row.size:.2f} times the uniform weight, "',
            '      f"{patches.max():.1%} of all weight")',
            *([f'print(f"{prefix}: {share}")'] if prefix else []),
            f'print(f"{reader} reads {case.name(token)}: {{row[{token}]:.6f}}")',
        )
    )
