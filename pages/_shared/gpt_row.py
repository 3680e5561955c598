"""One row of the small language model's attention: who reads, what is read, all it took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pages._shared import gpt_runs
from pages._shared.attention_row import AttentionRow, row_stages
from pages._shared.gpt_choice import BOTH, CACHE, heads_at
from pages._shared.gpt_runs import N_HEADS, Words
from pages._shared.gpt_scene import Scene


@dataclass(frozen=True, eq=False)
class GptRow(AttentionRow):
    """What one word reads in one head, or in the mean of a layer's heads.

    Attributes
    ----------
    names : tuple of str
        Of what may be read: nothing that comes later, and nothing that is hidden. Tokens count
        in these.
    reader : str
        Who reads.
    is_forced : bool
        Whether a weight of the row was forced: then no softmax leads to it.
    is_hidden : bool
        Whether the position that was to be read is hidden; then another one stands for it.
    """

    names: Words
    reader: str
    is_forced: bool
    is_hidden: bool

    def name(self, token: int) -> str:
        """Name a word that may be read."""
        return self.names[token]


def shown_in(scene: Scene) -> Scene:
    """Return the scene whose row a view is about: the model as trained, beside the encoder."""
    if scene.state.view != BOTH:
        return scene
    return Scene(scene.state.untouched(), scene.before, scene.before)


def shown_head(scene: Scene) -> int:
    """Return the head whose keys and values are shown: the first where the mean is enlarged."""
    return 0 if scene.state.head == N_HEADS else scene.state.head


def row_of(scene: Scene) -> GptRow:
    """Return the chosen row of a scene, with all that it took: runs the model again."""
    state, place, shown = scene.state, scene.place, scene.shown
    heads = [shown_head(scene)] if state.view == CACHE else list(heads_at(state.head))
    found = gpt_runs.vectors(shown.words, state.layer, state.interventions)
    visible = [at for at in range(place + 1) if at not in state.hidden]
    query, key = found.query[heads, place], found.key[heads][:, visible]
    scores, logits = row_stages(query, key)
    weights = shown.weights[state.layer, heads, place]  # (head, key)
    row = weights.mean(axis=0)[visible].astype(np.float32)
    is_hidden = scene.read not in visible
    return GptRow(
        layer=state.layer,
        head=N_HEADS if len(heads) > 1 else heads[0],
        n_heads=N_HEADS,
        query=query,
        key=key,
        scores=scores,
        logits=logits,
        row=row,
        query_token=-1,
        key_token=int(row.argmax()) if is_hidden else visible.index(scene.read),
        names=tuple(shown.inputs[at] for at in visible),
        reader=shown.inputs[place],
        is_forced=scene.is_forced,
        is_hidden=is_hidden,
    )
