"""Encodings that depend on the distance, as pictures: how pairs turn, how scores and biases fall.

Altair is imported where a chart is drawn: the page begins without one.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.position_attention import MAX_DISTANCE
from core.position_bias import alibi_bias, alibi_slopes, relative_bias, relative_bucket
from core.positional import sinusoidal_angles
from core.rotary import rotary_caches, rotate
from pages._shared.matrix import nice_limit
from pages._shared.position_toy import N_POSITIONS, FloatArray, PositionState, Scene
from pages._shared.position_words import at_most, distances_of_buckets, signed
from pages._shared.words import number

# Where a sentence may begin: what depends on the distance alone is the same from each.
STARTS: Final = (0, 100, 1000)
_FAR: Final = 10
_DISTANCE: Final = "position of the key − position of the query"


# --- rotary ----------------------------------------------------------------------------------


def draw_turns(scene: Scene) -> None:
    """Draw the chosen query at every position: its pairs as arrows that turn."""
    from pages._shared import position_charts as charts

    state = scene.state
    vector = scene.content[state.query]
    places = state.first + np.arange(N_POSITIONS)
    caches = rotary_caches(places, state.rotary_dim, base=float(state.base))
    turned = rotate(np.tile(vector, (N_POSITIONS, 1)), *caches, layout=state.layout)
    pairs = _pairs(turned, state)
    with st.container(horizontal=True, gap="small"):
        for pair in range(pairs.shape[1]):
            name = f"pair {pair + 1}"
            st.vega_lite_chart(
                charts.turns_frame(pairs[:, pair], places, state.first + state.query, name),
                charts.turns_spec(),
                width="content",
                alt=f"The chosen query's {name}, an arrow for each position; in words below",
            )
    speeds = sinusoidal_angles(1, state.rotary_dim, base=float(state.base))
    said = [
        f"pair {pair + 1} turns by {number(speed, 4)} radians a position"
        for pair, speed in enumerate(speeds)
    ]
    rest = "" if state.rotary_dim == len(vector) else "; the other two numbers stay as they are"
    st.caption(
        f"The chosen query's numbers, two by two, at positions {places[0]} to {places[-1]} "
        f"({places[state.query]}, where it stands, in a colour of its own): "
        f"{' and '.join(said)}{rest}. Turning changes no length; all "
        "arrows are drawn alike."
    )


def _pairs(turned: NDArray[Any], state: PositionState) -> NDArray[Any]:
    """Return the two numbers of every pair, (position, pair, 2)."""
    used = turned[:, : state.rotary_dim]
    if state.layout == "interleaved":
        return used.reshape(len(used), -1, 2)
    return np.stack(np.split(used, 2, axis=1), axis=-1)


def scores_by_distance(scene: Scene) -> tuple[NDArray[np.int64], FloatArray]:
    """Return the chosen pair's score at every distance, from several places.

    Returns
    -------
    distances : ndarray of int, (distance,)
    scores : ndarray of float64, (start, distance)
    """
    state = scene.state
    distances = np.arange(-MAX_DISTANCE, MAX_DISTANCE + 1)

    def turn(vector: FloatArray, places: NDArray[Any]) -> NDArray[Any]:
        caches = rotary_caches(places, state.rotary_dim, base=float(state.base))
        return rotate(np.tile(vector, (len(places), 1)), *caches, layout=state.layout)

    rows = []
    for start in STARTS:
        query_place = start + MAX_DISTANCE
        query = turn(scene.content[state.query], np.array([query_place]))
        keys = turn(scene.content[state.key], query_place + distances)
        rows.append(keys @ query[0])
    return distances, np.array(rows)


def draw_scores(scene: Scene) -> None:
    """Draw the score of the chosen query and key, moved apart."""
    from pages._shared import position_charts as charts

    distances, scores = scores_by_distance(scene)
    spread = float(np.ptp(scores, axis=0).max())
    frame = charts.distance_frame(distances, scores[:1])
    limit = nice_limit(scores)
    st.vega_lite_chart(
        frame,
        charts.distance_spec(_DISTANCE, "score", _ends(distances), (-limit, limit), curve="curve"),
        alt="Score of the chosen query and key by their distance; in words below",
    )
    before, here, after = (number(scores[0, MAX_DISTANCE + distance]) for distance in (-1, 0, 1))
    st.caption(
        f"The chosen query and key, moved apart: score {here} at distance 0, {before} with the key "
        f"one place before, {after} one after. Begun at position {STARTS[0]}, {STARTS[1]} or "
        f"{STARTS[2]:,} the curve is the same (differences: {at_most(spread)})."
    )


# --- biases ----------------------------------------------------------------------------------


def draw_alibi(state: PositionState) -> None:
    """Draw ALiBi's bias by distance, a line for each head."""
    from pages._shared import position_charts as charts

    distances = np.arange(-MAX_DISTANCE, 1 if state.causal else MAX_DISTANCE + 1)
    slopes = alibi_slopes(state.n_heads)
    bias = alibi_bias(distances, slopes)
    frame = charts.distance_frame(distances, bias, state.chosen_head)
    st.vega_lite_chart(
        frame,
        charts.distance_spec(_DISTANCE, "bias", _ends(distances), (float(bias.min()), 0.0)),
        alt="ALiBi's bias by distance, a straight line for each head; in words below",
    )
    slope = slopes[state.chosen_head]
    listed = f" Slopes: {', '.join(f'{one:.3g}' for one in slopes)}." if len(slopes) > 1 else ""
    st.caption(
        f"{_whose_line(state)}: slope {slope:.4g}, so the exponential of a word {_FAR} places "
        f"away is multiplied by e^−{_FAR * slope:.4g} = {np.exp(-_FAR * slope):.3g}.{listed}"
    )


def _whose_line(state: PositionState) -> str:
    if state.n_heads == 1:
        return "The only head's line"
    return f"One line for each of {state.n_heads} heads, head {state.chosen_head + 1} in colour"


def draw_buckets(state: PositionState) -> None:
    """Draw T5's bias by distance, in steps, a line for each head."""
    from pages._shared import position_charts as charts

    distances = np.arange(-MAX_DISTANCE - 8, 1 if state.causal else MAX_DISTANCE + 9)
    buckets = relative_bucket(
        distances,
        bidirectional=not state.causal,
        n_buckets=state.buckets.shape[1],
        max_distance=MAX_DISTANCE,
    )
    bias = relative_bias(buckets, state.buckets)
    limit = nice_limit(bias)
    frame = charts.distance_frame(distances, bias, state.chosen_head)
    st.vega_lite_chart(
        frame,
        charts.distance_spec(_DISTANCE, "bias", _ends(distances), (-limit, limit), stepped=True),
        alt="T5's bias by distance, in steps, a line for each head; in words below",
    )
    shared = [one for one in distances_of_buckets(state) if one.size > 1]
    unused = "" if state.causal else " No distance has the column “–”."
    st.caption(
        f"Head {state.chosen_head + 1} in colour. Near distances have a bucket each, far ones "
        f"share one: {'; '.join(map(_range_text, shared))}.{unused} Edit a bucket on the board."
    )


def _ends(distances: NDArray[Any]) -> tuple[float, float]:
    return float(distances[0]), float(distances[-1])


def _range_text(shared: NDArray[np.int64]) -> str:
    low, high = int(shared.min()), int(shared.max())
    if low == -MAX_DISTANCE:
        return f"{signed(high)} and before"
    if high == MAX_DISTANCE:
        return f"{signed(low)} and on"
    return f"{signed(low)} to {signed(high)}"
