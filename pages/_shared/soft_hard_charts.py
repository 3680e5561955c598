"""Pictures of draws that pile up, and of outputs that follow a score, or jump."""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.draws import expected_error
from core.hard_attention import KINDS, SOFT, STRAIGHT
from pages._shared.drawing import Mark, Scale, box, dots, frame, path, words
from pages._shared.matrix import nice_limit
from pages._shared.palette import ACCENT, CONTRAST
from pages._shared.soft_hard_scene import FREQUENCIES, ROWS, Scene
from pages._shared.soft_hard_sweeps import jumps, sweep_limit
from pages._shared.soft_hard_words import NOTHING, kind_name, small
from pages._shared.words import number

FloatArray = NDArray[np.float64]
Size = tuple[int, int]

# Told apart by protanopes, deuteranopes and tritanopes, and legible on either ground.
COLOUR_OF: Final = dict(
    zip(KINDS, (ACCENT, "#8a8f98", "#c75b9b", CONTRAST, "#2f9e77"), strict=True)
)
# It fits on a telephone.
_WIDTH: Final = 340
_LEFT, _RIGHT = 52, 328
_HEIGHT: Final = 160
_TOP: Final = 32
_ROW: Final = 24
_NAMES: Final = 86
# Room for a name, in pixels; a letter takes about so many, and a broad one these.
_NAME_ROOM: Final = 78.0
_LETTER, _CAPITAL, _BROAD = 6.2, 8.5, 12.0
_EVERY: Final = 3
# Gradients up to here share a scale, so that it stays still while a number is dragged.
_ROOM: Final = 1.25
_AUTOGRAD, _DIFFERENCE = 210, 318


# ---- draws


def draws_picture(scene: Scene) -> tuple[list[Mark], Size]:
    """Draw how often each key was drawn and, below, the error as the draws grow; and its size."""
    bottom = _TOP + _ROW * len(scene.state.tokens)
    top = bottom + 84
    marks = [*_frequencies(scene, bottom), *_errors(scene, top)]
    return marks, (_WIDTH, top + _HEIGHT + 42)


def _frequencies(scene: Scene, bottom: float) -> list[Mark]:
    """Draw frequencies as bars, with the soft weights as ticks across them."""
    across = Scale((0, 1), (_NAMES, _RIGHT - 40), {0: "0", 0.5: "0.5", 1: "1"})
    down = Scale((0, 1), (bottom, _TOP))
    marks = frame("Drawn (bars) and soft (ticks)", across, down, "share of the draws")
    soft = scene.weights[ROWS.index(SOFT)]
    rows = zip(scene.state.tokens, scene.draws.frequencies, soft, strict=True)
    for place, (token, share, weight) in enumerate(rows):
        y, end, tick = _TOP + _ROW * place, float(across(share)), float(across(weight))
        marks += [
            box(_NAMES, y + 5, end - _NAMES, _ROW - 10, ACCENT),
            box(tick - 1.5, y + 2, 3, _ROW - 4, CONTRAST),
            words(_shortened(token), _NAMES - 7, y + 16, "end"),
            words(number(share, 3), max(end, tick) + 7, y + 16),
        ]
    return marks


def _shortened(token: str) -> str:
    """Cut a name to what there is room for."""
    ends = np.cumsum([_breadth(letter) for letter in token])
    if ends[-1] <= _NAME_ROOM:
        return token
    return f"{token[: int((ends <= _NAME_ROOM - _LETTER).sum())]}…"


def _breadth(letter: str) -> float:
    if letter in "MWmw@%" or unicodedata.east_asian_width(letter) in "WF":
        return _BROAD
    return _CAPITAL if letter.isupper() else _LETTER


def _errors(scene: Scene, top: float) -> list[Mark]:
    """Draw the distance from the soft weights as the draws grow, on logarithmic scales."""
    x = Scale((1, 10_000), (_LEFT, _RIGHT - 8), {10**k: f"{10**k:,}" for k in range(5)}, log=True)
    y = Scale(
        (0.0005, 2),
        (top + _HEIGHT, top),
        {each: f"{each:g}" for each in (0.001, 0.01, 0.1, 1)},
        log=True,
    )
    sizes = scene.draws.sizes
    expected = expected_error(scene.weights[ROWS.index(SOFT)], sizes)
    marks = frame("Distance from soft; dashes: what is expected", x, y, "draws")
    lines = [_falling(x, y, sizes, expected, CONTRAST, "6 4")]
    lines += [_falling(x, y, sizes, scene.draws.errors, ACCENT, "none")]
    return [*marks, *lines]


def _falling(
    x: Scale, y: Scale, sizes: NDArray[np.int64], errors: FloatArray, colour: str, dashes: str
) -> Mark:
    # A logarithm has no place for 0, nor for what rounding leaves of it.
    some = errors > NOTHING
    return path(x(sizes[some]), y(errors[some]), colour, width=2.0, dashes=dashes)


# ---- gradients


