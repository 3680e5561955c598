"""The one forward pass of every Transformer, held to torch's own layers and to itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from core import transformer
from core.transformer import (
    AttentionStep,
    Changes,
    FeedForwardStep,
    last,
    no_later,
    nothing_yet,
    remembered,
    walk,
)
from core.transformer_modules import DecoderLayer, EncoderLayer, stack_of
from core.transformer_parts import SELF, AttentionPart, FeedForwardPart, Stack, unchanged
from core.weight_edits import WeightEdit

D_MODEL, D_HIDDEN, N_HEADS = 12, 20, 3


def made(layer: type[EncoderLayer], n_layers: int = 2, seed: int = 0) -> Stack:
    """Return a stack with weights drawn from a seed, the normalisations' too."""
    torch.manual_seed(seed)
    layers = nn.ModuleList(layer(D_MODEL, D_HIDDEN) for _ in range(n_layers))
    end = nn.LayerNorm(D_MODEL)
    for module in (*layers.modules(), end):
        if isinstance(module, nn.LayerNorm):
            nn.init.normal_(module.weight, 1.0, 0.2)
            nn.init.normal_(module.bias, 0.0, 0.2)
    for parameter in (*layers.parameters(), *end.parameters()):
        parameter.requires_grad_(requires_grad=False)
    return stack_of(layers, N_HEADS, end)


def tokens(n: int, *leading: int, seed: int = 1) -> Tensor:
    return torch.randn(*leading, n, D_MODEL, generator=torch.Generator().manual_seed(seed))


def test_two_numbers_by_hand() -> None:
    # d_model 2, one head, no normalisation; all projections leave things as they are but the
    # values, which are doubled. Both tokens are alike, so each reads the value of either, 2 x.
    part = AttentionPart(
        SELF, 1, unchanged, unchanged, unchanged, value=lambda x: 2 * x, output=unchanged
    )
    bend = FeedForwardPart(unchanged, inner=lambda x: -x, activation=torch.relu, outer=unchanged)
    x = torch.tensor([[1.0, -3.0], [1.0, -3.0]])
    first, second = walk(Stack(((part, bend),), norm_first=True), x)
    assert isinstance(first, AttentionStep)
    assert isinstance(second, FeedForwardStep)
    assert first.weights.tolist() == [[[0.5, 0.5], [0.5, 0.5]]]
    assert first.written.tolist() == [[2.0, -6.0]] * 2
    assert first.leaving.tolist() == [[3.0, -9.0]] * 2
    assert second.inner.tolist() == [[-3.0, 9.0]] * 2
    assert second.written.tolist() == [[0.0, 9.0]] * 2
    assert second.leaving.tolist() == [[3.0, 0.0]] * 2


@pytest.mark.parametrize("norm_first", [True, False])
def test_an_encoder_is_torchs_own(norm_first: bool) -> None:
    stack = made(EncoderLayer)
    stack = Stack(stack.layers, norm_first, stack.last_norm)
    x = tokens(5, 4)
    expected = x
    for attention, forward in stack.layers:
        theirs = nn.TransformerEncoderLayer(
            D_MODEL, N_HEADS, D_HIDDEN, dropout=0.0, norm_first=norm_first, batch_first=True
        ).eval()
        _copy(theirs, attention, forward)
        expected = theirs(expected)
    np.testing.assert_allclose(last(walk(stack, x)).leaving, expected.detach(), atol=2e-6)


def _copy(theirs: nn.Module, attention: object, forward: object) -> None:
    """Give torch's layer the weights of two parts."""
    projections = [getattr(attention, name) for name in ("query", "key", "value")]
    own = theirs.self_attn
    with torch.no_grad():
        own.in_proj_weight.copy_(torch.cat([one.weight for one in projections]))
        own.in_proj_bias.copy_(torch.cat([one.bias for one in projections]))
    for target, source in (
        (own.out_proj, attention.output),
        (theirs.linear1, forward.inner),
        (theirs.linear2, forward.outer),
        (theirs.norm1, attention.norm),
        (theirs.norm2, forward.norm),
    ):
        target.load_state_dict(source.state_dict())


