"""Chance sentences: the patterns, and how often each comes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from core.bilingual.chance.because import choose_because, some_reason
from core.bilingual.chance.being import choose_being
from core.bilingual.chance.clauses import choose_clause
from core.bilingual.chance.greetings import some_phrase
from core.bilingual.chance.orders import some_order
from core.bilingual.chance.phrases import choose_subject
from core.bilingual.chance.pointing import some_identity, some_there, some_weather, stated
from core.bilingual.chance.questions import some_open_question, some_question
from core.bilingual.chance.rare import choose_rare
from core.bilingual.chance.weights import Weights, pick
from core.bilingual.grammar.because import say_because
from core.bilingual.grammar.clauses import say_clause
from core.bilingual.grammar.plans import (
    BothPlan,
    ClausePlan,
    NamePlan,
    PhrasePlan,
    PronounPlan,
    Tense,
    VerbPlan,
)
from core.bilingual.grammar.spoken import Both, Sheet
from core.bilingual.grammar.surface import Word
from core.bilingual.grammar.verb_phrases import say_verb
from core.bilingual.lexicon.verbs import VERBS, verbs_with
from core.bilingual.pair import SentencePair

KINDS: Weights = {
    "statement": 310, "rare": 390, "being": 130, "there": 45, "identity": 40, "weather": 12,
    "question": 90, "open question": 80, "joined": 80, "when": 38, "reason": 50, "because": 100,
    "order": 40, "phrase": 34, "answer": 15, "two deeds": 20,
}  # fmt: skip
_EVENTS = ("arrive", "come_back", "fall", "leave", "go_out", "go_home")


def some_sentence(rng: Random) -> SentencePair:
    """Choose a pattern and say one sentence of it."""
    kind, sheet = pick(rng, KINDS), Sheet()
    english, french = _PATTERNS[kind](rng, sheet)
    if kind == "phrase":
        mark = ""  # it brings its own
    elif kind in {"question", "open question"}:
        mark = "?"
    elif kind == "order":
        mark = "!" if rng.random() < 0.4 else "."
    else:
        mark = "."
    return sheet.finish(english, french, mark, kind)


def _clause(choose: Callable[[Random], ClausePlan]) -> Callable[[Random, Sheet], Both]:
    def say(rng: Random, sheet: Sheet) -> Both:
        clause = say_clause(sheet, choose(rng))
        return clause.english, clause.french

    return say


def _link(sheet: Sheet, first: Both, words: tuple[str, str], second: Both) -> Both:
    """Join two clauses by a word."""
    idea = sheet.idea()
    english = [*first[0], Word(words[0], idea), *second[0]]
    return english, [*first[1], Word(words[1], idea), *second[1]]


def _joined(rng: Random, sheet: Sheet) -> Both:
    """Say two clauses with "and" or "but"."""
    weights: Weights = {"past": 1} if rng.random() < 0.5 else {"present": 6, "progressive": 4}
    first = say_clause(sheet, choose_clause(rng, weights=weights, simple=True))
    other = choose_clause(rng, weights=weights, simple=True)
    while other.subject == PronounPlan("they"):  # "they" might be the first ones, and feminine
        other = choose_clause(rng, weights=weights, simple=True)
    second = say_clause(sheet, other)
    words = rng.choice([("and", "et"), ("but", "mais")])
    return _link(sheet, (first.english, first.french), words, (second.english, second.french))


def _when(rng: Random, sheet: Sheet) -> Both:
    """Say "the boy was sleeping when the dog arrived": imperfect, then perfect."""
    verb = rng.choice([verb for verb in verbs_with("long") if not verb.objects])
    tags = "person animal" if "animal" in verb.subjects else "person"
    who = choose_subject(rng, tags, pronouns=0.5)
    first = say_clause(sheet, ClausePlan(who, VerbPlan(verb, "was doing")))
    event = VERBS[rng.choice(_EVENTS)]
    tags = "person animal" if "animal" in event.subjects else "person"
    other = choose_subject(rng, tags)
    while other in (who, PronounPlan("they")) or (_named(who) and _named(other)):
        other = choose_subject(rng, tags)
    second = say_clause(sheet, ClausePlan(other, VerbPlan(event, "past")))
    words = ("when", "quand")
    return _link(sheet, (first.english, first.french), words, (second.english, second.french))


def _named(plan: PhrasePlan) -> bool:
    return isinstance(plan, NamePlan | BothPlan)


def _answer(rng: Random, sheet: Sheet) -> Both:
    """Say "yes , ..." or "no , ... not ..."."""
    plan = choose_clause(rng, simple=True)
    assert isinstance(plan.does, VerbPlan)
    word, comma = sheet.idea(), sheet.idea()
    english, french = ("no", "non") if plan.does.negation else ("yes", "oui")
    clause = say_clause(sheet, plan)
    return (
        [Word(english, word), Word(",", comma), *clause.english],
        [Word(french, word), Word(",", comma), *clause.french],
    )


def _two_deeds(rng: Random, sheet: Sheet) -> Both:
    """Say "the boy sings and dances"."""
    pool = [v for v in verbs_with("act") if "person" in v.subjects and "long" in v.flags]
    one, other = rng.sample(pool, 2)
    tense: Tense = rng.choice(["present", "present", "past"])
    first = say_clause(sheet, ClausePlan(choose_subject(rng, "person"), VerbPlan(one, tense)))
    second = say_verb(sheet, VerbPlan(other, tense), first.subject)
    # One auxiliary serves both: "il a chanté et dansé".
    deed = second.french[1:] if tense == "past" else second.french
    did = [*second.lead, *second.rest], deed
    return _link(sheet, (first.english, first.french), ("and", "et"), did)


_PATTERNS: dict[str, Callable[[Random, Sheet], Both]] = {
    "statement": _clause(choose_clause),
    "rare": _clause(choose_rare),
    "being": _clause(choose_being),
    "there": lambda rng, sheet: stated(some_there(rng, sheet)),
    "identity": lambda rng, sheet: stated(some_identity(rng, sheet)),
    "weather": some_weather,
    "question": some_question,
    "open question": some_open_question,
    "joined": _joined,
    "when": _when,
    "reason": some_reason,
    "because": lambda rng, sheet: say_because(sheet, choose_because(rng)),
    "order": some_order,
    "phrase": some_phrase,
    "answer": _answer,
    "two deeds": _two_deeds,
}
