"""Models with blocks off, held to a pass in which the block's output matrix is nought."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from core import anatomy_encoder, anatomy_gpt, anatomy_translator, anatomy_vit
from core.anatomy import Place
from core.block_tests import (
    ask_classifier,
    ask_encoder,
    ask_gpt,
    ask_saliency,
    ask_translator,
    correlation,
)
from core.digit_vit import load_digit_vit
from core.digits import as_picture, load_digits
from core.encoder import forward as encode
from core.encoder import load_encoder
from core.gpt import forward, load_gpt
from core.needed_blocks import Outcome, needs_of, place_of
from core.text import tokenise
from core.translation import Interventions
from core.translator import load_translator, teacher_forced, translate
from core.translator_model import Translator
from core.vit import forward as see
from core.vit_model import load_vision_transformer


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SEEN = words("the animal did not cross the street because it was too tired .")
NONE: frozenset[Place] = frozenset()


def test_ranked_by_what_is_left() -> None:
    places = [Place("encoder", layer, "self") for layer in range(3)]
    left = {NONE: 1.0, **{frozenset({place}): place.layer / 4 for place in places}}

    def ask(off: frozenset[Place]) -> Outcome:
        return Outcome(off, left[off], ("same",) if left[off] > 0.3 else ("other",))

    needs = needs_of(places, ask)
    assert [place_of(one).layer for one in needs.without] == [0, 1, 2]
    assert [place_of(one).layer for one in needs.ranked] == [0, 1, 2]
    assert [place_of(one).layer for one in needs.changed] == [0, 1]
    assert needs.before == Outcome(NONE, 1.0, ("same",))
    with pytest.raises(ValueError, match="not enough values"):
        place_of(needs.before)


@pytest.fixture(scope="module")
def translator() -> Translator:
    return load_translator()


def without_matrix(model: Translator, place: Place) -> Translator:
    """Return a copy whose block writes nothing because its last matrix is 0."""
    weights = deepcopy(model.weights)
    layer = getattr(weights, place.stack)[place.layer]
    name = {"self": "self_attention", "cross": "cross_attention"}
    part = getattr(layer, name.get(place.kind, place.kind))
    last = part.outer if place.kind == "feed_forward" else part.output
    last.weight.zero_()
    last.bias.zero_()
    return replace(model, weights=weights)


@pytest.mark.parametrize(
    "place",
    [
        Place("encoder", 0, "self"),
        Place("encoder", 1, "feed_forward"),
        Place("decoder", 0, "cross"),
        Place("decoder", 1, "self"),
        Place("decoder", 0, "feed_forward"),
    ],
    ids=lambda place: place.id,
)
def test_a_block_that_is_off_is_one_that_writes_nothing(
    translator: Translator, place: Place
) -> None:
    done = translate(translator, SEEN)
    outcome = ask_translator(translator, done, frozenset({place}))
    nought = without_matrix(translator, place)
    assert outcome.answer == translate(nought, SEEN).words
    forced = teacher_forced(nought, SEEN, done.french)
    expected = float(np.log(forced.probabilities).mean())
    np.testing.assert_allclose(outcome.value, expected, atol=1e-4)


def test_with_nothing_off_the_translation_is_the_same(translator: Translator) -> None:
    done = translate(translator, SEEN)
    outcome = ask_translator(translator, done, NONE)
    assert outcome.answer == done.words
    np.testing.assert_allclose(outcome.value, np.log(done.probabilities).mean(), atol=1e-5)


def test_blocks_of_one_sentence_that_are_missed_and_others_that_are_not(
    translator: Translator,
) -> None:
    done = translate(translator, SEEN)
    places = [block.place for block in anatomy_translator.anatomy_of(translator).writers]
    needs = needs_of(places, lambda off: ask_translator(translator, done, off))
    assert len(needs.without) == 10
    # Without it the negation goes.
    cross = Place("decoder", 0, "cross")
    lost = next(one for one in needs.without if place_of(one) == cross)
    assert "n'" in done.words
    assert "n'" not in lost.answer
    assert 0 < len(needs.changed) < 10
    assert needs.ranked[0].value < needs.before.value - 0.2
    assert needs.ranked[-1].value > needs.before.value - 0.01


def test_interventions_stay_while_blocks_are_off(translator: Translator) -> None:
    changes = Interventions(off=frozenset({("decoder", 0, "cross")}))
    done = translate(translator, SEEN)
    one = ask_translator(translator, done, NONE, changes)
    other = ask_translator(translator, done, frozenset({Place("decoder", 0, "cross")}))
    assert (one.value, one.answer) == (other.value, other.answer)


def test_the_language_model_without_a_block() -> None:
    model = load_gpt()
    text = (*model.vocabulary.words[3:8], "zzz")
    before = ask_gpt(model, text, NONE)
    done = forward(model, text)
    known = [value for value in done.of_words if value is not None]
    np.testing.assert_allclose(before.value, np.mean(known), rtol=1e-5)
    assert before.answer == (done.most_probable(len(text), 1)[0].word,)
    places = [block.place for block in anatomy_gpt.anatomy_of(model).writers]
    needs = needs_of(places, lambda off: ask_gpt(model, text, off))
    assert len({round(one.value, 6) for one in needs.without}) == 8
    assert ask_gpt(model, (), NONE).value == 0.0


def test_the_text_encoder_without_a_block() -> None:
    model = load_encoder()
    tokens = tokenise("The cat sat on the mat.")
    embedding = encode(model, tokens).embedding
    np.testing.assert_allclose(ask_encoder(model, tokens, embedding, NONE).value, 1, atol=1e-5)
    places = [block.place for block in anatomy_encoder.anatomy_of(model).writers]
    needs = needs_of(places[:3], lambda off: ask_encoder(model, tokens, embedding, off))
    assert all(one.value < 0.999 for one in needs.without)


def test_the_models_of_pictures_without_a_block() -> None:
    digits = load_digit_vit()
    picture = as_picture(load_digits().images[5])
    own = see(digits, picture).probabilities
    index = int(own.argmax())
    before = ask_classifier(digits, picture, index, NONE)
    assert before == Outcome(NONE, float(own[index]), (str(index),))
    places = [block.place for block in anatomy_vit.anatomy_of(digits).writers]
    needs = needs_of(places, lambda off: ask_classifier(digits, picture, index, off))
    assert needs.ranked[0].value < before.value

    salient = load_vision_transformer()
    photo = np.random.default_rng(0).integers(0, 256, (42, 42, 3), dtype=np.uint8)
    saliency = see(salient, photo).saliency
    np.testing.assert_allclose(ask_saliency(salient, photo, saliency, NONE).value, 1, atol=1e-9)
    first = frozenset({Place("encoder", 0, "self")})
    assert ask_saliency(salient, photo, saliency, first).value < 1


def test_correlation() -> None:
    one = np.array([[1.0, 2.0], [3.0, 5.0]], np.float32)
    other = np.array([[2.0, 1.0], [7.0, 6.0]], np.float32)
    np.testing.assert_allclose(
        correlation(one, other), np.corrcoef(one.ravel(), other.ravel())[0, 1]
    )
    assert correlation(one, np.ones((2, 2), np.float32)) == 0.0
