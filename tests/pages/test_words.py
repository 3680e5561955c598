"""What the data say, in a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pages._shared.words import isolated, number, what_it_reads

WORDS = ("animal", "street", "tired", "road")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.5, "0.50"),
        (-0.5, "−0.50"),
        (-0.001, "0.00"),
        (0.0, "0.00"),
        (-0.0, "0.00"),
        (1234.567, "1234.57"),
        (np.nan, "NaN"),
        (np.inf, "∞"),
        (-np.inf, "−∞"),
    ],
)
def test_numbers_are_written_as_on_the_board(value: float, shown: str) -> None:
    assert number(value) == shown


def test_digits_of_a_number() -> None:
    assert number(-2.71828, 4) == "−2.7183"
    assert number(-0.4, 0) == "0"
    # Halves as the matrices show them: 0.125 is a half in binary too, 2.675 is less than one.
    assert [number(0.125), number(-0.375), number(2.675)] == ["0.13", "−0.38", "2.67"]
    assert number(1e300, 0) == str(int(1e300))


def test_the_strongest_come_first_and_the_weak_are_left_out() -> None:
    weights = np.array([0.004, 0.2, 0.7, 0.096])
    assert what_it_reads("it", WORDS, weights) == (
        "“it” reads “tired” (0.70), “street” (0.20) and “road” (0.10)."
    )


def test_one_key_takes_all() -> None:
    assert what_it_reads("it", WORDS, np.array([0, 0, 1.0, 0])) == "“it” reads “tired” (1.00)."


def test_a_readers_words_are_left_as_they_are() -> None:
    """Escaping is for whoever draws the sentence: twice would show the escapes."""
    words = ("<svg/onload=alert(1)>", "$x$", "**a** & `b`", "&amp;")
    assert what_it_reads(words[0], words, np.array([0.0, 0.5, 0.3, 0.2])) == (
        "“<svg/onload=alert(1)>” reads “$x$” (0.50), “**a** & `b`” (0.30) and “&amp;” (0.20)."
    )


def test_equal_weights_are_named_in_the_order_of_the_words_unless_they_are_a_crowd() -> None:
    assert what_it_reads("it", WORDS, np.full(4, 0.25)) == (
        "“it” reads “animal” (0.25), “street” (0.25), “tired” (0.25) and “road” (0.25)."
    )
    many = tuple("abcdefghi")
    assert what_it_reads("it", many, np.full(9, 1 / 9)) == (
        "“it” reads “a” (0.11), “b” (0.11) and “c” (0.11)."
    )
    # Those that look like the third, and nothing after them.
    weights = np.array([0.5, 0.2, 0.101, 0.099, 0.06, 0.04])
    assert what_it_reads("it", many[:6], weights) == (
        "“it” reads “a” (0.50), “b” (0.20), “c” (0.10) and “d” (0.10)."
    )


def test_a_row_with_nothing_and_a_row_that_overflowed() -> None:
    assert "may attend to nothing" in what_it_reads("it", WORDS, np.zeros(4), blocked=True)
    # Not blocked, and yet 0: finite powers over a sum that is infinite.
    assert "sum overflowed" in what_it_reads("it", WORDS, np.zeros(4))
    assert "overflowed" in what_it_reads("it", WORDS, np.array([0.1, np.nan, 0.2, 0.7]))


@given(st.integers(1, 1000), st.sampled_from([0.1, 1, 1e6]), st.integers(0, 1000))
@example(n_key=1000, evenness=1e6, seed=0)
def test_a_sentence_is_made_of_any_row(n_key: int, evenness: float, seed: int) -> None:
    """However thin the weights are spread, something is named."""
    weights = np.random.default_rng(seed).dirichlet(np.full(n_key, evenness))
    sentence = what_it_reads("it", [f"w{key}" for key in range(n_key)], weights)
    assert sentence.startswith("“it” reads “w")
    assert f"“w{weights.argmax()}”" in sentence


def test_words_from_right_to_left_turn_nothing_around_them() -> None:
    assert isolated("\U000e0fff a") == "\U000e0fff a"  # a character without a class
    word, inside = "\u05d0\u05d1", "\u2068\u05d0\u05d1\u2069"
    assert isolated(word) == inside
    said = what_it_reads(word, ("a", word), np.array([0.25, 0.75]))
    assert said == f"“{inside}” reads “{inside}” (0.75) and “a” (0.25)."
