"""The adjectives: which French word stands for one depends on the noun."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from core.bilingual.lexicon.nouns import Noun
from core.bilingual.lexicon.rows import rows


@dataclass(frozen=True, slots=True)
class Adjective:
    """An adjective in both languages, for some kinds of noun.

    Attributes
    ----------
    english : str
        The one English form.
    more : str
        The comparative, or "" where the grammar makes none.
    forms : tuple of str
        French: masculine, feminine, masculine plural, feminine plural.
    before_vowel : str
        The masculine before a vowel ("vieil"), mostly the same as the plain one.
    before : bool
        Whether it stands before the noun.
    predicate, attribute : bool
        Whether it may follow "is", and whether it may stand with the noun.
    tags : frozenset of str
        The kinds of noun that it goes with.
    """

    english: str
    more: str
    forms: tuple[str, str, str, str]
    before_vowel: str
    before: bool
    predicate: bool
    attribute: bool
    tags: frozenset[str]

    def agree(self, feminine: bool, plural: bool) -> str:
        """Return the form for a gender and a number."""
        return self.forms[2 * plural + feminine]


# english[/comparative] french[/feminine[/masculine plural[/before a vowel]]] | tags of nouns
# A leading < puts the adjective before the noun; = allows it after "is" only, * never there.
_TABLE = """
    <big/bigger grand | place vehicle furniture structure opening tree clothes knife photo
        | picture phone clock lamp doll
    <big/bigger grand | umbrella glass map bottle plate fork spoon computer mirror candle basket
    <big/bigger grand | blanket guitar cup flower
    <big/bigger gros/grosse | animal count ball stone book bag box gift toy suitcase
    =tall/taller grand | person tree
    <small/smaller petit | person animal count thing furniture opening place vehicle tree
    <old/older vieux/vieille/vieux/vieil | person animal thing furniture structure place vehicle
        | tree
    <young/younger jeune | person animal
    <beautiful beau/belle/beaux/bel | animal thing place vehicle tree furniture adult
    <pretty joli | thing furniture house garden
    <*new nouveau/nouvelle/nouveaux/nouvel | thing furniture place vehicle
    <good bon/bonne | food drink text
    <bad mauvais/mauvaise | food drink text
    <*other autre | person animal thing furniture place vehicle
    <*first premier/première | text vehicle student child
    <*last dernier/dernière | text vehicle student child
    black noir | animal colour furniture
    white blanc/blanche | animal colour furniture structure opening
    red rouge | colour furniture opening
    blue bleu//bleus | colour furniture opening
    green vert | colour furniture opening
    yellow jaune | colour furniture opening
    grey gris | animal colour furniture structure
    brown brun | animal
    brown marron/marron/marron | clothes furniture structure
    happy heureux/heureuse | person animal
    sad triste | person animal
    tired fatigué | person animal
    strong/stronger fort | person animal
    intelligent intelligent | person animal
    famous célèbre | person museum castle
    sick malade | person animal
    <kind gentil/gentille | person
    calm calme | person animal
    slow/slower lent | animal vehicle
    fast/faster rapide | animal vehicle
    rich/richer riche | adult
    poor/poorer pauvre | adult
    wide/wider large | wide
    dangerous dangereux/dangereuse | cross place
    empty vide | place box bag bottle glass cup plate
    dark/darker sombre | enter
    quiet tranquille | place
    hot chaud | hot
    cold froid | hot drink
    fresh frais/fraîche/frais | food
    delicious délicieux/délicieuse | food
    heavy/heavier lourd | thing furniture
    light/lighter léger/légère | thing
    expensive cher/chère | thing furniture vehicle buy
    dirty sale | thing furniture structure opening vehicle
    clean propre | thing furniture structure opening vehicle
    useful utile | thing vehicle
    long/longer long/longue | text cross clothes
    angry fâché | person
    =busy occupé | person
"""


def _adjective(line: str) -> Adjective:
    words, _, tags = line.partition("|")
    english, french = words.split()
    marks = english[: len(english) - len(english.lstrip("<=*"))]
    english, _, more = english.lstrip("<=*").partition("/")
    masculine, feminine, plural, vowel = (*french.split("/"), "", "", "")[:4]
    feminine = feminine or (masculine if masculine.endswith("e") else masculine + "e")
    plural = plural or (masculine if masculine[-1] in "sx" else masculine + "s")
    both = feminine if feminine == plural == masculine else feminine + "s"
    return Adjective(
        english,
        more,
        (masculine, feminine, plural, both),
        vowel or masculine,
        "<" in marks,
        "*" not in marks,
        "=" not in marks,
        frozenset(tags.replace("|", " ").split()),
    )


ADJECTIVES: tuple[Adjective, ...] = tuple(_adjective(line) for line in rows(_TABLE))


@cache
def adjectives_for(noun: Noun) -> tuple[Adjective, ...]:
    """Return the adjectives that go with a noun."""
    kinds = noun.tags | {noun.english}
    return tuple(adjective for adjective in ADJECTIVES if adjective.tags & kinds)


@cache
def adjective(english: str, noun: Noun) -> Adjective:
    """Return the adjective that an English word is with a noun.

    Raises
    ------
    KeyError
        If the word does not go with the noun.
    """
    for found in adjectives_for(noun):
        if found.english == english:
            return found
    raise KeyError(f"{english!r} does not go with {noun.english!r}; see adjectives_for")
