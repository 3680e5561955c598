"""Early readings, by hand and held to the models' own answers."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from core import anatomy_gpt, anatomy_translator, anatomy_vit
from core.digit_vit import load_digit_vit
from core.digits import as_picture, load_digits
from core.gpt import forward, load_gpt
from core.logit_lens import lens_of
from core.stack_run import Ending, StackRun
from core.transformer import walk
from core.transformer_parts import FeedForwardPart, Stack, unchanged
from core.translation import START
from core.translator import load_translator, translate
from core.vit import forward as see


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TIRED = words("the animal did not cross the street because it was too tired .")


def turning() -> StackRun:
    """A stack of one token that points to the first answer, then to the second, then back."""
    steps = (torch.tensor([[-4.0, 4.0]]), torch.tensor([[8.0, -8.0]]))
    layers = tuple(
        (FeedForwardPart(unchanged, unchanged, unchanged, lambda _, made=made: made),)
        for made in steps
    )
    stack = Stack(layers, norm_first=True)
    states = torch.tensor([[2.0, 0.0]])
    return StackRun("decoder", stack, lambda: walk(stack, states), ("a",), ("a",))


ENDING = Ending(
    nn.LayerNorm(2, elementwise_affine=False),
    unchanged,
    torch.eye(2),
    torch.zeros(2),
    ("left", "right"),
    ("a",),
)


def test_what_is_said_after_each_block_by_hand() -> None:
    lens = lens_of(turning(), ENDING)
    assert [place.id for place in lens.places] == [
        "decoder--1-positions",
        "decoder-0-feed_forward",
        "decoder-1-feed_forward",
    ]
    assert [depth[0][0] for depth in lens.words] == ["left", "right", "left"]
    assert lens.answers == ("left",)
    np.testing.assert_array_equal(lens.ranks[:, 0], [1, 2, 1])
    # Two numbers, normalised, are 1 and -1.
    sure = np.e / (np.e + 1 / np.e)
    np.testing.assert_allclose(lens.probabilities[:, 0], [sure, 1 - sure, sure], atol=1e-4)
    assert lens.settled(0) == 2
    np.testing.assert_allclose(lens.tops.sum(axis=-1), 1, atol=1e-6)


def test_another_answer_can_be_followed() -> None:
    lens = lens_of(turning(), ENDING, [1], n_top=1)
    assert lens.answers == ("right",)
    np.testing.assert_array_equal(lens.ranks[:, 0], [2, 1, 2])
    assert lens.settled(0) == 3  # it is not so at the end
    assert lens.tops.shape == (3, 1, 1)


def test_the_last_reading_of_the_translator_is_its_translation() -> None:
    model = load_translator()
    done = translate(model, TIRED)
    ending = anatomy_translator.ending_of(model, done)
    numbers = [ending.names.index(word) for word in done.words]
    lens = lens_of(anatomy_translator.decoder_run(model, done), ending, numbers)
    assert lens.places[-1].id == "decoder-1-feed_forward"
    assert len(lens.places) == 7
    np.testing.assert_allclose(lens.probabilities[-1], done.probabilities, atol=1e-5)
    assert tuple(row[0] for row in lens.words[-1]) == done.words
    for row, best in enumerate(done.alternatives):
        assert lens.words[-1][row] == tuple(one.word for one in best)
    assert all(lens.settled(row) <= 6 for row in range(len(done.words)))


def test_the_last_reading_of_the_language_model_is_its_own() -> None:
    model = load_gpt()
    text = model.vocabulary.words[3:8]
    done = forward(model, text)
    ending = anatomy_gpt.ending_of(model, text)
    followed = [ending.names.index(word) for word in text]
    lens = lens_of(anatomy_gpt.run_of(model, text), ending, followed)
    assert lens.rows == (START, *text)
    for row, word in enumerate(text):
        np.testing.assert_allclose(
            lens.probabilities[-1, row], done.probability(row, word), rtol=1e-4
        )
        assert lens.ranks[-1, row] == done.rank(row, word)
    assert lens.ranks[-1, -1] == 1  # after the last word: what is most probable there


def test_the_last_reading_of_the_digit_model_is_its_own() -> None:
    model = load_digit_vit()
    picture = as_picture(load_digits().images[5])
    lens = lens_of(anatomy_vit.run_of(model, picture), anatomy_vit.ending_of(model), n_top=10)
    own = see(model, picture).probabilities
    assert lens.tops.shape == (7, 1, 10)
    assert lens.answers == (str(own.argmax()),)
    np.testing.assert_allclose(lens.tops[-1, 0], np.sort(own)[::-1], atol=1e-5)
