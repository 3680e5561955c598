"""The examples show at first sight what they say, with numbers that paper can check."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.multi_head import MultiHead, Projections, multi_head_attention
from core.sequence_examples import (
    EXAMPLES,
    MOST_NUMBERS,
    MOST_WORDS,
    N_ROWS,
    SEEDED,
    Example,
    french_reads_english,
    random_sequences,
    sentence_reads_itself,
)
from core.sequences import decoder_layer, shift_right

Array = NDArray[np.float64]


def projections(example: Example, part: str, d_value: int | None = None) -> Projections:
    widths = (example.d_head, example.d_head, d_value or example.d_value)
    return Projections(
        *(
            getattr(example, f"{part}_{name}")[: example.d_model, :width]
            for name, width in zip(("query", "key", "value"), widths, strict=True)
        )
    )


def embeddings(example: Example) -> tuple[Array, Array]:
    return (
        example.target_rows[: len(example.target), : example.d_model],
        example.source_rows[: len(example.source), : example.d_model],
    )


def most_read(words: tuple[str, ...], heads: MultiHead) -> list[str]:
    return [words[place] for place in heads.attention.weights[0].argmax(axis=1)]


def test_french_reads_english_by_hand() -> None:
    example = french_reads_english()
    target, source = embeddings(example)
    heads = multi_head_attention(target, source, projections(example, "cross"), n_head=1)
    # "chat" is (0.2, 2), so its query is (2, -0.2); "cat" is (0, 2), its key (2, 0).
    np.testing.assert_allclose(heads.query[0, 1], [2, -0.2])
    np.testing.assert_allclose(heads.key[0, 2], [2, 0])
    assert heads.attention.scores[0, 1, 2] == pytest.approx(4)
    assert most_read(example.source, heads) == ["the", "cat", "black", "asleep"]
    assert heads.attention.weights[0].max(axis=1).min() > 0.65
    # "dort" reads two words: "is" comes second.
    assert heads.attention.weights[0, 3].argsort()[-2] == example.source.index("is")
    assert heads.attention.weights[0, 3, 3] > 0.2


def test_each_row_of_the_decoder_reads_the_word_that_it_is_to_write() -> None:
    example = french_reads_english()
    target, source = embeddings(example)
    given = shift_right(target, example.start[: example.d_model])
    layer = decoder_layer(
        given, source, projections(example, "self"), projections(example, "cross")
    )
    assert most_read(example.source, layer.cross_attention) == ["the", "cat", "black", "asleep"]
    assert layer.cross_attention.attention.weights[0].max(axis=1).min() > 0.65


@pytest.mark.parametrize("causal", [False, True])
def test_a_sentence_reads_itself_as_its_note_says(causal: bool) -> None:
    example = sentence_reads_itself()
    target, _ = embeddings(example)
    heads = multi_head_attention(
        target, None, projections(example, "self"), n_head=1, causal=causal
    )
    weights, words = heads.attention.weights[0], example.target
    found = dict(zip(words, most_read(words, heads), strict=True))
    assert found["it"] == found["slept"] == found["purred"] == "cat"
    if causal:
        assert found["the"] == "the"
        return
    assert found["the"] == "cat"
    verbs = [words.index("slept"), words.index("purred")]
    assert weights[words.index("and"), verbs].sum() > 0.9
    assert (weights[words.index("and"), verbs] > 0.25).all()


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_an_example_can_be_entered_and_has_room_to_grow(name: str) -> None:
    example = EXAMPLES[name]()
    assert example.name == name
    assert 2 <= len(example.target) <= MOST_WORDS
    assert 2 <= len(example.source) <= MOST_WORDS
    assert len(example.target) != len(example.source)
    assert max(example.d_model, example.d_head, example.d_value) <= MOST_NUMBERS
    for field in fields(Example):
        array = getattr(example, field.name)
        if isinstance(array, np.ndarray):
            # One decimal: short links, and numbers to be worked with by hand.
            np.testing.assert_array_equal(array, array.round(1))
            assert np.abs(array).max() <= 9
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0
    assert all(note.endswith(".") for note in example.notes.values())
    query, key = example.chosen
    assert query < len(example.target)
    assert key < len(example.source)


def test_words_and_numbers_to_come_are_zeros_in_what_was_made_by_hand() -> None:
    for example in (french_reads_english(), sentence_reads_itself()):
        for rows, words in (
            (example.target_rows, example.target),
            (example.source_rows, example.source),
        ):
            assert not rows[len(words) :].any()
            assert not rows[:, example.d_model :].any()


def test_a_seed_gives_its_numbers() -> None:
    one, same, other = random_sequences(7), random_sequences(7), random_sequences(8)
    np.testing.assert_array_equal(one.target_rows, same.target_rows)
    np.testing.assert_array_equal(one.cross_value, same.cross_value)
    assert (one.target_rows != other.target_rows).any()
    # No two of its arrays are one: each was drawn by itself.
    drawn = [
        getattr(one, f"{part}_{name}")
        for part in ("self", "cross")
        for name in ("query", "key", "value")
    ]
    assert len({array.tobytes() for array in drawn}) == 6
    together = np.concatenate([random_sequences(seed).target_rows.ravel() for seed in range(40)])
    assert together.mean() == pytest.approx(0, abs=0.06)
    assert together.std() == pytest.approx(1, abs=0.06)
    assert {"Random"} == SEEDED
    with pytest.raises(ValueError, match="negative"):
        random_sequences(-1)


@pytest.mark.parametrize(
    ("field", "shape"), [("target_rows", (4, 2)), ("start", (2,)), ("self_key", (2, 2))]
)
def test_an_array_of_another_shape_is_refused(field: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=f"{field} has shape"):
        replace(random_sequences(), **{field: np.zeros(shape)})
    assert random_sequences().target_rows.shape == (N_ROWS, MOST_NUMBERS)
