from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.presets import Toy, cat_sat_mat, random_toy
from core.resizing import Known, follow, match_tokens, remember, resize

SENTENCE = ("the", "cat", "sat", "on", "mat")


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("the cat sat on mat", (0, 1, 2, 3, 4)),
        ("the sat on mat", (0, 2, 3, 4)),
        ("the cat sat on the mat", (0, 1, 2, 3, None, 4)),
        ("the mat sat on cat", (0, 4, 2, 3, 1)),
        ("the dog sat on mat", (0, 1, 2, 3, 4)),
        ("a b c d e", (0, 1, 2, 3, 4)),
        ("the dog sat", (0, 1, 2)),
        ("the cat sat on mat today", (0, 1, 2, 3, 4, None)),
    ],
)
def test_where_words_stood(after: str, expected: tuple[int | None, ...]) -> None:
    assert match_tokens(SENTENCE, after.split()) == expected


def test_equal_words_keep_their_order() -> None:
    assert match_tokens(("the", "cat", "the"), ("cat", "the", "the")) == (1, 0, 2)


WORDS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=8)


@given(WORDS, WORDS)
def test_no_place_is_taken_twice_and_each_exists(before: list[str], after: list[str]) -> None:
    places = [place for place in match_tokens(before, after) if place is not None]
    assert len(places) == len(set(places))
    assert all(0 <= place < len(before) for place in places)
    assert len(match_tokens(before, after)) == len(after)


@given(st.permutations(SENTENCE))
def test_a_reordered_sentence_is_followed_word_by_word(after: list[str]) -> None:
    assert [
        SENTENCE[place] for place in match_tokens(SENTENCE, after) if place is not None
    ] == after


def resized(toy: Toy, known: Known, sentence: str, d_head: int, d_value: int) -> tuple[Toy, Known]:
    known, tokens = remember(toy, known), tuple(sentence.split())
    places = match_tokens(toy.tokens, tokens)
    return resize(toy, known, tokens, d_head, d_value, places), known


def test_a_word_that_leaves_from_the_middle_takes_its_row_along() -> None:
    toy = cat_sat_mat()
    shorter, _ = resized(toy, {}, "the sat on mat", 2, 2)
    np.testing.assert_array_equal(shorter.query, toy.query[[0, 2, 3, 4]])
    np.testing.assert_array_equal(shorter.value, toy.value[[0, 2, 3, 4]])


def test_words_that_swap_take_their_rows_along() -> None:
    toy = cat_sat_mat()
    swapped, _ = resized(toy, {}, "the mat sat on cat", 2, 2)
    np.testing.assert_array_equal(swapped.key, toy.key[[0, 4, 2, 3, 1]])


def test_what_left_comes_back_as_it_was_edited() -> None:
    toy = replace(cat_sat_mat(), query=np.full((5, 2), 0.7))
    small, known = resized(toy, {}, "the cat", 1, 1)
    small = replace(small, query=np.full((2, 1), 0.9))
    again, _ = resized(small, known, "the cat sat on mat", 2, 2)
    np.testing.assert_array_equal(again.query[:2], [[0.9, 0.7]] * 2)
    np.testing.assert_array_equal(again.query[2:], toy.query[2:])
    np.testing.assert_array_equal(again.key, toy.key)
    np.testing.assert_array_equal(again.value, toy.value)


def test_a_renamed_word_keeps_what_was_cut_from_it() -> None:
    toy = cat_sat_mat()
    small, known = resized(toy, {}, "the cat sat on mat", 1, 1)
    renamed, known = resized(small, known, "the dog sat on mat", 1, 1)
    known = follow(known, small.tokens, renamed.tokens, range(5))
    again, _ = resized(renamed, known, "the dog sat on mat", 2, 2)
    for name in ("query", "key", "value"):
        np.testing.assert_array_equal(getattr(again, name), getattr(toy, name))


def test_what_is_known_follows_words_that_swap_names() -> None:
    row = {name: (np.array([float(place)]),) * 3 for place, name in enumerate(SENTENCE)}
    known = {(name, 0): rows for name, rows in row.items()}
    # "x" was there before and had numbers of its own; the word called so now has others.
    known[("x", 0)] = (np.array([9.0]),) * 3
    followed = follow(known, SENTENCE, ("the", "x", "sat", "on"), (0, 1, 2, None))
    assert followed[("x", 0)] is known[("cat", 0)]
    assert followed[("the", 0)] is known[("the", 0)]
    assert followed[("mat", 0)] is known[("mat", 0)]
    twice = follow({("a", 0): row["the"], ("b", 0): row["cat"]}, "ab", "bc", (0, 1))
    assert twice[("b", 0)] is row["the"]
    assert twice[("c", 0)] is row["cat"]


def test_rows_are_given_to_words_by_place() -> None:
    toy = cat_sat_mat()
    known = remember(toy, {})
    arranged = resize(toy, known, ("a", "b", "c", "d"), 3, 1, (4, None, 0, 4))
    assert arranged.tokens == ("a", "b", "c", "d")
    expected = [[-1, -2, 0], [0, 0, 0], [0, 3, 0], [-1, -2, 0]]
    np.testing.assert_array_equal(arranged.query, expected)
    np.testing.assert_array_equal(arranged.key[0], [2, -0.5, 0])
    np.testing.assert_array_equal(arranged.value, [[0], [0], [0], [0]])
    assert arranged.note == toy.note


def test_what_was_never_there_is_zero() -> None:
    toy = cat_sat_mat()
    larger, _ = resized(toy, {}, "the cat sat on mat today", 3, 2)
    assert (larger.query[5] == 0).all()
    assert (larger.query[:, 2] == 0).all()
    np.testing.assert_array_equal(larger.query[:5, :2], toy.query)


@pytest.mark.parametrize(("sentence", "d_head", "d_value"), [("", 1, 1), ("a", 0, 1), ("a", 1, 0)])
def test_sizes_below_one_are_refused(sentence: str, d_head: int, d_value: int) -> None:
    with pytest.raises(ValueError, match="sizes must be at least 1"):
        resized(cat_sat_mat(), {}, sentence, d_head, d_value)


@given(WORDS, st.integers(1, 5), st.integers(1, 5), st.integers(0, 99))
def test_away_and_back_changes_nothing(
    words: list[str], d_head: int, d_value: int, seed: int
) -> None:
    toy = replace(random_toy(4, 3, 2, seed), tokens=("a", "b", "c", "d"))
    away, known = resized(toy, {}, " ".join(words), d_head, d_value)
    if len(words) != 4:  # as many words are a renaming, which keeps places
        back, _ = resized(away, known, "a b c d", 3, 2)
        for name in ("query", "key", "value"):
            assert getattr(back, name).shape == getattr(toy, name).shape
    np.testing.assert_array_equal(toy.query, random_toy(4, 3, 2, seed).query)
