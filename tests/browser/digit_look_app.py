"""A small page with a digit, what the model makes of it, and its weights, for the tests."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

# Streamlit looks for modules beside the script.
sys.path.insert(0, str(Path(__file__).parents[2]))

from pages._shared import digit_choice, digit_look, digit_weights
from pages._shared.digit_look_scene import DigitLook, LookChoice, see_digit
from pages._shared.digit_look_work import work_of
from pages._shared.digit_value import DigitChoice, answer_of, image_of, name_of
from pages._shared.digit_weights_scene import WeightsChoice
from pages._shared.digits import DigitModel, shipped_model
from pages._shared.light_component import load_components
from pages._shared.work import draw_work

DIGIT = "digit"
LOOK = "look"
WEIGHTS = "weights"


def model() -> DigitModel:
    """Return the model that a test has put into the session, else the one that comes along."""
    chosen: DigitModel | None = st.session_state.get("model")
    return chosen or shipped_model()


def keep(name: str, choice: object) -> None:
    """Keep what was chosen."""
    st.session_state[f"chosen.{name}"] = choice


def see() -> DigitLook:
    """Return what is looked at."""
    digit = st.session_state.get(f"chosen.{DIGIT}", DigitChoice())
    return see_digit(
        model(),
        image_of(digit),
        st.session_state.get(f"chosen.{LOOK}", LookChoice()),
        name=name_of(digit),
        answer=answer_of(digit),
    )


def draw() -> None:
    """Draw everything."""
    session = st.session_state
    session.setdefault(f"{DIGIT}.source", digit_choice.WRITE)
    session.setdefault(f"{LOOK}.test", LookChoice().test)
    left, right = st.columns(2)
    with left:
        digit_choice.choose_digit(
            session.get(f"chosen.{DIGIT}", DigitChoice()),
            lambda choice: keep(DIGIT, choice),
            key=DIGIT,
            version="0",
            model=model(),
        )
    with right:
        digit_look.draw_answer(see(), key=LOOK)
    digit_look.draw_patches(see(), key=LOOK)

    def take(choice: LookChoice) -> None:
        keep(LOOK, choice)

    digit_look.draw_heads(see(), key=LOOK, version="0", on_choose=take, news=None)
    digit_look.draw_over(see(), key=LOOK, version="0", on_choose=take)
    draw_work("work", work_of(see()))
    digit_weights.draw_weights(
        model(),
        session.get(f"chosen.{WEIGHTS}", WeightsChoice()),
        key=WEIGHTS,
        on_choose=lambda choice: keep(WEIGHTS, choice),
    )


def main() -> None:
    """Draw the page."""
    st.set_page_config(layout="wide")
    components = (*digit_choice.COMPONENTS, *digit_look.COMPONENTS, *digit_weights.COMPONENTS)
    load_components(*dict.fromkeys(components))
    st.title("Digits", anchor=False)
    st.fragment(draw)()


if __name__ == "__main__":
    main()
