"""The experiments of the small language model's page. Each answer is read from what is on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pages._shared.experiments import gpt_answers as answers
from pages._shared.gpt_choice import BOTH, CACHE, GptState
from pages._shared.gpt_examples import text_of
from pages._shared.gpt_runs import N_HEADS, N_LAYERS
from pages._shared.gpt_scene import Scene, see
from pages._shared.lesson import Choices, Experiment, Number, Option, Value

__all__ = ["EXPERIMENTS", "picked", "see", "start_state"]

_STORY: Final = GptState()
_ALL_HEADS: Final = frozenset((layer, head) for layer in range(N_LAYERS) for head in range(N_HEADS))


def start_state() -> GptState:
    """Return what the page starts with."""
    return GptState()


def picked(state: GptState) -> Value | None:
    """Return row and column of the weight chosen on the page."""
    scene = see(state)
    return scene.place, scene.read


EXPERIMENTS: Final[tuple[Experiment[GptState, Scene], ...]] = (
    Experiment(
        name="stood-before",
        title="What stood there before",
        question=(
            "Kate gave the scarf to George, and “george” is written at the end. It is hidden where "
            "it stood before: what becomes of its probability at the end?"
        ),
        ask=Choices(
            (
                Option("It falls", "It would if it were read there. Here it hardly depends on it."),
                Option(
                    "It stays within 0.05: a name is what fits here",
                    "That a name comes here can be known without; which one cannot.",
                ),
                Option("It rises", "What is read there speaks for the word, not against it."),
            )
        ),
        set_up=lambda _state: replace(
            _STORY, written=("george",), place=len(_STORY.given), hides=True
        ),
        change=answers.hide_earlier,
        answer=answers.without_earlier,
        stated=answers.FALLS,
        spoiled=lambda state: replace(state, dropped=_ALL_HEADS),
    ),
    Experiment(
        name="colder",
        title="Half the temperature",
        question=(
            "The temperature goes from 1 to 0.5. What becomes of the chance that the most probable "
            "word is drawn?"
        ),
        ask=Choices(
            (
                Option("It falls", "Below 1 a temperature sharpens: what is largest gains."),
                Option(
                    "It stays within 0.05",
                    "Only where next to no other word is left does it stay.",
                ),
                Option("It rises", "It would if there were another word to take it from."),
            )
        ),
        set_up=lambda _state: GptState(text=text_of("A beginning")),
        change=answers.halve_temperature,
        answer=answers.chance_when_colder,
        stated=answers.RISES,
        spoiled=lambda state: replace(state, top_k=1),
    ),
    Experiment(
        name="nucleus",
        title="Nine tenths",
        question=(
            "Top-p is set to 0.90: the fewest words that have nine tenths of the probability stay. "
            "How many are that here?"
        ),
        ask=Choices(
            (
                Option("Fewer than 10", "Here the model is less sure than that."),
                Option("10 to 99", "The model is surer here, or less sure, than you thought."),
                Option("100 or more", "Most words have next to no probability here."),
            )
        ),
        set_up=lambda _state: GptState(text=text_of("Anything fits")),
        change=answers.keep_ninety,
        answer=answers.words_left,
        stated=answers.BELOW_HUNDRED,
        spoiled=lambda state: replace(state, temperature=200),
    ),
    Experiment(
        name="later-word",
        title="One word changed",
        question=(
            "The first “kate”, word 11 of 25, becomes “anna”. Of how many words does the decoder's "
            "last vector move?"
        ),
        ask=Number(
            low=0,
            high=64,
            within=0.5,
            too_low="The changed word moves, and every later one may read it.",
            too_high="No word may read one that comes later, so none before it moves.",
            digits=0,
            unit="words",
        ),
        set_up=lambda _state: replace(_STORY, view=BOTH, changed=11, swap="kate"),
        change=lambda state: replace(state, swap="anna"),
        answer=answers.words_that_move,
        stated=15,
        spoiled=lambda state: replace(state, changed=5),
    ),
    Experiment(
        name="without-cache",
        title="Everything again",
        question=(
            "The last word enters. Without the cache all rows would be computed again: how many "
            "times as many multiplications and additions would the step take?"
        ),
        ask=Number(
            low=1,
            high=1000,
            within=2,
            too_low="All words go through all matrices again, not the last one alone.",
            too_high="The weights grow with the square, but here the matrices cost most by far.",
            digits=1,
            unit="times",
        ),
        set_up=lambda _state: _STORY,
        change=lambda state: replace(state, view=CACHE),
        answer=answers.times_without_cache,
        stated=26,
        spoiled=lambda state: replace(state, place=4),
    ),
)
