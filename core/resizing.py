"""Change the words and the sizes of a toy without losing a number.

A word that moves takes its row along; a word or a coordinate that left comes back as it was.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from core.presets import Toy, check_sizes

Row = NDArray[np.float64]
Known = Mapping[tuple[str, int], tuple[Row, Row, Row]]
"""Query, key and value of each word seen so far; equal words are counted from 0."""
Places = Sequence[int | None]


def remember(toy: Toy, known: Known) -> Known:
    """Return what is known of every word, brought up to date with `toy`.

    Coordinates that the toy no longer has are kept from `known`.
    """
    updated = dict(known)
    matrices = (toy.query, toy.key, toy.value)
    for place, name in enumerate(_names(toy.tokens)):
        rows = tuple(matrix[place] for matrix in matrices)
        old = known.get(name, rows)
        query, key, value = (
            np.concatenate([row, before[len(row) :]]) for row, before in zip(rows, old, strict=True)
        )
        updated[name] = (query, key, value)
    return updated


def follow(known: Known, before: Sequence[str], after: Sequence[str], places: Places) -> Known:
    """Return what is known once a sentence has changed: a renamed word keeps what was its own.

    Parameters
    ----------
    known : Known
        From `remember`; must be up to date with a toy of the words `before`.
    before, after : sequence of str
        The words before and after the change.
    places : sequence of int or None, one for each of `after`
        As `match_tokens` returns them.
    """
    old, new = _names(before), _names(after)
    moved = {new[to]: known[old[came]] for to, came in enumerate(places) if came is not None}
    return {**known, **moved}


def resize(
    toy: Toy, known: Known, tokens: tuple[str, ...], d_head: int, d_value: int, places: Places
) -> Toy:
    """Give a toy other words and sizes.

    Parameters
    ----------
    toy : Toy
    known : Known
        From `remember`; must be up to date with `toy`.
    tokens : tuple of str
        The new words.
    d_head, d_value : int, >= 1
        Coordinates that are too many are cut.
    places : sequence of int or None, one for each of `tokens`
        Which of the toy's words each of them was, as `match_tokens` says.

    Returns
    -------
    Toy
        Words and coordinates not seen before are zeros.

    Raises
    ------
    ValueError
        If there are no tokens or a size is below 1.
    """
    check_sizes(len(tokens), d_head, d_value)
    old_names, new_names = _names(toy.tokens), _names(tokens)
    sources = [
        known.get(new_names[place] if old is None else old_names[old])
        for place, old in enumerate(places)
    ]
    query, key, value = (
        np.stack([_fit(None if rows is None else rows[part], size) for rows in sources])
        for part, size in enumerate((d_head, d_head, d_value))
    )
    return replace(toy, tokens=tokens, query=query, key=key, value=value)


def match_tokens(before: Sequence[str], after: Sequence[str]) -> tuple[int | None, ...]:
    """Say where each word of a changed sentence stood before.

    Parameters
    ----------
    before, after : sequence of str
        The words before and after the change.

    Returns
    -------
    tuple of int or None, one for each word of `after`
        Its place in `before`, or None for a word that is new. No place is named twice.

    Notes
    -----
    Reordered words are followed wherever they go (equal words keep their order). Where as many
    words as before stand there but not the same ones, they are renamed in place. Otherwise words
    joined or left: the longest runs that both have in common stay (`difflib`), and a word that
    replaced another takes its place.
    """
    if sorted(before) == sorted(after):
        places: defaultdict[str, deque[int]] = defaultdict(deque)
        for place, word in enumerate(before):
            places[word].append(place)
        return tuple(places[word].popleft() for word in after)
    if len(before) == len(after):
        return tuple(range(len(after)))
    matched: list[int | None] = [None] * len(after)
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for tag, start, end, new_start, new_end in blocks:
        if tag in ("equal", "replace"):
            for offset in range(min(end - start, new_end - new_start)):
                matched[new_start + offset] = start + offset
    return tuple(matched)


def _names(tokens: Sequence[str]) -> list[tuple[str, int]]:
    """Tell equal words apart by counting them."""
    return [(word, tokens[:place].count(word)) for place, word in enumerate(tokens)]


def _fit(row: Row | None, size: int) -> Row:
    """Cut or zero-pad a row; zeros for one that is not known."""
    fitted = np.zeros(size)
    if row is not None:
        fitted[: len(row)] = row[:size]
    return fitted
