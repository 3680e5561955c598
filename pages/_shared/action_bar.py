"""Buttons in groups, and a list of what was done with a way back: one inline component.

For labels that may hold a reader's words, which Streamlit's own buttons would take for Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

import streamlit as st

from pages._shared.light_component import FRONTEND, light_component

Said = tuple[Literal["plain", "warning"], str]

ACTION_BAR: Final = light_component(
    "action_bar",
    html="<div class='action-bar'></div>",
    css=(FRONTEND / "action_bar.css").read_text("utf-8"),
    constants={},
)


@dataclass(frozen=True)
class Action:
    """A button.

    Attributes
    ----------
    name : str
        What a press is known by.
    text : str
        What stands on it: any text.
    on : bool or None
        Of a button that stays pressed, whether it is.
    off : bool
        Whether it cannot be pressed now.
    """

    name: str
    text: str
    on: bool | None = None
    off: bool = False


@dataclass(frozen=True)
class Group:
    """Buttons that stand together, below what they are about."""

    label: str
    actions: tuple[Action, ...]


def action_bar(
    groups: Sequence[Group],
    *,
    key: str,
    version: str,
    on_act: Callable[[str], None],
    said: Sequence[Said] = (),
    done: Sequence[Action] = (),
    done_label: str = "Done; press to take back",
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw buttons and report which was pressed.

    Parameters
    ----------
    groups : sequence of Group
    key : str
        Key of the component.
    version : str
        Name of what is shown; a press on what is gone is dropped.
    on_act : callable
        Called before the rerun with the name of the button.
    said : sequence of (kind, sentence)
        Above the buttons.
    done : sequence of Action
        What was done; a press takes it back.
    done_label : str
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    """
    known = {action.name for group in groups for action in group.actions if not action.off}
    known |= {action.name for action in done}

    def receive() -> None:
        name = read_act(st.session_state[key].get("act"), version, known)
        if name is not None:
            on_act(name)

    ACTION_BAR.draw(
        key=key,
        data={
            "groups": [asdict(group) for group in groups],
            "said": [list(one) for one in said],
            "done": [asdict(action) for action in done],
            "done_label": done_label,
            "version": version,
            "news": news,
        },
        on_act_change=receive,
    )


def read_act(message: object, version: str, known: set[str]) -> str | None:
    """Check what the browser reported; None for anything but a button that can be pressed."""
    if not isinstance(message, Mapping) or message.get("version") != version:
        return None
    name = message.get("name")
    return name if isinstance(name, str) and name in known else None
