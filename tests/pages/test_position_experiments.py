"""The experiments of the positional encoding page: right on any page, not on its set-up alone."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.position_attention import read_words
from core.positional import sinusoidal_encoding
from pages._shared.experiments import position_answers as answers
from pages._shared.experiments import positional_encoding as page
from pages._shared.lesson import Answer, Choices, Experiment, Number, find_answer
from pages._shared.position_state import BOUNDS, MOST_FIRST
from pages._shared.position_toy import PositionState
from tests.pages.link_states import position_states


def opened(name: str) -> tuple[Experiment[Any, Any], PositionState]:
    experiment = next(one for one in page.EXPERIMENTS if one.name == name)
    return experiment, experiment.set_up(page.start_state())


def weights_of(state: PositionState) -> np.ndarray:
    """Return weights with rows and columns as typed, computed from the state alone."""
    places = np.argsort(state.order)
    read = read_words(state.content[list(state.order)], state.positions)
    return read.attention.weights[places][:, places]


def test_eight_equal_words_share_by_hand() -> None:
    """Slope 1/256: the exponentials are e to the power of minus distance / 256."""
    experiment, state = opened("far-words")
    found = find_answer(experiment, state, page.see)
    exponentials = np.exp(-np.arange(8) / 256)
    assert found.value == pytest.approx(exponentials[7] / exponentials.sum())
    half = np.exp(-np.arange(8) / 2)
    assert f"{half[7] / half.sum():.3f}" in found.because
    assert "without positions it would get 0.13." in found.because  # an eighth


def test_forty_four_positions_are_seven_turns() -> None:
    experiment, state = opened("base-one")
    assert state.length == 45
    found = find_answer(experiment, state, page.see)
    assert found.value == pytest.approx(math.cos(44))
    assert "44 positions are 7.00 turns" in found.because


def test_two_steps_are_two_steps_by_hand() -> None:
    experiment, state = opened("same-gap")
    found = find_answer(experiment, state, page.see)
    by_hand = sum(math.cos(2 / 10000 ** (2 * i / 64)) for i in range(32))
    assert f"Both dot products are {by_hand:.2f}." in found.because


def test_turned_round_alibi_keeps_its_distances() -> None:
    experiment, state = opened("turned-round")
    found = find_answer(experiment, replace(state, kind="ALiBi"), page.see)
    assert found.value == answers.SAME
    assert "as far apart as before" in found.because


def check_told(experiment: Experiment[Any, Any], answer: Answer) -> None:
    ask, value = experiment.ask, answer.value
    if isinstance(ask, Choices):
        assert value in range(len(ask.options))
    else:
        assert isinstance(ask, Number)
        assert np.isfinite(value)
    told = re.sub("“[^”]*”", "", answer.because)
    assert not re.search(r"nan|inf\b", told, re.IGNORECASE)
    assert told.endswith(".")


@settings(max_examples=200, deadline=None)
@given(state=position_states(), experiment=st.sampled_from(page.EXPERIMENTS))
def test_any_page_has_an_answer_or_a_reason(
    state: PositionState, experiment: Experiment[Any, Any]
) -> None:
    try:
        changed = experiment.change(state)
        answer = experiment.answer(page.see(state), page.see(changed))
    except ValueError as error:
        assert re.fullmatch(r"[A-Z].*\.", str(error))
        return
    check_told(experiment, answer)
    old, new = weights_of(state), weights_of(changed)
    value: Any = answer.value
    if experiment.name == "turned-round":
        assert changed.order == state.order[::-1]
        assert (value == answers.SAME) == (np.abs(new - old).max() < 1e-9)
        rows = np.abs(new - old).max(axis=1)
        assert value != answers.ALL_CHANGE or rows.min() > 0.005
    elif experiment.name == "same-gap":
        table = sinusoidal_encoding([3, 5, 10, 12], state.width, base=float(state.base))
        gap = table[2] @ table[3] - table[0] @ table[1]
        drifted = answers.MORE if gap > 0 else answers.LESS
        assert value == (answers.ALIKE if abs(gap) < 1e-9 else drifted)
        assert state.width % 2 or value == answers.ALIKE
    elif experiment.name == "shifted":
        assert changed.first == state.first + 100 <= MOST_FIRST
        cell = state.order[state.query], state.order[state.key]
        change = new[cell] - old[cell]
        moved = answers.RISES if change > 0 else answers.FALLS
        assert value == (answers.STAYS if abs(change) < 1e-9 else moved)
        assert state.kind == "Sinusoidal" or value == answers.STAYS
    elif experiment.name == "base-one" and state.width % 2 == 0:
        assert value == pytest.approx(math.cos(state.length - 1), abs=1e-9)
    elif experiment.name == "far-words":
        assert value == pytest.approx(new[state.order[-1], state.order[0]])
    assert np.abs(changed.content).max() <= BOUNDS[1]
