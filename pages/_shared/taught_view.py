"""Teach it your classes: choosing and making them, what they are tested on, and naming a photo."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Final

import streamlit as st

from core.prototype_files import MOST_BYTES, to_npz, to_safetensors
from core.prototypes import FEWEST_CLASSES, MOST_CLASSES, Prototypes
from pages._shared import taught_own
from pages._shared.drawing import DRAWINGS, draw
from pages._shared.taught import KEY, Taught, find_taught, name_picture, place_of, prototypes_for
from pages._shared.taught_choice import Choose, draw_classes, draw_notice, without_files
from pages._shared.taught_photos import STARTER_CLASSES
from pages._shared.taught_words import (
    file_sentence,
    left_out_sentences,
    left_out_table,
    photos_strip,
    similarity_picture,
    verdict_sentences,
    waiting_sentence,
)
from pages._shared.text_classify import say
from pages._shared.vision_picture import Picture

# What a page that draws with this has to load.
COMPONENTS: Final = (DRAWINGS,)
_FILE: Final = "attention-lab_classes"


def draw_teach(ids: tuple[str, ...], on_choose: Choose, *, controls: bool = True) -> str:
    """Draw the choice of classes, the reader's own, and how well they are told apart.

    Parameters
    ----------
    ids : tuple of str
        What is taught now; see `taught`.
    on_choose : callable
        Called before the rerun with other ids, for the page to keep in its state.
    controls : bool
        Whether classes can be chosen and made.

    Returns
    -------
    str
        How to read it.
    """
    taught = find_taught(ids)
    if controls:
        draw_notice(taught_own.problems())
    left, right = st.columns(2, gap="large")
    with left:
        if controls:
            draw_classes(ids, taught, on_choose)
        elif not taught.classes and taught.prototypes is not None:
            say([file_sentence(taught.prototypes)])
        _draw_photos(taught)
    with right:
        _draw_test(taught)
        if controls:
            _draw_files(ids, taught, on_choose)
    return (
        "Nothing is trained here: each class is the mean direction of its photos' features, the "
        "class token after layer 11 of 12, seen from the mean of the lab's sample photos. Your "
        "photos stay in this session."
    )


def draw_name(taught: Taught, picture: Picture) -> str:
    """Draw how near a photo is to every class that was taught, and what it is called.

    Parameters
    ----------
    taught : Taught
        From `find_taught`.
    picture : Picture

    Returns
    -------
    str
        How to read it.
    """
    verdict, prototypes = name_picture(taught, picture), prototypes_for(taught, picture)
    if verdict is None or prototypes is None:
        draw_notice([taught.problem])
        return f"Teach it {FEWEST_CLASSES} to {MOST_CLASSES} classes first."
    said = verdict_sentences(taught, prototypes, verdict, place_of(taught, picture))
    marks, size = similarity_picture(prototypes, verdict)
    draw(marks, size, name="Classes that were taught", text=" ".join(said), key=f"{KEY}.bars")
    say(said)
    return "Cosines are no probabilities: they do not sum to 1, and all of them may be small."


def link_note(ids: tuple[str, ...]) -> str:
    """Say what a link leaves out of what is taught."""
    if all(one in STARTER_CLASSES for one in ids):
        return ""
    return "Your own classes and photos are not in it: others see the starter classes alone."


# ---- what came of it


def _draw_photos(taught: Taught) -> None:
    for one in taught.classes:
        if one.id in STARTER_CLASSES:
            st.html(
                f"<p style='margin:0 0 4px'>{escape(one.name)}</p>"
                + photos_strip(one.photos, one.name)
            )


def _draw_test(taught: Taught) -> None:
    draw_notice([taught.problem or waiting_sentence(taught.classes)])
    if taught.prototypes is not None and taught.left_out is not None:
        say(left_out_sentences(taught.left_out))
        st.html(left_out_table(taught.prototypes, taught.left_out))


def _draw_files(ids: tuple[str, ...], taught: Taught, on_choose: Choose) -> None:
    """Draw the ways of what was taught into a file and back."""
    key = taught_own.upload_key("file")

    def take() -> None:
        file = st.session_state[key]
        name = "" if file is None else taught_own.take_file(file)
        if name:
            # The others come back when the file goes.
            on_choose((name, *without_files(ids)))

    with st.popover("Save or load", icon=":material/save:"):
        if taught.prototypes is not None:
            _draw_save(taught.prototypes)
        st.file_uploader(
            "Load classes that were saved here",
            type=["safetensors", "npz"],
            max_upload_size=-(-MOST_BYTES // 1024**2),
            key=key,
            on_change=take,
        )


def _draw_save(prototypes: Prototypes) -> None:
    with st.container(horizontal=True):
        for ending, write in (("safetensors", to_safetensors), ("npz", to_npz)):
            st.download_button(
                f".{ending}",
                # Made when the button is pressed.
                data=partial(write, prototypes),
                file_name=f"{_FILE}.{ending}",
                mime="application/octet-stream",
                icon=":material/download:",
                key=f"{KEY}.save.{ending}",
                on_click="ignore",
            )
    st.caption("Names, directions and the centre; no photos.")
