"""Alignment error rate by hand, after Och and Ney 2003."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alignment import Gold, alignment_error_rate, gold_links, links_of


def links(*pairs: tuple[int, int]) -> frozenset[tuple[int, int]]:
    return frozenset(pairs)


def test_only_links_are_sure_and_one_of_several_is_possible() -> None:
    gold = gold_links([(0,), (1, 2), ()])
    assert gold.sure == links((0, 0))
    assert gold.possible == links((0, 0), (1, 1), (1, 2))


def test_the_rate_by_hand() -> None:
    # A = 3 links: one sure, one only possible, one wrong; S = 2. 1 - (1 + 2) / (3 + 2) = .4
    gold = Gold(sure=links((0, 0), (2, 3)), possible=links((0, 0), (2, 3), (1, 1), (1, 2)))
    found = links((0, 0), (1, 2), (2, 0))
    assert alignment_error_rate([(found, gold)]) == pytest.approx(0.4)


def test_sentences_are_counted_together_and_not_averaged() -> None:
    right = (links((0, 0), (1, 1), (2, 2)), gold_links([(0,), (1,), (2,)]))  # 6 of 6
    wrong = (links((0, 0)), gold_links([(1,)]))  # 0 of 2
    assert alignment_error_rate([right, wrong]) == pytest.approx(1 - 6 / 8)


def test_possible_links_need_not_be_found_but_sure_ones_must() -> None:
    assert alignment_error_rate([(links(), gold_links([(0, 1)]))]) == 0.0
    assert alignment_error_rate([(links(), gold_links([(0,)]))]) == 1.0
    assert alignment_error_rate([]) == 0.0


def test_a_sure_link_that_is_not_possible_is_refused() -> None:
    with pytest.raises(ValueError, match="sure link"):
        Gold(sure=links((0, 0)), possible=links())


def test_a_word_is_linked_to_what_it_reads_most_and_never_to_an_end() -> None:
    weights = np.array([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1], [0.0, 0.0, 1.0]])  # ends last
    assert links_of(weights, n_words=2, n_source=2) == links((0, 1), (1, 0))
    assert links_of(weights, n_words=2, n_source=0) == links()


@given(st.lists(st.lists(st.integers(0, 5), unique=True), max_size=8))
def test_the_gold_itself_makes_no_error(alignment: list[list[int]]) -> None:
    gold = gold_links(alignment)
    assert alignment_error_rate([(gold.possible, gold)]) == pytest.approx(0.0)
    assert alignment_error_rate([(gold.sure, gold)]) == pytest.approx(0.0)
