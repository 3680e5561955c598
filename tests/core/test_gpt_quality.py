"""The figures of the language model's card, on few stories: it knows what follows."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import numpy as np
import pytest

from core.gpt import Gpt, GptInterventions, forward, load_gpt
from core.gpt_model import WEIGHTS_PATH, WEIGHTS_SHA256
from core.stories import COPY, DEDUCED, PRONOUN, held_out_stories
from core.weights import file_sha256

STORIES = held_out_stories(60)
# Of 500 stories: see the card.
LOSS = 0.650
LEAST_COPY, LEAST_PRONOUN, LEAST_DEDUCED = 0.8, 0.95, 0.7


@cache
def model() -> Gpt:
    return load_gpt()


def test_the_weights_are_those_of_the_card() -> None:
    card = (WEIGHTS_PATH.parent / "README.md").read_text(encoding="utf-8")
    assert file_sha256(WEIGHTS_PATH) == WEIGHTS_SHA256
    assert WEIGHTS_SHA256 in card
    assert f"{model().n_parameters:,}" in card
    assert f"{WEIGHTS_PATH.stat().st_size:,} bytes" in card


def test_words_that_follow_from_a_story_kept_out_are_found() -> None:
    right: dict[str, list[bool]] = defaultdict(list)
    losses: list[float] = []
    for story in STORIES:
        found = forward(model(), story.words)
        assert not found.unknown
        losses += [-value for value in found.of_words if value is not None]
        for place, (word, kind) in enumerate(zip(story.words, story.follows, strict=True)):
            right[kind].append(found.rank(place, word) == 1)
    shares = {kind: float(np.mean(hits)) for kind, hits in right.items()}
    assert np.mean(losses) == pytest.approx(LOSS, abs=0.1)
    assert shares[COPY] > LEAST_COPY
    assert shares[PRONOUN] > LEAST_PRONOUN
    assert shares[DEDUCED] > LEAST_DEDUCED


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (
            "peter had a scarf . he gave the scarf to kate . then kate gave it to george . who has "
            "the scarf now ?",
            "george",
        ),
        (
            "emma went to the forest . helen walked to the market . where is emma now ? she is in "
            "the",
            "forest",
        ),
        ("lucy has a cat and ben has a dog . lucy 's", "cat"),
    ],
)
def test_what_it_copies_from_can_be_hidden(text: str, word: str) -> None:
    words = text.split()
    found = forward(model(), words)
    assert found.most_probable(len(words), 1)[0].word == word
    places = frozenset(place + 1 for place, each in enumerate(words) if each == word)
    hidden = forward(model(), words, GptInterventions(hidden_words=places))
    assert hidden.probability(len(words), word) < 0.5 * found.probability(len(words), word)
