"""A reader's text as the text encoder takes it, and attention between pieces as between words.

Every word remembers its place in the reader's text, so that a page shows what the reader wrote
and not what the model was given.

What is typed is text: "[MASK]" in a text is three words, "[", "MASK" and "]", and
`typed_specials` finds such places, for a page to say so. The mask itself is an intervention.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.wordpiece import (
    UNKNOWN,
    as_shown,
    is_punctuation,
    pieces_of_word,
    split_words,
    vocabulary,
)

Float32Array = NDArray[np.float32]

CLS, SEP, MASK = "[CLS]", "[SEP]", "[MASK]"
SPECIALS = ("[PAD]", UNKNOWN, CLS, SEP, MASK)

# The model has positions for 512 pieces but its authors cut texts at 256, and trained it on 128.
MAX_PIECES = 256
NO_WORD = -1  # the word of [CLS] and [SEP]


@dataclass(frozen=True)
class Word:
    """One word, or one punctuation mark, of a reader's text.

    Attributes
    ----------
    text : str
        As the reader wrote it, without control characters.
    start, end : int
        Its place, ``text[start:end]``.
    """

    text: str
    start: int
    end: int

    @property
    def is_punctuation(self) -> bool:
        """Whether it is a punctuation mark; a symbol of ASCII such as "$" counts as one."""
        return is_punctuation(unicodedata.normalize("NFD", self.text)[0])


@dataclass(frozen=True)
class Tokens:
    """A text cut into words and pieces. Hashable.

    Attributes
    ----------
    text : str
        Unchanged.
    words : tuple of Word
    pieces : tuple of str
        [CLS], the pieces of the words, [SEP]. A piece that continues a word starts with "##".
    ids : tuple of int
        The pieces' numbers in the vocabulary.
    word_of_piece : tuple of int
        For each piece the word it belongs to, from 0; -1 for [CLS] and [SEP].
    n_cut : int
        How many words at the end were left out because the text is too long.
    """

    text: str
    words: tuple[Word, ...]
    pieces: tuple[str, ...]
    ids: tuple[int, ...]
    word_of_piece: tuple[int, ...]
    n_cut: int = 0

    def __len__(self) -> int:
        return len(self.pieces)

    @property
    def unknown_words(self) -> tuple[int, ...]:
        """The words, from 0, that the vocabulary cannot spell."""
        pairs = zip(self.pieces, self.word_of_piece, strict=True)
        return tuple(word for piece, word in pairs if piece == UNKNOWN)

    def labels(self, *, hide_special: bool = False) -> tuple[str, ...]:
        """Return the names along the axes of `by_word`, with or without [CLS] and [SEP]."""
        words = tuple(word.text for word in self.words)
        return words if hide_special else (CLS, *words, SEP)

    def pieces_of(self, word: int) -> tuple[int, ...]:
        """Return the positions of one word's pieces on the token axis; none if no such word."""
        return tuple(at for at, owner in enumerate(self.word_of_piece) if owner == word)


def tokenise(text: str, *, max_pieces: int = MAX_PIECES) -> Tokens:
    """Cut a text into words and pieces.

    Parameters
    ----------
    text : str
        Any string. Control characters and lone surrogates are passed over, as BERT does.
    max_pieces : int
        Most pieces, [CLS] and [SEP] among them; at least 2. A longer text is cut before the first
        word that does not fit whole. (BERT's own tokeniser cuts within that word.)

    Raises
    ------
    ValueError
        If `max_pieces` leaves no room for [CLS] and [SEP].
    """
    if max_pieces < 2:
        raise ValueError(f"[CLS] and [SEP] need room for 2 pieces; max_pieces is {max_pieces}.")
    spans = split_words(text)
    words: list[Word] = []
    pieces, word_of_piece = [CLS], [NO_WORD]
    for spelling, start, end in spans:
        cut = pieces_of_word(spelling)
        if len(pieces) + len(cut) + 1 > max_pieces:
            break
        pieces += cut
        word_of_piece += [len(words)] * len(cut)
        words.append(Word(as_shown(text[start:end]), start, end))
    pieces.append(SEP)
    word_of_piece.append(NO_WORD)
    return Tokens(
        text=text,
        words=tuple(words),
        pieces=tuple(pieces),
        ids=_ids(pieces),
        word_of_piece=tuple(word_of_piece),
        n_cut=len(spans) - len(words),
    )


