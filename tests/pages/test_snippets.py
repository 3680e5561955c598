"""Every variant of the programs, run in a Python of its own and held to what the page shows."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from core.attention import scaled_dot_product_attention
from core.notebook import Code, Markdown, notebook
from core.presets import PRESETS, Toy, cat_sat_mat, random_toy
from core.traps import with_naive_softmax
from pages._shared.attention_settings import (
    MASKS,
    PRECISIONS,
    SOFTMAXES,
    TEMPERATURES,
    Computed,
    Settings,
    compute,
)
from pages._shared.code_text import array_code
from pages._shared.snippets import (
    AttentionCase,
    case_of,
    notebook_cells,
    numpy_snippet,
    torch_snippet,
)
from tests.pages.programs import (
    assigned,
    code_in,
    imports_of,
    run_notebooks,
    run_programs,
    run_python,
)

HOSTILE = (
    '"); import os; os.abort()',
    "'''",
    '"""',
    "\\",
    "{tokens}",
    "naïve",
    "猫🐱",
    "#\u202e\x00",
)
PLAIN = Settings()


def make(
    toy: Toy, settings: Settings, painted: NDArray[np.bool_] | None = None
) -> tuple[AttentionCase, Computed]:
    n_token = len(toy.tokens)
    if painted is None:
        painted = ~np.eye(n_token, dtype=bool)
        painted[-2] = False
    computed = compute(toy, painted, settings)
    return case_of(computed, settings, toy.tokens, n_token - 1, 1), computed


def every_variant() -> list[tuple[AttentionCase, Computed]]:
    """Every preset, mask, softmax and precision, with and without scaling, at all temperatures."""
    temperatures = itertools.cycle(TEMPERATURES)
    variants = []
    for name, mask, softmax, precision in itertools.product(PRESETS, MASKS, SOFTMAXES, PRECISIONS):
        toy = PRESETS[name]()
        for divided, temperature in ((True, 1.0), (False, next(temperatures))):
            settings = Settings(
                divided=divided,
                temperature=temperature,
                mask=mask,
                n_real=len(toy.tokens) - 1,
                softmax=softmax,
                precision=precision,
            )
            variants.append(make(toy, settings))
    nothing_real = replace(PLAIN, mask="Padding", n_real=0)
    hostile = replace(random_toy(8, 8, 3, seed=1), tokens=HOSTILE)
    variants += [
        make(cat_sat_mat(), nothing_real),
        make(cat_sat_mat(), replace(nothing_real, softmax="Naive")),
        make(cat_sat_mat(), replace(PLAIN, mask="Painted"), np.ones((5, 5), dtype=bool)),
        make(random_toy(2, 1, 1, seed=3), PLAIN),
        make(hostile, PLAIN),
        make(hostile, replace(PLAIN, mask="Painted", softmax="Naive", precision="float16")),
    ]
    return variants


def biased_variants() -> list[tuple[AttentionCase, Computed]]:
    """Biases of every shape, with every mask, softmax and precision."""
    places = np.arange(5.0)
    far = -np.abs(places[:, None] - places) / 3  # as in ALiBi
    far[2] = -np.inf
    far[0, 3:] = -np.inf
    biases = itertools.cycle(
        (far[:2].repeat([3, 2], axis=0), far, far[1:2], np.array([[0, -1, 2, 3, -2]]), far[:, :1])
    )
    temperatures = itertools.cycle((1.0, 0.5, 2.0))
    variants = []
    for mask, softmax, precision in itertools.product(MASKS, SOFTMAXES, PRECISIONS):
        settings = replace(PLAIN, mask=mask, softmax=softmax, precision=precision)
        for _ in range(2):
            warm = replace(settings, temperature=next(temperatures))
            variants.append(with_bias(*make(cat_sat_mat(), warm), next(biases)))
    return variants


def with_bias(
    case: AttentionCase, computed: Computed, bias: NDArray[Any]
) -> tuple[AttentionCase, Computed]:
    attention = scaled_dot_product_attention(
        case.query, case.key, case.value,
        mask=case.mask, bias=bias, scale=case.scale, temperature=case.temperature,
    )  # fmt: skip
    if case.naive:
        attention = with_naive_softmax(attention, case.value, temperature=case.temperature)
    return replace(case, bias=bias), replace(computed, attention=attention)


BIASED = biased_variants()
VARIANTS = every_variant() + BIASED


