"""The translator's explicit pass against torch's own layers, by steps, and under intervention."""

from __future__ import annotations

import itertools
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.transformer_modules import AttentionWeights
from core.translation import END, START, Interventions, Part, Translation
from core.translator import (
    Translator,
    beam_search,
    load_translator,
    teacher_forced,
    translate,
    unknown_words,
)
from core.translator_model import WEIGHTS_PATH, build_translator
from core.vocabulary import END_ID, START_ID, read_vocabularies
from core.weight_edits import WeightEdit
from core.weights import WeightsError, read_weights


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CAT = words("the cat sat on the mat .")
LE_CHAT = words("le chat s' est assis sur le tapis .")
TIRED = words("the animal did not cross the street because it was too tired .")
SENTENCES = [CAT, TIRED, words("where are my shoes ?")]
# One of each kind, and all of them together.
HIDE = Interventions(hidden_words=frozenset({1, 3}))
DROP = Interventions(
    dropped_heads=frozenset(
        {("encoder", 0, 1), ("decoder", 1, 2), ("cross", 0, 0), ("cross", 1, 3)}
    )
)
EDIT = Interventions(
    weight_edits=(
        ("encoder", WeightEdit(layer=1, head=0, query=1, key=5, weight=0.9)),
        ("decoder", WeightEdit(layer=0, head=2, query=3, key=1, weight=0.7)),
        ("cross", WeightEdit(layer=0, head=1, query=2, key=4, weight=1.0)),
        ("cross", WeightEdit(layer=1, head=1, query=2, key=0, weight=0.5)),
    )
)
EVERYTHING = Interventions(HIDE.hidden_words, DROP.dropped_heads, EDIT.weight_edits)
CHANGES = {"nothing": Interventions(), "hide": HIDE, "drop": DROP, "edit": EDIT, "all": EVERYTHING}


@pytest.fixture(scope="module")
def model() -> Translator:
    return load_translator()


def assert_same(found: Translation, expected: Translation, atol: float = 1e-5) -> None:
    assert found.words == expected.words
    np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=atol)
    parts: tuple[Part, ...] = ("encoder", "decoder", "cross")
    for part in parts:
        np.testing.assert_allclose(found.weights(part), expected.weights(part), atol=atol)


