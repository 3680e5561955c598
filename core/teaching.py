"""Make prototypes from a few photos, and test them on the same photos, one left out at a time.

What the prototypes are: `core.prototypes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.prototypes import Prototypes, TeachingError, check_names, unit_length

Float32Array = NDArray[np.float32]

FEWEST_PHOTOS: Final = 3
# A photo is none of the classes if it is less near than this share of how near the photos that
# were taught lie to their own class. Measured in tests/benchmarks/starter_set.py.
NEAR_ENOUGH: Final = 2 / 3


@dataclass(frozen=True, eq=False)
class LeaveOneOut:
    """Every photo compared with what the others teach.

    Attributes
    ----------
    labels : ndarray of int64, (photo,)
        The class that each belongs to.
    similarities : ndarray of float32, (photo, class)
        Cosines with the directions that the other photos make.
    least : float
        As in `Prototypes`.
    """

    labels: NDArray[np.int64]
    similarities: Float32Array
    least: float

    @property
    def nearest(self) -> NDArray[np.int64]:
        """The class that each photo is nearest to, (photo,)."""
        nearest: NDArray[np.int64] = self.similarities.argmax(axis=1)
        return nearest

    @property
    def own(self) -> Float32Array:
        """The similarity of each photo to its own class, (photo,)."""
        return self.similarities[np.arange(len(self.labels)), self.labels]

    @property
    def is_near(self) -> NDArray[np.bool_]:
        """Whether each photo would be named at all, (photo,)."""
        near: NDArray[np.bool_] = self.similarities.max(axis=1) >= self.least
        return near

    @property
    def accuracy(self) -> float:
        """Share of the photos that are nearest to their own class, in [0, 1]."""
        return float((self.nearest == self.labels).mean())

    @property
    def table(self) -> NDArray[np.int64]:
        """How many photos of each class are called what, (class, class + 1).

        The last column counts those that are called none of the classes.
        """
        n_classes = self.similarities.shape[1]
        called = np.where(self.is_near, self.nearest, n_classes)
        counts = np.zeros((n_classes, n_classes + 1), dtype=np.int64)
        np.add.at(counts, (self.labels, called), 1)
        return counts


def teach(
    features: Float32Array, labels: Sequence[int], names: Sequence[str], centre: Float32Array
) -> tuple[Prototypes, LeaveOneOut]:
    """Make one direction a class, and test them on the photos that were taught.

    Parameters
    ----------
    features : ndarray of float32, (photo, d_model)
        From `feature_of`.
    labels : sequence of int
        The class of each photo, from 0.
    names : sequence of str
        The classes.
    centre : ndarray of float32, (d_model,)
        What to take off.

    Returns
    -------
    (Prototypes, LeaveOneOut)

    Raises
    ------
    TeachingError
        If there are too few or too many classes, too few photos in one, or a name is empty, too
        long or given twice.
    ValueError
        If the shapes do not fit each other.
    """
    of_photo = np.asarray(labels, dtype=np.int64)
    counts = _checked_counts(features, of_photo, names, centre)
    check_names(names)
    for name, count in zip(names, counts, strict=True):
        if count < FEWEST_PHOTOS:
            raise TeachingError(
                f"“{name}” has {count} of the {FEWEST_PHOTOS} photos that a class needs at least: "
                "add some."
            )
    units = unit_length(features - centre)
    totals = np.stack([units[of_photo == label].sum(axis=0) for label in range(len(names))])
    similarities = units @ unit_length(totals).T
    # Each photo's own class without it; to the others it never belonged.
    own_class = unit_length(totals[of_photo] - units)
    similarities[np.arange(len(units)), of_photo] = (units * own_class).sum(axis=1)
    own = similarities[np.arange(len(units)), of_photo]
    least = NEAR_ENOUGH * max(0.0, float(own.mean()))
    return (
        Prototypes(tuple(names), unit_length(totals), centre.copy(), counts, least),
        LeaveOneOut(of_photo, similarities, least),
    )


def leave_out(
    prototypes: Prototypes, features: Float32Array, labels: Sequence[int], photo: int
) -> Prototypes:
    """Return the prototypes as the other photos make them; what is near enough stays.

    Parameters
    ----------
    prototypes : Prototypes
        What `teach` made of `features` and `labels`.
    features, labels
        As in `teach`.
    photo : int
        Index of the photo to leave out: a photo that was taught is to be named without its help.
    """
    of_photo = np.asarray(labels, dtype=np.int64)
    label = int(of_photo[photo])
    others = of_photo == label
    others[photo] = False
    directions = prototypes.directions.copy()
    total = unit_length(features[others] - prototypes.centre).sum(axis=0)
    directions[label] = unit_length(total)
    counts = list(prototypes.counts)
    counts[label] -= 1
    return replace(prototypes, directions=directions, counts=tuple(counts))


def _checked_counts(
    features: Float32Array,
    labels: NDArray[np.int64],
    names: Sequence[str],
    centre: Float32Array,
) -> tuple[int, ...]:
    """Return how many photos each class has, once the shapes are known to fit."""
    fits = features.ndim == 2 and features.shape[1:] == centre.shape
    fits = fits and labels.shape == features.shape[:1]
    if not fits or (labels.size and not 0 <= labels.min() <= labels.max() < len(names)):
        raise ValueError(
            "Expected features (photo, d_model), a label below the number of names for each "
            f"photo, and a centre (d_model,); got {features.shape}, {labels.shape} for "
            f"{len(names)} names, and {centre.shape}."
        )
    return tuple(int((labels == label).sum()) for label in range(len(names)))
