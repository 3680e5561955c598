"""Which token's stream is followed, and how far the model is read."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Final

from core.anatomy import DECODER, ENCODER
from core.codecs import Codec, Digit, FunctionCodec, Take
from core.packing import integer, one_of, tuple_of

STACKS: Final = (DECODER, ENCODER)
MOST_ROWS: Final = 1100
MOST_DEPTHS: Final = 26


@dataclass(frozen=True)
class StreamChoice:
    """A token of a stream. A model may not have it, see `within`.

    Attributes
    ----------
    row : int
        The token, from 0; in a decoder the step that predicts the word of that place. -1 for the
        one that a model starts with: see `first_row`.
    depth : int
        Where the stream is read by the logit lens: 0 is before the layers, 1 after the first block;
        -1 after the last one.
    stack : {"decoder", "encoder"}
        Of a model that has both.
    """

    row: int = -1
    depth: int = -1
    stack: str = DECODER

    def within(self, n_rows: int, n_depths: int, first_row: int) -> StreamChoice:
        """Return the nearest choice that a model has, row and depth from 0."""
        depth = self.depth if 0 <= self.depth < n_depths else n_depths - 1
        row = self.row if self.row >= 0 else first_row
        return replace(self, row=min(row, n_rows - 1), depth=depth)


def stream_codec() -> Codec[StreamChoice]:
    """Return the codec of a choice in the link of a page."""
    fields = tuple_of(integer(-1, MOST_ROWS - 1), integer(-1, MOST_DEPTHS - 1), one_of(STACKS))

    def write(choice: StreamChoice) -> tuple[Digit, ...]:
        return fields.write(astuple(choice))

    def read(take: Take) -> StreamChoice:
        return StreamChoice(*fields.read(take))

    return FunctionCodec(write, read)


def widgets(key: str, choice: StreamChoice) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a choice."""
    return {f"{key}.stack": choice.stack}
