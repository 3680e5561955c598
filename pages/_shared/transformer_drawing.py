"""A Transformer as one drawing that is also the way into it: every block is a button.

One inline component draws stacks of blocks as Figure 1 of Vaswani et al. (2017, arXiv:1706.03762)
does: tokens at the foot, probabilities at the top, a bypass around every block to where what it
writes is added, the normalisation where the model has it. Where the layers are many, those that
are not open are a row each. A block that is opened is reported, and checked here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Final, Literal

import streamlit as st

from pages._shared.light_component import FRONTEND, light_component
from pages._shared.words import number

# Blocks beside the stream rather than on it, and how they meet it.
BESIDE: Final[Mapping[str, str]] = {
    "positions": "add",
    "token_type": "add",
    "class_token": "join",
}
# Blocks whose output is added to what they were given.
ADDED: Final = ("self", "cross", "feed_forward")
# So many of them, one above the other, and a column becomes too high to be seen at once.
MOST_OPEN: Final = 7
N_SHOWN: Final = 5

_NORMS: Final = {
    "first": ", a normalisation before each",
    "last": ", a normalisation behind each sum",
    "none": "",
}
Norm = Literal["first", "last", "none"]


@dataclass(frozen=True)
class DrawnBlock:
    """One block of the drawing.

    Attributes
    ----------
    id : str
        Name within the drawing.
    label : str
        What stands in it, such as ``"Self-attention"``.
    kind : str
        One of the kinds of `core.anatomy`; it gives the block its form, place and colour.
    shape_note : str
        Shape of what it gives, such as ``"6 × 128"``, where there is room for it.
    short : str
        A shorter label, for where the other has no room.
    layer : int
        From 0; -1 outside of layers. Neighbours of one layer are framed together.
    share : float or None
        How much it writes, from 0 to 1: the length of its bar. None draws none.
    off : bool
        Whether it is switched off: hatched, and said.
    text : str
        What is said of it where it is pointed at, and by screen readers: whole sentences.
    """

    id: str
    label: str
    kind: str
    shape_note: str = ""
    short: str = ""
    layer: int = -1
    share: float | None = None
    off: bool = False
    text: str = ""


@dataclass(frozen=True)
class DrawnStack:
    """Blocks one above the other on one stream.

    Attributes
    ----------
    name : str
        ``"Encoder"``; it may be empty where there is one stack alone.
    blocks : tuple of DrawnBlock
        In the order of computation, from the foot up.
    norm : {"first", "last", "none"}
        Where the blocks that are added have their normalisation: on the branch before the block
        (Xiong et al. 2020, arXiv:2002.04745), on the stream behind the sum (as in 2017), or none.
    tokens : tuple of str
        What enters at the foot.
    tokens_note : str
        A few words below them.
    probabilities : tuple of (str, float)
        What comes out at the top, the most probable first; of many, five are drawn.
    """

    name: str
    blocks: tuple[DrawnBlock, ...]
    norm: Norm = "first"
    tokens: tuple[str, ...] = ()
    tokens_note: str = ""
    probabilities: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Drawn:
    """A whole model.

    Attributes
    ----------
    name : str
        What the picture is called.
    stacks : tuple of DrawnStack
        One, or an encoder and a decoder: side by side where there is room, else one above the
        other. Blocks of kind ``"cross"`` in the second read the end of the first.
    share_name : str
        What the bars show.
    """

    name: str
    stacks: tuple[DrawnStack, ...]
    share_name: str = ""

    @property
    def blocks(self) -> tuple[DrawnBlock, ...]:
        """All blocks, in the order of computation."""
        return tuple(block for stack in self.stacks for block in stack.blocks)


TRANSFORMER_DRAWING: Final = light_component(
    "transformer_drawing",
    html="<figure class='model'></figure>",
    css=(FRONTEND / "transformer_drawing.css").read_text("utf-8"),
    constants={"BESIDE": BESIDE, "ADDED": ADDED, "MOST_OPEN": MOST_OPEN},
)


def transformer_drawing(
    drawn: Drawn,
    *,
    key: str,
    view: str,
    chosen: str | None,
    on_choose: Callable[[str], None],
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw a model, and report the block that is opened.

    Parameters
    ----------
    drawn : Drawn
    key : str
        Key of the component.
    view : str
        Name of the model that is shown. A choice made in another view comes too late and is
        dropped.
    chosen : str or None
        Id of the block that is open.
    on_choose : callable
        Called before the rerun with the id of the block to open.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.

    Raises
    ------
    ValueError
        If two blocks have one id, or there are no or more than two stacks.
    """
    ids = [block.id for block in drawn.blocks]
    if len(set(ids)) != len(ids):
        raise ValueError(f"Every block needs an id of its own, got {', '.join(ids)}.")
    if len(drawn.stacks) not in (1, 2):
        raise ValueError(f"A drawing has one or two stacks, got {len(drawn.stacks)}.")

    def receive_choice() -> None:
        block = read_block(st.session_state[key].get("choice"), view, ids)
        if block is not None:
            on_choose(block)

    TRANSFORMER_DRAWING.draw(
        key=key,
        data={
            "name": drawn.name,
            "stacks": [_described(stack) for stack in drawn.stacks],
            "share_name": drawn.share_name,
            "text": in_words(drawn, chosen),
            "chosen": chosen if chosen in ids else None,
            "view": view,
            "news": news,
        },
        on_choice_change=receive_choice,
    )


