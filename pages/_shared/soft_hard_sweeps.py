"""One score goes through a range: what each kind of attention makes of it, and its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.hard_attention import GUMBEL, KINDS, SOFT
from pages._shared.matrix import nice_limit

if TYPE_CHECKING:
    from core.hard_gradients import Sweep
    from pages._shared.soft_hard_scene import HardState

FloatArray = NDArray[np.float64]
Sweeps: TypeAlias = "Mapping[str, Sweep]"

# The others are level, or they jump.
SMOOTH: Final = (SOFT, GUMBEL)
N_PLACES: Final = 81
_LEAST_RANGE: Final = 5.0
# How far the finite difference looks where there is a slope to find.
_NEAR: Final = 1e-5


def sweep_limit(scaled: FloatArray) -> float:
    """Return how far a scaled score is swept to either side of 0."""
    return nice_limit(scaled, np.array([_LEAST_RANGE]))


def sweep_chosen(state: HardState, scaled: FloatArray, noise: FloatArray) -> tuple[Sweeps, Sweeps]:
    """Sweep the chosen key's scaled score, for every kind and with the same noise.

    Parameters
    ----------
    state : HardState
    scaled, noise : NDArray, shape (n_key,)
        Scaled scores, and the noise of the first draw.

    Returns
    -------
    mapping of kind to Sweep
        Over the range.
    mapping of kind to Sweep
        At the one place where the score is.
    """
    limit = sweep_limit(scaled)
    # Half the way to the next place, so that no jump is missed.
    half = limit / (N_PLACES - 1)
    over = _sweep(state, scaled, noise, np.linspace(-limit, limit, N_PLACES), half)
    return over, _sweep(state, scaled, noise, scaled[[state.chosen_key]], _NEAR)


def jumps(kind: str, sweep: Sweep) -> NDArray[np.bool_]:
    """Return at which places an output jumps: a hard one is level or it jumps."""
    if kind in SMOOTH:
        return np.zeros(len(sweep.places), dtype=np.bool_)
    return np.asarray(sweep.difference != 0)


def _sweep(
    state: HardState, scaled: FloatArray, noise: FloatArray, places: FloatArray, reach: float
) -> Sweeps:
    """Sweep over places; the finite difference of what may jump looks as far as `reach`."""
    from pages._shared.training import prepare_torch

    prepare_torch()
    from core.hard_gradients import sweep_logit

    return {
        kind: sweep_logit(
            kind,
            scaled,
            state.value[:, state.coordinate],
            noise,
            key=state.chosen_key,
            places=places,
            tau=state.tau,
            temperature=state.temperature,
            step=_NEAR if kind in SMOOTH else reach,
        )
        for kind in KINDS
    }
