"""The views of the text encoder's page that order the heads: by a role, by a painted pattern."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.head_roles import ROLES, rank_by_pattern, role_cells
from pages._shared import encoder, text_controls
from pages._shared.attention_map import attention_map
from pages._shared.encoder_heads import HeadMap, draw_grid
from pages._shared.encoder_roles import (
    MOST_PAINTED,
    OWN,
    READS,
    Head,
    best_heads,
    head_name,
    pattern_cells,
    ranking_of,
    role_place,
    role_ranking,
)
from pages._shared.text_scene import NAME, Scene
from pages._shared.text_views import (
    GRID,
    News,
    choose_head,
    draw_large,
    halves,
    version,
    view_name,
)
from pages._shared.text_words import count
from pages._shared.words import number

# Of heads in the order of a role so many are drawn: the rest hardly play it.
_MOST_RANKED = 24


def draw_roles(scene: Scene, news: News) -> str:
    """Draw the heads in the order of a role, and the cells that the role is made of."""
    masses, role = encoder.roles(scene.state.text), scene.state.role
    place = role_place(role)
    table, large = halves(scene)
    with table:
        _draw_table(scene)
        draw_grid(
            encoder.word_weights(scene.state.text, hide_special=False),
            key=GRID,
            view=view_name("role", role),
            chosen=(scene.layer, scene.head),
            on_choose=choose_head,
            ranking=role_ranking(masses, role)[:_MOST_RANKED],
            text=f"The {_MOST_RANKED} heads that give most of their weight to "
            f"{READS[ROLES[place]]}, the most first. Uniform attention would give "
            f"{number(masses.chance[place])}."
            if masses.n_words[place]
            else f"No word of this text can read {READS[ROLES[place]]}, so all heads have 0.",
            news=news(),
        )
    with large:
        draw_large(scene, marks=role_cells(scene.tokens)[place], marks_name=role)
    return (
        "Measured on this text, now: the mean weight over the words that can play the role. It "
        "tells where a head reads, not what for."
    )


def draw_find(scene: Scene, news: News) -> str:
    """Draw a pattern to paint, and the heads by how well they fit it."""
    weights = encoder.word_weights(scene.state.text, hide_special=False)
    cells = painted_cells(scene)
    ranking = rank_by_pattern(weights, cells)
    grid, large = halves(scene)
    with large:
        _draw_canvas(scene, cells)
    with grid:
        draw_grid(
            weights,
            key=GRID,
            view=view_name("find", scene.state.pattern),
            chosen=(scene.layer, scene.head),
            on_choose=choose_head,
            ranking=ranking_of(ranking.mass),
            text=_ranking_text(ranking.order[0], ranking.mass, ranking.chance, cells),
            news=news(),
        )
    return (
        "The score is the weight that a head puts in the painted cells of a row, averaged over "
        "the rows with paint. Paint few cells in each row: a row painted all over fits every head."
    )


def painted_cells(scene: Scene) -> NDArray[np.bool_]:
    """Return the cells of the pattern that the state chooses, over the words with [CLS] first."""
    shown = HeadMap(scene.reading.attention, scene.layer, scene.head)
    _, column = shown.chosen(scene.state.query, scene.state.key)
    state = scene.state
    n_words = len(scene.tokens.words)
    return pattern_cells(state.pattern, n_words, column=column, painted=state.painted)


def _draw_table(scene: Scene) -> None:
    """Draw the six roles with the head that plays each most."""
    masses = encoder.roles(scene.state.text)
    best = best_heads(masses)
    rows = []
    for place, role in enumerate(ROLES):
        chance = number(masses.chance[place])
        if role in best:
            head, mass = best[role]
            cells = (
                head_name(head),
                number(mass),
                chance,
                count(int(masses.n_words[place]), "word"),
            )
        else:
            cells = ("none: this text cannot show it", "", "", "0 words")
        mark = " aria-current='true'" if role == scene.state.role else ""
        body = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        rows.append(f"<tr{mark}><th scope='row'>{role}</th>{body}</tr>")
    head_row = "".join(
        f"<th scope='col'>{name}</th>"
        for name in ("Role", "Head that plays it most", "Weight", "Uniform", "Over")
    )
    st.html(
        f"<table class='roles'><thead><tr>{head_row}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _draw_canvas(scene: Scene, cells: NDArray[np.bool_]) -> None:
    shown = HeadMap(scene.reading.attention, scene.layer, scene.head)
    few = len(shown.labels) <= MOST_PAINTED

    def paint(painted: NDArray[np.bool_]) -> None:
        places = frozenset((int(row), int(column)) for row, column in np.argwhere(painted))
        text_controls.keep(painted=places, pattern=OWN)
        st.session_state[f"{NAME}.pattern"] = OWN

    attention_map(
        shown.weights,
        shown.labels,
        shown.labels,
        key=f"{NAME}.canvas",
        version=version("canvas", scene.state.pattern if scene.state.pattern != OWN else ""),
        title=shown.name,
        note="under your paint",
        text="Paint where a head should read: drag over cells, or press Space on one."
        if few
        else f"More than {MOST_PAINTED - 2} words: too many to paint. Choose one of the patterns.",
        paint=paint if few else None,
        painted=cells if few else None,
        marks=None if few else cells,
        marks_name="the pattern",
    )


def _ranking_text(
    best: Head, mass: NDArray[np.float32], chance: float, cells: NDArray[np.bool_]
) -> str:
    if not cells.any():
        return "Nothing is painted yet, so all heads fit alike."
    return (
        f"Most like it: {head_name(best)}, with {number(mass[best])} of its weight in the painted "
        f"cells. Uniform attention would have {number(chance)} there."
    )