def shown(case: AttentionCase, computed: Computed) -> str:
    """Return the numbers on the screen, printed with four digits, and the sentence."""
    (i, j), attention = case.chosen, computed.attention
    with np.printoptions(precision=4, suppress=True, floatmode="fixed"):
        return (
            f"weights\n{attention.weights}\noutput\n{attention.output}\n"
            f"{case.tokens[i]} reads {case.tokens[j]}: {attention.weights[i, j]:.4f}\n"
        )


def numbers_in(text: str) -> NDArray[np.float64]:
    found = re.findall(r"(?<!\w)(?:nan|-?inf|-?\d+\.\d*(?:e[+-]?\d+)?)", text)
    return np.array([float(number) for number in found])


def code_of(case: AttentionCase) -> list[str]:
    return code_in(notebook(notebook_cells(case, "# A page")))


def test_numpy_prints_the_numbers_on_the_screen_in_every_variant() -> None:
    runs = run_programs([numpy_snippet(case) for case, _ in VARIANTS])
    for (case, computed), run in zip(VARIANTS, runs, strict=True):
        assert run.printed == shown(case, computed)
        assert case.naive or not run.warned


def test_torch_prints_the_numbers_on_the_screen_in_every_variant() -> None:
    runs = run_programs([torch_snippet(case) for case, _ in VARIANTS])
    for (case, computed), run in zip(VARIANTS, runs, strict=True):
        first, _, rest = run.printed.partition("\n")
        weights, _, rest = rest.partition("output\n")
        output, sentence = rest.rstrip("\n").rsplit("\n", 1)
        tolerance = {"atol": 1.01e-4, "rtol": 0.0}  # the last digit may be rounded otherwise
        if case.dtype == "float16":  # steps of 0.0005 below 1; a sum in float16 loses several
            tolerance = {"atol": 3e-3 if case.naive else 1.01e-4, "rtol": 1e-3}
        attention = computed.attention
        for printed, array in ((weights, attention.weights), (output, attention.output)):
            np.testing.assert_allclose(
                numbers_in(printed), array.astype(float).ravel(), equal_nan=True, **tolerance
            )
        (i, j) = case.chosen
        before, _, number = sentence.rpartition(": ")
        assert before == f"{case.tokens[i]} reads {case.tokens[j]}"
        np.testing.assert_allclose(
            float(number), float(attention.weights[i, j]), equal_nan=True, **tolerance
        )
        difference = float(first.rpartition(": ")[2])
        assert np.isnan(difference) == np.isnan(attention.output).any()
        if not case.naive:
            assert difference < (0.02 if case.dtype == "float16" else 1e-4)
            assert not run.warned


def test_notebooks_print_the_numbers_on_the_screen() -> None:
    some = VARIANTS[::5] + VARIANTS[-len(BIASED) - 6 :: 3]
    for (case, computed), run in zip(
        some, run_notebooks([code_of(case) for case, _ in some]), strict=True
    ):
        expected = shown(case, computed)
        assert run.printed.startswith(expected)
        difference = float(run.printed.removeprefix(expected).rpartition(": ")[2])
        assert np.isnan(difference) == np.isnan(computed.attention.output).any()
        assert case.naive or difference < (0.02 if case.dtype == "float16" else 1e-4)


@pytest.mark.parametrize("snippet", [numpy_snippet, torch_snippet])
def test_a_program_runs_alone_from_its_file(
    snippet: Callable[[AttentionCase], str], tmp_path: Path
) -> None:
    case, computed = make(replace(random_toy(8, 3, 2, seed=1), tokens=HOSTILE), PLAIN)
    file = tmp_path / "attention.py"
    file.write_text(snippet(case), encoding="utf-8")
    printed = run_python("-X", "utf8", str(file))
    assert printed.endswith(shown(case, computed).rsplit("\n", 2)[1] + "\n")


def test_programs_need_one_library_alone() -> None:
    for case, _ in VARIANTS:
        assert imports_of(numpy_snippet(case)) == {"numpy"}
        assert imports_of(torch_snippet(case)) == {"torch", "torch.nn.functional"}
        *cells, last = code_of(case)
        assert set().union(*map(imports_of, cells)) == {"numpy"}
        assert imports_of(last) == {"torch", "torch.nn.functional"}


def test_only_what_is_switched_on_appears() -> None:
    for case, _ in VARIANTS:
        for program in (numpy_snippet(case), torch_snippet(case), "\n".join(code_of(case))):
            names = {n.id for n in ast.walk(ast.parse(program)) if isinstance(n, ast.Name)}
            assert ("mask" in names) == (case.mask is not None)
            assert ("bias" in names) == (case.bias is not None)
            assert ("temperature" in names) == (case.temperature != 1.0)
            assert ("float16" in program) == (case.dtype == "float16")
            assert ("nothing to attend to" in program) == case.may_be_empty
            assert ("inf / inf = NaN" in program) == case.naive
            assert ("root of d_head" in program) or case.scale is None


