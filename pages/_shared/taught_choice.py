"""Choosing what is taught: starter classes, and classes of the reader's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from core.prototypes import FEWEST_CLASSES, LONGEST_NAME, MOST_CLASSES
from core.teaching import FEWEST_PHOTOS
from pages._shared import taught_own
from pages._shared.picture_choice import FILE_TYPES
from pages._shared.taught import KEY, Taught, bring_back
from pages._shared.taught_photos import STARTER_CLASSES, TaughtClass
from pages._shared.taught_words import file_sentence, photos_strip
from pages._shared.text_classify import say

Choose = Callable[[tuple[str, ...]], None]


def draw_classes(ids: tuple[str, ...], taught: Taught, on_choose: Choose) -> None:
    """Draw the choice of classes; of a file in force, what it holds and the way back.

    Parameters
    ----------
    ids : tuple of str
        What is taught now.
    taught : Taught
        What comes of it.
    on_choose : callable
        Called before the rerun with other ids.
    """
    if taught.prototypes is not None and not taught.classes:
        say([file_sentence(taught.prototypes)])
        st.button(
            "Teach other classes instead",
            icon=":material/undo:",
            key=f"{KEY}.unload",
            on_click=on_choose,
            args=(without_files(ids),),
        )
        return
    own = taught_own.own_classes()
    names = {**dict.fromkeys(STARTER_CLASSES), **own}
    key = f"{KEY}.classes"
    # The page's state says what is chosen, also after an undo or the loss of a class.
    st.session_state[key] = [one for one in names if one in ids][:MOST_CLASSES]

    def take() -> None:
        chosen = tuple(one for one in names if one in st.session_state[key])
        if len(chosen) > MOST_CLASSES:
            taught_own.say_problems(f"Up to {MOST_CLASSES} classes can be taught: take one away.")
        else:
            taught_own.say_problems()
            on_choose(chosen)

    st.pills(
        f"Classes to teach, {FEWEST_CLASSES} to {MOST_CLASSES}",
        tuple(names),
        selection_mode="multi",
        format_func=lambda one: _plain(own[one].name) if one in own else one,
        key=key,
        on_change=take,
        wrap=True,
    )
    st.button(
        "A class of your own",
        icon=":material/add:",
        key=f"{KEY}.add",
        disabled=len(own) >= taught_own.MOST_OWN,
        on_click=_add,
        args=(ids, on_choose),
    )
    gone = taught_own.gone_classes()
    if gone:
        st.button(
            "Bring back the last class",
            icon=":material/undo:",
            key=f"{KEY}.back",
            on_click=_bring_back,
            args=(tuple(gone)[-1], ids, on_choose),
        )
    for one in own.values():
        _draw_own(one, ids, on_choose)


def without_files(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids but for those of files."""
    return tuple(one for one in ids if one not in taught_own.loaded_files())


def _add(ids: tuple[str, ...], on_choose: Choose) -> None:
    taught_own.say_problems()
    name = taught_own.add_class()
    if len(ids) < MOST_CLASSES:
        on_choose((*ids, name))


def _bring_back(name: str, ids: tuple[str, ...], on_choose: Choose) -> None:
    taught_own.say_problems()
    bring_back({name})
    if len(ids) < MOST_CLASSES:
        on_choose((*ids, name))


def _draw_own(one: TaughtClass, ids: tuple[str, ...], on_choose: Choose) -> None:
    """Draw what a class of the reader's own is called and made of."""
    field, files, gone = f"{KEY}.name.{one.id}", f"photos.{one.id}", f"{KEY}.gone.{one.id}"
    uploader = taught_own.upload_key(files)

    def forget_photo() -> None:
        place = st.session_state[gone]
        if place is not None and place < len(one.photos):
            taught_own.remove_photo(one.id, one.photos[place].digest)

    def forget_class() -> None:
        # In this order: a removed class comes back where it is chosen.
        on_choose(tuple(other for other in ids if other != one.id))
        taught_own.remove_class(one.id)

    with st.expander(_plain(one.name), expanded=True, icon=":material/category:"):
        st.session_state[field] = one.name
        st.text_input(
            "Name",
            key=field,
            max_chars=LONGEST_NAME,
            on_change=lambda: taught_own.rename(one.id, st.session_state[field] or ""),
        )
        st.file_uploader(
            f"Photos, {FEWEST_PHOTOS} to {taught_own.MOST_PHOTOS}, up to 20 MB each. They are "
            "never stored on disk.",
            type=FILE_TYPES,
            accept_multiple_files=True,
            max_upload_size=20,
            key=uploader,
            on_change=lambda: taught_own.take_photos(one.id, st.session_state[uploader] or ()),
        )
        if one.photos:
            st.html(photos_strip(one.photos, one.name, numbered=True))
            st.session_state[gone] = None
            st.pills(
                "Remove a photo",
                range(len(one.photos)),
                format_func=lambda place: str(place + 1),
                key=gone,
                on_change=forget_photo,
                wrap=True,
            )
        if one.gone:
            st.button(
                "Bring back the last photo",
                icon=":material/undo:",
                key=f"{KEY}.back.{one.id}",
                on_click=taught_own.bring_back_photo,
                args=(one.id,),
            )
        st.button(
            "Remove the class",
            icon=":material/delete:",
            key=f"{KEY}.remove.{one.id}",
            on_click=forget_class,
        )


def draw_notice(said: Sequence[str]) -> None:
    """Draw sentences that a reader has to see, those that are not empty."""
    body = "<br>".join(escape(sentence) for sentence in said if sentence)
    if body:
        st.html(f"<p class='notice' role='status'>{body}</p>")


def _plain(name: str) -> str:
    """Return a name that Streamlit's Markdown leaves as it is."""
    return "".join(
        f"\\{letter}" if letter in "\\`*_{}[]()#+-.!|$~:<>&" else letter for letter in name
    )
