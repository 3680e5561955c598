"""Many pictures at once get the answers that each gets alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.vit import forward
from core.vit_answers import answers
from tests.core.test_vit_parameters import WITHOUT, tiny


@pytest.mark.parametrize("options", [{}, WITHOUT], ids=["class token", "mean"])
def test_answers_are_those_of_single_passes(options: dict[str, object]) -> None:
    model = replace(tiny(**options), pixel_mean=(0.4,), pixel_std=(0.3,))
    pictures = np.random.default_rng(1).integers(0, 256, (40, 8, 8, 1), dtype=np.uint8)
    # Else the answer would hang on what all pictures share.
    logits = np.mean([forward(model, picture).logits for picture in pictures], axis=0)
    model.backbone.head.bias.sub_(torch.from_numpy(logits))
    alone = [int(forward(model, picture).logits.argmax()) for picture in pictures]
    assert len(set(alone)) > 1
    np.testing.assert_array_equal(answers(model, pictures), alone)


def test_other_arrays_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(picture, height, width, 1\)"):
        answers(tiny(), np.zeros((2, 8, 8), np.uint8))
