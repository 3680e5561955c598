"""The controls of the Transformer page: which model, on what, and what of it is shown."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Final

import streamlit as st

from core.bilingual import join_english
from pages._shared import digits
from pages._shared.action_bar import Action, Group, action_bar
from pages._shared.block_words import place_name
from pages._shared.digit_choice import choose_digit
from pages._shared.digit_value import DigitChoice
from pages._shared.gpt_examples import EXAMPLES as PROMPTS
from pages._shared.gpt_runs import known_words
from pages._shared.picture_choice import choose_picture
from pages._shared.text_examples import EXAMPLES as TEXTS
from pages._shared.transformer_choice import (
    DRAWING,
    FIRST_PROMPT,
    FIRST_SENTENCE,
    FIRST_TEXT,
    MOST_CHARACTERS,
    NAME,
    SIZES,
    VIEWS,
    TransformerState,
    problem_of,
)
from pages._shared.transformer_models import DIGITS, GPT, MODELS, OF_TEXT, TEXT_ENCODER, TRANSLATOR
from pages._shared.transformer_scene import Scene
from pages._shared.transformer_state import STORE, keep
from pages._shared.translation import english_words
from pages._shared.translation_sentences import EXAMPLES as SENTENCES
from pages._shared.words import without_controls

_LABELS: Final = {
    TRANSLATOR: "An English sentence",
    TEXT_ENCODER: "A text",
    GPT: "The beginning of a text",
}
_OFF, _ALL_ON = "off", "all on"


def choose_view() -> None:
    """Draw the choice of what is shown."""
    view = st.segmented_control(
        "Show", VIEWS, required=True, key=f"{NAME}.view", persist_state="session", wrap=True
    )
    keep(view=view or DRAWING)


def choose_model() -> None:
    """Draw the choice of a model, and of what it is run on."""
    if STORE.current.view == SIZES:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Model",
            MODELS,
            required=True,
            key=f"{NAME}.model",
            persist_state="session",
            on_change=_take_model,
            wrap=True,
        )
        if STORE.current.model in OF_TEXT:
            _choose_text()
    state = STORE.current
    if state.model in OF_TEXT:
        return
    if state.model == DIGITS:
        choose_digit(
            state.digit,
            _take_digit,
            key=f"{NAME}.digit",
            version=STORE.version(),
            model=digits.shipped_model(),
        )
    else:
        choose_picture(state.photo, lambda photo: keep(photo=photo))


def examples_of(model: str) -> tuple[str, ...]:
    """Return some texts to start from."""
    if model == TRANSLATOR:
        pairs = (join_english(example.pair.english) for example in SENTENCES.values())
        return tuple(dict.fromkeys((FIRST_SENTENCE, *pairs)))
    first, more = (FIRST_PROMPT, PROMPTS) if model == GPT else (FIRST_TEXT, TEXTS)
    texts = (first, *(one.text for one in more if 0 < len(one.text) <= MOST_CHARACTERS))
    return tuple(dict.fromkeys(texts))


def unknown_note(state: TransformerState) -> str:
    """Name the words that the model does not know, and so reads all alike; nothing if it does."""
    words, known = {
        TRANSLATOR: (state.english_words, english_words),
        GPT: (state.prompt_words, known_words),
    }.get(state.model, ((), english_words))
    strange = [word for word in dict.fromkeys(words) if word not in known()]
    if not strange:
        return ""
    names = ", ".join(f"“{word}”" for word in strange)
    return f"The model does not know {names}: it reads every such word as one and the same."


def draw_switch(scene: Scene, *, version: str) -> None:
    """Draw the switch of the open block, and the list of the blocks that are off."""
    place, off = scene.block.place, scene.off
    name = place_name(scene.block)
    actions = []
    if place.writes and place not in off:
        actions.append(Action(_OFF, f"Switch off: {name}"))
    if off:
        actions.append(Action(_ALL_ON, "Switch all on"))
    done = [Action(one.id, place_name(scene.anatomy.block(one))) for one in off]

    def act(pressed: str) -> None:
        state = STORE.current
        if pressed == _ALL_ON:
            keep(off=())
        elif pressed == _OFF:
            STORE.keep(state.switched(place, off=True), joins=False)
        else:
            back = next(one for one in off if one.id == pressed)
            STORE.keep(state.switched(back, off=False), joins=False)

    if actions or done:
        action_bar(
            [Group("", tuple(actions))],
            key=f"{NAME}.switch",
            version=version,
            on_act=act,
            done=done,
            done_label="Switched off; press to switch on",
        )


def _choose_text() -> None:
    state = STORE.current
    key = f"{NAME}.text.{state.model}.{STORE.loads}"
    start = f"{NAME}.example.{state.model}"

    def load() -> None:
        chosen = st.session_state[start]
        if chosen:
            STORE.install(STORE.current.writing(chosen))

    examples = examples_of(state.model)
    # What was typed just now is in its field already, and not yet in the state.
    typed = st.session_state.get(key, state.written)
    st.session_state[start] = typed if typed in examples else None
    st.selectbox(
        "Start from",
        examples,
        index=None,
        placeholder="Your own",
        key=start,
        width=220,
        on_change=load,
    )
    typed = st.text_input(
        _LABELS[state.model],
        key=key,
        width=480,
        max_chars=MOST_CHARACTERS,
        persist_state="session",
    )
    text = without_controls(typed or "")[:MOST_CHARACTERS]
    problem = problem_of(state.model, text)
    if problem:
        st.warning(f"{problem} The page still shows the text before.", icon=":material/edit_note:")
        return
    STORE.keep(state.writing(text))
    note = unknown_note(STORE.current)
    if note:
        st.html(f"<p class='text notice' role='status'>{escape(note)}</p>")


def _take_model() -> None:
    model = st.session_state[f"{NAME}.model"]
    STORE.install(STORE.current.with_model(model or TRANSLATOR))


def _take_digit(digit: DigitChoice) -> None:
    STORE.keep(replace(STORE.current, digit=digit), joins=False)
