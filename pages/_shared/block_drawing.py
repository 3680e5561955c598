"""From the anatomy of a model to its drawing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from core.anatomy import (
    CLASS_TOKEN,
    CROSS,
    DECODER,
    ENCODER,
    FEED_FORWARD,
    PATCHES,
    POOLING,
    PROJECTION,
    SELF,
    SOFTMAX,
    TOKENS,
    Anatomy,
    Block,
    Place,
)
from pages._shared.block_words import counted, sentence_of, shape_of
from pages._shared.transformer_drawing import Drawn, DrawnBlock, DrawnStack
from pages._shared.words import number

_SHORT: Final = {SELF: "Self", CROSS: "Cross", FEED_FORWARD: "Feed"}


def drawing_of(
    anatomy: Anatomy,
    tokens: Mapping[str, tuple[str, ...]],
    *,
    n_tokens: Mapping[str, int] | None = None,
    notes: Mapping[str, str] | None = None,
    shares: Mapping[Place, float] | None = None,
    share_name: str = "",
    off: Collection[Place] = (),
    probabilities: Sequence[tuple[str, float]] = (),
) -> Drawn:
    """Return the drawing of a model on what it was given; ids are those of the places.

    Parameters
    ----------
    anatomy : Anatomy
    tokens : mapping of stack to tuple of str
        What enters each stack, to be written at its foot.
    n_tokens : mapping of stack to int, optional
        How many vectors its layers hold, where that is not one for each of `tokens`.
    notes : mapping of stack to str, optional
        A few words below its tokens.
    shares : mapping of Place to float, optional
        How much each block writes, 0 or more; the longest bar is that of the largest, or of 1.
    share_name : str
        What `shares` are, such as "length of what is written, of the stream's".
    off : collection of Place
        Blocks that are switched off.
    probabilities : sequence of (str, float)
        The answer, drawn at the top: the most probable first.
    """
    stacks = list(dict.fromkeys(block.place.stack for block in anatomy.blocks))
    counts = {stack: len(words) for stack, words in tokens.items()} | dict(n_tokens or {})
    shares = shares or {}
    most = max(1.0, *shares.values()) if shares else 1.0

    def drawn(block: Block) -> DrawnBlock:
        place, share = block.place, shares.get(block.place)
        said = [sentence_of(anatomy, block), counted(anatomy, block)]
        if share is not None and place not in off:
            said.insert(1, f"{share_name.capitalize() or 'It writes'}: {number(share)}.")
        return DrawnBlock(
            id=place.id,
            label=block.title,
            kind=place.kind,
            shape_note=_shape(anatomy, block, counts.get(place.stack, 0)),
            short=_SHORT.get(place.kind, ""),
            layer=place.layer,
            share=None if share is None else share / most,
            off=place in off,
            text=" ".join(said),
        )

    return Drawn(
        name=anatomy.name,
        stacks=tuple(
            DrawnStack(
                name=_stack_name(stack) if len(stacks) > 1 else "",
                blocks=tuple(drawn(b) for b in anatomy.blocks if b.place.stack == stack),
                norm="first" if anatomy.norm_first else "last",
                tokens=tokens.get(stack, ()),
                tokens_note=(notes or {}).get(stack, ""),
                probabilities=tuple(probabilities) if stack == stacks[-1] else (),
            )
            for stack in stacks
        ),
        share_name=share_name,
    )


def _shape(anatomy: Anatomy, block: Block, n_tokens: int) -> str:
    """Return the shape of what a block gives; "" where that is not one matrix of tokens."""
    kind = block.place.kind
    if not n_tokens or kind == TOKENS:
        return ""
    rows = n_tokens - 1 if kind == PATCHES and anatomy.facts.class_token else n_tokens
    if kind in (POOLING, CLASS_TOKEN):
        rows = 1
    if kind in (PROJECTION, SOFTMAX):
        answers = anatomy.facts.n_answers
        rows = n_tokens if anatomy.facts.read_out == "every token" else 1
        return shape_of((rows, answers)) if answers else ""
    return shape_of((rows, anatomy.d_model))


def _stack_name(stack: str) -> str:
    return {ENCODER: "Encoder", DECODER: "Decoder"}.get(stack, stack.capitalize())
