"""Programs of several heads: NumPy, PyTorch, and the cells of a notebook.

They run alone and print the numbers on the page; see `pages._shared.snippets` for those of one
head.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from core.notebook import Code, Markdown
from pages._shared.attention_case import DIFFERENCE
from pages._shared.code_text import Library, array_code, join_blocks, lines_where, words_code
from pages._shared.multi_head_scene import Scene

Cell = Markdown | Code

_TITLE: Final = '"""Multi-head attention, with the numbers that Attention Lab showed."""'
_DIGITS: Final = 'np.set_printoptions(precision=4, suppress=True, floatmode="fixed")'


def numpy_program(scene: Scene) -> str:
    """Return a program that needs NumPy alone and prints the page's numbers."""
    steps = (code for _, code in _steps(scene))
    blocks = (_TITLE, "import numpy as np", _values(scene, "np"), *steps, _DIGITS, _printing(scene))
    return join_blocks(blocks) + "\n"


def torch_program(scene: Scene) -> str:
    """Return a program that needs PyTorch alone: by hand, and with PyTorch's own attention."""
    blocks = (
        _TITLE,
        "import torch",
        _values(scene, "torch"),
        _torch_by_hand(scene),
        _torch_own(scene),
        "torch.set_printoptions(precision=4, sci_mode=False)\n"
        + DIFFERENCE.format("(output - reference).abs().max()"),
        _printing(scene),
    )
    return join_blocks(blocks) + "\n"


def notebook_cells(scene: Scene) -> list[Cell]:
    """Return a notebook that goes through the heads one step at a time."""
    cells: list[Cell] = [
        Markdown(
            "# Why several small attentions instead of one?\n\nThe numbers are those that stood "
            "on the page. NumPy is all that it takes, but for the last cell, which compares with "
            "PyTorch."
        ),
        Markdown("**Words and matrices.** One row for each word; heads are columns side by side."),
        Code(join_blocks(("import numpy as np", _DIGITS, _values(scene, "np")))),
    ]
    for says, code in _steps(scene):
        cells += [Markdown(says), Code(code)]
    return [
        *cells,
        Markdown("**What the page shows:** every head's map, the concatenation, the output."),
        Code(_printing(scene)),
        Markdown("**PyTorch's own attention.** Needs PyTorch (`pip install torch`)."),
        Code(
            join_blocks(
                (
                    "import torch",
                    _torch_arrays(scene),
                    _torch_own(scene),
                    DIFFERENCE.format("np.abs(output - reference.numpy()).max()"),
                )
            )
        ),
    ]


def _values(scene: Scene, library: Library) -> str:
    state, p = scene.state, scene.projections
    arrays = (
        array_code("x", state.x, library, "(n, d_model)"),
        array_code("w_query", p.query, library, "(d_model, n_head * d_head)"),
        array_code("w_key", p.key, library, "(d_model, n_kv_head * d_head)"),
        array_code("w_value", p.value, library, "(d_model, n_kv_head * d_head)"),
        array_code("w_output", state.output, library, "(n_head * d_head, d_model)"),
        f"n_head, n_kv_head = {state.n_head}, {state.n_kv_head}",
    )
    return join_blocks((words_code("words", state.words), "\n".join(arrays)))


def _dropped(scene: Scene) -> str:
    return repr(sorted(scene.state.dropped))


def _steps(scene: Scene) -> list[tuple[str, str]]:
    """Return each step in NumPy: a sentence in Markdown, and the code."""
    shared, causal = scene.state.group > 1, scene.state.is_causal
    repeat = ".repeat(n_head // n_kv_head, axis=0)" if shared else ""
    heads = lines_where(
        (True, "def split(x, n_head):  # (n, n_head * d) -> (n_head, n, d)"),
        (True, "    return x.reshape(len(x), n_head, -1).swapaxes(0, 1)"),
        (True, "\n\nquery_heads = split(x @ w_query, n_head)"),
        (shared, "# Neighbouring heads read the same keys and values."),
        (True, f"key_heads = split(x @ w_key, n_kv_head){repeat}"),
        (True, f"value_heads = split(x @ w_value, n_kv_head){repeat}"),
    )
    weights = lines_where(
        (True, "d_head = query_heads.shape[-1]"),
        (
            True,
            "logits = query_heads @ key_heads.swapaxes(1, 2) / d_head**0.5  # not d_model",
        ),
        (causal, "# True = may attend: a word reads itself and what stands before it."),
        (causal, "mask = np.tri(len(x), dtype=bool)"),
        (causal, "logits = np.where(mask, logits, -np.inf)"),
        (True, "exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))"),
        (True, "weights = exponentials / exponentials.sum(axis=-1, keepdims=True)"),
    )
    output = lines_where(
        (True, "outputs = weights @ value_heads  # (n_head, n, d_head)"),
        (bool(scene.state.dropped), f"outputs[{_dropped(scene)}] = 0  # dropped, from 0"),
        (True, "concatenated = outputs.swapaxes(0, 1).reshape(len(x), -1)"),
        (True, "output = concatenated @ w_output"),
    )
    return [
        ("**Heads.** The columns of a product, cut into heads of equal width.", heads),
        ("**Weights.** Every head scores and weighs by itself.", weights),
        ("**Output.** The heads' outputs side by side, mixed by the last matrix.", output),
    ]


