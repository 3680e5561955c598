"""The source of the functions that ran, read from the running code itself."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from core.attention import scaled_dot_product_attention
from core.attention_maps import attention_received, cosine_similarity, pca_colours
from core.explain import attention_rollout
from core.masks import causal_mask, padding_mask, sliding_window_mask
from core.softmax import naive_softmax, softmax
from core.traps import with_naive_softmax
from core.vision_attention import VisionAttention, attention_weights
from pages._shared.attention_settings import Settings

Function = Callable[..., Any]

_ROOT: Final = Path(__file__).resolve().parents[2]


def source_of(function: Function, *, docstring: bool = False) -> str:
    """Return the source of a function or class as it stands in its file, unindented.

    Parameters
    ----------
    function : callable
        A function, method or class written in Python; of a decorated one, what was decorated.
    docstring : bool
        Whether to keep docstrings, which are often longer than the code.
    """
    text = textwrap.dedent(inspect.getsource(function))
    return text if docstring else without_docstrings(text)


def place_of(function: Function) -> str:
    """Return where a function stands, such as ``"core/attention.py, line 70"``."""
    original = inspect.unwrap(function)
    file = inspect.getsourcefile(original)
    if file is None:
        raise ValueError(f"{function!r} was not written in Python: there is no source to show.")
    path = Path(file).resolve()
    _, line = inspect.getsourcelines(original)
    return f"{path.relative_to(_ROOT).as_posix()}, line {line}"


def functions_that_ran(settings: Settings) -> tuple[Function, ...]:
    """Return the functions behind the scaled dot-product page, the central one first."""
    functions: list[Function] = [scaled_dot_product_attention]
    functions += [with_naive_softmax, naive_softmax] if settings.softmax == "Naive" else [softmax]
    if settings.mask == "Causal":
        functions += [causal_mask, sliding_window_mask]
    elif settings.mask == "Padding":
        functions.append(padding_mask)
    return tuple(functions)


def vision_functions_that_ran(
    view: str, *, compares: bool = False, names: bool = False
) -> tuple[Function, ...]:
    """Return the functions behind a view of the Vision Transformer page, its own first.

    Parameters
    ----------
    view : str
        One of `pages._shared.vision_state.VIEWS`, but for those that test.
    compares : bool
        Whether features are compared with a chosen patch's.
    names : bool
        Whether the model names classes rather than predicting saliency.

    Raises
    ------
    ValueError
        If there is no such view.
    """
    # Loads torch, which that page has loaded by then.
    from core import torch_attention
    from core.saliency_decoder import SaliencyDecoder
    from core.vit import forward
    from core.vit_steps import read_logits
    from pages._shared.vision_state import ATTENTION, FEATURES, ROLLOUT, SALIENCY

    weights = (attention_weights, scaled_dot_product_attention, softmax)
    functions: dict[str, tuple[Function, ...]] = {
        ATTENTION: (VisionAttention.rows, *weights, forward),
        ROLLOUT: (attention_rollout, attention_received, VisionAttention.weights, *weights),
        FEATURES: (pca_colours, *((cosine_similarity,) if compares else ()), forward),
        SALIENCY: (
            forward,
            torch_attention.scaled_dot_product_attention,
            read_logits if names else SaliencyDecoder,
        ),
    }
    if view not in functions:
        raise ValueError(f"There is no view {view!r}: expected one of {', '.join(functions)}.")
    return functions[view]


def without_docstrings(text: str) -> str:
    """Return source without the docstrings of its functions and classes, the rest untouched.

    One that is all there is, or shares a line with code, stays.
    """
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        first, *others = node.body
        if ast.get_docstring(node) is None or not others:
            continue
        start, end = first.lineno, first.end_lineno or first.lineno
        if node.lineno == start or others[0].lineno == end:
            continue
        if not lines[end].strip():
            lines[end] = ""
        lines[start - 1 : end] = [""] * (end - start + 1)  # so that other lines keep their numbers
    return "".join(lines)
