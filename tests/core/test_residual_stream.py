"""Sums over the blocks held to the models' own last vectors and logits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core import anatomy_encoder, anatomy_gpt, anatomy_translator, anatomy_vit
from core.digit_vit import load_digit_vit
from core.digits import as_picture, load_digits
from core.encoder import load_encoder
from core.gpt import forward, load_gpt
from core.residual_stream import attribution_of, stream_of
from core.stack_run import Ending, StackRun, last_stream
from core.text import tokenise
from core.transformer import FeedForwardStep
from core.transformer_parts import FeedForwardPart, Stack, unchanged
from core.translator import load_translator, translate
from core.vit import forward as see

CAT = ["the", "cat", "sat", "on", "the", "mat", "."]
DIGIT = as_picture(load_digits().images[3])


def by_hand(norm_first: bool = True) -> StackRun:
    """Two blocks that write what is easily added up; one token (3, 4), then one (0, 2)."""
    states = [torch.tensor([[3.0, 4.0], [0.0, 2.0]])]
    written = [torch.tensor([[3.0, 4.0], [0.0, 0.0]]), torch.tensor([[0.0, -4.0], [1.0, 0.0]])]
    part = FeedForwardPart(unchanged, unchanged, unchanged, unchanged)

    def start() -> Iterator[FeedForwardStep]:
        now = states[0]
        for layer, of_block in enumerate(written):
            yield FeedForwardStep(
                layer, "feed_forward", now, now, of_block, now + of_block, now, now
            )
            now = now + of_block

    return StackRun("encoder", Stack(((part,), (part,)), norm_first), start, ("a", "b"), ("a", "b"))


def test_lengths_directions_and_shares_by_hand() -> None:
    stream = stream_of(by_hand())
    assert [place.id for place in stream.places] == [
        "encoder-0-feed_forward",
        "encoder-1-feed_forward",
    ]
    np.testing.assert_allclose(stream.entering, [5, 2])
    np.testing.assert_allclose(stream.written, [[5, 0], [4, 1]])
    np.testing.assert_allclose(stream.after, [[10, 2], [np.sqrt(52), np.sqrt(5)]])
    np.testing.assert_allclose(stream.before, [[5, 2], [10, 2]])
    np.testing.assert_allclose(stream.cosine, [[1, 0], [-0.8, 0]], atol=1e-6)
    # The last vectors are (6, 4) and (1, 2): (3, 4) . (6, 4) / 52, and so on.
    assert stream.shares is not None
    np.testing.assert_allclose(stream.shares, [[34 / 52, 0.8], [34 / 52, 0], [-16 / 52, 0.2]])


def test_without_a_sum_there_are_no_shares() -> None:
    assert stream_of(by_hand(norm_first=False)).shares is None


def test_logits_by_hand() -> None:
    norm = nn.LayerNorm(2, eps=0.0).requires_grad_(requires_grad=False)
    norm.weight.copy_(torch.tensor([2.0, 1.0]))
    norm.bias.copy_(torch.tensor([0.5, 0.0]))
    table, bias = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0.25, 0.0])
    ending = Ending(norm, unchanged, table, bias, ("first", "second"), ("a", "b"))
    # The first token ends at (6, 4): mean 5, spread 1; the second at (1, 2): mean 1.5, spread 0.5.
    found = attribution_of(by_hand(), ending, [0, 1])
    np.testing.assert_allclose(found.entering, [2 * -0.5, 1 / 0.5])
    np.testing.assert_allclose(found.blocks, [[2 * -0.5, 0], [2 * 2.0, -0.5 / 0.5]])
    np.testing.assert_allclose(found.constant, [0.75, 0])
    np.testing.assert_allclose(found.logits, [2.75, 1])
    np.testing.assert_allclose(found.logits[0], ending.logits(torch.tensor([[6.0, 4.0]]))[0, 0])
    assert found.answers == ("first", "second")


def runs() -> dict[str, tuple[StackRun, Ending]]:
    """One run of every model whose logits are sums."""
    translator, gpt, digits = load_translator(), load_gpt(), load_digit_vit()
    done = translate(translator, CAT)
    words = gpt.vocabulary.words[:6]
    return {
        "translator": (
            anatomy_translator.decoder_run(translator, done),
            anatomy_translator.ending_of(translator, done),
        ),
        "gpt": (anatomy_gpt.run_of(gpt, words), anatomy_gpt.ending_of(gpt, words)),
        "digits": (anatomy_vit.run_of(digits, DIGIT), anatomy_vit.ending_of(digits)),
    }


@pytest.mark.parametrize("name", ["translator", "gpt", "digits"])
def test_the_contributions_of_the_blocks_add_up_to_the_logit(name: str) -> None:
    run, ending = runs()[name]
    logits = ending.logits(last_stream(run))
    best = logits.argmax(dim=-1)
    found = attribution_of(run, ending, best.tolist())
    parts = found.entering + found.blocks.sum(axis=0) + found.constant
    np.testing.assert_allclose(parts, found.logits, rtol=1e-5)
    np.testing.assert_allclose(found.logits, chosen(logits, best), rtol=1e-4, atol=1e-4)
    centred = attribution_of(run, ending, best.tolist(), above_mean=True)
    above = chosen(logits, best) - logits.mean(dim=-1).numpy()
    np.testing.assert_allclose(centred.logits, above, rtol=1e-4, atol=1e-4)


def chosen(logits: Tensor, best: Tensor) -> np.ndarray:
    found: np.ndarray = logits[torch.arange(len(best)), best].numpy()
    return found


def test_the_logits_are_the_models_own() -> None:
    gpt, digits = load_gpt(), load_digit_vit()
    words = gpt.vocabulary.words[:6]
    own = torch.from_numpy(forward(gpt, words).log_probabilities.copy())
    logs = anatomy_gpt.ending_of(gpt, words).log_probabilities(
        last_stream(anatomy_gpt.run_of(gpt, words))
    )
    torch.testing.assert_close(logs, own)
    of_digit = anatomy_vit.ending_of(digits).logits(last_stream(anatomy_vit.run_of(digits, DIGIT)))
    np.testing.assert_allclose(of_digit[0], see(digits, DIGIT).logits, atol=1e-5)


@pytest.mark.parametrize("name", ["translator", "gpt", "digits"])
def test_shares_sum_to_one_and_lengths_are_those_of_the_stream(name: str) -> None:
    run, _ = runs()[name]
    stream = stream_of(run)
    assert stream.shares is not None
    np.testing.assert_allclose(stream.shares.sum(axis=0), 1, atol=1e-5)
    np.testing.assert_allclose(stream.after[-1], last_stream(run).norm(dim=-1), rtol=1e-6)
    # The law of cosines, from what is measured alone.
    squared = stream.before**2 + stream.written**2
    squared = squared + 2 * stream.before * stream.written * stream.cosine
    np.testing.assert_allclose(stream.after, np.sqrt(squared), rtol=1e-4)


def test_a_model_that_normalises_after_the_addition_has_no_such_sum() -> None:
    encoder = load_encoder()
    run = anatomy_encoder.run_of(encoder, tokenise("the cat sat"))
    stream = stream_of(run)
    assert stream.shares is None
    assert stream.written.shape == (12, 5)
    ending = runs()["gpt"][1]
    with pytest.raises(ValueError, match="is no sum of what the blocks wrote"):
        attribution_of(run, ending, [0] * 7)


def test_every_row_needs_an_answer() -> None:
    run, ending = runs()["gpt"]
    with pytest.raises(ValueError, match="an answer for each of 7 rows, not 2"):
        attribution_of(run, ending, [0, 1])
