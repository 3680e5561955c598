"""Programs and a notebook that compute a row of what an open block shows.

Of an attention it is the weights of the chosen head and query, of a block that writes the stream
after the sum, of the softmax the probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.named_tensor import NamedTensor
from core.notebook import Code, Markdown, notebook
from pages._shared.block_choice import BlockChoice
from pages._shared.code_text import Library, array_code, join_blocks
from pages._shared.row_code import packed_array

Float32Array = NDArray[np.float32]
# Longer arrays are packed as base64.
_MOST_WRITTEN: Final = 600
_SHOW_ALL: Final = (
    'np.set_printoptions(precision=4, suppress=True, floatmode="fixed", threshold=100_000)'
)
_NAMES: Final[dict[Library, str]] = {"np": "NumPy", "torch": "PyTorch"}


@dataclass(frozen=True, eq=False)
class RowSum:
    """One row of a block, and what it is made from.

    Attributes
    ----------
    about : str
        What the row is, in a few words.
    inputs : dict of str to NDArray
        By the names that a program gives them.
    numpy, torch : str
        The lines that make ``row`` of them.
    row : NDArray
        What comes out, as the model has it.
    """

    about: str
    inputs: dict[str, Float32Array]
    numpy: str
    torch: str
    row: Float32Array


def row_of(tensors: Sequence[NamedTensor], choice: BlockChoice) -> RowSum:
    """Return a row of a block, and what it is made from.

    Parameters
    ----------
    tensors : sequence of NamedTensor
        What the block computed; at least one.
    choice : BlockChoice
        The head and the query that are looked at, of an attention; of anything else the last row.
    """
    by_name = {one.name: one.values for one in tensors}
    if {"query", "key", "value", "weights"} <= by_name.keys():
        return _attention(by_name, choice)
    if "probabilities" in by_name:
        return _softmax(by_name)
    total = by_name.get("sum", by_name.get("stream after"))
    for first, second in (("stream before", "written"), ("word vectors", "position vectors")):
        if total is not None and {first, second} <= by_name.keys():
            before, added = by_name[first][-1], by_name[second][-1]
            if np.allclose(before + added, total[-1], atol=1e-4):
                names = first.replace(" ", "_"), second.replace(" ", "_")
                line = f"row = {names[0]} + {names[1]}"
                inputs = dict(zip(names, (before, added), strict=True))
                return RowSum(f"{first} + {second}", inputs, line, line, total[-1])
    last = tensors[-1]
    row = last.values.reshape(-1, last.values.shape[-1])[-1]
    name = last.name.replace(" ", "_")
    return RowSum(last.name, {name: row}, f"row = {name}", f"row = {name}", row)


def program(tensors: Sequence[NamedTensor], choice: BlockChoice, library: Library) -> str:
    """Return a program that prints a row of a block."""
    made = row_of(tensors, choice)
    imports = {"np": "import numpy as np", "torch": "import numpy as np\nimport torch"}[library]
    packs = any(values.size > _MOST_WRITTEN for values in made.inputs.values())
    options = (
        _SHOW_ALL if library == "np" else "torch.set_printoptions(precision=4, sci_mode=False)"
    )
    blocks = (
        f'"""A row of a block of a Transformer, as Attention Lab showed it:\n{made.about}."""',
        f"{'import base64' if packs else ''}",
        f"{imports}\n\n{options}",
        *(_array(name, values, library) for name, values in made.inputs.items()),
        made.numpy if library == "np" else made.torch,
        'print("row", row, sep="\\n")',
    )
    return join_blocks(blocks) + "\n"


def block_notebook(tensors: Sequence[NamedTensor], choice: BlockChoice, about: str) -> str:
    """Return a notebook that computes a row of a block; `about` opens it, in Markdown."""
    made = row_of(tensors, choice)
    arrays = (packed_array(name, v, str(v.shape)) for name, v in made.inputs.items())
    return notebook(
        [
            Markdown(f"{about}\n\nOne row: {made.about}. NumPy is all that it takes."),
            Code(join_blocks((f"import base64\n\nimport numpy as np\n\n{_SHOW_ALL}", *arrays))),
            Code(f'{made.numpy}\nprint("row", row, sep="\\n")'),
        ]
    )


def _array(name: str, values: Float32Array, library: Library) -> str:
    shape = f"({', '.join(map(str, values.shape))})"
    if values.size <= _MOST_WRITTEN:
        return array_code(name, values, library, shape)
    packed = packed_array(name, values, shape)
    return packed if library == "np" else f"{packed}\n{name} = torch.tensor({name})"


def _attention(by_name: dict[str, Float32Array], choice: BlockChoice) -> RowSum:
    n_heads, n_queries, _ = by_name["weights"].shape
    head = min(choice.head, n_heads - 1)
    query = choice.query if 0 <= choice.query < n_queries else n_queries - 1
    # What a mask blocks has no part in the row.
    visible = np.isfinite(by_name["scores"][head, query])
    return RowSum(
        about=f"the weights of head {head + 1}, query {query + 1}, of the keys that it may read",
        inputs={
            "query": by_name["query"][head, query],
            "key": by_name["key"][head, visible],
            "value": by_name["value"][head, visible],
        },
        numpy=(
            "logits = key @ query / np.sqrt(query.size)\n"
            "exponentials = np.exp(logits - logits.max())\n"
            "row = exponentials / exponentials.sum()\n"
            "read = row @ value  # what the head reads"
        ),
        torch=(
            "row = torch.softmax(key @ query / query.numel() ** 0.5, dim=-1)\n"
            "read = row @ value  # what the head reads"
        ),
        row=by_name["weights"][head, query, visible],
    )


def _softmax(by_name: dict[str, Float32Array]) -> RowSum:
    return RowSum(
        about="the probabilities",
        inputs={"logits": by_name["logits"][-1]},
        numpy=(
            "exponentials = np.exp(logits - logits.max())\nrow = exponentials / exponentials.sum()"
        ),
        torch="row = torch.softmax(logits, dim=-1)",
        row=by_name["probabilities"][-1],
    )