def _printing(scene: Scene) -> str:
    state = scene.state
    h, i, j = state.head, state.reader, state.source
    return "\n".join(
        (
            "for head, weights_of_head in enumerate(weights, start=1):",
            '    print(f"head_{head}", weights_of_head, sep="\\n")',
            'print("concatenated", concatenated, sep="\\n")',
            'print("output", output, sep="\\n")',
            f'print(f"head {h + 1}: {{words[{i}]}} reads {{words[{j}]}}: '
            f'{{weights[{h}, {i}, {j}]:.4f}}")',
        )
    )


def _torch_by_hand(scene: Scene) -> str:
    shared, causal = scene.state.group > 1, scene.state.is_causal
    repeat = ".repeat_interleave(n_head // n_kv_head, dim=0)" if shared else ""
    return lines_where(
        (True, "def split(x, n_head):  # (n, n_head * d) -> (n_head, n, d)"),
        (True, "    return x.reshape(len(x), n_head, -1).transpose(0, 1)"),
        (True, "\n\nquery = split(x @ w_query, n_head)"),
        (True, "key, value = split(x @ w_key, n_kv_head), split(x @ w_value, n_kv_head)"),
        (True, f"logits = query @ key{repeat}.transpose(1, 2) / query.shape[-1] ** 0.5"),
        (causal, "mask = torch.ones(len(x), len(x), dtype=torch.bool).tril()"),
        (causal, "logits = logits.masked_fill(~mask, -torch.inf)"),
        (True, "weights = logits.softmax(dim=-1)"),
        (True, f"outputs = weights @ value{repeat}"),
        (bool(scene.state.dropped), f"outputs[{_dropped(scene)}] = 0  # dropped, from 0"),
        (True, "concatenated = outputs.transpose(0, 1).reshape(len(x), -1)"),
        (True, "output = concatenated @ w_output"),
    )


def _torch_arrays(scene: Scene) -> str:
    """Return the lines that hand the notebook's arrays to PyTorch."""
    names = ("x", "w_query", "w_key", "w_value", "w_output")
    lines = [f"{name} = torch.from_numpy({name})" for name in names]
    if scene.state.is_causal:
        lines.append("mask = torch.from_numpy(mask)")
    if scene.state.group > 1:
        lines += [
            "query, key, value = (",
            "    torch.from_numpy(np.ascontiguousarray(heads))",
            "    for heads in (query_heads, key_heads, value_heads)",
            ")",
        ]
    return "\n".join(lines)


def _torch_own(scene: Scene) -> str:
    """Return the same by PyTorch: its module, or its function where heads share keys."""
    dropped, causal = bool(scene.state.dropped), scene.state.is_causal
    if scene.state.group > 1:
        return lines_where(
            (True, "# PyTorch's function; with enable_gqa heads may share keys and values."),
            (True, "reference = torch.nn.functional.scaled_dot_product_attention("),
            (
                True,
                f"    query[None], key[None], value[None], is_causal={causal}, enable_gqa=True",
            ),
            (True, ")[0]"),
            (dropped, f"reference[{_dropped(scene)}] = 0"),
            (True, "reference = reference.transpose(0, 1).reshape(len(x), -1) @ w_output"),
        )
    rows = np.concatenate(
        [
            np.arange(scene.state.d_head) + head * scene.state.d_head
            for head in sorted(scene.state.dropped)
        ]
        or [np.arange(0)]
    ).tolist()
    return lines_where(
        (True, "# PyTorch's module keeps its matrices the other way round."),
        (True, "d_model = x.shape[1]"),
        (True, "module = torch.nn.MultiheadAttention("),
        (True, "    d_model, n_head, bias=False, batch_first=True, dtype=x.dtype"),
        (True, ")"),
        (True, "with torch.no_grad():"),
        (True, "    module.in_proj_weight.copy_(torch.cat([w_query, w_key, w_value], dim=1).T)"),
        (True, "    module.out_proj.weight.copy_(w_output.T)"),
        (dropped, "    # To drop a head is to put its rows of W_O to 0."),
        (dropped, f"    module.out_proj.weight[:, {rows}] = 0"),
        (True, "    # Unless told not to, it returns the mean of the heads for their weights."),
        (True, "    reference, _ = module("),
        (
            True,
            f"        x[None], x[None], x[None], attn_mask={'~mask' if causal else 'None'},"
            f"{'  # here True = blocked' if causal else ''}",
        ),
        (True, "        average_attn_weights=False,"),
        (True, "    )"),
        (True, "reference = reference[0]"),
    )
