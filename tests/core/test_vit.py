"""The explicit forward pass against timm's own, against onnxruntime, and under intervention."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from core.attention import scaled_dot_product_attention
from core.attention_maps import attention_received
from core.images import decode_picture, fit_to_patches
from core.vision_attention import VisionAttention
from core.vit import (
    Interventions,
    VisionTransformer,
    forward,
    load_vision_transformer,
)
from core.vit_model import (
    PIXEL_MEAN,
    PIXEL_STD,
    WEIGHTS_PATH,
    build_vision_transformer,
    timm,
)
from core.weight_edits import WeightEdit
from core.weights import WeightsError, read_weights

PHOTOS = Path(__file__).parents[2] / "assets" / "photos"
GOLDEN = Path(__file__).parents[1] / "data" / "vit_golden.npz"
SHAPES = [(224, 224), (182, 280), (448, 448), (14, 112)]


@pytest.fixture(scope="module")
def model() -> VisionTransformer:
    return load_vision_transformer()


@pytest.fixture(scope="module")
def timm_model() -> Callable[[int, int], torch.nn.Module]:
    """Return timm's own model for one picture size, its positions resampled by timm."""
    tensors = {
        name.removeprefix("backbone."): tensor
        for name, tensor in read_weights(WEIGHTS_PATH).items()
        if name.startswith("backbone.")
    }

    def make(height: int, width: int) -> torch.nn.Module:
        reference = timm.create_model(
            "vit_small_patch14_dinov2.lvd142m", num_classes=0, img_size=(height, width)
        )
        resampled = timm.models.vision_transformer.checkpoint_filter_fn(
            dict(tensors), reference, antialias=False
        )
        reference.load_state_dict(resampled, strict=True)
        return reference.eval()

    return make


@pytest.fixture(scope="module")
def reference(timm_model: Callable[[int, int], torch.nn.Module]) -> torch.nn.Module:
    """Return timm's model for 56 x 84 pixels, explicit attention, its weights to be seen."""
    small = timm_model(56, 84)
    for block in small.blocks:
        block.attn.fused_attn = False
    return small


