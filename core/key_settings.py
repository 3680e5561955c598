"""How to train `core.find_the_key`, apart from it: to say so takes no PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SOFT_METHOD: Final = "soft"
GUMBEL_METHOD: Final = "gumbel"
REINFORCE: Final = "reinforce"
PLAIN: Final = "plain"
METHODS: Final = (SOFT_METHOD, GUMBEL_METHOD, REINFORCE, PLAIN)
"""Soft; straight-through Gumbel-softmax; REINFORCE with and without a running-mean baseline."""


@dataclass(frozen=True)
class KeySettings:
    """How to train.

    Attributes
    ----------
    methods : tuple of str
        Some of `METHODS`.
    n_steps : int, >= 1
    learning_rate : float, > 0
        For Adam.
    seed : int, >= 0
        Of the first repeat; the others have the seeds after it.
    n_repeat : int, >= 1
    tau : float, > 0
        For straight-through Gumbel-softmax.

    Raises
    ------
    ValueError
        If a method is none of those, or a number too small.
    """

    methods: tuple[str, ...] = METHODS
    n_steps: int = 500
    learning_rate: float = 0.01
    seed: int = 0
    n_repeat: int = 1
    tau: float = 1.0

    def __post_init__(self) -> None:
        strangers = set(self.methods) - set(METHODS)
        if strangers or not self.methods:
            msg = f"methods must be some of {', '.join(METHODS)}, got {self.methods}."
            raise ValueError(msg)
        if min(self.n_steps, self.n_repeat) < 1 or self.seed < 0:
            msg = (
                "n_steps and n_repeat must be at least 1 and seed at least 0, got "
                f"{self.n_steps}, {self.n_repeat} and {self.seed}."
            )
            raise ValueError(msg)
        if not (self.learning_rate > 0 and self.tau > 0):
            msg = f"learning_rate and tau must be above 0, got {self.learning_rate} and {self.tau}."
            raise ValueError(msg)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seed of each repeat."""
        return tuple(range(self.seed, self.seed + self.n_repeat))
