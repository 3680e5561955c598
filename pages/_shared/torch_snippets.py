"""A program in PyTorch that computes the attention on the page: see `pages._shared.snippets`."""

from __future__ import annotations

from pages._shared.attention_case import (
    DIFFERENCE,
    IN_HALF,
    ROOT,
    ROUND_ONCE,
    TITLE,
    AttentionCase,
    added_code,
    bias_code,
    mask_code,
    naive_trap,
    printing_code,
    temperature_code,
    values_code,
)
from pages._shared.code_text import call_code, join_blocks, lines_where


def torch_snippet(case: AttentionCase) -> str:
    """Return a program that needs PyTorch alone: the weights by hand, and PyTorch's function.

    PyTorch adds up in another order: in float32 a number may differ in its seventh digit.
    """
    blocks = (
        TITLE,
        "import torch\nfrom torch.nn.functional import scaled_dot_product_attention",
        values_code(case, "torch"),
        _torch_logits(case),
        _torch_weights(case),
        _torch_reference(case),
        "torch.set_printoptions(precision=4, sci_mode=False)\n"
        + DIFFERENCE.format("(output - reference).abs().max()")
        + "\n"
        + printing_code(case),
    )
    return join_blocks(blocks) + "\n"


def _torch_logits(case: AttentionCase) -> str:
    factors = "query.float() @ key.float().T" if case.stays_in_half else "query @ key.T"
    scale = f"{case.scale!r}  # PyTorch divides by the root of d_head unless a scale is given"
    return lines_where(
        (case.rounds_once, ROUND_ONCE),
        (case.rounds_once, "query, key, value = query.float(), key.float(), value.float()"),
        (True, f"scale = {ROOT if case.scale is None else scale}"),
        (True, f"logits = {factors} * scale  # (n_query, n_key)"),
        (case.bias is not None, bias_code(case, "torch")),
        (case.mask is not None, mask_code(case, "torch")),
        (case.mask is not None, "logits = logits.masked_fill(~mask, -torch.inf)"),
        (case.stays_in_half, f"# {IN_HALF}\nlogits = logits.half()"),
    )


def _torch_weights(case: AttentionCase) -> str:
    stable, tempered = not case.naive, case.temperature != 1.0
    logits = "(logits / temperature)" if tempered else "logits"
    empty = "logits.isneginf().all(" if case.bias_blocks else "~mask.any("
    return lines_where(
        (tempered, temperature_code(case)),
        (stable, f"weights = {logits}.softmax(dim=-1)  # subtracts the row's maximum itself"),
        (
            stable and case.may_be_empty,
            "# A row with nothing to attend to: softmax gives NaN; its weights are to be 0.\n"
            f"weights = weights.masked_fill({empty}dim=-1, keepdim=True), 0)",
        ),
        (case.naive, naive_trap(case)),
        (case.naive, f"exponentials = {logits}.exp()"),
        (case.naive, "weights = exponentials / exponentials.sum(dim=-1, keepdim=True)"),
        (True, "output = weights @ value  # (n_query, d_value)"),
    )


def _torch_reference(case: AttentionCase) -> str:
    tempered = case.temperature != 1.0
    arguments = ["query, key, value"]
    if case.bias is not None:
        arguments.append(f"attn_mask={added_code(case, 'torch')}")
    elif case.is_causal:
        arguments.append("is_causal=True")
    elif case.mask is not None:
        arguments.append("attn_mask=mask")
    arguments.append("scale=scale / temperature" if tempered else "scale=scale")
    scaled = "the scale" if case.bias is None else "scale and bias"
    return lines_where(
        (True, "# PyTorch's own function: the output alone, no weights."),
        (case.naive, "# It subtracts the row's maximum: where NaN stands above, it has numbers."),
        (case.bias is not None, "# It adds attn_mask to the scaled scores unless that is bool."),
        (tempered, f"# It knows no temperature; dividing {scaled} by it comes to the same."),
        (True, call_code("reference = scaled_dot_product_attention", arguments)),
        (
            case.rounds_once,
            "weights, output, reference = weights.half(), output.half(), reference.half()",
        ),
    )
