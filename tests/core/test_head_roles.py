"""Roles and rankings: masses worked out by hand, and the heads of the trained encoder."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.encoder import TextEncoder, forward, load_encoder
from core.head_roles import ROLES, measure_roles, rank_by_pattern, role_cells
from core.text import Tokens, tokenise

PREVIOUS, NEXT, SAME, ITSELF, SINK, PUNCTUATION = range(6)
SENTENCES = [
    "The black cat sat on the mat.",
    "The animal did not cross the street because it was too tired.",
    "When the rain stopped, the children ran into the garden and played until dinner.",
    "The doctor told the nurse that she would examine the patient again tomorrow.",
    "Our team won the final after extra time, and the fans sang all night.",
    "He gave his sister the book that he had read on the plane.",
]


def one_head(rows: list[list[float]]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)[None, None]


def uniform(tokens: Tokens) -> np.ndarray:
    n = len(tokens.words) + 2
    return np.full((2, 3, n, n), 1 / n, dtype=np.float32)


@pytest.fixture(scope="module")
def model() -> TextEncoder:
    torch.set_num_threads(1)
    return load_encoder()


@pytest.fixture(scope="module")
def mean_mass(model: TextEncoder) -> np.ndarray:
    """Return the masses of all roles and heads, the mean over the sentences."""
    masses = []
    for sentence in SENTENCES:
        tokens = tokenise(sentence)
        masses.append(measure_roles(forward(model, tokens).word_weights(), tokens).mass)
    return np.mean(masses, axis=0)


class TestByHand:
    tokens = tokenise("a cat, A")  # [CLS] a cat , A [SEP]
    head = one_head(
        [
            [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.1, 0.2, 0.3, 0.1, 0.3, 0.0],  # a
            [0.0, 0.8, 0.0, 0.2, 0.0, 0.0],  # cat
            [0.2, 0.0, 0.5, 0.0, 0.0, 0.3],  # ,
            [0.0, 0.6, 0.0, 0.4, 0.0, 0.0],  # A
            [0.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        ]
    )

    def test_masses(self) -> None:
        roles = measure_roles(self.head, self.tokens)
        expected = [
            (0.8 + 0.5 + 0.4) / 3,  # the word before: cat, "," and A have one
            (0.3 + 0.2 + 0.0) / 3,
            (0.3 + 0.6) / 2,  # a and A
            0.2 / 4,
            (0.1 + 0.5) / 4,  # [CLS] and [SEP]
            (0.1 + 0.2 + 0.4) / 3,  # not the comma itself
        ]
        np.testing.assert_allclose(roles.mass[:, 0, 0], expected, atol=1e-6)
        assert roles.n_words.tolist() == [3, 3, 2, 4, 4, 3]

    def test_chance(self) -> None:
        roles = measure_roles(self.head, self.tokens)
        np.testing.assert_allclose(roles.chance, np.array([1, 1, 1, 1, 2, 1]) / 6, rtol=1e-6)

    def test_clear_roles_have_mass_and_beat_chance(self) -> None:
        roles = measure_roles(self.head, self.tokens)
        # .57 for the word before is three times 1/6; .45 for the same word is not.
        assert roles.roles_of(0, 0) == ("previous word",)

    def test_roles_are_named_the_clearest_first(self) -> None:
        tokens = tokenise("one two three four five six seven eight nine ten")
        n = len(tokens.words) + 2
        head = 0.4 * np.eye(n, k=1) + 0.6 * np.eye(n, k=-1)
        roles = measure_roles(head[None, None].astype(np.float32), tokens)
        assert roles.roles_of(0, 0) == ("previous word", "next word")

    def test_a_sink_needs_more(self) -> None:
        tokens = tokenise("one two three four five six seven eight nine ten")
        n = len(tokens.words) + 2
        weights = np.zeros((1, 2, n, n), dtype=np.float32)
        weights[0, :, :, 0] = [[0.69], [0.71]]
        roles = measure_roles(weights, tokens)
        assert roles.clear()[SINK].tolist() == [[False, True]]

    def test_results_are_read_only(self) -> None:
        roles = measure_roles(self.head, self.tokens)
        with pytest.raises(ValueError, match="read-only"):
            roles.mass[0] = 1.0

    def test_weights_of_other_words_are_refused(self) -> None:
        with pytest.raises(ValueError, match=r"\(layer, head, 6, 6\).*got \(1, 1, 4, 4\)"):
            measure_roles(self.head[..., 1:-1, 1:-1], self.tokens)


class TestLittleText:
    def test_no_words(self) -> None:
        tokens = tokenise("")
        roles = measure_roles(uniform(tokens), tokens)
        assert not roles.mass.any()
        assert not roles.n_words.any()
        assert not roles.clear().any()

    def test_one_word_has_no_neighbours(self) -> None:
        tokens = tokenise("hi")
        roles = measure_roles(uniform(tokens), tokens)
        assert roles.n_words.tolist() == [0, 0, 0, 1, 1, 0]
        assert not roles.clear().any()


@given(st.text(st.sampled_from("abc ,.A"), max_size=40))
def test_uniform_attention_is_at_chance_and_has_no_role(text: str) -> None:
    tokens = tokenise(text)
    roles = measure_roles(uniform(tokens), tokens)
    np.testing.assert_allclose(roles.mass[:, 1, 2], roles.chance, atol=1e-5)
    assert not roles.clear().any()


@given(st.text(st.sampled_from("abc ,.A"), max_size=40))
def test_attention_on_the_cells_of_a_role_has_mass_one(text: str) -> None:
    tokens = tokenise(text)
    for at, cells in enumerate(role_cells(tokens)):
        totals = np.maximum(cells.sum(axis=1, keepdims=True), 1)
        roles = measure_roles((cells / totals).astype(np.float32)[None, None], tokens)
        assert roles.mass[at, 0, 0] == pytest.approx(1.0 if cells.any() else 0.0, abs=1e-5)


class TestRanking:
    weights = np.random.default_rng(0).dirichlet(np.ones(5), (2, 3, 4)).astype(np.float32)

    def test_mass_and_order_against_plain_loops(self) -> None:
        painted = np.zeros((4, 5), dtype=bool)
        painted[1, [0, 3]] = painted[2, 4] = True
        found = rank_by_pattern(self.weights, painted)
        for layer in range(2):
            for head in range(3):
                rows = self.weights[layer, head]
                expected = (rows[1, 0] + rows[1, 3] + rows[2, 4]) / 2
                assert found.mass[layer, head] == pytest.approx(expected, abs=1e-6)
        assert found.chance == pytest.approx((2 / 5 + 1 / 5) / 2)
        masses = [found.mass[at] for at in found.order]
        assert masses == sorted(masses, reverse=True)
        assert sorted(found.order) == [(layer, head) for layer in range(2) for head in range(3)]

    def test_ties_go_to_the_lower_layer_and_head(self) -> None:
        everything = rank_by_pattern(self.weights, np.ones((4, 5), dtype=bool))
        np.testing.assert_allclose(everything.mass, 1.0, atol=1e-5)
        assert everything.chance == pytest.approx(1.0)
        nothing = rank_by_pattern(self.weights, np.zeros((4, 5), dtype=bool))
        assert not nothing.mass.any()
        assert nothing.chance == 0.0
        in_order = tuple((layer, head) for layer in range(2) for head in range(3))
        assert everything.order == nothing.order == in_order

    @pytest.mark.parametrize("painted", [np.ones((4, 5)), np.ones((5, 4), dtype=bool)])
    def test_paint_that_does_not_fit(self, painted: np.ndarray) -> None:
        with pytest.raises(ValueError, match="painting of bools"):
            rank_by_pattern(self.weights, painted)


class TestTheEncoder:
    """The heads that the lab's pages point to, over six sentences."""

    @pytest.mark.parametrize(
        ("role", "head", "least"),
        [
            (PREVIOUS, (0, 2), 0.99),
            (NEXT, (1, 8), 0.63),
            (PUNCTUATION, (3, 11), 0.35),
            (SAME, (0, 8), 0.33),
        ],
    )
    def test_the_best_head_of_a_role(
        self, mean_mass: np.ndarray, role: int, head: tuple[int, int], least: float
    ) -> None:
        masses = mean_mass[role]
        assert np.unravel_index(masses.argmax(), masses.shape) == head
        assert masses[head] >= least
        assert np.sort(masses, axis=None)[-2] < 0.75 * masses[head]

    @pytest.mark.parametrize("head", [(2, 7), (2, 9)])
    def test_sinks(self, mean_mass: np.ndarray, head: tuple[int, int]) -> None:
        assert mean_mass[SINK][head] > 0.75
        assert (mean_mass[SINK] >= mean_mass[SINK][head]).sum() <= 6

    def test_no_head_reads_its_own_word(self, mean_mass: np.ndarray) -> None:
        assert mean_mass[ITSELF].max() < 0.2

    def test_names_on_one_sentence(self, model: TextEncoder) -> None:
        tokens = tokenise(SENTENCES[3])
        roles = measure_roles(forward(model, tokens).word_weights(), tokens)
        assert roles.roles_of(0, 2) == ("previous word",)
        assert roles.roles_of(1, 8) == ("next word",)
        assert roles.roles_of(3, 11) == ("punctuation",)
        assert "same word elsewhere" in roles.roles_of(0, 8)
        assert set(ROLES) >= set(roles.roles_of(2, 7))

    def test_painting_the_word_before_finds_that_head(self, model: TextEncoder) -> None:
        tokens = tokenise(SENTENCES[1])
        weights = forward(model, tokens).word_weights(hide_special=True)
        painted = np.eye(len(tokens.words), k=-1, dtype=bool)
        found = rank_by_pattern(weights, painted)
        assert found.order[0] == (0, 2)
        assert found.mass[0, 2] > 0.99
        assert found.chance == pytest.approx(1 / len(tokens.words))
