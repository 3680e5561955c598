"""Which combinations of words are kept out of training, to see whether the model combines."""

from __future__ import annotations

import zlib

# The sentences of the page: none of these may have been seen together.
_ALWAYS = frozenset(
    {("black", "cat"), ("cat", "sit"), ("sit", "mat"), ("cat", "mat")},
)
ONE_IN = 12


def is_held_out(*words: str) -> bool:
    """Say whether a combination of English words is kept out of the training sentences.

    One in twelve is, by a checksum of the words, so that the choice is the same everywhere and
    for ever.
    """
    return words in _ALWAYS or zlib.crc32("|".join(words).encode()) % ONE_IN == 0
