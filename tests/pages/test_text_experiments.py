"""The text encoder's experiments on other texts than their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pages._shared.experiments.text_classification import EXPERIMENTS
from pages._shared.lesson import Answer, DoesNotFitError, find_answer
from pages._shared.text_examples import EXAMPLES
from pages._shared.text_scene import TextState, see

pytestmark = pytest.mark.slow

BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}
LONG = next(example.text for example in EXAMPLES if example.name == "A longer text")


def answer(name: str, **changes: object) -> Answer:
    experiment = BY_NAME[name]
    return find_answer(experiment, replace(experiment.set_up(TextState()), **changes), see)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["signs", "clearest-head", "mask-reads", "read-or-needed"])
@pytest.mark.parametrize("text", ["", "One", LONG])
def test_a_text_that_does_not_fit_is_said(name: str, text: str) -> None:
    with pytest.raises(DoesNotFitError, match="for a text of 2 to 48 words"):
        answer(name, text=text)


def test_not_needs_a_form_of_to_be() -> None:
    with pytest.raises(DoesNotFitError, match="no “is” or “was”"):
        answer("not", text="It rains.")
    with pytest.raises(DoesNotFitError):
        answer("not", text="It was not bad.")
    assert "it " in answer("not", text="The soup is cold.").because


def test_a_mask_reads_itself_in_the_head_that_reads_the_word_before() -> None:
    for example in EXAMPLES[:6]:
        assert answer("mask-reads", text=example.text).value == 1


def test_markup_in_an_answer_is_the_reader_s_text() -> None:
    because = answer("mask-reads", text="The <b>old</b> man").because
    assert "“man”" in because
