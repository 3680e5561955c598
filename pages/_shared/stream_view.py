"""The residual stream: what every block writes, what it would say early, and which were needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.anatomy import Place
from core.needed_blocks import Needs, place_of
from pages._shared import stream_words as words
from pages._shared.files import Tabular
from pages._shared.stream_bars import STREAM_BARS, Column, Row, stream_bars
from pages._shared.stream_choice import StreamChoice
from pages._shared.stream_lens import STREAM_LENS, stream_lens
from pages._shared.stream_runs import (
    needs_of,
    outcome_of,
    stacks_of,
    sweep_trainer,
    takes_long,
)
from pages._shared.stream_scene import Shown, shown_of
from pages._shared.stream_tables import (
    MOST_WORDS,
    lengths_map,
    lengths_table,
    lens_table,
    stream_arrays,
)
from pages._shared.training import TRAINING
from pages._shared.transformer_choice import NAME
from pages._shared.transformer_models import TRANSLATOR
from pages._shared.transformer_scene import Scene
from pages._shared.transformer_state import STORE, keep
from pages._shared.transformer_views import version_of
from pages._shared.value_map import VALUE_MAPS, value_map
from pages._shared.words import number

if TYPE_CHECKING:
    from core.logit_lens import Lens

# What a page with this view has to load.
COMPONENTS: Final = (STREAM_BARS, STREAM_LENS, VALUE_MAPS, TRAINING)
_KEY: Final = f"{NAME}.stream"


def draw_stream(scene: Scene, news: Mapping[str, object], *, with_controls: bool) -> None:
    """Draw the stream of the chosen token, the logit lens, and what is missed of the blocks."""
    if with_controls:
        _choose_stack(scene)
    shown = shown_of(scene)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _draw_bars(shown, with_controls=with_controls, news=news)
    with right:
        if shown.lens is not None:
            _draw_lens(shown, shown.lens)
        if not shown.by_word:
            _draw_lengths(shown)
    _draw_needs(scene, with_controls=with_controls)


def take_stream(scene: Scene) -> dict[str, Tabular]:
    """Return everything that is drawn as tables; of a large model without its blocks off."""
    shown = shown_of(scene)
    needs = None if takes_long(scene.state.model) else needs_of(scene.given)
    return stream_arrays(shown.stream, shown.lens, shown.attribution, needs)


def _choose_stack(scene: Scene) -> None:
    if scene.state.model != TRANSLATOR:
        return

    def report() -> None:
        stack = st.session_state[f"{_KEY}.stack"] or stacks_of(TRANSLATOR)[0]
        keep(stream=StreamChoice(stack=stack))

    if f"{_KEY}.stack" not in st.session_state:
        st.session_state[f"{_KEY}.stack"] = scene.state.stream.stack
    st.segmented_control(
        "Stream of",
        stacks_of(TRANSLATOR),
        format_func=str.capitalize,
        required=True,
        key=f"{_KEY}.stack",
        persist_state="session",
        on_change=report,
    )


def _draw_bars(shown: Shown, *, with_controls: bool, news: Mapping[str, object]) -> None:
    stream, row, off = shown.stream, shown.choice.row, shown.scene.off
    rows = [Row("", "comes in")]
    rows += [Row(place.id, words.tiny_name(place), place in off) for place in stream.places]
    lengths = (float(stream.entering[row]), *stream.written[:, row].tolist())
    columns = [Column("length of what is written", lengths)]
    text = [words.stream_sentence(stream, row)]
    attribution, lens = shown.attribution, shown.lens
    if attribution is not None and lens is not None:
        read = shown.row_read
        parts = attribution.entering[read], *attribution.blocks[:, read]
        name = f"direct part of the logit of “{attribution.answers[read]}”"
        columns = [
            Column(columns[0].name, (*lengths, None)),
            Column(name, (*map(float, parts), float(attribution.constant[read]))),
        ]
        rows.append(Row("", "bias, shift"))
        text.append(
            words.attribution_sentence(attribution, read, shown.scene.anatomy.facts.n_answers)
        )
    elif stream.shares is None:
        text.append(_no_sum())
    else:
        text.append(words.shares_sentence(stream, row))
    stream_bars(
        rows,
        columns,
        key=f"{_KEY}.bars",
        version=shown.version,
        name="What every block writes",
        title=f"What every block writes at “{stream.tokens[row]}”",
        text=" ".join(text),
        on_switch=_switcher(stream.places) if with_controls else None,
        news=news,
    )


def _draw_lens(shown: Shown, lens: Lens) -> None:
    choice, row = shown.choice, shown.row_read
    table = lens_table(lens, shown.scene, by_word=shown.by_word)
    column = row
    if not shown.by_word:
        column = table.columns.index(lens.answers[0])

    def take(cell: tuple[int, int]) -> None:
        chosen = cell[1] if shown.by_word else choice.row
        keep(stream=replace(choice, row=chosen, depth=cell[0]))

    said = f"{words.lens_sentence(lens, row)} {words.reading_sentence(lens, choice.depth, row)}"
    stream_lens(
        table,
        key=f"{_KEY}.lens",
        version=shown.version,
        text=said,
        chosen=(choice.depth, column),
        on_choose=take,
    )


def _draw_lengths(shown: Shown) -> None:
    stream, choice = shown.stream, shown.choice
    depth = min(max(choice.depth - 1, 0), len(stream.places) - 1)

    def take(cell: tuple[int, int]) -> None:
        keep(stream=replace(choice, row=cell[1], depth=cell[0] + 1))

    if len(stream.tokens) > MOST_WORDS:
        value_map(
            [lengths_map(stream)],
            key=f"{_KEY}.map",
            view=shown.version,
            chosen=(depth, choice.row),
            on_choose=take,
        )
        return
    stream_lens(
        lengths_table(stream),
        key=f"{_KEY}.lengths",
        version=shown.version,
        text="Choose a cell to see the stream of its token.",
        chosen=(depth, choice.row),
        on_choose=take,
    )


def _draw_needs(scene: Scene, *, with_controls: bool) -> None:
    model = scene.state.model
    st.html("<div class='sum'><h2>Which blocks were needed?</h2></div>")
    if takes_long(model):
        _draw_sweep(scene, with_controls=with_controls)
        return
    _draw_ranking(scene, needs_of(scene.given), with_controls=with_controls)


@st.fragment
def _draw_sweep(scene: Scene, *, with_controls: bool) -> None:
    if STORE.current.off != scene.off:  # switched here: all of the view is about that
        st.rerun()
    trained = sweep_trainer(_KEY).draw(scene.given)
    if trained is None or trained.settings != scene.given or not trained.run.without:
        return
    needs = Needs(outcome_of(scene.given, ()), trained.run.without)
    _draw_ranking(scene, needs, with_controls=with_controls)


def _draw_ranking(scene: Scene, needs: Needs, *, with_controls: bool) -> None:
    model, off = scene.state.model, scene.off
    with_stack = len(stacks_of(model)) > 1
    if off:
        together = outcome_of(scene.given, off)
        said = words.off_sentence(model, needs.before, together, off)
        st.html(f"<p class='text' role='status'>{escape(said)}</p>")
    ranked = needs.ranked
    rows = [Row("", "all blocks on", line=words.answer_text(model, needs.before))]
    for one in ranked:
        place = place_of(one)
        same = one.answer == needs.before.answer
        line = "" if same else f"→ {words.answer_text(model, one)}"
        name = words.short_name(place, with_stack=with_stack)
        rows.append(Row(place.id, f"without {name}", place in off, line, strong=not same))
    whole = words.shown_value(model, needs.before)
    lost = (whole - words.shown_value(model, one) for one in ranked)
    name = f"{words.WATCHED[model]}: lost without the block, of {number(whole, 3)}"
    stream_bars(
        rows,
        [Column(name, (None, *lost), digits=3)],
        key=f"{_KEY}.needs",
        version=f"{version_of(scene)}.{len(ranked)}",
        name="Which blocks were needed",
        title="Each block switched off by itself, the most needed first",
        text=words.needs_sentence(model, needs, with_stack=with_stack),
        on_switch=_switcher(tuple(map(place_of, ranked))) if with_controls else None,
    )


def _switcher(places: Sequence[Place]) -> Callable[[str, bool], None]:
    by_id = {place.id: place for place in places}

    def switch(name: str, off: bool) -> None:
        STORE.keep(STORE.current.switched(by_id[name], off=off), joins=False)

    return switch


def _no_sum() -> str:
    from core.residual_stream import NO_SUM

    return NO_SUM
