"""Sentences to begin with, each for one thing that it shows; the grammar says them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from core.bilingual.grammar.clauses import est_ce_que, say_clause, say_question
from core.bilingual.grammar.plans import (
    BePlan,
    BothPlan,
    ClausePlan,
    Comparison,
    Feeling,
    NamePlan,
    NounPlan,
    PhrasePlan,
    PlacePlan,
    PronounPlan,
    Quality,
    RelativePlan,
    VerbPlan,
)
from core.bilingual.grammar.spoken import Sheet
from core.bilingual.lexicon.nouns import NOUNS
from core.bilingual.lexicon.verbs import VERBS
from core.bilingual.menus import MenuChoices, say
from core.bilingual.pair import SentencePair


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence to look at.

    Attributes
    ----------
    name : str
        Short, for a menu and a link.
    shows : str
        What to look for, in a few words.
    pair : SentencePair
    """

    name: str
    shows: str
    pair: SentencePair


def _the(noun: str, *adjectives: str, plural: bool = False) -> NounPlan:
    return NounPlan(NOUNS[noun], "the", plural, adjectives)


def _a(noun: str, *adjectives: str) -> NounPlan:
    return NounPlan(NOUNS[noun], "a", adjectives=adjectives)


def _stated(
    who: PhrasePlan, does: VerbPlan | BePlan, relative: RelativePlan | None = None
) -> SentencePair:
    sheet = Sheet()
    clause = say_clause(sheet, ClausePlan(who, does, relative))
    return sheet.finish(clause.english, clause.french, ".", "statement")


def _asked(who: PhrasePlan, does: VerbPlan | BePlan) -> SentencePair:
    sheet = Sheet()
    asking = sheet.idea()
    clause = say_question(sheet, ClausePlan(who, does), asking)
    return sheet.finish(clause.english, est_ce_que(asking) + clause.french, "?", "question")


def _because(reason: str) -> SentencePair:
    return say(
        MenuChoices(
            subject="animal",
            verb="cross",
            negation="not",
            object="street",
            object_determiner="the",
            object_number="one",
            preposition="",
            place="",
            reason=reason,
        )
    )


@cache
def examples() -> tuple[Example, ...]:
    """Return the named examples, the one to begin with first."""
    wrote = VerbPlan(VERBS["write"], "past")
    letter = RelativePlan(wrote, PronounPlan("she"))
    in_garden = (PlacePlan("in", _the("garden")),)
    under_table = (PlacePlan("under", _the("table")),)
    in_japan = (PlacePlan("in", "japan"),)
    return (
        Example("cat", "\u201csat\u201d needs three French words", say(MenuChoices())),
        Example("tired", "it is the animal: il", _because("tired")),
        Example("wide", "it is the street: elle", _because("wide")),
        Example(
            "black cat",
            "the adjective goes behind its noun",
            _stated(_the("cat", "black"), VerbPlan(VERBS["sleep"], places=in_garden)),
        ),
        Example(
            "big black cat",
            "one adjective before the noun, one behind",
            _stated(
                _a("cat", "big", "black"),
                VerbPlan(VERBS["sleep"], "progressive", places=under_table),
            ),
        ),
        Example(
            "pronoun",
            "the object stands before the verb",
            _stated(PronounPlan("i"), VerbPlan(VERBS["love:person"], pronoun="you")),
        ),
        Example(
            "her",
            "the participle agrees with \u201cher\u201d",
            _stated(PronounPlan("we"), VerbPlan(VERBS["see"], "past", pronoun="her")),
        ),
        Example(
            "need",
            "one English word, three in French",
            _stated(PronounPlan("she"), VerbPlan(VERBS["need"], object=_a("key"))),
        ),
        Example(
            "red hat",
            "having, and a colour",
            _stated(_the("girl"), VerbPlan(VERBS["have"], object=_a("hat", "red"))),
        ),
        Example(
            "no cat",
            "a negation in two parts, and \u201ca\u201d becomes de",
            _stated(PronounPlan("i"), VerbPlan(VERBS["have"], negation="not", object=_a("cat"))),
        ),
        Example(
            "never",
            "ne and jamais around the verb",
            _stated(
                NamePlan("paul"),
                VerbPlan(VERBS["go"], negation="never", places=(PlacePlan("to", _the("school")),)),
            ),
        ),
        Example(
            "question",
            "\u201cdid\u201d becomes est-ce que and a tense",
            _asked(_the("child", plural=True), VerbPlan(VERBS["eat"], "past", object=_the("cake"))),
        ),
        Example(
            "two of them",
            "two feminine nouns, one feminine plural",
            _stated(BothPlan(_the("cow"), _the("hen")), BePlan(Quality(("happy",)))),
        ),
        Example(
            "mixed company",
            "a feminine and a masculine: the masculine plural",
            _stated(BothPlan(_the("queen"), _the("king")), BePlan(Quality(("happy",)))),
        ),
        Example(
            "hungry",
            "is hungry: has hunger",
            _stated(_the("baby"), BePlan(Feeling("hungry", "very"))),
        ),
        Example(
            "bigger",
            "one word becomes two",
            _stated(_the("house"), BePlan(Comparison("big", _the("car")))),
        ),
        Example(
            "owner",
            "the order turns around",
            _stated(
                NounPlan(NOUNS["dog"], "the", owner=_the("boy")),
                VerbPlan(VERBS["chase"], object=_the("rabbit", plural=True)),
            ),
        ),
        Example(
            "letter",
            "the participle agrees across \u201cthat\u201d",
            _stated(_the("letter"), BePlan(Quality(("long",)), "past"), letter),
        ),
        Example(
            "gift",
            "to whom comes last in French",
            _stated(
                _the("teacher"),
                VerbPlan(
                    VERBS["give"],
                    "past",
                    object=_a("book"),
                    recipient=_the("student"),
                    recipient_first=True,
                ),
            ),
        ),
        Example(
            "abroad",
            "in: en, au, à, dans",
            _stated(
                _the("farmer"),
                VerbPlan(VERBS["travel"], "future", places=in_japan),
            ),
        ),
    )
