"""One number of an answer and its slopes: against timm's own modules, autograd, and differences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from core.readout import (
    Answer,
    ClassReadout,
    PrototypeReadout,
    Readout,
    SaliencyReadout,
    salient_region,
)
from core.saliency_decoder import SaliencyDecoder
from core.vision_attention import Interventions
from core.vit import forward
from core.vit_model import VisionTransformer, timm
from core.vit_outputs import MOST_PATCHES, attention_gradients, output
from core.weight_edits import WeightEdit

GRID = (3, 4)
KINDS = ("class token", "mean of patches", "distilled", "registers")


def small_model(kind: str) -> VisionTransformer:
    """Return an untrained model of 3 layers and 2 heads, its attention sharp enough to matter."""
    torch.manual_seed(3)
    sizes = {
        "img_size": 8,
        "patch_size": 2,
        "in_chans": 3,
        "num_classes": 5,
        "embed_dim": 16,
        "depth": 3,
        "num_heads": 2,
        "dynamic_img_size": True,
    }
    if kind == "distilled":
        backbone = timm.models.deit.VisionTransformerDistilled(**sizes)
    elif kind == "mean of patches":
        backbone = timm.models.vision_transformer.VisionTransformer(
            **sizes, class_token=False, global_pool="avg"
        )
    else:
        n_registers = 2 if kind == "registers" else 0
        backbone = timm.models.vision_transformer.VisionTransformer(**sizes, reg_tokens=n_registers)
    with torch.no_grad():
        for name, parameter in backbone.named_parameters():
            if parameter.ndim > 1:
                parameter.normal_(std=0.5 if "qkv" in name else 0.3)
    decoder = SaliencyDecoder(d_model=16)
    for module in (backbone, decoder):
        module.eval().requires_grad_(requires_grad=False)
    for block in backbone.blocks:
        block.attn.fused_attn = False  # so that timm makes weights that a hook can see
    return VisionTransformer(backbone=backbone, decoder=decoder)


@pytest.fixture(scope="module", params=KINDS)
def model(request: pytest.FixtureRequest) -> VisionTransformer:
    return small_model(request.param)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2 * GRID[0], 2 * GRID[1], 3), dtype=np.uint8)


def readouts(model: VisionTransformer) -> dict[str, Readout]:
    rng = np.random.default_rng(1)
    return {
        "class": ClassReadout(2),
        "saliency": SaliencyReadout(rng.random((8 * GRID[0], 8 * GRID[1])) < 0.3),
        "prototype": PrototypeReadout(
            rng.normal(size=model.d_model).astype(np.float32),
            rng.normal(size=model.d_model).astype(np.float32),
        ),
    }


class Watched:
    """timm's own forward pass, with hooks on what its attention drops out of: the weights."""

    def __init__(self, model: VisionTransformer, *, double: bool = False) -> None:
        self.model = model
        self.dtype = torch.float64 if double else torch.float32
        self.weights: list[torch.Tensor] = []
        self.class_tokens: list[torch.Tensor] = []
        self.nudge: tuple[int, int, int, int, float] | None = None

    @contextmanager
    def hooked(self) -> Iterator[None]:
        self.weights, self.class_tokens = [], []
        blocks = self.model.backbone.blocks
        handles = [block.attn.attn_drop.register_forward_hook(self._see) for block in blocks]
        handles += [block.register_forward_hook(self._end) for block in blocks]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _see(self, _: object, __: object, weights: torch.Tensor) -> torch.Tensor:
        layer = len(self.weights)
        if self.nudge is not None and self.nudge[0] == layer:
            _, head, query, key, size = self.nudge
            weights = weights.clone()
            weights[0, head, query, key] += size
        if weights.requires_grad:
            weights.retain_grad()
        self.weights.append(weights)
        return weights

    def _end(self, _: object, __: object, tokens: torch.Tensor) -> None:
        prefix = self.model.n_prefix_tokens
        read = tokens[0, 0] if self.model.has_class_token else tokens[0, prefix:].mean(dim=0)
        self.class_tokens.append(read)

    def answer(self, picture: np.ndarray) -> Answer:
        mean, std = np.array(self.model.pixel_mean), np.array(self.model.pixel_std)
        pixels = ((picture / 255 - mean) / std).transpose(2, 0, 1)[None]
        tokens = torch.tensor(pixels, dtype=self.dtype).requires_grad_()
        with self.hooked():
            features = self.model.backbone.forward_features(tokens)
        return Answer(features[0], list(self.class_tokens), GRID)


@pytest.mark.parametrize("name", ["class", "saliency", "prototype"])
class TestGradients:
    def test_equal_those_of_timms_own_pass(
        self, model: VisionTransformer, picture: np.ndarray, name: str
    ) -> None:
        readout = readouts(model)[name]
        watched = Watched(model)
        with torch.enable_grad():
            score = readout.score(model, watched.answer(picture))
            score.backward()
        found = attention_gradients(model, picture, readout)
        assert found.score == pytest.approx(float(score.detach()), abs=1e-5)
        n_tokens = model.n_prefix_tokens + GRID[0] * GRID[1]
        assert found.weights.shape == found.gradients.shape == (3, 2, n_tokens, n_tokens)
        for layer, weights in enumerate(watched.weights):
            np.testing.assert_allclose(found.weights[layer], weights[0].detach(), atol=1e-5)
            slopes = torch.zeros_like(weights) if weights.grad is None else weights.grad
            scale = max(float(slopes.abs().max()), 1.0)
            np.testing.assert_allclose(found.gradients[layer], slopes[0], atol=1e-5 * scale)

    def test_the_value_is_that_of_a_pass_without_gradients(
        self, model: VisionTransformer, picture: np.ndarray, name: str
    ) -> None:
        readout = readouts(model)[name]
        found = attention_gradients(model, picture, readout)
        assert found.value == pytest.approx(output(model, picture, readout), abs=1e-5)


