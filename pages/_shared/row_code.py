"""The numbers of one row of attention as Python code, for programs and notebooks."""

from __future__ import annotations

import base64
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pages._shared.attention_case import ROOT
from pages._shared.attention_row import AttentionRow
from pages._shared.code_text import Library, array_code, join_blocks

# A program to copy holds the keys of so many tokens; the notebook holds every key.
N_STRONGEST: Final = 3
_BASE64_LINE: Final = 96


def row_values(case: AttentionRow, library: Library, exp: str) -> str:
    """Return the lines that compute the weights of the strongest tokens, ``weights``."""
    return (_mean if case.is_mean else _head)(case, library, exp)


def _head(case: AttentionRow, library: Library, exp: str) -> str:
    tokens = case.strongest(N_STRONGEST)
    d_head = case.query.shape[-1]
    return "\n".join(
        (
            array_code("query", case.query[0], library, "(d_head,)"),
            array_code("key", case.key[0, tokens], library, f"({tokens.size}, d_head)"),
            f"# The other keys, {case.n_tokens - tokens.size:,} times {d_head} numbers, are left "
            "out. Softmax needs no more of",
            "# them than the log of the sum of exp(logit) over all tokens. The notebook has all.",
            f"log_sum = {float(case.log_sums[0])!r}",
            "",
            f"scale = {ROOT}",
            f"logits = key @ query * scale  # ({tokens.size},)",
            f"weights = {exp}(logits - log_sum)  # of a row that sums to 1",
        )
    )


def _mean(case: AttentionRow, library: Library, exp: str) -> str:
    tokens = case.strongest(N_STRONGEST)
    mean = "axis=0" if library == "np" else "dim=0"
    return "\n".join(
        (
            "# Each head has a query, keys and a softmax of its own. Here are what comes of them,",
            "# query · key / root of d_head; choose one head on the page for its query and keys.",
            array_code("logits", case.logits[:, tokens], library, f"(head, {tokens.size})"),
            "# The log of the sum of exp(logit) over all tokens: no more is needed of the others.",
            array_code("log_sum", case.log_sums, library, "(head,)"),
            "",
            f"weights = {exp}(logits - log_sum[:, None])  # of rows that sum to 1",
            f"weights = weights.mean({mean})  # ({tokens.size},)",
        )
    )


def packed_keys(case: AttentionRow) -> str:
    """Return the lines that make the query and all keys, the keys packed as base64."""
    query, key = (case.query, case.key) if case.is_mean else (case.query[0], case.key[0])
    shape = "(head, d_head)" if case.is_mean else "(d_head,)"
    key_shape = "(head, token, d_head)" if case.is_mean else "(token, d_head)"
    return join_blocks(
        (
            "import base64\n\nimport numpy as np",
            array_code("query", query, "np", shape),
            f"{packed_array('key', key, key_shape)}\nquery.shape, key.shape",
        )
    )


def packed_array(name: str, values: NDArray[np.float32], shape: str) -> str:
    """Return the lines that make an array from base64; they need ``base64`` and ``np``."""
    text = base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode("ascii")
    starts = range(0, len(text), _BASE64_LINE)
    lines = "\n".join(text[start : start + _BASE64_LINE] for start in starts)
    return (
        f'packed = """\n{lines}\n"""\n\n'
        f'{name} = np.frombuffer(base64.b64decode(packed), dtype="<f4")\n'
        f"{name} = {name}.reshape{values.shape}  # {shape}"
    )


TORCH_CHECK: Final = """import torch
from torch.nn.functional import scaled_dot_product_attention

identity = torch.eye(row.size).expand(*key.shape[:-1], -1)
reference = scaled_dot_product_attention(
    torch.tensor(query)[..., None, :], torch.tensor(key), identity
)[..., 0, :]
"""
DIFFERENCE: Final = {
    False: 'print(f"largest difference: {np.abs(row - reference.numpy()).max():.1e}")',
    True: 'print(f"largest difference: {np.abs(row - reference.numpy().mean(axis=0)).max():.1e}")',
}