def read_block(message: object, view: str, ids: Collection[str]) -> str | None:
    """Check what the browser reported; None for anything but a block of what is shown."""
    if not isinstance(message, Mapping) or message.get("view") != view:
        return None
    block = message.get("block")
    return block if isinstance(block, str) and block in ids else None


def in_words(drawn: Drawn, chosen: str | None) -> str:
    """Say what is drawn, for those who do not see it; it may hold words that a reader typed."""
    said = [_stack_in_words(stack) for stack in drawn.stacks]
    if len(drawn.stacks) == 2 and any(one.kind == "cross" for one in drawn.stacks[1].blocks):
        first, second = (stack.name.lower() for stack in drawn.stacks)
        said.append(f"Every cross-attention of the {second} reads the end of the {first}.")
    off = [_full_name(drawn, block) for block in drawn.blocks if block.off]
    if off:
        said.append(f"Switched off: {', '.join(off)}.")
    opened = [_full_name(drawn, block) for block in drawn.blocks if block.id == chosen]
    if opened:
        said.append(f"Open: {opened[0]}.")
    return " ".join(said)


def _full_name(drawn: Drawn, block: DrawnBlock) -> str:
    stack = next(stack for stack in drawn.stacks if block in stack.blocks)
    where = [stack.name, f"layer {block.layer + 1}" if block.layer >= 0 else ""]
    return ", ".join(part for part in (*where, block.label.lower()) if part)


def _stack_in_words(stack: DrawnStack) -> str:
    layers = sorted({block.layer for block in stack.blocks if block.layer >= 0})
    text = f"{stack.name}: " if stack.name else ""
    text += "1 layer" if len(layers) == 1 else f"{len(layers)} layers"
    if layers:
        first = [block.label.lower() for block in stack.blocks if block.layer == layers[0]]
        text += f" of {', '.join(first)}{_NORMS[stack.norm]}"
    outside = [block.label.lower() for block in stack.blocks if block.layer < 0]
    text += f"; outside of them {', '.join(outside)}." if outside else "."
    if stack.probabilities:
        word, probability = stack.probabilities[0]
        text += f" Most probable: “{word}”, {number(probability)}."
    return text


def _described(stack: DrawnStack) -> dict[str, object]:
    return {
        **asdict(stack),
        "probabilities": stack.probabilities[:N_SHOWN],
        "blocks": [_described_block(block) for block in stack.blocks],
    }


def _described_block(block: DrawnBlock) -> dict[str, object]:
    share = None if block.share is None else round(min(max(float(block.share), 0.0), 1.0), 4)
    return {**asdict(block), "share": share}