def sweep_picture(scene: Scene) -> tuple[list[Mark], Size]:
    """Draw the output against the chosen key's score, its gradient below; and its size."""
    below = 2 * _TOP + _HEIGHT + 58
    table = below + _HEIGHT + 62
    marks = [*_outputs(scene, _TOP), *_gradients(scene, below), *_measured(scene, table)]
    return marks, (_WIDTH, table + 20 * len(KINDS) + 8)


def _outputs(scene: Scene, top: float) -> list[Mark]:
    """Draw a coordinate of the output against one key's scaled score."""
    x, y = _scores(scene), _centred(nice_limit(scene.state.value), top)
    title = f"Output {scene.state.coordinate + 1}; thick: the chosen row"
    marks = [*frame(title, x, y, _score_name(scene)), *_here(scene, x, y)]
    for kind in _chosen_last(scene):
        sweep = scene.sweeps[kind]
        marks.append(_line(scene, kind, x(sweep.places), y(sweep.output)))
    return marks


def _gradients(scene: Scene, top: float) -> list[Mark]:
    """Draw the gradients against one key's scaled score: autograd and difference."""
    x, y = _scores(scene), _centred(gradient_limit(scene), top)
    title = "Its gradient; ○ finite difference, ┊ a jump"
    marks = [*frame(title, x, y, _score_name(scene)), *_here(scene, x, y)]
    for kind in _chosen_last(scene):
        sweep = scene.sweeps[kind]
        marks.append(_line(scene, kind, x(sweep.places), y(sweep.gradient)))
    sweep = scene.sweeps[chosen_kind(scene)]
    jumping = jumps(chosen_kind(scene), sweep)
    for place in sweep.places[jumping]:
        marks.append(path([x(place)] * 2, y.pixels, width=2.0, dashes="2 3"))
    dotted = ~jumping & (np.arange(len(sweep.places)) % _EVERY == 0)
    marks.append(dots(x(sweep.places[dotted]), y(sweep.difference[dotted]), 3.2))
    return marks


def _measured(scene: Scene, top: float) -> list[Mark]:
    """Write each kind's gradient where the score is now; it is the legend too."""
    marks = [
        words("At the present score ▼", 0, top, bold=True),
        words("autograd", _AUTOGRAD, top, "end"),
        words("finite difference", _DIFFERENCE, top, "end"),
    ]
    for place, kind in enumerate(KINDS, start=1):
        here, y = scene.here[kind], top + 20 * place
        jumped = bool(jumps(kind, here)[0])
        bold = kind == chosen_kind(scene)
        difference = "a jump" if jumped else small(float(here.difference[0]))
        marks += [
            _line(scene, kind, np.array([0.0, 15.0]), np.array([y - 4.0] * 2)),
            words(kind_name(kind), 22, y, bold=bold),
            words(small(float(here.gradient[0])), _AUTOGRAD, y, "end", bold=bold),
            words(difference, _DIFFERENCE, y, "end", bold=bold),
        ]
    return marks


def chosen_kind(scene: Scene) -> str:
    """Return the kind of the chosen row; what many draws pile up to is soft."""
    row = ROWS[scene.state.row]
    return SOFT if row == FREQUENCIES else row


def gradient_limit(scene: Scene) -> float:
    """Return the end of the scale of gradients: the steepest has room on it."""
    steepest = max(np.abs(sweep.gradient).max() for sweep in scene.sweeps.values())
    power = 10.0 ** np.floor(np.log10(max(steepest * _ROOM, 0.1)))
    nice = (power * step for step in (1.0, 2.0, 5.0, 10.0) if power * step >= steepest * _ROOM)
    return float(next(nice))


def _chosen_last(scene: Scene) -> list[str]:
    return sorted(scene.sweeps, key=lambda kind: kind == chosen_kind(scene))


def _line(scene: Scene, kind: str, x: FloatArray, y: FloatArray) -> Mark:
    # Straight-through is a sample forwards and Gumbel-softmax backwards: both show through it.
    dashes = "6 5" if kind == STRAIGHT else "none"
    width = 3.5 if kind == chosen_kind(scene) else 1.8
    return path(x, y, COLOUR_OF[kind], width=width, dashes=dashes)


def _scores(scene: Scene) -> Scale:
    return _symmetric(sweep_limit(scene.scaled), (_LEFT, _RIGHT))


def _centred(limit: float, top: float) -> Scale:
    return _symmetric(limit, (top + _HEIGHT, top))


def _symmetric(limit: float, pixels: tuple[float, float]) -> Scale:
    ticks = {share * limit: number_of(share * limit) for share in (-1, -0.5, 0, 0.5, 1)}
    return Scale((-limit, limit), pixels, ticks)


def number_of(tick: float) -> str:
    """Write a round number with the digits that it has."""
    return f"{tick:g}".replace("-", "−")


def _score_name(scene: Scene) -> str:
    token = scene.state.tokens[scene.state.chosen_key]
    return f"scaled score of “{token}”"


def _here(scene: Scene, x: Scale, y: Scale) -> list[Mark]:
    """Mark where the score is now."""
    place, (bottom, top) = float(x(scene.scaled[scene.state.chosen_key])), y.pixels
    return [
        path([place] * 2, [bottom, top], width=1.0, opacity=0.45),
        words("▼", place, top + 1, "middle", size=9),
    ]
