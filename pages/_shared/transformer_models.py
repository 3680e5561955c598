"""The models that the drawing is laid over, as far as a link has to know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.anatomy import CROSS, DECODER, ENCODER, FEED_FORWARD, SELF, Place

TRANSLATOR: Final = "Translator"
TEXT_ENCODER: Final = "Text encoder"
VISION: Final = "Vision Transformer"
DIGITS: Final = "Digits"
GPT: Final = "Small GPT"
MODELS: Final = (TRANSLATOR, TEXT_ENCODER, VISION, DIGITS, GPT)
OF_TEXT: Final = (TRANSLATOR, TEXT_ENCODER, GPT)
# More layers than any of them has.
MOST_LAYERS: Final = 12


@dataclass(frozen=True)
class Layout:
    """How many layers a model has, and of how many heads. Held to the models by the tests.

    Attributes
    ----------
    n_encoder, n_decoder : int
        Layers of either stack.
    n_heads : int
    """

    n_encoder: int
    n_decoder: int
    n_heads: int

    @property
    def writers(self) -> tuple[Place, ...]:
        """The blocks that can be switched off, in the order in which they run."""
        of_encoder: tuple[str, ...] = (SELF, FEED_FORWARD)
        of_decoder = (SELF, CROSS, FEED_FORWARD) if self.n_encoder else of_encoder
        return tuple(
            Place(stack, layer, kind)
            for stack, n_layers, kinds in (
                (ENCODER, self.n_encoder, of_encoder),
                (DECODER, self.n_decoder, of_decoder),
            )
            for layer in range(n_layers)
            for kind in kinds
        )


LAYOUTS: Final = {
    TRANSLATOR: Layout(2, 2, 4),
    TEXT_ENCODER: Layout(6, 0, 12),
    VISION: Layout(12, 0, 6),
    DIGITS: Layout(3, 0, 4),
    GPT: Layout(0, 4, 4),
}
# Where a model is opened before the reader has chosen a block.
FIRST_BLOCKS: Final = {
    TRANSLATOR: Place(DECODER, 1, CROSS),
    TEXT_ENCODER: Place(ENCODER, 0, SELF),
    VISION: Place(ENCODER, 11, SELF),
    DIGITS: Place(ENCODER, 0, SELF),
    GPT: Place(DECODER, 0, SELF),
}
