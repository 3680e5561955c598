"""Photos that classes are taught with, and the starter set: what the model makes of each, once.

Photos from outside never leave the session; of each only a thumbnail and its feature are kept.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.codecs import Codec, Digit, FunctionCodec, Take
from core.images import decode_picture, encode_jpeg, fit_to_patches
from core.packing import switch, tuple_of
from core.prototypes import CENTRE_PATH, feature_of
from core.teaching import FEWEST_PHOTOS
from pages._shared import vision
from pages._shared.page import return_free_memory
from pages._shared.vision_picture import COARSE

_FOLDER: Final = CENTRE_PATH.parent
_PHOTOS: Final = json.loads((_FOLDER / "photos.json").read_text("utf-8"))
STARTER_CLASSES: Final[tuple[str, ...]] = tuple(dict.fromkeys(one["class"] for one in _PHOTOS))
# The shape of a thumbnail: some 5,000 pixels.
_N_CELLS: Final = 64
_CELL: Final = 9

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class TaughtPhoto:
    """A photo that a class is taught with.

    Attributes
    ----------
    digest : str
        As in `Picture`: the same photo has the same.
    title : str
        What it is called; not to be trusted as HTML.
    thumbnail : str
        A small JPEG in base64.
    feature : NDArray, shape (d_model,), or None
        None until the model has looked at it.
    pixels : NDArray, shape (height, width, 3), or None
        What it will look at; gone afterwards.
    """

    digest: str
    title: str
    thumbnail: str
    feature: Float32Array | None = None
    pixels: NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False)
class TaughtClass:
    """A class, from the starter set or the reader's own, and its photos.

    Attributes
    ----------
    id, name : str
    photos : tuple of TaughtPhoto
    gone : tuple of (int, TaughtPhoto)
        Those that were removed last and can come back, the latest at the end, and where each stood.
    """

    id: str
    name: str
    photos: tuple[TaughtPhoto, ...]
    gone: tuple[tuple[int, TaughtPhoto], ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether it has photos enough to be taught."""
        return len(self.photos) >= FEWEST_PHOTOS


def starter_codec() -> Codec[tuple[str, ...]]:
    """Return how a link carries which starter classes are taught; other ids it leaves out."""
    switches = tuple_of(*(switch() for _ in STARTER_CLASSES))

    def write(ids: tuple[str, ...]) -> tuple[Digit, ...]:
        return switches.write(tuple(name in ids for name in STARTER_CLASSES))

    def read(take: Take) -> tuple[str, ...]:
        on = switches.read(take)
        return tuple(name for name, chosen in zip(STARTER_CLASSES, on, strict=True) if chosen)

    return FunctionCodec(write, read)


def linked(ids: Iterable[str]) -> tuple[str, ...]:
    """Return the ids that a link can carry: those of starter classes, in their order."""
    chosen = set(ids)
    return tuple(name for name in STARTER_CLASSES if name in chosen)


def credits_table() -> str:
    """Return a table, in HTML, of who made the starter photos and under which licence."""
    rows = (
        (
            _link(one["title"], one["source"]),
            escape(one["author"]),
            _link(one["licence"], one["licence_url"]),
            escape(one["package"]),
        )
        for one in _PHOTOS
    )
    body = "".join(f"<tr>{''.join(f'<td>{part}</td>' for part in row)}</tr>" for row in rows)
    heading = ("Starter photo", "By", "Licence", "Taken from")
    head = "".join(f"<th scope='col'>{name}</th>" for name in heading)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<div class='wide'>{table}</div>"


def _link(text: str, address: str) -> str:
    if not address:
        return escape(text)
    return f"<a target='_blank' rel='noopener' href='{escape(address)}'>{escape(text)}</a>"


def make_photo(decoded: NDArray[np.uint8], title: str) -> TaughtPhoto:
    """Make a decoded picture, (height, width, 3), ready to be looked at."""
    thumbnail = fit_to_patches(decoded, n_patches_target=_N_CELLS, patch_size=_CELL)
    small = encode_jpeg(thumbnail, quality=75)
    return TaughtPhoto(
        digest=hashlib.sha256(str(decoded.shape).encode() + decoded.tobytes()).hexdigest(),
        title=title,
        thumbnail=base64.b64encode(small).decode("ascii"),
        pixels=fit_to_patches(decoded, n_patches_target=COARSE),
    )


@st.cache_resource(max_entries=len(STARTER_CLASSES), show_spinner="Looking at the photos…")
def starter_class(name: str) -> TaughtClass:
    """Return a class of the starter set; the model looks at its photos once, for everyone."""
    entries = [one for one in _PHOTOS if one["class"] == name]
    photos = tuple(
        make_photo(decode_picture((_FOLDER / one["file"]).read_bytes()), one["title"])
        for one in entries
    )
    return TaughtClass(name, name, look_at(photos))


def look_at(photos: tuple[TaughtPhoto, ...]) -> tuple[TaughtPhoto, ...]:
    """Return photos with their features; the model looks at those that have none."""
    model = vision.load_model()
    from core.vit import forward

    seen = tuple(
        photo
        if photo.pixels is None
        else replace(photo, feature=feature_of(forward(model, photo.pixels)), pixels=None)
        for photo in photos
    )
    return_free_memory()
    return seen
