"""Sentences written down by hand, with the English places that each French word translates."""

from __future__ import annotations

import pytest

from core.bilingual import SentencePair
from core.bilingual.grammar.because import say_because, say_feeling
from core.bilingual.grammar.clauses import est_ce_que, say_clause, say_question
from core.bilingual.grammar.plans import (
    Age,
    BecausePlan,
    BePlan,
    BothPlan,
    ClausePlan,
    Comparison,
    Feeling,
    Job,
    NamePlan,
    NounPlan,
    PhrasePlan,
    PlacePlan,
    PronounPlan,
    Quality,
    RelativePlan,
    VerbPlan,
    Whereabouts,
)
from core.bilingual.grammar.pointing import Pointed, say_identity, say_there, say_weather
from core.bilingual.grammar.spoken import Sheet
from core.bilingual.lexicon.nouns import NOUNS
from core.bilingual.lexicon.verbs import VERBS


def noun(words: str, determiner: str = "the", plural: bool = False) -> NounPlan:
    """Plan a noun behind its adjectives."""
    *adjectives, name = words.split()
    return NounPlan(NOUNS[name], determiner, plural, tuple(adjectives))


def deed(key: str, tense: str = "present", **more: object) -> VerbPlan:
    return VerbPlan(VERBS[key], tense, **more)  # type: ignore[arg-type]


def he(pronoun: str) -> PronounPlan:
    return PronounPlan(pronoun)


THE_CAT, SHE = noun("cat"), he("she")
STREET = noun("street")

STATEMENTS: list[tuple[PhrasePlan, VerbPlan | BePlan, str, str, str]] = [
    (THE_CAT, deed("sit", "past", places=(PlacePlan("on", noun("mat")),)),
     "the cat sat on the mat", "le chat s' est assis sur le tapis", "0 1 2 2 2 3 4 5"),
    (noun("black cat"), deed("sleep", places=(PlacePlan("in", noun("garden")),)),
     "the black cat sleeps in the garden", "le chat noir dort dans le jardin", "0 2 1 3 4 5 6"),
    (SHE, deed("need", object=noun("key", "a")),
     "she needs a key", "elle a besoin d' une clé", "0 1 1 1 2 3"),
    (he("i"), deed("love:person", pronoun="you"), "i love you", "je t' aime", "0 2 1"),
    (he("i"), deed("love", object=noun("cheese", "generic")),
     "i love cheese", "j' adore le fromage", "0 1 2 2"),
    (noun("girl"), deed("have", object=noun("red hat", "a")),
     "the girl has a red hat", "la fille a un chapeau rouge", "0 1 2 3 5 4"),
    (he("i"), deed("have", negation="not", object=noun("cat", "a")),
     "i do not have a cat", "je n' ai pas de chat", "0 2 1+3 2 4 5"),
    (he("i"), deed("drink", negation="never", object=noun("water", "bare")),
     "i never drink water", "je ne bois jamais d' eau", "0 1 2 1 3 3"),
    (he("we"), deed("see", "past", pronoun="her"), "we saw her", "nous l' avons vue", "0 2 1 1"),
    (he("we"), deed("talk_to", "past", pronoun="her"),
     "we talked to her", "nous lui avons parlé", "0 3 1+2 1+2"),
    (he("they"), deed("eat", object=noun("small cakes".replace("cakes", "cake"), "some", True)),
     "they eat some small cakes", "ils mangent de petits gâteaux", "0 1 2 3 4"),
    (he("you"), deed("eat", object=noun("soup", "some")),
     "you eat some soup", "tu manges de la soupe", "0 1 2 2 3"),
    (noun("boy"), deed("eat", object=noun("egg", "many", True)),
     "the boy eats many eggs", "le garçon mange beaucoup d' œufs", "0 1 2 3 3 4"),
    (noun("cat", "all", True), deed("sleep"), "all the cats sleep", "tous les chats dorment",
     "0 1 2 3"),
    (BothPlan(noun("cow"), noun("hen")), deed("arrive", "past"),
     "the cow and the hen arrived", "la vache et la poule sont arrivées", "0 1 2 3 4 5 5"),
    (BothPlan(noun("cow"), noun("dog")), BePlan(Quality(("happy",), "very")),
     "the cow and the dog are very happy", "la vache et le chien sont très heureux",
     "0 1 2 3 4 5 6 7"),
    (SHE, deed("wake_up", "want"), "she wants to wake up", "elle veut se réveiller",
     "0 1+2 2+3+4 2+3+4"),
    (SHE, deed("need", object=noun("book", "bare", True), negation="not"),
     "she does not need books", "elle n' a pas besoin de livres", "0 2 1+3 2 3 3+4 4"),
    (noun("old animal", "this"), deed("sleep", "progressive"),
     "this old animal is sleeping", "ce vieil animal dort", "0 1 2 3+4"),
    (NounPlan(NOUNS["dog"], "the", owner=noun("boy")), deed("sleep", "was doing"),
     "the boy 's dog was sleeping", "le chien du garçon dormait", "2 3 0+2 1 4+5"),
    (NamePlan("paul"), deed("go", "future", places=(PlacePlan("to", "japan"),)),
     "paul will go to japan", "paul va aller au japon", "0 1 2 3 4"),
    (noun("farmer"), deed("come", places=(PlacePlan("from", noun("hospital")),)),
     "the farmer comes from the hospital", "le fermier vient de l' hôpital", "0 1 2 3 4 5"),
    (noun("teacher"), deed("give", "past", object=noun("book", "a"), recipient=noun("boy"),
                           recipient_first=True),
     "the teacher gave the boy a book", "le professeur a donné un livre au garçon",
     "0 1 2 2 5 6 3+4 4"),
    (noun("baby"), BePlan(Feeling("afraid", of=noun("dog")), negated=True),
     "the baby is not afraid of the dog", "le bébé n' a pas peur du chien",
     "0 1 3 2 3 4 5+6 7"),
    (noun("house"), BePlan(Comparison("big", noun("car"))),
     "the house is bigger than the car", "la maison est plus grande que la voiture",
     "0 1 2 3 3 4 5 6"),
    (SHE, BePlan(Job(NOUNS["baker"]), "past"),
     "she was a baker", "elle était boulangère", "0 1 2+3"),
    (SHE, BePlan(Age("ten")), "she is ten years old", "elle a dix ans", "0 1 2 3+4"),
    (SHE, BePlan(Whereabouts(PlacePlan("on", noun("chair")), "sitting")),
     "she is sitting on the chair", "elle est assise sur la chaise", "0 1 2 3 4 5"),
]  # fmt: skip


