"""What a codec is, and the codecs of choices, whole numbers and matrices.

A codec writes a value as digits in mixed radix and reads it back. A digit is a pair
``(digit, radix)`` with ``0 <= digit < radix``; it costs log2(radix) bits, so a switch costs one
bit and a field with one possible value nothing. `core.packing` has the codecs made of others,
and joins the digits of a page into one number.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)
Digit = tuple[int, int]
Take = Callable[[int], int]
Shape = tuple[int, int]

_SCALES: Final = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
_RAW: Final = 2**64


class PackingError(ValueError):
    """A state that a link cannot hold, or a link that cannot be read.

    The text is a sentence for people. It may quote the link, so show it as plain text.
    """


class Codec(Protocol[T]):
    """How the values of a field become digits and come back; `PackingError` if out of range."""

    def write(self, value: T, /) -> tuple[Digit, ...]:
        """Return the digits of `value`."""
        ...

    def read(self, take: Take, /) -> T:
        """Ask for the digits in the same order, each by ``take(radix)``; return the value."""
        ...


@dataclass(frozen=True)
class FunctionCodec(Generic[T]):
    """A codec made of two functions; see `Codec`."""

    write: Callable[[T], tuple[Digit, ...]]
    read: Callable[[Take], T]


def one_of(options: Sequence[H]) -> Codec[H]:
    """Return the codec of a choice between `options`, whose order is part of the format.

    Raises
    ------
    ValueError
        If there is no option, or one occurs twice (1 and True are equal).
    """
    places = {option: place for place, option in enumerate(options)}
    if not places or len(places) != len(options):
        msg = f"options must be different and at least one, got {options!r}."
        raise ValueError(msg)

    def write(value: H) -> tuple[Digit, ...]:
        try:
            return ((places[value], len(places)),)
        except (KeyError, TypeError):  # TypeError: cannot be hashed
            raise is_not(value, f"one of {', '.join(map(repr, places))}") from None

    known = tuple(places)
    return FunctionCodec(write, lambda take: known[take(len(known))])


def switch() -> Codec[bool]:
    """Return the codec of a bool."""
    return one_of((False, True))


def integer(low: int, high: int) -> Codec[int]:
    """Return the codec of a whole number from `low` to `high`, both included.

    Raises
    ------
    ValueError
        If `high` lies below `low`.
    """
    radix = count_between(low, high)

    def write(value: int) -> tuple[Digit, ...]:
        digit = int(value) - low if isinstance(value, (int, np.integer)) else -1
        if not 0 <= digit < radix:
            raise is_not(value, f"a whole number from {low} to {high}")
        return ((digit, radix),)

    return FunctionCodec(write, lambda take: low + take(radix))


def bits(max_rows: int, max_columns: int) -> Codec[NDArray[np.bool_]]:
    """Return the codec of a matrix of bool up to (`max_rows`, `max_columns`), also an empty one.

    It costs a few bits when few or nearly all cells are True, else little more than one a cell.

    Raises
    ------
    ValueError
        If a limit is negative.
    """
    radixes = count_between(0, max_rows), count_between(0, max_columns)

    def write(array: NDArray[np.bool_]) -> tuple[Digit, ...]:
        return (*_write_shape(array, np.bool_, radixes), *_write_subset(array))

    return FunctionCodec(write, lambda take: _read_subset(take, radixes))


def numbers(max_rows: int, max_columns: int, low: float, high: float) -> Codec[NDArray[np.float64]]:
    """Return the codec of a matrix of float64 in which NaN means "not given".

    Every number comes back exactly, but for -0.0, which comes back as 0.0. The matrix is written
    with the fewest decimals, 0 to 6, that give all its numbers back bit for bit; where 6 are too
    few, each of its numbers costs 64 bits. Those not given cost next to nothing.

    Parameters
    ----------
    max_rows, max_columns : int, >= 0
        The largest shape; smaller ones, also empty ones, come back as they are.
    low, high : float
        The range of the numbers: finite, both ends included.

    Raises
    ------
    ValueError
        If a limit is negative, or `low` and `high` are not finite and in order.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        msg = f"low and high must be finite and in order, got {low} and {high}."
        raise ValueError(msg)
    radixes = count_between(0, max_rows), count_between(0, max_columns)
    # Below 2**53 whole numbers are exact in float64, so whole / scale is the float64 nearest to
    # the decimal. Scaling and rounding keep the order: the ends bound what lies between them.
    scales = [scale for scale in _SCALES if max(abs(low), abs(high)) < 2**53 / scale]
    ends = [(round(low * scale), round(high * scale)) for scale in scales]

    def in_range(values: NDArray[np.float64]) -> NDArray[np.float64]:
        outside = values[~((values >= low) & (values <= high))]
        if outside.size:
            raise is_not(float(outside[0]), f"a number from {low:g} to {high:g}")
        return values

    def write_values(values: NDArray[np.float64]) -> tuple[Digit, ...]:
        modes = len(scales) + 1
        for mode, (scale, (first, last)) in enumerate(zip(scales, ends, strict=True)):
            whole = np.rint(values * scale)
            if (whole / scale == values).all():
                steps = (whole.astype(np.int64) - first).tolist()
                return ((mode, modes), *zip(steps, repeat(last - first + 1)))
        return ((len(scales), modes), *zip(values.view(np.uint64).tolist(), repeat(_RAW)))

    def read_values(take: Take, count: int) -> NDArray[np.float64]:
        mode = take(len(scales) + 1)
        if mode == len(scales):
            return np.array([take(_RAW) for _ in range(count)], np.uint64).view(np.float64)
        first, last = ends[mode]
        whole = np.array([first + take(last - first + 1) for _ in range(count)], np.float64)
        return whole / scales[mode]

    def write(array: NDArray[np.float64]) -> tuple[Digit, ...]:
        shape = _write_shape(array, np.float64, radixes)
        given = ~np.isnan(array)
        values = in_range(array[given]) + 0.0  # turns -0.0 into 0.0
        return (*shape, *_write_subset(given), *(write_values(values) if values.size else ()))

    def read(take: Take) -> NDArray[np.float64]:
        given = _read_subset(take, radixes)
        array = np.full(given.shape, np.nan)
        if given.any():
            array[given] = in_range(read_values(take, int(given.sum())))
        return array

    return FunctionCodec(write, read)


