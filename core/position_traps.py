"""Mistakes with positions that teaching code is known for, computed so that they can be seen.

Nothing here is to be used for anything but showing what goes wrong. What is right stands in
`core.positional` and `core.rotary`.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from core.positional import FloatArray, check_base, check_positions
from core.rotary import rotary_caches, rotate

Exponent = Literal["2 * column / d", "column / d", "column // 2 / d"]


def wrong_sinusoidal(
    positions: ArrayLike, d_model: int, *, exponent: Exponent, base: float = 10_000.0
) -> FloatArray:
    """Encode positions with one of three exponents that are written by mistake.

    Columns come in pairs: 2i holds ``sin(p / base**(2 i / d))`` and 2i + 1 the cosine of the same
    angle (Vaswani et al. 2017, section 3.5), so the exponent of a column is ``2 * (column // 2) /
    d``.

    Parameters
    ----------
    positions : array_like of real numbers, (n_position,)
    d_model : int, >= 1
    exponent : {"2 * column / d", "column / d", "column // 2 / d"}
        With the first two every column has an angle of its own, so that sine and cosine make no
        pair and the dot product of two positions depends on where they are. With the first the
        exponents run to 2, and half of the columns hardly move. With the last there are pairs, but
        the longest wave is about the root of what it should be.
    base : float, > 0

    Returns
    -------
    ndarray of float64, (n_position, d_model)

    Raises
    ------
    ValueError
        If `d_model` is below 1, `base` is not above 0, a position is not finite, or the exponent
        is not one of the three.
    """
    if d_model < 1:
        msg = f"d_model must be at least 1, got {d_model}."
        raise ValueError(msg)
    if exponent not in get_args(Exponent):
        msg = f"exponent must be one of {', '.join(get_args(Exponent))}; got {exponent!r}."
        raise ValueError(msg)
    column = np.arange(d_model)
    power = {
        "2 * column / d": 2 * column / d_model,
        "column / d": column / d_model,
        "column // 2 / d": column // 2 / d_model,
    }[exponent]
    places = check_positions(positions)
    angle = places[:, np.newaxis] / check_base(base) ** power  # (n_position, d_model)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle))


def rotary_scores(
    query: ArrayLike,
    key: ArrayLike,
    positions: ArrayLike,
    *,
    mixed: bool,
    base: float = 10_000.0,
) -> FloatArray:
    """Score one query and one key in every two positions, after turning both.

    Parameters
    ----------
    query, key : array_like of real numbers, (d_head,)
        Of even length.
    positions : array_like of real numbers, (n_position,)
    mixed : bool
        Turn the query in pairs of neighbours and the key in pairs of halves, as when one is
        computed by code that has the other layout; else both in halves.
    base : float, > 0

    Returns
    -------
    ndarray of float64, (n_position, n_position)
        Not divided by a root. Rows are the query's positions. Unless `mixed`, what stands on one
        diagonal is one number: it depends on the distance alone.

    Raises
    ------
    ValueError
        If the vectors are of odd length or differ in length, or `base` or a position is out of
        range.
    """
    q, k = (np.asarray(vector, dtype=np.float64) for vector in (query, key))
    if q.shape != k.shape or q.ndim != 1:
        msg = f"query and key must be two vectors of one length, got {q.shape} and {k.shape}."
        raise ValueError(msg)
    cos, sin = rotary_caches(positions, q.size, base=base)  # (n_position, d_head / 2)
    turned = rotate(
        np.tile(q, (len(cos), 1)), cos, sin, layout="interleaved" if mixed else "halves"
    )
    keys = rotate(np.tile(k, (len(cos), 1)), cos, sin, layout="halves")
    return np.asarray(turned @ keys.T)


def along_diagonals(scores: ArrayLike, distance: int) -> tuple[float, float]:
    """Return the least and the largest number that stands at one distance from the diagonal.

    Parameters
    ----------
    scores : array_like of real numbers, (n, n)
    distance : int, 0 to n - 1
        Of the column to the row, to the right.

    Returns
    -------
    tuple of float
        Twice the same where the distance alone decides.
    """
    diagonal = np.diagonal(np.asarray(scores), distance)
    return float(diagonal.min()), float(diagonal.max())
