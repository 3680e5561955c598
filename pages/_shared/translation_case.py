"""One row of a translator's attention: who reads, what is read, and all that it took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.translation import Translation
from pages._shared import translation
from pages._shared.head_grid import Head
from pages._shared.translation_choice import RECURRENT, TURN
from pages._shared.translation_compare import turned
from pages._shared.translation_maps import Reading, shown_weights
from pages._shared.translation_scene import Scene

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class TranslationCase:
    """What one word reads in one head, or in the mean of several.

    Attributes
    ----------
    reading : Reading
        Whose row it is, and which of its weights is chosen.
    heads : tuple of (layer, head)
        Those whose mean it is.
    query : ndarray of float32, (head, d_head)
    key : ndarray of float32, (head, n_key, d_head)
    mask : ndarray of bool, (n_key,)
        True = may be read.
    row : ndarray of float32, (n_key,)
        The weights on the screen.
    reader : str
    keys : tuple of str
    is_forced : bool
        Whether a weight of the row was forced: then no softmax leads to it.
    """

    reading: Reading
    heads: tuple[Head, ...]
    query: Float32Array
    key: Float32Array
    mask: NDArray[np.bool_]
    row: Float32Array
    reader: str
    keys: tuple[str, ...]
    is_forced: bool

    @property
    def is_mean(self) -> bool:
        """Whether this is the mean of several heads."""
        return len(self.heads) > 1

    @property
    def scores(self) -> Float32Array:
        """Dot products of the query with every key, (head, n_key)."""
        scores: Float32Array = np.einsum("hd,hkd->hk", self.query, self.key)
        return scores

    @property
    def logits(self) -> Float32Array:
        """What enters the softmax, (head, n_key): minus infinity for what may not be read."""
        scale = np.float32(self.query.shape[-1] ** -0.5)
        return np.where(self.mask, self.scores * scale, np.float32(-np.inf))

    @property
    def weights(self) -> Float32Array:
        """The weights of each head, (head, n_key)."""
        exponentials = np.exp(self.logits - self.logits.max(axis=-1, keepdims=True))
        weights: Float32Array = exponentials / exponentials.sum(axis=-1, keepdims=True)
        return weights


@dataclass(frozen=True, eq=False)
class Shown:
    """The row of attention that a page is about: of which translation, and which row."""

    translation: Translation
    reading: Reading

    @property
    def heads(self) -> tuple[Head, ...]:
        """Layer and head of those whose mean it is."""
        return self.reading.heads(*self.translation.weights(self.reading.part).shape[:2])

    @property
    def reader(self) -> str:
        """The word whose row it is."""
        return self.translation.queries(self.reading.part)[self.reading.query]

    @property
    def keys(self) -> tuple[str, ...]:
        """What its columns stand for."""
        return self.translation.keys(self.reading.part)

    @property
    def row(self) -> Float32Array:
        """Its weights, (n_key,)."""
        row: Float32Array = shown_weights(self.translation, self.reading)[self.reading.query]
        return row

    @property
    def is_forced(self) -> bool:
        """Whether a weight of the row was forced."""
        forced = {
            (part, edit.layer, edit.head)
            for part, edit in self.translation.interventions.weight_edits
            if edit.query == self.reading.query
        }
        return any((self.reading.part, *head) in forced for head in self.heads)


def shown_in(scene: Scene) -> Shown:
    """Return the row of attention that a page in this state is about."""
    both = turned(scene) if scene.state.view == TURN else None
    if both is not None:
        head = both.head
        reading = Reading(head.part, "head", head.layer, head.head, head.row, head.first_key)
        return Shown(both.turning.first, reading)
    if scene.state.view == RECURRENT:
        return _chosen_in(scene, translation.translate(scene.sentence.words, scene.only_hidden))
    return Shown(scene.translation, scene.reading)


def recurrent_in(scene: Scene) -> Shown:
    """Return the chosen row of the recurrent translator's map."""
    return _chosen_in(
        scene, translation.translate_recurrent(scene.sentence.words, scene.only_hidden)
    )


def _chosen_in(scene: Scene, made: Translation) -> Shown:
    return Shown(made, Reading(query=scene.state.word, key=scene.state.english).within(made))


def case_of(shown: Shown) -> TranslationCase:
    """Return what it took to compute a row: runs the model again."""
    reading, heads = shown.reading, shown.heads
    vectors = {
        layer: translation.attention_vectors(shown.translation, reading.part, layer)
        for layer in dict.fromkeys(layer for layer, _ in heads)
    }
    return TranslationCase(
        reading=reading,
        heads=heads,
        query=np.stack([vectors[layer].query[head, reading.query] for layer, head in heads]),
        key=np.stack([vectors[layer].key[head] for layer, head in heads]),
        mask=_mask(shown.translation, reading),
        row=shown.row,
        reader=shown.reader,
        keys=shown.keys,
        is_forced=shown.is_forced,
    )


def _mask(shown: Translation, reading: Reading) -> NDArray[np.bool_]:
    n_key = len(shown.keys(reading.part))
    if reading.part == "decoder":
        return np.arange(n_key) <= reading.query
    mask = np.ones(n_key, dtype=np.bool_)
    mask[list(shown.interventions.hidden_words)] = False
    return mask
