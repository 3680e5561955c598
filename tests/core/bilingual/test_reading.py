"""A reader's line of text, cut into words and written out again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bilingual import join_english, join_french, tokenise_english


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The cat sat on the mat.", "the cat sat on the mat ."),
        ("She doesn't sleep", "she does not sleep"),
        ("I can't, I cannot, I won't", "i can not , i can not , i will not"),
        ("It\N{RIGHT SINGLE QUOTATION MARK}s raining!", "it is raining !"),
        ("the boy's dog", "the boy 's dog"),
        ("I'm sad, you're happy, we'll sleep", "i am sad , you are happy , we will sleep"),
        ("Hello,Mary!", "hello , mary !"),
        ("Let's go", "let us go"),
        ("Where's the cat?", "where is the cat ?"),
        ("", ""),
        (" \t\n ", ""),
        ("<b>zebra</b>", "< b > zebra < / b >"),
        (
            "Café 42 \N{GRINNING FACE}",
            "café 42 \N{GRINNING FACE}",
        ),
        ("[MASK]", "[ mask ]"),
        ("a\x00b", "a \x00 b"),
        ("'", "'"),
    ],
)
def test_tokenise(text: str, words: str) -> None:
    assert " ".join(tokenise_english(text)) == words


@given(st.text())
def test_nothing_but_white_space_is_lost(text: str) -> None:
    plain = text.lower().replace("cannot", "")
    for mark in "'`\N{RIGHT SINGLE QUOTATION MARK}":  # contractions are written out
        plain = plain.replace(mark, "")
    assert "".join(tokenise_english(plain)) == "".join(plain.split())


@given(st.text(alphabet="i'tsdonmlve ", max_size=30))
def test_contractions_never_fail_and_leave_no_space_in_a_word(text: str) -> None:
    assert all(word and not any(c.isspace() for c in word) for word in tokenise_english(text))


def test_a_lone_surrogate_is_a_word_of_its_own() -> None:
    assert tokenise_english("a\ud800b") == ("a", "\ud800", "b")


def test_ten_thousand_characters_are_quick() -> None:
    assert len(tokenise_english("cat " * 2500)) == 2500


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("le chat s' est assis .", "Le chat s'est assis."),
        ("l' homme aujourd'hui", "L'homme aujourd'hui"),
        ("est-ce que marie vit en italie ?", "Est-ce que Marie vit en Italie\u202f?"),
        ("bonjour , pierre !", "Bonjour, Pierre\u202f!"),
        ("qu' est-ce que c' est ?", "Qu'est-ce que c'est\u202f?"),
        ("", ""),
    ],
)
def test_join_french(words: str, line: str) -> None:
    assert join_french(words.split()) == line


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("the boy 's dog sleeps .", "The boy's dog sleeps."),
        ("yes , i know mary , paul !", "Yes, I know Mary, Paul!"),
        ("on monday i go to japan", "On Monday I go to Japan"),
    ],
)
def test_join_english(words: str, line: str) -> None:
    assert join_english(words.split()) == line
    assert tokenise_english(line) == tuple(words.split())
