"""What is shown as source is what stands in the file."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.attention import Attention, scaled_dot_product_attention
from core.masks import causal_mask, padding_mask
from core.softmax import naive_softmax, softmax
from core.vision_attention import VisionAttention
from core.vit import forward
from pages._shared.attention_settings import MASKS, SOFTMAXES, Settings
from pages._shared.source import (
    functions_that_ran,
    place_of,
    source_of,
    vision_functions_that_ran,
    without_docstrings,
)
from pages._shared.vision_state import ATTENTION, FEATURES, ROLLOUT, SALIENCY

ROOT = Path(__file__).parents[2]
SHOWN = sorted(
    {
        *(
            function
            for mask in MASKS
            for softmax_ in SOFTMAXES
            for function in functions_that_ran(Settings(mask=mask, softmax=softmax_))
        ),
        *(
            function
            for view in (ATTENTION, ROLLOUT, FEATURES, SALIENCY)  # the others bring their own
            for names_classes in (False, True)
            for function in vision_functions_that_ran(view, compares=True, names=names_classes)
        ),
        Attention,
    },
    key=lambda function: f"{function.__module__}.{function.__qualname__}",
)


def lines_from(function: Callable[..., Any]) -> list[str]:
    """Return the lines of the file that `place_of` names, from the line that it names."""
    file, _, line = place_of(function).partition(", line ")
    return (ROOT / file).read_text(encoding="utf-8").splitlines()[int(line) - 1 :]


@pytest.mark.parametrize("function", SHOWN, ids=lambda function: function.__qualname__)
def test_source_is_what_stands_in_the_file(function: Callable[..., Any]) -> None:
    source = source_of(function, docstring=True).splitlines()
    there = "\n".join(lines_from(function)[: len(source)])
    assert textwrap.dedent(there).splitlines() == source
    first = source[0] if not source[0].startswith("@") else source[1]
    assert first.startswith((f"def {function.__name__}(", f"class {function.__name__}"))


@pytest.mark.parametrize("function", SHOWN, ids=lambda function: function.__qualname__)
def test_without_the_docstring_the_code_is_the_same(function: Callable[..., Any]) -> None:
    whole, short = source_of(function, docstring=True), source_of(function)
    compile(short, "<source>", "exec")
    module = ast.parse(whole)
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            del node.body[0]
    assert ast.dump(ast.parse(short)) == ast.dump(module)
    assert not any(
        isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node)
        for node in ast.walk(ast.parse(short))
    )
    kept = [line for line in short.splitlines() if line.strip()]
    left = iter(whole.splitlines())
    assert all(line in left for line in kept)  # comments and layout, in their order
    assert len(short) < len(whole)


def test_places_are_relative_to_the_lab() -> None:
    assert place_of(scaled_dot_product_attention).startswith("core/attention.py, line ")
    assert lines_from(scaled_dot_product_attention)[0] == "def scaled_dot_product_attention("
    assert place_of(forward).startswith("core/vit.py, line ")
    assert lines_from(forward)[:2] == ["@torch.no_grad()", "def forward("]
    assert lines_from(VisionAttention.rows)[0].startswith("    def rows(self, ")


def test_methods_are_unindented() -> None:
    assert source_of(VisionAttention.rows).startswith("def rows(self, ")


def lonely() -> None:
    """Nothing but a docstring."""


def plain() -> str:
    return "no docstring"  # but a comment


def test_docstrings_that_cannot_go_stay() -> None:
    assert source_of(lonely) == source_of(lonely, docstring=True)
    assert source_of(plain) == source_of(plain, docstring=True)
    for text in (
        'def f(): "Joined."; return 1\n',
        'def f():\n    "Joined."; return 1\n',
        "x = 1\n",
    ):
        assert without_docstrings(text) == text


def test_what_has_no_source_is_refused() -> None:
    with pytest.raises(TypeError):
        source_of(len)


def test_functions_follow_the_settings() -> None:
    settings = Settings()
    assert functions_that_ran(settings) == (scaled_dot_product_attention, softmax)
    naive = functions_that_ran(replace(settings, softmax="Naive"))
    assert naive_softmax in naive
    assert softmax not in naive
    assert causal_mask in functions_that_ran(replace(settings, mask="Causal"))
    assert padding_mask in functions_that_ran(replace(settings, mask="Padding"))
    painted = functions_that_ran(replace(settings, mask="Painted"))
    assert painted == functions_that_ran(settings)


def names(functions: tuple[Callable[..., Any], ...]) -> list[str]:
    return [function.__name__ for function in functions]


def test_functions_follow_the_view() -> None:
    attention = ["attention_weights", "scaled_dot_product_attention", "softmax"]
    assert names(vision_functions_that_ran(ATTENTION)) == ["rows", *attention, "forward"]
    assert names(vision_functions_that_ran(ROLLOUT))[:2] == [
        "attention_rollout",
        "attention_received",
    ]
    assert names(vision_functions_that_ran(FEATURES)) == ["pca_colours", "forward"]
    assert "cosine_similarity" in names(vision_functions_that_ran(FEATURES, compares=True))
    assert names(vision_functions_that_ran(SALIENCY)) == [
        "forward",
        "scaled_dot_product_attention",
        "SaliencyDecoder",
    ]
    with pytest.raises(ValueError, match="no view 'Nonsense'"):
        vision_functions_that_ran("Nonsense")
