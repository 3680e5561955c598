"""Opened blocks held to the models' own passes; counts held to the models' own parameters."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from core import anatomy_encoder, anatomy_gpt, anatomy_translator, anatomy_vit
from core.anatomy import WRITERS, Anatomy, Block, Facts, NamedTensor, Parameter, Place
from core.digit_vit import load_digit_vit
from core.digits import as_picture, load_digits
from core.encoder import forward as encode
from core.encoder import load_encoder
from core.encoder_model import TextEncoder, expected_shapes
from core.gpt import GptInterventions, forward, load_gpt
from core.gpt_model import Gpt
from core.stack_run import StackRun, last_stream
from core.text import Tokens, tokenise
from core.text_attention import TextInterventions
from core.translation import Interventions, Translation
from core.translator import Translator, load_translator, teacher_forced, translate
from core.vision_attention import Interventions as VisionInterventions
from core.vit import forward as see
from core.vit_model import VisionTransformer, load_vision_transformer
from core.weight_edits import WeightEdit


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TIRED = words("the animal did not cross the street because it was too tired .")
CHANGES = Interventions(
    hidden_words=frozenset({1}),
    dropped_heads=frozenset({("encoder", 0, 1), ("decoder", 1, 2), ("cross", 0, 0)}),
    weight_edits=(("cross", WeightEdit(layer=1, head=1, query=2, key=0, weight=0.5)),),
    off=frozenset({("decoder", 0, "feed_forward")}),
)
Opened = dict[str, NamedTensor]


def by_name(tensors: tuple[NamedTensor, ...]) -> Opened:
    return {one.name: one for one in tensors}


@pytest.fixture(scope="module")
def translator() -> Translator:
    return load_translator()


@pytest.fixture(scope="module")
def translation(translator: Translator) -> Translation:
    return translate(translator, TIRED)


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return load_encoder()


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return tokenise("The unbelievable cat sat.")


@pytest.fixture(scope="module")
def gpt() -> Gpt:
    return load_gpt()


@pytest.fixture(scope="module")
def digit_model() -> VisionTransformer:
    return load_digit_vit()


@pytest.fixture(scope="module")
def digit() -> np.ndarray:
    return as_picture(load_digits().images[0])


@pytest.fixture(scope="module")
def saliency_model() -> VisionTransformer:
    return load_vision_transformer()


PHOTO = np.random.default_rng(0).integers(0, 256, (42, 56, 3), dtype=np.uint8)


def parameters_of(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_blocks_have_all_parameters_and_no_more(
    translator: Translator,
    encoder: TextEncoder,
    gpt: Gpt,
    digit_model: VisionTransformer,
    saliency_model: VisionTransformer,
) -> None:
    assert saliency_model.decoder is not None
    counted = {
        anatomy_translator.anatomy_of(translator): parameters_of(translator.weights),
        anatomy_gpt.anatomy_of(gpt): parameters_of(gpt.weights),
        anatomy_encoder.anatomy_of(encoder): sum(map(math.prod, expected_shapes().values())),
        anatomy_vit.anatomy_of(digit_model): parameters_of(digit_model.backbone),
        anatomy_vit.anatomy_of(saliency_model): parameters_of(saliency_model.backbone)
        + parameters_of(saliency_model.decoder),
    }
    for anatomy, n_parameters in counted.items():
        assert anatomy.n_parameters == n_parameters, anatomy.name
        places = [block.place for block in anatomy.blocks]
        assert len(set(places)) == len(places)
        assert all(place.writes == (place.kind in WRITERS) for place in places)
        assert len(anatomy.writers) == sum(place.layer >= 0 for place in places)


def test_a_table_that_is_used_twice_is_counted_once(translator: Translator) -> None:
    anatomy = anatomy_translator.anatomy_of(translator)
    first = anatomy.block(Place("decoder", -1, "embedding"))
    again = anatomy.block(Place("decoder", -1, "projection"))
    assert again.shared == first.parameters
    assert again.n_parameters == len(translator.french.words) + 1
    assert anatomy.facts.tied


def test_facts_are_those_of_the_models(
    translator: Translator, encoder: TextEncoder, gpt: Gpt, digit_model: VisionTransformer
) -> None:
    def pick(facts: Facts) -> tuple[object, ...]:
        return (facts.n_layers, facts.d_hidden, facts.norm_first, facts.last_norm, facts.activation)

    of_translator = anatomy_translator.anatomy_of(translator)
    assert pick(of_translator.facts) == ((("encoder", 2), ("decoder", 2)), 512, True, True, "relu")
    assert (of_translator.n_heads, of_translator.d_model, of_translator.d_head) == (4, 128, 32)
    of_encoder = anatomy_encoder.anatomy_of(encoder)
    assert pick(of_encoder.facts) == ((("encoder", 6),), 1536, False, False, "gelu")
    assert not of_encoder.norm_first
    of_gpt = anatomy_gpt.anatomy_of(gpt)
    assert pick(of_gpt.facts) == ((("decoder", 4),), 512, True, True, "relu")
    of_digits = anatomy_vit.anatomy_of(digit_model).facts
    assert pick(of_digits) == ((("encoder", 3),), 96, True, True, "gelu")
    assert (of_digits.class_token, of_digits.n_positions, of_digits.n_answers) == (True, 17, 10)
    crossing = [anatomy.facts.cross for anatomy in (of_translator, of_encoder, of_gpt)]
    assert crossing == [True, False, False]


def first_row_moves(run_of: Callable[[str], StackRun]) -> bool:
    """Whether the first token's last vector hangs on the last word."""
    one, other = (last_stream(run_of(word))[0] for word in ("cat", "dog"))
    return not torch.equal(one, other)


