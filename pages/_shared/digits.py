"""The digit model as its page uses it: loaded once, its passes kept for a while.

A pass costs a few milliseconds, so what is kept is only what a rerun asks for again. A model that
the reader trained lives in the session and stands in every cache under a name of its own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.digits import as_picture
from core.vision_attention import Interventions, VisionAttention
from pages._shared.training import load_torch

if TYPE_CHECKING:
    from core.vit_model import VisionTransformer

SHIPPED: Final = "shipped"
N_DIGITS: Final = 10

# Key of the session's state.
OWN: Final = "digits.own_model"
_NOTHING: Final = Interventions()

Image = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class DigitModel:
    """A model of digits, and its name in every cache.

    Attributes
    ----------
    name : str
        `SHIPPED`, or a name that no other training has.
    model : VisionTransformer
    """

    name: str
    model: VisionTransformer


def own_model() -> DigitModel | None:
    """Return the model that this session trained and put to use, if there is one."""
    own: DigitModel | None = st.session_state.get(OWN)
    return own


def keep_own_model(model: VisionTransformer) -> None:
    """Put a model that this session trained to use, under a name that no other has."""
    st.session_state[OWN] = DigitModel(f"own.{uuid4().hex}", model)


def shipped_model() -> DigitModel:
    """Return the model that comes with the lab."""
    load_torch()
    return DigitModel(SHIPPED, _load())


@st.cache_resource(show_spinner=False)
def _load() -> VisionTransformer:
    from core.digit_vit import load_digit_vit

    return load_digit_vit()


def look(
    model: DigitModel, image: Image, interventions: Interventions = _NOTHING
) -> VisionAttention:
    """Return the pass of a model over a digit, (8, 8) of 0 to 16, under interventions."""
    return _run(model.name, digest(image), interventions, model.model, image)


def digest(image: Image) -> str:
    """Return a digit's name in caches."""
    return hashlib.sha256(image.tobytes()).hexdigest()


# A parameter with a leading underscore is not part of the cache's key. A pass holds some 60 kB.
@st.cache_resource(max_entries=128, show_spinner=False)
def _run(
    name: str,
    image_digest: str,
    interventions: Interventions,
    _model: VisionTransformer,
    _image: Image,
) -> VisionAttention:
    from core.vit import forward

    return forward(_model, as_picture(_image), interventions)
