"""BERT's tokeniser, uncased: a text is cleaned, cut into words, and each word into pieces.

Devlin et al. (2019, arXiv:1810.04805): control characters go, accents go, letters become small,
and the text is cut at white space, around punctuation and around Chinese characters. Then WordPiece
(Wu et al. 2016, arXiv:1609.08144): from the left, the longest piece that the vocabulary has.

The same pieces as the `tokenizers` library, special tokens taken as text, but for some 500 rare
characters that its Unicode tables are too old for.

`core.text` joins the steps and keeps the reader's words.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

VOCABULARY_PATH = Path(__file__).parents[1] / "assets" / "text_encoder" / "vocabulary.txt"

UNKNOWN = "[UNK]"
# What a piece that continues a word starts with.
CONTINUES = "##"
# A longer word is unknown as a whole.
MAX_WORD_LENGTH = 100

CONTROLS = ("Cc", "Cf", "Co", "Cs")
# Control characters, but they join letters and emoji into what the reader sees.
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
# First and last code points of the Chinese characters that are words of their own. The gap before
# 0x2B920 is a slip in the tokeniser that the model's authors used, so it stays.
CHINESE_BLOCKS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordSpan(NamedTuple):
    """A word as the vocabulary spells it, and its place, ``text[start:end]``."""

    spelling: str
    start: int
    end: int


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, int]:
    """Return the number of every piece. Read once, shared by all: not to be changed."""
    # Not splitlines: it would cut at characters that are pieces themselves.
    pieces = VOCABULARY_PATH.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return {piece: number for number, piece in enumerate(pieces)}


def split_words(text: str) -> list[WordSpan]:
    """Cut a text into words and punctuation marks, in their order.

    Accents and control characters within a word belong to its place, not to its spelling.
    """
    words: list[WordSpan] = []
    letters: list[str] = []  # of the word that is being read
    start = end = 0

    def close() -> None:
        if letters:
            words.append(WordSpan("".join(letters), start, end))
            letters.clear()

    for at, character in enumerate(text):
        cleaned = _clean(character)
        if cleaned == " ":
            close()
        elif is_punctuation(cleaned) or _is_chinese(character):
            close()
            words.append(WordSpan(cleaned, at, at + 1))
        elif cleaned:
            start = start if letters else at
            letters.append(cleaned)
            end = at + 1
        elif end == at:  # an accent by itself, a selector of an emoji: part of the word so far
            end = at + 1
    close()
    return words


def pieces_of_word(spelling: str) -> tuple[str, ...]:
    """Cut a cleaned word into pieces of the vocabulary; ``("[UNK]",)`` if that cannot be done."""
    if len(spelling) > MAX_WORD_LENGTH:
        return (UNKNOWN,)
    known = vocabulary()
    pieces: list[str] = []
    start = 0
    while start < len(spelling):
        prefix = CONTINUES if start else ""
        for end in range(len(spelling), start, -1):
            if (piece := prefix + spelling[start:end]) in known:
                break
        else:
            return (UNKNOWN,)
        pieces.append(piece)
        start = end
    return tuple(pieces)


def is_control(character: str) -> bool:
    """Whether a character is passed over: control, format and private ones, lone surrogates.

    One that Unicode has not assigned, or only after Python learnt it, is kept: an unknown word.
    """
    if character in "\t\n\r":
        return False
    return character == "\N{REPLACEMENT CHARACTER}" or unicodedata.category(character) in CONTROLS


def is_punctuation(character: str) -> bool:
    """Whether a character is punctuation: Unicode's, and every symbol of ASCII ("$", "+" ...)."""
    if len(character) != 1:
        return False
    is_ascii_symbol = "!" <= character <= "~" and not character.isalnum()
    return is_ascii_symbol or unicodedata.category(character)[0] == "P"


def as_shown(written: str) -> str:
    """Return a word as the reader sees it: without control characters, but with joiners."""
    return "".join(letter for letter in written if letter in JOINERS or not is_control(letter))


@lru_cache(maxsize=4096)
def _clean(character: str) -> str:
    """Return a character in small letters without accents, " " for white space, "" for none."""
    if is_control(character):
        return ""
    if character.isspace():
        return " "
    letters = unicodedata.normalize("NFD", character)
    return "".join(letter.lower() for letter in letters if unicodedata.category(letter) != "Mn")


def _is_chinese(character: str) -> bool:
    code = ord(character)
    return any(first <= code <= last for first, last in CHINESE_BLOCKS)
