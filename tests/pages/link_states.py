"""States of every page as readers can bring about: a new page adds its own to `STATES`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from core import digit_settings
from core.anatomy import Place
from core.bilingual import menus
from core.bilingual.menus import MenuChoices
from core.digit_changes import CHANGES
from core.digit_settings import DigitSettings
from core.digits import N_HELD_OUT
from core.head_presets import HEAD_PRESETS
from core.head_roles import ROLES
from core.imagenet_models import IMAGENET_MODELS
from core.key_settings import METHODS, KeySettings
from core.position_attention import KINDS as ENCODINGS
from core.positional import LAYOUTS
from core.presets import PRESETS
from core.sequence_examples import EXAMPLES, MOST_NUMBERS, MOST_WORDS
from core.translation import END
from core.translation import PARTS as PARTS_OF_TRANSLATOR
from core.zero_shot import TASKS
from pages._shared import (
    classify_scene,
    classify_state,
    digit_look_scene,
    digit_weights_scene,
    encoder,
    gpt_choice,
    gpt_runs,
    gpt_state,
    induction_choice,
    size_choice,
    soft_vs_hard_state,
    text_scene,
    trained_choice,
    trained_heads,
    trained_sequences,
    transformer_choice,
    transformer_controls,
    transformer_models,
    translation,
    translation_choice,
    translation_sentences,
    translation_state,
    vision_state,
)
from pages._shared import turning_sentences as turning
from pages._shared.attention_settings import (
    MASKS,
    PRECISIONS,
    SOFTMAXES,
    TEMPERATURES,
    Settings,
)
from pages._shared.block_choice import BlockChoice
from pages._shared.classify_scene import ClassifyState
from pages._shared.digit_look_scene import LookChoice
from pages._shared.digit_value import DigitChoice
from pages._shared.digit_weights_scene import WeightsChoice
from pages._shared.dot_product_state import PICTURES, DotProductState
from pages._shared.encoder_roles import PATTERNS
from pages._shared.gpt_choice import Forced as GptForced
from pages._shared.gpt_choice import GptState
from pages._shared.gpt_examples import EXAMPLES as GPT_EXAMPLES
from pages._shared.induction_choice import InductionChoice
from pages._shared.matrix import Choice
from pages._shared.multi_head_cut import (
    CONTEXTS,
    HEADS,
    LONGEST_WORD,
    MATRICES,
    PARTS,
    SIZES,
    MultiHeadState,
)
from pages._shared.multi_head_cut import (
    PRECISIONS as NUMBER_SIZES,
)
from pages._shared.overview_state import START, OverviewState
from pages._shared.picture_choice import sample_photos
from pages._shared.position_state import BASES, BOUNDS, LENGTHS, ROTARY_DIMS, WINDOWS
from pages._shared.position_toy import ALL_PICTURES, PositionState
from pages._shared.self_cross import BOUNDS as SEQUENCE_BOUNDS
from pages._shared.self_cross import KINDS, SelfCrossState
from pages._shared.self_cross_board import matrices_of, rows_of
from pages._shared.self_cross_drawing import Move
from pages._shared.self_cross_scene import see as see_sequences
from pages._shared.size_choice import SizesChoice
from pages._shared.soft_hard_toys import TOYS
from pages._shared.soft_vs_hard_state import HardState
from pages._shared.stream_choice import StreamChoice
from pages._shared.text_examples import EXAMPLES as TEXT_EXAMPLES
from pages._shared.text_scene import TextState
from pages._shared.toy_state import LONGEST_TOKEN, MAX_TOKENS, MIN_TOKENS, ToyState
from pages._shared.transformer_choice import TransformerState
from pages._shared.translation_choice import Forced, TranslationState
from pages._shared.trap import Trap, TrapChoice
from pages._shared.traps import multi_head as multi_head_traps
from pages._shared.traps import positional_encoding as position_traps
from pages._shared.traps import scaled_dot_product as dot_product_traps
from pages._shared.traps import self_vs_cross as self_cross_traps
from pages._shared.vision_state import Point, VisionState
from tests.by_page import ByPage

# What a link leaves out: numbers of words that are gone, how often a board was overwritten, and why
# a model that another link named is not shown.
_LEFT_OUT: Final = {"known", "known_base", "version", "missing"}


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


# ---- what pages have in common


def trap_choices(traps: Sequence[Trap[Any]]) -> st.SearchStrategy[TrapChoice]:
    """Return which trap is open, if any, and where its knobs stand."""
    choices = [choice for trap in traps for choice in trap.choices()]
    return st.just(TrapChoice()) | st.sampled_from(choices)


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
        DotProductState,
        board=board,
        settings=SETTINGS,
        picture=st.sampled_from(PICTURES),
        trap=trap_choices(dot_product_traps.TRAPS),
    )


# ---- trained models on pages with toys

READ: Final = st.one_of(
    st.sampled_from(["The cat sat on the mat.", "", "😀 سلام [MASK] <b>x</b>", "a b " * 12]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
).map(trained_choice.clean)
ANY_HEADS: Final = st.frozensets(
    st.tuples(st.integers(0, encoder.N_LAYERS - 1), st.integers(0, encoder.N_HEADS - 1)), max_size=3
)
LOOKED_AT: Final[dict[str, st.SearchStrategy[Any]]] = {
    "on": st.booleans(),
    "text": READ | st.just(trained_heads.SENTENCE),
    "layer": st.integers(0, encoder.N_LAYERS - 1),
    "head": st.integers(0, encoder.N_HEADS - 1),
    "mean": st.booleans(),
    "query": st.integers(-1, encoder.MOST_PIECES - 1),
    "key": st.integers(-1, encoder.MOST_PIECES - 1),
    "dropped": ANY_HEADS,
}
TRAINED_HEADS: Final = st.builds(
    trained_heads.TrainedHeads,
    **LOOKED_AT,
    # Dropping all heads in turn takes 72 passes, and shows nothing of a link.
    order=st.sampled_from([one for one in trained_heads.ORDERS if one != trained_heads.BY_EFFECT]),
    painted=st.frozensets(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=12),
)
TRAINED_SEQUENCES: Final = st.builds(
    trained_sequences.TrainedSequences,
    **LOOKED_AT,
    kind=st.sampled_from(tuple(trained_sequences.KINDS)),
)


# ---- several heads


@st.composite
def head_sentences(draw: st.DrawFn, state: MultiHeadState) -> MultiHeadState:
    """Words renamed, moved, added and removed."""
    words = list(draw(st.permutations(state.words)))[: draw(st.integers(0, 6))]
    new = WORDS.filter(lambda word: len(word) <= LONGEST_WORD)
    words += draw(st.lists(new, max_size=6 - len(words)))
    words += ["more"] * (2 - len(words))
    return state.said(tuple(draw(st.permutations(words))))


@st.composite
def head_edits(draw: st.DrawFn, state: MultiHeadState) -> MultiHeadState:
    name = draw(st.sampled_from(["x", *MATRICES]))
    array = getattr(state, name)
    if name in ("key", "value"):
        array = array[:, state.shared_columns]
    return state.edited({name if name == "x" else f"w_{name}": draw(edited(array, -9, 9))})


@st.composite
def head_cuts(draw: st.DrawFn, state: MultiHeadState) -> MultiHeadState:
    n_head = draw(st.sampled_from(HEADS))
    state = state.cut(n_head, draw(st.sampled_from([n for n in HEADS if n <= n_head])))
    for head in draw(st.sets(st.integers(0, state.n_head - 1), max_size=3)):
        state = state.switched(f"head_{head + 1}", True)
    return state


@st.composite
def multi_head_states(draw: st.DrawFn) -> MultiHeadState:
    seed = draw(st.one_of(st.just(0), st.integers(0, 9999)))
    state = MultiHeadState.load(draw(st.sampled_from(list(HEAD_PRESETS))), seed)
    deeds = st.sampled_from([head_sentences, head_edits, head_cuts])
    for deed in draw(st.lists(deeds, max_size=4)):
        state = draw(deed(state))
    place = st.integers(0, len(state.words) - 1)
    return replace(
        state,
        causal=draw(st.booleans()),
        mean=draw(st.booleans()),
        part=draw(st.sampled_from(PARTS)),
        head=draw(st.integers(0, state.n_head - 1)),
        reader=draw(place),
        source=draw(place),
        n_cached=1 + draw(place),
        size=draw(st.sampled_from(SIZES)),
        context=draw(st.sampled_from(CONTEXTS)),
        precision=draw(st.sampled_from(NUMBER_SIZES)),
        trap=draw(trap_choices(multi_head_traps.TRAPS)),
        trained=draw(TRAINED_HEADS),
    )


# ---- self and cross

SIDES: Final = st.sampled_from(["target", "source"])
SIZES_OF_SEQUENCES: Final = st.integers(1, MOST_NUMBERS)


@st.composite
def other_words(draw: st.DrawFn, state: SelfCrossState) -> SelfCrossState:
    side = draw(SIDES)
    words = list(draw(st.permutations(getattr(state, side).words)))
    words = words[: draw(st.integers(0, len(words)))]
    words += draw(st.lists(WORDS, max_size=MOST_WORDS - len(words)))
    words += ["more"] * (MIN_TOKENS - len(words))
    return state.with_words(side, tuple(words))


@st.composite
def renamed_words(draw: st.DrawFn, state: SelfCrossState) -> SelfCrossState:
    side = draw(SIDES)
    words = list(getattr(state, side).words)
    words[draw(st.integers(0, len(words) - 1))] = draw(WORDS)
    return state.with_words(side, tuple(words))


@st.composite
def moves(draw: st.DrawFn, state: SelfCrossState) -> SelfCrossState:
    side = draw(SIDES)
    what = draw(st.sampled_from(["as written", "reverse", "shuffle", "swap"]))
    places = st.integers(0, len(getattr(state, side).words) - 1)
    return Move(side, what, draw(places), draw(places)).on(state)


@st.composite
def edited_sequences(draw: st.DrawFn, state: SelfCrossState) -> SelfCrossState:
    matrices = matrices_of(rows_of(see_sequences(state)))
    editable = [name for name, matrix in matrices.items() if matrix.base is not None]
    name = draw(st.sampled_from(editable))
    return state.edited({name: draw(edited(matrices[name].values, *SEQUENCE_BOUNDS))})


@st.composite
def sequence_switches(draw: st.DrawFn, state: SelfCrossState) -> SelfCrossState:
    state = state.with_kind(draw(st.sampled_from(tuple(KINDS)))).with_step(draw(st.integers(0, 1)))
    state = state.with_sizes(*(draw(SIZES_OF_SEQUENCES) for _ in range(3)))
    cell = st.integers(0, MOST_WORDS - 1)
    return replace(state, query=draw(cell), key=draw(cell))


@st.composite
def sequence_states(draw: st.DrawFn, n_deeds: int = 5) -> SelfCrossState:
    """Return what a reader has made of two sequences, one deed after the other."""
    seed = draw(st.one_of(st.just(0), st.integers(0, 9999)))
    kind = draw(st.sampled_from(tuple(KINDS)))
    state = SelfCrossState.load(draw(st.sampled_from(tuple(EXAMPLES))), seed, kind)
    deeds = (other_words, renamed_words, moves, edited_sequences, sequence_switches)
    for deed in draw(st.lists(st.sampled_from(deeds), max_size=n_deeds)):
        state = draw(deed(state))
    state = replace(state, trained=draw(TRAINED_SEQUENCES))
    return replace(state, trap=draw(trap_choices(self_cross_traps.TRAPS)))


# ---- soft and hard attention


@st.composite
def training_settings(draw: st.DrawFn) -> KeySettings:
    chosen = draw(st.sets(st.sampled_from(METHODS), min_size=1))
    return KeySettings(
        methods=tuple(method for method in METHODS if method in chosen),
        n_steps=draw(st.sampled_from(soft_vs_hard_state.STEPS)),
        learning_rate=draw(st.sampled_from(soft_vs_hard_state.RATES)),
        seed=draw(st.integers(0, 9999)),
        n_repeat=draw(st.integers(1, soft_vs_hard_state.MOST_REPEATS)),
        tau=draw(st.sampled_from(soft_vs_hard_state.TAUS)),
    )


@st.composite
def hard_states(draw: st.DrawFn) -> HardState:
    """Return what a reader has made of one query over a few keys."""
    toy = HardState.start().loaded(draw(st.sampled_from(TOYS)), draw(st.integers(0, 9999)))
    words = draw(st.lists(WORDS, max_size=MAX_TOKENS))
    if len(words) >= MIN_TOKENS:
        toy = toy.renamed(tuple(words))
    names = draw(st.sets(st.sampled_from(["query", "key", "value"])))
    toy = toy.edited({name: draw(edited(getattr(toy, name), -9, 9)) for name in sorted(names)})
    return replace(
        toy,
        temperature=draw(st.sampled_from(TEMPERATURES)),
        tau=draw(st.sampled_from(soft_vs_hard_state.TAUS)),
        n_draws=draw(st.sampled_from(soft_vs_hard_state.N_DRAWS)),
        draw_seed=draw(st.integers(0, 9999)),
        row=draw(st.integers(0, 5)),
        chosen_key=draw(st.integers(0, len(toy.tokens) - 1)),
        coordinate=draw(st.integers(0, 1)),
        picture=draw(st.sampled_from(soft_vs_hard_state.PICTURES)),
        training=draw(training_settings()),
    )


# ---- positions


@st.composite
def position_states(draw: st.DrawFn) -> PositionState:
    """Return words in some order, edited, with any encoding."""
    state = PositionState().seeded(draw(st.one_of(st.just(0), st.integers(0, 9999))))
    words = draw(st.lists(WORDS, max_size=MAX_TOKENS))
    if len(words) >= MIN_TOKENS:
        state = state.typed(tuple(words))
    state = state.ordered(tuple(draw(st.permutations(range(len(state.tokens))))))
    for name in sorted(draw(st.sets(st.sampled_from(["content", "learned", "buckets"])))):
        array = draw(edited(getattr(state, name), *BOUNDS))
        state = replace(state, **{name: array})  # type: ignore[arg-type]
    place = st.integers(0, len(state.tokens) - 1)
    return replace(
        state,
        kind=draw(st.sampled_from(ENCODINGS)),
        first=draw(st.integers(0, 1000)),
        causal=draw(st.booleans()),
        base=draw(st.sampled_from(BASES)),
        layout=draw(st.sampled_from(LAYOUTS)),
        rotary_dim=draw(st.sampled_from(ROTARY_DIMS)),
        n_heads=draw(st.integers(1, 16)),
        head=draw(st.integers(1, 16)),
        width=draw(st.integers(1, 128)),
        length=draw(st.integers(*LENGTHS)),
        trap=draw(trap_choices(position_traps.TRAPS)),
        picture=draw(st.sampled_from(ALL_PICTURES)),
        query=draw(place),
        key=draw(place),
        window=draw(st.sampled_from(tuple(WINDOWS))),
        row=draw(st.integers(0, 36)),
        column=draw(st.integers(0, 36)),
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

# ---- the text encoder

TYPED: Final = st.one_of(
    st.sampled_from([example.text for example in TEXT_EXAMPLES]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.sampled_from(["", "The cat sat.", "😀 سلام [MASK] <b>x</b>", "a " * 300]),
)
LABELS: Final = st.lists(
    st.sampled_from(["Sport", "A recipe.", "<b>x</b>", "猫", "This text is about food."]),
    min_size=text_scene.FEWEST_LABELS,
    max_size=text_scene.MOST_LABELS,
    unique=True,
).map(tuple)
CELLS: Final = st.tuples(st.integers(0, 15), st.integers(0, 15))
TEXT_STATES: Final = st.builds(
    TextState,
    text=TYPED,
    view=st.sampled_from(text_scene.VIEWS),
    layer=st.integers(1, encoder.N_LAYERS),
    head=st.integers(1, encoder.N_HEADS),
    mean=st.booleans(),
    by_piece=st.booleans(),
    hide_special=st.booleans(),
    lines=st.booleans(),
    query=st.integers(-1, encoder.MOST_PIECES - 1),
    key=st.integers(-1, encoder.MOST_PIECES - 1),
    test=st.sampled_from(text_scene.TESTS),
    forced=st.integers(0, text_scene.HUNDRED),
    role=st.sampled_from(ROLES),
    pattern=st.sampled_from(PATTERNS),
    painted=st.frozensets(CELLS, max_size=12),
    task=st.sampled_from([task.name for task in TASKS]),
    topic=LABELS | st.just(text_scene.sentences_of(TASKS[0])),
    sentiment=LABELS | st.just(text_scene.sentences_of(TASKS[1])),
    masked=st.frozensets(st.integers(0, 12), max_size=3),
)

# ---- the translator


def typed_words(text: str) -> tuple[str, ...]:
    return translation_sentences.clean(text)[0]


SENTENCES: Final = st.one_of(
    st.sampled_from(["The cat sat on the mat.", "🐈 سلام <b>x</b> [MASK] **a** zebra", "I don't."]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60),
).map(typed_words)


@st.composite
def forced_weights(draw: st.DrawFn, n_words: int) -> Forced:
    part = draw(st.sampled_from(PARTS_OF_TRANSLATOR))
    scope = draw(st.sampled_from(translation_state.SCOPES))
    query = draw(st.integers(part == "decoder", n_words))
    return Forced(
        part=part,
        scope=scope,
        layer=0 if scope == "all" else draw(st.integers(0, translation.N_LAYERS - 1)),
        head=draw(st.integers(0, translation.N_HEADS - 1)) if scope == "head" else 0,
        query=query,
        key=draw(st.integers(0, query if part == "decoder" else n_words)),
        percent=draw(st.integers(0, 100)),
    )


@st.composite
def translation_states(draw: st.DrawFn) -> TranslationState:
    first = TranslationState()
    menu = MenuChoices()
    for slot in menus.SLOTS:
        menu = replace(menu, **{slot: draw(st.sampled_from(menus.options(menu, slot)))})
    state = replace(
        first,
        way=draw(st.sampled_from(translation_choice.WAYS)),
        example=draw(st.sampled_from(tuple(translation_sentences.EXAMPLES))),
        menu=menu,
        typed=draw(SENTENCES.filter(bool)),
        anyway=draw(st.booleans()),
        view=draw(st.sampled_from(translation_choice.VIEWS)),
        part=draw(st.sampled_from(PARTS_OF_TRANSLATOR)),
        scope=draw(st.sampled_from(translation_state.SCOPES)),
        layer=draw(st.integers(0, translation.N_LAYERS - 1)),
        head=draw(st.integers(0, translation.N_HEADS - 1)),
        word=draw(st.integers(0, translation.MOST_WORDS)),
        english=draw(st.integers(0, translation.MOST_WORDS)),
        reader=draw(st.integers(0, translation.MOST_WORDS)),
        earlier=draw(st.integers(0, translation.MOST_WORDS)),
        width=draw(st.integers(*translation_state.WIDTHS)),
        subject=draw(st.sampled_from(turning.SUBJECTS)),
        place=draw(st.sampled_from(turning.PLACES)),
        first=draw(st.sampled_from(turning.OF_SUBJECT)),
        second=draw(st.sampled_from(turning.OF_PLACE)),
    )
    n_words = len(state.sentence.words)
    heads = st.tuples(
        st.sampled_from(PARTS_OF_TRANSLATOR),
        st.integers(0, translation.N_LAYERS - 1),
        st.integers(0, translation.N_HEADS - 1),
    )
    dropped = draw(st.sets(heads, max_size=6))
    forced = st.lists(
        forced_weights(n_words),
        max_size=translation_state.MOST_FORCED,
        unique_by=lambda one: (one.part, one.query),
    )
    return replace(
        state,
        hidden=tuple(sorted(draw(st.sets(st.integers(0, n_words - 1), max_size=3)))),
        dropped=tuple(head for head in translation_state.HEADS if head in dropped),
        forced=tuple(draw(forced)),
    )


LOOKS_AT_DIGITS: Final = st.builds(
    LookChoice,
    layer=st.integers(0, 11),
    head=st.integers(0, 11),
    mean=st.booleans(),
    query=st.integers(-1, 63),
    key=st.none() | st.integers(-1, 63),
    test=st.sampled_from(digit_look_scene.TESTS),
)
TRAININGS: Final = st.builds(
    DigitSettings,
    positions=st.booleans(),
    class_token=st.booleans(),
    patch_size=st.sampled_from(digit_settings.PATCH_SIZES),
    n_heads=st.sampled_from(digit_settings.HEAD_COUNTS),
    n_layers=st.sampled_from(digit_settings.LAYER_COUNTS),
    shuffle=st.sampled_from(digit_settings.SHUFFLES),
    n_steps=st.integers(1, classify_state.MOST_STEPS),
    seed=st.integers(0, classify_state.MOST_SEED),
)
DIGIT_CHOICES: Final = st.builds(
    DigitChoice,
    held_out=st.none() | st.integers(0, N_HELD_OUT - 1),
    ink=st.binary(min_size=128, max_size=128),
)
CLASSIFICATION_STATES: Final = st.builds(
    ClassifyState,
    model=st.sampled_from(classify_scene.MODELS),
    view=st.sampled_from(classify_scene.VIEWS),
    digit=DIGIT_CHOICES,
    change=st.sampled_from(CHANGES),
    looked=LOOKS_AT_DIGITS,
    learned=st.builds(
        WeightsChoice,
        part=st.sampled_from(digit_weights_scene.PARTS),
        group=st.sampled_from(digit_weights_scene.GROUPS),
    ),
    training=TRAININGS,
    photo=st.sampled_from([photo.file for photo in sample_photos()]),
    imagenet=st.sampled_from([model.name for model in IMAGENET_MODELS]),
    target=st.integers(-1, 999),
)


# ---- whole Transformers

SHORT_TEXTS: Final = st.one_of(
    st.sampled_from(
        ["The cat sleeps.", "the 猫 <b>sat</b> **on** it's", "😀 سلام [MASK]", "a b " * 30]
    ),
    st.text(
        st.characters(exclude_categories=["C"]),
        min_size=1,
        max_size=transformer_choice.MOST_CHARACTERS,
    ).filter(str.strip),
)


@st.composite
def sizes(draw: st.DrawFn) -> SizesChoice:
    """A known model with other sizes, whose heads divide its width."""
    choice = size_choice.from_preset(draw(st.sampled_from(size_choice.PRESETS)))
    wider = size_choice.with_width(choice, draw(st.sampled_from(size_choice.WIDTHS)))
    return replace(
        wider,
        n_layers=draw(st.integers(1, size_choice.MOST_LAYERS)),
        length=draw(st.sampled_from(size_choice.LENGTHS)),
        precision=draw(st.sampled_from(size_choice.PRECISIONS)),
    )


@st.composite
def transformer_states(draw: st.DrawFn) -> TransformerState:
    """A model opened somewhere, with blocks off, on texts or pictures of the reader's."""
    model = draw(st.sampled_from(transformer_models.MODELS))
    writers = transformer_models.LAYOUTS[model].writers
    places = st.sampled_from(
        [*writers, Place("encoder", -1, "tokens"), Place("decoder", -1, "softmax")]
    )
    place = draw(places)
    off = draw(st.sets(st.sampled_from(writers), max_size=len(writers)))
    state = TransformerState(
        view=draw(st.sampled_from(transformer_choice.VIEWS)),
        photo=draw(st.sampled_from([photo.file for photo in sample_photos()])),
        digit=draw(DIGIT_CHOICES),
        stream=StreamChoice(row=draw(st.integers(-1, 12)), depth=draw(st.integers(-1, 25))),
        other=draw(st.sampled_from(transformer_models.MODELS)),
        sizes=draw(sizes()),
        text=draw(SHORT_TEXTS),
        prompt=draw(SHORT_TEXTS.filter(fits_prompt)),
        english=draw(SHORT_TEXTS.filter(fits_translator)),
    ).with_model(model)
    return replace(
        state,
        block=BlockChoice(*place, head=draw(st.integers(0, 15)), shown=draw(st.integers(0, 11))),
        off=transformer_choice.in_order(model, off),
    )


