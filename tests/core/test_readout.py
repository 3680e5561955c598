"""What is read from an answer, against NumPy on what the forward pass returns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.readout import (
    Answer,
    ClassReadout,
    PrototypeReadout,
    SaliencyReadout,
    salient_region,
)
from core.saliency_decoder import SaliencyDecoder
from core.vision_attention import Interventions
from core.vit import forward
from core.vit_model import VisionTransformer, timm
from core.vit_outputs import output

PICTURE = np.random.default_rng(3).integers(0, 256, (24, 40, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def model() -> VisionTransformer:
    """Return a small model with everything: classes and a decoder, weights at random."""
    torch.manual_seed(4)
    backbone = timm.models.vision_transformer.VisionTransformer(
        img_size=32, patch_size=8, embed_dim=24, depth=3, num_heads=3, num_classes=5,
        dynamic_img_size=True,
    )  # fmt: skip
    decoder = SaliencyDecoder(d_model=24)
    for part in (backbone, decoder):
        for parameter in part.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
        part.eval().requires_grad_(requires_grad=False)
    return VisionTransformer(backbone, decoder)


def test_a_class_is_read_as_its_probability(model: VisionTransformer) -> None:
    looked = forward(model, PICTURE)
    values = [output(model, PICTURE, ClassReadout(index)) for index in range(5)]
    np.testing.assert_allclose(values, looked.probabilities, atol=1e-6)
    answer = Answer(torch.from_numpy(looked.tokens.copy()), [], looked.grid)
    assert float(ClassReadout(2).score(model, answer)) == pytest.approx(looked.logits[2], abs=1e-5)


def test_saliency_is_read_as_how_much_a_region_stands_out(model: VisionTransformer) -> None:
    looked = forward(model, PICTURE)
    region = np.zeros(looked.saliency.shape, dtype=bool)
    region[3:9, 5:20] = True
    readout = SaliencyReadout(region)
    value = output(model, PICTURE, readout)
    by_hand = looked.saliency[region].mean() - looked.saliency[~region].mean()
    assert value == pytest.approx(by_hand, abs=1e-5)
    answer = Answer(torch.from_numpy(looked.tokens.copy()), [], looked.grid)
    saliency = looked.saliency.astype(np.float64)
    logits = np.log(saliency / (1 - saliency))
    by_hand = logits[region].mean() - logits[~region].mean()
    assert float(readout.score(model, answer)) == pytest.approx(by_hand, abs=1e-3)


def test_a_taught_class_is_read_as_a_cosine(model: VisionTransformer) -> None:
    generator = np.random.default_rng(5)
    centre, direction = generator.normal(size=(2, 24)).astype(np.float32)
    last_but_one = forward(model, PICTURE).class_tokens[1].astype(np.float64)
    feature = (last_but_one - last_but_one.mean()) / np.sqrt(last_but_one.var() + 1e-5) - centre
    cosine = feature @ direction / np.linalg.norm(feature) / np.linalg.norm(direction)
    value = output(model, PICTURE, PrototypeReadout(centre, direction))
    assert value == pytest.approx(cosine, abs=1e-5)


@pytest.mark.parametrize(
    "interventions",
    [
        Interventions(hidden_patches=frozenset({0, 7, 14})),
        Interventions(dropped_heads=frozenset({(0, 1), (2, 2)})),
        Interventions(hidden_patches=frozenset(range(15))),
    ],
)
def test_it_is_read_under_interventions(
    model: VisionTransformer, interventions: Interventions
) -> None:
    expected = forward(model, PICTURE, interventions).probabilities
    assert np.abs(expected - forward(model, PICTURE).probabilities).max() > 1e-3
    values = [output(model, PICTURE, ClassReadout(index), interventions) for index in range(5)]
    np.testing.assert_allclose(values, expected, atol=1e-6)


def test_the_region_is_what_is_salient_and_never_empty() -> None:
    saliency = np.full((40, 40), 0.2, dtype=np.float32)
    saliency[4:12, 4:12] = 0.5
    assert salient_region(saliency).sum() == 64
    saliency[4:12, 4:12] = 0.3
    saliency[0, :16] = np.linspace(0.4, 0.49, 16)
    region = salient_region(saliency)
    assert region[0, :16].all()
    assert region.sum() == 16  # a hundredth of 1,600 cells
    assert salient_region(np.full((8, 8), 0.1, dtype=np.float32)).any()
