"""A reader's own classes and files of classes: kept in the session, and nowhere else.

The functions that take files are called before a rerun. A file that cannot be used is named, and
the others are taken all the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.images import PictureError, decode_picture
from core.prototype_files import PrototypeFileError, read_prototypes
from core.prototypes import Prototypes, clean_name
from pages._shared.taught import FILES, GONE, KEY, OWN, lab_centre
from pages._shared.taught_photos import TaughtClass, TaughtPhoto, make_photo

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

MOST_PHOTOS: Final = 30
MOST_OWN: Final = 8
# So many loaded files are kept, so that a choice can be undone.
_MOST_FILES: Final = 4
# So many removed classes are kept, and of each class so many removed photos.
_MOST_GONE: Final = 8
_MADE: Final = f"{KEY}.made"
_PROBLEMS: Final = f"{KEY}.problems"
_ROUND: Final = f"{KEY}.round"


def own_classes() -> dict[str, TaughtClass]:
    """Return the classes of the reader's own, by id."""
    classes: dict[str, TaughtClass] = st.session_state.get(OWN, {})
    return classes


def gone_classes() -> Mapping[str, TaughtClass]:
    """Return the removed classes that can come back, by id, the latest at the end."""
    gone: Mapping[str, TaughtClass] = st.session_state.get(GONE, {})
    return gone


def loaded_files() -> Mapping[str, Prototypes]:
    """Return what was loaded from files, by id."""
    files: Mapping[str, Prototypes] = st.session_state.get(FILES, {})
    return files


def problems() -> tuple[str, ...]:
    """Return what went wrong with the files that were chosen last, a sentence each."""
    said: tuple[str, ...] = st.session_state.get(_PROBLEMS, ())
    return said


def say_problems(*said: str) -> None:
    """Keep what went wrong; nothing forgets what was said before."""
    st.session_state[_PROBLEMS] = said


def upload_key(name: str) -> str:
    """Return the key of an uploader; a new one once its files are taken, so that it lets go."""
    return f"{KEY}.{name}.{st.session_state.get(_ROUND, 0)}"


def add_class() -> str:
    """Add an empty class and return its id."""
    made = st.session_state.get(_MADE, 0) + 1
    st.session_state[_MADE] = made
    name = f"own.{made}"
    _keep(TaughtClass(name, f"Class {made}", ()))
    return name


def rename(name: str, typed: str) -> None:
    """Give the class with this id another name; an empty one leaves it its name."""
    say_problems()
    own = own_classes().get(name)
    if own is not None:
        _keep(replace(own, name=clean_name(typed) or own.name))


def remove_class(name: str) -> None:
    """Put a class and its photos away; `find_classes` brings it back when its id is chosen."""
    say_problems()
    own = own_classes()
    if name in own:
        last = list({**gone_classes(), name: own[name]}.items())[-_MOST_GONE:]
        st.session_state[GONE] = dict(last)
        st.session_state[OWN] = {key: one for key, one in own.items() if key != name}


def remove_photo(name: str, digest: str) -> None:
    """Put a photo of a class away."""
    say_problems()
    own = own_classes().get(name)
    if own is None:
        return
    places = [place for place, one in enumerate(own.photos) if one.digest == digest]
    gone = (*own.gone, *((place, own.photos[place]) for place in places))[-_MOST_GONE:]
    photos = tuple(one for one in own.photos if one.digest != digest)
    _keep(replace(own, photos=photos, gone=gone))


def bring_back_photo(name: str) -> None:
    """Put the photo that was removed last from a class where it stood; say it if it cannot be."""
    say_problems()
    own = own_classes().get(name)
    if own is None or not own.gone:
        return
    *others, (place, photo) = own.gone
    try:
        _check_room(photo, own)
    except PictureError as error:
        say_problems(f"“{photo.title}” was left out. {error}")
        return
    photos = (*own.photos[:place], photo, *own.photos[place:])
    _keep(replace(own, photos=photos, gone=tuple(others)))


def take_photos(name: str, files: Iterable[UploadedFile]) -> None:
    """Add photos to the class with this id; say which could not be used and why."""
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    own, said = own_classes().get(name), []
    if own is None:
        return
    for file in files:
        title = clean_name(file.name) or "A photo"
        try:
            photo = _read_photo(file, title, own)
        except PictureError as error:
            said.append(f"“{title}” was left out. {error}")
        else:
            gone = tuple(one for one in own.gone if one[1].digest != photo.digest)
            own = replace(own, photos=(*own.photos, photo), gone=gone)
    _keep(own)
    say_problems(*said)


def _read_photo(file: UploadedFile, title: str, own: TaughtClass) -> TaughtPhoto:
    _check_room(None, own)
    photo = make_photo(decode_picture(file.getvalue()), title)
    _check_room(photo, own)
    return photo


def _check_room(photo: TaughtPhoto | None, own: TaughtClass) -> None:
    """Raise PictureError where a class is full, or where a class has the photo."""
    if len(own.photos) >= MOST_PHOTOS:
        raise PictureError(f"A class takes up to {MOST_PHOTOS} photos.")
    if photo is None:
        return
    for one in {**own_classes(), own.id: own}.values():
        if any(other.digest == photo.digest for other in one.photos):
            raise PictureError(f"“{one.name}” has this photo already.")


def take_file(file: UploadedFile) -> str:
    """Read classes from a file and return their id; "" if it cannot be used, which is said."""
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    data = file.getvalue()
    try:
        prototypes = read_prototypes(data, d_model=len(lab_centre()))
    except PrototypeFileError as error:
        say_problems(f"“{clean_name(file.name)}” was not loaded. {error}")
        return ""
    say_problems()
    name = f"file.{hashlib.sha256(data).hexdigest()[:12]}"
    others = [(key, one) for key, one in loaded_files().items() if key != name]
    st.session_state[FILES] = {**dict(others[1 - _MOST_FILES :]), name: prototypes}
    return name


def _keep(own: TaughtClass) -> None:
    st.session_state[OWN] = {**own_classes(), own.id: own}