def _write_shape(array: NDArray[Any], dtype: type[np.generic], radixes: Shape) -> tuple[Digit, ...]:
    """Return the rows and columns of a matrix of `dtype`, each below its radix."""
    kind = getattr(array, "dtype", type(array))
    shape: tuple[int, ...] = getattr(array, "shape", ())
    if kind != dtype or len(shape) != 2 or shape[0] >= radixes[0] or shape[1] >= radixes[1]:
        largest = f"{radixes[0] - 1} × {radixes[1] - 1}"
        msg = f"{kind} of shape {shape} is not a matrix of {dtype.__name__} up to {largest}."
        raise PackingError(msg)
    return tuple(zip(shape, radixes, strict=True))


def _write_subset(chosen: NDArray[np.bool_]) -> tuple[Digit, Digit]:
    """Return how many cells are chosen, and which of the ways to choose so many this is.

    Ways are numbered as in the combinatorial number system (Knuth, The Art of Computer
    Programming 4A, section 7.2.1.3): first those without the last cell. None or all chosen is
    one way, which costs nothing.
    """
    count = left = int(chosen.sum())
    radix = ways = math.comb(chosen.size, count)
    way = 0
    cells = chosen.ravel().tolist()
    for cell in range(len(cells), 0, -1):
        without = ways * (cell - left) // cell  # C(cell - 1, left)
        if cells[cell - 1]:
            way, ways, left = way + without, ways - without, left - 1
        else:
            ways = without
    return (count, chosen.size + 1), (way, radix)


def _read_subset(take: Take, radixes: Shape) -> NDArray[np.bool_]:
    """Return the cells that `_write_shape` and `_write_subset` were given."""
    rows, columns = take(radixes[0]), take(radixes[1])
    left = take(rows * columns + 1)
    ways = math.comb(rows * columns, left)
    way = take(ways)
    chosen = np.zeros(rows * columns, np.bool_)
    for cell in range(chosen.size, 0, -1):
        without = ways * (cell - left) // cell
        if way >= without:
            chosen[cell - 1] = True
            way, ways, left = way - without, ways - without, left - 1
        else:
            ways = without
    return chosen.reshape(rows, columns)


def count_between(low: int, high: int) -> int:
    """Return how many whole numbers there are from `low` to `high`."""
    if high < low:
        msg = f"The upper limit must not lie below the lower, got {low} and {high}."
        raise ValueError(msg)
    return high - low + 1


def is_not(value: object, expected: str) -> PackingError:
    """Return the error for a value that is not what was expected."""
    return PackingError(f"{reprlib.repr(value)} is not {expected}.")
