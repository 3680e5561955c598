"""Naming what is in a picture with an ImageNet model of timm, fetched when the reader asks."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.imagenet_models import IMAGENET_MODELS, ImageNetModel, imagenet_model
from pages._shared import imagenet, vision
from pages._shared.class_bars import class_picture, likely_sentence, most_likely
from pages._shared.drawing import draw
from pages._shared.imagenet import Fetching, NotFetchedError
from pages._shared.picture_choice import is_sample
from pages._shared.text_classify import say
from pages._shared.vision import Picture
from pages._shared.vision_words import pass_sentence

MODEL_NAMES: Final = tuple(entry.name for entry in IMAGENET_MODELS)
_POLL_SECONDS: Final = 0.4


def draw_imagenet(
    picture: Picture, chosen: str, *, key: str, controls: bool = True, photo: str = ""
) -> str:
    """Draw the choice of a model, the way to fetch it, and what it finds in a picture.

    Parameters
    ----------
    picture : Picture
        What is to be named.
    chosen : str
        The model that the page's state names, one of `MODEL_NAMES`.
    key : str
        Beginning of the keys of the widgets; ``<key>.model`` is the choice.
    controls : bool
        Whether the choice is drawn.
    photo : str
        The picture's name if it is one of the sample photos, for the way to the other page.

    Returns
    -------
    str
        The model chosen now, for the page to keep in its state. The page draws with `DRAWINGS`.
    """
    here = {entry.name for entry in imagenet.fetched_models()}
    if controls:
        picked = st.selectbox(
            "ImageNet model",
            MODEL_NAMES,
            # A browser knows its choice by these words, so they must not change with a fetch.
            format_func=lambda name: _choice_text(imagenet_model(name)),
            key=f"{key}.model",
            persist_state="session",
        )
        chosen = picked or chosen
    entry = imagenet_model(chosen)
    st.caption(_about(entry) + _fetched_text(here))
    if chosen not in here:
        _draw_fetch(entry, key)
        return chosen
    try:
        _draw_names(picture, entry, key)
    except NotFetchedError as error:
        _say_problem(str(error))
        return chosen
    _draw_way_on(entry, photo)
    return chosen


def widgets(chosen: str, key: str) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a choice."""
    return {f"{key}.model": chosen}


def _choice_text(entry: ImageNetModel) -> str:
    return f"{entry.title} · {entry.megabytes:.1f} MB"


def _fetched_text(here: set[str]) -> str:
    """Say which models need no connection any more, if there are any."""
    titles = [entry.title for entry in IMAGENET_MODELS if entry.name in here]
    return f" Fetched so far: {'; '.join(titles)}." if titles else ""


def _about(entry: ImageNetModel) -> str:
    return (
        f"{entry.note} {entry.n_layers} layers of {entry.n_heads} heads, patches of "
        f"{entry.patch_size} × {entry.patch_size} pixels, "
        f"{entry.n_parameters / 1e6:.1f} million parameters."
    )


def _draw_fetch(entry: ImageNetModel, key: str) -> None:
    """Draw the button that fetches a model; while it is fetched, how far that has come."""
    from core.hub_probe import hub_host
    from core.model_fetch import kept_in

    known = imagenet.fetching(entry.name)
    if known is not None and known.state == "fetching":
        st.fragment(_draw_progress, run_every=_POLL_SECONDS)(entry, key)
        return
    if known is not None and known.problem:
        _say_problem(known.problem)
    st.button(
        f"Fetch {entry.title} ({entry.megabytes:.1f} MB)",
        icon=":material/download:",
        key=f"{key}.fetch",
        on_click=imagenet.ask,
        args=(entry.name,),
    )
    st.caption(
        f"From {hub_host()}, once; it is kept on the machine that runs the lab, in {kept_in()}. "
        "What is sent is the request for this one file, without an account, and nothing else: no "
        "picture. Without a network the rest of the lab works as before."
    )


def _draw_progress(entry: ImageNetModel, key: str) -> None:
    """Draw how far a fetch has come; once it is over, draw the whole page anew."""
    known = imagenet.fetching(entry.name)
    if known is None or known.state != "fetching":
        st.rerun()
    share, text = _progress(entry, known)
    st.progress(share, text=text)
    st.button(
        "Stop",
        icon=":material/stop_circle:",
        key=f"{key}.stop",
        on_click=imagenet.leave,
        args=(entry.name,),
    )


def _progress(entry: ImageNetModel, known: Fetching) -> tuple[float, str]:
    """Return how much of a model has arrived, as a share of 1 and in words."""
    if known.total is None:
        return 0.0, f"Asking for {entry.title}…"
    done, total = known.done / 1e6, known.total / 1e6
    return min(known.done / max(known.total, 1), 1.0), (
        f"Fetching {entry.title}: {done:.1f} of {total:.1f} MB"
    )


def _draw_names(picture: Picture, entry: ImageNetModel, key: str) -> None:
    """Draw the classes that a model finds most likely."""
    look = vision.look(picture, vision.COARSE, entry.name)
    names = imagenet.class_names()
    found = most_likely(look.attention.probabilities, names)
    marks, size = class_picture(found)
    said = likely_sentence(found)
    draw(marks, size, name="Classes", text=said, key=f"{key}.classes")
    say([said])
    st.caption(
        f"The likeliest of {len(names):,} classes of ImageNet: it knows no others, and has no way "
        "to say that it does not know. The probabilities of all of them come to 100%. "
        f"{pass_sentence(look, again=False)}"
    )


def _draw_way_on(entry: ImageNetModel, photo: str) -> None:
    from pages._shared.vision_state import link_to

    st.page_link(
        "pages/vision_transformer.py",
        label=f"What {entry.title} looks at, in every head",
        icon=":material/visibility:",
        query_params={"s": link_to(entry.name, photo if is_sample(photo) else "")},
    )


def _say_problem(problem: str) -> None:
    st.warning(problem, icon=":material/cloud_off:")