def test_what_is_said_to_be_causal_is(
    translator: Translator, encoder: TextEncoder, gpt: Gpt, digit_model: VisionTransformer
) -> None:
    def decoder(word: str) -> StackRun:
        french = {"cat": "chat", "dog": "chien"}[word]
        given = teacher_forced(translator, ["the", "cat"], ["le", french])
        return anatomy_translator.decoder_run(translator, given)

    def of_gpt(word: str) -> StackRun:
        known = {"cat": gpt.vocabulary.words[5], "dog": gpt.vocabulary.words[9]}[word]
        return anatomy_gpt.run_of(gpt, [gpt.vocabulary.words[7], known])

    def of_text(word: str) -> StackRun:
        return anatomy_encoder.run_of(encoder, tokenise(f"the {word}"))

    def of_digit(word: str) -> StackRun:
        picture = np.zeros((8, 8, 1), np.uint8)
        picture[6:, 6:] = {"cat": 0, "dog": 200}[word]
        return anatomy_vit.run_of(digit_model, picture)

    causal = {
        decoder: anatomy_translator.anatomy_of(translator).facts.causal,
        of_gpt: anatomy_gpt.anatomy_of(gpt).facts.causal,
        of_text: anatomy_encoder.anatomy_of(encoder).facts.causal,
        of_digit: anatomy_vit.anatomy_of(digit_model).facts.causal,
    }
    for run_of, is_causal in causal.items():
        assert first_row_moves(run_of) is not is_causal, run_of.__name__


@pytest.mark.parametrize("changes", [Interventions(), CHANGES], ids=["nothing", "much"])
def test_the_translator_opened_is_the_translator_step_by_step(
    translator: Translator, changes: Interventions
) -> None:
    done = translate(translator, TIRED, changes)  # word by word, with a cache

    def opened(stack: str, layer: int, kind: str) -> Opened:
        place = Place(stack, layer, kind)
        return by_name(anatomy_translator.open_block(translator, done, place, changes))

    for part, stack, kind in (
        ("encoder", "encoder", "self"),
        ("decoder", "decoder", "self"),
        ("cross", "decoder", "cross"),
    ):
        for layer in range(translator.n_layers):
            weights = opened(stack, layer, kind)["weights"]
            np.testing.assert_allclose(weights.values, done.weights(part)[layer], atol=1e-5)
            assert weights.labels == (None, done.queries(part), done.keys(part))
    chances = opened("decoder", -1, "softmax")["probabilities"]
    chosen = [chances.labels[1].index(word) for word in done.words]
    found = chances.values[np.arange(len(chosen)), chosen]
    np.testing.assert_allclose(found, done.probabilities, atol=1e-5)
    top = opened("decoder", -1, "softmax")["most probable"]
    assert {best[0].word for best in done.alternatives} <= set(top.labels[1])


def check_attention(opened: Opened, mask: np.ndarray | None = None) -> None:
    """Hold the stages of an attention to each other, in NumPy."""
    query, key, value = (opened[name].values for name in ("query", "key", "value"))
    scores = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    np.testing.assert_allclose(opened["scores"].values, scores, atol=1e-4)
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = raised / raised.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(opened["weights"].values, weights, atol=1e-5)
    np.testing.assert_allclose(opened["heads"].values, weights @ value, atol=1e-4)


