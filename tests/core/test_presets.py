"""Toys: what they promise about their attention, and how they change size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.attention import Attention, scaled_dot_product_attention
from core.presets import (
    PRESETS,
    Toy,
    cat_sat_mat,
    dictionary_lookup,
    random_toy,
    source_post_toy,
)

SIZES = st.tuples(st.integers(1, 8), st.integers(1, 8), st.integers(1, 8))


def attend(toy: Toy, scale: float | None = None) -> Attention:
    return scaled_dot_product_attention(toy.query, toy.key, toy.value, scale=scale)


def same(first: Toy, second: Toy) -> bool:
    return first.tokens == second.tokens and all(
        np.array_equal(getattr(first, field), getattr(second, field))
        for field in ("query", "key", "value")
    )


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_what_its_name_says_and_can_be_attended(name: str) -> None:
    toy = PRESETS[name]()
    assert toy.name == name
    assert len(set(toy.tokens)) == len(toy.tokens)
    assert toy.note.endswith(".")
    np.testing.assert_allclose(attend(toy).weights.sum(axis=-1), 1.0)
    assert same(toy, PRESETS[name]())


def test_presets_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        PRESETS["mine"] = cat_sat_mat  # type: ignore[index]
    with pytest.raises(ValueError, match="read-only"):
        cat_sat_mat().query[0, 0] = 1.0


def test_cat_sat_mat_reads_what_its_note_says() -> None:
    toy = cat_sat_mat()
    attention = attend(toy)
    row = {
        token: dict(zip(toy.tokens, weights, strict=True))
        for token, weights in zip(toy.tokens, attention.weights, strict=True)
    }
    assert row["sat"]["cat"] + row["sat"]["mat"] > 0.95
    assert min(row["sat"]["cat"], row["sat"]["mat"]) > 0.35
    assert row["the"]["cat"] > 0.9
    assert row["on"]["mat"] > 0.9


def test_cat_sat_mat_row_by_hand() -> None:
    # "sat" = (2, 1) against (-.5, .5), (1, 2), (-2, .5), (-.5, -2), (2, -.5)
    attention = attend(cat_sat_mat())
    scores = np.array([-0.5, 4.0, -3.5, -3.0, 3.5])
    np.testing.assert_allclose(attention.scores[2], scores)
    odds = np.exp(scores / np.sqrt(2))
    np.testing.assert_allclose(attention.weights[2], odds / odds.sum())
    np.testing.assert_allclose(attention.weights[2].round(2), [0.02, 0.57, 0.0, 0.0, 0.4])


def test_cat_sat_mat_can_be_checked_with_a_pencil() -> None:
    toy = cat_sat_mat()
    for array in (toy.query, toy.key, toy.value):
        assert array.shape == (5, 2)
        np.testing.assert_array_equal(array, array.round(1))


def test_the_dictionary_finds_every_entry() -> None:
    toy = dictionary_lookup()
    attention = attend(toy)
    assert (np.diag(attention.weights) > 0.998).all()
    np.testing.assert_allclose(attention.output, toy.value, atol=0.02)
    np.testing.assert_array_equal(toy.value, [[1, 1], [2, 4], [3, 9], [4, 16]])


@given(SIZES, st.integers(0, 1000))
def test_random_toys_follow_their_seed(sizes: tuple[int, int, int], seed: int) -> None:
    n_token, d_head, d_value = sizes
    toy = random_toy(n_token, d_head, d_value, seed)
    assert toy.query.shape == toy.key.shape == (n_token, d_head)
    assert toy.value.shape == (n_token, d_value)
    np.testing.assert_array_equal(toy.query, toy.query.round(2))
    assert same(toy, random_toy(n_token, d_head, d_value, seed))


def test_random_toys_differ_between_seeds() -> None:
    assert not same(random_toy(4, 3, 2, seed=0), random_toy(4, 3, 2, seed=1))


@pytest.mark.parametrize("seed", range(5))
def test_source_post_toy_shows_what_its_note_says(seed: int) -> None:
    toy = source_post_toy(seed)
    assert toy.query.shape == toy.key.shape == toy.value.shape == (5, 64)
    unscaled, scaled = attend(toy, scale=1.0).weights, attend(toy).weights
    assert (unscaled.max(axis=-1) > scaled.max(axis=-1)).all()
    assert unscaled.max(axis=-1).mean() > 0.75
    assert scaled.max(axis=-1).mean() < 0.55


def test_source_post_scores_spread_like_root_64() -> None:
    scores = np.stack([attend(source_post_toy(seed)).scores for seed in range(100)])
    assert scores.std() == pytest.approx(8.0, abs=0.4)


def test_source_post_toys_differ_between_seeds() -> None:
    assert same(source_post_toy(), source_post_toy(seed=0))
    assert not same(source_post_toy(), source_post_toy(seed=1))


@pytest.mark.parametrize("sizes", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_sizes_below_one_are_refused(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="at least 1, got n_token"):
        random_toy(*sizes, seed=0)


def test_toys_whose_parts_do_not_fit_are_refused_and_inputs_are_copied() -> None:
    two, three = np.ones((2, 2)), np.ones((3, 2))
    with pytest.raises(ValueError, match=r"key must have one row for each of 2 tokens.*\(3, 2\)"):
        Toy("x", ("a", "b"), two, three, two, "")
    with pytest.raises(ValueError, match=r"query \(2, 2\), key \(2, 5\)"):
        Toy("x", ("a", "b"), two, np.ones((2, 5)), two, "")
    toy = Toy("x", ("a", "b"), two, two, two, "")
    two[0, 0] = 9.0
    assert toy.query[0, 0] == 1.0
