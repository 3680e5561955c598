"""The average row of a model without class token: what all patches read, each a softmax of its own.

Lines of arithmetic as in `pages._shared.vision_arithmetic`, and programs that print the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.notebook import Code, Markdown
from pages._shared.attention_case import ROOT
from pages._shared.code_text import Library, array_code, join_blocks, words_code
from pages._shared.row_code import packed_array
from pages._shared.snippets import Cell
from pages._shared.vision_arithmetic import mean_of, times_line
from pages._shared.words import number

_TITLE: Final = '"""What all patches read, on average, as Attention Lab showed it."""'
_DIGITS: Final = 6
_MOST_WRITTEN: Final = 2500

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class AverageCase:
    """What all patches read on average, in one head or in the mean of a layer's.

    Attributes
    ----------
    place : str
        Such as ``"Layer 3, head 1"``.
    query, key : ndarray of float32, (head, token, d_head)
        Of the one head, or of all.
    weights : ndarray of float32, (head, query, key)
    key_token : int
        Who is read.
    names : tuple of str
        Of every token.
    """

    place: str
    query: Float32Array
    key: Float32Array
    weights: Float32Array
    key_token: int
    names: tuple[str, ...]

    @property
    def row(self) -> Float32Array:
        """The average row, (token,)."""
        row: Float32Array = self.weights.mean(axis=(0, 1))
        return row


def average_lines(case: AverageCase) -> list[str]:
    """Write one weight of the average row as the mean of every patch's, head by head."""
    lines = [
        "every patch has a row of its own, a softmax; its arithmetic is here when you choose that "
        "row on the map"
    ]
    of_heads = case.weights[:, :, case.key_token]  # (head, query)
    for head, weights in enumerate(of_heads):
        name = f"head {head + 1}" if len(of_heads) > 1 else "weight"
        lines.append(f"{name} = {mean_of(weights)} = {number(float(weights.mean()), _DIGITS)}")
    weight = float(case.row[case.key_token])
    if len(of_heads) > 1:
        lines.append(f"weight = {mean_of(of_heads.mean(axis=1))} = {number(weight, _DIGITS)}")
    return [*lines, times_line(weight, case.row.size)]


def average_program(case: AverageCase, library: Library) -> str:
    """Return a program that needs one library alone and prints the strongest of the row."""
    numpy = library == "np"
    blocks = (
        _TITLE,
        "import base64\n\nimport numpy as np" if _packs(case) and numpy else "",
        "import numpy as np" if numpy and not _packs(case) else "",
        "" if numpy else ("import base64\n\nimport torch" if _packs(case) else "import torch"),
        f"# {case.place}: what all patches read, on average.\n"
        f"{words_code('tokens', list(case.names))}",
        _values("query", case.query, library),
        _values("key", case.key, library),
        _compute(library),
        "for token in most:\n"
        '    print(f"all patches, on average, read {tokens[token]}: {row[token]:.6f}, "\n'
        '          f"{row[token] * len(tokens):.2f} times the uniform weight")',
    )
    return join_blocks(blocks) + "\n"


def average_cells(case: AverageCase, about: str) -> list[Cell]:
    """Return a notebook that computes the average row; the last cell needs PyTorch."""
    return [
        Markdown(
            f"{about.strip()}\n\n{case.place}: what all patches read, on average. NumPy is all "
            "that it takes, but for the last cell, which compares with PyTorch."
        ),
        Markdown("**Queries and keys**, as the model computed them; packed as base64."),
        Code(
            join_blocks(
                (
                    "import base64\n\nimport numpy as np",
                    words_code("tokens", list(case.names)),
                    packed_array("query", case.query, "(head, token, d_head)"),
                    f"{packed_array('key', case.key, '(head, token, d_head)')}\n"
                    "query.shape, key.shape",
                )
            )
        ),
        Markdown("**Every patch's row**, a softmax of its own, and the mean of all."),
        Code(f"{_compute('np')}\nweights.shape, row.sum()"),
        Markdown("**What the page says.**"),
        Code(
            "for token in most:\n"
            '    print(f"all patches, on average, read {tokens[token]}: {row[token]:.6f}")'
        ),
        Markdown(
            "**PyTorch's own function.** With the identity as values its output is the weights. "
            "Needs PyTorch (`pip install torch`)."
        ),
        Code(
            "import torch\n"
            "from torch.nn.functional import scaled_dot_product_attention\n\n"
            "identity = torch.eye(len(tokens)).expand(len(query), -1, -1)\n"
            "reference = scaled_dot_product_attention(\n"
            "    torch.tensor(query), torch.tensor(key), identity\n"
            ").mean(dim=(0, 1))\n"
            'print(f"largest difference: {np.abs(row - reference.numpy()).max():.1e}")'
        ),
    ]


def _packs(case: AverageCase) -> bool:
    return case.query.size > _MOST_WRITTEN


def _values(name: str, values: Float32Array, library: Library) -> str:
    """Return the lines that make an array (head, token, d_head): written out, or packed."""
    shape = "(head, token, d_head)"
    if values.size <= _MOST_WRITTEN:
        flat = array_code(name, values.reshape(-1, values.shape[-1]), library, "(row, d_head)")
        return f"{flat}\n{name} = {name}.reshape{values.shape}  # {shape}"
    packed = packed_array(name, values, shape)
    if library == "np":
        return packed
    text = packed.split('"""')[1]
    return (
        f'packed = """{text}"""\n\n'
        f"{name} = torch.frombuffer(bytearray(base64.b64decode(packed)), dtype=torch.float32)\n"
        f"{name} = {name}.reshape{values.shape}  # {shape}"
    )


def _compute(library: Library) -> str:
    axis, last = ("axis", "axis=-1, keepdims=True") if library == "np" else ("dim", "")
    lines = [f"scale = {ROOT}"]
    if library == "np":
        lines += [
            "logits = query @ key.swapaxes(-1, -2) * scale  # (head, token, token)",
            f"exponentials = np.exp(logits - logits.max({last}))",
            f"weights = exponentials / exponentials.sum({last})",
        ]
    else:
        lines += [
            "logits = query @ key.transpose(-1, -2) * scale  # (head, token, token)",
            "weights = torch.softmax(logits, dim=-1)",
        ]
    lines += [
        f"row = weights.mean({axis}=(0, 1))  # (token,)",
        "most = (-row).argsort()[:3]",
    ]
    return "\n".join(lines)
