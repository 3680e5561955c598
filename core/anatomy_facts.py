"""In what a Transformer differs from others, read off the model itself where that can be done."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)

from core.anatomy import Facts
from core.transformer_parts import CROSS, FeedForwardPart, Stack, unchanged

LEARNED = "learned"
NO_POSITIONS = "none"
EVERY_TOKEN = "every token"
MEAN_OF_TOKENS = "mean of tokens"
READS_CLASS_TOKEN = "class token"
READS_PATCHES = "patches"


@torch.no_grad()
def facts_of(
    stacks: dict[str, Stack],
    d_model: int,
    *,
    n_positions: int,
    causal: bool,
    tied: bool,
    read_out: str,
    answer: str,
    n_answers: int,
    class_token: bool = False,
) -> Facts:
    """Describe a model by its stacks, and by what the stacks do not know.

    Parameters
    ----------
    stacks : dict of str to Stack
        By name, in the order in which they run.
    d_model : int
    n_positions : int
        Learned positions; 0 where there are none.
    causal, tied, read_out, answer, n_answers, class_token
        As in `core.anatomy.Facts`.
    """
    final = list(stacks.values())[-1]
    forward = next(part for part in final.layers[0] if isinstance(part, FeedForwardPart))
    return Facts(
        n_layers=tuple((name, len(stack.layers)) for name, stack in stacks.items()),
        d_hidden=int(forward.inner(torch.zeros(1, d_model)).shape[-1]),
        norm_first=final.norm_first,
        last_norm=final.last_norm is not unchanged,
        activation=_activation(forward),
        class_token=class_token,
        positions=LEARNED if n_positions else NO_POSITIONS,
        n_positions=n_positions,
        causal=causal,
        cross=any(stack.attentions(CROSS) for stack in stacks.values()),
        tied=tied,
        read_out=read_out,
        answer=answer,
        n_answers=n_answers,
    )


def _activation(part: FeedForwardPart) -> str:
    """Tell the bend of a feed-forward part by what it does to some numbers."""
    numbers = torch.linspace(-3.0, 3.0, 13)
    bent = part.activation(numbers)
    known = {"relu": torch.relu(numbers), "gelu": F.gelu(numbers)}
    return next((name for name, of in known.items() if torch.allclose(bent, of)), "another")
