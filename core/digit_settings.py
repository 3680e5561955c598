"""How to train the small Vision Transformer for digits, apart from it: this takes no PyTorch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.digits import SIDE

UNSHUFFLED: Final = "none"
ONE_SHUFFLE: Final = "one"
NEW_SHUFFLES: Final = "new"
SHUFFLES: Final = (UNSHUFFLED, ONE_SHUFFLE, NEW_SHUFFLES)
"""Patches stay; all pictures have theirs shuffled alike; each picture has them shuffled anew."""
PATCH_SIZES: Final = (1, 2, 4)
HEAD_COUNTS: Final = (1, 2, 4)
LAYER_COUNTS: Final = (1, 2, 3, 4)


@dataclass(frozen=True)
class DigitSettings:
    """How to train.

    Attributes
    ----------
    positions : bool
        Whether each place has a vector of its own, learned, that is added to its patch.
    class_token : bool
        Whether the answer is read from a class token; else from the mean of the patches.
    patch_size : int
        Side of a patch in pixels, one of `PATCH_SIZES`.
    n_heads : int
        One of `HEAD_COUNTS`; together they are as wide with few heads as with many.
    n_layers : int
        One of `LAYER_COUNTS`.
    shuffle : str
        One of `SHUFFLES`.
    n_steps : int, >= 1
        Each on a batch of 64 pictures.
    seed : int, >= 0
        Of the first weights, the batches and the shuffles; which pictures are held out does not
        depend on it.

    Raises
    ------
    ValueError
        If a value is none of those.
    """

    positions: bool = True
    class_token: bool = True
    patch_size: int = 2
    n_heads: int = 4
    n_layers: int = 3
    shuffle: str = UNSHUFFLED
    n_steps: int = 400
    seed: int = 0

    def __post_init__(self) -> None:
        choices: tuple[tuple[str, object, tuple[object, ...]], ...] = (
            ("patch_size", self.patch_size, PATCH_SIZES),
            ("n_heads", self.n_heads, HEAD_COUNTS),
            ("n_layers", self.n_layers, LAYER_COUNTS),
            ("shuffle", self.shuffle, SHUFFLES),
        )
        for name, value, known in choices:
            if value not in known:
                listed = ", ".join(str(one) for one in known)
                raise ValueError(f"{name} must be one of {listed}, got {value}.")
        if self.n_steps < 1 or self.seed < 0:
            raise ValueError(
                "n_steps must be at least 1 and seed at least 0, got "
                f"{self.n_steps} and {self.seed}."
            )

    @property
    def n_patches(self) -> int:
        """Patches of one picture."""
        return (SIDE // self.patch_size) ** 2

    @property
    def shape(self) -> DigitSettings:
        """Settings with the same model, the same ones for all that differ in its training alone."""
        return replace(self, shuffle=UNSHUFFLED, n_steps=1, seed=0)


SHIPPED: Final = DigitSettings(n_steps=3000)
"""How the model that comes with the lab was trained."""