def noise(height: int = 56, width: int = 84, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def photo(name: str, n_patches_target: int = 256) -> np.ndarray:
    decoded = decode_picture((PHOTOS / name).read_bytes())
    return fit_to_patches(decoded, n_patches_target=n_patches_target)


def pixels_of(picture: np.ndarray) -> torch.Tensor:
    normalised = (picture / 255.0 - PIXEL_MEAN) / PIXEL_STD
    return torch.tensor(normalised.transpose(2, 0, 1)[None], dtype=torch.float32)


@torch.no_grad()
def features_of(reference: torch.nn.Module, pixels: torch.Tensor) -> np.ndarray:
    return reference.forward_features(pixels)[0].numpy()


@pytest.fixture(scope="module")
def plain(model: VisionTransformer) -> VisionAttention:
    return forward(model, noise())


class TestLoading:
    def test_the_architecture(self, model: VisionTransformer) -> None:
        assert (model.n_layers, model.n_heads, model.d_head, model.d_model) == (12, 6, 64, 384)
        assert (model.patch_size, model.n_prefix_tokens) == (14, 1)

    def test_it_is_frozen(self, model: VisionTransformer) -> None:
        for part in (model.backbone, model.decoder):
            assert not any(module.training for module in part.modules())
            assert not any(parameter.requires_grad for parameter in part.parameters())
            assert all(parameter.dtype == torch.float32 for parameter in part.parameters())

    def test_no_connection_is_opened(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise AssertionError("a connection was opened")

        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        assert load_vision_transformer().n_layers == 12

    def test_the_file_is_small_enough_to_host(self) -> None:
        assert WEIGHTS_PATH.stat().st_size < 50e6

    def test_weights_of_another_model_are_refused(self) -> None:
        tensors = read_weights(WEIGHTS_PATH)
        del tensors["backbone.blocks.3.attn.qkv.bias"]
        with pytest.raises(WeightsError, match=r"do not fit the backbone.*blocks\.3\.attn\.qkv"):
            build_vision_transformer(tensors)

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(WeightsError, match=r"no weights at .*gone.safetensors"):
            load_vision_transformer(tmp_path / "gone.safetensors")


class TestAgainstTimm:
    @pytest.mark.parametrize(("height", "width"), SHAPES)
    def test_features(
        self,
        model: VisionTransformer,
        timm_model: Callable[[int, int], torch.nn.Module],
        height: int,
        width: int,
    ) -> None:
        picture = noise(height, width)
        ours = forward(model, picture)
        expected = features_of(timm_model(height, width), pixels_of(picture))
        assert ours.grid == (height // 14, width // 14)
        np.testing.assert_allclose(ours.tokens, expected, atol=1e-4)

    def test_every_weight_of_every_head(
        self, model: VisionTransformer, reference: torch.nn.Module
    ) -> None:
        seen: list[torch.Tensor] = []
        hooks = [
            block.attn.attn_drop.register_forward_hook(lambda _m, _i, out: seen.append(out[0]))
            for block in reference.blocks
        ]
        features_of(reference, pixels_of(noise()))
        for hook in hooks:
            hook.remove()
        expected = torch.stack(seen).numpy()
        kept = forward(model, noise(), keep_weights=True).kept_weights
        assert expected.shape == (12, 6, 25, 25)
        np.testing.assert_allclose(kept, expected, atol=1e-4)

    def test_a_dropped_head(
        self, model: VisionTransformer, reference: torch.nn.Module, plain: VisionAttention
    ) -> None:
        def zero_head_3(_module: object, inputs: tuple[torch.Tensor]) -> torch.Tensor:
            mixed = inputs[0].clone()
            mixed[..., 3 * 64 : 4 * 64] = 0.0
            return mixed

        hook = reference.blocks[5].attn.proj.register_forward_pre_hook(zero_head_3)
        expected = features_of(reference, pixels_of(noise()))
        hook.remove()
        dropped = forward(model, noise(), Interventions(dropped_heads=frozenset({(5, 3)})))
        np.testing.assert_allclose(dropped.tokens, expected, atol=1e-4)
        assert np.abs(dropped.tokens - plain.tokens).max() > 0.05

    def test_a_forced_weight(
        self, model: VisionTransformer, reference: torch.nn.Module, plain: VisionAttention
    ) -> None:
        def force(_module: object, _inputs: object, weights: torch.Tensor) -> torch.Tensor:
            forced = weights.clone()
            row = forced[0, 2, 0]
            row *= 0.2 / (1.0 - row[7])
            row[7] = 0.8
            return forced

        hook = reference.blocks[4].attn.attn_drop.register_forward_hook(force)
        expected = features_of(reference, pixels_of(noise()))
        hook.remove()
        edit = WeightEdit(layer=4, head=2, query=0, key=7, weight=0.8)
        edited = forward(model, noise(), Interventions(weight_edits=(edit,)))
        np.testing.assert_allclose(edited.tokens, expected, atol=1e-4)
        assert np.abs(edited.tokens - plain.tokens).max() > 0.05

    def test_hidden_patches_have_the_mean_colour(
        self, model: VisionTransformer, reference: torch.nn.Module
    ) -> None:
        pixels = pixels_of(noise())
        pixels[:, :, 14:28, 42:56] = 0.0  # row 1, column 3 of 6: patch 9
        hidden = forward(model, noise(), Interventions(hidden_patches=frozenset({9})))
        np.testing.assert_allclose(hidden.tokens, features_of(reference, pixels), atol=1e-4)


class TestAgainstOnnxruntime:
    """The original network run by code that shares nothing with ours (tests/data)."""

    def test_weights_and_saliency(self, model: VisionTransformer) -> None:
        golden = np.load(GOLDEN)
        ours = forward(model, photo("astronaut.jpg"))
        for index, layer in enumerate(golden["layers"]):
            rows = ours.weights(layer)[:, golden["queries"]]
            np.testing.assert_allclose(rows, golden["rows"][index], atol=5e-3)
        patch_saliency = ours.saliency.reshape(16, 8, 16, 8).mean(axis=(1, 3))
        np.testing.assert_allclose(patch_saliency, golden["patch_saliency"], atol=1e-2)


class TestWhatComesBack:
    def test_shapes(self, model: VisionTransformer) -> None:
        attention = forward(model, noise(56, 84))
        assert attention.grid == (4, 6)
        assert (attention.n_layers, attention.n_heads, attention.n_tokens) == (12, 6, 25)
        assert attention.query.shape == attention.key.shape == (12, 6, 25, 64)
        assert attention.tokens.shape == (25, 384)
        assert attention.patch_features.shape == (24, 384)
        assert attention.class_tokens.shape == (12, 384)
        assert attention.saliency.shape == (32, 48)
        assert attention.weights(3).shape == (6, 25, 25)
        assert attention.rows(3, 24).shape == (6, 25)
        assert attention.cls_maps(3).shape == (6, 4, 6)

    def test_saliency_is_a_probability(self, plain: VisionAttention) -> None:
        assert plain.saliency.dtype == np.float32
        assert plain.saliency.min() >= 0.0
        assert plain.saliency.max() <= 1.0

    def test_arrays_cannot_be_written_to(self, model: VisionTransformer) -> None:
        attention = forward(model, noise(), keep_weights=True)
        for name in ("query", "key", "tokens", "class_tokens", "saliency", "kept_weights"):
            with pytest.raises(ValueError, match="read-only"):
                getattr(attention, name)[0] = 0.0

    def test_weights_made_again_equal_those_of_the_pass(self, model: VisionTransformer) -> None:
        edits = (WeightEdit(2, 1, 0, 5, 0.9), WeightEdit(2, 1, 7, 7, 0.0))
        interventions = Interventions(frozenset({(1, 1)}), frozenset({3}), edits)
        again = forward(model, noise(), interventions)
        kept = forward(model, noise(), interventions, keep_weights=True)
        assert again.kept_weights is None
        for layer in range(12):
            np.testing.assert_allclose(again.weights(layer), kept.weights(layer), atol=1e-4)
            np.testing.assert_allclose(again.weights(layer).sum(axis=-1), 1.0, atol=1e-5)
            for token in (0, 7, 24):
                np.testing.assert_allclose(
                    again.rows(layer, token), again.weights(layer)[:, token], atol=1e-4
                )

    def test_weights_are_those_of_the_lab_s_own_attention(self, plain: VisionAttention) -> None:
        query, key = plain.query[6], plain.key[6]
        expected = scaled_dot_product_attention(query, key, key).weights
        np.testing.assert_allclose(plain.weights(6), expected, atol=1e-6)

    def test_maps_leave_the_class_token_out_and_lie_row_by_row(
        self, plain: VisionAttention
    ) -> None:
        row = plain.weights(11)[2, 0]
        class_map = plain.cls_maps(11)[2]
        assert class_map[0, 0] == pytest.approx(row[1], rel=1e-4)
        assert class_map[1, 3] == pytest.approx(row[1 + 1 * 6 + 3], rel=1e-4)
        assert class_map.sum() == pytest.approx(1.0 - row[0], rel=1e-4)

    def test_the_last_class_token_normalised_is_the_feature(
        self, model: VisionTransformer, plain: VisionAttention
    ) -> None:
        normalised = model.backbone.norm(torch.tensor(plain.class_tokens[11])).numpy()
        np.testing.assert_allclose(normalised, plain.tokens[0], atol=1e-5)

    def test_without_any_head_no_patch_hears_of_another(self, model: VisionTransformer) -> None:
        every_head = frozenset((layer, head) for layer in range(12) for head in range(6))
        changed = noise().copy()
        changed[14:28, 42:56] = 255 - changed[14:28, 42:56]  # patch 9, token 10
        deaf = Interventions(dropped_heads=every_head)
        difference = forward(model, noise(), deaf).tokens - forward(model, changed, deaf).tokens
        differs = np.abs(difference).max(axis=1) > 1e-4
        assert np.flatnonzero(differs).tolist() == [10]

    def test_forcing_a_weight_to_what_it_is_changes_nothing(
        self, model: VisionTransformer, plain: VisionAttention
    ) -> None:
        weight = float(plain.weights(8)[3, 4, 5])
        same = forward(
            model, noise(), Interventions(weight_edits=(WeightEdit(8, 3, 4, 5, weight),))
        )
        np.testing.assert_allclose(same.tokens, plain.tokens, atol=1e-4)

    def test_forcing_a_weight_reaches_only_its_query_in_that_layer(
        self, model: VisionTransformer, plain: VisionAttention
    ) -> None:
        edit = WeightEdit(layer=11, head=0, query=4, key=2, weight=1.0)
        edited = forward(model, noise(), Interventions(weight_edits=(edit,)))
        differs = np.abs(edited.tokens - plain.tokens).max(axis=1) > 1e-4
        assert np.flatnonzero(differs).tolist() == [4]
        np.testing.assert_array_equal(edited.rows(11, 4)[0], np.eye(25)[2])


class TestRefusals:
    @pytest.mark.parametrize(
        "picture",
        [
            np.zeros((225, 224, 3), np.uint8),
            np.zeros((224, 224, 3), np.float32),
            np.zeros((224, 224), np.uint8),
            np.zeros((0, 14, 3), np.uint8),
        ],
    )
    def test_pictures_off_the_grid(self, model: VisionTransformer, picture: np.ndarray) -> None:
        with pytest.raises(ValueError, match="fit_to_patches"):
            forward(model, picture)

    @pytest.mark.parametrize(
        ("interventions", "text"),
        [
            (Interventions(dropped_heads=frozenset({(12, 0)})), "no head 0 in a layer 12"),
            (Interventions(dropped_heads=frozenset({(0, -1)})), "no head -1"),
            (Interventions(hidden_patches=frozenset({24})), "no patch 24"),
            (Interventions(weight_edits=(WeightEdit(0, 6, 0, 0, 0.5),)), "no head 6"),
            (Interventions(weight_edits=(WeightEdit(0, 0, 25, 0, 0.5),)), "from token 25"),
        ],
    )
    def test_interventions_on_what_is_not_there(
        self, model: VisionTransformer, interventions: Interventions, text: str
    ) -> None:
        with pytest.raises(ValueError, match=text):
            forward(model, noise(), interventions)


class TestSharing:
    def test_nothing_is_left_on_the_model(self, model: VisionTransformer) -> None:
        before = {name: tensor.clone() for name, tensor in model.backbone.state_dict().items()}
        picture = noise()
        edits = (WeightEdit(0, 0, 0, 1, 0.5),)
        forward(model, picture, Interventions(frozenset({(0, 0)}), frozenset({1}), edits))
        np.testing.assert_array_equal(picture, noise())
        for name, tensor in model.backbone.state_dict().items():
            assert torch.equal(tensor, before[name])
        for module in model.backbone.modules():
            assert not module._forward_hooks
            assert not module._forward_pre_hooks

    def test_many_threads_at_once(self, model: VisionTransformer) -> None:
        cases = [
            (noise(56, 84, seed=1), Interventions()),
            (noise(56, 84, seed=1), Interventions(dropped_heads=frozenset({(3, 2)}))),
            (noise(84, 56, seed=2), Interventions(hidden_patches=frozenset({0, 5}))),
            (noise(70, 70, seed=3), Interventions(weight_edits=(WeightEdit(9, 1, 0, 3, 0.7),))),
        ]
        alone = [forward(model, *case) for case in cases]
        together: dict[tuple[int, int], VisionAttention] = {}

        def run(index: int, turn: int) -> None:
            together[index, turn] = forward(model, *cases[index])

        threads = [
            threading.Thread(target=run, args=(index, turn))
            for turn in range(4)
            for index in range(len(cases))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(together) == 16
        for (index, _), result in together.items():
            np.testing.assert_allclose(result.tokens, alone[index].tokens, atol=1e-5)
            np.testing.assert_allclose(result.saliency, alone[index].saliency, atol=1e-5)

    def test_interventions_can_be_cache_keys(self) -> None:
        def make() -> Interventions:
            return Interventions(
                frozenset({(1, 2)}), frozenset({3}), (WeightEdit(0, 0, 0, 0, 0.5),)
            )

        assert hash(make()) == hash(make())
        assert make() == make()
        assert make() != Interventions()


class TestWhatTheModelDoes:
    """The model sees what the lab's pages say it sees."""

    @pytest.mark.parametrize("name", ["macaw.jpg", "koala.jpg", "crab.jpg"])
    def test_saliency_finds_the_animal_not_the_border(
        self, model: VisionTransformer, name: str
    ) -> None:
        saliency = forward(model, photo(name)).saliency
        rows, columns = saliency.shape
        middle = saliency[rows // 3 : 2 * rows // 3, columns // 3 : 2 * columns // 3]
        assert saliency.max() > 0.9
        border = np.concatenate([saliency[:8].ravel(), saliency[:, :8].ravel()])
        assert middle.mean() > 1.5 * border.mean()

    def test_a_head_of_the_last_layer_looks_at_the_background(
        self, model: VisionTransformer
    ) -> None:
        attention = forward(model, photo("macaw.jpg"))
        rows, columns = attention.grid
        salient = attention.saliency.reshape(rows, 8, columns, 8).mean(axis=(1, 3)) > 0.5
        maps = attention.cls_maps(11)
        on_object = maps[:, salient].sum(axis=1) / maps.sum(axis=(1, 2))
        assert on_object.argmin() == 3
        assert on_object[3] < 0.4
        assert np.delete(on_object, 3).min() > 0.7

    def test_the_first_layer_has_a_sink(self, model: VisionTransformer) -> None:
        received = attention_received(forward(model, photo("macaw.jpg")).weights(0).mean(axis=0))
        assert received.max() > 10
