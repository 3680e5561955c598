"""The ImageNet models that a reader may fetch: which there are, how large, and how they read.

All are timm's, trained to tell the 1,000 classes of ImageNet-1k apart (Russakovsky et al. 2015,
arXiv:1409.0575), under Apache-2.0, and small enough for little memory. Only the list is here:
nothing is loaded, and nothing fetched, by importing it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

N_CLASSES: Final = 1000

CLASS_TOKEN: Final = "class token"
DISTILLATION_TOKEN: Final = "distillation token"
REGISTER: Final = "register"

# What the names and shapes of 150 to 200 tensors take in a safetensors file, roughly.
_TABLE_BYTES: Final = 15_000
# timm's two ways to normalise a picture with values in [0, 1], red, green, blue.
_HALF: Final = (0.5, 0.5, 0.5)
_IMAGENET_MEAN: Final = (0.485, 0.456, 0.406)
_IMAGENET_STD: Final = (0.229, 0.224, 0.225)

_VIT: Final = "Trained on 14 million pictures of ImageNet-21k, then on ImageNet-1k."
_DEIT: Final = "Trained on the 1.3 million pictures of ImageNet-1k alone."
_DISTILLED: Final = (
    "Trained on ImageNet-1k to agree with a convolutional network too, through a second token of "
    "its own; the two answers are averaged."
)
_REGISTERS: Final = (
    "Trained on ImageNet-1k. It has no class token: the mean of all patches is classified."
)


@dataclass(frozen=True)
class ImageNetModel:
    """A model that can be fetched.

    Attributes
    ----------
    name : str
        timm's name of the architecture and its weights; in links and keys.
    hub_id : str
        The repository on the Hugging Face Hub that has ``model.safetensors``.
    title : str
        Its name on the screen.
    n_parameters : int
        All of them.
    n_layers, n_heads, d_model : int
        Transformer blocks, heads in each, width of a token.
    patch_size, side : int
        Sides in pixels of a patch and of the squares that it was trained on.
    pixel_mean, pixel_std : tuple of float
        What pictures with values in [0, 1] are normalised by, for each channel.
    prefix : tuple of str
        The tokens before the first patch.
    note : str
        What it was trained on and what is special about it, in a sentence or two.
    """

    name: str
    hub_id: str
    title: str
    n_parameters: int
    n_layers: int
    n_heads: int
    d_model: int
    patch_size: int
    side: int
    pixel_mean: tuple[float, float, float]
    pixel_std: tuple[float, float, float]
    prefix: tuple[str, ...]
    note: str

    @property
    def megabytes(self) -> float:
        """Size of the file in millions of bytes: four for each parameter, and its table."""
        return round((4 * self.n_parameters + _TABLE_BYTES) / 1e6, 1)

    @property
    def n_patches(self) -> int:
        """Patches of a square that it was trained on."""
        return (self.side // self.patch_size) ** 2

    @property
    def n_prefix_tokens(self) -> int:
        """Tokens before the first patch."""
        return len(self.prefix)

    @property
    def has_class_token(self) -> bool:
        """Whether the answer is read from a class token rather than from the mean of patches."""
        return CLASS_TOKEN in self.prefix


def _model(
    name: str,
    title: str,
    n_parameters: int,
    n_heads: int,
    d_model: int,
    note: str,
    *,
    n_layers: int = 12,
    patch_size: int = 16,
    side: int = 224,
    prefix: tuple[str, ...] = (CLASS_TOKEN,),
    half: bool = False,
) -> ImageNetModel:
    return ImageNetModel(
        name=name,
        hub_id=f"timm/{name}",
        title=title,
        n_parameters=n_parameters,
        n_layers=n_layers,
        n_heads=n_heads,
        d_model=d_model,
        patch_size=patch_size,
        side=side,
        pixel_mean=_HALF if half else _IMAGENET_MEAN,
        pixel_std=_HALF if half else _IMAGENET_STD,
        prefix=prefix,
        note=note,
    )


_BOTH: Final = (CLASS_TOKEN, DISTILLATION_TOKEN)
# Every number is held to timm's own in tests/core/test_imagenet_models.py.
IMAGENET_MODELS: Final[tuple[ImageNetModel, ...]] = (
    _model(
        "vit_tiny_patch16_224.augreg_in21k_ft_in1k",
        "ViT-Tiny/16",
        5_717_416,
        3,
        192,
        _VIT,
        half=True,
    ),
    _model("deit_tiny_patch16_224.fb_in1k", "DeiT-Tiny/16", 5_717_416, 3, 192, _DEIT),
    _model(
        "deit_tiny_distilled_patch16_224.fb_in1k",
        "DeiT-Tiny/16, distilled",
        5_910_800,
        3,
        192,
        _DISTILLED,
        prefix=_BOTH,
    ),
    _model(
        "vit_wee_patch16_reg1_gap_256.sbb_in1k",
        "ViT-Wee/16, one register",
        13_422_568,
        4,
        256,
        _REGISTERS,
        n_layers=14,
        side=256,
        prefix=(REGISTER,),
        half=True,
    ),
    _model(
        "vit_small_patch16_224.augreg_in21k_ft_in1k",
        "ViT-Small/16",
        22_050_664,
        6,
        384,
        _VIT,
        half=True,
    ),
    _model(
        "vit_small_patch32_224.augreg_in21k_ft_in1k",
        "ViT-Small/32, large patches",
        22_878_952,
        6,
        384,
        _VIT,
        patch_size=32,
        half=True,
    ),
    _model("deit_small_patch16_224.fb_in1k", "DeiT-Small/16", 22_050_664, 6, 384, _DEIT),
    _model(
        "deit_small_distilled_patch16_224.fb_in1k",
        "DeiT-Small/16, distilled",
        22_436_432,
        6,
        384,
        _DISTILLED,
        prefix=_BOTH,
    ),
    _model(
        "vit_little_patch16_reg4_gap_256.sbb_in1k",
        "ViT-Little/16, four registers",
        22_516_008,
        5,
        320,
        _REGISTERS,
        n_layers=14,
        side=256,
        prefix=(REGISTER,) * 4,
        half=True,
    ),
)


def imagenet_model(name: str) -> ImageNetModel:
    """Return the model with this name.

    Raises
    ------
    KeyError
        If the list has none such.
    """
    for model in IMAGENET_MODELS:
        if model.name == name:
            return model
    raise KeyError(f"There is no ImageNet model {name!r} in the list.")
