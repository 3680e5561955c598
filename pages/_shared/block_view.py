"""One block of a model, opened: what it does, every tensor as a picture, the sums, the source."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Final

import numpy as np
import streamlit as st

from core.anatomy import CROSS, DECODER, Anatomy, Block
from core.named_tensor import NamedTensor
from pages._shared.attention_map import ATTENTION_MAP, attention_map
from pages._shared.block_choice import ALL, BlockChoice, block_codec, block_in, opened
from pages._shared.block_formula import formula_of, is_masked
from pages._shared.block_pictures import (
    all_weights,
    is_too_much,
    map_of,
    n_heads_in,
    runs_of,
    shown_in,
    shown_tensors,
    square_of,
    take_block,
)
from pages._shared.block_words import (
    counted,
    parameter_table,
    place_name,
    probabilities_html,
    sentence_of,
    shape_of,
)
from pages._shared.block_work import cell_of, work_of
from pages._shared.head_grid import HEAD_GRID, head_grid
from pages._shared.matrix import Choice
from pages._shared.news import NEWS, draw_news
from pages._shared.value_map import VALUE_MAPS, value_map
from pages._shared.work import draw_work

__all__ = ["COMPONENTS", "BlockChoice", "block_codec", "block_in", "draw_block", "opened"]
__all__ += ["take_block"]

# What a page with this view has to load.
COMPONENTS: Final = (VALUE_MAPS, HEAD_GRID, ATTENTION_MAP, NEWS)

_MANY_KEYS: Final = 64

Functions = Callable[[], Sequence[Callable[..., Any]]]


@dataclass(frozen=True, eq=False)
class _Opened:
    """What is drawn, and how a choice is told."""

    choice: BlockChoice
    head: int
    key: str
    view: str
    on_choose: Callable[[BlockChoice], None]


def draw_block(
    anatomy: Anatomy,
    block: Block,
    tensors: Sequence[NamedTensor],
    choice: BlockChoice,
    *,
    key: str,
    on_choose: Callable[[BlockChoice], None],
    news: Mapping[str, object] | None = None,
    with_controls: bool = True,
    version: str = "",
    functions: Functions | None = None,
    with_work: bool = True,
) -> None:
    """Draw an open block.

    Parameters
    ----------
    anatomy : Anatomy
    block : Block
        One of `anatomy`, such as `block_in` returns.
    tensors : sequence of NamedTensor
        What it computed.
    choice : BlockChoice
    key : str
        Prefix of the widgets' keys.
    on_choose : callable
        Called before the rerun with another choice: of a head, a tensor, or a cell.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    with_controls : bool
        Whether the choice of a tensor is drawn.
    version : str
        Name of what was given to the model: a choice made in another comes too late.
    functions : callable, optional
        Returns the functions that ran, where they are not those that all models share.
    with_work : bool
        Whether to end with the work; a page that has more to show of it draws its own, of what
        `block_work.work_of` returns.
    """
    _draw_head(anatomy, block, tensors)
    if with_controls and len(tensors) > 2:
        choice = _choose_tensor(tensors, choice, key, on_choose)
    n_heads = n_heads_in(tensors)
    view = f"{anatomy.name}.{block.place.id}.{version}"
    drawn = _Opened(choice, min(choice.head, max(n_heads - 1, 0)), key, view, on_choose)
    runs = runs_of(shown_tensors(tensors, choice.shown))
    of_heads = [index for index, (kind, _) in enumerate(runs) if kind in ("head maps", "squares")]
    for index, (kind, run) in enumerate(runs):
        if index in of_heads[:1]:
            _draw_heads(drawn, block, tensors)
        _draw_run(drawn, kind, run, str(index))
    if block.parameters or block.shared:
        st.html(_parameters(anatomy, block))
    if with_work:
        draw_work(key, work_of(anatomy, block, tensors, choice, functions), opened=True)
    if news is not None:
        draw_news(news, key=f"{key}.news")


def _draw_head(anatomy: Anatomy, block: Block, tensors: Sequence[NamedTensor]) -> None:
    said = sentence_of(anatomy, block)
    st.html(
        f"<div class='sum opened-block'><h2>{escape(place_name(block))}</h2>"
        f"<p class='said'>{escape(said)}</p>"
        f"<p class='note'>{escape(counted(anatomy, block))}</p></div>"
    )
    formula = formula_of(anatomy, block, tensors)
    if formula:
        st.latex(formula)
    if block.place.kind == CROSS:
        st.caption("x is the decoder's stream, m the end of the encoder.")
    if is_masked(anatomy, block):
        st.caption("x is the stream; M is 0 where a token may be read and −∞ where it may not.")
    if anatomy.facts.cross and block.place.writes and block.place.stack == DECODER:
        st.caption("A row is named by the word written from it; what came in is the word before.")


def _choose_tensor(
    tensors: Sequence[NamedTensor],
    choice: BlockChoice,
    key: str,
    on_choose: Callable[[BlockChoice], None],
) -> BlockChoice:
    """Draw the choice of a tensor and return the choice that it leads to."""
    field = f"{key}.shown"
    too_much, now = is_too_much(tensors), shown_in(tensors, choice.shown)
    options = [*range(1, len(tensors) + 1), *([] if too_much else [ALL])]
    if st.session_state.get(field) != now:  # the tensors may be those of another block
        st.session_state[field] = now

    def report() -> None:
        on_choose(replace(choice, shown=st.session_state[field]))

    shown = st.segmented_control(
        "Tensor",
        options,
        format_func=lambda index: tensors[index - 1].name if index <= len(tensors) else "all",
        required=True,
        key=field,
        persist_state="session",
        on_change=report,
        wrap=True,
        help="What the block computed, in the order of computation."
        + (" Here they are too large to be drawn all at once." if too_much else ""),
    )
    return replace(choice, shown=now if shown is None else shown)


def _draw_heads(drawn: _Opened, block: Block, tensors: Sequence[NamedTensor]) -> None:
    weights = all_weights(tensors)
    if weights is None:
        return

    def choose(head: tuple[int, int]) -> None:
        drawn.on_choose(replace(drawn.choice, head=head[1]))

    head_grid(
        weights[None],
        key=f"{drawn.key}.heads",
        view=drawn.view,
        title=f"Weights of {len(weights)} {'head' if len(weights) == 1 else 'heads'}",
        text="Choose a head to see its own queries, keys, values and weights.",
        chosen=(0, drawn.head),
        on_choose=choose,
        first_layer=block.place.layer,
    )


def _draw_run(drawn: _Opened, kind: str, run: Sequence[NamedTensor], name: str) -> None:
    key = f"{drawn.key}.{name}"
    if kind.endswith("maps"):
        maps = [map_of(one, drawn.head) for one in run]
        value_map(maps, key=f"{key}.maps", view=f"{drawn.view}.{drawn.head}")
    elif kind == "squares":
        for column, one in zip(st.columns(len(run)), run, strict=True):
            with column:
                _draw_square(drawn, one, f"{key}.{one.name}")
    else:
        st.html(probabilities_html(max(run, key=lambda one: one.values.size)))


def _draw_square(drawn: _Opened, tensor: NamedTensor, key: str) -> None:
    values, queries, keys, left_out = square_of(tensor, drawn.head)
    weights = tensor.scale == "weights"
    whole = values.shape == tensor.shape[-2:]
    cell = cell_of(tensor, drawn.choice)

    def choose(chosen: Choice) -> None:
        drawn.on_choose(replace(drawn.choice, query=chosen.row, key=chosen.column))

    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    attention_map(
        values,
        queries or (),
        keys or (),
        key=key,
        version=f"{drawn.view}.{drawn.head}",
        title=f"{tensor.name.capitalize()} of head {drawn.head + 1}",
        note=f"{shape_of(tensor.shape)}: {' × '.join(tensor.axes)}",
        text=f"{tensor.note} {left_out}".strip(),
        limit=_limit(largest, len(keys or ())) if weights else largest or 1.0,
        scale="sequential" if weights else "diverging",
        chosen=cell if whole else None,
        on_choose=choose if whole else None,
        missing_name="may not be read",
        group=drawn.key,
    )


def _limit(largest: float, n_keys: int) -> float:
    """Return the weight with the last colour: 1, but among many keys none comes near it."""
    return 1.0 if n_keys <= _MANY_KEYS else math.ceil(largest * 20) / 20 or 1.0


def _parameters(anatomy: Anatomy, block: Block) -> str:
    return (
        f"<details class='limits'><summary>{block.n_parameters:,} parameters, by matrix</summary>"
        f"{parameter_table(block)}<p>{escape(counted(anatomy, block))} Matrices are listed as "
        "PyTorch keeps them, (out, in); in the formula they stand the other way round.</p>"
        "</details>"
    )
