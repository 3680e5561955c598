"""The picture of the cache: how it grows with the tokens, shared or not."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import altair as alt
import pandas as pd

from pages._shared.charts import Spec, without_data
from pages._shared.multi_head_counts import cache_bytes, in_bytes, sharings
from pages._shared.multi_head_cut import CONTEXTS, MultiHeadState

_INK: Final[dict[str, Any]] = {"labelColor": "currentColor", "titleColor": "currentColor"}
_TEXT: Final[dict[str, Any]] = {"color": "currentColor", "fontSize": 13}
_HEIGHT: Final = 420
_MIB: Final = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)


def cache_frame(state: MultiHeadState) -> pd.DataFrame:
    """Return the size of the cache for every kind and number of tokens, as `cache_spec` wants it.

    Returns
    -------
    DataFrame
        Columns ``kind``, ``tokens``, ``mib``, ``text``, ``chosen`` and ``last``.
    """
    rows = [
        {
            "kind": kind,
            "tokens": tokens,
            "mib": cache_bytes(state, n_kv_head, tokens) / 2**20,
            "text": in_bytes(cache_bytes(state, n_kv_head, tokens)),
            "chosen": tokens == state.context,
            "last": tokens == CONTEXTS[-1],
        }
        for kind, n_kv_head in sharings(state)
        for tokens in CONTEXTS
    ]
    return pd.DataFrame(rows)


@cache
def cache_spec() -> Spec:
    """Return the spec of the cache's size against the tokens, both on logarithmic scales."""
    # The same for every model and precision, so that they can be compared.
    down = alt.Scale(type="log", domain=[_MIB[0], _MIB[-1]], nice=False)
    across = alt.Scale(type="log", domain=[CONTEXTS[0], 8 * CONTEXTS[-1]], nice=False)
    base = alt.Chart().encode(
        x=alt.X(
            "tokens:Q",
            scale=across,
            title="tokens",
            axis=alt.Axis(values=list(CONTEXTS), format=",", grid=False, **_INK),
        ),
        y=alt.Y(
            "mib:Q",
            scale=down,
            title="cache in MiB",
            axis=alt.Axis(values=list(_MIB), format=",", **_INK),
        ),
        color=alt.Color("kind:N", legend=None, sort=None),
    )
    lines = base.mark_line(strokeWidth=2)
    points = base.mark_point(filled=True, size=60).encode(
        tooltip=[alt.Tooltip("kind:N"), alt.Tooltip("tokens:Q", format=","), "text:N"]
    )
    names = (
        base.transform_filter("datum.last")
        .mark_text(align="left", dx=10, **_TEXT)
        .encode(text="kind:N", color=alt.value("currentColor"))
    )
    sizes = (
        base.transform_filter("datum.chosen")
        .mark_text(align="left", dx=-4, dy=-13, fontWeight="bold", **_TEXT)
        .encode(text="text:N", color=alt.value("currentColor"))
    )
    return without_data(alt.layer(lines, points, names, sizes).properties(height=_HEIGHT))
