"""Which head decides between two translations: "it was too tired" and "it was too wide".

Two sentences that differ in a word are translated differently from some step on. Which heads read
something else is seen by comparing their weights. Which of them makes the difference is not: that
is tested, head by head, by giving the first sentence's translation the weights that the head has in
the second one, and nothing else. This is the exchange of activations of Vig et al. 2020
(arXiv:2004.12265), here of attention weights alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.translation import END, PARTS, Float32Array, Interventions, Part, Translation
from core.translator import teacher_forced, translate
from core.translator_model import Translator
from core.weight_edits import WeightEdit


@dataclass(frozen=True)
class HeadTurn:
    """One head, and what it does in two sentences.

    Attributes
    ----------
    part, layer, head
        Which head.
    row : int
        The row of its weights that differs most: a source word in the encoder, otherwise the step
        where the translations part.
    first_key, second_key : int
        What that row reads most in the first sentence, and in the second.
    change : float
        Half the sum of the differences between the two rows: how much of the weight moved, in
        [0, 1].
    probability : float
        Of the second translation's word in the first sentence, if this head alone reads as it does
        in the second.
    """

    part: Part
    layer: int
    head: int
    row: int
    first_key: int
    second_key: int
    change: float
    probability: float


@dataclass(frozen=True, eq=False)
class Turning:
    """Two translations, where they part, and what each head has to do with it.

    Attributes
    ----------
    first, second : Translation
    step : int
        The first step at which they write different words.
    before : float
        Probability of the second one's word in the first sentence as it is.
    heads : tuple of HeadTurn
        Every head of the model, the one that turns the word most first.
    """

    first: Translation
    second: Translation
    step: int
    before: float
    heads: tuple[HeadTurn, ...]

    @property
    def words(self) -> tuple[str, str]:
        """The two words that are written at the step."""
        return self.first.words[self.step], self.second.words[self.step]

    def moved_most(self, part: Part) -> HeadTurn:
        """Return the head of one part whose weights moved most, whatever came of it."""
        return max((turn for turn in self.heads if turn.part == part), key=lambda t: t.change)


@torch.no_grad()
def head_that_turns(model: Translator, first: Sequence[str], second: Sequence[str]) -> Turning:
    """Find the head that turns the translation of one sentence into that of another.

    Parameters
    ----------
    model : Translator
    first, second : sequence of str
        English words, as many in both, so that their weights can be compared place by place.

    Returns
    -------
    Turning
        ``heads[0]`` is the head that turns.

    Raises
    ------
    ValueError
        If the sentences have not as many words, or are translated alike.
    """
    if len(first) != len(second):
        raise ValueError(
            f"The sentences have {len(first)} and {len(second)} words; to compare their weights "
            "place by place they need as many."
        )
    one, other = translate(model, first), translate(model, second)
    step = _where_they_part(one, other)
    # An end is not given: it comes by itself after the last word.
    given = [word for word in (*one.words[:step], other.words[step]) if word != END]

    def probability(interventions: Interventions) -> float:
        """Return that of the second one's word in the first sentence."""
        return float(teacher_forced(model, first, given, interventions).probabilities[step])

    heads = [
        _turn(one, other, step, (part, layer, head), probability)
        for part in PARTS
        for layer, head in np.ndindex(*one.weights(part).shape[:2])
    ]
    heads.sort(key=lambda turn: -turn.probability)
    return Turning(one, other, step, probability(Interventions()), tuple(heads))


def _where_they_part(one: Translation, other: Translation) -> int:
    for step, (word, another) in enumerate(zip(one.words, other.words, strict=False)):
        if word != another:
            return step
    raise ValueError("The two sentences are translated alike: no head turns anything.")


def _turn(
    one: Translation,
    other: Translation,
    step: int,
    place: tuple[Part, int, int],
    probability: Callable[[Interventions], float],
) -> HeadTurn:
    part, layer, head = place
    own, foreign = (of.weights(part)[layer, head] for of in (one, other))  # (query, key)
    rows = range(len(own)) if part == "encoder" else [step]
    n_keys = step + 1 if part == "decoder" else own.shape[1]
    changes = {row: 0.5 * np.abs(own[row, :n_keys] - foreign[row, :n_keys]).sum() for row in rows}
    row = max(changes, key=changes.__getitem__)
    return HeadTurn(
        part=part,
        layer=layer,
        head=head,
        row=row,
        first_key=int(own[row].argmax()),
        second_key=int(foreign[row].argmax()),
        change=float(changes[row]),
        probability=probability(exchange(place, {row: foreign[row, :n_keys] for row in rows})),
    )


def exchange(place: tuple[Part, int, int], rows: Mapping[int, Float32Array]) -> Interventions:
    """Return the intervention that gives rows of one head's weights other values.

    Parameters
    ----------
    place : (part, layer, head)
    rows : mapping of int to ndarray (key,)
        The new weights of each row, summing to one.
    """
    part, layer, head = place
    edits = []
    for row, weights in rows.items():
        # Rounded weights may sum to a little more than one, which no row of weights can.
        exact = weights.astype(np.float64) / weights.sum(dtype=np.float64)
        edits += [
            (part, WeightEdit(layer, head, row, key, float(weight)))
            for key, weight in enumerate(exact)
        ]
    return Interventions(weight_edits=tuple(edits))
