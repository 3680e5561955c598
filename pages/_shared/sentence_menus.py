"""A sentence built from menus, whose French and alignment are known: one inline component."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import streamlit as st

from core.bilingual.menus import SLOTS, MenuChoices, label, options, settle
from core.codecs import Codec, Digit, FunctionCodec, Take, is_not
from pages._shared.light_component import FRONTEND, light_component

SENTENCE_MENUS: Final = light_component(
    "sentence_menus",
    html="<div class='sentence-menus'></div>",
    css=(FRONTEND / "sentence_menus.css").read_text("utf-8"),
    constants={},
)


def sentence_menus(
    choices: MenuChoices, *, key: str, version: str, on_choose: Callable[[MenuChoices], None]
) -> None:
    """Draw a menu for each slot that leaves a choice.

    Parameters
    ----------
    choices : MenuChoices
    key : str
        Key of the component.
    version : str
        Name of what is shown; a choice in what is gone is dropped.
    on_choose : callable
        Called before the rerun with the choices, settled: what no longer fits is another.
    """

    def receive() -> None:
        chosen = read_choice(st.session_state[key].get("choice"), version, choices)
        if chosen is not None:
            on_choose(chosen)

    offered = {slot: options(choices, slot) for slot in SLOTS}
    SENTENCE_MENUS.draw(
        key=key,
        data={
            "slots": [
                {
                    "name": slot,
                    "label": slot.replace("_", " ").capitalize(),
                    "options": [[option, label(slot, option)] for option in fitting],
                    "value": getattr(choices, slot),
                }
                for slot, fitting in offered.items()
                if len(fitting) > 1
            ],
            "version": version,
        },
        on_choice_change=receive,
    )


def read_choice(message: object, version: str, choices: MenuChoices) -> MenuChoices | None:
    """Check what the browser reported; None for anything but an option that is offered."""
    if not isinstance(message, Mapping) or message.get("version") != version:
        return None
    slot, option = message.get("slot"), message.get("option")
    if not isinstance(slot, str) or slot not in SLOTS or option not in options(choices, slot):
        return None
    return settle(replace(choices, **{slot: option}))


def menu_codec() -> Codec[MenuChoices]:
    """Return the codec of choices: of each slot, which of those that fit after the ones before."""

    def write(choices: MenuChoices) -> tuple[Digit, ...]:
        if not isinstance(choices, MenuChoices) or settle(choices) != choices:
            raise is_not(choices, "a sentence that the menus can make")
        digits = []
        for slot in SLOTS:
            fitting = options(choices, slot)
            digits.append((fitting.index(getattr(choices, slot)), len(fitting)))
        return tuple(digits)

    def read(take: Take) -> MenuChoices:
        choices = MenuChoices()
        for slot in SLOTS:
            fitting = options(choices, slot)
            choices = replace(choices, **{slot: fitting[take(len(fitting))]})
        return choices

    return FunctionCodec(write, read)
