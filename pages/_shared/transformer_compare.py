"""Two models side by side in the same drawing, and a table of what is the same and what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import Final

import streamlit as st

from core.anatomy import Anatomy, Facts
from pages._shared.block_choice import opened
from pages._shared.transformer_choice import DRAWING, NAME
from pages._shared.transformer_drawing import transformer_drawing
from pages._shared.transformer_models import MODELS
from pages._shared.transformer_runs import anatomy_of
from pages._shared.transformer_scene import Scene, scene_of
from pages._shared.transformer_state import STORE, keep
from pages._shared.transformer_views import drawn_of, version_of

_READ_OUT: Final = {
    "every token": "every token's vector",
    "class token": "the class token's vector",
    "mean of tokens": "the mean of all tokens",
    "patches": "the vectors of the patches",
}


def draw_compared(scene: Scene, news: Mapping[str, object], *, with_controls: bool) -> None:
    """Draw two models side by side, and what they have in common."""
    if with_controls:
        _choose_other(scene)
    other = scene_of(scene.state, scene.state.beside)
    for place, one in zip(st.columns(2, gap="medium"), (scene, other), strict=True):
        with place:
            name = one.state.model
            st.html(f"<div class='sum'><h2>{escape(name)}</h2></div>")
            transformer_drawing(
                drawn_of(one),
                key=f"{NAME}.compared.{'first' if one is scene else 'second'}",
                view=version_of(one),
                chosen=None,
                on_choose=_opener(name),
                news=news if one is other else None,
            )
    st.html(facts_table((scene, other)))
    st.caption(said_of(scene, other))


def facts_table(scenes: tuple[Scene, ...]) -> str:
    """Return a table in HTML: a row for each fact, a column for each model."""
    models = [scene.state.model for scene in scenes]
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in ("", *models, ""))
    columns = [rows_of(scene.anatomy) for scene in scenes]
    body = ""
    for name in columns[0]:
        cells = [column[name] for column in columns]
        verdict = "same" if len(set(cells)) == 1 else "differs"
        values = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        body += f"<tr><th scope='row'>{escape(name)}</th>{values}<td>{verdict}</td></tr>"
    return (
        "<div class='wide limits'><table><thead><tr>"
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def rows_of(anatomy: Anatomy) -> dict[str, str]:
    """Return in words what a Transformer may differ in, read off the model."""
    facts = anatomy.facts
    layers = " and ".join(f"{n} in the {stack}" for stack, n in facts.n_layers)
    per_layer = anatomy.writers[-1].place
    of_last = [b.title for b in anatomy.writers if b.place[:2] == per_layer[:2]]
    return {
        "Layers": layers,
        "A layer of the last stack": ", ".join(of_last).capitalize(),
        "Heads of an attention": str(anatomy.n_heads),
        "Width of a token, d_model": str(anatomy.d_model),
        "Width of a head, d_head": str(anatomy.d_head),
        "Hidden width of feed-forward": _hidden(anatomy),
        "Activation of feed-forward": facts.activation.upper().replace("RELU", "ReLU"),
        "Normalisation": _norms(facts),
        "Positions": f"{facts.positions}, {facts.n_positions}" if facts.n_positions else "none",
        "Class token": "yes" if facts.class_token else "no",
        "Mask": _mask(facts),
        "Cross-attention": "the decoder reads the encoder" if facts.cross else "none",
        "Read out from": _READ_OUT.get(facts.read_out, facts.read_out),
        "Answer": facts.answer + (f", one of {facts.n_answers:,}" if facts.n_answers else ""),
        "One table for words in and words out": "yes" if facts.tied else "no",
        "Parameters": f"{anatomy.n_parameters:,}",
    }


def said_of(scene: Scene, other: Scene) -> str:
    """Say how much two models have in common."""
    one, two = rows_of(scene.anatomy), rows_of(other.anatomy)
    same = [name for name in one if one[name] == two[name]]
    return (
        f"{scene.state.model} and {other.state.model} are the same in {len(same)} of {len(one)} "
        "rows. Both are attentions and feed-forward parts that write to a stream of vectors: "
        "one function, core.transformer.walk, runs them all."
    )


def _hidden(anatomy: Anatomy) -> str:
    width = anatomy.facts.d_hidden
    return f"{width:,} = {width / anatomy.d_model:g} × d_model"


def _mask(facts: Facts) -> str:
    if not facts.causal:
        return "every token reads every token"
    where = f"in the {facts.n_layers[-1][0]} " if len(facts.n_layers) > 1 else ""
    return f"{where}no token reads a later one"


def _norms(facts: Facts) -> str:
    where = "before each block" if facts.norm_first else "after each addition"
    return f"{where}, and once at the end" if facts.last_norm else where


def _choose_other(scene: Scene) -> None:
    others = [model for model in MODELS if model != scene.state.model]
    field = f"{NAME}.other.{scene.state.model}"
    st.session_state[field] = scene.state.beside
    st.segmented_control(
        "Beside",
        others,
        required=True,
        key=field,
        persist_state="session",
        on_change=lambda: keep(other=st.session_state[field] or others[0]),
        wrap=True,
    )


def _opener(model: str) -> Callable[[str], None]:
    def open_it(block: str) -> None:
        state = STORE.current.with_model(model)
        choice = opened(state.block, block, anatomy_of(model))
        STORE.install(replace(state, view=DRAWING, block=choice))

    return open_it
