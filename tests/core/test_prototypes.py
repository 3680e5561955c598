"""Classes taught from a few photos: by hand, against a slow oracle, and as properties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.prototypes import (
    LONGEST_NAME,
    MOST_CLASSES,
    Prototypes,
    TeachingError,
    check_names,
    classify,
    clean_name,
    layer_norm,
    unit_length,
)
from core.teaching import FEWEST_PHOTOS, NEAR_ENOUGH, leave_out, teach

Float32Array = NDArray[np.float32]

# Two classes in the plane: three photos to the right, three upwards; the centre is the origin.
FLAT = np.array([[3, 0], [1, 1], [1, -1], [0, 2], [1, 1], [-1, 1]], dtype=np.float32)
LABELS = (0, 0, 0, 1, 1, 1)
ORIGIN = np.zeros(2, dtype=np.float32)
ROOT = 2**-0.5


def taught(seed: int, counts: tuple[int, ...], width: int = 6) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    return {
        "features": random.normal(size=(sum(counts), width)).astype(np.float32),
        "labels": [label for label, count in enumerate(counts) for _ in range(count)],
        "names": [f"class {label}" for label in range(len(counts))],
        "centre": random.normal(size=width).astype(np.float32),
    }


def slow_similarity(photo: Float32Array, others: Float32Array, centre: Float32Array) -> float:
    """Write the definition out: the cosine with the mean of the others' unit vectors."""
    units = [(other - centre) / np.linalg.norm(other - centre) for other in others]
    mean = np.mean(units, axis=0)
    offset = photo - centre
    return float(offset @ mean / np.linalg.norm(offset) / np.linalg.norm(mean))


# --- by hand ---------------------------------------------------------------------------------


def test_directions_and_similarities_by_hand() -> None:
    prototypes, left_out = teach(FLAT, LABELS, ("right", "up"), ORIGIN)
    np.testing.assert_allclose(prototypes.directions, [[1, 0], [0, 1]], atol=1e-6)
    assert prototypes.counts == (3, 3)
    # (3, 0) without itself: the others cancel upwards. (1, 1): 3 and (1, -1) are left.
    without_the_second = np.array([1 + ROOT, -ROOT]) / np.hypot(1 + ROOT, ROOT)
    expected = [1.0, *([float(without_the_second @ [ROOT, ROOT])] * 2)] * 2
    np.testing.assert_allclose(left_out.own, expected, atol=1e-6)
    assert prototypes.least == pytest.approx(NEAR_ENOUGH * np.mean(expected))
    # Two photos lie between the classes; without itself each is nearer to the other class.
    assert left_out.nearest.tolist() == [0, 1, 0, 1, 0, 1]
    assert left_out.accuracy == pytest.approx(4 / 6)
    assert left_out.table.sum() == 6


def test_a_photo_is_named_where_it_is_near_enough_and_none_where_not() -> None:
    prototypes = Prototypes(
        names=("right", "up"),
        directions=np.eye(2, dtype=np.float32),
        centre=np.array([1, 1], dtype=np.float32),
        counts=(3, 3),
        least=0.8,
    )
    verdict = classify(prototypes, np.array([5, 4], dtype=np.float32))
    np.testing.assert_allclose(verdict.similarities, [0.8, 0.6], atol=1e-6)
    assert (verdict.nearest, verdict.is_near) == (0, bool(verdict.similarities[0] >= 0.8))
    between = classify(prototypes, np.array([2, 2], dtype=np.float32))
    assert not between.is_near
    opposite = classify(prototypes, np.array([-3, 1], dtype=np.float32))
    assert (opposite.nearest, opposite.is_near) == (1, False)


def test_at_the_centre_nothing_is_near() -> None:
    prototypes, _ = teach(FLAT, LABELS, ("right", "up"), ORIGIN)
    verdict = classify(prototypes, ORIGIN)
    assert verdict.similarities.tolist() == [0, 0]
    assert not verdict.is_near


def test_the_table_counts_who_is_called_what() -> None:
    features = np.array(
        [[1, 0], [1, 0.1], [1, -0.1], [-1, -1], [0, 1], [0.1, 1], [-0.1, 1]], dtype=np.float32
    )
    _, left_out = teach(features, (0, 0, 0, 0, 1, 1, 1), ("right", "up"), ORIGIN)
    assert left_out.table.tolist() == [[3, 0, 1], [0, 3, 0]]
    assert left_out.is_near.tolist() == [True, True, True, False, True, True, True]


def test_layer_norm_is_that_of_torch() -> None:
    values = np.random.default_rng(0).normal(3, 20, size=(4, 384)).astype(np.float32)
    expected = torch.nn.functional.layer_norm(torch.from_numpy(values), (384,))
    np.testing.assert_allclose(layer_norm(values), expected.numpy(), atol=1e-5)
    assert layer_norm(values).dtype == np.float32


