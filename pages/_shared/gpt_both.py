"""One text through two models: an encoder that reads both ways, a decoder that reads back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.stories.reading import tokenise_story
from core.text import CLS, SEP, Tokens
from pages._shared import encoder, gpt_runs
from pages._shared.gpt_choice import GptState
from pages._shared.gpt_runs import Words
from pages._shared.gpt_scene import Scene

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Side:
    """One text as the encoder reads it, with the words of the decoder.

    Attributes
    ----------
    words : tuple of str
        The decoder's words, which may be several of the encoder's.
    """

    words: Words

    @cached_property
    def tokens(self) -> Tokens:
        """The encoder's pieces."""
        return encoder.cut(" ".join(self.words))

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The encoder's pieces of the start, of each word, and of the end."""
        starts = np.cumsum([0, *(len(word) + 1 for word in self.words)])
        places = [word.start for word in self.tokens.words]
        owner = np.searchsorted(starts, places, side="right") - 1  # of each of the encoder's words
        pieces: list[list[int]] = [[] for _ in self.words]
        for piece, word in enumerate(self.tokens.word_of_piece):
            if word >= 0:
                pieces[int(owner[word])].append(piece)
        return ((0,), *map(tuple, pieces), (len(self.tokens) - 1,))

    @property
    def labels(self) -> Words:
        """What stands along the axes of the encoder's maps."""
        return (CLS, *self.words, SEP)

    @cached_property
    def weights(self) -> Float32Array:
        """The encoder's weights between words, (layer, head, query, key)."""
        found = encoder.read(self.tokens.text).attention.weights
        n_pieces, n_words = len(self.tokens), len(self.groups)
        add = np.zeros((n_pieces, n_words), np.float32)
        for place, group in enumerate(self.groups):
            add[list(group), place] = 1.0
        mean = add.T / np.maximum(add.sum(axis=0), 1.0)[:, np.newaxis]
        result: Float32Array = mean @ (found @ add)
        return result

    def encoded(self) -> Float32Array:
        """Return the encoder's last vector of each word, (word, d_model): a mean of its pieces."""
        hidden = encoder.read(self.tokens.text).attention.hidden[-1]
        rows = [
            hidden[list(group)].mean(axis=0) if group else np.zeros(hidden.shape[1], np.float32)
            for group in self.groups[1:-1]
        ]
        return np.stack(rows)

    def decoded(self) -> Float32Array:
        """Return the decoder's last vector of each word, (word, d_model)."""
        return gpt_runs.states(self.words)[-1, 1:]


@dataclass(frozen=True, eq=False)
class Swap:
    """Another word put in place of one, and what becomes of the vectors of all.

    Attributes
    ----------
    place : int
        Of the word that is changed, from 0.
    before, after : Side
    """

    place: int
    before: Side
    after: Side

    @cached_property
    def encoder(self) -> Float32Array:
        """How far the encoder's vector of each word moves, as a share of its length, (word,)."""
        return _moved(self.before.encoded(), self.after.encoded())

    @cached_property
    def decoder(self) -> Float32Array:
        """The same of the decoder's."""
        return _moved(self.before.decoded(), self.after.decoded())

    def n_earlier(self, moved: Float32Array) -> int:
        """Return of how many words before the changed one the vector has moved at all."""
        return int(np.count_nonzero(moved[: self.place]))


def changed_place(scene: Scene) -> int:
    """Return the place of the word that is to be changed, from 0; -1 where there is no word."""
    n_words = len(scene.before.words)
    return scene.state.changed - 1 if 1 <= scene.state.changed <= n_words else n_words - 1


def swap_problem(scene: Scene) -> str:
    """Say why no word is changed, if there is a reason."""
    if not scene.before.words:
        return "There is no word here to change. Type a beginning."
    found = tokenise_story(scene.state.swap)
    if len(found) != 1:
        return "Write one word to put in its place: with more or fewer the others would move."
    if found[0] == scene.before.words[changed_place(scene)]:
        return "That is the word that stands there. Write another one."
    return ""


def swap_of(scene: Scene) -> Swap | None:
    """Return the change that the state asks for; None where there is none."""
    if swap_problem(scene):
        return None
    words, place = scene.before.words, changed_place(scene)
    (new,) = tokenise_story(scene.state.swap)
    return Swap(place, Side(words), Side((*words[:place], new, *words[place + 1 :])))


def encoder_head(state: GptState, weights: Float32Array) -> Float32Array:
    """Return the weights of the encoder's head that is chosen, or of the mean, (query, key)."""
    layer = weights[state.enc_layer]
    chosen: Float32Array = (
        layer.mean(axis=0) if state.enc_head == encoder.N_HEADS else layer[state.enc_head]
    )
    return chosen


def _moved(before: Float32Array, after: Float32Array) -> Float32Array:
    lengths = np.maximum(np.linalg.norm(before, axis=1), 1e-12)
    share: Float32Array = (np.linalg.norm(after - before, axis=1) / lengths).astype(np.float32)
    return share