class TestDifferences:
    @pytest.mark.parametrize("kind", ["class token", "mean of patches"])
    def test_slopes_are_what_a_nudged_weight_does(self, kind: str, picture: np.ndarray) -> None:
        # No autograd here: timm's pass in double precision, one weight moved up and down.
        model = small_model(kind)
        found = attention_gradients(model, picture, ClassReadout(2))
        model.backbone.double()
        watched, size = Watched(model, double=True), 1e-5
        rng = np.random.default_rng(2)
        for _ in range(12):
            place = tuple(int(rng.integers(n)) for n in found.weights.shape)
            scores = []
            for sign in (1, -1):
                watched.nudge = (*place, sign * size)
                with torch.no_grad():
                    scores.append(float(readout_score(model, watched.answer(picture))))
            slope = (scores[0] - scores[1]) / (2 * size)
            assert found.gradients[place] == pytest.approx(slope, abs=1e-4, rel=1e-3)


def readout_score(model: VisionTransformer, answer: Answer) -> torch.Tensor:
    return ClassReadout(2).score(model, answer)


def expected_saliency(saliency: np.ndarray, region: np.ndarray) -> float:
    return float(saliency[region].mean() - saliency[~region].mean())


class TestOutput:
    def test_a_class_is_a_probability_of_the_forward_pass(
        self, model: VisionTransformer, picture: np.ndarray
    ) -> None:
        changes = Interventions(frozenset({(1, 0), (2, 1)}), frozenset({0, 7}))
        for interventions in (Interventions(), changes):
            seen = forward(model, picture, interventions)
            value = output(model, picture, ClassReadout(2), interventions)
            assert value == pytest.approx(float(seen.probabilities[2]), abs=1e-5)

    def test_saliency_is_that_of_the_forward_pass(
        self, model: VisionTransformer, picture: np.ndarray
    ) -> None:
        readout = readouts(model)["saliency"]
        changes = Interventions(frozenset({(0, 1)}), frozenset({3}))
        seen = forward(model, picture, changes).saliency
        assert isinstance(readout, SaliencyReadout)
        found = output(model, picture, readout, changes)
        assert found == pytest.approx(expected_saliency(seen, readout.region), abs=1e-5)

    def test_a_region_that_is_all_there_is_has_no_rest(
        self, model: VisionTransformer, picture: np.ndarray
    ) -> None:
        everywhere = SaliencyReadout(np.ones((8 * GRID[0], 8 * GRID[1]), dtype=bool))
        mean = float(forward(model, picture).saliency.mean())
        assert output(model, picture, everywhere) == pytest.approx(mean, abs=1e-5)

    def test_a_prototype_by_hand(self, model: VisionTransformer, picture: np.ndarray) -> None:
        readout = readouts(model)["prototype"]
        assert isinstance(readout, PrototypeReadout)
        raw = forward(model, picture).class_tokens[model.n_layers - 2].astype(np.float64)
        normed = (raw - raw.mean()) / np.sqrt(raw.var() + 1e-5) - readout.centre
        lengths = np.linalg.norm(normed) * np.linalg.norm(readout.direction)
        expected = float(normed @ readout.direction / lengths)
        assert output(model, picture, readout) == pytest.approx(expected, abs=1e-5)

    def test_nothing_is_left_on_the_model(
        self, model: VisionTransformer, picture: np.ndarray
    ) -> None:
        attention_gradients(model, picture, ClassReadout(0))
        for module in model.backbone.modules():
            assert not module._forward_hooks
        assert all(parameter.grad is None for parameter in model.backbone.parameters())

    def test_weights_are_not_forced_here(
        self, model: VisionTransformer, picture: np.ndarray
    ) -> None:
        edits = Interventions(weight_edits=(WeightEdit(0, 0, 0, 1, 0.5),))
        with pytest.raises(ValueError, match=r"core\.vit\.forward"):
            output(model, picture, ClassReadout(0), edits)


class TestRefusals:
    def test_too_many_patches_for_gradients(self) -> None:
        model = small_model("class token")
        side = 2 * (int(MOST_PATCHES**0.5) + 1)
        with pytest.raises(ValueError, match="Cut it into fewer"):
            attention_gradients(model, np.zeros((side, side, 3), np.uint8), ClassReadout(0))


class TestSalientRegion:
    def test_one_half_and_more(self) -> None:
        saliency = np.array([[0.2, 0.5], [0.9, 0.49]], dtype=np.float32)
        np.testing.assert_array_equal(salient_region(saliency), [[False, True], [True, False]])

    def test_where_nothing_stands_out_the_strongest_hundredth(self) -> None:
        saliency = np.linspace(0, 0.3, 400, dtype=np.float32).reshape(20, 20)
        region = salient_region(saliency)
        assert region.sum() == 4
        assert region[-1, -4:].all()
