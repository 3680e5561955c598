"""What may come next at a place of the text: as trained, as changed, and as it is drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.sampling import Sampling, best_first, draw, narrowed, tempered
from core.translation import END
from pages._shared.gpt_scene import Scene

FloatArray = NDArray[np.float64]

N_SHOWN: Final = 10
BY_TEMPERATURE: Final = "temperature 0"
BY_K: Final = "cut by top-k"
BY_P: Final = "cut by top-p"
AS_TRAINED: Final = Sampling()


@dataclass(frozen=True, eq=False)
class Distribution:
    """The probabilities of all words after one position of a text.

    Attributes
    ----------
    names : tuple of str
        The end, then every word.
    trained, changed, drawn : ndarray of float64, (word,)
        By the model as it was trained; under the interventions; after temperature, top-k and top-p
        of that.
    cut : dict of int to str
        What took away each word that is cut away.
    next : int
        The word that the seed draws here.
    taken : int
        The word that stands there; -1 where none does, or an unknown one.
    """

    names: tuple[str, ...]
    trained: FloatArray
    changed: FloatArray
    drawn: FloatArray
    cut: dict[int, str]
    next: int
    taken: int

    @property
    def shown(self) -> list[int]:
        """The words worth showing, the most probable first, and the one that stands there."""
        most = np.maximum(np.maximum(self.trained, self.changed), self.drawn)
        chosen = best_first(most)[:N_SHOWN].tolist()
        for word in (self.taken, self.next):
            if word >= 0 and word not in chosen:
                chosen[-1 if word == self.taken else -2] = word
        return sorted(dict.fromkeys(chosen), key=lambda word: (-self.changed[word], word))

    @property
    def n_kept(self) -> int:
        """How many words may still be drawn."""
        return int(np.count_nonzero(self.drawn))


def distribution(scene: Scene, place: int | None = None) -> Distribution:
    """Return what may come after a position, the chosen one if left out."""
    at = scene.place if place is None else place
    sampling, shown = scene.state.sampling, scene.shown
    drawn = narrowed(shown.log_probabilities[at], sampling)
    end = END if scene.state.is_finished else ""
    following = shown.inputs[at + 1] if at + 1 < len(shown.inputs) else end
    return Distribution(
        names=shown.names,
        trained=_exp(scene.before.log_probabilities[at]),
        changed=_exp(shown.log_probabilities[at]),
        drawn=drawn,
        cut=_cut(shown.log_probabilities[at], drawn, sampling),
        next=draw(drawn, sampling.seed, at),
        taken=shown.columns.get(following, -1),
    )


def is_narrowed(sampling: Sampling) -> bool:
    """Whether words are drawn with other probabilities than the model's."""
    return (sampling.temperature, sampling.top_k, sampling.top_p) != (
        AS_TRAINED.temperature,
        AS_TRAINED.top_k,
        AS_TRAINED.top_p,
    )


def _cut(logs: NDArray[np.float32], drawn: FloatArray, sampling: Sampling) -> dict[int, str]:
    gone = np.flatnonzero(drawn == 0).tolist()
    if sampling.temperature == 0:
        return dict.fromkeys(gone, BY_TEMPERATURE)
    order = best_first(tempered(logs, sampling.temperature))
    beyond_k = set(order[sampling.top_k :].tolist()) if sampling.top_k else set()
    return {word: BY_K if word in beyond_k else BY_P for word in gone}


def _exp(logs: NDArray[np.float32]) -> FloatArray:
    return np.exp(logs.astype(np.float64))
