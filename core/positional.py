"""Positional encoding in NumPy: what tells attention where a word stands.

Attention by itself reads a set: its weights depend on what the words are, not on where. Positions
come back in one of three ways. They are *added to the words*: as sinusoids, here (section 3.5 of
Vaswani et al. 2017, https://arxiv.org/abs/1706.03762), or as a table that is learned, in
`core.position_training`. They *turn queries and keys*: `core.rotary`. Or they are *added to the
scores*, as a bias that depends on the distance: `core.position_bias`.
"""

from __future__ import annotations

import math
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
Layout = Literal["interleaved", "halves"]

LAYOUTS: Final[tuple[Layout, ...]] = get_args(Layout)


def sinusoidal_encoding(
    positions: ArrayLike, d_model: int, *, base: float = 10000.0, layout: Layout = "interleaved"
) -> FloatArray:
    """Encode positions as sines and cosines of ever slower waves.

    ``PE[p, 2 i] = sin(p / base**(2 i / d_model))`` and ``PE[p, 2 i + 1] = cos(...)`` of the same
    angle: section 3.5 of Vaswani et al. 2017.

    Parameters
    ----------
    positions : array_like of real numbers, (...)
        Usually 0, 1, 2, ...; any number will do.
    d_model : int, >= 1
        How many numbers a position gets. With an odd one the last wave has a sine and no cosine.
    base : float, > 0
        The waves' lengths go from 2 pi towards ``2 pi * base``.
    layout : {"interleaved", "halves"}
        Sine and cosine of a wave next to each other, as in the paper, or all sines before all
        cosines, as in much code. The numbers are the same, in another order.

    Returns
    -------
    ndarray of float64, (..., d_model)
        In [-1, 1].

    Raises
    ------
    ValueError
        If an option is out of range, or a position is not a finite number.
    """
    return waves(sinusoidal_angles(positions, d_model, base=base), d_model, layout)


def sinusoidal_angles(positions: ArrayLike, d_model: int, *, base: float = 10000.0) -> FloatArray:
    """Return the angle of every wave at every position, in radians.

    Parameters are those of `sinusoidal_encoding`.

    Returns
    -------
    ndarray of float64, (..., ceil(d_model / 2))
        ``position / base**(2 i / d_model)``; the exponent goes by twos, as there are two numbers
        to a wave.
    """
    if d_model < 1:
        msg = f"d_model must be at least 1, got {d_model}."
        raise ValueError(msg)
    places = check_positions(positions)
    first = np.arange(0, d_model, 2)  # (n_wave,): 2 i, the place of each wave's sine
    return places[..., np.newaxis] * check_base(base) ** (-first / d_model)


def waves(angles: ArrayLike, d_model: int, layout: Layout = "interleaved") -> FloatArray:
    """Return sines and cosines of angles, in one of the two layouts.

    Parameters
    ----------
    angles : array_like of real numbers, (..., ceil(d_model / 2))
    d_model : int, >= 1
    layout : {"interleaved", "halves"}

    Returns
    -------
    ndarray of float64, (..., d_model)

    Raises
    ------
    ValueError
        If the angles are too few or too many, or the layout is neither of the two.
    """
    radians = np.asarray(angles, dtype=np.float64)
    n_wave = (d_model + 1) // 2
    if radians.shape[-1] != n_wave:
        msg = f"{d_model} numbers are made of {n_wave} angles, got {radians.shape[-1]}."
        raise ValueError(msg)
    if check_layout(layout) == "halves":
        both = np.concatenate([np.sin(radians), np.cos(radians)], axis=-1)
    else:
        both = np.stack([np.sin(radians), np.cos(radians)], axis=-1)  # (..., n_wave, 2)
        both = both.reshape(*radians.shape[:-1], 2 * n_wave)
    return both[..., :d_model]  # an odd d_model lacks the last cosine


def start_table(n_positions: int, d_model: int, seed: int) -> FloatArray:
    """Return a table of positions before it is learned: small random numbers, to two decimals.

    Parameters
    ----------
    n_positions, d_model : int, >= 1
    seed : int, >= 0

    Returns
    -------
    ndarray of float64, (n_positions, d_model)
        A position beyond the table has no encoding.
    """
    return np.random.default_rng(seed).normal(0.0, 0.5, (n_positions, d_model)).round(2)


def check_positions(positions: ArrayLike) -> FloatArray:
    """Return positions as float64, or raise ValueError unless all are finite numbers."""
    places = np.asarray(positions, dtype=np.float64)
    if not np.isfinite(places).all():
        msg = "Positions must be finite numbers."
        raise ValueError(msg)
    return places


def check_base(base: float) -> float:
    """Return the base, or raise ValueError unless it is finite and above 0."""
    if not (math.isfinite(base) and base > 0):
        msg = f"base must be a finite number above 0, got {base}."
        raise ValueError(msg)
    return base


def check_layout(layout: str) -> str:
    """Return the layout, or raise ValueError unless it is one of the two."""
    if layout not in LAYOUTS:
        msg = f"layout must be one of {', '.join(LAYOUTS)}, got {layout!r}."
        raise ValueError(msg)
    return layout
