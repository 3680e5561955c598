"""Words and their numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.bilingual import english_vocabulary, french_vocabulary
from core.vocabulary import END_ID, N_SPECIAL, UNKNOWN_ID, Vocabulary, read_vocabularies


def test_numbers_and_back() -> None:
    vocabulary = Vocabulary(("cat", "dog"))
    assert vocabulary.encode(("dog", "zebra", "cat")) == [4, UNKNOWN_ID, 3, END_ID]
    assert [vocabulary.words[number - N_SPECIAL] for number in (3, 4)] == ["cat", "dog"]
    assert vocabulary.missing(("dog", "zebra", "Cat")) == (1, 2)
    assert "cat" in vocabulary
    assert len(vocabulary) == 5


def test_a_word_stands_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        Vocabulary(("cat", "cat"))


def test_the_translators_know_every_word_of_the_grammar() -> None:
    english, french = read_vocabularies()
    assert english.words == english_vocabulary()
    assert french.words == french_vocabulary()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"english": []}', json.dumps({"english": ["a", "a"], "french": []})]
)
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "vocabulary.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"vocabulary at .*vocabulary\.json cannot be read"):
        read_vocabularies(path)
    with pytest.raises(ValueError, match="cannot be read"):
        read_vocabularies(tmp_path / "gone.json")
