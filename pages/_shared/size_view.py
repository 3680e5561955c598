"""How large a Transformer is: parameters, operations and memory, of known ones and of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import streamlit as st

from core.known_models import KNOWN_MODELS
from core.model_sizes import count_model
from core.published_counts import Source
from pages._shared.files import Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.multi_head_counts import in_bytes
from pages._shared.news import NEWS, draw_news
from pages._shared.size_choice import (
    BYTES,
    SizesChoice,
    choose_sizes,
    is_as_known,
    shape_of,
    sizes_codec,
    widgets,
)
from pages._shared.size_tables import about_2017, heads_table, known_table
from pages._shared.size_words import (
    Bar,
    about_crossing,
    about_heads,
    about_known,
    about_memory,
    about_operations,
    about_parameters,
    about_positions,
    about_step,
    in_short,
    memory_bars,
    operation_bars,
    parameter_bars,
)
from pages._shared.size_work import sizes_work
from pages._shared.work import draw_work

__all__ = ["COMPONENTS", "SizesChoice", "draw_sizes", "sizes_codec", "take_sizes", "widgets"]

# What a page with this view has to load.
COMPONENTS: Final = (NEWS,)
LEFT_OUT: Final = (
    "A multiplication and an addition are two operations. Softmax, normalisation, activations, "
    "biases and the looking up of embeddings are left out; a masked score is counted like any "
    "other. k, M, G, T, P, E: 10 to the power of 3, 6, 9, 12, 15, 18; 1 KiB is 1,024 B."
)


def draw_sizes(
    choice: SizesChoice,
    *,
    key: str,
    on_choose: Callable[[SizesChoice], None],
    news: Mapping[str, object] | None = None,
    with_controls: bool = True,
) -> None:
    """Draw the controls, bars by part, operations against the length, known models, and the work.

    Parameters
    ----------
    choice : SizesChoice
    key : str
        Prefix of the widgets' keys.
    on_choose : callable
        Called before the rerun with another choice.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    with_controls : bool
        Whether the choice can be changed.
    """
    if with_controls:
        choose_sizes(choice, key=key, on_choose=on_choose)
    _draw_bars(choice)
    _draw_curve(choice)
    st.html(heads_table(choice), width="content")
    st.caption(about_heads(choice))
    st.html(f"<div style='overflow-x: auto; white-space: nowrap'>{known_table(choice)}</div>")
    st.caption(about_2017())
    st.caption(LEFT_OUT)
    draw_work(key, sizes_work(choice), opened=False)
    if news is not None:
        draw_news(news, key=f"{key}.news")


def take_sizes(choice: SizesChoice) -> dict[str, Tabular]:
    """Return the counts by part, the curve against the length, and the known models."""
    from pages._shared.size_charts import LINES, lengths, line_values

    shape, bytes_each = shape_of(choice), BYTES[choice.precision]
    curve = [[operations for _, operations in line_values(shape, n)] for n in lengths()]
    models = [
        [count_model(model.shape).total, *_published(model.sources)] for model in KNOWN_MODELS
    ]
    return {
        "parameters": _column(parameter_bars(choice)),
        "operations": _column(operation_bars(choice)),
        f"memory_in_bytes_of_{8 * bytes_each}_bits": _column(memory_bars(choice)),
        "operations_by_length": _table(curve, "tokens", map(str, lengths()), "part", LINES),
        "known_models": _table(
            models,
            "model",
            (model.name for model in KNOWN_MODELS),
            "parameters",
            ("computed", "published, least", "published, most"),
        ),
    }


def _draw_bars(choice: SizesChoice) -> None:
    from pages._shared.size_charts import bars_frame, bars_spec  # Altair: here alone

    memory, held = memory_bars(choice), f"{about_memory(choice)} {about_step(choice)}"
    shown = (
        ("Parameters", parameter_bars(choice), in_short, about_parameters(choice)),
        ("Operations of one pass", operation_bars(choice), in_short, about_operations(choice)),
        (
            "Memory, if all is kept",
            memory,
            in_bytes,
            held,
        ),
    )
    for column, (title, bars, written, said) in zip(st.columns(3), shown, strict=True):
        total = written(sum(bar.value for bar in bars))
        with column:
            st.markdown(f"**{title}: {total}**")
            st.vega_lite_chart(bars_frame(bars), bars_spec(len(bars)), alt=f"{title}, by part")
            st.caption(said)
    note = about_known(choice) if is_as_known(choice) else "Changed: it is no known model any more."
    st.caption(" ".join(part for part in (note, about_positions(choice)) if part))


def _draw_curve(choice: SizesChoice) -> None:
    from pages._shared.size_charts import curve_frame, curve_spec, powers

    shape = shape_of(choice)
    st.vega_lite_chart(
        curve_frame(shape, choice.length),
        curve_spec(*powers(shape)),
        alt="Operations of one pass against the number of tokens; in words below",
    )
    st.caption(about_crossing(choice))


def _published(sources: Sequence[Source]) -> tuple[float, float]:
    # The first is the nearest to the weights: exact, if any source is.
    return (sources[0].low, sources[0].high) if sources else (np.nan, np.nan)


def _column(bars: Sequence[Bar]) -> Table:
    return Table(
        np.array([bar.value for bar in bars]), (Axis("part", tuple(bar.name for bar in bars)),)
    )


def _table(
    values: Sequence[Sequence[float]],
    down: str,
    rows: Iterable[str],
    across: str,
    columns: Sequence[str],
) -> Table:
    return Table(np.array(values), (Axis(down, tuple(rows)), Axis(across, tuple(columns))))
