"""The traps of scaled dot-product attention, made with the words, Q and K of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pages._shared.trap import Trap
from pages._shared.traps.dot_product_half import HALF
from pages._shared.traps.dot_product_masks import EMPTY_ROW, SENSE
from pages._shared.traps.dot_product_softmax import LEAK, OVERFLOW

if TYPE_CHECKING:
    from pages._shared.dot_product_state import Scene

TRAPS: Final[tuple[Trap[Scene], ...]] = (OVERFLOW, LEAK, HALF, EMPTY_ROW, SENSE)
