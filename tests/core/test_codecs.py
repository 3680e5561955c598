"""Codecs: what is written as digits is read back, bit for bit, and nothing out of range passes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from core.codecs import Codec, Digit, PackingError, bits, integer, numbers, one_of, switch

RAW = 7  # the mode after 0 to 6 decimals
SHAPES = array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=4)


def taker(digits: Iterable[Digit]) -> Callable[[int], int]:
    """Hand out `digits` in order, insisting that each is asked for by its own radix."""
    left = iter(digits)

    def take(radix: int) -> int:
        digit, expected = next(left)
        assert radix == expected
        return digit

    return take


def back(codec: Codec[Any], value: object) -> Any:  # noqa: ANN401
    digits = codec.write(value)
    assert all(0 <= digit < radix for digit, radix in digits)
    take = taker((*digits, (0, -1)))
    read = codec.read(take)
    assert take(-1) == 0  # all digits were asked for
    return read


def cost(codec: Codec[Any], value: object) -> float:
    """Return how many bits a value takes."""
    return sum(math.log2(radix) for _, radix in codec.write(value))


def assert_same_bits(read: NDArray[np.float64], written: NDArray[np.float64]) -> None:
    assert read.dtype == np.float64
    np.testing.assert_array_equal(np.isnan(read), np.isnan(written))
    given_ = ~np.isnan(written)
    expected = written[given_] + 0.0  # -0.0 comes back as 0.0
    np.testing.assert_array_equal(read[given_].view(np.uint64), expected.view(np.uint64))


def test_single_value_goldens() -> None:
    assert one_of(("a", None, 2.5)).write(None) == ((1, 3),)
    assert one_of(("a", None, 2.5)).read(taker([(2, 3)])) == 2.5
    assert switch().write(True) == ((1, 2),)
    assert switch().read(taker([(0, 2)])) is False
    assert integer(-3, 6).write(2) == ((5, 10),)
    assert integer(-3, 6).read(taker([(9, 10)])) == 6
    assert cost(integer(4, 4), 4) == 0


@given(st.integers(), st.integers(0, 2**70), st.data())
def test_integer_round_trip(low: int, span: int, data: st.DataObject) -> None:
    value = data.draw(st.integers(low, low + span))
    assert back(integer(low, low + span), value) == value


@pytest.mark.parametrize("value", [-4, 7, 1.0, "1", None, np.nan, 10**400])
def test_integer_refuses(value: object) -> None:
    with pytest.raises(PackingError, match="is not a whole number from -3 to 6"):
        integer(-3, 6).write(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["c", "", None, 1, ["a"], "x" * 10_000])
def test_one_of_refuses(value: object) -> None:
    with pytest.raises(PackingError, match=r"is not one of 'a', 'b'\.$") as caught:
        one_of(("a", "b")).write(value)  # type: ignore[arg-type]
    assert len(str(caught.value)) < 80


def test_impossible_ranges_are_the_programmers_error() -> None:
    for make in (
        lambda: one_of(()),
        lambda: one_of(("a", "a")),
        lambda: one_of((1, True)),
        lambda: integer(1, 0),
        lambda: bits(-1, 2),
        lambda: numbers(2, -1, 0.0, 1.0),
        lambda: numbers(2, 2, 1.0, 0.0),
        lambda: numbers(2, 2, -np.inf, 0.0),
        lambda: numbers(2, 2, 0.0, np.nan),
    ):
        with pytest.raises(ValueError, match=r"must") as caught:
            make()
        assert not isinstance(caught.value, PackingError)


def test_subsets_are_numbered_as_they_are_listed() -> None:
    # colexicographic order: by the last cell, then the last but one...
    for count in range(7):
        subsets = sorted(combinations(range(6), count), key=lambda cells: cells[::-1])
        for place, cells in enumerate(subsets):
            array = np.zeros((2, 3), dtype=bool)
            array.flat[list(cells)] = True
            digits = bits(2, 5).write(array)
            assert digits == ((2, 3), (3, 6), (count, 7), (place, len(subsets)))


@given(arrays(np.bool_, SHAPES))
def test_bits_round_trip(array: NDArray[np.bool_]) -> None:
    read = back(bits(4, 5), array)
    assert read.dtype == np.bool_
    np.testing.assert_array_equal(read, array)
    assert read.shape == array.shape


def test_bits_are_cheap() -> None:
    codec = bits(8, 8)
    causal = np.tri(8, dtype=bool)
    one = np.arange(64).reshape(8, 8) == 17
    assert cost(codec, np.ones((8, 8), dtype=bool)) < 12.5
    assert cost(codec, one) < 18.5
    assert cost(codec, causal) < 64 + 12.5


@pytest.mark.parametrize(
    "value",
    [np.ones((3, 2)), np.ones((3, 2), dtype=int), np.ones(3, dtype=bool), [[True]], None]
    + [np.ones(shape, dtype=bool) for shape in ((9, 1), (1, 9), (1, 1, 1), ())],
)
def test_bits_refuse(value: Any) -> None:  # noqa: ANN401
    with pytest.raises(PackingError, match="is not a matrix of bool up to 8 × 8"):
        bits(8, 8).write(value)


def test_numbers_goldens() -> None:
    codec = numbers(2, 2, -1.0, 1.0)
    # one row of two, both given (one way to), 1 decimal, tenths counted from -10
    header = ((1, 3), (2, 3), (2, 3), (0, 1))
    assert codec.write(np.array([[0.1, -0.5]])) == (*header, (1, 8), (11, 21), (5, 21))
    # the second of two given
    one = ((1, 3), (2, 3), (1, 3), (1, 2))
    assert codec.write(np.array([[np.nan, 1.0]])) == (*one, (0, 8), (2, 3))
    # 1/3 has no decimals: its bits are 0x3FD5555555555555
    third = ((RAW, 8), (0x3FD5555555555555, 2**64))
    assert codec.write(np.array([[np.nan, 1 / 3]])) == (*one, *third)


@given(st.integers(0, 6), st.data())
def test_the_fewest_decimals_are_chosen(decimals: int, data: st.DataObject) -> None:
    wholes = st.integers(-20 * 10**decimals, 20 * 10**decimals)
    texts = [
        f"{whole}e-{decimals}" for whole in data.draw(st.lists(wholes, min_size=1, max_size=8))
    ]
    array = np.array([[float(text) for text in texts]])
    codec = numbers(1, 8, -20.0, 20.0)
    # Python's own round is the oracle
    fewest = next(n for n in range(7) if all(round(x, n) == x for x in array[0].tolist()))
    assert codec.write(array)[4] == (fewest, 8)
    assert_same_bits(back(codec, array), array)


CELLS = st.floats(-20, 20) | st.sampled_from([-0.0, 0.1, 5e-324, -20.0, 20.0, np.nan, 1e-6, 1e-7])


@given(arrays(np.float64, SHAPES, elements=CELLS))
def test_numbers_round_trip(array: NDArray[np.float64]) -> None:
    before = array.copy()
    read = back(numbers(5, 4, -20.0, 20.0), array)
    assert read.shape == array.shape
    assert_same_bits(read, array)
    np.testing.assert_array_equal(array, before)


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.tuples(FINITE, FINITE).map(sorted), st.data())
@example([0.1, 0.3], None)
@example([-1.7976931348623157e308, 1.7976931348623157e308], None)
@example([5e-324, 5e-324], None)
@example([9007199254740991.0, 9007199254740992.0], None)
@example([-0.0, 0.0], None)
def test_every_range_gives_its_numbers_back(ends: list[float], data: st.DataObject | None) -> None:
    low, high = ends
    cells = [low, high]
    if data is not None:
        inside = st.floats(low, high)
        rounded = st.builds(round, inside, st.integers(0, 6)).filter(lambda x: low <= x <= high)
        cells += data.draw(st.lists(inside | rounded, max_size=4))
    array = np.array([cells])
    assert_same_bits(back(numbers(1, 6, low, high), array), array)
    for cell in cells:  # alone, a number may have fewer decimals
        assert_same_bits(back(numbers(1, 1, low, high), np.array([[cell]])), np.array([[cell]]))


@pytest.mark.parametrize("number", [1 / 3, math.pi, 5e-324, 2.3e-308, math.nextafter(0.1, 1), 1e-7])
def test_numbers_that_need_all_their_bits(number: float) -> None:
    array = np.array([[number, 0.5]])
    codec = numbers(1, 2, -20.0, 20.0)
    assert codec.write(array)[4] == (RAW, 8)
    assert_same_bits(back(codec, array), array)


def test_minus_zero_comes_back_as_zero() -> None:
    for other in (1.0, 1 / 3):
        read = back(numbers(1, 2, -1.0, 1.0), np.array([[-0.0, other]]))
        assert not np.signbit(read).any()


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0)])
def test_empty_matrices_keep_their_shape(shape: tuple[int, int]) -> None:
    assert back(numbers(8, 8, -1.0, 1.0), np.zeros(shape)).shape == shape
    assert back(bits(8, 8), np.zeros(shape, dtype=bool)).shape == shape


def test_numbers_are_cheap() -> None:
    codec = numbers(8, 8, -20.0, 20.0)
    array = np.full((8, 8), np.nan)
    assert cost(codec, array) < 12.5  # the shape and that none is given
    array[3, 4] = 1.5
    assert cost(codec, array) < 12.5 + 6 + 3 + 8.7  # which one, how many decimals, itself


@pytest.mark.parametrize(
    "number", [np.inf, -np.inf, math.nextafter(20, 21), -20.000001, 1e308, -1e-300 - 21]
)
def test_numbers_out_of_range_are_refused(number: float) -> None:
    with pytest.raises(PackingError, match="is not a number from -20 to 20"):
        numbers(1, 2, -20.0, 20.0).write(np.array([[number, np.nan]]))


@pytest.mark.parametrize(
    "value",
    [np.zeros((2, 2), dtype=kind) for kind in ("f4", "i8", "c16", "O", "U1", "?")]
    + [np.zeros(shape) for shape in ((9, 1), (1, 9), (2,), ())]
    + [[[1.0]], "1", None],
)
def test_other_matrices_are_refused(value: Any) -> None:  # noqa: ANN401
    with pytest.raises(PackingError, match="is not a matrix of float64 up to 8 × 8"):
        numbers(8, 8, -20.0, 20.0).write(value)


ONE_GIVEN = ((1, 2), (1, 2), (1, 2), (0, 1))
SIGNALLING = 0x7FF0000000000001


@pytest.mark.parametrize(
    "raw",
    [float("nan"), math.inf, -math.inf, 20.000001, -1e300, SIGNALLING],
)
def test_forged_bits_out_of_range_are_not_read(raw: float) -> None:
    code = raw if isinstance(raw, int) else int(np.float64(raw).view(np.uint64))
    with pytest.raises(PackingError, match="is not a number from -20 to 20"):
        numbers(1, 1, -20.0, 20.0).read(taker([*ONE_GIVEN, (RAW, 8), (code, 2**64)]))


def test_ends_between_two_decimals_are_kept() -> None:
    # in tenths the range 0 to 0.26 is counted up to 3, and 0.3 is too much
    codec = numbers(1, 1, 0.0, 0.26)
    assert codec.read(taker([*ONE_GIVEN, (1, 8), (2, 4)])) == 0.2
    with pytest.raises(PackingError, match=r"0\.3 is not a number from 0 to 0\.26"):
        codec.read(taker([*ONE_GIVEN, (1, 8), (3, 4)]))