def check(pair: SentencePair, english: str, french: str, alignment: str) -> None:
    """Compare a pair with what was written down; "1+3" are two English places."""
    assert " ".join(pair.english) == english
    assert " ".join(pair.french) == french
    assert " ".join("+".join(map(str, places)) for places in pair.alignment) == alignment


@pytest.mark.parametrize(
    ("subject", "does", "english", "french", "alignment"),
    STATEMENTS,
    ids=[s[2] for s in STATEMENTS],
)
def test_statements(
    subject: PhrasePlan, does: VerbPlan | BePlan, english: str, french: str, alignment: str
) -> None:
    sheet = Sheet()
    said = say_clause(sheet, ClausePlan(subject, does))
    check(sheet.finish(said.english, said.french, "", "statement"), english, french, alignment)


@pytest.mark.parametrize(
    ("of_doer", "reason", "french"),
    [
        (True, "tired", "l' animal n' a pas traversé la rue parce qu' il était trop fatigué ."),
        (False, "wide", "l' animal n' a pas traversé la rue parce qu' elle était trop large ."),
    ],
)
def test_the_pronoun_finds_its_noun(of_doer: bool, reason: str, french: str) -> None:
    clause = ClausePlan(noun("animal"), deed("cross", "past", negation="not", object=STREET))
    sheet = Sheet()
    words = say_because(sheet, BecausePlan(clause, of_doer, reason))
    english = f"the animal did not cross the street because it was too {reason} ."
    alignment = "0 1 3 2 3 4 5 6 7 7 8 9 10 11 12"
    check(sheet.finish(*words, ".", "because"), english, french, alignment)