def layer_norm(x: np.ndarray, norm: torch.nn.Module, epsilon: float = 1e-5) -> np.ndarray:
    spread = np.sqrt(x.var(axis=-1, keepdims=True) + epsilon)
    scaled: np.ndarray = (x - x.mean(axis=-1, keepdims=True)) / spread
    return scaled * norm.weight.numpy() + norm.bias.numpy()


def linear(x: np.ndarray, module: torch.nn.Module) -> np.ndarray:
    product: np.ndarray = x @ module.weight.numpy().T
    return product + module.bias.numpy()


def test_a_masked_attention_adds_up_in_numpy(
    translator: Translator, translation: Translation
) -> None:
    place = Place("decoder", 1, "self")
    opened = by_name(anatomy_translator.open_block(translator, translation, place))
    n_words = len(translation.words)
    check_attention(opened, np.tri(n_words, dtype=bool))
    layer = translator.weights.decoder[1]
    before = opened["stream before"].values
    normalised = layer_norm(before, layer.self_norm)
    np.testing.assert_allclose(opened["normalised"].values, normalised, atol=1e-4)
    query = opened["query"].values.transpose(1, 0, 2).reshape(n_words, -1)
    np.testing.assert_allclose(query, linear(normalised, layer.self_attention.query), atol=1e-4)
    heads = opened["heads"].values.transpose(1, 0, 2).reshape(n_words, -1)
    written = linear(heads, layer.self_attention.output)
    np.testing.assert_allclose(opened["written"].values, written, atol=1e-4)
    np.testing.assert_allclose(opened["stream after"].values, before + written, atol=1e-4)


def test_a_feed_forward_part_adds_up_in_numpy(
    translator: Translator, translation: Translation
) -> None:
    place = Place("encoder", 0, "feed_forward")
    opened = by_name(anatomy_translator.open_block(translator, translation, place))
    layer = translator.weights.encoder[0]
    inner = linear(opened["normalised"].values, layer.feed_forward.inner)
    np.testing.assert_allclose(opened["inner"].values, inner, atol=1e-4)
    np.testing.assert_allclose(opened["active"].values, np.maximum(inner, 0), atol=1e-4)
    written = linear(np.maximum(inner, 0), layer.feed_forward.outer)
    np.testing.assert_allclose(opened["written"].values, written, atol=1e-4)


def test_one_block_takes_up_where_the_last_one_ended(
    translator: Translator, translation: Translation
) -> None:
    anatomy = anatomy_translator.anatomy_of(translator)
    for stack in ("encoder", "decoder"):
        blocks = [block.place for block in anatomy.blocks if block.place.stack == stack][2:]
        opened = [
            by_name(anatomy_translator.open_block(translator, translation, place))
            for place in blocks
        ]
        for one, other in itertools.pairwise(opened):
            if "stream after" in one and "stream before" in other:
                before = other["stream before"].values
                np.testing.assert_array_equal(one["stream after"].values, before)
    assert len(opened) == 10  # positions, six parts, norm, projection, softmax


def test_positions_are_added_and_stretched(
    translator: Translator, translation: Translation
) -> None:
    place = Place("encoder", -1, "positions")
    opened = by_name(anatomy_translator.open_block(translator, translation, place))
    total = opened["word vectors"].values + opened["position vectors"].values
    np.testing.assert_allclose(opened["stream after"].values, total * math.sqrt(128), rtol=1e-5)


TEXT_CHANGES = TextInterventions(
    dropped_heads=frozenset({(0, 3)}),
    masked_words=frozenset({2}),
    off=frozenset({("self", 2)}),
)