@settings(max_examples=25, deadline=None)
@given(cut=st.integers(1, 5), seed=st.integers(0, 50))
def test_a_cache_changes_nothing(cut: int, seed: int) -> None:
    stack, x = made(DecoderLayer, seed=seed), tokens(6, seed=seed)
    memory = remembered(stack, tokens(4, seed=seed + 1))
    whole = last(walk(stack, x, mask=no_later(6), memory=memory)).leaving
    cache = nothing_yet(stack, D_MODEL // N_HEADS)
    rows = []
    for piece in (x[:cut], x[cut:]):
        n_before = cache[0].keys.shape[-2]
        mask = no_later(len(piece), n_before)
        steps = list(walk(stack, piece, mask=mask, memory=memory, cache=cache))
        cache = tuple(
            step.readable for step in steps if isinstance(step, AttentionStep) and step.kind == SELF
        )
        rows.append(steps[-1].leaving)
    np.testing.assert_allclose(torch.cat(rows), whole, atol=2e-6)


def test_a_batch_is_its_texts() -> None:
    stack, x = made(EncoderLayer), tokens(5, 3)
    together = last(walk(stack, x, mask=no_later(5))).leaving
    for one, alone in zip(together, x, strict=True):
        np.testing.assert_allclose(
            one, last(walk(stack, alone, mask=no_later(5))).leaving, atol=2e-6
        )


def test_what_is_added_is_what_leaves_less_what_enters() -> None:
    for step in walk(made(EncoderLayer), tokens(4)):
        np.testing.assert_allclose(step.leaving - step.entering, step.written, atol=1e-6)


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("kind", ["self", "feed_forward"])
def test_a_part_that_is_off_adds_nothing(kind: str, norm_first: bool) -> None:
    stack = made(EncoderLayer)
    stack = Stack(stack.layers, norm_first, stack.last_norm)
    steps = list(walk(stack, tokens(4), changes=Changes(off=frozenset({(kind, 1)}))))
    plain = list(walk(stack, tokens(4)))
    for step, before in zip(steps, plain, strict=True):
        if (step.kind, step.layer) == (kind, 1):
            assert not step.written.any()
            part = next(part for part in stack.layers[1] if part.kind == kind)
            kept = step.entering if norm_first else part.norm(step.entering)
            assert torch.equal(step.leaving, kept)
        else:
            assert step.written.any()
        if step.layer == 0:
            assert torch.equal(step.leaving, before.leaving)


def test_a_dropped_head_and_a_forced_weight() -> None:
    stack, x = made(EncoderLayer), tokens(4)
    edits = ((SELF, WeightEdit(layer=1, head=2, query=3, key=0, weight=1.0)),)
    changes = Changes(dropped=frozenset({(SELF, 0, 1)}), edits=edits)
    steps = [step for step in walk(stack, x, changes=changes) if isinstance(step, AttentionStep)]
    assert not steps[0].heads[1].any()
    assert steps[0].heads[[0, 2]].any(dim=-1).all()
    assert steps[1].weights[2, 3].tolist() == [1.0, 0.0, 0.0, 0.0]
    np.testing.assert_allclose(steps[1].heads[2, 3], steps[1].value[2, 0], atol=1e-6)


def test_edits_count_by_the_place_in_the_text() -> None:
    edits = ((SELF, WeightEdit(layer=0, head=0, query=5, key=2, weight=1.0)),)
    changes = Changes(edits=edits, first=4)
    assert [edit.query for edit in changes.edits_in(SELF, 0, 2)] == [1]
    assert changes.edits_in(SELF, 0, 1) == []
    assert changes.edits_in("cross", 0, 2) == []


def test_what_is_dropped_in_training_is_what_is_written() -> None:
    steps = list(walk(made(EncoderLayer), tokens(4), drop=lambda x: 2 * x))
    plain = next(iter(walk(made(EncoderLayer), tokens(4))))
    assert torch.equal(steps[0].written, 2 * plain.written)


def test_gradients_reach_every_weight() -> None:
    torch.manual_seed(0)
    layers = nn.ModuleList(DecoderLayer(D_MODEL, D_HIDDEN) for _ in range(2))
    stack = stack_of(layers, N_HEADS, nn.LayerNorm(D_MODEL))
    memory = remembered(stack, tokens(3, 2))
    steps = walk(stack, tokens(4, 2), mask=no_later(4), memory=memory)
    # The square: the sum of what a normalisation was given has no slope by anything before it.
    last(steps).leaving.square().sum().backward()
    named = list(layers.named_parameters())
    # A key's bias moves all scores of a row alike, so that it changes no weight.
    assert all(p.grad is not None and p.grad.any() for name, p in named if ".key.bias" not in name)


def test_many_tokens_are_computed_head_by_head(monkeypatch: pytest.MonkeyPatch) -> None:
    stack, x = made(EncoderLayer), tokens(9)
    with torch.no_grad():
        together = list(walk(stack, x, mask=no_later(9)))
        monkeypatch.setattr(transformer, "MANY_TOKENS", 9)
        apart = list(walk(stack, x, mask=no_later(9)))
    for one, other in zip(together, apart, strict=True):
        np.testing.assert_allclose(one.leaving, other.leaving, atol=1e-6)
        if isinstance(one, AttentionStep) and isinstance(other, AttentionStep):
            np.testing.assert_allclose(one.weights, other.weights, atol=1e-6)


def test_a_mask_of_its_own_for_each_head_holds_for_many_tokens_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stack, x = made(EncoderLayer), tokens(9)
    n_heads = stack.attentions(SELF)[0].n_heads
    mask = torch.ones(n_heads, 9, 9, dtype=torch.bool)
    mask[0] = torch.ones(9, 9).tril().bool()
    monkeypatch.setattr(transformer, "MANY_TOKENS", 9)
    with torch.no_grad():
        first = next(walk(stack, x, mask=mask))
    assert isinstance(first, AttentionStep)
    assert not first.weights[0].triu(1).any()
    assert first.weights[1:].triu(1).any()


def test_no_layers_have_no_last_step() -> None:
    with pytest.raises(ValueError, match="no layers"):
        last(walk(Stack((), norm_first=True), tokens(2)))
