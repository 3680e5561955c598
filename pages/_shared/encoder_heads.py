"""The heads of the text encoder on one text: all of them small, one of them large.

Everything comes as parameters, so that any page can draw them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.head_roles import RoleMasses
from core.text import NO_WORD, Tokens, by_word
from core.text_attention import TextAttention
from pages._shared.attention_lines import attention_lines
from pages._shared.attention_map import attention_map
from pages._shared.encoder_roles import Head, clear_heads, grid_text, head_name, role_captions
from pages._shared.head_grid import head_grid
from pages._shared.matrix import Choice
from pages._shared.words import what_it_reads

Float32Array = NDArray[np.float32]
Cell = tuple[int, int]


@dataclass(frozen=True, eq=False)
class HeadMap:
    """The weights of one head, or of the mean of a layer's heads, as a map shows them.

    Attributes
    ----------
    attention : TextAttention
        One pass of the model.
    layer, head : int
        From 0.
    mean : bool
        Whether this is the mean of the layer's heads.
    by_piece : bool
        Whether rows and columns are pieces; words otherwise.
    hide_special : bool
        Whether [CLS] and [SEP] are left out, and what is left of each row rescaled to sum to 1.
    """

    attention: TextAttention
    layer: int
    head: int
    mean: bool = False
    by_piece: bool = False
    hide_special: bool = False

    @property
    def heads(self) -> tuple[int, ...]:
        """The heads that are shown: the one, or all of the layer."""
        return tuple(range(self.attention.n_heads)) if self.mean else (self.head,)

    @property
    def name(self) -> str:
        """What the map shows, such as "Head 3 of layer 1"; an average says that it is one."""
        if self.mean:
            return f"Mean of {self.attention.n_heads} heads of layer {self.layer + 1}"
        return head_name((self.layer, self.head)).capitalize()

    @property
    def note(self) -> str:
        """What was done to the weights, if anything."""
        return "without [CLS] and [SEP], rescaled" if self.hide_special else ""

    @cached_property
    def units(self) -> Tokens:
        """The tokens, with a word for every piece where pieces are shown."""
        tokens = self.attention.tokens
        if not self.by_piece:
            return tokens
        inner = range(len(tokens) - 2)
        return replace(tokens, word_of_piece=(NO_WORD, *inner, NO_WORD))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What stands along both axes."""
        tokens = self.attention.tokens
        if not self.by_piece:
            return tokens.labels(hide_special=self.hide_special)
        return tokens.pieces[1:-1] if self.hide_special else tokens.pieces

    @cached_property
    def weights(self) -> Float32Array:
        """The weights between what stands along the axes, (query, key)."""
        weights = self.attention.weights[self.layer]
        one = weights.mean(axis=0) if self.mean else weights[self.head]
        return by_word(one, self.units, hide_special=self.hide_special)

    def place_of(self, piece: int) -> int:
        """Return the row and column that a piece stands in; a hidden one's is the first."""
        last = len(self.attention.tokens) - 1
        if piece >= last:
            place = len(self.labels) - 1 if not self.hide_special else 0
        else:
            place = self.units.word_of_piece[piece] + (0 if self.hide_special else 1)
        return max(place, 0)

    def pieces_at(self, place: int) -> tuple[int, ...]:
        """Return the positions on the token axis of the pieces that stand in a row."""
        word = place if self.hide_special else place - 1
        n_words = len(self.labels) - (0 if self.hide_special else 2)
        if word < 0:
            return (0,)
        return self.units.pieces_of(word) if word < n_words else (len(self.attention.tokens) - 1,)

    def chosen(self, query: int, key: int) -> Cell:
        """Return row and column of a weight, given by pieces; -1 for the most that there is.

        Without a query it is the word that reads another one most, without a key what it reads.
        """
        last = len(self.attention.tokens) - 1
        if query < 0 or query > last:
            edge = 0 if self.hide_special else 1
            words = self.weights[edge : len(self.labels) - edge, edge : len(self.labels) - edge]
            if not words.size:  # a text without words: only [CLS] and [SEP] are there
                words, edge = self.weights, 0
            row, column = divmod(int(words.argmax()), words.shape[1])
            return row + edge, column + edge
        place = self.place_of(query)
        if 0 <= key <= last:
            return place, self.place_of(key)
        return place, int(self.weights[place].argmax())


def draw_grid(
    weights: Float32Array,
    *,
    key: str,
    view: str,
    chosen: Head,
    on_choose: Callable[[Head], None],
    masses: RoleMasses | None = None,
    ranking: Sequence[tuple[int, int, float]] | None = None,
    text: str = "",
    dropped: Collection[Head] = frozenset(),
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw every head as a thumbnail, with the name of the role that it has.

    Parameters
    ----------
    weights : ndarray of float32, (layer, head, word, word)
    key, view : str
        Key of the component; name of what is shown.
    chosen : (int, int)
        The head that is enlarged, from 0.
    on_choose : callable
        Called before the rerun with a head.
    masses : RoleMasses, optional
        The roles that the heads play on this text.
    ranking : sequence of (layer, head, score), optional
        The order to draw them in; layer by layer otherwise.
    text : str
        The grid in words, where the roles do not say it.
    dropped : collection of (layer, head)
        Heads that are left out of the model.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    """
    head_grid(
        weights,
        key=key,
        view=view,
        title="",
        text=text or ("" if masses is None else grid_text(masses)),
        chosen=chosen,
        on_choose=on_choose,
        captions={} if masses is None else role_captions(masses),
        ranking=ranking,
        dropped=dropped,
        marks=[] if masses is None else clear_heads(masses),
        marks_name="has a role",
        news=news,
    )


def draw_map(
    shown: HeadMap,
    *,
    key: str,
    version: str,
    chosen: Cell,
    on_choose: Callable[[Choice], None],
    lines: bool = False,
    marks: NDArray[np.bool_] | None = None,
    marks_name: str = "marked",
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw one head large: as a map or as lines; a chosen weight is reported.

    Parameters
    ----------
    shown : HeadMap
    key, version : str
        Key of the component; name of what is shown.
    chosen : (int, int)
        Row and column of the chosen weight.
    on_choose : callable
        Called before the rerun with the weight chosen.
    lines : bool
        Whether to draw lines instead of a map.
    marks : ndarray of bool, (query, key), optional
        Cells to outline, and `marks_name` what they are.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    """
    if lines:
        attention_lines(
            shown.weights,
            shown.labels,
            shown.labels,
            key=f"{key}.lines",
            version=version,
            chosen=chosen,
            on_choose=on_choose,
        )
        return
    attention_map(
        shown.weights,
        shown.labels,
        shown.labels,
        key=key,
        version=version,
        title=shown.name,
        note=shown.note,
        text=what_it_reads(shown.labels[chosen[0]], shown.labels, shown.weights[chosen[0]])
        if shown.weights[chosen[0]].any()
        else f"“{shown.labels[chosen[0]]}” gives all its weight to [CLS] and [SEP].",
        chosen=chosen,
        on_choose=on_choose,
        marks=marks,
        marks_name=marks_name,
        news=news,
    )