def test_a_reason_of_that_kind_needs_an_object() -> None:
    with pytest.raises(ValueError, match="as its object"):
        say_because(Sheet(), BecausePlan(ClausePlan(THE_CAT, deed("sleep")), True, "tired"))


def test_a_feeling_as_the_reason() -> None:
    sheet, girls = Sheet(), noun("girl", plural=True)
    clause = say_clause(sheet, ClausePlan(girls, deed("eat", "past", object=noun("soup"))))
    why = say_feeling(sheet, girls, clause.subject, Feeling("hungry"), "past")
    pair = sheet.finish(clause.english + why[0], clause.french + why[1], "", "reason")
    check(
        pair,
        "the girls ate the soup because they were hungry",
        "les filles ont mangé la soupe parce qu' elles avaient faim",
        "0 1 2 2 3 4 5 5 6 7 8",
    )


def test_questions() -> None:
    sheet = Sheet()
    asking = sheet.idea()
    plan = ClausePlan(
        noun("child", plural=True), deed("eat", "past", object=noun("cake", "any", True))
    )
    asked = say_question(sheet, plan, asking)
    check(
        sheet.finish(asked.english, est_ce_que(asking) + asked.french, "?", "question"),
        "did the children eat any cakes ?",
        "est-ce que les enfants ont mangé des gâteaux ?",
        "0 0 1 2 0 3 4 5 6",
    )


def test_a_participle_agrees_across_that() -> None:
    sheet = Sheet()
    relative = RelativePlan(deed("write", "past"), SHE)
    plan = ClausePlan(noun("letter", plural=True), BePlan(Quality(("long",)), "past"), relative)
    said = say_clause(sheet, plan)
    check(
        sheet.finish(said.english, said.french, "", "being"),
        "the letters that she wrote were long",
        "les lettres qu' elle a écrites étaient longues",
        "0 1 2 3 4 4 5 6",
    )


def test_times() -> None:
    sheet = Sheet()
    said = say_clause(
        sheet, ClausePlan(THE_CAT, deed("eat", "past"), time="last week", time_first=True)
    )
    check(
        sheet.finish(said.english, said.french, "", "statement"),
        "last week the cat ate",
        "la semaine dernière le chat a mangé",
        "1 1 0 2 3 4 4",
    )


TABLE = PlacePlan("on", noun("table"))
POINTED = [
    (lambda sheet: say_there(sheet, noun("book", "no"), TABLE, past=True),
     "there was no book on the table", "il n' y avait pas de livre sur la table",
     "0 2 0 1 2 2 3 4 5 6"),
    (lambda sheet: say_there(sheet, noun("beautiful key", "bare", True), TABLE),
     "there are beautiful keys on the table", "il y a de belles clés sur la table",
     "0 0 1 3 2 3 4 5 6"),
    (lambda sheet: say_identity(sheet, "this", noun("bottle", "a"), negated=True),
     "this is not a bottle", "ce n' est pas une bouteille", "0 2 1 2 3 4"),
    (lambda sheet: say_identity(sheet, "those", noun("book", "my", True), past=True),
     "those were my books", "c' étaient mes livres", "0 1 2 3"),
    (lambda sheet: say_weather(sheet, "raining"), "it is raining", "il pleut", "0 1+2"),
    (lambda sheet: say_weather(sheet, "cold", past=True),
     "it was cold", "il faisait froid", "0 1 2"),
]  # fmt: skip


@pytest.mark.parametrize(("say", "english", "french", "alignment"), POINTED)
def test_pointing(say: object, english: str, french: str, alignment: str) -> None:
    sheet = Sheet()
    pointed: Pointed = say(sheet)  # type: ignore[operator]
    spoken, pointer = pointed
    words = [*pointer, *spoken.lead, *spoken.rest]
    check(sheet.finish(words, spoken.french, "", "there"), english, french, alignment)


def test_combinations_held_out_are_noted() -> None:
    sheet = Sheet()
    say_clause(sheet, ClausePlan(*STATEMENTS[0][:2]))
    assert {("cat", "sit"), ("sit", "mat"), ("cat", "mat")} <= set(sheet.held_out)
