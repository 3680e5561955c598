"""Every head of a model dropped, one after another, and ranked by what that changes.

A page that draws this loads `BOARD` and `TRAINING` (`LAB.open(BOARD, TRAINING, ...)`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Final

import numpy as np
import streamlit as st

from core.head_sweep import HeadSweep, as_grid, ranked_heads
from pages._shared.explanation_runs import HeadTest, head_trainer
from pages._shared.explanations import Subject
from pages._shared.matrix import Axis, Choice, Matrix
from pages._shared.matrix_board import matrix_board
from pages._shared.vision_words import percent_text, signed_text

OnChoose = Callable[[int, int], None]
News = Callable[[], Mapping[str, object]]

N_NAMED: Final = 10
_LEFT: Final = " style='text-align: left; font-weight: 500; padding-right: 0.8rem'"
# Ends of the colour scale. Below the first of them nothing is worth a colour: no head is missed.
_LIMITS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def draw_head_ranking(
    subject: Subject, *, key: str, on_choose: OnChoose | None = None, news: News | None = None
) -> None:
    """Draw the button that drops every head in turn, and the heads ranked by what that changes.

    Parameters
    ----------
    subject : Subject
        The number that is watched, of one model and one picture.
    key : str
        Begins the key of everything here, such as ``f"{NAME}.heads"``.
    on_choose : callable, optional
        Called before the rerun with layer and head, from 0, when the reader chooses one.
    news : callable, optional
        ``LAB.news``, where a head that is chosen changes the page's state.
    """
    _draw(subject, key, on_choose, news)


@st.fragment
def _draw(subject: Subject, key: str, on_choose: OnChoose | None, news: News | None) -> None:
    model = subject.load()
    test = HeadTest(subject, (model.n_layers, model.n_heads))
    kept = head_trainer(key).draw(test)
    if kept is None or kept.settings != test or not kept.run.sweep.output_changes:
        return
    sweep = kept.run.sweep
    _draw_board(sweep, subject, key, on_choose, news)
    st.html(ranking_table(sweep, subject, classes=model.n_classes if model.decoder is None else 0))


def _draw_board(
    sweep: HeadSweep,
    subject: Subject,
    key: str,
    on_choose: OnChoose | None,
    news: News | None,
) -> None:
    n_heads = sweep.shape[1]
    n_through = len(sweep.output_changes) // n_heads  # layers that are through
    if not n_through:
        return
    changes = as_grid(sweep.output_changes, sweep.shape)[:n_through]
    limit = limit_of(sweep.output_changes)
    shown = Matrix(
        "changes",
        "Change without each head",
        changes,
        Axis("layer", tuple(f"layer {layer + 1}" for layer in range(n_through))),
        Axis("head", tuple(f"head {head + 1}" for head in range(n_heads))),
        note=f"of {subject.name}",
        scale="diverging",
        limit=limit,
        digits=3 if limit < 0.5 else 2,
        small=n_heads > 8,
    )

    def take(choice: Choice) -> None:
        st.session_state[f"{key}.chosen"] = (choice.row, choice.column)
        if on_choose is not None:
            on_choose(choice.row, choice.column)

    chosen = st.session_state.get(f"{key}.chosen")
    matrix_board(
        [[shown]],
        key=f"{key}.board",
        version=f"{subject.digest[:12]}.{subject.model}.{subject.readout_id}.{n_through}",
        news=None if news is None else news(),
        on_choose=take,
        chosen={"layer": chosen[0], "head": chosen[1]} if chosen is not None else None,
        name="Change without each head",
    )


def limit_of(changes: tuple[float, ...]) -> float:
    """Return a round end of the colour scale that no change exceeds, where one can be found."""
    largest = max((abs(change) for change in changes), default=0.0)
    return next((limit for limit in _LIMITS if limit >= largest), 2.0)


def ranking_table(sweep: HeadSweep, subject: Subject, *, classes: int) -> str:
    """Return the strongest heads in words, in HTML.

    Parameters
    ----------
    sweep : HeadSweep
        As far as it has come, at least one head.
    subject : Subject
    classes : int
        Number of classes that the model names; 0 where its answer is a map of saliency.
    """
    n_done = len(sweep.output_changes)
    before = sweep.before.output if sweep.before is not None else np.nan
    ranked = ranked_heads(sweep.output_changes, sweep.shape[1])[:N_NAMED]
    digits = 3 if max(abs(change) for change in sweep.output_changes) >= 0.01 else 5
    whole = "Moved between all classes" if classes else "Change of a spot of the map, on average"
    head = "".join(
        f"<th scope='col'{_LEFT}>{escape(one)}</th>"
        for one in ("Without", f"{subject.name}, {before:.{digits}f} before", whole)
    )
    body = ""
    for layer, number in ranked:
        place = layer * sweep.shape[1] + number
        change, moved = sweep.output_changes[place], sweep.whole_changes[place]
        # Half of all changes: what one class loses another gains.
        moved_text = percent_text(moved * classes / 2) if classes else f"{moved:.4f}"
        body += (
            f"<tr><th scope='row'{_LEFT}>layer {layer + 1}, head {number + 1}</th>"
            f"<td>{before + change:.{digits}f} ({signed_text(change, digits)})</td>"
            f"<td>{moved_text}</td></tr>"
        )
    total = sweep.shape[0] * sweep.shape[1]
    measured = (
        f"the strongest of {n_done} heads"
        if n_done == total
        else (f"the strongest of the {n_done} dropped so far, of {total}")
    )
    falls = sum(change < 0 for change in sweep.output_changes)
    return (
        "<div class='sum'><div style='overflow-x: auto' tabindex='0' role='region' "
        f"aria-label='Heads ranked'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
        f"<p class='note'>{escape(measured.capitalize())}; {falls} of {n_done} lower the number "
        "when they are gone, the others raise it or leave it. A head's output is set to zero, and "
        "the layers after it make do; several heads may do the same work, and then none of them "
        "is missed alone.</p></div>"
    )
