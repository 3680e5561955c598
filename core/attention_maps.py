"""Sums over attention maps and features: where weight comes from and goes, how far it reaches.

None of these shows what caused a prediction; they describe what is there. For explanations of an
answer, and the test of them, see `core.explain` and `core.faithfulness`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]


def attention_received(weights: FloatArray) -> FloatArray:
    """Measure how much attention each key receives, as a multiple of the mean.

    Every query gives away a total of one, so a key receives one on average: 1 is what uniform
    attention would give it, the number of keys is all there is. A key with many times the mean is
    a sink (Xiao et al. 2023, arXiv:2309.17453).

    Parameters
    ----------
    weights : ndarray (..., query, key)
        Attention weights, rows summing to one.

    Returns
    -------
    ndarray (..., key)
    """
    received: FloatArray = weights.mean(axis=-2) * weights.shape[-1]
    return received


def attention_distance(
    weights: FloatArray, grid: tuple[int, int], n_prefix_tokens: int
) -> FloatArray:
    """Measure how far each head looks: the mean distance between query patch and key patch.

    The mean attention distance of Dosovitskiy et al. 2021 (arXiv:2010.11929, figure 7). Weight
    on the tokens before the patches has no place in the picture and is left out; every patch as
    a query counts by the weight that it gives to patches.

    Parameters
    ----------
    weights : ndarray (..., query, key)
        Attention weights over prefix tokens and patches.
    grid : (int, int)
        Rows and columns of patches.
    n_prefix_tokens : int
        Tokens before the first patch.

    Returns
    -------
    ndarray (...)
        In patches; 0 where a head looks at no patch at all.

    Raises
    ------
    ValueError
        If the token axes do not hold the prefix and the grid.
    """
    n_patches = grid[0] * grid[1]
    expected = (n_prefix_tokens + n_patches,) * 2
    if weights.shape[-2:] != expected:
        raise ValueError(
            f"Expected weights (..., {expected[0]}, {expected[1]}) for {n_prefix_tokens} prefix "
            f"tokens and {grid[0]} x {grid[1]} patches; got {weights.shape}."
        )
    rows, columns = np.indices(grid).reshape(2, n_patches)
    distances = np.hypot(np.subtract.outer(rows, rows), np.subtract.outer(columns, columns))
    between_patches = weights[..., n_prefix_tokens:, n_prefix_tokens:]
    total = between_patches.sum(axis=(-2, -1))
    weighted = np.einsum("...qk,qk->...", between_patches, distances)  # keeps no product
    mean_distance: FloatArray = weighted / np.where(total > 0, total, 1.0)
    return mean_distance


def pca_colours(features: FloatArray, n_components: int = 3) -> FloatArray:
    """Give tokens with similar features similar colours.

    The features' first principal components, each stretched so that its 2nd and 98th percentile
    become 0 and 1 (a few odd tokens do not dim the rest). The sign of a component is arbitrary;
    here its largest score by size is positive. Colours of two pictures cannot be compared: each
    has components of its own.

    Parameters
    ----------
    features : ndarray (token, d_model)
        Features of one picture's patches.
    n_components : int
        Channels wanted; 3 for red, green and blue.

    Returns
    -------
    ndarray (token, n_components)
        In [0, 1]; a component without any spread is 0.5 throughout.
    """
    centred = features - features.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    n_found = min(n_components, sizes.size)
    scores = left[:, :n_found] * sizes[:n_found]  # (token, component)
    scores *= np.sign(scores[np.abs(scores).argmax(axis=0), np.arange(n_found)])
    low, high = np.percentile(scores, [2, 98], axis=0)
    # Rounding leaves a spread of this size where there should be none.
    has_spread = high - low > 1e-6 * max(float(np.abs(features).max(initial=0.0)), 1e-30)
    colours = np.full((features.shape[0], n_components), 0.5, dtype=features.dtype)
    stretched = (scores - low) / np.where(has_spread, high - low, 1.0)
    colours[:, :n_found] = np.where(has_spread, stretched.clip(0.0, 1.0), 0.5)
    return colours


def cosine_similarity(features: FloatArray, token: int) -> FloatArray:
    """Compare one token's features with every token's.

    Parameters
    ----------
    features : ndarray (token, d_model)
    token : int
        The token to compare with.

    Returns
    -------
    ndarray (token,)
        Cosines in [-1, 1]; 0 for features that are zero throughout.
    """
    lengths = np.linalg.norm(features, axis=-1, keepdims=True)
    directions = features / np.where(lengths > 0, lengths, 1.0)
    similarity: FloatArray = directions @ directions[token]
    return similarity


def mass_by_region(values: FloatArray, *, rows: int = 3, columns: int = 3) -> FloatArray:
    """Sum a map over a coarse grid of equal regions, to say in words where its weight lies.

    A cell that lies across the border of two regions counts in both, by area.

    Parameters
    ----------
    values : ndarray (map_rows, map_columns)
        A map without negative values, such as attention over patches.
    rows, columns : int
        How many regions.

    Returns
    -------
    ndarray (rows, columns)
        Shares of the map's total, summing to one; all 0 for a map of zeros.

    Raises
    ------
    ValueError
        If a value is negative: parts of a total that cancel have no shares.
    """
    if np.any(values < 0):
        raise ValueError("Shares of a map need values of zero or more; this one has negative ones.")
    down, across = (
        _overlap(n_regions, n_cells)
        for n_regions, n_cells in zip((rows, columns), values.shape, strict=True)
    )
    mass: FloatArray = down @ values @ across.T
    total = values.sum()
    return mass / total if total > 0 else mass


def cell_means(values: FloatArray, grid: tuple[int, int]) -> FloatArray:
    """Average a fine map, (rows * height, columns * width), over the cells of a coarser grid.

    Returns
    -------
    ndarray (rows, columns)

    Raises
    ------
    ValueError
        If the map cannot be cut into equal whole cells.
    """
    rows, columns = grid
    height, width = (side // n for side, n in zip(values.shape, grid, strict=True))
    means: FloatArray = values.reshape(rows, height, columns, width).mean(axis=(1, 3))
    return means


def share_inside(values: FloatArray, region: NDArray[np.bool_]) -> FloatArray:
    """Measure how much of a map lies in a region, as a share of the map's own total.

    Parameters
    ----------
    values : ndarray (..., map_rows, map_columns)
        Maps without negative values, such as attention over patches.
    region : ndarray of bool, (map_rows, map_columns)

    Returns
    -------
    ndarray (...), in [0, 1]; 0 for a map of zeros
    """
    total = values.sum(axis=(-2, -1))
    share: FloatArray = values[..., region].sum(axis=-1) / np.where(total > 0, total, 1.0)
    return share


def _overlap(n_regions: int, n_cells: int) -> FloatArray:
    """Return the share of each cell that lies in each region of a line, (region, cell)."""
    regions = np.arange(n_regions)[:, None] * n_cells / n_regions
    cells = np.arange(n_cells)[None]
    end = np.minimum(regions + n_cells / n_regions, cells + 1)
    return (end - np.maximum(regions, cells)).clip(0.0, 1.0)
