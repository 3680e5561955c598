"""What the page of several heads hands out and asks: programs and experiments."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages._shared.experiments.multi_head import EXPERIMENTS
from pages._shared.experiments.multi_head_answers import changes_without
from pages._shared.lesson import DoesNotFitError, find_answer
from pages._shared.multi_head_counts import in_bytes, in_operations
from pages._shared.multi_head_cut import MultiHeadState
from pages._shared.multi_head_scene import Scene, see
from pages._shared.multi_head_snippets import numpy_program, torch_program
from tests.pages.link_states import multi_head_states
from tests.pages.programs import Run, imports_of, run_programs

START = MultiHeadState.load()
CASES = {
    "as it starts": START,
    "one head": START.cut(1),
    "eight heads, causal": replace(MultiHeadState.load("Random", 5).cut(8), causal=True),
    "grouped, dropped": replace(START.cut(4, 2), dropped=frozenset({1, 2})),
    "multi-query, causal": replace(MultiHeadState.load("Random").cut(8, 1), causal=True),
    "own, dropped": replace(START, dropped=frozenset({0, 3}), head=2, reader=3, source=1),
    "hostile words": START.said(("猫", "'\"", "{x}", "\\", "#")),
}
BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}


def expect(run: Run, scene: Scene) -> None:
    """A program prints every map and the output of the page, and the chosen weight."""
    assert not run.warned
    arrays = {f"head_{h + 1}": weights for h, weights in enumerate(scene.weights)}
    arrays |= {"concatenated": scene.result.concatenated, "output": scene.result.output}
    for name, expected in arrays.items():
        text = re.search(rf"^{name}\n(.*?\]\])", run.printed, re.DOTALL | re.MULTILINE)
        assert text, f"{name} is not printed"
        numbers = re.findall(r"-?\d+\.\d*(?:e[+-]\d+)?", text[1])
        np.testing.assert_allclose(
            np.array(numbers, float), expected.ravel(), rtol=0, atol=1.01e-4, err_msg=name
        )
    state = scene.state
    weight = scene.weights[state.head, state.reader, state.source]
    words = f"{state.words[state.reader]} reads {state.words[state.source]}"
    assert run.printed.rstrip().endswith(f"head {state.head + 1}: {words}: {weight:.4f}")


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_programs_run_alone_and_print_the_page(library: str) -> None:
    make = {"numpy": numpy_program, "torch": torch_program}[library]
    scenes = [see(state) for state in CASES.values()]
    programs = [make(scene) for scene in scenes]
    assert {name for program in programs for name in imports_of(program)} == {library}
    for run, scene in zip(run_programs(programs), scenes, strict=True):
        expect(run, scene)
        if library == "torch":
            gap = re.search(r"largest difference from PyTorch's own output: (\S+)", run.printed)
            assert gap
            assert float(gap[1]) < 1e-12


def test_a_program_names_only_what_is_switched_on() -> None:
    plain = torch_program(see(START))
    assert "nn.MultiheadAttention" in plain
    assert "average_attn_weights=False" in plain
    for absent in ("mask =", "enable_gqa", "dropped", "repeat_interleave"):
        assert absent not in plain
    assert "enable_gqa=True" in torch_program(see(CASES["multi-query, causal"]))
    assert "outputs[[1, 2]] = 0" in numpy_program(see(CASES["grouped, dropped"]))


# --- experiments -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", BY_NAME)
@settings(max_examples=25)
@given(state=multi_head_states())
def test_an_answer_is_found_on_any_page_or_the_question_does_not_fit(
    name: str, state: MultiHeadState
) -> None:
    with suppress(DoesNotFitError):
        answer = find_answer(BY_NAME[name], state, see)
        assert answer.value in range(len(BY_NAME[name].ask.options))
        assert "nan" not in answer.because.casefold()


@settings(max_examples=25)
@given(seed=st.integers(0, 9999))
def test_the_head_that_is_missed_least_is_found(seed: int) -> None:
    """Against dropping each by hand: taking its rows of W_O away."""
    state = MultiHeadState.load("Random", seed)
    result = see(state).result
    by_hand = [
        np.abs(result.concatenated[:, 2 * h : 2 * h + 2] @ state.output[2 * h : 2 * h + 2]).max()
        for h in range(4)
    ]
    np.testing.assert_allclose(changes_without(see(state)), by_hand, atol=1e-12)
    with suppress(DoesNotFitError):
        assert find_answer(BY_NAME["rests"], state, see).value == int(np.argmin(by_hand))


def test_questions_about_four_heads_do_not_fit_others() -> None:
    for name in ("rests", "mean", "shared"):
        with pytest.raises(DoesNotFitError, match="there are 2 now"):
            find_answer(BY_NAME[name], START.cut(2), see)
    with pytest.raises(DoesNotFitError, match="three words"):
        find_answer(BY_NAME["one-head"], START, see)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 M"), (94_400_000, "94.4 M"), (10**9, "1 G"), (26_388_279_066_624, "26.4 T"),
     (50_665_495_807_918_080, "50.7 P")],
)  # fmt: skip
def test_operations_in_words(count: int, text: str) -> None:
    assert in_operations(count) == text


def test_the_mean_of_four_is_of_all_four() -> None:
    with pytest.raises(DoesNotFitError, match="but one is dropped"):
        find_answer(BY_NAME["mean"], replace(START, dropped=frozenset({2})), see)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (2**41, "2 TiB"),
     (2**52, "4096 TiB")],
)  # fmt: skip
def test_bytes_in_words(count: int, text: str) -> None:
    assert in_bytes(count) == text
