"""Programs that compute what is on the page: NumPy, PyTorch, and the cells of a notebook.

A program is text with the page's present numbers in it. It runs alone and prints the weights and
the output that the page shows. Only what is switched on appears in it. What a reader typed enters
as a quoted Python string and in no other way.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from core.notebook import Code, Markdown
from pages._shared.attention_case import (
    DIFFERENCE,
    IN_HALF,
    OVERFLOW,
    ROOT,
    ROUND_ONCE,
    TITLE,
    AttentionCase,
    added_code,
    bias_code,
    case_of,
    mask_code,
    naive_trap,
    printing_code,
    temperature_code,
    values_code,
)
from pages._shared.code_text import call_code, join_blocks, lines_where
from pages._shared.torch_snippets import torch_snippet

__all__ = ["AttentionCase", "Cell", "case_of", "notebook_cells", "numpy_snippet", "torch_snippet"]

Cell: TypeAlias = Markdown | Code

_NUMPY_DIGITS: Final = 'np.set_printoptions(precision=4, suppress=True, floatmode="fixed")'


def numpy_snippet(case: AttentionCase) -> str:
    """Return a program that needs NumPy alone and prints the page's very numbers.

    It does what `core.attention` does, in the same order: on one machine every bit is the same.
    """
    steps = (code for _, code, _ in _numpy_steps(case))
    printing = f"{_NUMPY_DIGITS}\n{printing_code(case)}"
    blocks = (TITLE, "import numpy as np", values_code(case, "np"), *steps, printing)
    return join_blocks(blocks) + "\n"


def notebook_cells(case: AttentionCase, about: str) -> list[Cell]:
    """Return a notebook that goes through the case one step at a time.

    Parameters
    ----------
    case : AttentionCase
        The page's present numbers.
    about : str
        The opening, in Markdown: a heading and what the page is about. No words of the reader's:
        those are in the code, quoted.

    Returns
    -------
    list of Markdown or Code
        Run from top to bottom they print what the page shows. The last one needs PyTorch.
    """
    opening = (
        "The numbers are those that stood on the page. NumPy is all that it takes, but for the "
        "last cell, which compares with PyTorch."
    )
    cells: list[Cell] = [
        Markdown(f"{about.strip()}\n\n{opening}"),
        Markdown("**Queries, keys and values.** One row for each token."),
        Code(join_blocks(("import numpy as np", _NUMPY_DIGITS, values_code(case, "np")))),
    ]
    for says, code, result in _numpy_steps(case):
        cells += [Markdown(says), Code(f"{code}\n{result}")]
    says = "It returns the output alone, no weights, and adds up in another order."
    if case.naive:
        says = "It subtracts each row's maximum: where NaN stands above, it has numbers."
    return [
        *cells,
        Markdown("**What the page shows:** all weights, the output, and the chosen weight."),
        Code(printing_code(case)),
        Markdown(f"**PyTorch's own function.** {says} Needs PyTorch (`pip install torch`)."),
        Code(_torch_check(case)),
    ]


# Of each step in NumPy: a sentence in Markdown, the code, and the name of what came out.
_Step = tuple[str, str, str]


def _numpy_steps(case: AttentionCase) -> list[_Step]:
    steps = [_numpy_scores(case)]
    if case.bias is not None:
        says = (
            "**Bias.** Added to the scaled scores. Within a row, the more of it a key has, the "
            "more it is read."
        )
        if case.bias_blocks:
            says += " Minus infinity blocks a key."
        steps.append((says, bias_code(case, "np"), "logits"))
    if case.mask is not None:
        says = (
            "**Mask.** True means may attend. The logit of a blocked key becomes minus infinity, "
            "and its weight exactly 0; a large negative number may leave something."
        )
        blocked = "logits = np.where(mask, logits, -np.inf)  # exp(-inf) is 0"
        steps.append((says, f"{mask_code(case, 'np')}\n{blocked}", "logits"))
    if case.stays_in_half:
        code = f"# {IN_HALF}\nlogits = logits.astype(np.float16)"
        steps.append((f"**Half precision.** {IN_HALF}", code, "logits"))
    steps.append(_numpy_naive_softmax(case) if case.naive else _numpy_softmax(case))
    output = lines_where(
        (True, "output = weights @ value  # (n_query, d_value)"),
        (
            case.rounds_once,
            "weights, output = weights.astype(np.float16), output.astype(np.float16)",
        ),
    )
    steps.append(("**Output.** The values, averaged with the weights.", output, "output"))
    return steps


def _numpy_scores(case: AttentionCase) -> _Step:
    factors = "query @ key.T"
    if case.stays_in_half:
        factors = "query.astype(np.float32) @ key.astype(np.float32).T"
    code = lines_where(
        (case.rounds_once, ROUND_ONCE),
        (
            case.rounds_once,
            "query, key, value = (array.astype(np.float32) for array in (query, key, value))",
        ),
        (True, f"scores = {factors}  # (n_query, n_key)"),
        (case.scale is None, f"scale = {ROOT}"),
        (case.scale == 1.0, "scale = 1.0  # not divided by the root of d_head"),
        (case.scale not in (None, 1.0), f"scale = {case.scale!r}"),
        (True, "logits = scores * scale"),
    )
    how = "times a scale."
    if case.scale is None:
        how = "divided by the root of d_head: so they spread alike at any d_head."
    elif case.scale == 1.0:
        how = "not divided by the root of d_head: the larger d_head, the more they spread."
    return (
        f"**Scaled scores.** The dot product of every query with every key, {how}",
        code,
        "logits",
    )


def _numpy_softmax(case: AttentionCase) -> _Step:
    empty, tempered = case.may_be_empty, case.temperature != 1.0
    limit = f"{OVERFLOW[case.working_dtype]} on ({case.working_dtype})"
    code = lines_where(
        (tempered, temperature_code(case)),
        (True, f"# Without subtracting the row's maximum, exp overflows from {limit}."),
        (True, "peak = logits.max(axis=-1, keepdims=True)"),
        (empty, "# A row with nothing to attend to: -inf - -inf is NaN; its weights are to be 0."),
        (empty, "peak = np.where(np.isneginf(peak), 0, peak)"),
        (tempered, "exponentials = np.exp((logits - peak) / temperature)"),
        (not tempered, "exponentials = np.exp(logits - peak)"),
        (True, "total = exponentials.sum(axis=-1, keepdims=True)"),
        (empty, "weights = exponentials / np.where(total == 0, 1, total)"),
        (not empty, "weights = exponentials / total  # every row sums to 1"),
    )
    says = (
        "**Softmax.** Exponentials, divided by their sum. Subtracting each row's maximum first "
        "changes nothing on paper and keeps `exp` from overflowing."
    )
    if empty:
        says += " A row with nothing to attend to gets weights of 0."
    return says, code, "weights"


def _numpy_naive_softmax(case: AttentionCase) -> _Step:
    tempered = case.temperature != 1.0
    code = lines_where(
        (tempered, temperature_code(case)),
        (True, naive_trap(case)),
        (True, f"exponentials = np.exp({'logits / temperature' if tempered else 'logits'})"),
        (True, "weights = exponentials / exponentials.sum(axis=-1, keepdims=True)"),
    )
    says = (
        "**Softmax, naive.** Exponentials, divided by their sum. As no maximum is subtracted, "
        "`exp` overflows where a logit is large."
    )
    return says, code, "weights"


def _torch_check(case: AttentionCase) -> str:
    """Return the notebook's last cell, which has NumPy's arrays at hand."""
    arguments = ["*map(torch.from_numpy, (query, key, value))"]
    if case.bias is not None:
        arguments.append(f"attn_mask=torch.from_numpy({added_code(case, 'np')})")
    elif case.mask is not None:
        arguments.append("attn_mask=torch.from_numpy(mask)")
    arguments.append("scale=scale" + (" / temperature" if case.temperature != 1.0 else ""))
    return "\n".join(
        (
            "import torch",
            "from torch.nn.functional import scaled_dot_product_attention",
            "",
            call_code("reference = scaled_dot_product_attention", arguments),
            "reference = reference.numpy().astype(output.dtype)",
            DIFFERENCE.format("np.abs(output - reference).max()"),
        )
    )
