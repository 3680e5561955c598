"""Take it with you: a page's pictures, arrays and notebook, made only when asked for.

One inline component at the foot of a page, in a fragment of its own. Pictures are drawn in the
browser from what the page's components offer (see ``frontend/take.js``); files are made here, when
their button is pressed, and handed over once.
"""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import streamlit as st

from pages._shared.catalog import Page
from pages._shared.files import About, Tabular, csv_zip, npz
from pages._shared.light_component import FRONTEND, LightComponent, light_component

_OFFERED: Final = ("about", "csv", "npz", "notebook")
_LONGEST_ID: Final = 32
_LONGEST_ADDRESS: Final = 8192
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class Takeaway:
    """What a page has to offer. Nothing is computed before the reader asks for it.

    The callables are called while the fragment runs, long after the page was drawn: they read
    the state as it is then, not as it was.

    Attributes
    ----------
    arrays : callable
        Returns the arrays by name: letters, digits, ``-`` and ``_``.
    notebook : callable
        Returns the text of a Jupyter notebook of the present state.
    about : callable
        Returns what pictures and files say about where they come from.
    """

    arrays: Callable[[], Mapping[str, Tabular]]
    notebook: Callable[[], str]
    about: Callable[[], About]


@dataclass(frozen=True)
class Request:
    """What the browser asks for.

    Attributes
    ----------
    id : str
        Comes back with the answer.
    what : str
        ``"about"``, or a file: ``"csv"``, ``"npz"``, ``"notebook"``.
    address : str
        What stands in the browser's bar, or ``""``.
    """

    id: str
    what: str
    address: str


def load_take() -> None:
    """Load what draws "Take it with you", once a page; call it outside of any fragment."""
    TAKE.load()


@st.fragment
def draw_take(page: Page, takeaway: Takeaway, *, key: str) -> None:
    """Draw "Take it with you", heading included.

    Parameters
    ----------
    page : Page
        Gives the files their names.
    takeaway : Takeaway
        What there is to take.
    key : str
        Key of the component.
    """
    waiting, answered = f"{key}.request", f"{key}.answered"

    def receive() -> None:
        request = read_request(st.session_state[key].get("ask"))
        if request is not None:
            st.session_state[waiting] = request

    request: Request | None = st.session_state.get(waiting)
    reply = {} if request is None else answer(request, page, takeaway)
    if request is not None:
        st.session_state[answered] = request.id
    TAKE.draw(
        key=key,
        data={
            "page": page.title,
            "stem": stem(page),
            "reply": reply,
            # A rerun that no longer has the reply may overtake it; the browser then asks again.
            "answered": st.session_state.get(answered, ""),
        },
        on_ask_change=receive,
    )
    st.session_state.pop(waiting, None)


def answer(request: Request, page: Page, takeaway: Takeaway) -> dict[str, Any]:
    """Return what is sent to the browser: the file, or in a line why there is none."""
    try:
        about = _about(takeaway, request.address)
        if request.what == "about":
            return {"id": request.id, "about": asdict(about)}
        name, mime, content = _make(request.what, page, takeaway, about)
    except Exception as error:
        # Whatever goes wrong in here, the page stays, and the reader is told.
        _log.exception("%s could not make “%s”", page.file, request.what)
        return {"id": request.id, "problem": _in_a_line(error)}
    encoded = base64.b64encode(content).decode("ascii")
    return {"id": request.id, "file": {"name": name, "mime": mime, "content": encoded}}


def read_request(message: object) -> Request | None:
    """Check what the browser asked for; None if it is nothing that there is."""
    if not isinstance(message, Mapping):
        return None
    name, what, address = (message.get(part) for part in ("id", "what", "address"))
    if not (isinstance(name, str) and 0 < len(name) <= _LONGEST_ID and what in _OFFERED):
        return None
    return Request(name, str(what), _checked_address(address))


def stem(page: Page) -> str:
    """Return how the names of a page's files begin."""
    return f"attention-lab_{re.sub(r'[^a-z0-9]+', '-', page.title.lower()).strip('-')}"


def _checked_address(address: object) -> str:
    if not isinstance(address, str) or len(address) > _LONGEST_ADDRESS:
        return ""
    try:
        return address if urlsplit(address).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _about(takeaway: Takeaway, address: str) -> About:
    about = takeaway.about()
    return replace(about, link=urljoin(address, about.link))


def _make(what: str, page: Page, takeaway: Takeaway, about: About) -> tuple[str, str, bytes]:
    """Return name, MIME type and content of a file."""
    if what == "csv":
        content = csv_zip(takeaway.arrays(), about)
        return f"{stem(page)}_tables.zip", "application/zip", content
    if what == "npz":
        return f"{stem(page)}.npz", "application/octet-stream", npz(takeaway.arrays(), about)
    text = takeaway.notebook().encode("utf-8", "replace")
    return f"{stem(page)}.ipynb", "application/x-ipynb+json", text


def _in_a_line(error: Exception) -> str:
    """Say what went wrong: in its own words if it was raised for people, else by its name."""
    if isinstance(error, ValueError) and str(error):
        return " ".join(str(error).split())
    return f"something went wrong inside ({type(error).__name__})."


def _with_drawing(component: LightComponent) -> LightComponent:
    """Put the drawing of pictures around the component's script, which then finds it."""
    drawing = (FRONTEND / "pictures.js").read_text("utf-8")
    return replace(component, script=f"{{\n{drawing}\n{component.script}\n}}")


TAKE: Final = _with_drawing(
    light_component(
        "take",
        html=(FRONTEND / "take.html").read_text("utf-8"),
        css=(FRONTEND / "take.css").read_text("utf-8"),
        constants={},
    )
)
