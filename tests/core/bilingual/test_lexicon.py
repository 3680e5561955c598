"""The tables of words: forms made by rule, and tags that lead somewhere."""

from __future__ import annotations

import pytest

from core.bilingual.grammar.tenses import agree
from core.bilingual.lexicon.adjectives import ADJECTIVES, adjective, adjectives_for
from core.bilingual.lexicon.fitting import attributes, opposed
from core.bilingual.lexicon.function_words import TIMES
from core.bilingual.lexicon.held_out import is_held_out
from core.bilingual.lexicon.nouns import NOUNS, nouns_with
from core.bilingual.lexicon.reasons import FAMILIES, REASONS
from core.bilingual.lexicon.rows import rows
from core.bilingual.lexicon.verbs import VERBS, verbs_with


@pytest.mark.parametrize(
    ("english", "forms"),
    [
        ("cat", "cats chat chats"),
        ("baby", "babies bébé bébés"),
        ("toy", "toys jouet jouets"),
        ("box", "boxes boîte boîtes"),
        ("mouse", "mice souris souris"),
        ("sheep", "sheep mouton moutons"),
        ("horse", "horses cheval chevaux"),
        ("bird", "birds oiseau oiseaux"),
        ("owl", "owls hibou hiboux"),
        ("stone", "stones caillou cailloux"),
        ("grandmother", "grandmothers grand-mère grands-mères"),
        ("church", "churches église églises"),
    ],
)
def test_plurals(english: str, forms: str) -> None:
    noun = NOUNS[english]
    assert f"{noun.english_plural} {noun.french} {noun.french_plural}" == forms


@pytest.mark.parametrize(
    ("english", "noun", "forms"),
    [
        ("black", "cat", "noir noire noirs noires"),
        ("white", "cat", "blanc blanche blancs blanches"),
        ("blue", "car", "bleu bleue bleus bleues"),
        ("brown", "shoe", "marron marron marron marron"),
        ("brown", "dog", "brun brune bruns brunes"),
        ("happy", "girl", "heureux heureuse heureux heureuses"),
        ("sad", "girl", "triste triste tristes tristes"),
        ("old", "man", "vieux vieille vieux vieilles"),
        ("big", "cat", "gros grosse gros grosses"),
        ("big", "house", "grand grande grands grandes"),
        ("fresh", "bread", "frais fraîche frais fraîches"),
        ("beautiful", "tree", "beau belle beaux belles"),
    ],
)
def test_adjectives_agree(english: str, noun: str, forms: str) -> None:
    found = adjective(english, NOUNS[noun])
    made = [found.agree(feminine, plural) for plural in (False, True) for feminine in (False, True)]
    assert " ".join(made) == forms


def test_an_adjective_that_does_not_fit_is_refused() -> None:
    with pytest.raises(KeyError, match="does not go with"):
        adjective("delicious", NOUNS["cat"])


@pytest.mark.parametrize(
    ("key", "english", "present"),
    [
        ("eat", "eats ate eating", "mange manges mange mangeons mangent"),
        ("throw", "throws threw throwing", "lance lances lance lançons lancent"),
        ("carry", "carries carried carrying", "porte portes porte portons portent"),
        ("go", "goes went going", "vais vas va allons vont"),
        ("have", "has had having", "ai as a avons ont"),
        ("wash", "washes washed washing", "lave laves lave lavons lavent"),
        ("dance", "dances danced dancing", "danse danses danse dansons dansent"),
        ("stop", "stops stopped stopping", "arrête arrêtes arrête arrêtons arrêtent"),
        ("enter", "enters entered entering", "entre entres entre entrons entrent"),
    ],
)
def test_conjugation(key: str, english: str, present: str) -> None:
    verb = VERBS[key]
    assert f"{verb.third} {verb.past} {verb.ing}" == english
    assert " ".join(verb.present) == present


@pytest.mark.parametrize(
    ("key", "person", "form"),
    [
        ("sleep", 0, "dormais"),
        ("swim", 3, "nagions"),
        ("swim", 2, "nageait"),
        ("throw", 3, "lancions"),
        ("throw", 4, "lançaient"),
        ("laugh", 3, "riions"),
        ("have", 1, "avais"),
        ("know", 4, "connaissaient"),
    ],
)
def test_imperfect(key: str, person: int, form: str) -> None:
    assert VERBS[key].imperfect(person) == form


@pytest.mark.parametrize(
    ("key", "form"),
    [("eat", "mange"), ("go", "va"), ("take", "prends"), ("open", "ouvre"), ("come", "viens")],
)
def test_imperative(key: str, form: str) -> None:
    assert VERBS[key].imperative() == form


def test_participles_agree() -> None:
    forms = [
        agree("vu", feminine, plural) for feminine in (False, True) for plural in (False, True)
    ]
    assert forms == ["vu", "vus", "vue", "vues"]
    assert [agree("assis", feminine, True) for feminine in (False, True)] == ["assis", "assises"]


def test_every_tag_that_a_verb_or_an_adjective_names_leads_to_a_noun() -> None:
    known = set(NOUNS).union(*(noun.tags for noun in NOUNS.values()))
    for verb in VERBS.values():
        assert verb.subjects | verb.objects <= known, verb.key
        assert len(verb.present) == 5, verb.key
        assert not verb.objects or nouns_with(" ".join(sorted(verb.objects))), verb.key
    for each in ADJECTIVES:
        assert nouns_with(" ".join(sorted(each.tags))), each.english


def test_adjectives_stand_only_where_they_say_something() -> None:
    words = {each.english for each in attributes(NOUNS["cat"], "a")}
    assert "black" in words
    assert not words & {"first", "other", "delicious", "wide"}
    assert "other" in {each.english for each in attributes(NOUNS["cat"], "my")}
    assert "quiet" not in {each.english for each in attributes(NOUNS["desert"], "the")}
    assert opposed("big", "small")
    assert not opposed("big", "black")


def test_the_adjective_alone_tells_whose_reason_it_is() -> None:
    for family in FAMILIES:
        if family.doers != "animal":
            continue  # a person is "he" or "she", never "it"
        same_verb = [other for other in FAMILIES if other.verb == family.verb]
        doers = {word for other in same_verb for word in other.of_doer}
        things = {word for other in same_verb for word in other.of_thing}
        assert not doers & things
    assert set(REASONS) <= set(VERBS)
    assert {family.verb for family in FAMILIES} <= set(VERBS)


def test_what_is_held_out() -> None:
    always = [("black", "cat"), ("cat", "sit"), ("sit", "mat"), ("cat", "mat")]
    assert all(is_held_out(*words) for words in always)
    combinations = [(a.english, n.english) for n in NOUNS.values() for a in adjectives_for(n)]
    share = sum(is_held_out(*pair) for pair in combinations) / len(combinations)
    assert share == pytest.approx(1 / 12, abs=0.02)


def test_rows_go_on() -> None:
    assert rows("\n    a | b\n        | c\n    d\n") == ["a | b | c", "d"]


def test_times_and_verbs_can_be_looked_up() -> None:
    assert TIMES["last week"].parts == (("last", "dernière"), ("week", "semaine"))
    assert VERBS["stop"] in verbs_with("self")
    assert VERBS["look_for"].name == "look for"
    assert VERBS["love:person"].name == "love"
