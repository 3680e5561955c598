"""Choosing a picture: sample photos, an upload, the camera.

A picture from outside stays in the session that it came from: it is never written to disk, and
what other sessions might share is kept under its hash alone. A file that cannot be used leaves
the picture before it where it is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

import streamlit as st

from core.images import MAX_ASPECT, PictureError, decode_picture, encode_jpeg, fit_to_patches
from pages._shared.light_component import FRONTEND, light_component
from pages._shared.vision import Picture, prepare_picture

_PHOTOS: Final = Path(__file__).parents[2] / "assets" / "photos"
FIRST_PHOTO: Final = "kingfisher.jpg"
FILE_TYPES: Final = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"]
SOURCES: Final = ("Sample photos", "Upload", "Camera")

# How many pictures from outside a session keeps, so that a choice can be undone.
MOST_OWN: Final = 4

# Keys of the session's state.
OWN: Final = "picture.own"
_PROBLEM: Final = "picture.problem"
_SOURCE: Final = "picture.source"
_STRIP: Final = "picture.strip"
_UPLOAD: Final = "picture.upload"
_CAMERA: Final = "picture.camera"


@dataclass(frozen=True)
class Sample:
    """A photo that comes with the lab, as ``assets/photos/photos.json`` describes it."""

    file: str
    title: str
    alt: str
    author: str
    licence: str
    licence_url: str
    source: str
    package: str


@st.cache_data(show_spinner=False)
def sample_photos() -> tuple[Sample, ...]:
    """Return the photos that come with the lab."""
    entries = json.loads((_PHOTOS / "photos.json").read_text("utf-8"))
    fields = Sample.__dataclass_fields__
    return tuple(Sample(**{name: entry[name] for name in fields}) for entry in entries)


@st.cache_resource(max_entries=4, show_spinner=False)
def sample_picture(file: str) -> Picture:
    """Return a sample photo made ready for the model."""
    alt = next(photo.alt for photo in sample_photos() if photo.file == file)
    return prepare_picture(decode_picture((_PHOTOS / file).read_bytes()), alt)


def is_sample(name: str) -> bool:
    """Whether a picture's name is that of a photo that comes with the lab."""
    return any(photo.file == name for photo in sample_photos())


def picture_widgets(name: str) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a picture."""
    return {_SOURCE: SOURCES[0]} if is_sample(name) else {}


def find_picture(name: str) -> Picture:
    """Return the picture with this name; the first photo if this session has none such."""
    own: dict[str, Picture] = st.session_state.get(OWN, {})
    if name in own:
        return own[name]
    return sample_picture(name if is_sample(name) else FIRST_PHOTO)


def choose_picture(name: str, on_choose: Callable[[str], None]) -> None:
    """Draw the choice of a picture.

    Parameters
    ----------
    name : str
        The picture chosen now: a sample's file name, or the name given to one from outside.
    on_choose : callable
        Called before the rerun with the name of the picture chosen.
    """
    source = st.segmented_control(
        "Picture",
        SOURCES,
        default=SOURCES[0],
        required=True,
        key=_SOURCE,
        persist_state="session",
        on_change=_forget_problem,
        label_visibility="collapsed",
    )
    if source == SOURCES[0]:
        _draw_strip(name, on_choose)
    elif source == SOURCES[1]:
        st.file_uploader(
            "A picture of yours, up to 20 MB. It is never stored on disk.",
            type=FILE_TYPES,
            max_upload_size=20,
            key=_UPLOAD,
            on_change=_take_file,
            args=(_UPLOAD, "The picture that you uploaded", on_choose),
        )
    else:
        st.camera_input(
            "A picture from your camera. It is never stored on disk.",
            key=_CAMERA,
            on_change=_take_file,
            args=(_CAMERA, "The picture that you took", on_choose),
            width=420,
        )
    problem = st.session_state.get(_PROBLEM)
    if problem:
        st.error(f"{problem} The picture before it stays.", icon=":material/broken_image:")
    if find_picture(name).squeezed:
        st.caption(
            f"This picture is squeezed: beyond {MAX_ASPECT:g} to 1 its short side would have too "
            "few patches to show anything."
        )


def credits_table() -> str:
    """Return a table, in HTML, of who made the sample photos and under which licence."""
    heading = ("Photo", "By", "Licence", "Taken from")
    rows = [
        (
            _link(photo.title, photo.source),
            escape(photo.author),
            _link(photo.licence, photo.licence_url),
            escape(photo.package),
        )
        for photo in sample_photos()
    ]
    head = "".join(f"<th scope='col'>{name}</th>" for name in heading)
    body = "".join(f"<tr>{''.join(f'<td>{part}</td>' for part in row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<div class='wide'>{table}</div>"


def _link(text: str, address: str) -> str:
    return (
        f"<a target='_blank' rel='noopener' href='{escape(address)}'>{escape(text)}</a>"
        if address
        else escape(text)
    )


def _forget_problem() -> None:
    st.session_state[_PROBLEM] = None


def _take_file(key: str, alt: str, on_choose: Callable[[str], None]) -> None:
    """Use an uploaded file or a camera picture, or say in a sentence why not."""
    file = st.session_state[key]
    if file is None:  # taken out of the widget: the picture that it gave stays
        return
    try:
        picture = prepare_picture(decode_picture(file.getvalue()), alt)
    except PictureError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    _forget_problem()
    before: dict[str, Picture] = st.session_state.get(OWN, {})
    others = [(name, old) for name, old in before.items() if name != picture.digest]
    st.session_state[OWN] = {**dict(others[1 - MOST_OWN :]), picture.digest: picture}
    on_choose(picture.digest)


def _draw_strip(name: str, on_choose: Callable[[str], None]) -> None:
    def report() -> None:
        file = st.session_state[_STRIP].get("photo")
        if is_sample(file):
            _forget_problem()
            on_choose(file)

    PHOTO_STRIP.draw(
        key=_STRIP,
        data={"photos": _thumbnails(), "chosen": name if is_sample(name) else None},
        on_photo_change=report,
    )


@st.cache_data(show_spinner=False)
def _thumbnails() -> list[dict[str, str]]:
    thumbnails = []
    for photo in sample_photos():
        decoded = decode_picture((_PHOTOS / photo.file).read_bytes())
        small = fit_to_patches(decoded, n_patches_target=64, patch_size=12)
        code = base64.b64encode(encode_jpeg(small, quality=75)).decode("ascii")
        thumbnails.append(
            {
                "file": photo.file,
                "title": photo.title,
                "source": f"data:image/jpeg;base64,{code}",
            }
        )
    return thumbnails


PHOTO_STRIP: Final = light_component(
    "photo_strip",
    html="<div class='strip' role='radiogroup' aria-label='Sample photos'></div>",
    css=(FRONTEND / "photo_strip.css").read_text("utf-8"),
    constants={},
)
