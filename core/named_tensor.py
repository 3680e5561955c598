"""An array that a model computed, with a name for it and for everything along its axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Scale = Literal["diverging", "weights", "probability"]


@dataclass(frozen=True, eq=False)
class NamedTensor:
    """One array that a block computed, and what its numbers stand for; read-only.

    Attributes
    ----------
    name : str
        Such as "query".
    axes : tuple of str
        Such as ("head", "token", "d_head"); one for each axis of `values`.
    values : ndarray of float32
        ``-inf`` where a mask blocks a score.
    labels : tuple of (tuple of str, or None)
        For each axis the names along it; None where a number is name enough.
    scale : {"diverging", "weights", "probability"}
        How to colour it: about 0, or from 0 to 1.
    note : str
        One short sentence: what it is.
    """

    name: str
    axes: tuple[str, ...]
    values: Array
    labels: tuple[tuple[str, ...] | None, ...]
    scale: Scale = "diverging"
    note: str = ""

    def __post_init__(self) -> None:
        if not len(self.axes) == len(self.labels) == self.values.ndim:
            raise ValueError(
                f"{self.name!r} is {self.values.shape}: it needs a name and labels for each axis, "
                f"but has {self.axes} and {len(self.labels)} labels."
            )
        for size, names in zip(self.values.shape, self.labels, strict=True):
            if names is not None and len(names) != size:
                raise ValueError(f"{self.name!r} has an axis of {size} with {len(names)} labels.")
        self.values.flags.writeable = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values."""
        return self.values.shape
