"""The lines of HTML against lines written by hand."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.attention import scaled_dot_product_attention
from core.presets import cat_sat_mat, source_post_toy
from pages._shared.arithmetic import output_line, scaled_line, score_line, weight_line
from tests.pages.html_reader import read_html

# A fraction is drawn as a stack; read aloud or copied, it still is a division.
OVER = "</span><span class='unseen'> divided by </span><span>"


def fraction(top: str, bottom: str) -> str:
    return f"<span class='fraction'><span>{top}{OVER}{bottom}</span></span>"


def power(exponent: str) -> str:
    return f"<i>e</i><sup>{exponent}</sup>"


def test_a_score_is_a_sum_of_products() -> None:
    line = score_line(np.array([2.0, 1.0]), np.array([1.0, 2.0]), 4.0)
    assert line == "score = <i>q</i> · <i>k</i> = 2.00 · 1.00 + 1.00 · 2.00 = 4.00"


def test_negative_factors_are_bracketed() -> None:
    line = score_line(np.array([-2.0, -1.0]), np.array([-0.5, 3.0]), -2.0)
    assert line == "score = <i>q</i> · <i>k</i> = −2.00 · (−0.50) + (−1.00) · 3.00 = −2.00"


def test_scaling_is_written_as_it_was_done() -> None:
    assert scaled_line(4.0, 2, True, 2.8284) == "scaled = 4.00 / √2 = 2.83"
    assert scaled_line(-4.0, 64, True, -0.5) == "scaled = −4.00 / √64 = −0.50"
    assert scaled_line(4.0, 2, False, 4.0) == "scaled = score = 4.00, not divided"


def test_a_weight_is_its_share_of_the_powers() -> None:
    line = weight_line(np.array([0.0, 1.0, -np.inf]), 1, 1.0, 0.731059)
    stack = fraction(power("1.00"), f"{power('0.00')} + {power('1.00')}")
    assert line == f"weight = {stack} = 0.7311"
    assert read_html(line).text == "weight = e1.00 divided by e0.00 + e1.00 = 0.7311"


def test_temperature_stands_in_every_power() -> None:
    line = weight_line(np.array([0.0, -1.0]), 0, 0.5, 0.8808)
    stack = fraction(power("0.00 / 0.5"), f"{power('0.00 / 0.5')} + {power('−1.00 / 0.5')}")
    assert line == f"weight = {stack} = 0.8808"


def test_a_blocked_key_has_no_sum() -> None:
    line = weight_line(np.array([0.0, -np.inf]), 1, 1.0, 0.0)
    assert line == "weight = 0: this key is blocked"


def test_an_output_is_a_weighted_sum_of_vectors() -> None:
    line = output_line(
        np.array([0.25, 0.75]), np.array([[1.0, -1.0], [0.0, 2.0]]), np.array([0.25, 1.25])
    )
    assert line == "output = 0.25 · (1.00, −1.00) + 0.75 · (0.00, 2.00) = (0.25, 1.25)"


def test_long_sums_and_vectors_keep_their_ends_and_say_how_much_is_left_out() -> None:
    ones = np.arange(1.0, 10.0)
    line = score_line(ones, np.ones(9), 45.0)
    assert " + 7.00 · 1.00 + … 1 more … + 9.00 · 1.00 = 45.00" in line
    assert "…" not in score_line(ones[:8], np.ones(8), 36.0)
    toy = source_post_toy()
    line = score_line(toy.query[0], toy.key[0], 1.0)
    assert line.count(" · ") == 1 + 8
    assert f" + … {64 - 8} more … + " in line
    line = output_line(np.full(5, 0.2), toy.value, toy.value.mean(axis=0))
    assert line.count(", …, ") == 5 + 1
    assert output_line(np.ones(1), ones[None, :5], ones[:5]) == (
        "output = 1.00 · (1.00, 2.00, 3.00, …, 5.00) = (1.00, 2.00, 3.00, …, 5.00)"
    )
    assert "…" not in output_line(np.ones(1), ones[None, :4], ones[:4])


def test_what_is_no_number_is_said() -> None:
    line = weight_line(np.array([12.0, 1.0]), 0, 1.0, np.nan)
    assert line.endswith(" = NaN")
    line = output_line(np.array([np.nan]), np.array([[np.inf, -np.inf]]), np.array([np.nan, 0]))
    assert line == "output = NaN · (∞, −∞) = (NaN, 0.00)"


def test_a_zero_has_no_sign() -> None:
    line = score_line(np.array([-0.001]), np.array([-0.0]), -0.0)
    assert line == "score = <i>q</i> · <i>k</i> = 0.00 · 0.00 = 0.00"


@pytest.mark.parametrize("temperature", [1.0, 0.5])
@pytest.mark.parametrize("masked", [False, True])
def test_the_numbers_on_a_line_give_its_result(masked: bool, temperature: float) -> None:
    """Read the line back and compute it, as a learner with a pocket calculator would."""
    toy = cat_sat_mat()
    attention = scaled_dot_product_attention(
        toy.query, toy.key, toy.value, causal=masked, temperature=temperature
    )
    for i in range(5):
        allowed = range(i + 1) if masked else range(5)
        for j in allowed:
            line = weight_line(attention.logits[i], j, temperature, attention.weights[i, j])
            written = line.replace("−", "-")
            assert written.count(" / 0.5<") == (len(allowed) + 1) * (temperature == 0.5)
            exponents = re.findall(r"<sup>(-?[\d.]+)(?: / 0\.5)?</sup>", written)
            powers = [np.exp(float(x) / temperature) for x in exponents]
            assert len(powers) == 1 + len(allowed)
            result = float(written.rpartition("= ")[2])
            assert powers[0] / sum(powers[1:]) == pytest.approx(result, abs=0.006)


@given(st.lists(st.floats(width=32), min_size=1, max_size=70), st.sampled_from([1.0, 0.7]))
@example(values=[float("-inf")], temperature=1.0)
@example(values=[float("nan"), float("inf")] * 5, temperature=0.7)
def test_tags_always_balance(values: list[float], temperature: float) -> None:
    array = np.array(values)
    lines = (
        score_line(array, array[::-1], float(array[0])),
        scaled_line(float(array[0]), len(values), True, float(array[-1])),
        weight_line(array, 0, temperature, 0.5),
        output_line(array, np.stack([array, array], axis=1), array[:1].repeat(2)),
    )
    for line in lines:
        reading = read_html(line)
        assert set(reading.tags) <= {"span", "i", "sup"}
        assert reading.attributes <= {("class", "fraction"), ("class", "unseen")}
        # No number as NumPy or Python writes it, and nothing that HTML would take for a mark.
        assert not re.search(r"nan|inf|[0-9]-|-[0-9]|[<>&\"']", reading.text)
        assert "&" not in line