@pytest.mark.parametrize("changes", [TextInterventions(), TEXT_CHANGES], ids=["nothing", "much"])
def test_the_text_encoder_opened_is_the_text_encoder(
    encoder: TextEncoder, tokens: Tokens, changes: TextInterventions
) -> None:
    done = encode(encoder, tokens, changes)

    def opened(layer: int, kind: str) -> Opened:
        place = Place("encoder", layer, kind)
        return by_name(anatomy_encoder.open_block(encoder, tokens, place, changes))

    for layer in (0, 2, 5):
        block = opened(layer, "self")
        for name, values in (
            ("weights", done.weights),
            ("query", done.query),
            ("key", done.key),
            ("value", done.value),
        ):
            np.testing.assert_array_equal(block[name].values, values[layer])
        np.testing.assert_array_equal(block["stream before"].values, done.hidden[layer])
        after = opened(layer, "feed_forward")["stream after"].values
        np.testing.assert_array_equal(after, done.hidden[layer + 1])
    first = opened(-1, "embedding_norm")["stream after"]
    np.testing.assert_array_equal(first.values, done.hidden[0])
    assert first.labels[0] == done.tokens.pieces
    np.testing.assert_allclose(
        opened(-1, "pooling")["embedding"].values[0], done.embedding, atol=1e-7
    )


def test_a_norm_after_the_addition_is_drawn_after_it(encoder: TextEncoder, tokens: Tokens) -> None:
    place = Place("encoder", 1, "self")
    names = [one.name for one in anatomy_encoder.open_block(encoder, tokens, place)]
    assert "normalised" not in names
    assert names[-3:] == ["written", "sum", "stream after"]
    opened = by_name(anatomy_encoder.open_block(encoder, tokens, place))
    check_attention(opened)
    total = opened["stream before"].values + opened["written"].values
    np.testing.assert_allclose(opened["sum"].values, total, atol=1e-5)
    prefix = "encoder.layer.1.attention.output.LayerNorm"
    norm = torch.nn.LayerNorm(384)
    norm.load_state_dict({own: encoder.get(f"{prefix}.{own}") for own in ("weight", "bias")})
    expected = layer_norm(total, norm.requires_grad_(False), 1e-12)
    np.testing.assert_allclose(opened["stream after"].values, expected, atol=1e-4)


def test_what_is_added_before_the_text_encoders_layers(
    encoder: TextEncoder, tokens: Tokens
) -> None:
    def opened(kind: str) -> Opened:
        return by_name(anatomy_encoder.open_block(encoder, tokens, Place("encoder", -1, kind)))

    vectors = opened("embedding")["piece vectors"].values
    positions = opened("positions")["position vectors"].values
    of_type = opened("token_type")["type vector"].values
    np.testing.assert_allclose(
        opened("embedding_norm")["sum"].values, vectors + positions + of_type, atol=1e-6
    )
    np.testing.assert_array_equal(positions, encoder.position_table()[: len(tokens)])
    assert anatomy_encoder.open_block(encoder, tokens, Place("encoder", -1, "tokens")) == ()


GPT_CHANGES = GptInterventions(
    hidden_words=frozenset({2}), dropped_heads=frozenset({(1, 0)}), off=frozenset({("self", 3)})
)


@pytest.mark.parametrize("changes", [GptInterventions(), GPT_CHANGES], ids=["nothing", "much"])
def test_the_language_model_opened_is_the_language_model(
    gpt: Gpt, changes: GptInterventions
) -> None:
    text = gpt.vocabulary.words[4:10]
    done = forward(gpt, text, changes)

    def opened(layer: int, kind: str) -> Opened:
        return by_name(anatomy_gpt.open_block(gpt, text, Place("decoder", layer, kind), changes))

    for layer in range(gpt.n_layers):
        weights = opened(layer, "self")["weights"]
        np.testing.assert_array_equal(weights.values, done.weights[layer])
        assert weights.labels == (None, done.inputs, done.inputs)
    chances = opened(-1, "softmax")["probabilities"]
    np.testing.assert_allclose(chances.values, np.exp(done.log_probabilities), atol=1e-6)
    assert chances.labels == (done.inputs, done.names)
    block = opened(0, "self")
    mask = np.tri(len(done.inputs), dtype=bool)
    if changes.hidden_words:
        mask[:, 2] = False
    check_attention(block, mask)


DIGIT_CHANGES = VisionInterventions(
    dropped_heads=frozenset({(0, 1)}),
    hidden_patches=frozenset({5}),
    off=frozenset({("feed_forward", 1)}),
)


