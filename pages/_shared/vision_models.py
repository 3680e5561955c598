"""The Vision Transformers that pages can look into, known before any of them is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.imagenet_models import CLASS_TOKEN, IMAGENET_MODELS, N_CLASSES
from pages._shared import imagenet

# Names of models in states, links and caches: this, or that of an ImageNet model.
SALIENCY_MODEL: Final = "saliency"

# A picture is cut finely into so many times the patches that it is cut into coarsely.
TIMES: Final = 4


@dataclass(frozen=True)
class ModelInfo:
    """What there is to know of a model without loading it.

    Attributes
    ----------
    name, title : str
        In states and caches; on the screen.
    n_layers, n_heads, d_model : int
    patch_size : int
        Side of a patch in pixels.
    n_patches : int
        Patches that a picture is cut into, coarsely.
    prefix : tuple of str
        The tokens before the first patch.
    n_classes : int
        How many classes it tells apart; 0 for the one that predicts saliency.
    """

    name: str
    title: str
    n_layers: int
    n_heads: int
    d_model: int
    patch_size: int
    n_patches: int
    prefix: tuple[str, ...]
    n_classes: int

    @property
    def has_class_token(self) -> bool:
        """Whether the answer is read from a class token rather than from the mean of patches."""
        return CLASS_TOKEN in self.prefix

    @property
    def d_head(self) -> int:
        """Width of a head."""
        return self.d_model // self.n_heads

    def resolution(self, *, fine: bool) -> int:
        """Return the most patches that a picture is cut into."""
        return self.n_patches * (TIMES if fine else 1)

    def resolution_words(self) -> str:
        """Say how finely a picture can be cut for it, and what that costs."""
        size, side = self.patch_size, round(self.n_patches**0.5) * self.patch_size
        trained = f" It was trained on squares of {side} pixels." if self.n_classes else ""
        return (
            f"As many patches of {size} × {size} pixels as a square of {side} or {2 * side} pixels "
            f"has.{trained} Four times the patches cost a model about six times the time."
        )


SALIENCY_INFO: Final = ModelInfo(
    name=SALIENCY_MODEL,
    title="Saliency, ViT-S/14",
    n_layers=12,
    n_heads=6,
    d_model=384,
    patch_size=14,
    n_patches=256,
    prefix=(CLASS_TOKEN,),
    n_classes=0,
)
_INFOS: Final = {
    SALIENCY_MODEL: SALIENCY_INFO,
    **{
        entry.name: ModelInfo(
            name=entry.name,
            title=entry.title,
            n_layers=entry.n_layers,
            n_heads=entry.n_heads,
            d_model=entry.d_model,
            patch_size=entry.patch_size,
            n_patches=entry.n_patches,
            prefix=entry.prefix,
            n_classes=N_CLASSES,
        )
        for entry in IMAGENET_MODELS
    },
}
MODEL_NAMES: Final = tuple(_INFOS)
MOST_LAYERS: Final = max(info.n_layers for info in _INFOS.values())
MOST_HEADS: Final = max(info.n_heads for info in _INFOS.values())


def model_info(name: str) -> ModelInfo:
    """Return what is known of a model.

    Raises
    ------
    KeyError
        If there is none of this name.
    """
    return _INFOS[name]


def models_here() -> tuple[str, ...]:
    """Return the names of the models that can be looked into: the lab's own comes first."""
    return (SALIENCY_MODEL, *(entry.name for entry in imagenet.fetched_models()))
