"""Contraction and elision: what French does to neighbouring words."""

from __future__ import annotations

import pytest

from core.bilingual.grammar.surface import Word, contract, elide, opens_with_vowel


def words(line: str) -> list[Word]:
    return [Word(text, frozenset([place])) for place, text in enumerate(line.split())]


def text(found: list[Word]) -> str:
    return " ".join(word.text for word in found)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("à le jardin", "au jardin"),
        ("à les jardins", "aux jardins"),
        ("près de le mur", "près du mur"),
        ("près de les murs", "près des murs"),
        ("à la gare", "à la gare"),
        ("à le hôpital", "à l' hôpital"),
        ("de le ami", "de l' ami"),
        ("de le hibou", "du hibou"),
        ("de les amis", "des amis"),
        ("je ai", "j' ai"),
        ("je ne ai pas", "je n' ai pas"),
        ("il ne y a pas de animal", "il n' y a pas d' animal"),
        ("besoin de huit livres", "besoin de huit livres"),
        ("parce que elle", "parce qu' elle"),
        ("parce que huit", "parce que huit"),
        ("ce est", "c' est"),
        ("ce étaient", "c' étaient"),
        ("le oiseau", "l' oiseau"),
        ("la école", "l' école"),
        ("le hibou", "le hibou"),
        ("il se est assis", "il s' est assis"),
        ("tu me aimes", "tu m' aimes"),
        ("de œufs", "d' œufs"),
    ],
)
def test_neighbours(before: str, after: str) -> None:
    assert text(elide(contract(words(before)))) == after


def test_a_contracted_word_carries_the_ideas_of_both() -> None:
    (joined, _) = contract(words("à le jardin"))
    assert joined == Word("au", frozenset([0, 1]))


def test_nothing_is_given_to_change_and_nothing_is_changed() -> None:
    given = words("à le ami")
    contract(given)
    elide(given)
    assert text(given) == "à le ami"
    assert contract([]) == elide([]) == []


def test_a_last_article_stays() -> None:
    assert text(contract(words("à le"))) == "au"
    assert text(elide(words("le"))) == "le"


@pytest.mark.parametrize(
    ("word", "opens"),
    [
        ("homme", True),
        ("œuf", True),
        ("été", True),
        ("y", True),
        ("hibou", False),
        ("hiboux", False),
        ("huit", False),
        ("chat", False),
        ("", False),
    ],
)
def test_which_words_are_elided_before(word: str, opens: bool) -> None:
    assert opens_with_vowel(word) is opens
