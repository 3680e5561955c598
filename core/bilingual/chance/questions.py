"""Chance questions: yes or no, and "what", "who", "where", "when", "why", "how"."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import cast

from core.bilingual.chance.being import choose_being
from core.bilingual.chance.clauses import ASKABLE, choose_clause
from core.bilingual.chance.phrases import choose_noun, choose_subject
from core.bilingual.chance.pointing import some_identity, some_there
from core.bilingual.chance.weights import Weights, pick
from core.bilingual.grammar.clauses import est_ce_que, say_question, with_idea
from core.bilingual.grammar.noun_phrases import say_phrase
from core.bilingual.grammar.plans import (
    ClausePlan,
    NamePlan,
    NounPlan,
    PhrasePlan,
    PronounPlan,
    Tense,
    VerbPlan,
)
from core.bilingual.grammar.spoken import Both, Part, Phrase, Sheet
from core.bilingual.grammar.surface import Word
from core.bilingual.grammar.tenses import BE, WAS, english_be
from core.bilingual.grammar.verb_phrases import say_verb
from core.bilingual.lexicon.function_words import NAMES, POSSESSIVES
from core.bilingual.lexicon.nouns import nouns_with
from core.bilingual.lexicon.verbs import IL, VERBS, Verb, verbs_with

_OPEN: Weights = {
    "what": 22, "who": 16, "whom": 8, "where is": 14, "where": 12, "why": 14, "when": 8,
    "how many": 10, "how old": 6,
}  # fmt: skip
_FRENCH = {"what": "que", "whom": "qui", "where": "où", "why": "pourquoi", "when": "quand"}
_ASKED_WHEN = ("arrive", "leave", "come_back", "go_out", "go_home", "eat", "work", "wake_up")


def some_question(rng: Random, sheet: Sheet) -> Both:
    """Choose and say a question to be answered with yes or no."""
    asking = sheet.idea()
    kind = pick(rng, {"clause": 60, "being": 24, "there": 8, "that": 8})
    if kind in {"there", "that"}:
        say = some_there if kind == "there" else some_identity
        spoken, pointer = say(rng, sheet, question=True)
        english = [*with_idea(spoken.lead, asking), *pointer, *spoken.rest]
        return english, est_ce_que(asking) + spoken.french
    if kind == "being":
        plan = choose_being(rng, question=True)
    else:
        plan = choose_clause(rng, weights=ASKABLE, question=True)
    clause = say_question(sheet, replace(plan, relative=None), asking)
    return clause.english, est_ce_que(asking) + clause.french


def some_open_question(rng: Random, sheet: Sheet) -> Both:
    """Choose and say a question with a question word."""
    kind = pick(rng, _OPEN)
    if kind == "who":
        return _who_does(rng, sheet)
    if kind == "where is":
        return _where_is(rng, sheet)
    if kind == "how old":
        return _how_old(rng, sheet)
    if kind == "how many":
        return _how_many(rng, sheet)
    word, asking = sheet.idea(), sheet.idea()
    clause = say_question(sheet, _asked(rng, kind), asking)
    french = [Word(_FRENCH[kind], word), *est_ce_que(asking), *clause.french]
    return [Word("who" if kind == "whom" else kind, word), *clause.english], french


def _asked(rng: Random, kind: str) -> ClausePlan:
    """Choose the clause that a question word asks to complete."""
    if kind == "why":
        weights: Weights = {"past": 40, "present": 40, "progressive": 20}
        plan = choose_clause(rng, weights=weights, question=True)
        return replace(plan, time="", time_first=False, relative=None)
    if kind == "when":
        verb = VERBS[rng.choice(_ASKED_WHEN)]
    elif kind == "where":
        going_on = [verb for verb in verbs_with("long") if not verb.objects]
        verb = rng.choice(going_on + [VERBS["live"]] * 3)
    else:
        verb = rng.choice(_verbs_of(kind))
    who = choose_subject(rng, "person", pronouns=0.5 if kind == "when" else 0.55)
    return ClausePlan(who, _does(rng, verb))


def _verbs_of(kind: str) -> list[Verb]:
    """Return the verbs that "what" or "whom" may be the object of."""
    deeds = [verb for verb in verbs_with("deed") if not verb.link and "taste" not in verb.flags]
    deeds = [verb for verb in deeds if "person" in verb.subjects]
    if kind == "whom":
        return [verb for verb in deeds if "person" in verb.objects]
    things = {"food", "drink", "thing", "text", "clothes"}
    return [verb for verb in deeds if verb.objects & things] + [VERBS["want"]] * 2


def _does(rng: Random, verb: Verb) -> VerbPlan:
    if verb.stative:
        return VerbPlan(verb, "present")
    tense = pick(rng, {"past": 40, "present": 32, "progressive": 14, "future": 14})
    if tense == "progressive" and "brief" in verb.flags:
        tense = "present"
    return VerbPlan(verb, cast(Tense, tense))


def _who_does(rng: Random, sheet: Sheet) -> Both:
    """Say "who is eating the cake ?": a statement whose subject is "who"."""
    weights: Weights = {"past": 45, "present": 25, "progressive": 30}
    does = choose_clause(rng, weights=weights, question=True).does
    assert isinstance(does, VerbPlan)
    idea = sheet.idea()
    who = Phrase([Word("who", idea)], [Part([], [Word("qui", idea)])], IL, False)
    if does.pronoun in {"him", "her"} and rng.random() < 0.3:
        does = replace(does, pronoun="me")
    if does.manner == "together":
        does = replace(does, manner="")
    spoken = say_verb(sheet, does, who)
    return who.english + spoken.lead + spoken.rest, who.french() + spoken.french


def _where_is(rng: Random, sheet: Sheet) -> Both:
    word, be = sheet.idea(), sheet.idea()
    sorts = ["person", "animal", "thing", "place", "vehicle"]
    plan: PhrasePlan = choose_subject(rng, rng.choice(sorts))
    if isinstance(plan, NounPlan) and plan.determiner not in {"the", *POSSESSIVES}:
        plan = replace(plan, determiner="the")
    phrase = say_phrase(sheet, plan)
    past = rng.random() < 0.35
    english = [Word("where", word), Word(english_be(phrase.person, past=past), be), *phrase.english]
    finite = Word((WAS if past else BE)[phrase.person], be)
    if isinstance(plan, PronounPlan):  # "où est-ce qu'il est", without "est-il"
        return english, [Word("où", word), *est_ce_que(be), *phrase.french(), finite]
    return english, [Word("où", word), finite, *phrase.french()]


def _how_old(rng: Random, sheet: Sheet) -> Both:
    how, be = sheet.idea(), sheet.idea()
    plan: PhrasePlan = choose_noun(rng, "person animal", {"the": 5, "my": 5}, described=0.1)
    if rng.random() < 0.3:
        plan = NamePlan(rng.choice(list(NAMES)))
    phrase = say_phrase(sheet, plan)
    english = [Word("how", how), Word("old", how), Word(english_be(phrase.person), be)]
    finite = Word("ont" if phrase.plural else "a", be)
    french = [Word("quel", how), Word("âge", how), finite, *phrase.french()]
    return english + phrase.english, french


def _how_many(rng: Random, sheet: Sheet) -> Both:
    """Say "how many books do you have ?"; the present, where no participle need agree."""
    verb = VERBS[rng.choice(["have", "have", "have", "want", "see", "buy", "eat"])]
    pool = [noun for noun in nouns_with(" ".join(sorted(verb.objects))) if not noun.mass]
    phrase = say_phrase(sheet, NounPlan(rng.choice(pool), "how many", True))
    asking = sheet.idea()
    sheet.note(verb.name, phrase.key)
    subject = choose_subject(rng, "person", pronouns=0.6)
    clause = say_question(sheet, ClausePlan(subject, VerbPlan(verb)), asking)
    return phrase.english + clause.english, phrase.french() + est_ce_que(asking) + clause.french
