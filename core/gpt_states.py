"""The vectors of a text on their way through the small language model, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.gpt_model import Gpt
from core.transformer import no_later, walk


@torch.no_grad()
def token_states(model: Gpt, words: Sequence[str]) -> NDArray[np.float32]:
    """Return the vector of every word as embedded, and after each layer.

    Parameters
    ----------
    model : Gpt
    words : sequence of str
        At most `Gpt.max_words`.

    Returns
    -------
    ndarray of float32, (layer + 1, position, d_model)
        The start is position 0. Row i depends on ``words[:i]`` alone.

    Raises
    ------
    ValueError
        If there are more words than the model has positions for.
    """
    if len(words) > model.max_words:
        msg = f"The model reads at most {model.max_words} words; got {len(words)}."
        raise ValueError(msg)
    states = model.weights.embedding(torch.tensor(model.numbers(words)))
    found = [states]
    for part in walk(model.stack, states, mask=no_later(len(words) + 1)):
        if part.kind == "self":
            found.append(part.leaving)
        else:
            found[-1] = part.leaving  # a layer ends with its last part
    result: NDArray[np.float32] = torch.stack(found).numpy()
    return result
