"""The toys of several heads do what their notes say."""

from __future__ import annotations

import numpy as np
import pytest

from core.head_presets import (
    D_MODEL,
    HEAD_PRESETS,
    MAX_WORDS,
    HeadToy,
    four_roles,
    random_heads,
    who_saw_whom,
)
from core.multi_head import MultiHead, Projections, multi_head_attention


def attend(toy: HeadToy, **options: object) -> MultiHead:
    x = toy.embed(range(len(toy.words)))
    projections = Projections(toy.query, toy.key, toy.value, toy.output)
    return multi_head_attention(x, None, projections, **({"n_head": toy.n_head} | options))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", HEAD_PRESETS)
@pytest.mark.parametrize("seed", [0, 9999])
def test_every_preset_fits_any_number_of_heads(name: str, seed: int) -> None:
    toy = HEAD_PRESETS[name](seed)
    assert toy.name == name
    assert len(toy.coordinates) == D_MODEL
    assert 2 <= len(toy.words) <= MAX_WORDS
    for n_head in (1, 2, 4, 8):
        assert np.isfinite(attend(toy, n_head=n_head).output).all()
    # Short decimals, without a negative zero: a reader can type them.
    for array in (toy.content, toy.places, toy.query, toy.key, toy.value, toy.output):
        np.testing.assert_array_equal(array, np.round(array, 1))
        assert not np.signbit(array[array == 0]).any()
        assert not array.flags.writeable


def test_four_heads_have_four_roles() -> None:
    weights = attend(four_roles()).attention.weights
    n = weights.shape[-1]
    place = np.arange(n)
    for head, target in ((0, place - 1), (2, np.zeros(n, int)), (3, place + 1)):
        inside = (target >= 0) & (target < n)
        assert (weights[head, place[inside], target[inside]] > 0.85).all(), head
    # “the” stands twice: each takes half.
    same = np.array(four_roles().words)[:, None] == np.array(four_roles().words)
    np.testing.assert_allclose(weights[1], same / same.sum(axis=1, keepdims=True), atol=0.05)


def test_the_third_head_rests() -> None:
    """It is the sharpest of all, and hands over nothing."""
    result = attend(four_roles())
    assert result.attention.weights[2].max(axis=-1).min() > 0.99
    changes = [
        np.abs(attend(four_roles(), dropped=[head]).output - result.output).max()
        for head in range(4)
    ]
    assert changes[2] < 0.01
    assert min(changes[:2] + changes[3:]) > 0.9


def test_who_saw_whom() -> None:
    toy = who_saw_whom()
    output = attend(toy).output[1, 4:7]
    np.testing.assert_allclose(output, [1, 0, 2], atol=0.02)
    # One head reads both alike, and nothing tells them apart any more.
    one = attend(toy, n_head=1)
    np.testing.assert_allclose(one.attention.weights[0, 1], [0.5, 0, 0.5], atol=0.01)
    np.testing.assert_allclose(one.output[1, 4:7], [1.5, 0, 1.5], atol=0.03)
    assert one.output[1, 4] == pytest.approx(one.output[1, 6], abs=1e-12)


def test_words_can_change() -> None:
    toy = four_roles()
    x = toy.embed([4, None, 0])
    np.testing.assert_array_equal(x[0], toy.content[4] + toy.places[0])
    np.testing.assert_array_equal(x[1], toy.places[1])
    with pytest.raises(ValueError, match="places for 6 words"):
        toy.embed([0] * 7)


def test_a_seed_draws_the_same_again() -> None:
    one, again, other = random_heads(3), random_heads(3), random_heads(4)
    np.testing.assert_array_equal(one.query, again.query)
    assert (one.query != other.query).any()
    # Equal words are equal.
    np.testing.assert_array_equal(one.content[0], one.content[4])
    with pytest.raises(ValueError, match="must not be negative"):
        random_heads(-1)
