"""The language model: against torch's own layers, with a cache, under every intervention."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.gpt import (
    Gpt,
    GptInterventions,
    Sampling,
    cache_of,
    forward,
    load_gpt,
    no_cache,
    numbers_per_word,
    step,
    vectors,
    write,
)
from core.gpt_model import GptWeights, build_gpt, read_words
from core.translation import END, START
from core.vocabulary import Vocabulary
from core.weight_edits import WeightEdit
from core.weights import WeightsError

WORDS = ("anna", "has", "a", "cat", ".", "the", "is", "black")
TEXT = ("anna", "has", "a", "cat", ".", "the", "cat", "is", "black", ".")


def small(seed: int = 0) -> Gpt:
    torch.manual_seed(seed)
    weights = GptWeights(len(WORDS) + 3, n_positions=14, d_model=16, d_hidden=24, n_layers=3)
    for parameter in weights.parameters():  # no norm left at 1, no bias at 0
        parameter.data += 0.3 * torch.randn_like(parameter)
    weights.eval().requires_grad_(requires_grad=False)
    return Gpt(weights, Vocabulary(WORDS), n_heads=4)


MODEL = small()
CHANGED = GptInterventions(
    hidden_words=frozenset({2, 9}),
    dropped_heads=frozenset({(0, 1), (2, 3)}),
    weight_edits=(WeightEdit(1, 0, 5, 2, 0.75), WeightEdit(2, 1, 10, 0, 0.1)),
    off=frozenset({("feed_forward", 0), ("self", 2)}),
)
TEXTS = st.lists(st.sampled_from((*WORDS, "zyzzyva")), max_size=13)


def as_torch_has_it(model: Gpt, words: tuple[str, ...]) -> np.ndarray:
    """Run the same weights through `nn.TransformerEncoderLayer`, causally."""
    weights, d_model = model.weights, model.d_model
    d_hidden = weights.layers[0].feed_forward.inner.out_features
    numbers = torch.tensor(model.numbers(words))
    table, positions = weights.embedding.words.weight, weights.embedding.positions.weight
    states = (table[numbers] + positions[: len(numbers)])[None] * d_model**0.5
    for ours in weights.layers:
        theirs = nn.TransformerEncoderLayer(
            d_model, model.n_heads, d_hidden, dropout=0.0, batch_first=True, norm_first=True
        ).eval()
        attention = ours.self_attention
        into = [attention.query, attention.key, attention.value]
        theirs.load_state_dict(
            {
                "self_attn.in_proj_weight": torch.cat([each.weight for each in into]),
                "self_attn.in_proj_bias": torch.cat([each.bias for each in into]),
                **named("self_attn.out_proj", attention.output),
                **named("linear1", ours.feed_forward.inner),
                **named("linear2", ours.feed_forward.outer),
                **named("norm1", ours.self_norm),
                **named("norm2", ours.feed_forward_norm),
            }
        )
        causal = nn.Transformer.generate_square_subsequent_mask(len(numbers))
        states = theirs(states, src_mask=causal, is_causal=True)
    logits = weights.last_norm(states)[0] @ table[2:].T + weights.output_bias
    return torch.log_softmax(logits, dim=-1).detach().numpy()


def named(prefix: str, module: nn.Module) -> dict[str, torch.Tensor]:
    return {f"{prefix}.{name}": tensor for name, tensor in module.state_dict().items()}


@pytest.mark.parametrize("words", [(), TEXT[:1], TEXT])
def test_torchs_own_layers_say_the_same(words: tuple[str, ...]) -> None:
    found = forward(MODEL, words)
    np.testing.assert_allclose(found.log_probabilities, as_torch_has_it(MODEL, words), atol=2e-5)


def test_torchs_own_layers_say_the_same_of_the_trained_weights() -> None:
    model = load_gpt()
    found = forward(model, TEXT)
    np.testing.assert_allclose(found.log_probabilities, as_torch_has_it(model, TEXT), atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(TEXTS)
def test_rows_are_probabilities_and_no_word_reads_a_later_one(words: list[str]) -> None:
    found = forward(MODEL, words)
    n = len(words) + 1
    assert found.weights.shape == (3, 4, n, n)
    assert found.log_probabilities.shape == (n, len(WORDS) + 1)
    np.testing.assert_allclose(found.weights.sum(axis=-1), 1.0, atol=1e-5)
    np.testing.assert_allclose(np.exp(found.log_probabilities).sum(axis=-1), 1.0, atol=1e-5)
    assert not np.triu(found.weights, k=1).any()


@settings(max_examples=25, deadline=None)
@given(TEXTS, st.data())
def test_a_later_word_never_changes_an_earlier_row(words: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(words)))
    other = [*words[:at], *data.draw(st.lists(st.sampled_from(WORDS), max_size=13 - at))]
    before, after = forward(MODEL, words), forward(MODEL, other)
    np.testing.assert_allclose(
        before.log_probabilities[: at + 1], after.log_probabilities[: at + 1], atol=1e-5
    )
    np.testing.assert_allclose(
        before.weights[..., : at + 1, : at + 1], after.weights[..., : at + 1, : at + 1], atol=1e-5
    )


@pytest.mark.parametrize("changes", [GptInterventions(), CHANGED])
def test_word_by_word_with_a_cache_is_the_same(changes: GptInterventions) -> None:
    whole = forward(MODEL, TEXT, changes)
    cache = no_cache(MODEL)
    for place, word in enumerate((START, *TEXT)):
        made = step(MODEL, cache, word, changes)
        np.testing.assert_allclose(
            made.log_probabilities, whole.log_probabilities[place], atol=2e-5
        )
        np.testing.assert_allclose(made.rows, whole.weights[:, :, place, : place + 1], atol=1e-5)
        cache = made.cache
    for layer in range(MODEL.n_layers):
        found = vectors(MODEL, TEXT, layer, changes)
        np.testing.assert_allclose(cache[layer].keys.numpy(), found.key, atol=1e-5)
        np.testing.assert_allclose(cache[layer].values.numpy(), found.value, atol=1e-5)


def test_the_cache_stays_as_it_is_and_grows_by_what_is_said() -> None:
    before = cache_of(MODEL, TEXT[:4]).cache
    held = [layer.keys.clone() for layer in before]
    one, other = step(MODEL, before, "cat"), step(MODEL, before, "black")
    assert all(torch.equal(now.keys, then) for now, then in zip(before, held, strict=True))
    assert not np.allclose(one.log_probabilities, other.log_probabilities)
    n_held = sum(each.keys.numel() + each.values.numel() for each in before)
    n_longer = sum(each.keys.numel() + each.values.numel() for each in one.cache)
    assert n_longer - n_held == numbers_per_word(MODEL) == 2 * 3 * 16
    assert n_held == 5 * numbers_per_word(MODEL)


def test_weights_come_from_the_queries_and_keys() -> None:
    found, made = forward(MODEL, TEXT), vectors(MODEL, TEXT, 1)
    logits = made.query @ made.key.transpose(0, 2, 1) / np.sqrt(MODEL.d_head)
    logits[:, np.triu(np.ones((11, 11), dtype=bool), k=1)] = -np.inf
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    expected = raised / raised.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(found.weights[1], expected, atol=1e-5)


def test_a_hidden_word_is_read_by_nobody_and_reaches_no_other_row() -> None:
    changes = GptInterventions(hidden_words=frozenset({4}))
    found = forward(MODEL, TEXT, changes)
    assert not found.weights[..., 4].any()
    np.testing.assert_allclose(found.weights.sum(axis=-1), 1.0, atol=1e-5)
    another = forward(MODEL, (*TEXT[:3], "black", *TEXT[4:]), changes)
    rows = [row for row in range(11) if row != 4]
    np.testing.assert_allclose(
        found.log_probabilities[rows], another.log_probabilities[rows], atol=1e-5
    )
    assert not np.allclose(found.log_probabilities[4], another.log_probabilities[4])


def test_all_words_hidden_leaves_the_start_to_read() -> None:
    found = forward(MODEL, TEXT, GptInterventions(hidden_words=frozenset(range(1, 11))))
    np.testing.assert_allclose(found.weights[..., 0], 1.0)


def test_a_dropped_head_is_one_whose_output_columns_are_zero() -> None:
    found = forward(MODEL, TEXT, GptInterventions(dropped_heads=frozenset({(1, 2)})))
    other = small()
    other.weights.layers[1].self_attention.output.weight[:, 8:12] = 0.0
    np.testing.assert_allclose(
        found.log_probabilities, forward(other, TEXT).log_probabilities, atol=1e-5
    )


def test_a_part_that_is_off_is_one_that_writes_zero() -> None:
    found = forward(MODEL, TEXT, GptInterventions(off=frozenset({("feed_forward", 1)})))
    other = small()
    other.weights.layers[1].feed_forward.outer.weight.zero_()
    other.weights.layers[1].feed_forward.outer.bias.zero_()
    np.testing.assert_allclose(
        found.log_probabilities, forward(other, TEXT).log_probabilities, atol=1e-5
    )


def test_a_forced_weight_is_what_it_was_forced_to() -> None:
    edit = WeightEdit(layer=0, head=2, query=6, key=3, weight=0.9)
    plain = forward(MODEL, TEXT)
    found = forward(MODEL, TEXT, GptInterventions(weight_edits=(edit,)))
    assert found.weights[0, 2, 6, 3] == pytest.approx(0.9)
    np.testing.assert_allclose(found.weights.sum(axis=-1), 1.0, atol=1e-5)
    np.testing.assert_allclose(found.log_probabilities[:6], plain.log_probabilities[:6], atol=1e-6)
    assert not np.allclose(found.log_probabilities[6], plain.log_probabilities[6])


def test_unknown_words_are_one_word_and_have_no_probability() -> None:
    found = forward(MODEL, ("anna", "zyzzyva", "cat"))
    assert found.unknown == (2,)
    assert MODEL.unknown_words(["x", "cat", "y", "x"]) == ("x", "y")
    assert found.of_words[1] is None
    other = forward(MODEL, ("anna", "another", "cat"))
    np.testing.assert_array_equal(found.log_probabilities, other.log_probabilities)
    with pytest.raises(ValueError, match="cannot write 'zyzzyva'"):
        found.probability(1, "zyzzyva")


def test_what_a_pass_says_of_its_words() -> None:
    found = forward(MODEL, ("anna", "has"))
    assert found.names == (END, *WORDS) == MODEL.written
    row = np.exp(found.log_probabilities[0])
    assert found.probability(0, "anna") == pytest.approx(row[1])
    assert found.of_words[0] == pytest.approx(np.log(row[1]))
    best = found.most_probable(0, 3)
    assert [each.probability for each in best] == pytest.approx(sorted(row)[:-4:-1])
    assert [found.rank(0, each.word) for each in best] == [1, 2, 3]
    assert found.perplexity == pytest.approx(np.exp(-np.mean(found.of_words)))
    assert forward(MODEL, ("zyzzyva",)).perplexity is None
    assert not found.weights.flags.writeable


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 50), st.integers(0, 5))
def test_writing_in_one_go_and_step_by_step_is_the_same(seed: int, top_k: int) -> None:
    sampling = Sampling(temperature=1.3, top_k=top_k, seed=seed)
    at_once = write(MODEL, TEXT[:2], sampling, 20)
    text: tuple[str, ...] = TEXT[:2]
    for each in at_once.words:
        more = write(MODEL, text, sampling, 1)
        assert more.words[0].word == each.word
        assert more.words[0].chance == pytest.approx(each.chance, rel=1e-3)
        text = more.text
    assert text == at_once.text
    assert at_once.finished or len(at_once.text) == MODEL.max_words


def test_what_is_written_has_its_probability_and_rows() -> None:
    made = write(MODEL, TEXT[:3], Sampling(seed=3), 5)
    whole = forward(MODEL, made.text)
    for place, each in enumerate(made.words, start=3):
        assert each.probability == pytest.approx(whole.probability(place, each.word), rel=1e-3)
        rows = made.rows[place - 3]
        np.testing.assert_allclose(rows, whole.weights[:, :, place, : place + 1], atol=1e-5)


def test_at_temperature_0_the_most_probable_word_is_written() -> None:
    made = write(MODEL, TEXT[:3], Sampling(temperature=0.0), 4)
    text = TEXT[:3]
    for each in made.words:
        assert each.word == forward(MODEL, text).most_probable(len(text), 1)[0].word
        assert each.chance == 1.0
        text = (*text, each.word)


def test_nothing_is_written_where_there_is_no_place_or_none_is_asked_for() -> None:
    full = ("cat",) * MODEL.max_words
    assert write(MODEL, full, n_most=5).words == ()
    assert write(MODEL, TEXT, n_most=0).text == TEXT
    with pytest.raises(ValueError, match="reads at most 13"):
        forward(MODEL, (*full, "cat"))
    with pytest.raises(ValueError, match="reads at most 13"):
        step(MODEL, cache_of(MODEL, full).cache, "cat")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (GptInterventions(hidden_words=frozenset({0})), "the start at 0 always stays"),
        (GptInterventions(hidden_words=frozenset({11})), "no word 11"),
        (GptInterventions(dropped_heads=frozenset({(0, 4)})), "no head 4"),
        (GptInterventions(weight_edits=(WeightEdit(0, 0, 2, 3, 0.5),)), "no weight from 2 to 3"),
        (GptInterventions(off=frozenset({("cross", 0)})), "no part 'cross'"),
        (GptInterventions(off=frozenset({("self", 3)})), "a layer 3"),
    ],
)
def test_what_is_not_there_cannot_be_changed(changes: GptInterventions, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        forward(MODEL, TEXT, changes)


def test_a_layer_that_is_not_there_has_no_vectors() -> None:
    with pytest.raises(ValueError, match="no layer 3"):
        vectors(MODEL, TEXT, 3)


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    model = load_gpt()
    tensors = model.weights.state_dict()
    with pytest.raises(WeightsError, match="do not fit the language model"):
        build_gpt(tensors, replace(model.vocabulary, words=model.vocabulary.words[1:]))
    (tmp_path / "words.json").write_text("[]")
    with pytest.raises(ValueError, match="cannot be read"):
        read_words(tmp_path / "words.json")


def test_the_model_counts_itself() -> None:
    model = load_gpt()
    n_words = len(model.vocabulary.words)
    table, positions = (n_words + 3) * 128, 64 * 128
    layer = 4 * (128 * 128 + 128) + 2 * 128 * 512 + 512 + 128 + 4 * 128
    assert model.n_parameters == table + positions + 4 * layer + 2 * 128 + n_words + 1
    assert (model.n_layers, model.d_head, model.max_words) == (4, 32, 63)