@pytest.mark.parametrize("changes", [VisionInterventions(), DIGIT_CHANGES], ids=["nothing", "much"])
def test_the_digit_model_opened_is_the_digit_model(
    digit_model: VisionTransformer, digit: np.ndarray, changes: VisionInterventions
) -> None:
    done = see(digit_model, digit, changes, keep_weights=True)

    def opened(layer: int, kind: str) -> Opened:
        place = Place("encoder", layer, kind)
        return by_name(anatomy_vit.open_block(digit_model, digit, place, changes))

    for layer in range(digit_model.n_layers):
        block = opened(layer, "self")
        np.testing.assert_array_equal(block["weights"].values, done.weights(layer))
        np.testing.assert_array_equal(block["query"].values, done.query[layer])
        check_attention(block | {"heads": zeroed_back(block)})
        after = opened(layer, "feed_forward")["stream after"].values
        np.testing.assert_array_equal(after[0], done.class_tokens[layer])
    np.testing.assert_array_equal(opened(-1, "last_norm")["normalised"].values, done.tokens)
    np.testing.assert_allclose(opened(-1, "projection")["logits"].values[0], done.logits, atol=1e-5)
    chances = opened(-1, "softmax")["probabilities"].values[0]
    np.testing.assert_allclose(chances, done.probabilities, atol=1e-6)


def zeroed_back(block: Opened) -> NamedTensor:
    """What the heads read before one was dropped."""
    read = block["weights"].values @ block["value"].values
    return NamedTensor("heads", ("head", "token", "d_head"), read, (None, None, None))


def test_patches_and_class_token_make_the_first_stream(
    digit_model: VisionTransformer, digit: np.ndarray
) -> None:
    def opened(kind: str) -> Opened:
        return by_name(anatomy_vit.open_block(digit_model, digit, Place("encoder", -1, kind)))

    patches = opened("patches")
    filters = digit_model.backbone.patch_embed.proj
    expected = patches["pixels"].values @ filters.weight.numpy().reshape(48, -1).T
    vectors = patches["patch vectors"].values
    np.testing.assert_allclose(vectors, expected + filters.bias.numpy(), atol=1e-5)
    tokens = np.concatenate([opened("class_token")["class token"].values, vectors])
    positions = opened("positions")
    total = tokens + positions["position vectors"].values
    np.testing.assert_allclose(positions["stream after"].values, total, atol=1e-6)
    assert positions["stream after"].labels[0][:2] == ("class", "1, 1")


def test_the_model_of_saliency_opened_is_itself(saliency_model: VisionTransformer) -> None:
    done = see(saliency_model, PHOTO, keep_weights=True)

    def opened(layer: int, kind: str) -> Opened:
        place = Place("encoder", layer, kind)
        return by_name(anatomy_vit.open_block(saliency_model, PHOTO, place))

    np.testing.assert_array_equal(opened(11, "self")["weights"].values, done.weights(11))
    end = opened(-1, "saliency")
    np.testing.assert_array_equal(end["normalised"].values, done.tokens)
    np.testing.assert_allclose(end["saliency"].values, done.saliency, atol=1e-6)
    with pytest.raises(ValueError, match="names classes"):
        anatomy_vit.ending_of(saliency_model)


def test_a_block_that_is_not_there_is_named(
    translator: Translator, translation: Translation
) -> None:
    with pytest.raises(ValueError, match="has no block 'encoder-0-cross'"):
        anatomy_translator.open_block(translator, translation, Place("encoder", 0, "cross"))
    with pytest.raises(ValueError, match="no source word 99"):
        anatomy_translator.open_block(
            translator,
            translation,
            Place("encoder", 0, "self"),
            Interventions(hidden_words=frozenset({99})),
        )
    run = anatomy_translator.encoder_run(translator, translation)
    with pytest.raises(ValueError, match="has no part 'decoder-0-self'"):
        run.part_at(Place("decoder", 0, "self"))


def test_a_tensor_has_a_name_for_every_axis_and_label_for_every_place() -> None:
    values = np.zeros((2, 3), np.float32)
    with pytest.raises(ValueError, match="a name and labels for each axis"):
        NamedTensor("x", ("row",), values, (None,))
    with pytest.raises(ValueError, match="an axis of 2 with 1 labels"):
        NamedTensor("x", ("row", "column"), values, (("a",), None))
    with pytest.raises(ValueError, match="read-only"):
        NamedTensor("x", ("row", "column"), values, (None, None)).values[0] = 1


def test_an_anatomy_counts() -> None:
    place = Place("decoder", 2, "cross")
    block = Block(place, "Cross-attention", (Parameter("W", (2, 3)), Parameter("b", (2,))))
    assert block.n_parameters == 8
    assert place.id == "decoder-2-cross"
    facts = anatomy_gpt.anatomy_of(load_gpt()).facts
    assert Anatomy("A", (block, block), 2, 8, facts).n_parameters == 16
