"""What English says with "to be": French says it with être, and at times with avoir."""

from __future__ import annotations

from core.bilingual.grammar.noun_phrases import say_phrase
from core.bilingual.grammar.plans import (
    Age,
    BePlan,
    Comparison,
    Feeling,
    Job,
    Quality,
    Whereabouts,
)
from core.bilingual.grammar.spoken import Both, Phrase, Sheet, Spoken, refusal
from core.bilingual.grammar.surface import Word
from core.bilingual.grammar.tenses import BE, GO, HAVE, WAS, agree, english_be
from core.bilingual.grammar.verb_phrases import say_place
from core.bilingual.lexicon.adjectives import adjective
from core.bilingual.lexicon.function_words import NUMBERS
from core.bilingual.lexicon.nouns import NOUNS
from core.bilingual.lexicon.verbs import VERBS

DEGREES = {"very": "très", "too": "trop"}
FEELINGS = {  # French has hunger where English is hungry
    "hungry": "faim",
    "thirsty": "soif",
    "cold": "froid",
    "hot": "chaud",
    "sleepy": "sommeil",
    "afraid": "peur",
    "right": "raison",
    "wrong": "tort",
}
POSTURES = {"sitting": "assis", "standing": "debout"}
_FEMALE_JOBS = {  # the French for a woman, where it differs
    "student": "étudiante",
    "singer": "chanteuse",
    "baker": "boulangère",
    "farmer": "fermière",
    "lawyer": "avocate",
}
_HAD = tuple(VERBS["have"].imperfect(person) for person in range(5))


def say_being(sheet: Sheet, plan: BePlan, subject: Phrase) -> Spoken:
    """Say "is ..." in both languages; questions and statements alike.

    Raises
    ------
    KeyError
        If an adjective does not go with the subject.
    """
    idea, person = sheet.idea(), subject.person
    refused = refusal(sheet, "not" if plan.negated else "")
    english, french = _complement(sheet, plan, subject)
    owned = isinstance(plan.what, Feeling | Age)  # avoir, where English has "to be"
    if plan.tense == "future":
        mark = sheet.idea()
        infinitive = Word("avoir" if owned else "être", idea)
        return Spoken(
            [Word("will", mark), *refused.english],
            [Word("be", idea), *english],
            [*refused.ne, Word(GO[person], mark), *refused.pas, infinitive, *french],
        )
    past = plan.tense == "past"
    forms = (_HAD if past else HAVE) if owned else (WAS if past else BE)
    lead = [Word(english_be(person, past=past), idea), *refused.english]
    finite = Word(forms[person], idea)
    return Spoken(lead, english, [*refused.ne, finite, *refused.pas, *french])


def _complement(sheet: Sheet, plan: BePlan, subject: Phrase) -> Both:
    """Say what follows a form of "to be"."""
    what = plan.what
    if isinstance(what, Quality):
        return _quality(sheet, what, subject)
    if isinstance(what, Comparison):
        return _comparison(sheet, what, subject)
    if isinstance(what, Feeling):
        return _feeling(sheet, what)
    if isinstance(what, Whereabouts):
        return _whereabouts(sheet, what, subject)
    idea = sheet.idea()
    if isinstance(what, Job):
        noun = what.job
        french = _FEMALE_JOBS.get(noun.english) if subject.feminine else None
        article = Word("an" if noun.english[0] in "aeiou" else "a", idea)
        return [article, Word(noun.english, idea)], [Word(french or noun.french, idea)]
    years = sheet.idea()
    english = [Word(what.years, idea), Word("years", years), Word("old", years)]
    return english, [Word(NUMBERS[what.years], idea), Word("ans", years)]


def _degree(sheet: Sheet, degree: str) -> Both:
    if not degree:
        return [], []
    idea = sheet.idea()
    return [Word(degree, idea)], [Word(DEGREES[degree], idea)]


def _quality(sheet: Sheet, what: Quality, subject: Phrase) -> Both:
    english, french = _degree(sheet, what.degree)
    for place, name in enumerate(what.adjectives):
        if place:
            joint = sheet.idea()
            english.append(Word("and", joint))
            french.append(Word("et", joint))
        found, idea = adjective(name, subject.noun or NOUNS["man"]), sheet.idea()
        sheet.note(name, subject.key)
        english.append(Word(name, idea))
        french.append(Word(found.agree(subject.feminine, subject.plural), idea))
    return english, french


def _comparison(sheet: Sheet, what: Comparison, subject: Phrase) -> Both:
    found = adjective(what.adjective, subject.noun or NOUNS["man"])
    sheet.note(what.adjective, subject.key)
    idea, than, other = sheet.idea(), sheet.idea(), say_phrase(sheet, what.than)
    form = found.agree(subject.feminine, subject.plural)
    english = [Word(found.more, idea), Word("than", than), *other.english]
    return english, [Word("plus", idea), Word(form, idea), *other.french([Word("que", than)])]


def _whereabouts(sheet: Sheet, what: Whereabouts, subject: Phrase) -> Both:
    english, french, _ = say_place(sheet, what.place)
    if not what.posture:
        return english, french
    idea, form = sheet.idea(), POSTURES[what.posture]
    form = agree(form, subject.feminine, subject.plural) if form == "assis" else form
    return [Word(what.posture, idea), *english], [Word(form, idea), *french]


def _feeling(sheet: Sheet, what: Feeling) -> Both:
    idea = sheet.idea()
    english, french = _degree(sheet, what.degree)
    english.append(Word(what.feeling, idea))
    french.append(Word(FEELINGS[what.feeling], idea))
    if what.of is not None:
        of, feared = sheet.idea(), say_phrase(sheet, what.of)
        english += [Word("of", of), *feared.english]
        french += feared.french([Word("de", of)])
    return english, french
