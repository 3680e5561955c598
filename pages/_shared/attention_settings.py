"""The switches of scaled dot-product attention, and the computation that they ask for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.attention import Attention, scaled_dot_product_attention
from core.masks import causal_mask, padding_mask
from core.presets import Toy
from core.traps import with_naive_softmax

MASKS: Final = ("None", "Causal", "Padding", "Painted")
TEMPERATURES: Final = (0.1, 0.2, 0.5, 0.7, 1.0, 1.5, 2.0, 5.0, 10.0)
SOFTMAXES: Final = ("Stable", "Naive")
PRECISIONS: Final = ("float16", "float32", "float64")


@dataclass(frozen=True)
class Settings:
    """What the reader chose.

    Attributes
    ----------
    divided : bool
        Whether scores are divided by the root of d_head.
    temperature : float
        Divides the logits inside softmax.
    mask : {"None", "Causal", "Padding", "Painted"}
    n_real : int
        Number of tokens before the padding starts.
    softmax : {"Stable", "Naive"}
    precision : {"float16", "float32", "float64"}
    check : bool
        Whether PyTorch computes the output as well.
    """

    divided: bool = True
    temperature: float = 1.0
    mask: str = "None"
    n_real: int = 4
    softmax: str = "Stable"
    precision: str = "float32"
    check: bool = False


@dataclass(frozen=True, eq=False)
class Computed:
    """One attention with everything that went into it.

    Attributes
    ----------
    query, key, value : NDArray
        The toy's arrays in the chosen precision.
    mask : NDArray of bool or None
        True = may attend.
    scale : float
        Factor on the scores.
    scaled : NDArray, shape (n_query, n_key)
        Logits before the mask.
    attention : Attention
    """

    query: NDArray[Any]
    key: NDArray[Any]
    value: NDArray[Any]
    mask: NDArray[np.bool_] | None
    scale: float
    scaled: NDArray[Any]
    attention: Attention


def choose_settings(name: str, settings: Settings, n_token: int, loads: int) -> Settings:
    """Draw the switches and return what they say.

    Parameters
    ----------
    name : str
        Prefix of the widgets' keys.
    settings : Settings
        As they were; what is not on the screen stays so.
    n_token : int
        Number of tokens, the limit of the padding control.
    loads : int
        Part of the key of what a reader types into.
    """
    mask = st.segmented_control(
        "Mask",
        MASKS,
        required=True,
        key=f"{name}.mask",
        persist_state="session",
        help="Which keys a query may attend to. Padding hides the last tokens from everyone.",
    )
    n_real = settings.n_real
    if mask == "Padding":
        n_real = _choose_n_real(f"{name}.n_real.{loads}", n_token)
    temperature = st.select_slider(
        "Temperature",
        TEMPERATURES,
        key=f"{name}.temperature",
        width=140,
        persist_state="session",
        help="Divides what enters the softmax. Below 1 sharpens, above 1 flattens.",
    )
    divided = st.toggle(
        "÷ √d_head",
        key=f"{name}.divided",
        persist_state="session",
        help="Divide by the root of d_head: scores then spread alike at any length.",
    )
    with st.popover("Arithmetic", icon=":material/calculate:"):
        softmax = st.segmented_control(
            "Softmax",
            SOFTMAXES,
            required=True,
            key=f"{name}.softmax",
            persist_state="session",
            help="Naive leaves out subtracting the row's maximum.",
        )
        precision = st.segmented_control(
            "Precision",
            PRECISIONS,
            required=True,
            key=f"{name}.precision",
            persist_state="session",
        )
        st.caption(
            "Naive softmax overflows once its sum passes the largest number there is: one "
            "logit of 11.1 is enough in float16, of 88.7 in float32. The stable one never "
            "overflows."
        )
        check = st.toggle(
            "Check against PyTorch",
            key=f"{name}.check",
            persist_state="session",
            help="Runs torch.nn.functional.scaled_dot_product_attention on the same numbers.",
        )
    return Settings(
        divided,
        temperature,
        mask or MASKS[0],
        n_real,
        softmax or SOFTMAXES[0],
        precision or PRECISIONS[1],
        check,
    )


def _choose_n_real(key: str, n_token: int) -> int:
    # A sentence may have become shorter since.
    st.session_state[key] = min(int(st.session_state.get(key, n_token)), n_token)
    n_real = st.number_input(
        "Real tokens",
        0,
        n_token,
        key=key,
        width=130,
        persist_state="session",
        help="The tokens after these are padding: keys that nobody may read.",
    )
    return int(n_real)


def compute(toy: Toy, painted: NDArray[np.bool_], settings: Settings) -> Computed:
    """Compute the attention of a toy under these settings."""
    query, key, value = (
        array.astype(settings.precision) for array in (toy.query, toy.key, toy.value)
    )
    scale = 1 / math.sqrt(query.shape[-1]) if settings.divided else 1.0
    mask = make_mask(settings, painted)
    attention = scaled_dot_product_attention(
        query, key, value, mask=mask, scale=scale, temperature=settings.temperature
    )
    scaled = attention.logits
    if mask is not None:
        scaled = scaled_dot_product_attention(query, key, value, scale=scale).logits
    if settings.softmax == "Naive":
        attention = with_naive_softmax(attention, value, temperature=settings.temperature)
    return Computed(query, key, value, mask, scale, scaled, attention)


def make_mask(settings: Settings, painted: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """Return the mask that the settings ask for, True = may attend, or None."""
    n_query, n_key = painted.shape
    if settings.mask == "Causal":
        return causal_mask(n_query, n_key)
    if settings.mask == "Padding":
        return padding_mask(min(settings.n_real, n_key), n_key)
    return painted if settings.mask == "Painted" else None
