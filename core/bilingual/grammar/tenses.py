"""The verb itself, in every tense: English auxiliaries, and the French conjugation around it."""

from __future__ import annotations

from dataclasses import dataclass

from core.bilingual.grammar.plans import VerbPlan
from core.bilingual.grammar.spoken import Both, Phrase, Refusal, Sheet
from core.bilingual.grammar.surface import Word
from core.bilingual.lexicon.verbs import IL, VERBS

HAVE = ("ai", "as", "a", "avons", "ont")
BE = ("suis", "es", "est", "sommes", "sont")
WAS = ("étais", "étais", "était", "étions", "étaient")
GO = VERBS["go"].present
_BEFORE_INFINITIVE = {
    "future": GO,
    "can": ("peux", "peux", "peut", "pouvons", "peuvent"),
    "must": ("dois", "dois", "doit", "devons", "doivent"),
    "want": VERBS["want"].present,
    "wanted": tuple(VERBS["want"].imperfect(person) for person in range(5)),
    "like": VERBS["like"].present,
    "need": HAVE,
}
_MODALS = {"future": "will", "can": "can", "must": "must"}
_PROGRESSIVE = frozenset(["progressive", "was doing"])


@dataclass(frozen=True, slots=True)
class VerbIdeas:
    """The idea of a verb, and that of what helps it: "does", "is", "will", "wants to"."""

    verb: frozenset[int]
    helper: frozenset[int]


@dataclass(frozen=True, slots=True)
class Around:
    """The French words around a verb: its negation, pronouns before it, an adverb after it."""

    refused: Refusal
    before: list[Word]
    adverb: list[Word]


def verb_ideas(sheet: Sheet) -> VerbIdeas:
    """Return fresh ideas for a verb and its helper."""
    return VerbIdeas(sheet.idea(), sheet.idea())


def agree(participle: str, feminine: bool, plural: bool) -> str:
    """Return a past participle with its endings for gender and number."""
    form = participle + ("e" if feminine else "")
    return form if not plural or form.endswith("s") else form + "s"


def english_be(person: int, *, past: bool = False) -> str:
    """Return "am", "are", "is", "was" or "were" for a person, 0 to 4."""
    if past:
        return "was" if person in {0, IL} else "were"
    return {0: "am", IL: "is"}.get(person, "are")


def english_verb(plan: VerbPlan, person: int, ideas: VerbIdeas, *, needs_do: bool) -> Both:
    """Return the English auxiliary, if any, and the verb with its particle.

    Parameters
    ----------
    plan : VerbPlan
        Of which the verb and the tense are read.
    person : int
        Of the subject, 0 to 4.
    ideas : VerbIdeas
    needs_do : bool
        Whether the verb is asked or denied, so that "do" stands where no auxiliary does.
    """
    verb, tense = plan.verb, plan.tense
    base, helper = Word(verb.base, ideas.verb), ideas.helper
    tail = [Word(verb.particle, ideas.verb)] if verb.particle else []
    if tense in _PROGRESSIVE:
        be = english_be(person, past=tense == "was doing")
        return [Word(be, helper)], [Word(verb.ing, ideas.verb), *tail]
    if tense in _MODALS:
        return [Word(_MODALS[tense], helper)], [base, *tail]
    past = tense in {"past", "wanted"}
    do = "did" if past else ("does" if person == IL else "do")
    lead = [Word(do, helper)] if needs_do else []
    wished = tense in _BEFORE_INFINITIVE
    main = VERBS["want" if tense == "wanted" else tense] if wished else verb
    if needs_do:
        form = main.base
    elif past:
        form = main.past
    else:
        form = main.third if person == IL else main.base
    if wished:
        infinitive = [Word("to", helper | ideas.verb), base, *tail]
        return lead, [Word(form, helper), *infinitive]
    return lead, [Word(form, ideas.verb), *tail]


def french_verb(
    plan: VerbPlan,
    subject: Phrase,
    ideas: VerbIdeas,
    around: Around,
    *,
    needs_do: bool,
    agreement: tuple[bool, bool],
) -> list[Word]:
    """Return the French verb with its negation and with what stands before it.

    ``agreement`` is the gender and the number of a direct object that stands before the verb:
    (feminine, plural).
    """
    verb, tense, person = plan.verb, plan.tense, subject.person
    idea, helper = ideas.verb, ideas.helper
    ne, pas, adverb = around.refused.ne, around.refused.pas, around.adverb
    if tense in _BEFORE_INFINITIVE:
        besoin = [Word("besoin", helper), Word("de", helper | idea)] if tense == "need" else []
        finite = Word(_BEFORE_INFINITIVE[tense][person], helper)
        infinitive = Word(verb.infinitive, idea)
        return [*ne, finite, *pas, *adverb, *besoin, *around.before, infinitive]
    if tense == "past" and not verb.stative:
        if verb.etre:
            agreement = (subject.feminine, subject.plural)
        auxiliary = Word((BE if verb.etre else HAVE)[person], helper if needs_do else idea)
        participle = Word(agree(verb.participle, *agreement), idea)
        return [*ne, *around.before, auxiliary, *pas, *adverb, participle]
    imperfect = tense in {"past", "was doing"}
    form = verb.imperfect(person) if imperfect else verb.present[person]
    finite = Word(form, idea | helper if needs_do or tense in _PROGRESSIVE else idea)
    return [*ne, *around.before, finite, *pas, *adverb]
