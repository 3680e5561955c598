"""What goes together and what does not: adjectives with nouns, prepositions with places."""

from __future__ import annotations

from core.bilingual.lexicon.adjectives import Adjective, adjectives_for
from core.bilingual.lexicon.function_words import POSSESSIVES
from core.bilingual.lexicon.nouns import Noun

# With "a" or "two" these would say something else, or nothing.
DEFINITE_ONLY = frozenset(["other", "first", "last"])
_ODD = frozenset(
    [("young", "grandmother"), ("young", "grandfather"), ("old", "baby"), ("old", "child"),
     ("young", "baby"), ("fast", "turtle"), ("slow", "plane"), ("beautiful", "thief"),
     ("small", "elephant"), ("big", "mouse"), ("big", "bee"), ("empty", "river"),
     ("empty", "island"), ("quiet", "desert")]
)  # fmt: skip
_OPPOSITES = tuple(
    frozenset(pair.split())
    for pair in (
        "good bad", "big small", "old young", "old new", "happy sad", "happy angry", "hot cold",
        "hot fresh", "dirty clean", "heavy light", "slow fast", "rich poor", "good delicious",
        "bad delicious", "first last", "beautiful pretty", "calm angry", "wide long",
    )
)  # fmt: skip
PLACES_OF = {  # which nouns a preposition takes
    "in": "in",
    "at": "at",
    "on": "on",
    "under": "under",
    "behind": "near tree door sofa wall",
    "near": "near furniture window tree river",
    "in front of": "near window door",
    "next to": "furniture tree window",
    "with": "person animal",
    "to": "to",
    "from": "to",
}


def opposed(one: str, other: str) -> bool:
    """Say whether two adjectives cannot both be true."""
    return any(one in pair and other in pair for pair in _OPPOSITES)


def attributes(noun: Noun, determiner: str) -> list[Adjective]:
    """Return the adjectives that may stand between a determiner and a noun."""
    definite = determiner == "the" or determiner in POSSESSIVES
    return [
        each
        for each in adjectives_for(noun)
        if each.attribute
        and (definite or each.english not in DEFINITE_ONLY)
        and (each.english, noun.english) not in _ODD
    ]
