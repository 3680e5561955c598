"""How often each determiner comes, by what the phrase is for, and picking by weight.

A word here may stand for its family: "my" for every possessive, "two" for every number, "this" and
"these" for "that" and "those".
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

Weights = Mapping[str, int]

SUBJECT: Weights = {
    "the": 56, "my": 16, "this": 6, "a": 6, "these": 3, "two": 4, "many": 2, "several": 2,
    "every": 2, "all": 3, "some": 1,
}  # fmt: skip
OBJECT: Weights = {
    "the": 34, "a": 24, "my": 16, "this": 6, "these": 4, "two": 6, "some": 3, "many": 3,
    "several": 2, "bare": 4, "every": 2, "all": 2,
}  # fmt: skip
REFUSED: Weights = {"the": 34, "a": 22, "my": 18, "this": 8, "these": 5, "any": 13}
ASKED: Weights = {"the": 36, "a": 26, "my": 18, "this": 8, "these": 5, "any": 7}
OWNED: Weights = {
    "a": 44, "two": 14, "bare": 9, "some": 5, "many": 7, "several": 4, "my": 7, "the": 8, "this": 2,
}  # fmt: skip
FOUND: Weights = {"a": 44, "two": 16, "bare": 6, "some": 7, "many": 9, "several": 4, "no": 14}
PLACED: Weights = {"the": 68, "a": 10, "my": 14, "this": 8}
RECEIVER: Weights = {"the": 50, "my": 34, "this": 8, "a": 8}
MASS: Weights = {"the": 30, "bare": 40, "some": 16, "my": 10, "this": 4}
MASS_SUBJECT: Weights = {"the": 60, "my": 24, "this": 16}
MASS_REFUSED: Weights = {"the": 30, "bare": 30, "any": 30, "my": 10}
PRONOUNS: Weights = {"i": 15, "you": 22, "he": 11, "she": 11, "we": 27, "they": 14}


def pick(rng: Random, weights: Weights) -> str:
    """Pick a word by its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]
