"""The head that turns il into elle: found by exchanging weights, one head at a time."""

from __future__ import annotations

import numpy as np
import pytest

from core.translation import END
from core.translator import Translator, load_translator, teacher_forced
from core.turning import Turning, exchange, head_that_turns

BOTH = "the animal did not cross the street because it was too {} ."
TIRED, WIDE = (tuple(BOTH.format(word).split()) for word in ("tired", "wide"))


@pytest.fixture(scope="module")
def model() -> Translator:
    return load_translator()


@pytest.fixture(scope="module")
def turning(model: Translator) -> Turning:
    return head_that_turns(model, TIRED, WIDE)


def test_il_turns_to_elle(turning: Turning) -> None:
    assert turning.words == ("il", "elle")
    assert turning.before < 0.1


def test_every_head_is_tried_and_the_best_stands_first(turning: Turning) -> None:
    assert len({(turn.part, turn.layer, turn.head) for turn in turning.heads}) == 24
    probabilities = [turn.probability for turn in turning.heads]
    assert probabilities == sorted(probabilities, reverse=True)


def test_the_probability_is_that_of_the_exchange(model: Translator, turning: Turning) -> None:
    found, step = turning.heads[0], turning.step
    weights = turning.second.weights(found.part)[found.layer, found.head]
    rows = range(len(weights)) if found.part == "encoder" else [step]
    n_keys = step + 1 if found.part == "decoder" else weights.shape[1]
    place = (found.part, found.layer, found.head)
    change = exchange(place, {row: weights[row, :n_keys] for row in rows})
    forced = teacher_forced(model, TIRED, (*turning.first.words[:step], "elle"), change)
    assert forced.probabilities[step] == pytest.approx(found.probability)
    np.testing.assert_allclose(
        forced.weights(found.part)[found.layer, found.head][rows[0]], weights[rows[0]], atol=1e-6
    )


def test_what_moved_most_is_measured_on_the_weights(turning: Turning) -> None:
    moved = turning.moved_most("encoder")
    one, other = (of.encoder_weights for of in (turning.first, turning.second))
    changes = 0.5 * np.abs(one - other).sum(axis=-1)  # (layer, head, row)
    assert moved.change == pytest.approx(changes.max())
    assert changes[moved.layer, moved.head, moved.row] == pytest.approx(changes.max())
    assert moved.first_key == one[moved.layer, moved.head, moved.row].argmax()
    assert moved.second_key == other[moved.layer, moved.head, moved.row].argmax()


def test_in_the_trained_model_one_head_alone_turns_the_pronoun(turning: Turning) -> None:
    assert turning.heads[0].probability > 0.5 > turning.heads[1].probability


def test_the_word_that_turns_may_be_the_end(
    model: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {("cat", "."): ("chat", "."), ("dog", "."): ("chat",)}
    monkeypatch.setattr(
        "core.turning.translate",
        lambda model, english: teacher_forced(model, english, given[english]),
    )
    first, second = given
    for one, other, words in ((first, second, (".", END)), (second, first, (END, "."))):
        turning = head_that_turns(model, one, other)
        assert (turning.step, turning.words) == (1, words)
        expected = teacher_forced(model, one, given[other]).probabilities[1]
        assert turning.before == pytest.approx(float(expected))


def test_sentences_that_cannot_be_compared_are_refused(model: Translator) -> None:
    with pytest.raises(ValueError, match="13 and 12 words"):
        head_that_turns(model, TIRED, TIRED[1:])
    with pytest.raises(ValueError, match="translated alike"):
        head_that_turns(model, TIRED, TIRED)


def test_an_exchange_of_rounded_weights_sums_to_one() -> None:
    row = np.array([0.3, 0.3, 0.400001], dtype=np.float32)
    edits = [edit for _, edit in exchange(("cross", 0, 1), {2: row}).weight_edits]
    assert sum(edit.weight for edit in edits) == pytest.approx(1.0, abs=1e-12)
    assert [(edit.layer, edit.head, edit.query, edit.key) for edit in edits] == [
        (0, 1, 2, 0),
        (0, 1, 2, 1),
        (0, 1, 2, 2),
    ]
