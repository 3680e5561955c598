"""A Vision Transformer as the lab runs it, and the trained one that comes with the lab.

That network is timm's ViT-S/14 (Dosovitskiy et al. 2021, arXiv:2010.11929), initialised from
DINOv2 (Oquab et al. 2023, arXiv:2304.07193), with a decoder that predicts what is salient. Where
the weights come from: ``assets/saliency_vit/README.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from core.saliency_decoder import SaliencyDecoder
from core.timm_import import import_timm
from core.weights import WeightsError, read_weights

timm = import_timm()

WEIGHTS_PATH = Path(__file__).parents[1] / "assets" / "saliency_vit" / "saliency_vit.safetensors"
WEIGHTS_SHA256 = "e3a8d31be61cab1e1d9f3526633ca3d9eb652065333a3c3b6a9c45500af6b59e"

ARCHITECTURE = "vit_small_patch14_dinov2"


# Mean and standard deviation of the ImageNet training pictures, red, green, blue, in [0, 1].
PIXEL_MEAN: Final = (0.485, 0.456, 0.406)
PIXEL_STD: Final = (0.229, 0.224, 0.225)


@dataclass(frozen=True, eq=False)
class VisionTransformer:
    """A Vision Transformer and what the lab has to know to run it.

    Attributes
    ----------
    backbone : timm's VisionTransformer
        In evaluation mode, without gradients.
    decoder : SaliencyDecoder or None
        What reads saliency from its patch features, if the model was trained for that.
    pixel_mean, pixel_std : tuple of float
        For each channel, of values in [0, 1]: a picture is normalised by them, and a hidden patch
        is painted in the mean.
    antialias : bool
        How learned positions are resampled to the grid of a picture: with antialiasing, as timm
        does, or without.
    """

    backbone: Any  # the parts of timm's modules are declared too loosely to be checked
    decoder: SaliencyDecoder | None = None
    pixel_mean: tuple[float, ...] = PIXEL_MEAN
    pixel_std: tuple[float, ...] = PIXEL_STD
    antialias: bool = True

    @property
    def n_layers(self) -> int:
        """Number of transformer blocks."""
        return len(self.backbone.blocks)

    @property
    def n_heads(self) -> int:
        """Number of heads in each block."""
        return int(self.backbone.blocks[0].attn.num_heads)

    @property
    def d_model(self) -> int:
        """Width of a token."""
        return int(self.backbone.embed_dim)

    @property
    def d_head(self) -> int:
        """Width of a head."""
        return self.d_model // self.n_heads

    @property
    def patch_size(self) -> int:
        """Side of a patch in pixels."""
        return int(self.backbone.patch_embed.patch_size[0])

    @property
    def n_channels(self) -> int:
        """Channels of a picture: 3 for colours."""
        return len(self.pixel_mean)

    @property
    def n_prefix_tokens(self) -> int:
        """Tokens before the first patch: class token, distillation token, registers."""
        return int(self.backbone.num_prefix_tokens)

    @property
    def has_class_token(self) -> bool:
        """Whether token 0 is a class token, from which the answer is read."""
        return self.backbone.cls_token is not None

    @property
    def n_classes(self) -> int:
        """Number of classes that it tells apart; 0 if it names none."""
        return int(self.backbone.num_classes)


def load_vision_transformer(path: Path = WEIGHTS_PATH) -> VisionTransformer:
    """Load the trained model that comes with the lab. Opens one file and no connection.

    Parameters
    ----------
    path : Path
        A safetensors file made by ``assets/saliency_vit/convert.py``. The lab's own file is
        checked against its SHA-256.

    Raises
    ------
    WeightsError
        If the file is missing, damaged or for another model.
    """
    sha256 = WEIGHTS_SHA256 if path == WEIGHTS_PATH else None
    return build_vision_transformer(read_weights(path, sha256=sha256))


def build_vision_transformer(tensors: dict[str, torch.Tensor]) -> VisionTransformer:
    """Assemble the model from its weights.

    Parameters
    ----------
    tensors : dict of str to Tensor
        Names ``backbone.*`` as in timm and ``decoder.*`` as in `SaliencyDecoder`. The tensors
        are used as they are, not copied.

    Raises
    ------
    WeightsError
        If a tensor is missing, left over or of another shape.
    """
    # On "meta" nothing is allocated, and with "skip" nothing drawn at random, only to be
    # overwritten: drawing there takes PyTorch's compiler, 75 MB and 0.8 s to import.
    # dynamic_img_size keeps the grid of the positions as trained and accepts any picture.
    backbone = timm.create_model(
        ARCHITECTURE,
        pretrained=False,
        num_classes=0,
        dynamic_img_size=True,
        weight_init="skip",
        device="meta",
    )
    with torch.device("meta"):
        decoder = SaliencyDecoder(d_model=backbone.embed_dim)
    for name, module in (("backbone", backbone), ("decoder", decoder)):
        part = {
            key.removeprefix(f"{name}."): tensor
            for key, tensor in tensors.items()
            if key.startswith(f"{name}.")
        }
        try:
            module.load_state_dict(part, strict=True, assign=True)
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise WeightsError(f"These weights do not fit the {name}: {reason}") from error
        module.eval().requires_grad_(requires_grad=False)
    # With the channels last the decoder takes about a quarter less time on a processor.
    decoder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    # Its positions were resampled without antialiasing in training; timm's default would move
    # single attention weights by up to half.
    return VisionTransformer(backbone=backbone, decoder=decoder, antialias=False)
