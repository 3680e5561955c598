"""Words as the reader wrote them, cuts, masks, and attention between words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import (
    MAX_PIECES,
    Tokens,
    by_word,
    mask_words,
    tokenise,
    typed_specials,
    without_word,
)

HOSTILE = [
    "",
    " \n\t ",
    "\x00",
    "\ud800",
    "a\ud83d b\udc00",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u202eevil\u202c \u05e9\u05dc\u05d5\u05dd",
    "[MASK] [CLS] [SEP]",
    "<img src=x onerror=alert(1)>",
    "\u0301\u0301",
    "a" * 10_000,
    "word, " * 5_000,
    "\u4e00" * 10_000,
    "Z" + "\u0351" * 3_000,
]


def weights_of(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def random_weights(tokens: Tokens, seed: int = 0) -> np.ndarray:
    drawn = np.random.default_rng(seed).random((2, 3, len(tokens), len(tokens)), dtype=np.float32)
    return drawn / drawn.sum(axis=-1, keepdims=True)


class TestTokenise:
    def test_a_sentence(self) -> None:
        tokens = tokenise("The unaffable Caf\u00e9!")
        assert tokens.pieces == (*("[CLS]", "the", "una", "##ffa", "##ble", "cafe", "!", "[SEP]"),)
        assert tokens.word_of_piece == (-1, 0, 1, 1, 1, 2, 3, -1)
        assert [word.text for word in tokens.words] == ["The", "unaffable", "Caf\u00e9", "!"]
        places = [(word.start, word.end) for word in tokens.words]
        assert places == [(0, 3), (4, 13), (14, 18), (18, 19)]
        assert tokens.ids[:2] == (101, 1996)
        assert tokens.pieces_of(1) == (2, 3, 4)
        assert tokens.n_cut == 0
        assert [word.is_punctuation for word in tokens.words] == [False, False, False, True]

    def test_labels(self) -> None:
        tokens = tokenise("Hi there")
        assert tokens.labels() == ("[CLS]", "Hi", "there", "[SEP]")
        assert tokens.labels(hide_special=True) == ("Hi", "there")

    def test_unknown_words_are_named(self) -> None:
        assert tokenise("a \U0001f600 b \U0001f47b").unknown_words == (1, 3)
        assert tokenise("all well").unknown_words == ()

    def test_control_characters_are_not_shown_but_joiners_are(self) -> None:
        (word,) = tokenise("ca\x00\u202et").words
        assert (word.text, word.start, word.end) == ("cat", 0, 5)
        family = "\U0001f468\u200d\U0001f469"
        assert tokenise(family).words[0].text == family

    def test_a_typed_mask_is_text(self) -> None:
        tokens = tokenise("The [MASK] sat")
        assert [word.text for word in tokens.words] == ["The", "[", "MASK", "]", "sat"]
        assert 103 not in tokens.ids
        assert typed_specials("The [MASK] sat [SEP]") == ("[SEP]", "[MASK]")
        assert typed_specials("The mask sat") == ()

    def test_a_long_text_is_cut_before_a_word_that_does_not_fit(self) -> None:
        whole = tokenise("the una unaffable cat")  # 1 + 1 + 3 + 1 pieces and 2
        assert len(whole) == 8
        cut = tokenise("the una unaffable cat", max_pieces=6)
        assert cut.pieces == ("[CLS]", "the", "una", "[SEP]")
        assert cut.n_cut == 2
        assert cut.text == whole.text

    def test_the_limit_may_be_filled(self) -> None:
        tokens = tokenise("cat " * 300)
        assert len(tokens) == MAX_PIECES == 256
        assert (len(tokens.words), tokens.n_cut) == (254, 46)

    def test_no_room_is_refused(self) -> None:
        assert tokenise("a b", max_pieces=2).pieces == ("[CLS]", "[SEP]")
        with pytest.raises(ValueError, match="need room for 2 pieces"):
            tokenise("a b", max_pieces=1)

    @pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
    def test_hostile_texts(self, text: str) -> None:
        tokens = tokenise(text)
        assert tokens.text == text
        assert 2 <= len(tokens) <= MAX_PIECES
        for word in tokens.words:
            assert word.text.encode("utf-8")
            assert "\x00" not in word.text
        assert by_word(random_weights(tokens), tokens).shape[-1] == len(tokens.words) + 2

    @given(st.text(st.characters(), max_size=80), st.integers(2, 30))
    def test_every_text_keeps_its_shape(self, text: str, max_pieces: int) -> None:
        tokens = tokenise(text, max_pieces=max_pieces)
        assert len(tokens.pieces) == len(tokens.ids) == len(tokens.word_of_piece) <= max_pieces
        assert tokens.word_of_piece[0] == tokens.word_of_piece[-1] == -1
        inner = tokens.word_of_piece[1:-1]
        assert list(inner) == sorted(inner)
        assert set(inner) == set(range(len(tokens.words)))
        whole = tokenise(text, max_pieces=10_000)
        assert tokens.n_cut == len(whole.words) - len(tokens.words)
        assert tokens.words == whole.words[: len(tokens.words)]


class TestMasking:
    def test_every_piece_of_a_word_is_masked(self) -> None:
        tokens = tokenise("the unaffable cat")
        masked = mask_words(tokens, {1})
        assert masked.pieces == ("[CLS]", "the", "[MASK]", "[MASK]", "[MASK]", "cat", "[SEP]")
        assert masked.ids[2:5] == (103, 103, 103)
        assert masked.words == tokens.words
        assert tokens.pieces[2] == "una"

    def test_without_a_word(self) -> None:
        tokens = tokenise("the unaffable cat")
        shorter = without_word(tokens, 1)
        assert shorter.pieces == ("[CLS]", "the", "cat", "[SEP]")
        assert shorter.word_of_piece == (-1, 0, 1, -1)
        assert [word.text for word in shorter.words] == ["the", "cat"]
        assert shorter.words[1].start == 14
        assert without_word(tokenise("hi"), 0).pieces == ("[CLS]", "[SEP]")

    @pytest.mark.parametrize("word", [-1, 3])
    def test_a_word_that_is_not_there(self, word: int) -> None:
        tokens = tokenise("the unaffable cat")
        with pytest.raises(ValueError, match=f"no word {word}: this text has 3 words"):
            mask_words(tokens, {word})
        with pytest.raises(ValueError, match=f"no word {word}"):
            without_word(tokens, word)


class TestByWord:
    """Keys are added up, queries averaged (worked out by hand)."""

    tokens = Tokens(
        text="ab c",
        words=tokenise("ab c").words,
        pieces=("[CLS]", "a", "##b", "c", "[SEP]"),
        ids=(101, 1, 2, 3, 102),
        word_of_piece=(-1, 0, 0, 1, -1),
    )
    weights = weights_of(
        [0.1, 0.2, 0.3, 0.4, 0.0],
        [0.5, 0.1, 0.1, 0.1, 0.2],
        [0.1, 0.3, 0.1, 0.3, 0.2],
        [0.0, 0.0, 1.0, 0.0, 0.0],
        [1.0, 0.0, 0.0, 0.0, 0.0],
    )

    def test_with_special_tokens(self) -> None:
        expected = weights_of(
            [0.1, 0.5, 0.4, 0.0],
            [0.3, 0.3, 0.2, 0.2],
            [0.0, 1.0, 0.0, 0.0],
            [1.0, 0.0, 0.0, 0.0],
        )
        np.testing.assert_allclose(by_word(self.weights, self.tokens), expected, atol=1e-7)

    def test_hidden_and_rescaled(self) -> None:
        hidden = by_word(self.weights, self.tokens, hide_special=True)
        np.testing.assert_allclose(hidden, weights_of([0.6, 0.4], [1.0, 0.0]), atol=1e-7)

    def test_a_row_that_gave_everything_to_special_tokens_is_zero(self) -> None:
        weights = self.weights.copy()
        weights[3] = [0.4, 0.0, 0.0, 0.0, 0.6]
        hidden = by_word(weights, self.tokens, hide_special=True)
        np.testing.assert_array_equal(hidden[1], [0.0, 0.0])

    def test_no_words(self) -> None:
        tokens = tokenise("")
        weights = np.full((6, 12, 2, 2), 0.5, dtype=np.float32)
        np.testing.assert_array_equal(by_word(weights, tokens), weights)
        assert by_word(weights, tokens, hide_special=True).shape == (6, 12, 0, 0)

    def test_weights_of_another_text_are_refused(self) -> None:
        with pytest.raises(ValueError, match="the text's 5 pieces"):
            by_word(np.ones((2, 4, 4), dtype=np.float32), self.tokens)

    @given(st.text(max_size=40))
    def test_rows_sum_to_one_and_nothing_is_written_to(self, text: str) -> None:
        tokens = tokenise(text)
        weights = random_weights(tokens)
        weights.flags.writeable = False
        np.testing.assert_allclose(by_word(weights, tokens).sum(axis=-1), 1.0, atol=1e-5)
        hidden = by_word(weights, tokens, hide_special=True)
        np.testing.assert_allclose(hidden.sum(axis=-1), 1.0, atol=1e-5)

    @given(st.text(st.sampled_from("ab,\u00e9 xz"), max_size=30))
    def test_against_plain_loops(self, text: str) -> None:
        tokens = tokenise(text)
        weights = random_weights(tokens)[0, 0]
        units = [(0,), *map(tokens.pieces_of, range(len(tokens.words))), (len(tokens) - 1,)]
        expected = [
            [np.mean([sum(weights[q, k] for k in keys) for q in queries]) for keys in units]
            for queries in units
        ]
        np.testing.assert_allclose(by_word(weights, tokens), expected, atol=1e-6)
