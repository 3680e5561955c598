"""The record of a translation: what its parts are called, and what is checked."""

from __future__ import annotations

import numpy as np
import pytest

from core.translation import (
    END,
    START,
    Alternative,
    Interventions,
    Part,
    Translation,
    check_interventions,
)
from core.weight_edits import WeightEdit


def record(words: tuple[str, ...], probabilities: list[float]) -> Translation:
    n = len(words)
    return Translation(
        source=("a", "cat", END),
        words=words,
        unknown=(),
        probabilities=np.array(probabilities, dtype=np.float32),
        alternatives=((Alternative("un", 0.9),),) * n,
        encoder_weights=np.zeros((2, 4, 3, 3), dtype=np.float32),
        decoder_weights=np.zeros((2, 4, n, n), dtype=np.float32),
        cross_weights=np.zeros((2, 4, n, 3), dtype=np.float32),
    )


def test_rows_are_named_by_the_word_being_written_and_columns_by_what_was_read() -> None:
    translation = record(("un", "chat", END), [0.9, 0.8, 0.9])
    assert translation.queries("cross") == ("un", "chat", END)
    assert translation.keys("cross") == ("a", "cat", END)
    assert translation.queries("decoder") == ("un", "chat", END)
    assert translation.keys("decoder") == (START, "un", "chat")
    assert translation.queries("encoder") == translation.keys("encoder") == ("a", "cat", END)
    parts: tuple[Part, ...] = ("encoder", "decoder", "cross")
    for part in parts:
        named = (len(translation.queries(part)), len(translation.keys(part)))
        assert translation.weights(part).shape[-2:] == named


def test_with_and_without_an_end() -> None:
    finished, stopped = record(("un", END), [0.9, 0.8]), record(("un", "un"), [0.9, 0.8])
    assert (finished.finished, finished.french) == (True, ("un",))
    assert (stopped.finished, stopped.french) == (False, ("un", "un"))
    assert finished.english == ("a", "cat")


def test_one_improbable_word_makes_it_doubtful() -> None:
    assert record(("un", END), [0.9, 0.49]).is_doubtful
    assert not record(("un", END), [0.9, 0.5]).is_doubtful
    assert record((), []).least_probability == 1.0


def test_arrays_cannot_be_written_to() -> None:
    translation = record(("un", END), [0.9, 0.8])
    with pytest.raises(ValueError, match="read-only"):
        translation.cross_weights[0, 0, 0, 0] = 1.0


def test_interventions_are_found_by_part_and_layer() -> None:
    edit, other = WeightEdit(1, 0, 2, 2, 0.5), WeightEdit(1, 3, 2, 0, 0.5)
    changes = Interventions(
        dropped_heads=frozenset({("cross", 1, 3), ("cross", 1, 0), ("encoder", 1, 2)}),
        weight_edits=(("cross", edit), ("decoder", other)),
    )
    assert changes.dropped("cross", 1) == [0, 3]
    assert changes.dropped("cross", 0) == []
    assert changes.edits("cross", 1) == [edit]
    assert changes.edits("encoder", 1) == []
    assert hash(changes) == hash(
        Interventions(changes.hidden_words, changes.dropped_heads, changes.weight_edits)
    )


@pytest.mark.parametrize(
    ("part", "query", "key", "is_there"),
    [
        ("encoder", 2, 2, True),  # the end of two words
        ("encoder", 3, 0, False),
        ("cross", 9, 2, True),
        ("cross", 10, 0, False),
        ("cross", 0, 3, False),
        ("decoder", 4, 4, True),
        ("decoder", 4, 5, False),
        ("decoder", 0, -1, False),
    ],
)
def test_which_weights_there_are(part: Part, query: int, key: int, is_there: bool) -> None:
    edits = Interventions(weight_edits=((part, WeightEdit(0, 0, query, key, 0.5)),))
    heads: dict[Part, tuple[int, int]] = {"encoder": (1, 1), "decoder": (1, 1), "cross": (1, 1)}
    if is_there:
        check_interventions(edits, 2, heads, n_most=10)
    else:
        with pytest.raises(ValueError, match="There is no"):
            check_interventions(edits, 2, heads, n_most=10)
