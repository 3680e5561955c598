"""Inline components whose script and style reach the browser once, not with every update.

Streamlit sends a component's script along with whatever changes in it. So the script goes into a
library, an empty component drawn once a page, and the component itself only asks for it by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import streamlit as st

FRONTEND: Final = Path(__file__).parent / "frontend"


@dataclass(frozen=True)
class LightComponent:
    """A component and its script.

    Attributes
    ----------
    name : str
    mount : callable
        Streamlit's own function that mounts the component.
    script : str
        Statements that make it known in the browser.
    """

    name: str
    mount: Callable[..., Any]
    script: str

    def draw(
        self, *, key: str, data: Mapping[str, object], **on_change: Callable[[], None]
    ) -> None:
        """Draw the component.

        Parameters
        ----------
        key : str
            Name of this one of its kind on the page.
        data : mapping
            What its script reads as ``component.data``: anything that JSON can say.
        **on_change : callable
            ``on_<event>_change``, called when its script triggers the event.
        """
        # Streamlit looks for tables among the values of a dictionary, and imports pandas to know
        # one: a third of a second before the first picture. In a list it looks for none.
        self.mount(key=key, data=[data], **on_change)

    def load(self) -> None:
        """Load this component alone; see `load_components`."""
        load_components(self)


def load_components(*components: LightComponent) -> None:
    """Load what draws the components of a page; call it once a page, outside of any fragment."""
    with st.sidebar:  # the element is empty; here it leaves no gap
        library = _library(components)
        library(key=f"library.{'.'.join(one.name for one in components)}", height=1)


def light_component(
    name: str, *, html: str, css: str, constants: Mapping[str, object]
) -> LightComponent:
    """Register the component whose script is ``frontend/<name>.js``.

    Parameters
    ----------
    name : str
        Name of the component. Its script defines ``mount(component)``, which draws or redraws
        it and may return what is to be done when it goes.
    html, css : str
        What it starts with, and its style.
    constants : mapping of str to object
        JavaScript constants for the script, as anything that JSON can say.
    """
    lines = [
        f"const {constant} = {json.dumps(value)};"
        for constant, value in {"NAME": name, "STYLE": css, **constants}.items()
    ]
    script = "\n".join([*lines, _frontend(f"{name}.js"), _frontend("component_library.js")])
    mount = "\n".join([lines[0], _frontend("component_mount.js")])
    return LightComponent(
        name, st.components.v2.component(name, html=html, js=mount), f"{{\n{script}\n}}"
    )


@cache
def _library(components: tuple[LightComponent, ...]) -> Callable[..., Any]:
    """Register one empty component that carries the scripts of several."""
    scripts = "\n".join(one.script for one in components)
    name = f"{'_'.join(one.name for one in components)}_library"
    library: Callable[..., Any] = st.components.v2.component(
        name, js=f"{scripts}\nexport default function () {{}}"
    )
    return library


def _frontend(file: str) -> str:
    return (FRONTEND / file).read_text("utf-8")
