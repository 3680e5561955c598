"""States of every page as readers can bring about: a new page adds its own to `STATES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.presets import PRESETS
from pages._shared import vision_state
from pages._shared.attention_settings import (
    MASKS,
    PRECISIONS,
    SOFTMAXES,
    TEMPERATURES,
    Settings,
)
from pages._shared.dot_product_state import PICTURES, DotProductState
from pages._shared.matrix import Choice
from pages._shared.overview_state import START, OverviewState
from pages._shared.picture_choice import sample_photos
from pages._shared.toy_state import LONGEST_TOKEN, MAX_TOKENS, MIN_TOKENS, ToyState
from pages._shared.vision_state import Point, VisionState
from tests.by_page import ByPage

# What a link leaves out: numbers of words that are gone, and how often a board was overwritten.
_LEFT_OUT: Final = {"known", "known_base", "version"}


def same_parts(value: Any) -> Any:  # noqa: ANN401
    """Return a state as what can be compared: every bit that a link must carry."""
    if isinstance(value, np.ndarray):
        # Noise rounded to two decimals may hold −0, which a link writes as 0.
        positive = value + 0.0 if value.dtype.kind == "f" else value
        return value.dtype.str, value.shape, positive.tobytes()
    if is_dataclass(value):
        names = [field.name for field in fields(value) if field.name not in _LEFT_OUT]
        return {name: same_parts(getattr(value, name)) for name in names}
    return value


def cell_values(low: float, high: float) -> st.SearchStrategy[float]:
    """Return numbers as a board lets them through: within bounds, with up to 6 decimals."""
    numbers = st.integers(0, 6).flatmap(
        lambda digits: st.integers(round(low * 10**digits), round(high * 10**digits)).map(
            lambda whole: whole / 10**digits
        )
    )
    return st.one_of(numbers, st.sampled_from([float(low), float(high), 0.0, 0.1]))


@st.composite
def edited(
    draw: st.DrawFn, array: NDArray[np.float64], low: float, high: float
) -> NDArray[np.float64]:
    """Return a matrix of which a reader has edited some cells, or pasted over all of it.

    Not over one of the largest, though: no link could hold two of them.
    """
    values = cell_values(low, high)
    if array.size > 64 or draw(st.booleans()):
        cells = st.dictionaries(st.integers(0, array.size - 1), values, max_size=4)
        changes = draw(cells)
        return np.array([changes.get(i, v) for i, v in enumerate(array.flat)]).reshape(array.shape)
    pasted = st.lists(values, min_size=array.size, max_size=array.size)
    return np.array(draw(pasted)).reshape(array.shape)


# ---- the overview


@st.composite
def overview_states(draw: st.DrawFn) -> OverviewState:
    return OverviewState(**{name: draw(edited(array, -5, 5)) for name, array in START.items()})


# ---- scaled dot-product

LETTERS: Final = st.characters(exclude_categories=["Cs"]).filter(lambda c: not c.isspace())
WORDS: Final = st.one_of(
    st.text(LETTERS, min_size=1, max_size=LONGEST_TOKEN),
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=LONGEST_TOKEN),
    st.sampled_from(["猫", "кот", "γάτα", "قط", "🐈", "é", "A", "x", "the", "<b>", "**a**"]),
)
SETTINGS: Final = st.builds(
    Settings,
    divided=st.booleans(),
    temperature=st.sampled_from(TEMPERATURES),
    mask=st.sampled_from(MASKS),
    n_real=st.integers(0, MAX_TOKENS),
    softmax=st.sampled_from(SOFTMAXES),
    precision=st.sampled_from(PRECISIONS),
    check=st.booleans(),
)


@st.composite
def sentences(draw: st.DrawFn, board: ToyState) -> ToyState:
    """Words renamed, moved, added and removed."""
    tokens = list(draw(st.permutations(board.toy.tokens)))
    tokens = tokens[: draw(st.integers(0, len(tokens)))]
    tokens += draw(st.lists(WORDS, max_size=MAX_TOKENS - len(tokens)))
    tokens += ["more"] * (MIN_TOKENS - len(tokens))
    return board.resized(tuple(draw(st.permutations(tokens))), *board.sizes)


@st.composite
def renamings(draw: st.DrawFn, board: ToyState) -> ToyState:
    place = draw(st.integers(0, len(board.toy.tokens) - 1))
    tokens = (*board.toy.tokens[:place], draw(WORDS), *board.toy.tokens[place + 1 :])
    return board.resized(tokens, *board.sizes)


@st.composite
def resizings(draw: st.DrawFn, board: ToyState) -> ToyState:
    most_head, most_value = (max(8, size) for size in board.largest_sizes)
    d_head, d_value = draw(st.integers(1, most_head)), draw(st.integers(1, most_value))
    return board.resized(board.toy.tokens, d_head, d_value)


@st.composite
def edits(draw: st.DrawFn, board: ToyState) -> ToyState:
    name = draw(st.sampled_from(["query", "key", "value"]))
    return board.edited({name: draw(edited(getattr(board.toy, name), -20, 20))})


@st.composite
def matrix_resets(draw: st.DrawFn, board: ToyState) -> ToyState:
    name = draw(st.sampled_from(["query", "key", "value"]))
    return board.edited({name: getattr(board.base, name).copy()})


@st.composite
def paintings(draw: st.DrawFn, board: ToyState) -> ToyState:
    cells = draw(st.lists(st.booleans(), min_size=board.painted.size, max_size=board.painted.size))
    return board.edited({"painted": np.array(cells).reshape(board.painted.shape)})


@st.composite
def choices(draw: st.DrawFn, board: ToyState) -> ToyState:
    place = st.integers(0, len(board.toy.tokens) - 1)
    return board.chosen(Choice("weights", draw(place), draw(place)))


DEEDS: Final[tuple[Callable[[ToyState], st.SearchStrategy[ToyState]], ...]] = (
    sentences, renamings, resizings, edits, matrix_resets, paintings, choices,
)  # fmt: skip


@st.composite
def boards(draw: st.DrawFn, presets: tuple[str, ...] = tuple(PRESETS)) -> ToyState:
    """Return what a reader has made of a preset, one deed after the other."""
    seed = draw(st.one_of(st.just(0), st.integers(0, 9999)))
    board = ToyState.load(draw(st.sampled_from(presets)), seed)
    for deed in draw(st.lists(st.sampled_from(DEEDS), max_size=5)):
        board = draw(deed(board))
    return board


@st.composite
def full_boards(draw: st.DrawFn) -> ToyState:
    """Return boards of 8 words, d_head 8 and d_value 8 of which much was changed."""
    board = draw(boards())
    tokens = (board.toy.tokens + tuple("abcdefgh"))[:MAX_TOKENS]
    board = board.resized(tokens, 8, 8)
    for deed in (renamings, sentences, edits, edits, edits, paintings):
        board = draw(deed(board))
    tokens = draw(st.lists(WORDS, min_size=MAX_TOKENS, max_size=MAX_TOKENS))
    return board.resized(tuple(tokens), 8, 8)


def dot_product_states(board: st.SearchStrategy[ToyState]) -> st.SearchStrategy[DotProductState]:
    return st.builds(
        DotProductState, board=board, settings=SETTINGS, picture=st.sampled_from(PICTURES)
    )


# ---- the Vision Transformer


@st.composite
def points(draw: st.DrawFn) -> Point:
    grid = draw(st.sampled_from([(16, 16), (32, 32), (10, 25), (59, 17), (1, 128)]))
    return Point.of(draw(st.integers(0, grid[0] * grid[1] - 1)), grid)


VISION_STATES: Final = st.builds(
    VisionState,
    photo=st.sampled_from([photo.file for photo in sample_photos()]),
    view=st.sampled_from(vision_state.VIEWS),
    n_patches=st.sampled_from(vision_state.RESOLUTIONS),
    layer=st.integers(1, vision_state.N_LAYERS),
    head=st.integers(1, vision_state.N_HEADS + 1),
    start_layer=st.integers(1, vision_state.N_LAYERS),
    test=st.sampled_from(vision_state.TESTS),
    point=st.none() | points(),
    panel=st.none() | st.integers(0, vision_state.N_HEADS),
)

STATES: Final[ByPage[st.SearchStrategy[Any]]] = ByPage(
    {
        "streamlit_app.py": overview_states(),
        "pages/scaled_dot_product.py": dot_product_states(boards()),
        "pages/vision_transformer.py": VISION_STATES,
    },
    "add to STATES in tests/pages/link_states.py a strategy that draws the states that a reader "
    "can bring it into",
)


def with_words(state: DotProductState, words: tuple[str, ...]) -> DotProductState:
    """Return a state with other words."""
    return replace(state, board=state.board.resized(words, *state.board.sizes))
