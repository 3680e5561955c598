"""Plans: what to say, before either language says it. Menus and chance both make these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.bilingual.lexicon.nouns import Noun
from core.bilingual.lexicon.verbs import Verb

Tense = Literal[
    "present",
    "progressive",
    "past",
    "was doing",
    "future",
    "can",
    "must",
    "want",
    "wanted",
    "like",
    "need",
]
Negation = Literal["", "not", "never"]


@dataclass(frozen=True, slots=True)
class NounPlan:
    """A noun with its determiner, such as "the", "my", "two", "bare" or "generic"."""

    noun: Noun
    determiner: str = "the"
    plural: bool = False
    adjectives: tuple[str, ...] = ()
    owner: NounPlan | NamePlan | None = None


@dataclass(frozen=True, slots=True)
class NamePlan:
    """A person's name, in English."""

    name: str


@dataclass(frozen=True, slots=True)
class PronounPlan:
    """A subject pronoun, in English."""

    pronoun: str


@dataclass(frozen=True, slots=True)
class BothPlan:
    """Two joined with "and"."""

    first: NounPlan | NamePlan
    second: NounPlan | NamePlan


PhrasePlan = NounPlan | NamePlan | PronounPlan | BothPlan


@dataclass(frozen=True, slots=True)
class PlacePlan:
    """A preposition and a noun phrase, or a town or country by its English name."""

    preposition: str
    where: PhrasePlan | str


@dataclass(frozen=True, slots=True)
class VerbPlan:
    """A verb with all that goes with it but its subject.

    Attributes
    ----------
    verb : Verb
    tense : Tense
    negation : Negation
    frequency : str
        "often", "always", "sometimes" or "".
    object : PhrasePlan or None
    pronoun : str
        An English object pronoun or "". It is direct, but dative beside an object and with verbs
        whose French takes *à*.
    recipient : PhrasePlan or None
        To whom the object goes.
    recipient_first : bool
        "gives the girl a book" rather than "gives a book to the girl".
    manner : str
        "slowly", "here" ... or "".
    places : tuple of PlacePlan
    """

    verb: Verb
    tense: Tense = "present"
    negation: Negation = ""
    frequency: str = ""
    object: PhrasePlan | None = None
    pronoun: str = ""
    recipient: PhrasePlan | None = None
    recipient_first: bool = False
    manner: str = ""
    places: tuple[PlacePlan, ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """What "very happy" or "big and red" says: one or two adjectives."""

    adjectives: tuple[str, ...]
    degree: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What "bigger than the dog" says; ``adjective`` is the plain form."""

    adjective: str
    than: PhrasePlan


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What "in the garden" or "sitting on the chair" says."""

    place: PlacePlan
    posture: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """What "a doctor" says after "is"."""

    job: Noun


@dataclass(frozen=True, slots=True)
class Feeling:
    """What "hungry" or "afraid of the dog" says."""

    feeling: str
    degree: str = ""
    of: PhrasePlan | None = None


@dataclass(frozen=True, slots=True)
class Age:
    """What "ten years old" says; the number is the English word."""

    years: str


@dataclass(frozen=True, slots=True)
class BePlan:
    """A form of "to be" (tense "present", "past" or "future") and what follows it."""

    what: Quality | Comparison | Whereabouts | Job | Feeling | Age
    tense: str = "present"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class RelativePlan:
    """What "who sees the cat" (no subject) or "that she wrote" (with one) says."""

    does: VerbPlan
    subject: PhrasePlan | None = None


@dataclass(frozen=True, slots=True)
class ClausePlan:
    """A subject, what it does or is, and when."""

    subject: PhrasePlan
    does: VerbPlan | BePlan
    relative: RelativePlan | None = None
    time: str = ""
    time_first: bool = False


@dataclass(frozen=True, slots=True)
class BecausePlan:
    """A deed that did not come about, and what its doer or its object was that it did not."""

    clause: ClausePlan
    of_doer: bool
    adjective: str
    degree: str = "too"
    past: bool = True
