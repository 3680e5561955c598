"""The work behind a weight of the digit model: arithmetic, programs, source, arrays, notebook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.attention import scaled_dot_product_attention
from core.notebook import notebook
from core.softmax import softmax
from core.vision_attention import VisionAttention, attention_weights
from pages._shared import vision_arithmetic, vision_snippets
from pages._shared.digit_average import (
    AverageCase,
    average_cells,
    average_lines,
    average_program,
)
from pages._shared.digit_look_scene import DigitLook, look_again
from pages._shared.files import Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.vision_case import VisionCase, vision_case
from pages._shared.vision_words import head_name, query_name
from pages._shared.work import Work

_DIGITS = tuple(str(digit) for digit in range(10))
_PLACES = tuple(str(place) for place in range(1, 9))


def work_of(look: DigitLook) -> Work:
    """Return the arithmetic, the programs and the source behind the chosen weight."""
    read = query_name(look.key_patch, look.attention.grid)
    verb = "read" if look.is_average else "reads"
    return Work(
        heading=f"The arithmetic behind how much {look.asks} {verb} {read}",
        lines=lambda: [f"{look.head_name}:", *_lines(look)],
        numpy=lambda: program(look, "np"),
        torch=lambda: program(look, "torch"),
        functions=functions_that_ran,
    )


def case_of(look: DigitLook) -> VisionCase:
    """Return the row of attention of one token that is looked at."""
    choice = look.choice
    return vision_case(look.attention, choice.layer, look.head, choice.query, look.key_patch)


def average_of(look: DigitLook) -> AverageCase:
    """Return the average row of a model without class token."""
    choice, attention = look.choice, look.attention
    heads = list(range(attention.n_heads)) if choice.mean else [choice.head]
    return AverageCase(
        place=f"Layer {choice.layer + 1}, {head_name(look.head, attention.n_heads).lower()}",
        query=attention.query[choice.layer, heads],
        key=attention.key[choice.layer, heads],
        weights=attention.weights(choice.layer)[heads],
        key_token=look.cell[1],
        names=look.keys,
    )


def program(look: DigitLook, library: str) -> str:
    """Return a program that computes the strongest weights of the chosen row.

    Parameters
    ----------
    look : DigitLook
    library : {"np", "torch"}
    """
    if look.is_average:
        return average_program(average_of(look), "np" if library == "np" else "torch")
    case = case_of(look)
    if library == "np":
        return vision_snippets.vision_numpy_snippet(case)
    return vision_snippets.vision_torch_snippet(case)


def notebook_of(look: DigitLook, about: str) -> str:
    """Return a notebook that computes the chosen row from its query and all keys.

    `about` is its opening, in Markdown.
    """
    if look.is_average:
        return notebook(average_cells(average_of(look), about))
    return notebook(vision_snippets.vision_notebook_cells(case_of(look), about))


def take_arrays(look: DigitLook) -> dict[str, Tabular]:
    """Return the arrays behind what is looked at."""
    attention, layer = look.attention, look.choice.layer
    heads = Axis("head", tuple(f"Head {head + 1}" for head in range(attention.n_heads)))
    queries, keys = Axis("query", look.queries), Axis("key", look.keys)
    digit = Axis("digit", _DIGITS)
    arrays: dict[str, Tabular] = {
        "digit": Table(look.image, (Axis("row", _PLACES), Axis("column", _PLACES))),
        "probabilities": Table(attention.probabilities, (digit,)),
        f"weights_layer_{layer + 1}": Table(look.weights[layer], (heads, queries, keys)),
        "row": Table(look.shown[[look.cell[0]]], (Axis("query", (look.asks,)), keys)),
    }
    after = look_again(look)
    if after is not None:
        arrays["probabilities_again"] = Table(after.probabilities, (digit,))
    return arrays


def functions_that_ran() -> tuple[Callable[..., Any], ...]:
    """Return the functions behind a weight, the central one first."""
    # Loads torch, which the page has loaded by then.
    from core.transformer import walk
    from core.vit import forward
    from core.vit_steps import embed, read_logits

    rows = VisionAttention.rows
    numpy = (attention_weights, scaled_dot_product_attention, softmax)
    return (forward, embed, walk, rows, *numpy, read_logits)


def _lines(look: DigitLook) -> list[str]:
    if look.is_average:
        return average_lines(average_of(look))
    return vision_arithmetic.weight_lines(case_of(look))
