"""Known models: the counts against the lab's weights, modules of PyTorch and timm, and papers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from core.digit_vit import load_digit_vit
from core.encoder_model import expected_shapes
from core.gpt_model import load_gpt
from core.known_models import (
    BERT_BASE,
    DIGIT_VIT,
    GPT_2,
    GPT_3,
    KNOWN_MODELS,
    LAB_GPT,
    SALIENCY_VIT,
    TEXT_ENCODER,
    TRANSFORMER_BASE,
    TRANSFORMER_BIG,
    TRANSLATOR,
    VIT_B,
    KnownModel,
    words_for,
)
from core.model_sizes import count_model, count_pass
from core.published_counts import distance, exactly, rounded
from core.timm_import import import_timm
from core.translator_model import load_translator
from core.vit_model import load_vision_transformer


def in_modules(*modules: nn.Module) -> int:
    """Return how many parameters modules hold, each once."""
    unique = {id(p): p.numel() for module in modules for p in module.parameters()}
    return sum(unique.values())


# ---- the lab's own, against what is loaded


def test_the_translator() -> None:
    model = load_translator()
    shape, counted = TRANSLATOR.shape, count_model(TRANSLATOR.shape)
    assert counted.total == in_modules(model.weights) == 1_248_436
    assert (shape.n_words, shape.n_target_words) == (len(model.english), len(model.french))
    assert shape.n_outputs == counted.head == model.weights.output_bias.numel()
    assert (shape.n_heads, shape.encoder_layers) == (model.n_heads, model.n_layers)
    tables = (model.weights.english, model.weights.french)
    assert counted.embeddings + counted.positions == in_modules(*tables)
    assert counted.positions == in_modules(*(table.positions for table in tables))


def test_the_language_model() -> None:
    model = load_gpt()
    shape, counted = LAB_GPT.shape, count_model(LAB_GPT.shape)
    assert counted.total == in_modules(model.weights)
    assert counted.head == shape.n_outputs == model.weights.output_bias.numel()
    assert (shape.n_words, shape.n_heads) == (len(model.vocabulary), model.n_heads)
    assert counted.embeddings + counted.positions == in_modules(model.weights.embedding)


def test_the_text_encoder() -> None:
    shapes = expected_shapes()
    counted = count_model(TEXT_ENCODER.shape)
    assert counted.total == sum(map(math.prod, shapes.values())) == 22_565_376

    def of(*parts: str) -> int:
        return sum(math.prod(s) for name, s in shapes.items() if any(p in name for p in parts))

    assert counted.norms == of("LayerNorm")
    assert counted.attention == of("attention.self", "attention.output.dense")
    assert counted.positions == of("position")


def test_the_vision_transformer() -> None:
    backbone = load_vision_transformer().backbone
    counted = count_model(SALIENCY_VIT.shape)
    assert counted.total == in_modules(backbone) == 22_056_192
    assert counted.attention == in_modules(*(block.attn for block in backbone.blocks))
    assert counted.feed_forward == in_modules(*(block.mlp for block in backbone.blocks))
    assert counted.positions == backbone.pos_embed.numel()
    assert SALIENCY_VIT.shape.n_heads == backbone.blocks[0].attn.num_heads


def test_the_model_for_digits() -> None:
    backbone = load_digit_vit().backbone
    counted = count_model(DIGIT_VIT.shape)
    assert counted.total == in_modules(backbone) == 58_570
    assert counted.head == in_modules(backbone.head)
    assert DIGIT_VIT.shape.n_heads == backbone.blocks[0].attn.num_heads
    assert DIGIT_VIT.length == backbone.pos_embed.shape[1]


# ---- the others, built of modules that hold no numbers


def stack(d_model: int, n_heads: int, d_hidden: int, n_layers: int) -> nn.Module:
    layer = nn.TransformerEncoderLayer(d_model, n_heads, d_hidden, device="meta")
    return nn.TransformerEncoder(layer, n_layers, enable_nested_tensor=False)


def test_bert_base_of_torchs_modules() -> None:
    with torch.device("meta"):
        parts = (
            nn.Embedding(30_522, 768),
            nn.Embedding(512, 768),
            nn.Embedding(2, 768),
            nn.LayerNorm(768),
            stack(768, 12, 3072, 12),
            nn.Linear(768, 768),
        )
    assert count_model(BERT_BASE.shape).total == in_modules(*parts) == 109_482_240


def test_bert_large_rounds_to_tens_of_millions_too() -> None:
    # Devlin et al. 2019, section 3: 24 layers of 1024, 16 heads, "340M". So "110M" is in tens.
    large = replace(BERT_BASE.shape, encoder_layers=24, d_model=1024, n_heads=16, d_hidden=4096)
    assert count_model(large).total == 335_141_888
    assert round(335_141_888, -7) == 340_000_000


@pytest.mark.parametrize(
    ("model", "sizes", "n_positions"),
    [(GPT_2, (768, 12, 3072, 12), 1024), (GPT_3, (12_288, 96, 49_152, 96), 2048)],
)
def test_gpts_of_torchs_modules(
    model: KnownModel, sizes: tuple[int, int, int, int], n_positions: int
) -> None:
    d_model, n_heads, d_hidden, n_layers = sizes
    with torch.device("meta"):
        words, positions = nn.Embedding(50_257, d_model), nn.Embedding(n_positions, d_model)
        last, head = nn.LayerNorm(d_model), nn.Linear(d_model, 50_257, bias=False)
    head.weight = words.weight  # one table for both
    one = in_modules(stack(d_model, n_heads, d_hidden, 1))
    expected = in_modules(words, positions, last, head) + n_layers * one
    assert count_model(model.shape).total == expected


def test_gpt_2_to_the_last_digit() -> None:
    assert count_model(GPT_2.shape).total == 124_439_808


@pytest.mark.parametrize(
    ("model", "sizes"), [(TRANSFORMER_BASE, (512, 8, 2048)), (TRANSFORMER_BIG, (1024, 16, 4096))]
)
def test_the_transformers_of_2017_of_torchs_module(
    model: KnownModel, sizes: tuple[int, int, int]
) -> None:
    d_model, n_heads, d_hidden = sizes
    with torch.device("meta"):
        whole = nn.Transformer(d_model, n_heads, dim_feedforward=d_hidden, batch_first=True)
        table = nn.Embedding(37_000, d_model)
    assert isinstance(whole.encoder.norm, nn.LayerNorm)  # the paper has none at the end of a stack
    assert isinstance(whole.decoder.norm, nn.LayerNorm)
    ends = in_modules(whole.encoder.norm, whole.decoder.norm)
    assert count_model(model.shape).total == in_modules(whole, table) - ends


def test_no_one_vocabulary_gives_both_counts_of_2017() -> None:
    ranges = []
    for model in (TRANSFORMER_BASE, TRANSFORMER_BIG):
        (source,) = model.sources
        counted = count_model(model.shape).total
        assert distance(counted, source)
        ranges.append(tuple(words_for(model, end) for end in (source.low, source.high)))
        for words, end in zip(ranges[-1], (source.low, source.high), strict=True):
            shape = replace(model.shape, n_words=words)
            assert abs(count_model(shape).total - end) <= model.shape.d_model
    (low_base, _), (_, high_big) = ranges
    assert low_base > high_big
    # It is not the biases either: without them the base model is further away still.
    assert count_model(TRANSFORMER_BASE.shape).total == 63_082_496
    assert count_model(TRANSFORMER_BIG.shape).total == 214_245_376


def test_vit_b_of_timm() -> None:
    backbone = import_timm().create_model(
        "vit_base_patch16_224", pretrained=False, device="meta", weight_init="skip"
    )
    counted = count_model(VIT_B.shape)
    assert counted.total == in_modules(backbone) == 86_567_656
    assert counted.head == in_modules(backbone.head)
    assert f"{counted.total - counted.head:,}" in VIT_B.note
    assert round(counted.total - counted.head, -6) == VIT_B.sources[1].low + 500_000
    picture = torch.empty(1, 3, 224, 224, device="meta")
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        backbone(picture)
    flops = count_pass(VIT_B.shape, VIT_B.length).total
    assert flops == counter.get_total_flops()
    # torchvision's page prints 17.56 GFLOPS, a multiplication and an addition counted as one.
    assert round(flops / 2e9, 2) == 17.56


# ---- what is printed


def test_exact_sources_are_met_exactly() -> None:
    for model in KNOWN_MODELS:
        for source in model.sources:
            if source.is_exact:
                assert distance(count_model(model.shape).total, source) == 0, model.name


@pytest.mark.parametrize(("model", "met"), [(GPT_2, True), (GPT_3, False)])
def test_rounded_sources(model: KnownModel, met: bool) -> None:
    assert (distance(count_model(model.shape).total, model.sources[0]) == 0) == met


def test_distance_from_a_rounded_number() -> None:
    source = rounded("65 million", 65, 10, "", "")
    assert [distance(count, source) for count in (58, 60, 65, 70, 73)] == [-2, 0, 0, 0, 3]
    assert not source.is_exact
    assert exactly(7, "", "").is_exact
    assert distance(9, exactly(7, "", "")) == 2


def test_names_are_all_different() -> None:
    assert len({model.name for model in KNOWN_MODELS}) == len(KNOWN_MODELS)
    for model in KNOWN_MODELS:
        assert bool(model.words) == bool(model.shape.n_words)
