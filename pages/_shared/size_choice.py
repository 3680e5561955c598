"""Which Transformer is counted: a known one, and what of it was changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from typing import Any, Final

import streamlit as st

from core.codecs import Codec, Digit, FunctionCodec, Take, integer, is_not, one_of
from core.known_models import KNOWN_MODELS, KnownModel
from core.model_shape import TransformerShape
from core.packing import tuple_of

PRESETS: Final = tuple(model.name for model in KNOWN_MODELS)
WIDTHS: Final = (
    *(48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 5120),
    *(6144, 8192, 12288),
)
HEADS: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96)
TIMES: Final = (1, 2, 3, 4, 6, 8)
LENGTHS: Final = (
    *(8, 10, 16, 17, 32, 64, 128, 197, 256, 257, 512, 1024, 2048, 4096, 8192, 16384),
    *(32768, 65536, 131072),
)
BYTES: Final = {"8 bits": 1, "16 bits": 2, "32 bits": 4}
PRECISIONS: Final = tuple(BYTES)
MOST_LAYERS: Final = 96
LEAST_WORDS: Final = 10
MOST_WORDS: Final = 1_000_000
_FIELDS: Final = ("d_model", "n_heads", "n_layers", "times", "length", "n_words", "precision")


@dataclass(frozen=True)
class SizesChoice:
    """A known Transformer with sizes of one's own.

    Attributes
    ----------
    preset : str
        One of `PRESETS`: what everything that is not said here is taken from.
    d_model : int
        One of `WIDTHS`.
    n_heads : int
        One of `HEADS` that divides `d_model`.
    n_layers : int, 1 to `MOST_LAYERS`
        Of the encoder, of the decoder, or of each of the two.
    times : int
        The hidden width of the feed-forward part, in d_models; one of `TIMES`.
    length : int
        Tokens; one of `LENGTHS`.
    n_words : int, `LEAST_WORDS` to `MOST_WORDS`
        Rows of the table of words, the first of two; 0 for a model of pictures.
    precision : str
        One of `PRECISIONS`.
    """

    preset: str = PRESETS[0]
    d_model: int = 128
    n_heads: int = 4
    n_layers: int = 2
    times: int = 4
    length: int = 10
    n_words: int = 964
    precision: str = "32 bits"


def from_preset(preset: str, precision: str = "32 bits") -> SizesChoice:
    """Return a known model as it is."""
    model = known(preset)
    shape = model.shape
    return SizesChoice(
        preset,
        shape.d_model,
        shape.n_heads,
        max(shape.encoder_layers, shape.decoder_layers),
        shape.d_hidden // shape.d_model,
        model.length,
        shape.n_words,
        precision,
    )


def known(preset: str) -> KnownModel:
    """Return the known model of a name."""
    return KNOWN_MODELS[PRESETS.index(preset)]


def shape_of(choice: SizesChoice) -> TransformerShape:
    """Return the shape that is counted."""
    base = known(choice.preset).shape
    n_words = choice.n_words if base.n_words else 0
    # The output layer of a model with one table is that table, but for words that are never said.
    writes_it = base.n_outputs and base.tied and not base.n_target_words
    more = n_words - base.n_words if writes_it else 0
    return replace(
        base,
        encoder_layers=choice.n_layers if base.encoder_layers else 0,
        decoder_layers=choice.n_layers if base.decoder_layers else 0,
        d_model=choice.d_model,
        n_heads=choice.n_heads,
        d_hidden=choice.times * choice.d_model,
        n_words=n_words,
        n_outputs=base.n_outputs + more,
    )


def is_as_known(choice: SizesChoice) -> bool:
    """Whether nothing of the known model was changed."""
    return shape_of(choice) == known(choice.preset).shape


def heads_for(d_model: int) -> tuple[int, ...]:
    """Return the numbers of heads that divide a width."""
    return tuple(n for n in HEADS if d_model % n == 0)


def with_width(choice: SizesChoice, d_model: int) -> SizesChoice:
    """Return the choice with another width, and with fewer heads where as many do not divide it."""
    n_heads = max(n for n in heads_for(d_model) if n <= choice.n_heads)
    return replace(choice, d_model=d_model, n_heads=n_heads)


def sizes_codec() -> Codec[SizesChoice]:
    """Return the codec of a choice in the link of a page."""
    values = tuple_of(
        one_of(PRESETS),
        one_of(WIDTHS),
        one_of(HEADS),
        integer(1, MOST_LAYERS),
        one_of(TIMES),
        one_of(LENGTHS),
        integer(0, MOST_WORDS),
        one_of(PRECISIONS),
    )

    def checked(choice: SizesChoice) -> SizesChoice:
        if choice.d_model % choice.n_heads:
            raise is_not(choice.n_heads, f"a number of heads that divides {choice.d_model}")
        has_words = known(choice.preset).shape.n_words > 0
        if choice.n_words != 0 if not has_words else choice.n_words < LEAST_WORDS:
            raise is_not(choice.n_words, f"the number of words of {choice.preset}")
        return choice

    def write(choice: SizesChoice) -> tuple[Digit, ...]:
        return values.write(astuple(checked(choice)))

    def read(take: Take) -> SizesChoice:
        return checked(SizesChoice(*values.read(take)))

    return FunctionCodec(write, read)


def widgets(key: str, choice: SizesChoice) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a choice."""
    shown = {_key(key, name, choice): getattr(choice, name) for name in ("preset", *_FIELDS)}
    if not choice.n_words:  # a model of pictures has no such widget
        del shown[f"{key}.n_words"]
    return shown


