"""Chance plans that give the rarer forms their share, so that the model meets each one often.

Left to chance, "nous buvons" or "elles se sont arrêtées" would come a few times in 100,000.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from core.bilingual.chance.being import choose_that, quality_of
from core.bilingual.chance.clauses import tense_of, timed
from core.bilingual.chance.completing import complete, kind_of, spaced
from core.bilingual.chance.phrases import choose_noun, choose_object_pronoun, plan_noun
from core.bilingual.chance.weights import SUBJECT, Weights, pick
from core.bilingual.grammar.plans import (
    BePlan,
    ClausePlan,
    Job,
    NamePlan,
    Negation,
    NounPlan,
    PhrasePlan,
    PronounPlan,
    Quality,
    VerbPlan,
)
from core.bilingual.lexicon.adjectives import ADJECTIVES
from core.bilingual.lexicon.nouns import Noun, nouns_with
from core.bilingual.lexicon.verbs import VERBS, verbs_with

_DRILLS: Weights = {
    "you and we": 66, "third": 84, "pronoun": 19, "etre": 15, "adjective": 24, "ordinal": 11,
    "places": 8, "that": 15, "job": 5,
}  # fmt: skip
_ORDINALS = ("first", "last", "first", "last", "other", "new", "new")
_PRESENT: Weights = {"present": 75, "progressive": 25}
_THIRD: Weights = {"present": 52, "progressive": 32, "future": 6, "must": 6, "want": 4}
_FEW: Weights = {"the": 6, "my": 3, "this": 2}


def choose_rare(rng: Random) -> ClausePlan:
    """Choose a clause with a form that would otherwise be rare."""
    drill = pick(rng, _DRILLS)
    if drill in {"you and we", "third"}:
        return _person(rng, drill)
    choose = {
        "adjective": _adjective,
        "ordinal": _ordinal,
        "that": _that,
        "job": _job,
        "places": _places,
        "pronoun": _pronoun,
        "etre": _etre,
    }
    return choose[drill](rng)


def _person(rng: Random, drill: str) -> ClausePlan:
    """Choose a clause in the present, of "you" and "we" or of a third person."""
    verb = rng.choice([*VERBS.values(), *verbs_with("state")])
    if drill == "you and we" and "person" in verb.subjects:
        subject: PhrasePlan = PronounPlan(rng.choice(["you", "we"]))
        tense = tense_of(rng, verb, _PRESENT)
    else:
        subject = _someone(rng, verb.subjects)
        tense = tense_of(rng, verb, _THIRD)
    plan = VerbPlan(verb, tense, _perhaps_not(rng) if drill != "third" else "")
    kind = kind_of(rng, verb)
    if kind == "clitic" and rng.random() < 0.5:
        return ClausePlan(subject, replace(plan, pronoun=choose_object_pronoun(rng, subject)))
    return timed(rng, ClausePlan(subject, complete(rng, kind, plan, subject)))


def _that(rng: Random) -> ClausePlan:
    """Choose something about "the letters that she wrote", for its participle."""
    noun, relative = choose_that(rng)
    return ClausePlan(noun, BePlan(quality_of(rng, noun), "past"), relative)


def _job(rng: Random) -> ClausePlan:
    """Choose a woman's job."""
    women: list[PhrasePlan] = [PronounPlan("she"), NamePlan("mary"), NamePlan("lucy")]
    woman = rng.choice(women)
    job, tense = rng.choice(nouns_with("job")), rng.choice(["present", "past"])
    return ClausePlan(woman, BePlan(Job(job), tense))


def _places(rng: Random) -> ClausePlan:
    """Choose something about places, in the plural."""
    noun = _plural(rng, rng.choice(nouns_with("place structure")))
    who = PronounPlan(rng.choice(["i", "she", "they"]))
    verb = VERBS["look_for" if "place" in noun.noun.tags else "see"]
    if "visit" in noun.noun.tags and rng.random() < 0.5:
        verb = VERBS["like"]
    return ClausePlan(who, VerbPlan(verb, object=noun))


def _pronoun(rng: Random) -> ClausePlan:
    """Choose a clause with "her", "them" or "us", for its participle."""
    verb = rng.choice(verbs_with("clitic"))
    subject = _someone(rng, verb.subjects)
    pronoun = rng.choice(["her", "her", "them", "us"])
    return ClausePlan(subject, VerbPlan(verb, tense_of(rng, verb, {"past": 1}), pronoun=pronoun))


def _etre(rng: Random) -> ClausePlan:
    """Choose what women did, with a perfect in être."""
    verb = rng.choice([verb for verb in VERBS.values() if verb.etre])
    pool = nouns_with(spaced(verb.subjects & {"person", "animal"}))
    plan = VerbPlan(verb, "past", _perhaps_not(rng))
    woman = rng.choice([noun for noun in pool if noun.feminine])
    single = plan_noun(rng, woman, _FEW, described=0.15, singular=True)
    subject = _plural(rng, woman) if rng.random() < 0.55 else single
    return ClausePlan(subject, complete(rng, kind_of(rng, verb), plan, subject))


def _perhaps_not(rng: Random) -> Negation:
    return "not" if rng.random() < 0.15 else ""


def _someone(rng: Random, subjects: frozenset[str]) -> PhrasePlan:
    if "person" in subjects and rng.random() < 0.5:
        return PronounPlan(rng.choice(["he", "she", "they"]))
    return choose_noun(rng, spaced(subjects & {"person", "animal"} or subjects), SUBJECT)


def _plural(rng: Random, noun: Noun) -> NounPlan:
    weights = {"these": 3, "all": 1} if noun.same_plural else {**SUBJECT, "the": 20}
    plan = plan_noun(rng, noun, weights, described=0.15, owned=0)
    if plan.plural:
        return plan
    return NounPlan(noun, "these" if noun.same_plural else "the", True)


def _adjective(rng: Random) -> ClausePlan:
    found = rng.choice([each for each in ADJECTIVES if each.predicate])
    feminine = rng.random() < 0.6
    pool = nouns_with(spaced(found.tags))
    nouns = [noun for noun in pool if not noun.mass and noun.feminine == feminine]
    noun = rng.choice(nouns or [noun for noun in pool if not noun.mass] or pool)
    tense = rng.choice(["present", "present", "past"])
    single = noun.mass or noun.same_plural or rng.random() < 0.3
    subject = plan_noun(rng, noun) if single else _plural(rng, noun)
    if found.english in subject.adjectives:
        subject = replace(subject, adjectives=())
    return ClausePlan(subject, BePlan(Quality((found.english,)), tense))


def _ordinal(rng: Random) -> ClausePlan:
    """Choose something about "the first ..." or "the new ..."."""
    word = rng.choice(_ORDINALS)
    tags = next(each.tags for each in ADJECTIVES if each.english == word)
    noun = rng.choice(nouns_with(spaced(tags)))
    plural = rng.random() < (0.2 if word == "new" else 0.6)
    subject = NounPlan(noun, "the", plural and not noun.same_plural, (word,))
    return ClausePlan(subject, BePlan(quality_of(rng, subject), rng.choice(["present", "past"])))
