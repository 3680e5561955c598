"""Cosines and changes worked out by hand, and the trained encoder on the lab's own sentences."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.encoder import TextEncoder, embed, leave_one_out, load_encoder
from core.text import tokenise
from core.zero_shot import (
    CHOSEN_ON,
    SENTIMENT,
    TASKS,
    TOPIC,
    Task,
    cosines,
    evaluation_set,
    leave_one_out_change,
)


@pytest.fixture(scope="module")
def model() -> TextEncoder:
    torch.set_num_threads(1)
    return load_encoder()


def sentences(model: TextEncoder, task: Task) -> np.ndarray:
    return embed(model, [tokenise(label.sentence) for label in task.labels])


class TestCosines:
    labels = np.array([[1.0, 0.0], [0.6, 0.8]], dtype=np.float32)

    def test_by_hand(self) -> None:
        text = np.array([0.0, 1.0], dtype=np.float32)
        np.testing.assert_allclose(cosines(text, self.labels), [0.0, 0.8], atol=1e-7)
        np.testing.assert_allclose(cosines(self.labels, self.labels), [[1, 0.6], [0.6, 1]])

    def test_rounding_does_not_lead_beyond_one(self) -> None:
        long = np.array([1.0000001, 0.0], dtype=np.float32)
        assert cosines(long, self.labels).max() == 1.0

    def test_widths_must_agree(self) -> None:
        with pytest.raises(ValueError, match=r"one width; got \(3,\) and \(2, 2\)"):
            cosines(np.ones(3, dtype=np.float32), self.labels)

    def test_what_a_word_adds(self) -> None:
        whole = np.array([1.0, 0.0], dtype=np.float32)
        without = np.array([[0.0, 1.0], [1.0, 0.0]], dtype=np.float32)
        change = leave_one_out_change(whole, without, self.labels)
        np.testing.assert_allclose(change, [[1.0, -0.2], [0.0, 0.0]], atol=1e-7)

    def test_no_words(self) -> None:
        whole = np.array([1.0, 0.0], dtype=np.float32)
        nothing = np.empty((0, 2), dtype=np.float32)
        assert leave_one_out_change(whole, nothing, self.labels).shape == (0, 2)


class TestEvaluationSet:
    @pytest.mark.parametrize(
        ("task", "name"), [*((task, task.name) for task in TASKS), (SENTIMENT, CHOSEN_ON)]
    )
    def test_forty_sentences_as_many_of_each_label(self, task: Task, name: str) -> None:
        texts = evaluation_set(name)
        assert len({text.text for text in texts}) == 40
        counts = [sum(text.label == label.name for text in texts) for label in task.labels]
        assert counts == [40 // len(task.labels)] * len(task.labels)

    @pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
    def test_no_sentence_names_its_label(self, task: Task) -> None:
        for text in evaluation_set(task.name):
            assert text.label not in text.text.lower()

    def test_no_sentence_that_labels_were_chosen_on_is_measured_on(self) -> None:
        chosen_on = {text.text for text in evaluation_set(CHOSEN_ON)}
        assert chosen_on.isdisjoint(text.text for text in evaluation_set(SENTIMENT.name))

    def test_a_name_without_sentences(self) -> None:
        with pytest.raises(ValueError, match=r"for Topic, Sentiment, .* not for 'Genre'"):
            evaluation_set("Genre")


class TestTheEncoder:
    @pytest.mark.parametrize(("task", "right"), [(TOPIC, 39), (SENTIMENT, 38)])
    def test_how_many_it_gets_right(self, model: TextEncoder, task: Task, right: int) -> None:
        """The figures of the model card."""
        texts = evaluation_set(task.name)
        embeddings = embed(model, [tokenise(text.text) for text in texts])
        best = cosines(embeddings, sentences(model, task)).argmax(axis=1)
        names = [task.labels[at].name for at in best]
        assert sum(name == text.label for name, text in zip(names, texts, strict=True)) == right

    def test_the_word_that_decides(self, model: TextEncoder) -> None:
        tokens = tokenise("He peeled the potatoes in the evening")
        without = np.concatenate(list(leave_one_out(model, tokens)))
        (whole,) = embed(model, [tokens])
        change = leave_one_out_change(whole, without, sentences(model, TOPIC))
        food = [label.name for label in TOPIC.labels].index("food")
        assert tokens.words[change[:, food].argmax()].text == "potatoes"
