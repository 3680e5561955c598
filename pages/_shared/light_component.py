"""Inline components whose script and style reach the browser once, not with every update.

Streamlit sends a component's script along with whatever changes in it. So the script goes into a
library, an empty component drawn once a page, and the component itself only asks for it by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import streamlit as st

FRONTEND: Final = Path(__file__).parent / "frontend"


@dataclass(frozen=True)
class LightComponent:
    """A component and its library.

    Attributes
    ----------
    name : str
    draw : callable
        Mounts the component; takes what Streamlit's own components take.
    """

    name: str
    draw: Callable[..., Any]
    _library: Callable[..., Any]

    def load(self) -> None:
        """Load the library; call it once a page, outside of any fragment."""
        with st.sidebar:  # the element is empty; here it leaves no gap
            self._library(key=f"{self.name}_library", height=1)


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
        name,
        st.components.v2.component(name, html=html, js=mount),
        st.components.v2.component(f"{name}_library", js=script),
    )


def _frontend(file: str) -> str:
    return (FRONTEND / file).read_text("utf-8")
