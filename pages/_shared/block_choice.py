"""Which block of a model is open, and what of it is looked at."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Final

from core.anatomy import DECODER, ENCODER, KINDS, NO_LAYER, SELF, Anatomy, Block, Place
from core.codecs import Codec, Digit, FunctionCodec, Take
from core.packing import integer, one_of, tuple_of

STACKS: Final = (ENCODER, DECODER)
MOST_LAYERS: Final = 12
MOST_HEADS: Final = 16
MOST_TENSORS: Final = 15
# In place of the number of a tensor.
ALL: Final = MOST_TENSORS
MOST_TOKENS: Final = 1100


@dataclass(frozen=True)
class BlockChoice:
    """The open block. A model may not have it, see `block_in`.

    Attributes
    ----------
    stack : {"encoder", "decoder"}
    layer : int
        From 0; -1 outside of layers.
    kind : str
        One of `core.anatomy.KINDS`.
    head : int
        From 0; of a block with heads.
    shown : int
        Which of the tensors is drawn, from 1, or `ALL`; 0 is all of a few, and of many the one
        that says most.
    query, key : int
        The cell of the weights that is worked out, from 0; -1 for none, which is the last query
        and what it reads most.
    """

    stack: str = ENCODER
    layer: int = 0
    kind: str = SELF
    head: int = 0
    shown: int = 0
    query: int = -1
    key: int = -1

    @property
    def place(self) -> Place:
        """Where the block stands."""
        return Place(self.stack, self.layer, self.kind)


def block_codec() -> Codec[BlockChoice]:
    """Return the codec of a choice in the link of a page."""
    fields = tuple_of(
        one_of(STACKS),
        integer(NO_LAYER, MOST_LAYERS - 1),
        one_of(KINDS),
        integer(0, MOST_HEADS - 1),
        integer(0, MOST_TENSORS),
        integer(-1, MOST_TOKENS - 1),
        integer(-1, MOST_TOKENS - 1),
    )

    def write(choice: BlockChoice) -> tuple[Digit, ...]:
        return fields.write(astuple(choice))

    def read(take: Take) -> BlockChoice:
        return BlockChoice(*fields.read(take))

    return FunctionCodec(write, read)


def block_in(anatomy: Anatomy, choice: BlockChoice) -> Block:
    """Return the chosen block; where a model does not have it, the nearest that it has.

    That is one of the same kind, in the same stack and layer if that can be; else the first.
    """

    def distance(block: Block) -> tuple[bool, bool, int]:
        place = block.place
        other = place.kind != choice.kind
        return other, place.stack != choice.stack, 0 if other else abs(place.layer - choice.layer)

    return min(anatomy.blocks, key=distance)


def opened(choice: BlockChoice, block_id: str, anatomy: Anatomy) -> BlockChoice:
    """Return the choice of another block by the id of its place.

    The head stays, and the cell too where the other block reads the same words.
    """
    place = next((b.place for b in anatomy.blocks if b.place.id == block_id), choice.place)
    cell = {"query": choice.query, "key": choice.key}
    if (place.stack, place.kind) != (choice.stack, choice.kind):
        cell = {}
    return BlockChoice(place.stack, place.layer, place.kind, choice.head, **cell)
