"""Beam search over a made-up table of probabilities, against every sentence that there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.beam import Beam, BeamNode, search
from core.decoding import Step, Stepper
from core.translation import START
from core.vocabulary import END_ID

# What follows what: the end, a (number 3) or b (number 4). Greedy takes b first, .5 to .4, but
# after b nothing is likely; the best sentence is "a".
TABLE = {
    (): [0.1, 0.4, 0.5],
    ("a",): [0.9, 0.05, 0.05],
    ("b",): [0.4, 0.3, 0.3],
    ("b", "a"): [0.6, 0.2, 0.2],
    ("b", "b"): [0.6, 0.2, 0.2],
}
NAMES = {END_ID: "end", END_ID + 1: "a", END_ID + 2: "b"}
Beginning = tuple[str, ...]


def stepper(table: dict[Beginning, list[float]]) -> Stepper[Beginning]:
    """Return a model whose state is simply the words before the last one."""

    def step(last: int, before: Beginning) -> Step[Beginning]:
        words = (*before, NAMES[last]) if last in NAMES else before
        log_probabilities = np.log(np.array(table.get(words, [0.8, 0.1, 0.1])))
        nothing = np.zeros((0, 0, len(words) + 1), dtype=np.float32)
        return Step(log_probabilities, nothing, nothing, words)

    return step


def beam_of(table: dict[Beginning, list[float]], width: int, n_most: int = 4) -> Beam:
    return search(stepper(table), (), width=width, n_most=n_most, name=NAMES.__getitem__)


def probability(table: dict[Beginning, list[float]], words: Beginning) -> float:
    order = ["end", "a", "b"]
    return float(
        np.prod(
            [
                table.get(words[:i], [0.8, 0.1, 0.1])[order.index(word)]
                for i, word in enumerate(words)
            ]
        )
    )


def all_sentences(n_most: int) -> list[Beginning]:
    """Return every way to come to an end within so many words."""
    return [
        (*words, "end") for n in range(n_most) for words in itertools.product(("a", "b"), repeat=n)
    ]


@st.composite
def tables(draw: st.DrawFn) -> dict[Beginning, list[float]]:
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    beginnings = [words for n in range(4) for words in itertools.product(("a", "b"), repeat=n)]
    return {words: list(rng.dirichlet(np.ones(3))) for words in beginnings}


def test_a_wider_beam_finds_what_greedy_misses() -> None:
    greedy, wide = beam_of(TABLE, 1), beam_of(TABLE, 2)
    assert greedy.words(greedy.best) == ("b", "end")
    assert wide.words(wide.best) == ("a", "end")


def test_the_whole_tree_by_hand() -> None:
    # width 2: b .5 and a .4 stay, the end is not tried (third); then b-end .2, b-a .15 (before
    # b-b, its equal, which is not tried), a-end .36, a-a .02 (before a-b): the two ends stay.
    beam = beam_of(TABLE, 2)
    found = [
        (node.parent, node.word, round(np.exp(node.total), 3), node.state) for node in beam.nodes
    ]
    assert found == [
        (-1, START, 1.0, "live"),
        (0, "b", 0.5, "live"),
        (0, "a", 0.4, "live"),
        (1, "end", 0.2, "finished"),
        (1, "a", 0.15, "pruned"),
        (2, "end", 0.36, "finished"),
        (2, "a", 0.02, "pruned"),
    ]
    assert [node.id for node in beam.nodes] == list(range(7))
    assert beam.nodes[5].score == pytest.approx(np.log(0.36) / 2)
    assert beam.path(beam.nodes[5]) == (beam.nodes[2], beam.nodes[5])
    assert beam.path(beam.nodes[0]) == ()


def test_an_end_takes_a_place_in_the_beam() -> None:
    table = {(): [0.6, 0.3, 0.1]}
    beam = beam_of(table, 2)
    # After the first step one end and "a" fill the beam, so only one continuation stays.
    of_second_step = [node.state for node in beam.nodes if node.step == 2]
    assert of_second_step == ["finished", "pruned"]


def test_scores_are_per_word() -> None:
    # A short end at .3 and a long one with .6 a word: .36, .216 ... the longer is better per word.
    table = {(): [0.3, 0.7, 1e-9], ("a",): [0.9, 0.1, 1e-9]}
    beam = beam_of(table, 2)
    assert [beam.words(end) for end in beam.ends] == [("a", "end"), ("end",)]


def test_without_an_end_the_best_that_was_stopped() -> None:
    never = {words: [1e-9, 0.7, 0.3] for words in [(), ("a",), ("b",), ("a", "a")]}
    beam = beam_of(never, 1, n_most=3)
    assert beam.words(beam.best) == ("a", "a", "a")
    assert beam.best.state == "live"


@given(tables())
def test_a_beam_as_wide_as_the_language_finds_the_best_sentence(
    table: dict[Beginning, list[float]],
) -> None:
    sentences = all_sentences(4)
    beam = beam_of(table, 100)
    found = {
        beam.words(node): np.exp(node.total) for node in beam.nodes if node.state == "finished"
    }
    expected = {words: probability(table, words) for words in sentences}
    assert found == pytest.approx(expected)
    per_word = {words: np.log(p) / len(words) for words, p in expected.items()}
    assert beam.words(beam.best) == max(per_word, key=per_word.__getitem__)


@given(tables(), st.integers(1, 4))
def test_a_beam_is_a_tree_of_sorted_survivors(
    table: dict[Beginning, list[float]], width: int
) -> None:
    beam = beam_of(table, width)
    free = width
    for step in range(1, beam.nodes[-1].step + 1):
        of_step = [node for node in beam.nodes if node.step == step]
        kept = [node.total for node in of_step if node.state != "pruned"]
        pruned = [node.total for node in of_step if node.state == "pruned"]
        assert len(kept) <= free
        assert not pruned or min(kept) >= max(pruned)
        for node in of_step:
            parent = beam.nodes[node.parent]
            assert parent.state == "live"
            assert node.total == pytest.approx(parent.total + node.log_probability)
            assert np.exp(node.total) == pytest.approx(probability(table, beam.words(node)))
        free -= sum(node.state == "finished" for node in of_step)


@given(tables())
def test_a_width_of_one_is_greedy(table: dict[Beginning, list[float]]) -> None:
    words: Beginning = ()
    while len(words) < 4 and words[-1:] != ("end",):
        row = table.get(words, [0.8, 0.1, 0.1])
        words = (*words, ["end", "a", "b"][int(np.argmax(row))])
    beam = beam_of(table, 1)
    assert beam.words(beam.best) == words


@pytest.mark.parametrize(("width", "n_most"), [(0, 4), (2, 0)])
def test_an_empty_beam_is_refused(width: int, n_most: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        beam_of(TABLE, width, n_most)


def test_nodes_can_be_compared_and_kept() -> None:
    assert BeamNode(0, -1, 0, START, 0.0, 0.0, 0.0, "live") == beam_of(TABLE, 1).nodes[0]
