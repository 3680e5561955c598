"""The answers of the small language model's experiments, and what the page shows with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from pages._shared.gpt_both import changed_place, swap_of, swap_problem
from pages._shared.gpt_cache_counts import counts_at
from pages._shared.gpt_choice import GptState
from pages._shared.gpt_distribution import distribution
from pages._shared.gpt_scene import Scene
from pages._shared.gpt_words import capital, count, name_of
from pages._shared.lesson import Answer, DoesNotFitError
from pages._shared.words import number

# A probability that changes by less is said to stay.
STAYS_WITHIN: Final = 0.05
FEW, SOME = 10, 100

# Indices of the options, in the questions that have them.
FALLS, STAYS, RISES = range(3)
BELOW_TEN, BELOW_HUNDRED, MORE = range(3)


# ---- a word that stood there before


def hide_earlier(state: GptState) -> GptState:
    """Hide the word that comes next wherever it stands before."""
    words, place = state.words, state.place
    if not 0 <= place < len(words):
        return state
    earlier = {at for at in range(1, place + 1) if words[at - 1] == words[place]}
    return replace(state, hidden=state.hidden | earlier)


def without_earlier(before: Scene, after: Scene) -> Answer:
    """Find what becomes of the probability of the next word when it is hidden where it stood."""
    inputs, place = before.shown.inputs, before.place
    if place + 1 >= len(inputs) or inputs[place + 1] not in before.shown.columns:
        raise DoesNotFitError("No word that the model knows stands after the chosen one.")
    hidden = after.state.hidden - before.state.hidden
    if not hidden:
        raise DoesNotFitError("The next word did not stand in the text before, or is hidden there.")
    word = inputs[place + 1]
    was, now = (one.shown.probability(place, word) for one in (before, after))
    value = _compared(was, now)
    why = {
        FALLS: "What it writes here, it reads there.",
        STAYS: "Here it does not depend on that.",
        RISES: "What it read there spoke for another word.",
    }[value]
    return Answer(
        value,
        f"With {name_of(word)} hidden where it stood before, its probability goes from "
        f"{number(was)} to {number(now)}. {why}",
    )


# ---- temperature


def halve_temperature(state: GptState) -> GptState:
    """Halve the temperature."""
    return replace(state, temperature=state.temperature // 2)


def chance_when_colder(before: Scene, after: Scene) -> Answer:
    """Find what becomes of the chance of the most probable word."""
    if not before.state.temperature:
        raise DoesNotFitError("The temperature is 0 already.")
    one, other = distribution(before), distribution(after)
    word = int(one.drawn.argmax())
    was, now = float(one.drawn[word]), float(other.drawn[word])
    value = _compared(was, now)
    why = {
        FALLS: "Something else was changed as well.",
        STAYS: "There is hardly another word left that could be drawn.",
        RISES: "Each probability is raised to a power and all are scaled to sum to 1 again: what "
        "is largest gains most.",
    }[value]
    return Answer(
        value,
        f"{capital(name_of(one.names[word]))} was drawn with {number(was)} and is drawn with "
        f"{number(now)} now. {why}",
    )


# ---- top-p


def keep_ninety(state: GptState) -> GptState:
    """Set top-p to 0.90."""
    return replace(state, top_p=90)


def words_left(before: Scene, after: Scene) -> Answer:
    """Find how many words can still be drawn."""
    if before.state.top_p <= after.state.top_p:
        raise DoesNotFitError("Top-p is at 0.90 or below already.")
    found = distribution(after)
    n_kept = found.n_kept
    value = BELOW_TEN if n_kept < FEW else BELOW_HUNDRED if n_kept < SOME else MORE
    first = float(distribution(before).drawn.max())
    return Answer(
        value,
        f"Of {len(found.names)} words {n_kept} can still be drawn, for the most probable alone has "
        f"{number(first)}. The surer the model is of a place, the fewer top-p leaves there.",
    )


# ---- a word changed


def words_that_move(before: Scene, after: Scene) -> Answer:
    """Find of how many words the decoder's vector moves when one is changed."""
    if problem := swap_problem(after):
        raise DoesNotFitError(problem)
    swap = swap_of(after)
    if swap is None:
        raise DoesNotFitError("There is no word to change.")
    n_moved, place = int(np.count_nonzero(swap.decoder)), changed_place(before)
    n_words = len(before.before.words)
    return Answer(
        n_moved,
        f"The decoder's vectors of {count(n_moved, 'word')} move: from the changed one, number "
        f"{place + 1} of {n_words}, to the last. The encoder's move for "
        f"{int(np.count_nonzero(swap.encoder))} of them, for there everyone may read everyone.",
    )


# ---- the cache


def times_without_cache(before: Scene, _after: Scene) -> Answer:
    """Find how many times as much a step takes without the cache."""
    counts = counts_at(before.place + 1)
    ratio = counts.whole / counts.step
    return Answer(
        round(ratio, 1),
        f"With the cache the step takes {counts.step:,} multiplications and additions, without it "
        f"{counts.whole:,}, for {count(counts.n_tokens, 'row')} are computed instead of one. It is "
        "nearly the number of words because a word's matrices cost far more here than its "
        "reading.",
    )


def _compared(was: float, now: float) -> int:
    return STAYS if abs(now - was) <= STAYS_WITHIN else FALLS if now < was else RISES
