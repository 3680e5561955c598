"""What is measured on a text: labels and their cosines, words that matter, what a test changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.text_attention import TextInterventions
from core.weight_edits import WeightEdit
from core.zero_shot import TASKS, cosines, leave_one_out_change
from pages._shared import encoder
from pages._shared.encoder_heads import HeadMap
from pages._shared.encoder_roles import head_name
from pages._shared.text_scene import DROP_HEAD, DROP_LAYER, FORCE, HUNDRED, Scene
from pages._shared.words import number

Float32Array = NDArray[np.float32]

_NAMES = {label.sentence: label.name for task in TASKS for label in task.labels}


@dataclass(frozen=True, eq=False)
class Verdict:
    """How near a text lies to each label.

    Attributes
    ----------
    names : tuple of str
        The labels: a name where the lab has one for the sentence, otherwise the sentence.
    cosines : ndarray of float32, (label,)
    """

    names: tuple[str, ...]
    cosines: Float32Array

    @property
    def winner(self) -> int:
        """The label with the largest cosine."""
        return int(self.cosines.argmax())

    @property
    def name(self) -> str:
        """Its name."""
        return self.names[self.winner]

    @property
    def margin(self) -> float:
        """How far the winner is ahead of the next."""
        first, second = np.sort(self.cosines)[::-1][:2]
        return float(first - second)


def label_name(sentence: str) -> str:
    """Return the name of a label, for its sentence."""
    return _NAMES.get(sentence, sentence)


def verdict(embedding: Float32Array, labels: tuple[str, ...]) -> Verdict:
    """Compare the embedding of a text, (d_model,), with label sentences."""
    names = tuple(label_name(sentence) for sentence in labels)
    return Verdict(names, cosines(embedding, encoder.embed_sentences(labels)))


def verdict_of(scene: Scene) -> Verdict:
    """Return what the page says of the text in the chosen task."""
    return verdict(scene.reading.attention.embedding, scene.state.labels)


def importance(scene: Scene, without: Float32Array) -> Float32Array:
    """Return what each word adds to the cosine with the winning label, (word,).

    `without` is the embeddings of the text without each word, (word, d_model).
    """
    labels = encoder.embed_sentences(scene.state.labels)
    changes = leave_one_out_change(scene.reading.attention.embedding, without, labels)
    change: Float32Array = changes[:, verdict_of(scene).winner]
    return change


def received(scene: Scene) -> Float32Array:
    """Return the weight that each word receives, (word,): a mean over layers, heads and readers."""
    weights = encoder.word_weights(scene.state.text, hide_special=False)
    # One layer at a time: the mean over all of it would be made of a copy.
    by_layer = [layer.mean(axis=(0, 1))[1:-1] for layer in weights]
    mean: Float32Array = np.mean(by_layer, axis=0, dtype=np.float32)
    return mean


def special_share(scene: Scene) -> float:
    """Return how much of all weight [CLS] and [SEP] receive: a mean over layers, heads, readers."""
    weights = encoder.word_weights(scene.state.text, hide_special=False)
    return float(np.mean([layer[..., [0, -1]].sum(axis=-1).mean() for layer in weights]))


# ---- tests of what a map suggests


def map_of(scene: Scene) -> HeadMap:
    """Return the map that the state chooses."""
    state = scene.state
    return HeadMap(
        scene.reading.attention,
        scene.layer,
        scene.head,
        mean=state.mean,
        by_piece=state.by_piece,
        # Without a word there would be nothing left to show.
        hide_special=state.hide_special and bool(scene.tokens.words),
    )


def chosen_cell(scene: Scene, shown: HeadMap) -> tuple[int, int]:
    """Return row and column of the chosen weight."""
    return shown.chosen(scene.state.query, scene.state.key)


def interventions(scene: Scene) -> tuple[TextInterventions, str]:
    """Return what the state does to the model, and in words; empty if nothing."""
    test, n_heads = scene.state.test, scene.reading.attention.n_heads
    if test == DROP_HEAD:
        head = (scene.layer, scene.head)
        return TextInterventions(dropped_heads=frozenset({head})), f"Without {head_name(head)}"
    if test == DROP_LAYER:
        heads = frozenset((scene.layer, head) for head in range(n_heads))
        name = f"Without all {n_heads} heads of layer {scene.layer + 1}"
        return TextInterventions(dropped_heads=heads), name
    if test == FORCE:
        shown = map_of(scene)
        query, key = chosen_cell(scene, shown)
        edits = forced_weights(shown, query, key, scene.state.forced / HUNDRED)
        name = (
            f"With the weight of “{shown.labels[key]}” for “{shown.labels[query]}” forced to "
            f"{number(scene.state.forced / HUNDRED)} in {shown.name[0].lower()}{shown.name[1:]}"
        )
        return TextInterventions(weight_edits=edits), name
    return TextInterventions(), ""


def forced_weights(shown: HeadMap, query: int, key: int, weight: float) -> tuple[WeightEdit, ...]:
    """Return the edits that bring a weight of a map to a value, in every head that it shows.

    The weight to a word is that of its pieces together: each keeps its share. Every piece of the
    word that asks gets the same.
    """
    readers, read = shown.pieces_at(query), shown.pieces_at(key)
    edits = []
    for head in shown.heads:
        for reader in readers:
            row = shown.attention.weights[shown.layer, head, reader, list(read)]
            shares = row / row.sum() if row.sum() > 0 else np.full(len(read), 1 / len(read))
            edits += [
                WeightEdit(shown.layer, head, reader, piece, min(float(weight * share), 1.0))
                for piece, share in zip(read, shares, strict=True)
            ]
    return tuple(edits)


def masking(scene: Scene) -> TextInterventions:
    """Return the masking of the words that the state names."""
    return TextInterventions(masked_words=scene.masked)
