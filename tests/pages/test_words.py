"""Text alternatives, and escaping; what Streamlit makes of it is tested in the browser."""

from __future__ import annotations

import re
import string

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pages._shared.words import literal, number, what_it_reads

WORDS = ("animal", "street", "tired", "road")


def shown(markdown: str) -> str:
    """Undo backslash escapes as CommonMark does (section 2.4), and drop invisible joiners."""
    punctuation = re.escape(string.punctuation)
    return re.sub(rf"\\([{punctuation}])", r"\1", markdown).replace("\u2060", "")


text = st.text(st.characters(exclude_characters="\u2060"), max_size=30)


@given(text)
@example("<img src=x onerror=alert(1)>")
@example("$x$ **a** :red[x] `b` [l](u) ~~s~~ \\ &lt;")
def test_what_is_escaped_reads_as_it_was(word: str) -> None:
    assert shown(literal(word)) == word


@given(text)
def test_nothing_that_starts_markup_is_left_bare(word: str) -> None:
    escaped = re.sub(r"\\.", "", literal(word), flags=re.DOTALL)
    assert not set(escaped) & set("\\`*_{}[]()#+-.!$:|<>~&^=")


def test_plain_words_stay_plain() -> None:
    assert literal("été 猫 don't, “so”") == "été 猫 don't, “so”"
    assert literal("") == ""


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


def test_the_strongest_come_first_and_the_weak_are_left_out() -> None:
    weights = np.array([0.004, 0.2, 0.7, 0.096])
    assert what_it_reads("it", WORDS, weights) == (
        "“it” reads “tired” (0.70), “street” (0.20) and “road” (0.10)."
    )
    assert what_it_reads("it", WORDS, weights, n_named=1) == "“it” reads “tired” (0.70)."


def test_one_key_takes_all() -> None:
    assert what_it_reads("it", WORDS, np.array([0, 0, 1.0, 0])) == "“it” reads “tired” (1.00)."


def test_equal_weights_are_named_in_the_order_of_the_words() -> None:
    assert what_it_reads("it", WORDS, np.full(4, 0.25), n_named=2) == (
        "“it” reads “animal” (0.25) and “street” (0.25)."
    )


def test_a_row_with_nothing_and_a_row_that_overflowed() -> None:
    assert "may attend to nothing" in what_it_reads("it", WORDS, np.zeros(4))
    assert "overflowed" in what_it_reads("it", WORDS, np.array([0.1, np.nan, 0.2, 0.7]))


@given(st.integers(1, 1000), st.sampled_from([0.1, 1, 1e6]), st.integers(0, 1000))
@example(n_key=1000, evenness=1e6, seed=0)
def test_a_sentence_is_made_of_any_row(n_key: int, evenness: float, seed: int) -> None:
    """However thin the weights are spread, something is named."""
    weights = np.random.default_rng(seed).dirichlet(np.full(n_key, evenness))
    sentence = what_it_reads("it", [f"w{key}" for key in range(n_key)], weights)
    assert sentence.startswith("“it” reads “w")
    assert f"“w{weights.argmax()}”" in sentence
