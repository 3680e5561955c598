"""The lines of LaTeX against lines written by hand."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.attention import scaled_dot_product_attention
from core.presets import cat_sat_mat, source_post_toy
from pages._shared.arithmetic import output_line, scaled_line, score_line, weight_line


def test_a_score_is_a_sum_of_products() -> None:
    line = score_line(np.array([2.0, 1.0]), np.array([1.0, 2.0]), 4.0)
    assert line == r"\text{score} = q \cdot k = 2.00 \cdot 1.00 + 1.00 \cdot 2.00 = 4.00"


def test_negative_factors_are_bracketed() -> None:
    line = score_line(np.array([-2.0, -1.0]), np.array([-0.5, 3.0]), -2.0)
    assert line == (r"\text{score} = q \cdot k = -2.00 \cdot (-0.50) + (-1.00) \cdot 3.00 = -2.00")


def test_scaling_is_written_as_it_was_done() -> None:
    assert scaled_line(4.0, 2, True, 2.8284) == r"\text{scaled} = 4.00 \,/\, \sqrt{2} = 2.83"
    assert scaled_line(4.0, 2, False, 4.0) == (
        r"\text{scaled} = \text{score} = 4.00 \quad \text{(not divided)}"
    )


def test_a_weight_is_its_share_of_the_powers() -> None:
    logits = np.array([0.0, 1.0, -np.inf])
    line = weight_line(logits, 1, 1.0, 0.731059)
    assert line == (r"\text{weight} = \dfrac{e^{1.00}}{e^{0.00} + e^{1.00}} = 0.7311")


def test_temperature_stands_in_every_power() -> None:
    line = weight_line(np.array([0.0, 1.0]), 0, 0.5, 0.1192)
    assert line == (r"\text{weight} = \dfrac{e^{0.00/0.5}}{e^{0.00/0.5} + e^{1.00/0.5}} = 0.1192")


def test_a_blocked_key_has_no_sum() -> None:
    line = weight_line(np.array([0.0, -np.inf]), 1, 1.0, 0.0)
    assert line == r"\text{weight} = 0 \quad \text{(this key is blocked)}"


def test_an_output_is_a_weighted_sum_of_vectors() -> None:
    line = output_line(
        np.array([0.25, 0.75]), np.array([[1.0, -1.0], [0.0, 2.0]]), np.array([0.25, 1.25])
    )
    assert line == (
        r"\text{output} = 0.25 \cdot (1.00,\;-1.00) + 0.75 \cdot (0.00,\;2.00) = (0.25,\;1.25)"
    )


def test_long_sums_and_vectors_keep_their_ends_and_say_how_much_is_left_out() -> None:
    toy = source_post_toy()
    line = score_line(toy.query[0], toy.key[0], 1.0)
    assert line.count(r"\cdot ") == 1 + 8
    assert rf"\underbrace{{\cdots}}_{{{64 - 8}}}" in line
    assert f"{toy.key[0, -1]:.2f}" in line
    line = output_line(np.full(5, 0.2), toy.value, toy.value.mean(axis=0))
    assert line.count(r"\dots") == 5 + 1


def test_what_is_no_number_is_said() -> None:
    line = weight_line(np.array([12.0, 1.0]), 0, 1.0, np.nan)
    assert line.endswith(r"= \text{NaN}")
    line = output_line(np.array([np.nan]), np.array([[np.inf, -np.inf]]), np.array([np.nan, 0]))
    assert r"\text{NaN} \cdot (\infty,\;-\infty) = (\text{NaN},\;0.00)" in line


def test_a_zero_has_no_sign() -> None:
    assert "-0.00" not in score_line(np.array([-0.001]), np.array([-0.0]), -0.0)


@pytest.mark.parametrize("masked", [False, True])
def test_the_numbers_on_a_line_give_its_result(masked: bool) -> None:
    """Read the line back and compute it, as a learner with a pocket calculator would."""
    toy = cat_sat_mat()
    attention = scaled_dot_product_attention(toy.query, toy.key, toy.value, causal=masked)
    for i in range(5):
        for j in range(i + 1):
            line = weight_line(attention.logits[i], j, 1.0, attention.weights[i, j])
            powers = [np.exp(float(x)) for x in re.findall(r"e\^\{(-?[\d.]+)\}", line)]
            result = float(line.rpartition("= ")[2])
            assert powers[0] / sum(powers[1:]) == pytest.approx(result, abs=0.005)


@given(st.lists(st.floats(width=32), min_size=1, max_size=70))
def test_braces_always_match(values: list[float]) -> None:
    array = np.array(values)
    with np.errstate(all="ignore"):
        lines = (
            score_line(array, array[::-1], float(array[0])),
            weight_line(array, 0, 0.7, 0.5),
            output_line(array, np.stack([array, array], axis=1), array[:1].repeat(2)),
        )
    for line in lines:
        assert line.count("{") == line.count("}")
        assert "nan" not in line
        assert "inf" not in line.replace(r"\infty", "")
