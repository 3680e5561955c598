"""Ramps that can be read in order, on either ground, and with any kind of colour vision.

Simulation of colour-vision deficiency: Machado, Oliveira and Fernandes, "A physiologically-based
model for simulation of color vision deficiency", IEEE TVCG 15(6), 2009, severity 1.0, applied to
linear sRGB. Distances: CIE 1976 (L*, a*, b*), D65; a difference of 2.3 is just noticeable
(Mahy, Van Eycken and Oosterlinck, 1994), and four times that is what is asked for here.
"""

from __future__ import annotations

import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pages._shared.palette import ACCENT, CONTRAST, HEADS, RAMPS, Ramp
from pages._shared.patch_map import GLOW

MACHADO = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
NOTICEABLE = 2.3
APART = 4 * NOTICEABLE
SETTINGS = Path(__file__).parents[2] / ".streamlit" / "config.toml"
THEMES = {
    name: theme
    for name, theme in tomllib.loads(SETTINGS.read_text("utf-8"))["theme"].items()
    if name in ("light", "dark")
}
GROUNDS = {name: theme["backgroundColor"] for name, theme in THEMES.items()}
ALL = [(scale, theme) for scale in RAMPS for theme in ("light", "dark")]


def linear(colours: Ramp) -> NDArray[np.float64]:
    """Return linear sRGB, shape (n, 3)."""
    rgb = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(colours: Ramp, vision: str = "normal") -> NDArray[np.float64]:
    """Return L*, a*, b* as somebody with this vision sees the colours, shape (n, 3)."""
    seen = np.clip(linear(colours) @ MACHADO[vision].T, 0, 1)
    xyz = seen @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1
    )


def distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(first - second))


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours (WCAG 2.2, section 1.4.3)."""
    dark, light = sorted(linear((first, second)) @ TO_XYZ[1])
    return float((light + 0.05) / (dark + 0.05))


def closest(colours: Ramp, vision: str) -> float:
    """Return the distance of the two colours that are hardest to tell apart."""
    return min(distance(a, b) for a, b in combinations(lab(colours, vision), 2))


def test_lab_of_known_colours() -> None:
    white, red = lab(("#ffffff", "#ff0000"))
    np.testing.assert_allclose(white, [100, 0, 0], atol=0.02)
    np.testing.assert_allclose(red, [53.24, 80.09, 67.20], atol=0.05)


def test_the_simulation_leaves_grey_alone() -> None:
    for vision in MACHADO:
        np.testing.assert_allclose(lab(("#808080",), vision)[0], lab(("#808080",))[0], atol=0.3)


@pytest.mark.parametrize("vision", MACHADO)
@pytest.mark.parametrize("theme", GROUNDS)
def test_lightness_of_weights_runs_one_way(theme: str, vision: str) -> None:
    lightness = lab(RAMPS["sequential"][theme], vision)[:, 0]  # type: ignore[index]
    steps = np.diff(lightness) * (-1 if theme == "light" else 1)
    assert (steps > NOTICEABLE).all(), lightness
    # Steadily: no step is more than four times another.
    assert steps.max() < 4 * steps.min(), steps


@pytest.mark.parametrize("vision", MACHADO)
@pytest.mark.parametrize("theme", GROUNDS)
def test_lightness_of_scores_falls_or_rises_from_the_middle_alike(theme: str, vision: str) -> None:
    ramp = lab(RAMPS["diverging"][theme], vision)  # type: ignore[index]
    n = len(ramp)
    assert n % 2 == 1
    left, right = ramp[: n // 2 + 1][::-1, 0], ramp[n // 2 :, 0]
    sign = -1 if theme == "light" else 1
    assert (sign * np.diff(left) > 0).all(), left
    assert (sign * np.diff(right) > 0).all(), right
    # The same size looks about as strong on both sides: to within a quarter of the whole range.
    assert np.abs(left - right).max() < 20


@pytest.mark.parametrize("vision", MACHADO)
@pytest.mark.parametrize(("scale", "theme"), ALL)
def test_every_two_steps_of_a_ramp_can_be_told_apart(scale: str, theme: str, vision: str) -> None:
    assert closest(RAMPS[scale][theme], vision) > APART  # type: ignore[index]


@pytest.mark.parametrize("vision", MACHADO)
@pytest.mark.parametrize("theme", GROUNDS)
def test_plus_and_minus_are_different_colours(theme: str, vision: str) -> None:
    """Opposite numbers differ in colour, not in lightness alone."""
    ramp = lab(RAMPS["diverging"][theme], vision)  # type: ignore[index]
    for step in range(len(ramp) // 2):
        low, high = ramp[step, 1:], ramp[-1 - step, 1:]
        assert distance(low, high) > APART, step


@pytest.mark.parametrize(("scale", "theme"), ALL)
def test_nothing_looks_like_the_ground(scale: str, theme: str) -> None:
    ramp = RAMPS[scale][theme]  # type: ignore[index]
    nothing = ramp[0] if scale == "sequential" else ramp[len(ramp) // 2]
    assert distance(lab((nothing,))[0], lab((GROUNDS[theme],))[0]) < 6


@pytest.mark.parametrize("vision", MACHADO)
def test_the_two_colours_of_charts_differ_and_stand_out_on_both_grounds(vision: str) -> None:
    assert closest((ACCENT, CONTRAST), vision) > 3 * APART
    for ground in GROUNDS.values():
        # WCAG 2.2, section 1.4.11: graphical objects.
        assert min(contrast(colour, ground) for colour in (ACCENT, CONTRAST)) >= 3


@pytest.mark.parametrize("vision", MACHADO)
def test_maps_over_photos_grow_lighter_steadily(vision: str) -> None:
    steps = np.diff(lab(GLOW, vision)[:, 0])
    assert (steps > NOTICEABLE).all(), steps
    assert steps.max() < 4 * steps.min(), steps
    assert closest(GLOW, vision) > APART


@pytest.mark.parametrize("vision", MACHADO)
@pytest.mark.parametrize("theme", THEMES)
def test_every_two_series_of_a_chart_can_be_told_apart(theme: str, vision: str) -> None:
    assert closest(tuple(THEMES[theme]["chartCategoricalColors"]), vision) > APART


@pytest.mark.parametrize("theme", THEMES)
def test_heads_wear_the_colours_of_the_themes_series(theme: str) -> None:
    """Which are held apart, above, and stand out from the ground, below."""
    assert list(HEADS[theme]) == THEMES[theme]["chartCategoricalColors"]  # type: ignore[index]


@pytest.mark.parametrize("theme", THEMES)
def test_what_the_theme_draws_stands_out_from_its_grounds(theme: str) -> None:
    colours = THEMES[theme]
    for ground in (colours["backgroundColor"], colours["secondaryBackgroundColor"]):
        # WCAG 2.2: words 7 (1.4.6), links and what is chosen 4.5 (1.4.3), series 3 (1.4.11).
        assert contrast(colours["textColor"], ground) >= 7
        assert contrast(colours["linkColor"], ground) >= 4.5
        assert contrast(colours["primaryColor"], ground) >= 4.5
    ground = colours["backgroundColor"]
    assert min(contrast(series, ground) for series in colours["chartCategoricalColors"]) >= 3
