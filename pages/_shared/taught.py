"""Classes that a reader teaches: which are chosen, from which photos, and what comes of it.

What is taught is named by a tuple of ids, which is part of the page's state: a starter class by its
name, a class of the reader's own and a file by an id that means something in its own session only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.prototype_files import read_centre
from core.prototypes import (
    CENTRE_PATH,
    FEWEST_CLASSES,
    MOST_CLASSES,
    Prototypes,
    TeachingError,
    Verdict,
    classify,
    feature_of,
)
from core.teaching import FEWEST_PHOTOS, LeaveOneOut, leave_out, teach
from pages._shared import vision
from pages._shared.taught_photos import (
    STARTER_CLASSES,
    TaughtClass,
    TaughtPhoto,
    look_at,
    starter_class,
)
from pages._shared.vision_picture import COARSE, Picture

KEY: Final = "image_classification.teach"
# Keys of the session's state: the reader's own classes, those removed, and loaded files, all by id.
OWN: Final = f"{KEY}.own"
GONE: Final = f"{KEY}.gone"
FILES: Final = f"{KEY}.files"

FIRST_TAUGHT: Final = ("Hoofed animals", "Windmills", "Buildings")

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Taught:
    """What is taught now.

    Attributes
    ----------
    classes : tuple of TaughtClass
        Those chosen, also those that lack photos; none where a file is in force.
    prototypes : Prototypes or None
        What photos are compared with; None while nothing is taught.
    left_out : LeaveOneOut or None
        The test of it; a file cannot be tested.
    problem : str
        Why nothing is taught, or "".
    """

    classes: tuple[TaughtClass, ...] = ()
    prototypes: Prototypes | None = None
    left_out: LeaveOneOut | None = None
    problem: str = ""

    @property
    def ready(self) -> tuple[TaughtClass, ...]:
        """The classes that are compared, in the order of the prototypes."""
        return tuple(one for one in self.classes if one.is_ready)

    @property
    def photos(self) -> tuple[TaughtPhoto, ...]:
        """The photos of these classes, in the order of the test."""
        return tuple(photo for one in self.ready for photo in one.photos)


def find_taught(ids: tuple[str, ...]) -> Taught:
    """Return what is taught with these classes; the model looks at photos that are new to it.

    Ids that mean nothing in this session are passed over.
    """
    files: Mapping[str, Prototypes] = st.session_state.get(FILES, {})
    for one in ids:
        if one in files:
            return Taught(prototypes=files[one])
    classes = tuple(_seen(one) for one in find_classes(ids))
    ready = [one for one in classes if one.is_ready]
    if len(ready) < FEWEST_CLASSES:
        return Taught(classes, problem=f"Nothing is taught yet: {_lacking(classes)}")
    features = [_feature(photo) for one in ready for photo in one.photos]
    labels = [label for label, one in enumerate(ready) for _ in one.photos]
    try:
        prototypes, left_out = teach(
            np.stack(features), labels, [one.name for one in ready], lab_centre()
        )
    except TeachingError as error:
        return Taught(classes, problem=str(error))
    return Taught(classes, prototypes, left_out)


def find_classes(ids: Iterable[str]) -> tuple[TaughtClass, ...]:
    """Return the classes with these ids, starter classes first; none for a file.

    A class that was removed comes back whole when its id does, as after an undo.
    """
    chosen = set(ids)
    own = bring_back(chosen)
    starter = [starter_class(name) for name in STARTER_CLASSES if name in chosen]
    return (*starter, *(own[one] for one in own if one in chosen))[:MOST_CLASSES]


def bring_back(chosen: set[str]) -> Mapping[str, TaughtClass]:
    """Bring back the removed classes with these ids; return the reader's own by id."""
    own: Mapping[str, TaughtClass] = st.session_state.get(OWN, {})
    gone: Mapping[str, TaughtClass] = st.session_state.get(GONE, {})
    back = {one: gone[one] for one in gone if one in chosen}
    if not back:
        return own
    # In the order in which they were made: an explained class is known by its place.
    own = dict(sorted({**own, **back}.items(), key=lambda item: (len(item[0]), item[0])))
    st.session_state[OWN] = own
    st.session_state[GONE] = {one: gone[one] for one in gone if one not in back}
    return own


def prototypes_for(taught: Taught, picture: Picture) -> Prototypes | None:
    """Return what a picture is compared with: where it was taught itself, without its help."""
    if taught.prototypes is None:
        return None
    photo = place_of(taught, picture)
    if photo is None or taught.left_out is None:
        return taught.prototypes
    features = np.stack([_feature(one) for one in taught.photos])
    return leave_out(taught.prototypes, features, taught.left_out.labels.tolist(), photo)


def place_of(taught: Taught, picture: Picture) -> int | None:
    """Return which of the photos that were taught a picture is."""
    digests = [photo.digest for photo in taught.photos]
    return digests.index(picture.digest) if picture.digest in digests else None


def name_picture(taught: Taught, picture: Picture) -> Verdict | None:
    """Return how near a picture is to every class; None while nothing is taught."""
    prototypes = prototypes_for(taught, picture)
    if prototypes is None:
        return None
    return classify(prototypes, feature_of(vision.look(picture, COARSE).attention))


@st.cache_resource(show_spinner=False)
def lab_centre() -> Float32Array:
    """Return the centre that comes with the lab, (d_model,)."""
    return read_centre(CENTRE_PATH.read_bytes())


def _seen(one: TaughtClass) -> TaughtClass:
    """Return a class whose photos all have a feature, and keep them in the session."""
    if all(photo.feature is not None for photo in one.photos):
        return one
    with st.spinner("Looking at your photos…"):
        seen = replace(one, photos=look_at(one.photos))
    st.session_state[OWN] = {**st.session_state[OWN], one.id: seen}
    return seen


def _feature(photo: TaughtPhoto) -> Float32Array:
    if photo.feature is None:
        raise ValueError("Expected a photo that the model has looked at: see find_taught.")
    return photo.feature


def _lacking(classes: tuple[TaughtClass, ...]) -> str:
    few = [one.name for one in classes if not one.is_ready]
    if len(classes) >= FEWEST_CLASSES and few:
        return f"a class needs {FEWEST_PHOTOS} photos; “{few[0]}” has fewer."
    wanted = f"choose {FEWEST_CLASSES} to {MOST_CLASSES} classes."
    return f"{wanted} One is chosen; it takes two." if len(classes) == 1 else wanted
