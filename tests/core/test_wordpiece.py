"""The pieces are those of the `tokenizers` library, and every word knows its place in the text."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import tokenise
from core.wordpiece import is_control, is_punctuation, pieces_of_word, split_words, vocabulary

TOKENS = json.loads(
    (Path(__file__).parents[1] / "data" / "encoder_tokens.json").read_text(encoding="ascii")
)


@pytest.mark.parametrize(("text", "pieces"), TOKENS, ids=[ascii(text)[:40] for text, _ in TOKENS])
def test_the_pieces_of_tokenizers(text: str, pieces: list[str]) -> None:
    assert list(tokenise(text, max_pieces=1000).pieces) == pieces


def test_the_vocabulary_is_bert_s() -> None:
    numbers = vocabulary()
    assert len(numbers) == 30522
    assert list(numbers.values()) == list(range(30522))
    assert [numbers[piece] for piece in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")] == [
        0,
        100,
        101,
        102,
        103,
    ]


@pytest.mark.parametrize(
    ("spelling", "pieces"),
    [
        ("cat", ("cat",)),
        ("unaffable", ("una", "##ffa", "##ble")),
        ("\U0001f600", ("[UNK]",)),
        ("cat\U0001f600", ("[UNK]",)),
        ("a" * 101, ("[UNK]",)),
    ],
)
def test_pieces_of_a_word(spelling: str, pieces: tuple[str, ...]) -> None:
    assert pieces_of_word(spelling) == pieces


def test_spellings_and_places() -> None:
    text = " Caf\u00e9,\x00 e\u0301t\u00c9!"
    found = [(word.spelling, text[word.start : word.end]) for word in split_words(text)]
    assert found == [("cafe", "Caf\u00e9"), (",", ","), ("ete", "e\u0301t\u00c9"), ("!", "!")]


@pytest.mark.parametrize("text", ["cafe\u0301", "\u2764\ufe0f", "\U0001f468\u200d"])
def test_marks_at_the_end_belong_to_the_word(text: str) -> None:
    (word,) = split_words(f"{text} ")
    assert (word.start, word.end) == (0, len(text))


def test_a_character_unknown_to_unicode_is_not_lost() -> None:
    assert unicodedata.category("\u0378") == "Cn"
    assert [word.spelling for word in split_words("a \u0378")] == ["a", "\u0378"]


@pytest.mark.parametrize("character", ["\x00", "\x07", "\u200b", "\ufeff", "\ud800", "\ue000"])
def test_controls(character: str) -> None:
    assert is_control(character)
    assert split_words(character) == []


@pytest.mark.parametrize("character", ["$", "~", "[", "\u2014", "\u3002"])
def test_punctuation(character: str) -> None:
    assert is_punctuation(character)


@pytest.mark.parametrize("character", ["\u20ac", "a", "7", " ", "", "ab"])
def test_no_punctuation(character: str) -> None:
    assert not is_punctuation(character)


@given(st.text(st.characters(), max_size=60))
def test_words_lie_in_order_and_cover_all_that_is_not_passed_over(text: str) -> None:
    words = split_words(text)
    ends = [0, *(word.end for word in words)]
    assert all(ends[i] <= word.start < word.end for i, word in enumerate(words))
    covered = {at for word in words for at in range(word.start, word.end)}
    left = [letter for at, letter in enumerate(text) if at not in covered]
    for letter in left:
        marks = {unicodedata.category(part) for part in unicodedata.normalize("NFD", letter)}
        assert letter.isspace() or is_control(letter) or marks == {"Mn"}


@given(st.text(max_size=60))
def test_pieces_spell_the_word(text: str) -> None:
    for word in split_words(text):
        pieces = pieces_of_word(word.spelling)
        assert set(pieces) <= set(vocabulary())
        if pieces != ("[UNK]",):
            assert "".join(piece.removeprefix("##") for piece in pieces) == word.spelling