def test_traps_are_named_where_they_are() -> None:
    half = replace(PLAIN, precision="float16")
    case, _ = make(cat_sat_mat(), PLAIN)
    assert "scale = 1 / query.shape[-1] ** 0.5  # root of d_head, not of d_model" in numpy_snippet(
        case
    )
    assert "exp overflows from 88.7 on (float32)" in numpy_snippet(case)
    case, _ = make(cat_sat_mat(), replace(half, softmax="Naive"))
    assert "exp overflows from 11.1 on in float16" in numpy_snippet(case)
    case, _ = make(cat_sat_mat(), half)
    assert "compute in float32 and round once" in torch_snippet(case)
    case, _ = make(cat_sat_mat(), replace(PLAIN, mask="Causal"))
    assert "in nn.MultiheadAttention True = blocked" in torch_snippet(case)
    assert "is_causal=True" in torch_snippet(case)
    assert "mask = np.tril(np.ones((5, 5), dtype=bool))" in numpy_snippet(case)
    case, _ = make(cat_sat_mat(), replace(PLAIN, mask="Padding", n_real=3))
    assert "mask = np.arange(5) < 3" in numpy_snippet(case)
    case, _ = make(cat_sat_mat(), replace(PLAIN, divided=False))
    assert "scale = 1.0" in torch_snippet(case)
    assert "scale=scale" in torch_snippet(case)


@pytest.mark.parametrize(
    ("dtype", "limit"), [("float16", 11.1), ("float32", 88.75), ("float64", 709.85)]
)
def test_limits_of_exp_are_as_the_programs_say(dtype: str, limit: float) -> None:
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(np.array(limit, dtype=dtype)))
        assert np.isfinite(np.exp(np.array(limit - 0.1, dtype=dtype)))


def test_a_program_is_as_a_person_would_write_it() -> None:
    toy = Toy(
        name="Two",
        tokens=("who", "me"),
        query=np.array([[1.0, -0.5], [0.25, 10.0]]),
        key=np.eye(2),
        value=np.array([[1.0], [-2.0]]),
        note="",
    )
    case, _ = make(toy, replace(PLAIN, temperature=0.5, mask="Causal"))
    assert numpy_snippet(case) == (
        '"""Scaled dot-product attention, with the numbers that Attention Lab showed."""\n'
        """
import numpy as np

tokens = ['who', 'me']

query = np.array([  # (n_query, d_head)
    [ 1.0, -0.5],
    [0.25, 10.0],
], dtype=np.float32)
key = np.array([  # (n_key, d_head)
    [1.0, 0.0],
    [0.0, 1.0],
], dtype=np.float32)
value = np.array([  # (n_key, d_value)
    [ 1.0],
    [-2.0],
], dtype=np.float32)

scores = query @ key.T  # (n_query, n_key)
scale = 1 / query.shape[-1] ** 0.5  # root of d_head, not of d_model
logits = scores * scale

# True = may attend.
# Causal: a query sees the keys up to its own place.
mask = np.tril(np.ones((2, 2), dtype=bool))
logits = np.where(mask, logits, -np.inf)  # exp(-inf) is 0

temperature = 0.5  # below 1 sharpens, above 1 flattens
# Without subtracting the row's maximum, exp overflows from 88.7 on (float32).
peak = logits.max(axis=-1, keepdims=True)
exponentials = np.exp((logits - peak) / temperature)
total = exponentials.sum(axis=-1, keepdims=True)
weights = exponentials / total  # every row sums to 1

output = weights @ value  # (n_query, d_value)

np.set_printoptions(precision=4, suppress=True, floatmode="fixed")
print("weights", weights, sep="\\n")
print("output", output, sep="\\n")
print(f"{tokens[1]} reads {tokens[1]}: {weights[1, 1]:.4f}")
"""
    )


def test_no_line_is_too_long_to_read() -> None:
    for case, _ in VARIANTS:
        for program in (numpy_snippet(case), torch_snippet(case), *code_of(case)):
            assert max(map(len, program.splitlines())) <= 100


@given(st.lists(st.text(max_size=24), min_size=2, max_size=8))
def test_words_stay_words(words: list[str]) -> None:
    tokens = tuple(words)
    case, _ = make(replace(random_toy(len(words), 2, 2, seed=0), tokens=tokens), PLAIN)
    tame = replace(case, tokens=("x",) * len(words))
    for program in (numpy_snippet, torch_snippet):
        assert assigned(program(case), "tokens") == words
        assert skeleton(program(case)) == skeleton(program(tame))
    for cell, other in zip(notebook_cells(case, "#"), notebook_cells(tame, "#"), strict=True):
        assert type(cell) is type(other)
        assert cell.source == other.source or "tokens = [" in cell.source
        assert isinstance(cell, Code) or cell.source == other.source


