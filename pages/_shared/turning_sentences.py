"""Sentences that turn on a word: it did not cross the street because it was too tired, or wide."""

from __future__ import annotations

from typing import Final

from core.bilingual.lexicon.nouns import nouns_with
from core.bilingual.lexicon.reasons import FAMILIES
from core.bilingual.menus import MenuChoices, options, say, settle
from core.bilingual.pair import SentencePair

_VERB: Final = "cross"
_OF_DOER: Final = {word for each in FAMILIES if each.verb == _VERB for word in each.of_doer}


def choices_of(subject: str, place: str, adjective: str = "") -> MenuChoices:
    """Return the choices of the menus that make such a sentence."""
    return settle(
        MenuChoices(
            subject=subject,
            verb=_VERB,
            negation="not",
            object=place,
            object_determiner="the",
            object_number="one",
            preposition="",
            place="",
            reason=adjective,
        )
    )


def turning_pair(subject: str, place: str, adjective: str) -> SentencePair:
    """Return the sentence with its French."""
    return say(choices_of(subject, place, adjective))


def _reasons(subject: str, place: str) -> tuple[str, ...]:
    return options(choices_of(subject, place), "reason")[1:]


# What was not crossed, by whom, and what may be said of either: every combination makes a sentence.
SUBJECTS: Final = tuple(noun.english for noun in nouns_with("animal"))
OF_SUBJECT: Final = tuple(word for word in _reasons("animal", "street") if word in _OF_DOER)
OF_PLACE: Final = tuple(word for word in _reasons("animal", "street") if word not in _OF_DOER)
PLACES: Final = tuple(
    place
    for place in options(choices_of("animal", "street"), "object")
    if set(OF_PLACE) <= set(_reasons("animal", place))
)
FIRST: Final = ("animal", "street", "tired", "wide")
