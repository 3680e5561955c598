"""What a reader makes of a toy: every change is a new value, and nothing is lost."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.presets import PRESETS, random_toy
from pages._shared.matrix import Choice
from pages._shared.toy_state import (
    MAX_TOKENS,
    MIN_TOKENS,
    ToyState,
    read_tokens,
)


@pytest.fixture
def state() -> ToyState:
    return ToyState.load("Cat, sat, mat", query=2, key=1)


def test_a_loaded_toy_is_its_own_base_with_an_open_mask(state: ToyState) -> None:
    assert state.base is state.toy
    assert state.untouched
    assert state.painted.shape == (5, 5)
    assert state.painted.all()
    assert (state.query, state.key, state.version) == (2, 1, 0)


def test_a_choice_outside_of_the_toy_is_moved_inside() -> None:
    state = ToyState.load("Dictionary lookup", query=9, key=9)
    assert (state.query, state.key) == (3, 3)


@pytest.mark.parametrize("preset", list(PRESETS))
def test_a_seed_is_used_where_the_preset_takes_one(preset: str) -> None:
    state, drawn = ToyState.load(preset), ToyState.load(preset, seed=7)
    assert (drawn.preset, drawn.seed) == (preset, 7)
    same = np.array_equal(state.toy.query, drawn.toy.query)
    assert same == (preset not in ("Random", "5 x 64"))
    np.testing.assert_array_equal(state.toy.query, PRESETS[preset]().query)


def test_an_edit_changes_the_toy_and_nothing_else(state: ToyState) -> None:
    before = state.toy.query.copy()
    edited = state.edited({"query": np.zeros((5, 2)), "unknown": np.ones(3)})
    assert (edited.toy.query == 0).all()
    assert edited.toy.key is not None
    np.testing.assert_array_equal(edited.toy.key, state.toy.key)
    np.testing.assert_array_equal(state.toy.query, before)
    assert edited.base is state.base
    assert edited.version == state.version  # the board already shows it
    assert not edited.untouched


def test_painting_changes_the_mask_alone(state: ToyState) -> None:
    mask = np.eye(5, dtype=bool)
    painted = state.edited({"painted": mask})
    np.testing.assert_array_equal(painted.painted, mask)
    assert painted.toy.query is state.toy.query or (painted.toy.query == state.toy.query).all()
    assert state.painted.all()


@pytest.mark.parametrize("matrix", ["scores", "scaled", "masked", "weights"])
def test_choosing_in_the_chain_chooses_query_and_key(matrix: str, state: ToyState) -> None:
    chosen = state.chosen(Choice(matrix, row=4, column=3))
    assert (chosen.query, chosen.key) == (4, 3)


def test_choosing_an_output_chooses_its_query(state: ToyState) -> None:
    chosen = state.chosen(Choice("output", row=4, column=0))
    assert (chosen.query, chosen.key) == (4, 1)


def test_choosing_elsewhere_chooses_nothing(state: ToyState) -> None:
    assert state.chosen(Choice("painted", row=4, column=3)) == state


def test_the_same_sizes_and_words_leave_the_state_as_it_is(state: ToyState) -> None:
    """This runs on every rerun: nothing may look touched, nothing may be overwritten."""
    same = state.resized(state.toy.tokens, 2, 2)
    assert same.untouched
    assert same.version == state.version
    assert same.base.note == state.base.note


def test_renaming_keeps_all_numbers_and_the_version(state: ToyState) -> None:
    renamed = state.resized(tuple("abcde"), 2, 2)
    assert renamed.toy.tokens == renamed.base.tokens == tuple("abcde")
    np.testing.assert_array_equal(renamed.toy.query, state.toy.query)
    assert renamed.version == state.version


def test_a_word_renamed_while_its_numbers_are_cut_gets_them_back(state: ToyState) -> None:
    edited = state.edited({"query": np.full((5, 2), 0.5)}).resized(state.toy.tokens, 1, 1)
    renamed = edited.resized(("the", "dog", "sat", "on", "mat"), 1, 1)
    again = renamed.resized(renamed.toy.tokens, 2, 2)
    assert (again.toy.query == 0.5).all()
    np.testing.assert_array_equal(again.toy.value, state.toy.value)
    np.testing.assert_array_equal(again.base.query, state.base.query)


def test_a_toy_is_as_it_was_loaded_whichever_way_it_came_there(state: ToyState) -> None:
    renamed = state.resized(tuple("abcde"), 2, 2)
    assert not renamed.untouched
    assert renamed.resized(state.toy.tokens, 2, 2).untouched
    edited = state.edited({"value": np.zeros((5, 2))})
    assert not edited.untouched
    assert edited.edited({"value": state.base.value.copy()}).untouched
    assert not state.resized(state.toy.tokens, 2, 3).untouched
    assert ToyState.load("Random", seed=3).untouched
    assert not replace(ToyState.load("Random", seed=3), seed=4).untouched


sizes = st.tuples(st.integers(2, 8), st.integers(1, 8), st.integers(1, 8))


@given(sizes, sizes)
def test_resizing_keeps_what_fits_and_fills_with_zeros(
    old: tuple[int, int, int], new: tuple[int, int, int]
) -> None:
    toy = random_toy(*old, seed=1)
    mask = np.random.default_rng(0).random((old[0], old[0])) < 0.5
    last = old[0] - 1
    state = ToyState(toy, toy, "Random", 1, mask, query=last, key=last, version=3)
    tokens = tuple(f"t{i}" for i in range(new[0]))
    resized = state.resized(tokens, new[1], new[2])

    kept, d = min(old[0], new[0]), min(old[1], new[1])
    assert resized.toy.query.shape == resized.base.query.shape == (new[0], new[1])
    assert resized.toy.value.shape == (new[0], new[2])
    np.testing.assert_array_equal(resized.toy.query[:kept, :d], toy.query[:kept, :d])
    assert np.count_nonzero(resized.toy.query) == np.count_nonzero(toy.query[:kept, :d])
    np.testing.assert_array_equal(resized.painted[:kept, :kept], mask[:kept, :kept])
    assert resized.painted[kept:].all()
    assert resized.painted[:, kept:].all()
    assert resized.query < new[0]
    assert resized.key < new[0]
    assert resized.version == 3 + (old != new)


def test_a_state_cannot_be_changed_in_place(state: ToyState) -> None:
    with pytest.raises(FrozenInstanceError):
        state.query = 3  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        state.toy.query[0, 0] = 1
    assert replace(state, query=3).query == 3


def test_words_are_parted_at_any_white_space() -> None:
    assert read_tokens("  the\tcat\n sat  ") == ("the", "cat", "sat")
    assert read_tokens("a a") == ("a", "a")


@pytest.mark.parametrize("n", [MIN_TOKENS - 2, MIN_TOKENS - 1, MAX_TOKENS + 1, 1000])
def test_too_few_and_too_many_words(n: int) -> None:
    with pytest.raises(ValueError, match=f"Write 2 to 8 words, not {n}"):
        read_tokens("word " * n)


def test_a_word_that_is_too_long() -> None:
    assert len(read_tokens("a " + "x" * 24)) == 2
    with pytest.raises(ValueError, match="up to 24 characters; one has 25"):
        read_tokens("a " + "x" * 25)