def skeleton(program: str) -> str:
    """Return a program without the words in `tokens`."""
    tree = ast.parse(program)
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "tokens":
            node.value = ast.Constant(None)
    return ast.dump(tree)


@given(st.data(), st.sampled_from([np.float16, np.float32, np.float64]))
def test_numbers_read_back_exactly(data: st.DataObject, dtype: type) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=2, max_side=9))
    array = data.draw(hnp.arrays(dtype, shape))
    namespace: dict[str, Any] = {"np": np}
    exec(array_code("array", array, "np", "shape"), namespace)
    assert namespace["array"].dtype == array.dtype
    np.testing.assert_array_equal(namespace["array"], array)
    signed = ~np.isnan(array)  # a NaN may come back with another sign
    np.testing.assert_array_equal(np.signbit(namespace["array"][signed]), np.signbit(array[signed]))


def test_queries_and_keys_may_have_different_names_and_numbers() -> None:
    rng = np.random.default_rng(0)
    query, key, value = (rng.standard_normal(shape) for shape in ((2, 3), (4, 3), (4, 5)))
    case = AttentionCase(
        tokens=("le", "chat"),
        key_tokens=("the", "black", "cat", "."),
        query=query,
        key=key,
        value=value,
        chosen=(1, 2),
        mask=np.array([[True, False, True, True]]),
        scale=0.3,
    )
    attention = scaled_dot_product_attention(query, key, value, mask=case.mask, scale=0.3)
    runs = run_programs([numpy_snippet(case), torch_snippet(case)])
    for run in (*runs, *run_notebooks([code_of(case)])):
        assert f"chat reads cat: {attention.weights[1, 2]:.4f}\n" in run.printed
        after = run.printed.partition("weights\n")[2].partition("chat")[0]
        expected = np.concatenate([attention.weights.ravel(), attention.output.ravel()])
        np.testing.assert_allclose(numbers_in(after), expected, atol=1e-4)


def test_a_bias_stands_between_scale_and_mask() -> None:
    case, _ = make(cat_sat_mat(), replace(PLAIN, mask="Causal", temperature=2.0))
    case = replace(case, bias=np.eye(5))
    for program in (numpy_snippet(case), torch_snippet(case)):
        places = [
            program.index(step)
            for step in ("scale = ", "bias = ", "logits = logits + bias", "mask = ", "temperature")
        ]
        assert places == sorted(places)
    assert "attn_mask=torch.where(mask, bias, -torch.inf) / temperature" in torch_snippet(case)
    assert "dividing scale and bias by it" in torch_snippet(case)


def test_a_case_that_does_not_fit_is_refused() -> None:
    toy = cat_sat_mat()
    with pytest.raises(ValueError, match="row for each of 4 queries and 4 keys"):
        AttentionCase(toy.tokens[:4], toy.query, toy.key, toy.value, (0, 0))
    with pytest.raises(ValueError, match="one dtype"):
        AttentionCase(toy.tokens, toy.query.astype("float32"), toy.key, toy.value, (0, 0))
    for bias in (np.zeros((4, 5)), np.zeros(5), np.zeros((1, 5, 5)), np.ones((5, 5), dtype=bool)):
        with pytest.raises(ValueError, match="real numbers for 5 queries and 5 keys"):
            AttentionCase(toy.tokens, toy.query, toy.key, toy.value, (0, 0), bias=bias)


def test_a_notebook_says_what_it_is_and_explains_each_step() -> None:
    case, _ = make(cat_sat_mat(), replace(PLAIN, mask="Painted"))
    cells = notebook_cells(case, "# How do Q, K and V become an output?\n\nToy numbers.\n")
    assert cells[0].source.startswith("# How do Q, K and V become an output?\n\nToy numbers.\n\n")
    headings = [cell.source.split("**")[1] for cell in cells[1:] if isinstance(cell, Markdown)]
    assert headings == [
        "Queries, keys and values.",
        "Scaled scores.",
        "Mask.",
        "Softmax.",
        "Output.",
        "What the page shows:",
        "PyTorch's own function.",
    ]
    assert [type(cell) for cell in cells[1:]] == [Markdown, Code] * len(headings)
    assert all(cell.source == cell.source.strip() for cell in cells)