class TestLoading:
    def test_the_architecture(self, model: Translator) -> None:
        assert (model.n_layers, model.n_heads, model.d_model, model.max_words) == (2, 4, 128, 39)

    def test_it_is_frozen(self, model: Translator) -> None:
        assert not any(module.training for module in model.weights.modules())
        assert not any(parameter.requires_grad for parameter in model.weights.parameters())

    def test_no_connection_is_opened(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise AssertionError("a connection was opened")

        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        assert translate(load_translator(), CAT).finished

    def test_nothing_is_drawn_at_random(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # On "meta" too, drawing from a normal distribution loads 74 MB of other libraries.
        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("something was drawn")

        monkeypatch.setattr(nn.init, "normal_", refuse)
        before = torch.get_rng_state()
        load_translator()
        assert torch.equal(torch.get_rng_state(), before)

    def test_the_file_is_a_few_megabytes(self) -> None:
        assert WEIGHTS_PATH.stat().st_size < 5e6

    def test_weights_of_another_model_are_refused(self) -> None:
        tensors = read_weights(WEIGHTS_PATH)
        del tensors["decoder.1.cross_attention.key.bias"]
        with pytest.raises(WeightsError, match=r"do not fit.*decoder\.1\.cross_attention\.key"):
            build_translator(tensors, *read_vocabularies())

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(WeightsError, match=r"no weights at .*gone.safetensors"):
            load_translator(tmp_path / "gone.safetensors")


class TestAgainstTorch:
    """torch's own Transformer layers, given the same weights."""

    @pytest.mark.parametrize("english", SENTENCES, ids=" ".join)
    def test_probabilities_and_weights(self, model: Translator, english: tuple[str, ...]) -> None:
        found = translate(model, english)
        log_probabilities, weights = reference(model, english, found.french)
        chosen = [model.french.numbers.get(word, END_ID) - END_ID for word in found.words]
        expected = log_probabilities.exp()[range(len(chosen)), chosen]
        np.testing.assert_allclose(found.probabilities, expected, atol=1e-5)
        for part, of_part in weights.items():
            np.testing.assert_allclose(found.weights(part), of_part, atol=1e-5)

    def test_alternatives_are_the_most_probable_words(self, model: Translator) -> None:
        found = teacher_forced(model, CAT, LE_CHAT[:-1])
        log_probabilities, _ = reference(model, CAT, LE_CHAT[:-1])
        names = [END, *model.french.words]
        for alternatives, row in zip(found.alternatives, log_probabilities.exp(), strict=True):
            best, where = row.topk(5)
            assert [choice.word for choice in alternatives] == [names[i] for i in where]
            np.testing.assert_allclose([c.probability for c in alternatives], best, atol=1e-5)


@torch.no_grad()
def reference(
    model: Translator, english: tuple[str, ...], french: tuple[str, ...]
) -> tuple[Tensor, dict[Part, Tensor]]:
    """Run torch's layers, and ask each of their attentions for its weights."""
    ours, size = model.weights, (model.d_model, model.n_heads, 512)
    options = {"dropout": 0.0, "norm_first": True, "batch_first": True}
    weights: dict[Part, list[Tensor]] = {"encoder": [], "decoder": [], "cross": []}
    states = embedded("english", ours, model.english.encode(english))
    for layer in ours.encoder:
        theirs = nn.TransformerEncoderLayer(*size, **options).eval()
        copy_layer(theirs, layer, [("self_attn", "self_attention")], ["self_norm"])
        normalised = theirs.norm1(states)
        weights["encoder"].append(seen(theirs.self_attn, normalised, normalised))
        states = theirs(states)
    memory = ours.encoder_norm(states)
    inputs = [START_ID, *model.french.encode(french)[:-1]]
    states = embedded("french", ours, inputs)
    causal = nn.Transformer.generate_square_subsequent_mask(len(inputs))
    for layer in ours.decoder:
        theirs = nn.TransformerDecoderLayer(*size, **options).eval()
        attentions = [("self_attn", "self_attention"), ("multihead_attn", "cross_attention")]
        copy_layer(theirs, layer, attentions, ["self_norm", "cross_norm"])
        normalised = theirs.norm1(states)
        weights["decoder"].append(seen(theirs.self_attn, normalised, normalised, causal))
        read = theirs.self_attn(normalised, normalised, normalised, attn_mask=causal)[0]
        weights["cross"].append(seen(theirs.multihead_attn, theirs.norm2(states + read), memory))
        states = theirs(states, memory, tgt_mask=causal)
    logits = ours.decoder_norm(states) @ ours.french.words.weight[END_ID:].T + ours.output_bias
    return logits[0].log_softmax(-1), {part: torch.stack(of) for part, of in weights.items()}


def embedded(language: str, ours: nn.Module, numbers: list[int]) -> Tensor:
    """Return words and positions, added and scaled, (1, position, d_model)."""
    tensors = ours.state_dict()
    words = tensors[f"{language}.words.weight"][numbers]
    positions = tensors[f"{language}.positions.weight"][: len(numbers)]
    return ((words + positions) * 128**0.5)[None]


def copy_layer(
    theirs: nn.Module, ours: nn.Module, attentions: list[tuple[str, str]], norms: list[str]
) -> None:
    for their_name, our_name in attentions:
        attention, target = getattr(ours, our_name), getattr(theirs, their_name)
        assert isinstance(attention, AttentionWeights)
        projections = (attention.query, attention.key, attention.value)
        target.in_proj_weight.copy_(torch.cat([each.weight for each in projections]))
        target.in_proj_bias.copy_(torch.cat([each.bias for each in projections]))
        target.out_proj.load_state_dict(attention.output.state_dict())
    for index, name in enumerate([*norms, "feed_forward_norm"], start=1):
        getattr(theirs, f"norm{index}").load_state_dict(getattr(ours, name).state_dict())
    theirs.linear1.load_state_dict(ours.feed_forward.inner.state_dict())
    theirs.linear2.load_state_dict(ours.feed_forward.outer.state_dict())


def seen(
    attention: nn.MultiheadAttention, queries: Tensor, read: Tensor, mask: Tensor | None = None
) -> Tensor:
    """Return the weights of every head, (head, query, key)."""
    _, weights = attention(queries, read, read, attn_mask=mask, average_attn_weights=False)
    return weights[0]


class TestSteps:
    @pytest.mark.parametrize("name", CHANGES)
    @pytest.mark.parametrize("english", SENTENCES[:2], ids=" ".join)
    def test_cached_steps_equal_the_full_pass(
        self, model: Translator, english: tuple[str, ...], name: str
    ) -> None:
        stepwise = translate(model, english, CHANGES[name])
        assert stepwise.finished
        assert_same(stepwise, teacher_forced(model, english, stepwise.french, CHANGES[name]))

    @pytest.mark.parametrize("name", CHANGES)
    def test_every_row_sums_to_one(self, model: Translator, name: str) -> None:
        translation = translate(model, TIRED, CHANGES[name])
        parts: tuple[Part, ...] = ("encoder", "decoder", "cross")
        for part in parts:
            np.testing.assert_allclose(translation.weights(part).sum(axis=-1), 1.0, atol=1e-5)

    def test_a_step_reads_nothing_that_comes_after_it(self, model: Translator) -> None:
        weights = translate(model, CAT).decoder_weights
        assert not np.triu(weights, k=1).any()

    def test_shapes_and_labels(self, model: Translator) -> None:
        translation = translate(model, CAT)
        n_source, n_words = len(CAT) + 1, len(translation.words)
        assert translation.encoder_weights.shape == (2, 4, n_source, n_source)
        assert translation.decoder_weights.shape == (2, 4, n_words, n_words)
        assert translation.cross_weights.shape == (2, 4, n_words, n_source)
        assert translation.source == (*CAT, END)
        assert translation.inputs == (START, *translation.french)

    def test_it_stops_after_as_many_words_as_are_wanted(self, model: Translator) -> None:
        short = translate(model, CAT, n_most=3)
        assert short.words == translate(model, CAT).words[:3]
        assert not short.finished
        assert short.french == short.words

    def test_ten_readers_at_once_get_their_own(self, model: Translator) -> None:
        orders = list(
            itertools.islice(itertools.cycle(itertools.product(SENTENCES, [HIDE, DROP])), 10)
        )
        with ThreadPoolExecutor(10) as pool:
            found = list(pool.map(lambda order: translate(model, *order), orders))
        for order, translation in zip(orders, found, strict=True):
            assert_same(translation, translate(model, *order), atol=0)


class TestBeamOfTheModel:
    def test_a_width_of_one_is_greedy(self, model: Translator) -> None:
        beam = beam_search(model, TIRED, 1)
        assert beam.words(beam.best) == translate(model, TIRED).words

    @pytest.mark.parametrize("name", ["nothing", "all"])
    def test_every_path_has_the_probability_of_the_full_pass(
        self, model: Translator, name: str
    ) -> None:
        beam = beam_search(model, CAT, 3, CHANGES[name])
        assert len(beam.ends) == 3
        for end in beam.ends:
            forced = teacher_forced(model, CAT, beam.words(end)[:-1], CHANGES[name])
            steps = [step.log_probability for step in beam.path(end)]
            np.testing.assert_allclose(np.exp(steps), forced.probabilities, atol=1e-5)


class TestInterventions:
    def test_a_hidden_word_is_read_by_nothing(self, model: Translator) -> None:
        translation = translate(model, CAT, HIDE)
        for weights in (translation.encoder_weights, translation.cross_weights):
            assert not weights[..., [1, 3]].any()

    def test_a_hidden_word_may_be_any_word(self, model: Translator) -> None:
        # Had anything leaked from its place, another word there would show.
        hidden = translate(model, CAT, HIDE)
        other = translate(model, ("the", "horses", "sat", "yesterday", *CAT[4:]), HIDE)
        assert other.words == hidden.words
        np.testing.assert_array_equal(other.probabilities, hidden.probabilities)
        np.testing.assert_array_equal(other.cross_weights, hidden.cross_weights)

    @pytest.mark.parametrize("part", ["encoder", "decoder", "cross"])
    def test_a_dropped_head_is_one_that_the_output_projection_ignores(
        self, model: Translator, part: Part
    ) -> None:
        layer, head, d_head = 1, 2, 32
        tensors = {name: tensor.clone() for name, tensor in model.weights.state_dict().items()}
        side = "encoder" if part == "encoder" else "decoder"
        kind = "cross" if part == "cross" else "self"
        name = f"{side}.{layer}.{kind}_attention.output.weight"
        tensors[name][:, head * d_head : (head + 1) * d_head] = 0.0
        without = build_translator(tensors, model.english, model.french)
        dropped = Interventions(dropped_heads=frozenset({(part, layer, head)}))
        forced = teacher_forced(model, CAT, LE_CHAT, dropped)
        assert_same(forced, teacher_forced(without, CAT, LE_CHAT))
        plain = teacher_forced(model, CAT, LE_CHAT)
        assert np.abs(forced.probabilities - plain.probabilities).max() > 1e-4

    def test_forced_weights_stand_in_the_row_of_their_step(self, model: Translator) -> None:
        translation = translate(model, TIRED, EDIT)
        assert translation.encoder_weights[1, 0, 1, 5] == pytest.approx(0.9)
        assert translation.decoder_weights[0, 2, 3, 1] == pytest.approx(0.7)
        assert translation.cross_weights[0, 1, 2, 4] == pytest.approx(1.0)
        assert translation.cross_weights[1, 1, 2, 0] == pytest.approx(0.5)

    def test_a_weight_forced_to_what_it_is_changes_nothing(self, model: Translator) -> None:
        plain = translate(model, CAT)
        parts: tuple[Part, ...] = ("encoder", "decoder", "cross")
        edits = tuple(
            (part, WeightEdit(1, 3, 4, 2, float(plain.weights(part)[1, 3, 4, 2]))) for part in parts
        )
        assert_same(translate(model, CAT, Interventions(weight_edits=edits)), plain)

    def test_forcing_every_other_weight_to_zero_is_hiding(self, model: Translator) -> None:
        # Of one word and the end: if the end reads only itself and every step only the end, the
        # word is hidden, by another way through the code.
        by_hand = tuple(
            (part, WeightEdit(layer, head, query, key=1, weight=1.0))
            for layer, head in itertools.product(range(2), range(4))
            for part, queries in (("encoder", [1]), ("cross", range(32)))
            for query in queries
        )
        hidden = translate(model, ("cat",), Interventions(hidden_words=frozenset({0})))
        forced = translate(model, ("cat",), Interventions(weight_edits=by_hand))
        assert forced.words == hidden.words
        np.testing.assert_allclose(forced.probabilities, hidden.probabilities, atol=1e-5)
        np.testing.assert_allclose(forced.cross_weights, hidden.cross_weights, atol=1e-6)

    def test_an_edit_changes_its_step_and_what_follows(self, model: Translator) -> None:
        edit = WeightEdit(layer=0, head=0, query=4, key=0, weight=1.0)
        plain = teacher_forced(model, CAT, LE_CHAT)
        edited = teacher_forced(model, CAT, LE_CHAT, Interventions(weight_edits=(("cross", edit),)))
        same = np.isclose(edited.probabilities, plain.probabilities, atol=1e-6)
        assert same[:4].all()
        assert not same[4]

    def test_an_edit_of_a_step_never_reached_changes_nothing(self, model: Translator) -> None:
        late = Interventions(weight_edits=(("cross", WeightEdit(0, 0, 30, 0, 1.0)),))
        assert_same(translate(model, CAT, late), translate(model, CAT), atol=0)

    @pytest.mark.parametrize(
        ("wrong", "text"),
        [
            (Interventions(hidden_words=frozenset({7})), "no source word 7"),  # the end
            (Interventions(dropped_heads=frozenset({("cross", 2, 0)})), "no head 0 in layer 2"),
            (
                Interventions(weight_edits=(("decoder", WeightEdit(0, 0, 2, 3, 0.5)),)),
                "reads no word that comes after it",
            ),
            (
                Interventions(weight_edits=(("encoder", WeightEdit(0, 0, 8, 0, 0.5)),)),
                "no encoder weight from 8",
            ),
        ],
    )
    def test_what_is_not_there_is_named(
        self, model: Translator, wrong: Interventions, text: str
    ) -> None:
        with pytest.raises(ValueError, match=text):
            translate(model, CAT, wrong)


class TestWhatAReaderTypes:
    def test_unknown_words_are_named(self, model: Translator) -> None:
        english = ("the", "zebra", "sees", "the", "zebra", "<b>", "🙂", "\0")
        assert unknown_words(model, english) == ("zebra", "<b>", "🙂", "\0")
        assert translate(model, english).unknown == (1, 4, 5, 6, 7)

    def test_all_unknown_words_are_one(self, model: Translator) -> None:
        zebra, gnu = (translate(model, ("the", word, "sleeps", ".")) for word in ("zebra", "gnu"))
        assert_same(zebra, gnu, atol=0)
        assert zebra.source != gnu.source

    def test_the_longest_sentence_and_one_more(self, model: Translator) -> None:
        assert translate(model, ("very",) * model.max_words).source[-1] == END
        with pytest.raises(ValueError, match=r"has 40 words and marks.*at most 39"):
            translate(model, ("very",) * 40)

    def test_an_empty_sentence_is_refused(self, model: Translator) -> None:
        with pytest.raises(ValueError, match="no word to translate"):
            translate(model, ())

    def test_a_french_word_that_it_cannot_write_is_named(self, model: Translator) -> None:
        with pytest.raises(ValueError, match="'zèbre'"):
            teacher_forced(model, CAT, ("le", "zèbre"))