def typed_specials(text: str) -> tuple[str, ...]:
    """Return those of the model's own signs ("[MASK]" ...) that stand in a text as plain text."""
    return tuple(special for special in SPECIALS if special in text)


def mask_words(tokens: Tokens, words: Collection[int]) -> Tokens:
    """Replace every piece of some words by [MASK]; the words keep their names and places.

    Raises
    ------
    ValueError
        If there is no such word.
    """
    for word in words:
        _check_word(tokens, word)
    pieces = [
        MASK if owner in words else piece
        for piece, owner in zip(tokens.pieces, tokens.word_of_piece, strict=True)
    ]
    return replace(tokens, pieces=tuple(pieces), ids=_ids(pieces))


def without_word(tokens: Tokens, word: int) -> Tokens:
    """Leave one word out; the others keep their places in the text but move up for the model.

    Raises
    ------
    ValueError
        If there is no such word.
    """
    _check_word(tokens, word)
    kept = [at for at, owner in enumerate(tokens.word_of_piece) if owner != word]
    owners = [tokens.word_of_piece[at] for at in kept]
    return replace(
        tokens,
        words=tokens.words[:word] + tokens.words[word + 1 :],
        pieces=tuple(tokens.pieces[at] for at in kept),
        ids=tuple(tokens.ids[at] for at in kept),
        word_of_piece=tuple(owner - (owner > word) for owner in owners),
    )


def by_word(weights: Float32Array, tokens: Tokens, *, hide_special: bool = False) -> Float32Array:
    """Turn attention between pieces into attention between words.

    As Clark et al. (2019, arXiv:1906.04341, section 4.1): the weight *to* a word is the total over
    its pieces, the weight *from* a word the mean over its pieces. Every row still sums to 1.

    Parameters
    ----------
    weights : ndarray of float32, (..., piece, piece)
        Query, key.
    tokens : Tokens
    hide_special : bool
        Leave out [CLS] and [SEP], and rescale what is left of each row to sum to 1. A row that
        gave them everything is 0 throughout.

    Returns
    -------
    ndarray of float32, (..., word, word)
        With [CLS] first and [SEP] last, unless hidden: see `Tokens.labels`.

    Raises
    ------
    ValueError
        If the weights are not between these pieces.
    """
    if weights.shape[-2:] != (len(tokens), len(tokens)):
        raise ValueError(
            f"Expected weights between the text's {len(tokens)} pieces; got {weights.shape}."
        )
    words = _merge_pieces(weights, tokens)
    if not hide_special:
        return words
    inner = words[..., 1:-1, 1:-1]
    totals = np.maximum(inner.sum(axis=-1, keepdims=True), np.finfo(np.float32).tiny)
    rescaled: Float32Array = np.divide(inner, totals)
    return rescaled


def _merge_pieces(weights: Float32Array, tokens: Tokens) -> Float32Array:
    """Average the rows and add up the columns of each word's pieces."""
    owners = np.array(tokens.word_of_piece)
    # [CLS] and [SEP] start a unit of their own each, even when they stand side by side.
    starts_one = np.r_[True, (owners[1:] != owners[:-1]) | (owners[1:] == NO_WORD)]
    firsts, unit = np.flatnonzero(starts_one), np.cumsum(starts_one) - 1
    others = np.flatnonzero(~starts_one)  # few: adding them one by one is quickest
    rows = weights[..., firsts, :]  # (..., word, piece)
    for piece in others:
        rows[..., unit[piece], :] += weights[..., piece, :]
    rows /= np.bincount(unit).astype(np.float32)[:, None]
    words = np.take(rows, firsts, axis=-1)  # (..., word, word)
    for piece in others:
        words[..., unit[piece]] += rows[..., piece]
    return words


def _ids(pieces: Collection[str]) -> tuple[int, ...]:
    numbers = vocabulary()
    return tuple(numbers[piece] for piece in pieces)


def _check_word(tokens: Tokens, word: int) -> None:
    n = len(tokens.words)
    if not 0 <= word < n:
        raise ValueError(f"There is no word {word}: this text has {n} words, counted from 0.")
