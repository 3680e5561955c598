"""The recurrent translator against its equations, and under intervention."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.recurrent_model import (
    WEIGHTS_PATH,
    RecurrentTranslator,
    build_recurrent_translator,
    load_recurrent_translator,
)
from core.recurrent_translator import additive_vectors, translate_recurrent
from core.translation import END, Interventions, Translation
from core.vocabulary import END_ID, START_ID, read_vocabularies
from core.weight_edits import WeightEdit
from core.weights import WeightsError, read_weights


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CAT = words("the cat sat on the mat .")
LE_CHAT = words("le chat s' est assis sur le tapis .")
HALF = 96  # width of each direction of the encoder
HIDE = Interventions(hidden_words=frozenset({1, 3}))


@pytest.fixture(scope="module")
def model() -> RecurrentTranslator:
    return load_recurrent_translator()


@torch.no_grad()
def reference(
    model: RecurrentTranslator, english: tuple[str, ...], french: tuple[str, ...]
) -> tuple[Tensor, Tensor]:
    """Write the equations out, one word and one state at a time: probabilities and weights."""
    tensors = model.weights.state_dict()
    root = (2 * HALF) ** 0.5
    words_in = tensors["english.weight"][model.english.encode(english)] * root
    ways = []
    for suffix, order in (("", words_in), ("_reverse", words_in.flip(0))):
        state, states = torch.zeros(HALF), []
        for word in order:
            state = gru(tensors, "encoder.", f"_l0{suffix}", word, state)
            states.append(state)
        ways.append(torch.stack(states))
    encoded = torch.cat([ways[0], ways[1].flip(0)], dim=1)
    last = torch.cat([ways[0][-1], ways[1][-1]])
    state = torch.tanh(tensors["first_state.weight"] @ last + tensors["first_state.bias"])
    probabilities, weights = [], []
    table = tensors["french.weight"]
    for number in [START_ID, *model.french.encode(french)[:-1]]:
        word = table[number] * root
        energies = [
            tensors["score.weight"][0]
            @ torch.tanh(
                tensors["query.weight"] @ state + tensors["key.weight"] @ h + tensors["key.bias"]
            )
            for h in encoded
        ]
        weights.append(torch.stack(energies).softmax(0))
        context = sum(a * h for a, h in zip(weights[-1], encoded, strict=True))
        state = gru(tensors, "cell.", "", torch.cat([word, context]), state)
        read = torch.cat([state, context, word])
        read = torch.tanh(tensors["readout.weight"] @ read + tensors["readout.bias"])
        logits = table[END_ID:] @ read + tensors["output_bias"]
        probabilities.append(logits.softmax(0))
    return torch.stack(probabilities), torch.stack(weights)


def gru(tensors: dict[str, Tensor], prefix: str, suffix: str, x: Tensor, h: Tensor) -> Tensor:
    """Take one step of a gated recurrent unit (Cho et al. 2014), its three gates written out."""
    from_input, from_state = (
        (tensors[f"{prefix}weight_{of}{suffix}"] @ vector + tensors[f"{prefix}bias_{of}{suffix}"])
        for of, vector in (("ih", x), ("hh", h))
    )
    reset_x, update_x, new_x = from_input.chunk(3)
    reset_h, update_h, new_h = from_state.chunk(3)
    update = torch.sigmoid(update_x + update_h)
    new = torch.tanh(new_x + torch.sigmoid(reset_x + reset_h) * new_h)
    return (1 - update) * new + update * h


class TestAgainstTheEquations:
    def test_probabilities_and_weights(self, model: RecurrentTranslator) -> None:
        found = translate_recurrent(model, CAT, given=LE_CHAT)
        probabilities, weights = reference(model, CAT, LE_CHAT)
        numbers = [model.french.numbers.get(word, END_ID) - END_ID for word in found.words]
        expected = probabilities[range(len(numbers)), numbers]
        np.testing.assert_allclose(found.probabilities, expected, atol=1e-5)
        np.testing.assert_allclose(found.cross_weights[0, 0], weights, atol=1e-5)

    def test_the_network_is_torchs_own(self, model: RecurrentTranslator) -> None:
        # What the equations above are checked against once more: the state that torch.nn.GRU
        # leaves in each direction.
        words_in = model.weights.embed(model.weights.english, torch.tensor([[3, 4, 5, END_ID]]))
        forwards = nn.GRU(2 * HALF, HALF, batch_first=True)
        forwards.load_state_dict(
            {
                name: tensor
                for name, tensor in model.weights.encoder.state_dict().items()
                if not name.endswith("_reverse")
            }
        )
        state = torch.zeros(HALF)
        for word in words_in[0]:
            state = gru(model.weights.state_dict(), "encoder.", "_l0", word, state)
        torch.testing.assert_close(forwards(words_in)[1][0, 0], state, atol=1e-5, rtol=0)


class TestTheRecord:
    def test_one_head_and_no_self_attention(self, model: RecurrentTranslator) -> None:
        translation = translate_recurrent(model, CAT)
        n_words, n_source = len(translation.words), len(CAT) + 1
        assert translation.cross_weights.shape == (1, 1, n_words, n_source)
        assert translation.encoder_weights.shape == (0, 0, n_source, n_source)
        assert translation.decoder_weights.shape == (0, 0, n_words, n_words)
        assert translation.source == (*CAT, END)

    def test_given_its_own_words_it_says_the_same(self, model: RecurrentTranslator) -> None:
        chosen = translate_recurrent(model, CAT)
        given = translate_recurrent(model, CAT, given=chosen.french)
        assert_same(given, chosen)


def assert_same(found: Translation, expected: Translation) -> None:
    assert found.words == expected.words
    np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=1e-6)
    np.testing.assert_allclose(found.cross_weights, expected.cross_weights, atol=1e-6)


class TestInterventions:
    def test_hiding_is_as_if_the_word_were_not_there(self, model: RecurrentTranslator) -> None:
        hidden = translate_recurrent(model, CAT, HIDE)
        without = translate_recurrent(model, words("the sat the mat ."))
        assert hidden.words == without.words
        np.testing.assert_allclose(hidden.probabilities, without.probabilities, atol=1e-6)
        assert not hidden.cross_weights[..., [1, 3]].any()
        seen = hidden.cross_weights[..., [0, 2, 4, 5, 6, 7]]
        np.testing.assert_allclose(seen, without.cross_weights, atol=1e-6)

    def test_a_forced_weight_changes_its_step_and_what_follows(
        self, model: RecurrentTranslator
    ) -> None:
        edit = Interventions(weight_edits=(("cross", WeightEdit(0, 0, 3, 5, 0.8)),))
        plain = translate_recurrent(model, CAT, given=LE_CHAT)
        edited = translate_recurrent(model, CAT, edit, given=LE_CHAT)
        assert edited.cross_weights[0, 0, 3, 5] == pytest.approx(0.8)
        np.testing.assert_allclose(edited.cross_weights.sum(axis=-1), 1.0, atol=1e-5)
        same = np.isclose(edited.probabilities, plain.probabilities, atol=1e-6)
        assert same[:3].all()
        assert not same[3]

    def test_without_its_head_it_reads_nothing(self, model: RecurrentTranslator) -> None:
        # The words of the source then only count through the first state.
        dropped = Interventions(dropped_heads=frozenset({("cross", 0, 0)}))
        edits = (("cross", WeightEdit(0, 0, 2, 2, 1.0)),)
        both = replace(dropped, weight_edits=edits)
        alone = translate_recurrent(model, CAT, dropped, given=LE_CHAT)
        forced = translate_recurrent(model, CAT, both, given=LE_CHAT)
        np.testing.assert_array_equal(alone.probabilities, forced.probabilities)
        plain = translate_recurrent(model, CAT, given=LE_CHAT)
        assert np.abs(alone.probabilities - plain.probabilities).max() > 0.1

    def test_it_has_no_other_head(self, model: RecurrentTranslator) -> None:
        with pytest.raises(ValueError, match="no head 0 in layer 0 of the encoder"):
            translate_recurrent(
                model, CAT, Interventions(dropped_heads=frozenset({("encoder", 0, 0)}))
            )


class TestWhatARowWasComputedFrom:
    @pytest.mark.parametrize("changes", [Interventions(), HIDE])
    def test_the_softmax_of_its_logits_is_the_row(
        self, model: RecurrentTranslator, changes: Interventions
    ) -> None:
        translation = translate_recurrent(model, CAT, changes, given=LE_CHAT)
        for step, row in enumerate(translation.cross_weights[0, 0]):
            logits = torch.from_numpy(additive_vectors(model, translation, step).logits)
            np.testing.assert_allclose(logits.softmax(0), row, atol=1e-6)

    def test_a_translation_with_its_end_has_a_row_for_the_end(
        self, model: RecurrentTranslator
    ) -> None:
        translation = translate_recurrent(model, CAT)
        vectors = additive_vectors(model, translation, len(translation.words) - 1)
        assert vectors.key.shape == (len(CAT) + 1, 2 * HALF)
        assert vectors.query.shape == vectors.score.shape == (2 * HALF,)
        assert vectors.mask.all()

    @pytest.mark.parametrize("step", [-1, 10])
    def test_a_step_that_is_not_there_is_named(self, model: RecurrentTranslator, step: int) -> None:
        with pytest.raises(ValueError, match=f"no step {step}: the translation has 10"):
            additive_vectors(model, translate_recurrent(model, CAT), step)


class TestLoading:
    def test_the_file_is_a_few_megabytes(self) -> None:
        assert WEIGHTS_PATH.stat().st_size < 3e6

    def test_weights_of_another_model_are_refused(self) -> None:
        tensors = read_weights(WEIGHTS_PATH)
        del tensors["score.weight"]
        with pytest.raises(WeightsError, match="do not fit"):
            build_recurrent_translator(tensors, *read_vocabularies())

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(WeightsError, match=r"no weights at .*gone.safetensors"):
            load_recurrent_translator(tmp_path / "gone.safetensors")

    def test_too_many_words_or_none_are_refused(self, model: RecurrentTranslator) -> None:
        for english in ((), ("very",) * 40):
            with pytest.raises(ValueError, match="reads 1 to 39"):
                translate_recurrent(model, english)
