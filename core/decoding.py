"""Writing a translation word by word, for any model that can be asked for its next step.

NumPy only: a model is given as a function from what was written so far to the next `Step`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from core.translation import (
    END,
    N_ALTERNATIVES,
    Alternative,
    Float32Array,
    Interventions,
    Translation,
)
from core.vocabulary import END_ID, START_ID, Vocabulary

State = TypeVar("State")


@dataclass(frozen=True, eq=False)
class Step(Generic[State]):
    """What a model computed to predict one word.

    Attributes
    ----------
    log_probabilities : ndarray of float32, (word,)
        Of the end, then of every French word: index i is the number ``i + END_ID``.
    decoder_rows : ndarray of float32, (layer, head, step + 1)
        What the step read of the words written before it.
    cross_rows : ndarray of float32, (layer, head, source)
    state : State
        What the model needs for the next step. Never changed, so several continuations may
        start from one.
    """

    log_probabilities: Float32Array
    decoder_rows: Float32Array
    cross_rows: Float32Array
    state: State


# Takes the number of the word written last and the state that it was written in.
Stepper = Callable[[int, State], Step[State]]


@dataclass(frozen=True, eq=False)
class Written:
    """All steps of one translation, one row for each word predicted.

    Attributes
    ----------
    numbers : tuple of int
        The words, as numbers.
    log_probabilities : ndarray of float32, (step, word)
    decoder_weights : ndarray of float32, (layer, head, step, step)
    cross_weights : ndarray of float32, (layer, head, step, source)
    """

    numbers: tuple[int, ...]
    log_probabilities: Float32Array
    decoder_weights: Float32Array
    cross_weights: Float32Array


def write(
    step: Stepper[State], state: State, n_most: int, given: Sequence[int] | None = None
) -> Written:
    """Write the most probable word at each step until the end, or the words that are given.

    Parameters
    ----------
    step : Stepper
        The model.
    state : State
        Its first state.
    n_most : int
        Most words to write, at least 1.
    given : sequence of int, optional
        Numbers of the words to write instead of the most probable ones.
    """
    numbers: list[int] = []
    steps: list[Step[State]] = []
    last = START_ID
    while len(numbers) < (n_most if given is None else len(given)):
        steps.append(step(last, state))
        state = steps[-1].state
        best = int(steps[-1].log_probabilities.argmax()) + END_ID
        last = best if given is None else given[len(numbers)]
        numbers.append(last)
        if given is None and last == END_ID:
            break
    return Written(
        numbers=tuple(numbers),
        log_probabilities=np.stack([made.log_probabilities for made in steps]),
        decoder_weights=_square([made.decoder_rows for made in steps]),
        cross_weights=np.stack([made.cross_rows for made in steps], axis=2),
    )


def _square(rows: list[Float32Array]) -> Float32Array:
    """Lay rows, each (layer, head, step + 1), out as (layer, head, step, step)."""
    n_layers, n_heads, _ = rows[0].shape
    square = np.zeros((n_layers, n_heads, len(rows), len(rows)), dtype=np.float32)
    for step, row in enumerate(rows):
        square[:, :, step, : step + 1] = row
    return square


def to_translation(
    written: Written,
    english: Sequence[str],
    encoder_weights: Float32Array,
    vocabularies: tuple[Vocabulary, Vocabulary],
    interventions: Interventions,
) -> Translation:
    """Put words to the numbers: the record that a page draws.

    Parameters
    ----------
    written : Written
    english : sequence of str
        The source, without its end.
    encoder_weights : ndarray (layer, head, source, source)
    vocabularies : (Vocabulary, Vocabulary)
        English and French.
    interventions : Interventions
        What the translation was made under.
    """
    source_vocabulary, french = vocabularies
    probabilities = np.exp(written.log_probabilities)
    chosen = np.array(written.numbers, dtype=int) - END_ID
    return Translation(
        source=(*english, END),
        words=tuple(word_of(number, french) for number in written.numbers),
        unknown=source_vocabulary.missing(english),
        probabilities=probabilities[np.arange(len(chosen)), chosen],
        alternatives=tuple(_most_probable(row, french) for row in probabilities),
        encoder_weights=encoder_weights,
        decoder_weights=written.decoder_weights,
        cross_weights=written.cross_weights,
        interventions=interventions,
    )


def word_of(number: int, french: Vocabulary) -> str:
    """Return the word with a number, `END` for the end."""
    return END if number == END_ID else french.words[number - END_ID - 1]


def _most_probable(row: Float32Array, french: Vocabulary) -> tuple[Alternative, ...]:
    best = np.argsort(-row, kind="stable")[:N_ALTERNATIVES]
    return tuple(
        Alternative(word=word_of(int(index) + END_ID, french), probability=float(row[index]))
        for index in best
    )
