"""What a block computes as a formula, in LaTeX, with the model's own sizes in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from core.anatomy import (
    CLASS_TOKEN,
    CROSS,
    EMBEDDING,
    EMBEDDING_NORM,
    FEED_FORWARD,
    LAST_NORM,
    PATCHES,
    POOLING,
    POSITIONS,
    PROJECTION,
    SELF,
    SOFTMAX,
    TOKEN_TYPE,
    Anatomy,
    Block,
)
from core.named_tensor import NamedTensor

_BENDS: Final = {"relu": r"\max(0,\ {})", "gelu": r"\operatorname{GELU}({})"}
_NORM: Final = (
    r"\operatorname{norm}(x) = \frac{x - \operatorname{mean}(x)}"
    r"{\sqrt{\operatorname{var}(x) + \varepsilon}} \cdot \text{scale} + \text{shift}"
)


def formula_of(anatomy: Anatomy, block: Block, tensors: Sequence[NamedTensor]) -> str:
    """Return the formula of a block, "" where there is none; lines are aligned and short."""
    kind = block.place.kind
    if kind in (SELF, CROSS):
        lines = _attention(anatomy, block)
    elif kind == FEED_FORWARD:
        lines = _feed_forward(anatomy, block)
    else:
        lines = _outside(anatomy, block, tensors)
    if len(lines) < 2:
        return "".join(lines).replace("&", "")
    body = r" \\ ".join(lines)
    return rf"\begin{{aligned}} {body} \end{{aligned}}"


def _reading(anatomy: Anatomy) -> tuple[list[str], str]:
    """Return what is normalised first, and what a block reads."""
    return ([r"y &= \operatorname{norm}(x)"], "y") if anatomy.norm_first else ([], "x")


def _added(anatomy: Anatomy, block: Block, written: str) -> str:
    # A learned factor for every number that is written (LayerScale), where the model has one.
    is_scaled = any(parameter.name == "layer scale" for parameter in block.parameters)
    total = rf"x + \gamma \odot ({written})" if is_scaled else f"x + {written}"
    return f"x' &= {total}" if anatomy.norm_first else rf"x' &= \operatorname{{norm}}({total})"


def _attention(anatomy: Anatomy, block: Block) -> list[str]:
    lines, read = _reading(anatomy)
    other = "m" if block.place.kind == CROSS else read
    mask = " + M" if is_masked(anatomy, block) else ""
    n = anatomy.n_heads
    heads = r"A_1 V_1" if n == 1 else rf"A_1 V_1,\ \dots,\ A_{{{n}}} V_{{{n}}}"
    return [
        *lines,
        rf"Q_h &= {read}\,W_Q^h + b_Q^h",
        rf"K_h &= {other}\,W_K^h + b_K^h, \quad V_h = {other}\,W_V^h + b_V^h",
        rf"A_h &= \operatorname{{softmax}}\!\left(\frac{{Q_h K_h^\top}}"
        rf"{{\sqrt{{{anatomy.d_head}}}}}{mask}\right)",
        _added(anatomy, block, rf"[{heads}]\,W_O + b_O"),
    ]


def is_masked(anatomy: Anatomy, block: Block) -> bool:
    """Whether a token may not read those behind it here: only the last stack writes."""
    last = anatomy.facts.n_layers[-1][0]
    return anatomy.facts.causal and block.place.kind == SELF and block.place.stack == last


def _feed_forward(anatomy: Anatomy, block: Block) -> list[str]:
    lines, read = _reading(anatomy)
    inner = rf"{read}\,W_1 + b_1"
    bend = _BENDS.get(anatomy.facts.activation, "f({})")
    wide = f"u &= {bend.replace('{}', inner)}"
    size = rf"\quad \text{{({anatomy.facts.d_hidden:,} numbers)}}"
    return [*lines, wide + size, _added(anatomy, block, r"u\,W_2 + b_2")]


def _outside(anatomy: Anatomy, block: Block, tensors: Sequence[NamedTensor]) -> list[str]:
    kind = block.place.kind
    rows = f"{block.parameters[0].shape[0]:,}" if block.parameters else ""
    table = r"E^\top" if anatomy.facts.tied else "W"
    lines: dict[str, list[str]] = {
        PATCHES: [r"x_i &= p_i\,W + b"],
        CLASS_TOKEN: [r"X &= [\,c;\ x_1;\ x_2;\ \dots\,]"],
        EMBEDDING: [rf"x_i &= E[t_i], \quad E \text{{ of }} {rows} \times {anatomy.d_model:,}"],
        POSITIONS: [rf"x_i &\leftarrow {_positions(anatomy, tensors)}"],
        TOKEN_TYPE: [r"x_i &\leftarrow x_i + T_1"],
        EMBEDDING_NORM: [_NORM],
        LAST_NORM: [_NORM],
        POOLING: [r"\bar x &= \frac{1}{n} \sum_{i=1}^{n} x_i"],
        PROJECTION: [
            rf"z_i &= y_i\,{table} + b, "
            rf"\quad {anatomy.facts.n_answers:,} \text{{ logits}}"
        ],
        SOFTMAX: [r"p_{ij} &= \frac{e^{z_{ij}}}{\sum_k e^{z_{ik}}}"],
    }
    return lines.get(kind, [])


def _positions(anatomy: Anatomy, tensors: Sequence[NamedTensor]) -> str:
    """Return the sum, with the factor by which the numbers themselves say that it is multiplied."""
    given = [one.values for one in tensors if one.values.ndim == 2]
    plain = "x_i + P_i"
    if len(given) != 3 or len({values.shape for values in given}) > 1:
        return plain
    words, places, total = given
    if np.allclose(total, (words + places) * math.sqrt(anatomy.d_model), atol=1e-3):
        return rf"({plain}) \cdot \sqrt{{{anatomy.d_model}}}"
    return plain
