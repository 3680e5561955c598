"""Counts of whole Transformers against PyTorch's own modules and its counter of operations."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from core.model_shape import TransformerShape
from core.model_sizes import (
    count_memory,
    count_model,
    count_pass,
    count_step,
    even_length,
    even_with_projections,
)

TINY = TransformerShape(1, 0, 4, 2, 8, n_words=5, n_positions=3)
BOTH = replace(TINY, decoder_layers=1, n_target_words=6, n_outputs=6)
shapes = st.builds(
    lambda encoder, decoder, d_head, n_heads, d_hidden, n_outputs: TransformerShape(
        encoder + (encoder + decoder == 0),
        decoder,
        d_head * n_heads,
        n_heads,
        d_hidden,
        n_words=7,
        n_outputs=n_outputs,
    ),
    *(st.integers(0, 3), st.integers(0, 3), st.integers(1, 4), st.integers(1, 4)),
    *(st.integers(1, 9), st.integers(0, 7)),
)


def test_parameters_by_hand() -> None:
    counted = count_model(TINY)
    assert counted.embeddings == 5 * 4
    assert counted.positions == 3 * 4
    assert counted.attention == 4 * (4 * 4 + 4)
    assert counted.feed_forward == 4 * 8 + 8 + 8 * 4 + 4
    assert counted.norms == 2 * (4 + 4)
    assert counted.head == 0
    assert counted.total == 20 + 12 + 80 + 76 + 16


def test_a_decoder_with_an_encoder_has_a_cross_attention() -> None:
    counted, alone = count_model(BOTH), count_model(TINY)
    assert counted.attention == 3 * alone.attention
    assert counted.feed_forward == 2 * alone.feed_forward
    assert counted.norms == (2 + 3) * 2 * 4
    assert counted.embeddings == (5 + 6) * 4
    assert counted.positions == 2 * 3 * 4
    assert count_model(replace(TINY, encoder_layers=0, decoder_layers=1)) == alone


@pytest.mark.parametrize(
    ("change", "part", "more"),
    [
        ({"n_types": 2}, "embeddings", 2 * 4),
        ({"n_class_tokens": 1}, "embeddings", 4),
        ({"d_patch": 12}, "embeddings", 12 * 4 + 4),
        ({"n_outputs": 5}, "head", 0),
        ({"n_outputs": 5, "tied": False}, "head", 5 * 4),
        ({"n_outputs": 5, "output_bias": True}, "head", 5),
        ({"has_pooler": True}, "head", 4 * 4 + 4),
        ({"has_start_norm": True}, "norms", 2 * 4),
        ({"has_end_norms": True}, "norms", 2 * 4),
        ({"has_layer_scale": True}, "norms", 2 * 4),
        ({"n_positions": 0}, "positions", -12),
    ],
)
def test_what_each_part_adds(change: dict[str, int], part: str, more: int) -> None:
    before, after = vars(count_model(TINY)), vars(count_model(replace(TINY, **change)))
    assert after == before | {part: before[part] + more}


@given(shapes)
def test_parameters_of_torchs_transformer(shape: TransformerShape) -> None:
    modules = torch_stacks(shape)
    ours = count_model(shape)
    theirs = sum(p.numel() for module in modules for p in module.parameters())
    assert ours.attention + ours.feed_forward + ours.norms == theirs


@settings(max_examples=12)
@given(shapes, st.integers(1, 5))
def test_operations_are_those_that_torch_counts(shape: TransformerShape, length: int) -> None:
    encoder, decoder = torch_stacks(shape)
    # Not on "meta": to count there takes a compiler of seconds to load.
    x = torch.zeros(1, length, shape.d_model)
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        if isinstance(encoder, nn.TransformerEncoder):
            memory = encoder(x)
            written = decoder(x, memory) if isinstance(decoder, nn.TransformerDecoder) else memory
        else:
            written = decoder(x)
        nn.functional.linear(written, torch.zeros(shape.n_outputs, shape.d_model))
    assert count_pass(shape, length).total == counter.get_total_flops()


@given(shapes, st.integers(1, 9))
def test_heads_change_nothing_but_the_maps(shape: TransformerShape, length: int) -> None:
    one = replace(shape, n_heads=1)
    assert count_model(shape) == count_model(one)
    assert count_pass(shape, length) == count_pass(one, length)
    ours, theirs = vars(count_memory(shape, length)), vars(count_memory(one, length))
    assert ours == theirs | {"maps": shape.n_heads * theirs["maps"]}


@given(shapes)
def test_where_scores_cost_what_feed_forward_costs(shape: TransformerShape) -> None:
    even = even_length(shape)
    if not shape.n_cross:
        assert even == shape.d_hidden
    for length in {max(1, int(even) - 1), max(1, int(even)), int(even) + 1}:
        counted = count_pass(shape, length)
        assert (counted.quadratic > counted.feed_forward) == (length > even)
        assert (counted.quadratic == counted.feed_forward) == (length == even)
    counted = count_pass(shape, even_with_projections(shape))
    assert counted.quadratic == counted.projections


def test_a_cross_attention_brings_the_crossing_nearer() -> None:
    assert even_length(BOTH) == Fraction(2 * 8, 3)


@given(shapes, st.integers(1, 6))
def test_steps_with_a_cache_leave_out_the_half_that_is_masked(
    shape: TransformerShape, length: int
) -> None:
    alone = replace(shape, encoder_layers=0, decoder_layers=max(1, shape.decoder_layers))
    steps = [count_step(alone, place) for place in range(1, length + 1)]
    whole = count_pass(alone, length)
    for part in ("projections", "feed_forward", "head"):
        assert sum(getattr(step, part) for step in steps) == getattr(whole, part)
    assert 2 * length * sum(s.quadratic for s in steps) == (length + 1) * whole.quadratic


def test_a_step_of_a_decoder_that_reads_an_encoder() -> None:
    step = count_step(BOTH, 3)
    # Own: four matrices of 4 x 4; cross: two, its keys and values being there already.
    assert step.projections == 2 * 6 * 16
    # In both, scores and averages over 3 tokens.
    assert step.quadratic == 2 * (2 * 2 * 3 * 4)
    assert step.feed_forward == 2 * 2 * 4 * 8
    assert step.head == 2 * 4 * 6
    with pytest.raises(ValueError, match="no decoder layers"):
        count_step(TINY, 3)


def test_memory_by_hand() -> None:
    memory = count_memory(BOTH, 3)
    assert memory.parameters == count_model(BOTH).total
    assert memory.maps == 3 * 2 * 3 * 3  # attentions, heads, query, key
    assert memory.cache == 2 * 2 * 3 * 4  # own and cross, keys and values, tokens, d_model
    assert memory.hidden == 2 * 3 * 8
    assert count_memory(TINY, 3).cache == 0


def test_pictures_and_an_answer_from_one_token() -> None:
    shape = TransformerShape(
        1, 0, 4, 1, 8, d_patch=12, n_class_tokens=1, n_outputs=10, tied=False, answers_once=True
    )
    assert count_pass(shape, 6).patches == 2 * 5 * 12 * 4
    assert count_pass(shape, 6).head == 2 * 4 * 10
    assert count_pass(replace(shape, answers_once=False), 6).head == 6 * 2 * 4 * 10
    assert count_pass(replace(TINY, has_pooler=True), 3).head == 2 * 4 * 4


@pytest.mark.parametrize(
    "change",
    [{"encoder_layers": 0}, {"d_model": 0}, {"n_heads": 3}, {"d_hidden": 0}, {"n_words": -1}],
)
def test_shapes_that_cannot_be(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="needs at least one layer"):
        replace(TINY, **change)


def test_a_pass_needs_a_token() -> None:
    for count in (count_pass, count_memory):
        with pytest.raises(ValueError, match="at least one token, got 0"):
            count(TINY, 0)


def torch_stacks(shape: TransformerShape) -> tuple[nn.Module, nn.Module]:
    """Return encoder and decoder of this shape."""
    options = {
        "dim_feedforward": shape.d_hidden,
        "dropout": 0.0,
        "batch_first": True,
    }
    sizes = (shape.d_model, shape.n_heads)
    encoder: nn.Module = nn.Identity()
    decoder: nn.Module = nn.Identity()
    if shape.encoder_layers:
        layer = nn.TransformerEncoderLayer(*sizes, **options)
        encoder = nn.TransformerEncoder(layer, shape.encoder_layers, enable_nested_tensor=False)
        if shape.decoder_layers:
            reading = nn.TransformerDecoderLayer(*sizes, **options)
            decoder = nn.TransformerDecoder(reading, shape.decoder_layers)
    else:  # a decoder that reads no encoder is built of layers without a cross-attention
        layer = nn.TransformerEncoderLayer(*sizes, **options)
        decoder = nn.TransformerEncoder(layer, shape.decoder_layers, enable_nested_tensor=False)
    return encoder, decoder
