"""What is computed from the state of the multi-head page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.multi_head import Cache, MultiHead, Projections, multi_head_attention
from pages._shared.multi_head_cut import MultiHeadState


@dataclass(frozen=True, eq=False)
class Scene:
    """What the page shows: its state and what was computed from it.

    Attributes
    ----------
    state : MultiHeadState
    projections : Projections
        The matrices as they are cut; keys and values may be shared.
    """

    state: MultiHeadState
    projections: Projections

    @cached_property
    def result(self) -> MultiHead:
        """The attention without the heads that are dropped."""
        return self._attend(dropped=self.state.dropped)

    @cached_property
    def whole(self) -> MultiHead:
        """The attention with every head."""
        return self._attend() if self.state.dropped else self.result

    @property
    def weights(self) -> NDArray[np.floating[Any]]:
        """The map of every head, (n_head, n_word, n_word), also of those dropped."""
        return self.result.attention.weights

    @cached_property
    def kept(self) -> tuple[int, ...]:
        """The heads that are not dropped, from 0."""
        return tuple(head for head in range(self.state.n_head) if head not in self.state.dropped)

    @cached_property
    def mean(self) -> NDArray[np.floating[Any]]:
        """The mean map of the heads that are not dropped, of which there is one, (n, n)."""
        return np.asarray(self.weights[list(self.kept)].mean(axis=0))

    @cached_property
    def elsewhere(self) -> NDArray[np.floating[Any]]:
        """How much of each head's weight lies elsewhere than in the mean, (n_head,), 0 to 1."""
        far = np.abs(self.weights - self.mean).sum(axis=-1) / 2  # (n_head, n_word)
        return np.asarray(far.mean(axis=-1))

    @cached_property
    def steps(self) -> tuple[MultiHead, ...]:
        """Word after word, each step with the cache of those before."""
        steps: list[MultiHead] = []
        for word in range(self.state.n_cached):
            past = steps[-1].present if steps else None
            steps.append(self._attend(word, past, dropped=self.state.dropped))
        return tuple(steps)

    def _attend(
        self,
        word: int | None = None,
        past: Cache | None = None,
        *,
        dropped: frozenset[int] = frozenset(),
    ) -> MultiHead:
        """Let all words read, or one that comes after a past."""
        state = self.state
        return multi_head_attention(
            state.x if word is None else state.x[word : word + 1],
            None,
            self.projections,
            n_head=state.n_head,
            n_kv_head=state.n_kv_head,
            causal=state.is_causal,
            past=past,
            dropped=dropped,
        )


def see(state: MultiHeadState) -> Scene:
    """Cut the matrices of a state into heads; what the page shows follows from them."""
    columns = state.shared_columns
    key, value = state.key[:, columns], state.value[:, columns]
    return Scene(state, Projections(state.query, key, value, state.output))
