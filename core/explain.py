"""Explanations of one number of a model's answer: how much each patch has to do with it.

Attention rollout and the relevance rule follow attention from the token that the answer is read
from back to the picture; occlusion hides blocks of the picture and looks at the answer again. The
first two say what the arithmetic passes on, not what the answer rests on. Which of them point at
patches that the answer does rest on is a question to the model: `core.faithfulness` asks it.

Nothing here knows a model: weights, gradients and outputs come in as arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]

ROLLOUT_START: Final = 1
"""The layer, from 0, from which a rollout is followed unless asked otherwise.

In the lowest layer of a trained Vision Transformer single patches may receive most of the weight;
rolled out from there, such a sink outshines everything else.
"""
# Blocks to hide one after another: about as many as one waits for.
_N_BLOCKS: Final = 64


def attention_rollout(layer_weights: Iterable[FloatArray], *, start_layer: int = 0) -> FloatArray:
    """Follow attention through several layers, from the last back to the tokens of one layer.

    Attention rollout (Abnar and Zuidema 2020, arXiv:2005.00928): in each layer the mean of the
    heads stands for the attention and the identity for the residual connection, half and half;
    the layers are multiplied from below. The equal halves and the mean are assumptions of the
    method, not properties of the network.

    Parameters
    ----------
    layer_weights : iterable of ndarray (head, query, key)
        Attention weights, lowest layer first. Taken one at a time, so a generator keeps only one
        layer in memory.
    start_layer : int
        Layers below it are passed over. The lowest layers of a Vision Transformer may have sinks,
        single patches that receive most of the weight, which then outshine everything else.

    Returns
    -------
    ndarray (query, key)
        How much of each token of the last layer stems from each token at the input of
        `start_layer`. Rows sum to one; `read_by` takes the row of whoever reads.

    Raises
    ------
    ValueError
        If there are no layers from `start_layer` on.
    """
    rollout: FloatArray | None = None
    for layer, weights in enumerate(layer_weights):
        if layer < start_layer:
            continue
        with_residual = weights.mean(axis=0) + np.eye(weights.shape[-1], dtype=weights.dtype)
        with_residual /= with_residual.sum(axis=-1, keepdims=True)
        rollout = with_residual if rollout is None else with_residual @ rollout
    if rollout is None:
        raise ValueError(f"There are no layers from {start_layer} on: choose a lower start_layer.")
    return rollout


def gradient_relevance(
    layer_weights: Iterable[FloatArray], layer_gradients: Iterable[FloatArray]
) -> FloatArray:
    """Follow through the layers the attention that speaks for one number of the answer.

    The rule for self-attention of Chefer, Gur and Wolf 2021 (arXiv:2103.15679, equations 5 and 6).
    Relevance R begins as the identity; each layer, from the lowest, adds to it::

        A_bar = mean over heads of max(gradient * weight, 0)
        R     = R + A_bar @ R

    A weight counts by how much the number would rise with it; what speaks against it is left out,
    and so are the values, the other half of attention's output.

    Parameters
    ----------
    layer_weights : iterable of ndarray (head, query, key)
        Attention weights, lowest layer first.
    layer_gradients : iterable of ndarray (head, query, key)
        The slope of the number by each weight, in the same order.

    Returns
    -------
    ndarray (query, key)
        Relevance of each token at the input for each token of the last layer, zero or more;
        `read_by` takes the row of whoever reads.

    Raises
    ------
    ValueError
        If there are no layers, or not as many gradients as weights.
    """
    relevance: FloatArray | None = None
    for weights, gradients in zip(layer_weights, layer_gradients, strict=True):
        speaks_for = np.maximum(gradients * weights, 0).mean(axis=0)
        if relevance is None:
            relevance = np.eye(weights.shape[-1], dtype=speaks_for.dtype)
        relevance = relevance + speaks_for @ relevance
    if relevance is None:
        raise ValueError("Relevance is followed through layers: there are none here.")
    return relevance


def read_by(matrix: FloatArray, readers: Sequence[int], n_prefix_tokens: int) -> FloatArray:
    """Return what some tokens read of each patch in all, from what every token reads of every one.

    Parameters
    ----------
    matrix : ndarray (query, key)
        Over all tokens: a rollout, a relevance, or weights.
    readers : sequence of int
        Tokens that the answer is read from: the class token alone, or patches, of which the mean
        is taken.
    n_prefix_tokens : int
        Tokens before the first patch; what is read of them has no place in the picture.

    Returns
    -------
    ndarray (patch,)

    Raises
    ------
    ValueError
        If nobody reads.
    """
    if not len(readers):
        raise ValueError("At least one token has to read: give the class token, or patches.")
    row: FloatArray = matrix[list(readers)].mean(axis=0)[n_prefix_tokens:]
    return row


def occlusion_blocks(grid: tuple[int, int]) -> tuple[frozenset[int], ...]:
    """Cut a grid of patches into square blocks, to be hidden one after another.

    About 64 of them: the side of a block is the root of a 64th of the patches, rounded, so that
    256 patches make 64 blocks of 2 x 2; of a picture that `core.images.fit_to_patches` made there
    are 143 at most. At the right and lower edge blocks may be cut off.

    Returns
    -------
    tuple of frozenset of int
        Row by row; every patch, counted row by row from 0, lies in one block.
    """
    rows, columns = grid
    side = max(1, round((rows * columns / _N_BLOCKS) ** 0.5))
    return tuple(
        frozenset(
            row * columns + column
            for row in range(top, min(top + side, rows))
            for column in range(left, min(left + side, columns))
        )
        for top in range(0, rows, side)
        for left in range(0, columns, side)
    )


def occlusion(
    whole: float, hidden: Sequence[float], blocks: Sequence[frozenset[int]], n_patches: int
) -> FloatArray:
    """Return what hiding each block of patches takes from the output, laid over the patches.

    Occlusion (Zeiler and Fergus 2014, arXiv:1311.2901, section 4.2), with blocks side by side: no
    interpretation of the weights, but the model itself, asked again. Every patch of a block gets
    the block's number, so hidden blocks are compared, not single patches.

    Parameters
    ----------
    whole : float
        Output with nothing hidden.
    hidden : sequence of float
        Output with each block hidden. May be fewer than there are blocks, while it is measured.
    blocks : sequence of frozenset of int
        See `occlusion_blocks`.
    n_patches : int

    Returns
    -------
    ndarray of float64, (patch,)
        In the output's unit: positive where hiding lowers it. NaN where nothing is known yet.
    """
    drops = np.full(n_patches, np.nan)
    for block, output in zip(blocks, hidden, strict=False):
        drops[list(block)] = whole - output
    return drops


def deletion_order(values: FloatArray) -> tuple[int, ...]:
    """Return the patches from the most to the least important.

    Parameters
    ----------
    values : ndarray (patch,)
        An explanation. Of equal patches the one that comes first, row by row, is first.

    Raises
    ------
    ValueError
        If a value is no number: it has no place in an order.
    """
    if not np.isfinite(values).all():
        raise ValueError("An order needs a number for every patch; some have none yet.")
    return tuple(np.argsort(-values, kind="stable").tolist())
