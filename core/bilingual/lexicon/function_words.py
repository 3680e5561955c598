"""Small words: determiners, pronouns, names, prepositions, adverbs and times."""

from __future__ import annotations

from dataclasses import dataclass

POSSESSIVES = {  # masculine, feminine, plural
    "my": ("mon", "ma", "mes"),
    "your": ("ton", "ta", "tes"),
    "his": ("son", "sa", "ses"),
    "her": ("son", "sa", "ses"),
    "our": ("notre", "notre", "nos"),
    "their": ("leur", "leur", "leurs"),
}
NUMBERS = {
    "two": "deux",
    "three": "trois",
    "four": "quatre",
    "five": "cinq",
    "six": "six",
    "seven": "sept",
    "eight": "huit",
    "nine": "neuf",
    "ten": "dix",
}
NAMES = {  # French, feminine
    "mary": ("marie", True),
    "peter": ("pierre", False),
    "john": ("jean", False),
    "paul": ("paul", False),
    "anna": ("anne", True),
    "lucy": ("lucie", True),
    "tom": ("tom", False),
    "sophie": ("sophie", True),
}
SUBJECT_PRONOUNS = {  # French, person, feminine; "you" is a friend, and groups are masculine
    "i": ("je", 0, False),
    "you": ("tu", 1, False),
    "he": ("il", 2, False),
    "she": ("elle", 2, True),
    "we": ("nous", 3, False),
    "they": ("ils", 4, False),
}


@dataclass(frozen=True, slots=True)
class ObjectPronoun:
    """A pronoun that stands before the French verb: direct ("le") or dative ("lui")."""

    direct: str
    dative: str
    feminine: bool
    plural: bool


OBJECT_PRONOUNS = {
    "me": ObjectPronoun("me", "me", False, False),
    "you": ObjectPronoun("te", "te", False, False),
    "him": ObjectPronoun("le", "lui", False, False),
    "her": ObjectPronoun("la", "lui", True, False),
    "us": ObjectPronoun("nous", "nous", False, True),
    "them": ObjectPronoun("les", "leur", False, True),
}
PREPOSITIONS = {
    "on": "sur",
    "under": "sous",
    "in": "dans",
    "at": "à",
    "to": "à",
    "from": "de",
    "behind": "derrière",
    "near": "près de",
    "in front of": "devant",
    "next to": "à côté de",
    "with": "avec",
    "without": "sans",
    "for": "pour",
}


@dataclass(frozen=True, slots=True)
class ProperPlace:
    """A town or a country, with the French for "in" or "to" it, and for "from" it."""

    french: str
    to: str
    out: str


PROPER_PLACES = {
    "paris": ProperPlace("paris", "à", "de"),
    "london": ProperPlace("londres", "à", "de"),
    "rome": ProperPlace("rome", "à", "de"),
    "france": ProperPlace("france", "en", "de"),
    "italy": ProperPlace("italie", "en", "de"),
    "spain": ProperPlace("espagne", "en", "de"),
    "canada": ProperPlace("canada", "au", "du"),
    "japan": ProperPlace("japon", "au", "du"),
}
COUNTRIES = tuple(name for name, place in PROPER_PLACES.items() if place.to != "à")
FREQUENCIES = {"often": "souvent", "always": "toujours", "sometimes": "parfois"}
MANNERS = {
    "slowly": "lentement",
    "quickly": "vite",
    "here": "ici",
    "there": "là-bas",
    "outside": "dehors",
    "together": "ensemble",
}
DAYS = {
    "monday": "lundi",
    "tuesday": "mardi",
    "wednesday": "mercredi",
    "thursday": "jeudi",
    "friday": "vendredi",
    "saturday": "samedi",
    "sunday": "dimanche",
}


@dataclass(frozen=True, slots=True)
class Time:
    """An expression of time: pairs of English and French words, and the tenses that allow it."""

    parts: tuple[tuple[str, str], ...]
    tenses: frozenset[str]
    may_open: bool = True

    @property
    def english(self) -> str:
        """Return the English words as one string."""
        return " ".join(english for english, _ in self.parts)


def _time(parts: str, tenses: str, may_open: bool = True) -> Time:
    pairs = (part.replace("_", " ").partition("=") for part in parts.split())
    return Time(tuple((p[0], p[2]) for p in pairs), frozenset(tenses.split()), may_open)


TIMES: dict[str, Time] = {
    time.english: time
    for time in (
        _time("yesterday=hier", "past"),
        _time("this=ce morning=matin", "past"),
        _time("last=dernière week=semaine", "past"),
        _time("today=aujourd'hui", "present progressive"),
        _time("now=maintenant", "progressive"),
        _time("every=tous_les day=jours", "present", may_open=False),
        _time("every=tous_les morning=matins", "present", may_open=False),
        _time("in_the=le morning=matin", "present"),
        _time("in_the=le evening=soir", "present"),
        _time("at=la night=nuit", "present"),
        _time("in=en summer=été", "present"),
        _time("in=en winter=hiver", "present"),
        _time("tomorrow=demain", "future"),
        _time("tonight=ce_soir", "future"),
        _time("next=prochaine week=semaine", "future"),
        *(_time(f"on_{day}={french}", "past future") for day, french in DAYS.items()),
    )
}