def choose_sizes(
    choice: SizesChoice, *, key: str, on_choose: Callable[[SizesChoice], None]
) -> None:
    """Draw the controls of a choice.

    Parameters
    ----------
    choice : SizesChoice
        As it is now; the controls show it.
    key : str
        Prefix of their keys.
    on_choose : callable
        Called before the rerun with another choice.
    """
    for name, value in widgets(key, choice).items():
        if st.session_state.get(name) != value:
            st.session_state[name] = value

    def report(field: str) -> None:
        value = st.session_state[_key(key, field, choice)]
        if field == "preset":
            on_choose(from_preset(value, choice.precision))
        elif field == "d_model":
            on_choose(with_width(choice, value))
        elif value is not None:  # a field for a number may be left empty
            on_choose(replace(choice, **{field: value}))

    def options(field: str) -> dict[str, Any]:
        return {
            "key": _key(key, field, choice),
            "persist_state": "session",
            "on_change": report,
            "args": (field,),
        }

    model = known(choice.preset)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox("Start from", PRESETS, width=290, **options("preset"))
        st.selectbox("d_model", WIDTHS, format_func=_grouped, width=110, **options("d_model"))
        st.selectbox(
            "Heads",
            heads_for(choice.d_model),
            width=90,
            help="Those numbers that divide d_model.",
            **options("n_heads"),
        )
        label = "Layers of each side" if model.shape.n_cross else "Layers"
        st.number_input(label, 1, MOST_LAYERS, width=150, **options("n_layers"))
        st.selectbox(
            "d_hidden",
            TIMES,
            format_func=lambda times: f"{times} × d_model",
            width=130,
            help="Width of the feed-forward parts.",
            **options("times"),
        )
        if model.words:
            st.number_input(model.words, LEAST_WORDS, MOST_WORDS, width=160, **options("n_words"))
        st.selectbox("Tokens", LENGTHS, format_func=_grouped, width=110, **options("length"))
        st.selectbox("Numbers of", PRECISIONS, width=110, **options("precision"))


def _key(key: str, field: str, choice: SizesChoice) -> str:
    """Return the key of a widget: each width has heads of its own to choose from."""
    return f"{key}.{field}.{choice.d_model}" if field == "n_heads" else f"{key}.{field}"


def _grouped(number: int) -> str:
    return f"{number:,}"
