"""The experiments on self- and cross-attention: answers, words, and limits."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages._shared.experiments import self_cross_answers as answers
from pages._shared.experiments import self_cross_rows as rows
from pages._shared.experiments.self_vs_cross import EXPERIMENTS, see, start_state
from pages._shared.lesson import Answer, Choices, Experiment, find_answer
from pages._shared.self_cross import CAUSAL, CROSS, DECODER, SELF, SelfCrossState
from pages._shared.self_cross_scene import Scene
from tests.pages.link_states import sequence_states

NAMED = {experiment.name: experiment for experiment in EXPERIMENTS}


def opened(name: str) -> tuple[Experiment[Any, Any], SelfCrossState]:
    return NAMED[name], NAMED[name].set_up(start_state())


def answer_in(name: str, kind: str) -> Answer:
    experiment, state = opened(name)
    return find_answer(experiment, state.with_kind(kind), see)


@pytest.mark.parametrize(
    ("name", "by_kind"),
    [
        ("turned-source", {CROSS: 0, DECODER: 0, SELF: 1, CAUSAL: 2}),
        ("longer-source", {CROSS: 0, DECODER: 0, SELF: 2, CAUSAL: 2}),
        ("same-word-twice", {SELF: 0, CROSS: 0, CAUSAL: 1}),
        ("last-word", {CAUSAL: 0, SELF: 1, CROSS: 0, DECODER: 3}),
        ("word-to-write", {DECODER: 2, CAUSAL: 1, CROSS: 1, SELF: 0}),
    ],
)
def test_the_answer_follows_the_kind(name: str, by_kind: dict[str, int]) -> None:
    assert {kind: answer_in(name, kind).value for kind in by_kind} == by_kind


def test_a_turned_source_is_measured() -> None:
    found = answer_in("turned-source", CROSS)
    written = re.search(r"difference is (\S+)\.$", found.because)
    assert written
    experiment, state = opened("turned-source")
    old, new = see(state).result, see(experiment.change(state)).result
    assert float(written[1]) == pytest.approx(np.abs(new - old).max(), rel=0.06)
    assert 0 < np.abs(new - old).max() < 1e-14


def test_the_same_word_twice_really_stands_there_twice() -> None:
    experiment, state = opened("same-word-twice")
    changed = experiment.change(state)
    assert changed.target.words == ("the", "cat", "slept", "and", "the", "purred")
    np.testing.assert_array_equal(changed.target.rows[0], changed.target.rows[4])
    assert changed.version > state.version
    assert (changed.target.rows[4] != state.target.rows[4]).any()


def test_questions_that_do_not_fit_are_refused() -> None:
    experiment, state = opened("longer-source")
    full = state.with_words("source", tuple("abcdefgh"))
    with pytest.raises(ValueError, match="8 words already"):
        experiment.change(full)
    experiment, state = opened("same-word-twice")
    for words in ("a cat slept and it purred", "the the cat it purred", "cat it the"):
        with pytest.raises(ValueError, match="needs one “the”"):
            experiment.change(state.with_words("target", tuple(words.split())))
    experiment, state = opened("word-to-write")
    with pytest.raises(ValueError, match="other words"):
        experiment.change(state.with_words("target", ("le", "chat", "dort")))
    experiment, state = opened("last-word")
    empty = state.edited({"x_target": np.zeros((4, 2))})
    with pytest.raises(ValueError, match="nothing to turn over"):
        find_answer(experiment, empty, see)


# --- whatever the reader has made of the page ------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(data=st.data(), experiment=st.sampled_from(EXPERIMENTS))
def test_any_page_has_an_answer_or_a_reason(
    data: st.DataObject, experiment: Experiment[Any, Any]
) -> None:
    state = experiment.set_up(start_state())
    if data.draw(st.booleans()):
        state = data.draw(sequence_states(3))
    try:
        changed = experiment.change(state)
        old, new = see(state), see(changed)
        answer = experiment.answer(old, new)
    except ValueError as error:
        assert re.fullmatch(r"[A-Z].*\.", str(error))
        return
    ask, value = experiment.ask, answer.value
    assert isinstance(ask, Choices)
    assert value in range(len(ask.options))
    told = re.sub("“[^”]*”", "", answer.because)
    assert not re.search(r"nan|inf\b|∞", told, re.IGNORECASE)
    check(experiment.name, old, new, int(value))


def check(name: str, old: Scene, new: Scene, value: int) -> None:
    """Hold an answer on any page to what was computed."""
    kind = old.state.kind
    if name == "turned-source":
        expected = {answers.STAYS: old.result, answers.FOLLOWS: old.result[::-1]}
        if value in expected:
            np.testing.assert_allclose(new.result, expected[value], rtol=1e-8, atol=1e-8)
        else:
            assert kind == CAUSAL
    elif name == "longer-source":
        one_sided = new.readings[-1].query.shape == old.readings[-1].query.shape
        assert value == (answers.KEYS_ONLY if one_sided else answers.EVERYTHING)
    elif name == "same-word-twice":
        assert (value == answers.SAME) == (kind in (SELF, CROSS))
    elif name == "last-word":
        moved = np.abs(new.result - old.result).max(axis=1) > 1e-6
        if value == rows.NONE:
            assert kind == DECODER
            np.testing.assert_array_equal(new.result, old.result)
        elif value == rows.ONLY_LAST:
            assert not moved[:-1].any()
        else:
            assert value == rows.ALL
            assert kind == SELF
    elif kind == DECODER:
        assert value == 2
    else:
        moved = np.abs(new.result - old.result).max(axis=1) > 1e-6
        assert not moved[:value].any()
