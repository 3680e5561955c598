"""The drawing of a model, the block that is open beside it, and what the model answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import Any, Final

import streamlit as st

from core.anatomy import DECODER
from pages._shared.block_choice import BlockChoice, opened
from pages._shared.block_drawing import drawing_of
from pages._shared.block_program import program
from pages._shared.block_view import draw_block
from pages._shared.block_work import work_of
from pages._shared.transformer_choice import NAME
from pages._shared.transformer_controls import draw_switch
from pages._shared.transformer_drawing import Drawn, transformer_drawing
from pages._shared.transformer_models import DIGITS, GPT, TEXT_ENCODER, TRANSLATOR, VISION
from pages._shared.transformer_runs import shares_of, stream_names
from pages._shared.transformer_scene import Scene
from pages._shared.transformer_state import STORE
from pages._shared.translation_controls import hash_of
from pages._shared.work import Work, draw_work

# Which answer stands at the top.
_NOTES: Final = {
    TRANSLATOR: {DECODER: "at the top: the word after (start)"},
    GPT: {DECODER: "at the top: the word after the last"},
}
SHARE: Final = "length of what it writes, over the stream's"


def version_of(scene: Scene) -> str:
    """Return the name of what is shown: a choice made in anything else is dropped."""
    return STORE.version(hash_of(scene.given.model, scene.given.name, scene.off))


def draw_drawing(scene: Scene, news: Mapping[str, object], *, with_controls: bool) -> None:
    """Draw the whole model, and beside it the block that is open."""
    _draw_answer(scene)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        transformer_drawing(
            drawn_of(scene),
            key=f"{NAME}.drawing",
            view=version_of(scene),
            chosen=scene.block.place.id,
            on_choose=lambda block: _open(scene, block),
            news=news,
        )
    with right:
        if with_controls:
            draw_switch(scene, version=version_of(scene))
        draw_block(
            scene.anatomy,
            scene.block,
            scene.tensors,
            scene.state.block,
            key=f"{NAME}.block",
            on_choose=take_block_choice,
            with_controls=with_controls,
            version=version_of(scene),
            with_work=False,
        )
        draw_work(f"{NAME}.block", _work_of(scene))


def _work_of(scene: Scene) -> Work:
    """Return the work of the open block, with programs that print a row of it."""
    tensors, choice = scene.tensors, scene.state.block
    work = work_of(scene.anatomy, scene.block, tensors, choice, _functions(scene))
    if not tensors:
        return work
    return replace(
        work,
        numpy=lambda: program(tensors, choice, "np"),
        torch=lambda: program(tensors, choice, "torch"),
    )


def _functions(scene: Scene) -> Callable[[], tuple[Callable[..., Any], ...]] | None:
    """Return what ran outside of the layers in models of their own making; None for the others."""
    if scene.block.place.writes or scene.state.model in (TRANSLATOR, GPT):
        return None

    def of_encoder() -> tuple[Callable[..., Any], ...]:
        from core.encoder import embed_pieces, forward, piece_vectors

        return embed_pieces, piece_vectors, forward

    def of_picture() -> tuple[Callable[..., Any], ...]:
        from core.vit_steps import embed, normalise, read_logits, read_saliency

        return normalise, embed, read_logits if scene.state.model == DIGITS else read_saliency

    return of_encoder if scene.state.model == TEXT_ENCODER else of_picture


def drawn_of(scene: Scene, *, whole: bool = True) -> Drawn:
    """Return the drawing of a scene's model; without what it was given if not `whole`."""
    if not whole:
        return drawing_of(scene.anatomy, {})
    tokens, counts = tokens_of(scene)
    return drawing_of(
        scene.anatomy,
        tokens,
        n_tokens=counts,
        notes=_NOTES.get(scene.state.model),
        shares=shares_of(scene.given, scene.off),
        share_name=SHARE,
        off=scene.off,
        probabilities=scene.probabilities(),
    )


def tokens_of(scene: Scene) -> tuple[dict[str, tuple[str, ...]], dict[str, int]]:
    """Return what enters each stack, and how many vectors that makes."""
    names = stream_names(scene.given, scene.off)
    return names, {stack: len(words) for stack, words in names.items()}


def take_block_choice(choice: BlockChoice) -> None:
    """Keep the choice of a head or of a tensor."""
    STORE.keep(replace(STORE.current, block=choice), joins=False)


def _open(scene: Scene, block: str) -> None:
    choice = opened(STORE.current.block, block, scene.anatomy)
    STORE.keep(replace(STORE.current, block=choice), joins=False)


def _draw_answer(scene: Scene) -> None:
    """Say what the model makes of what it is given, and what it made of it before."""
    before = scene.answer(changed=False)
    said = f"{escape(scene.subject)} → <b>{escape(before)}</b>"
    if scene.off:
        n_off = len(scene.off)
        blocks = "block" if n_off == 1 else "blocks"
        after = scene.answer()
        same = " (the same)" if after == before else ""
        said += f"<br>With {n_off} {blocks} off → <b>{escape(after)}</b>{same}"
    if scene.state.model in (VISION, DIGITS):
        said += "<br>Tokens are called by the row and column of their patch, from the top left."
    st.html(f"<p class='text' role='status'>{said}</p>")
