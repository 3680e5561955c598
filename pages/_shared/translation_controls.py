"""The controls of the translation page: where the sentence comes from, and what is shown of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from core.bilingual import join_english
from core.bilingual.menus import MenuChoices
from pages._shared.action_bar import Action, Group, action_bar
from pages._shared.sentence_menus import sentence_menus
from pages._shared.translation import english_words
from pages._shared.translation_choice import (
    BEAM,
    EXAMPLE,
    NAME,
    STEPS,
    TURN,
    TYPED,
    VIEWS,
    WAYS,
    WHOLE,
    TranslationState,
)
from pages._shared.translation_sentences import (
    EXAMPLES,
    MOST_CHARACTERS,
    clean,
    replaced,
    unknown_words,
)
from pages._shared.translation_state import STORE, WIDTHS
from pages._shared.translation_text import unknown_sentence
from pages._shared.turning_sentences import OF_PLACE, OF_SUBJECT, PLACES, SUBJECTS

_PART_LABELS: Final = {
    "cross": "Cross",
    "encoder": "Encoder self",
    "decoder": "Decoder self",
}
_ANYWAY: Final = "anyway"
# Words with replacements on offer, at most.
_N_OFFERED: Final = 4


def choose_sentence(state: TranslationState, loads: int) -> TranslationState:
    """Draw where the sentence comes from, and the sentence; return the state that they lead to."""
    if state.view == TURN:
        return state
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Sentence",
            WAYS,
            required=True,
            key=f"{NAME}.way",
            persist_state="session",
            on_change=_change_way,
        )
        if state.way == EXAMPLE:
            example = _select(
                "Example", tuple(EXAMPLES), "example", width=480, format_func=_written_out
            )
            return state.with_sentence(example=example)
        if state.way == TYPED:
            return _type_sentence(state, loads)
    return _choose_from_menus(state)


def choose_view(state: TranslationState) -> TranslationState:
    """Draw the choice of a view and what belongs to it; return the state that they lead to."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        view = _segments("Show", VIEWS, "view")
        state = replace(state, view=view or WHOLE)
        if state.view in (WHOLE, STEPS):
            part = _segments(
                "Attention", tuple(_PART_LABELS), "part", format_func=_PART_LABELS.__getitem__
            )
            return replace(state, part=part or "cross")
        if state.view == BEAM:
            width = st.slider(
                "Width", *WIDTHS, key=f"{NAME}.width", persist_state="session", width=180
            )
            return replace(state, width=width)
        if state.view == TURN:
            return _choose_turning(state)
    return state


def warn_of_unknown(state: TranslationState) -> bool:
    """Name the words that the model does not know, before anything is translated.

    Returns
    -------
    bool
        Whether to go on and translate.
    """
    unknown = (
        () if state.way != TYPED or state.view == TURN else unknown_words(state.sentence.words)
    )
    if not unknown:
        return True
    offers = {
        f"{place}.{at}": (one.word, word)
        for place, one in enumerate([one for one in unknown if one.nearest][:_N_OFFERED])
        for at, word in enumerate(one.nearest)
    }
    buttons = tuple(Action(name, f"“{old}” → “{new}”") for name, (old, new) in offers.items())
    groups = [Group("Known words that are spelt alike:", buttons)] if buttons else []
    if not state.anyway:
        groups.append(Group("", (Action(_ANYWAY, "Translate anyway"),)))

    def act(name: str) -> None:
        if name == _ANYWAY:
            STORE.install(replace(STORE.current, anyway=True))
            return
        now = STORE.current
        old, new = offers[name]
        STORE.install(now.with_sentence(typed=replaced(now.sentence.words, old, new)))

    action_bar(
        groups,
        key=f"{NAME}.unknown",
        version=STORE.version(hash_of(state.typed)),
        on_act=act,
        said=[("warning", unknown_sentence(unknown, len(english_words().words)))],
    )
    return state.anyway


def hash_of(*parts: object) -> int:
    """Return a number for what is shown: the same in every run, another for anything else."""
    from zlib import crc32

    return crc32(repr(parts).encode("utf-8", "backslashreplace"))


def _change_way() -> None:
    """Go on typing from the sentence that stands there; else show the other one."""
    way = st.session_state[f"{NAME}.way"]
    now = STORE.current
    STORE.install(now.typing() if way == TYPED else now.with_sentence(way=way))


def _choose_from_menus(state: TranslationState) -> TranslationState:
    def build(menu: MenuChoices) -> None:
        STORE.keep(STORE.current.with_sentence(menu=menu), joins=False)

    version = STORE.version(hash_of(state.menu))
    sentence_menus(state.menu, key=f"{NAME}.menus", version=version, on_choose=build)
    return state


def _written_out(example: str) -> str:
    return join_english(EXAMPLES[example].pair.english)


def _type_sentence(state: TranslationState, loads: int) -> TranslationState:
    text = st.text_input(
        "An English sentence",
        key=f"{NAME}.text.{loads}",
        width=480,
        persist_state="session",
        help=f"Up to {MOST_CHARACTERS} characters. A full stop belongs to it.",
    )
    typed, problem = clean(text)
    if problem:
        st.warning(
            f"{problem} The page still shows the sentence before.", icon=":material/edit_note:"
        )
        return state
    return state.with_sentence(typed=typed)


def _choose_turning(state: TranslationState) -> TranslationState:
    return replace(
        state,
        subject=_select("The …", SUBJECTS, "subject"),
        place=_select("did not cross the …", PLACES, "place"),
        first=_select("because it was too …", OF_SUBJECT, "first"),
        second=_select("or too …", OF_PLACE, "second"),
    )


def _select(
    label: str,
    options: tuple[str, ...],
    name: str,
    *,
    width: int = 170,
    format_func: Callable[[str], str] = str,
) -> str:
    return str(
        st.selectbox(
            label,
            options,
            key=f"{NAME}.{name}",
            width=width,
            persist_state="session",
            format_func=format_func,
        )
    )


def _segments(label: str, options: tuple[Any, ...], name: str, **more: Any) -> Any:
    return st.segmented_control(
        label,
        options,
        required=True,
        key=f"{NAME}.{name}",
        persist_state="session",
        wrap=True,
        **more,
    )