# --- against the definition ------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    counts=st.lists(st.integers(3, 6), min_size=2, max_size=5).map(tuple),
)
def test_leaving_one_out_is_teaching_without_it(seed: int, counts: tuple[int, ...]) -> None:
    given_here = taught(seed, counts)
    features, centre = given_here["features"], given_here["centre"]
    labels = np.array(given_here["labels"])
    before = features.copy()
    prototypes, left_out = teach(**given_here)
    for photo in range(len(features)):
        others = np.arange(len(features)) != photo
        expected = [
            slow_similarity(features[photo], features[others & (labels == label)], centre)
            for label in range(len(counts))
        ]
        np.testing.assert_allclose(left_out.similarities[photo], expected, atol=2e-4)
        without = leave_out(prototypes, features, labels.tolist(), photo)
        verdict = classify(without, features[photo])
        np.testing.assert_allclose(verdict.similarities, expected, atol=2e-4)
        assert without.counts[labels[photo]] == counts[labels[photo]] - 1
        assert without.least == prototypes.least
    np.testing.assert_allclose(np.linalg.norm(prototypes.directions, axis=1), 1, atol=1e-5)
    assert 0 <= prototypes.least <= NEAR_ENOUGH + 1e-6
    assert left_out.table.sum(axis=1).tolist() == list(counts)
    np.testing.assert_array_equal(features, before)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 100))
def test_only_the_way_from_the_centre_counts(seed: int, scale: float) -> None:
    given_here = taught(seed, (3, 4))
    prototypes, _ = teach(**given_here)
    offset = np.random.default_rng(seed + 1).normal(size=6).astype(np.float32)
    centre = prototypes.centre
    near = classify(prototypes, centre + offset).similarities
    far = classify(prototypes, centre + np.float32(scale) * offset).similarities
    np.testing.assert_allclose(near, far, atol=1e-3)
    assert np.abs(near).max() <= 1 + 1e-5


def test_the_order_of_the_photos_does_not_matter() -> None:
    given_here = taught(5, (3, 4, 5))
    order = np.random.default_rng(1).permutation(12)
    mixed = {
        **given_here,
        "features": given_here["features"][order],
        "labels": [given_here["labels"][photo] for photo in order],
    }
    (straight, tested), (shuffled, retested) = teach(**given_here), teach(**mixed)
    np.testing.assert_allclose(straight.directions, shuffled.directions, atol=1e-5)
    np.testing.assert_allclose(tested.similarities[order], retested.similarities, atol=1e-5)


def test_nothing_can_be_written_into_prototypes() -> None:
    given_here = taught(0, (3, 3))
    prototypes, _ = teach(**given_here)
    for array in (prototypes.directions, prototypes.centre):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    given_here["centre"][...] = 0  # the caller's own stays writable
    assert prototypes.centre.any()


# --- what cannot be taught -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "names", "said"),
    [
        ((3,), ("one",), "Choose 2 to 5 classes"),
        ((3,) * 6, tuple("abcdef"), "Choose 2 to 5 classes"),
        ((3, FEWEST_PHOTOS - 1), ("a", "b"), "“b” has 2 of the 3 photos"),
        ((3, 0), ("a", "b"), "“b” has 0 of the 3 photos"),
        ((3, 3), ("Cat", " cat"), "Two classes are called “cat”"),
        ((3, 3), ("a", "  "), "no name"),
        ((3, 3), ("a", "b" * (LONGEST_NAME + 1)), "too long for a name"),
    ],
)
def test_what_cannot_be_taught_is_said(
    counts: tuple[int, ...], names: tuple[str, ...], said: str
) -> None:
    with pytest.raises(TeachingError, match=said):
        teach(**{**taught(0, counts), "names": names})


@pytest.mark.parametrize(
    "change",
    [
        {"features": np.zeros((6, 5), np.float32)},
        {"features": np.zeros(6, np.float32)},
        {"labels": (0, 0, 0, 1, 1)},
        {"labels": (0, 0, 0, 1, 1, 2)},
        {"labels": (0, 0, 0, 1, 1, -1)},
    ],
)
def test_shapes_that_do_not_fit_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Expected features"):
        teach(**{**taught(0, (3, 3)), **change})


def test_a_feature_of_another_width_is_refused() -> None:
    prototypes, _ = teach(**taught(0, (3, 3)))
    with pytest.raises(ValueError, match="Expected a feature"):
        classify(prototypes, np.zeros(7, np.float32))


def test_as_many_classes_as_allowed_can_be_taught() -> None:
    prototypes, _ = teach(**taught(0, (3,) * MOST_CLASSES))
    assert len(prototypes.names) == MOST_CLASSES


@given(st.text(max_size=100))
def test_a_cleaned_name_is_clean_and_fits(typed: str) -> None:
    name = clean_name(typed)
    assert clean_name(name) == name
    assert len(name) <= LONGEST_NAME
    name.encode("utf-8")
    if name:
        check_names((name, f"{name[: LONGEST_NAME - 2]}#2"))


def test_a_name_keeps_its_letters() -> None:
    assert clean_name("  my\tcat\n \x00🐈‍⬛ ") == "my cat 🐈‍⬛"
    assert clean_name("قطّ") == "قطّ"


@given(st.integers(0, 1000))
def test_what_has_a_length_gets_length_one(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(3, 4)).astype(np.float32)
    np.testing.assert_allclose(np.linalg.norm(unit_length(values), axis=1), 1, atol=1e-5)
    assert not unit_length(np.zeros((2, 4), np.float32)).any()
