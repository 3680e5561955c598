"""The verbs: their English forms, their French conjugation, and what they go with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from core.bilingual.lexicon.rows import rows
from core.bilingual.lexicon.verb_table import VERB_TABLE

# French persons, in the order of a conjugation. "You" is always "tu", so there is no "vous".
JE, TU, IL, NOUS, ILS = range(5)


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb in both languages.

    Attributes
    ----------
    key : str
        Its name in the table: the base, with its particle ("look_for") or sense ("love:person").
    base, third, past, ing : str
        The English forms.
    particle : str
        The English word that follows ("for"), or "".
    infinitive, participle : str
        French forms; the participle in the masculine singular.
    present : tuple of str
        The French present for je, tu, il, nous, ils.
    etre, reflexive : bool
        Whether the perfect is made with *être*, and whether *se* belongs to the verb.
    link : tuple of str
        French words between the verb and its object: ("besoin", "de"), ("à",), or none.
    subjects, objects, flags : frozenset of str
        Tags of the nouns that it goes with, and what else may be done with it.
    """

    key: str
    base: str
    third: str
    past: str
    ing: str
    particle: str
    infinitive: str
    participle: str
    present: tuple[str, ...]
    etre: bool
    reflexive: bool
    link: tuple[str, ...]
    subjects: frozenset[str]
    objects: frozenset[str]
    flags: frozenset[str]

    @property
    def name(self) -> str:
        """Return the English verb without its sense, such as "look for" or "love"."""
        return f"{self.base} {self.particle}".strip()

    @property
    def stative(self) -> bool:
        """Say whether the past is the imperfect: a state, not a deed."""
        return "state" in self.flags

    def imperfect(self, person: int) -> str:
        """Return the French imperfect, made from the present of *nous*."""
        stem = self.present[NOUS].removesuffix("ons")
        if person == NOUS:
            stem = stem.removesuffix("e") if stem.endswith("ge") else stem.replace("ç", "c")
        return stem + ("ais", "ais", "ait", "ions", "aient")[person]

    def imperative(self) -> str:
        """Return the French order to one friend: *tu* without its -s after -es and in *va*."""
        form = self.present[TU]
        return form.removesuffix("s") if form.endswith("es") or form == "vas" else form


def _regular_english(base: str) -> tuple[str, str, str]:
    """Return the third person, the past and the -ing form of a regular verb."""
    soft_y = base.endswith("y") and base[-2] not in "aeiou"
    hissing = base.endswith(("s", "x", "ch", "sh", "o"))
    third = base[:-1] + "ies" if soft_y else base + ("es" if hissing else "s")
    past = base[:-1] + "ied" if soft_y else base + ("d" if base.endswith("e") else "ed")
    return third, past, base.removesuffix("e") + "ing"


def _regular_french(infinitive: str) -> tuple[str, ...]:
    """Return the present of a verb in -er, with the spelling of -ger and -cer."""
    stem = infinitive.removesuffix("er")
    soft = stem + "e" if stem.endswith("g") else stem
    soft = stem[:-1] + "ç" if stem.endswith("c") else soft
    return stem + "e", stem + "es", stem + "e", soft + "ons", stem + "ent"


def _verb(line: str, heading: str) -> Verb:
    english, french, present, subjects, objects, *flags = (
        tuple(column.split()) for column in line.split("|")
    )
    key = english[0]
    base, _, particle = key.partition(":")[0].partition("_")
    third, past, ing = _regular_english(base)
    third = "has" if base == "have" else third
    if len(english) == 3:
        past, ing = english[1:]
    infinitive = french[0]
    marks = {word for word in french if word in {"be", "se"}}
    given = [word for word in french[1:] if word not in marks and word[0] != "+"]
    participle = given[0] if given else infinitive.removesuffix("er") + "é"
    return Verb(
        key,
        base,
        third,
        past,
        ing,
        particle,
        infinitive,
        participle,
        present or _regular_french(infinitive),
        bool(marks),
        "se" in marks,
        tuple(word[1:] for word in french if word[0] == "+"),
        frozenset(subjects),
        frozenset(objects),
        frozenset([heading, *(flags[0] if flags else ())]),
    )


VERBS: dict[str, Verb] = {
    verb.key: verb
    for heading, lines in VERB_TABLE.items()
    for verb in (_verb(line, heading) for line in rows(lines))
}


@cache
def verbs_with(flag: str) -> tuple[Verb, ...]:
    """Return the verbs of a heading of the table ("act", "deed"), or with a flag ("clitic")."""
    return tuple(verb for verb in VERBS.values() if flag in verb.flags)