def fits_prompt(text: str) -> bool:
    return not transformer_controls.problem_of(transformer_models.GPT, text)


def fits_translator(text: str) -> bool:
    return not transformer_controls.problem_of(transformer_models.TRANSLATOR, text)


# ---- the small language model

GPT_TEXTS: Final = st.one_of(
    st.sampled_from([example.text for example in GPT_EXAMPLES]),
    st.sampled_from(["", "the 猫 <b>sat</b> **on** it's", "😀 سلام [MASK]", "a b " * 60]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
)


INDUCTION_CHOICES: Final = st.builds(
    InductionChoice,
    step=st.integers(0, induction_choice.N_STEPS),
    n=st.integers(induction_choice.FEWEST_LETTERS, induction_choice.MOST_LETTERS),
    seed=st.integers(0, induction_choice.MOST_SEED),
    types=st.booleans(),
    typed=st.sampled_from(["", "ThecatThecatThe", "abAB猫 <b>", "z" * 40]),
    layer=st.integers(0, 1),
    head=st.integers(0, 3),
    query=st.integers(-1, 39),
    key=st.integers(-1, 39),
    dropped=st.frozensets(st.tuples(st.integers(0, 1), st.integers(0, 3)), max_size=3),
    train_seed=st.integers(0, induction_choice.MOST_SEED),
    train_heads=st.sampled_from(induction_choice.LATER_HEADS),
)


@st.composite
def gpt_states(draw: st.DrawFn) -> GptState:
    """A text typed, written on and looked into, and the model changed."""
    state = GptState().with_text(draw(GPT_TEXTS))
    room = gpt_runs.MOST_WORDS - len(state.given)
    words = st.sampled_from(gpt_runs.known_words().words)
    state = state.with_written(tuple(draw(st.lists(words, max_size=min(room, 9)))))
    if draw(st.booleans()):
        state = state.with_written((END,))
    last = len(state.words)
    places, layers = st.integers(0, last), st.integers(0, gpt_runs.N_LAYERS - 1)
    rows = draw(st.lists(places, max_size=gpt_state.MOST_FORCED, unique=True))
    forced = [
        GptForced(
            draw(layers),
            draw(st.integers(0, gpt_runs.N_HEADS)),
            row,
            draw(st.integers(0, row)),
            draw(st.integers(0, 100)),
        )
        for row in rows
        if row
    ]
    return replace(
        state,
        view=draw(st.sampled_from(gpt_choice.VIEWS)),
        layer=draw(layers),
        head=draw(st.integers(0, gpt_runs.N_HEADS)),
        place=draw(st.integers(-1, last)),
        read=draw(st.integers(-1, last)),
        hides=draw(st.booleans()),
        hidden=draw(st.frozensets(st.integers(1, last), max_size=3)) if last else frozenset(),
        dropped=draw(
            st.frozensets(st.tuples(layers, st.integers(0, gpt_runs.N_HEADS - 1)), max_size=3)
        ),
        forced=tuple(forced),
        temperature=5 * draw(st.integers(0, gpt_state.HOTTEST // 5)),
        top_k=draw(st.integers(0, gpt_state.MOST_K)),
        top_p=5 * draw(st.integers(1, 20)),
        seed=draw(st.integers(0, gpt_state.MOST_SEED)),
        enc_layer=draw(st.integers(0, encoder.N_LAYERS - 1)),
        enc_head=draw(st.integers(0, encoder.N_HEADS)),
        changed=draw(st.integers(-1, last)),
        swap=draw(st.sampled_from(["", "is", "hat", "<b>", "two words", "猫"])),
        induction=draw(INDUCTION_CHOICES),
    )


STATES: Final[ByPage[st.SearchStrategy[Any]]] = ByPage(
    {
        "streamlit_app.py": overview_states(),
        "pages/scaled_dot_product.py": dot_product_states(boards()),
        "pages/soft_vs_hard.py": hard_states(),
        "pages/self_vs_cross.py": sequence_states(),
        "pages/multi_head.py": multi_head_states(),
        "pages/positional_encoding.py": position_states(),
        "pages/vision_transformer.py": VISION_STATES,
        "pages/image_classification.py": CLASSIFICATION_STATES,
        "pages/translation.py": translation_states(),
        "pages/text_classification.py": TEXT_STATES,
        "pages/transformer.py": transformer_states(),
        "pages/gpt.py": gpt_states(),
    },
    "add to STATES in tests/pages/link_states.py a strategy that draws the states that a reader "
    "can bring it into",
)


def with_words(state: DotProductState, words: tuple[str, ...]) -> DotProductState:
    """Return a state with other words."""
    return replace(state, board=state.board.resized(words, *state.board.sizes))
