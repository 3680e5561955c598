"""Hard attention: one value instead of an average of all; and what stands between the two.

A query's logits can become weights in several ways. *Soft* weights are their softmax. *Hard*
weights are one-hot: of the largest logit (argmax), or of a key drawn with the soft weights as
probabilities. Gumbel noise draws such a key by an argmax, and a softmax in its place gives
weights that lean towards the key drawn. Sources: Xu et al. (2015), "Show, attend and tell",
section 4 (soft and hard attention); Gumbel (1954) and Maddison, Tarlow and Minka (2014), "A*
sampling" (the Gumbel-max trick); Jang, Gu and Poole (2017) and Maddison, Mnih and Teh (2017)
(Gumbel-softmax, also called the concrete distribution); Bengio, Leonard and Courville (2013)
(straight-through). Draws pile up in `core.draws`, the
gradients are in `core.hard_gradients`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.softmax import softmax

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SOFT: Final = "soft"
ARGMAX: Final = "argmax"
SAMPLE: Final = "sample"
GUMBEL: Final = "gumbel_softmax"
STRAIGHT: Final = "straight_through"
KINDS: Final = (SOFT, ARGMAX, SAMPLE, GUMBEL, STRAIGHT)
"""The kinds of attention, in the order in which they are shown."""


def one_hot(choice: ArrayLike, n_key: int) -> FloatArray:
    """Return all the weight on one key.

    Parameters
    ----------
    choice : array_like of int, (...)
        The key or keys, from 0.
    n_key : int

    Returns
    -------
    ndarray of float64, (..., n_key)
    """
    hot: FloatArray = np.eye(n_key)[np.asarray(choice)]
    return hot


def draw_keys(logits: ArrayLike, noise: ArrayLike) -> IntArray:
    """Draw keys with the Gumbel-max trick: the largest of logits plus noise wins.

    Key j wins with probability ``softmax(logits)[j]``, exactly.

    Parameters
    ----------
    logits : array_like, (..., n_key)
        Divided by the temperature already.
    noise : array_like, (..., n_key)
        Standard Gumbel noise, as `core.draws.gumbel_noise` draws it.

    Returns
    -------
    ndarray of int64, (...)
        The key drawn; of equal sums the first.
    """
    winners: IntArray = np.argmax(np.asarray(logits) + np.asarray(noise), axis=-1)
    return winners


def gumbel_softmax(logits: ArrayLike, noise: ArrayLike, tau: float) -> FloatArray:
    """Soften a draw: softmax of logits plus noise, divided by tau.

    Parameters
    ----------
    logits, noise : array_like, (..., n_key)
        As for `draw_keys`, which the largest weight agrees with.
    tau : float, > 0
        Towards 0 the weights approach the draw, one-hot; large values approach 1/n each. It is no
        temperature of the draw: which key leads does not depend on it.

    Returns
    -------
    ndarray of float64, (..., n_key)
    """
    weights = softmax(np.asarray(logits) + np.asarray(noise), temperature=tau)
    return weights.astype(np.float64, copy=False)


def weights_of(kind: str, logits: ArrayLike, noise: ArrayLike, tau: float = 1.0) -> FloatArray:
    """Turn logits into the weights of one kind of attention.

    Parameters
    ----------
    kind : str
        One of `KINDS`. Straight-through has the weights of a sample; only its gradient differs.
    logits : array_like, (..., n_key)
        Divided by the temperature already.
    noise : array_like, (..., n_key)
        Gumbel noise; soft and argmax leave it aside.
    tau : float, > 0
        For Gumbel-softmax.

    Returns
    -------
    ndarray of float64, (..., n_key)
        Each row sums to 1.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    x = np.asarray(logits, dtype=np.float64)
    if kind == SOFT:
        return softmax(x).astype(np.float64, copy=False)
    if kind == ARGMAX:
        return one_hot(x.argmax(axis=-1), x.shape[-1])
    if kind in (SAMPLE, STRAIGHT):
        return one_hot(draw_keys(x, noise), x.shape[-1])
    if kind == GUMBEL:
        return gumbel_softmax(x, noise, tau)
    msg = f"Expected one of {', '.join(KINDS)}, got {kind!r}."
    raise ValueError(msg)
