"""The work behind the page on soft and hard attention, and what can be taken along from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attention import scaled_dot_product_attention
from core.draws import expected_error, gumbel_noise, pile_up
from core.hard_attention import GUMBEL, SAMPLE, STRAIGHT, draw_keys, gumbel_softmax, weights_of
from core.key_settings import GUMBEL_METHOD, KeySettings
from core.notebook import Code, Markdown, notebook
from core.softmax import softmax
from pages._shared.files import About, Table, Tabular
from pages._shared.matrix import Axis, Matrix
from pages._shared.soft_hard_board import row_name, rows_of
from pages._shared.soft_hard_controls import COLOUR_NAMES, METHOD_NAMES
from pages._shared.soft_hard_programs import notebook_cells, numpy_program, torch_program
from pages._shared.soft_hard_scene import FREQUENCIES, GRADIENTS, ROWS, TRAINING, Scene, see
from pages._shared.soft_hard_toys import RANDOM
from pages._shared.soft_hard_training import TRAINER
from pages._shared.soft_hard_training_work import training_program
from pages._shared.soft_hard_words import (
    gradient_here,
    how_far_off,
    lines_of,
    what_each_takes,
)
from pages._shared.soft_vs_hard_state import STORE
from pages._shared.take import Takeaway
from pages._shared.training import Trained
from pages._shared.words import what_it_reads
from pages._shared.work import Work

if TYPE_CHECKING:
    from core.key_training import KeyRun


def work_of(scene: Scene) -> Work:
    """Return the arithmetic of the chosen weight, the programs and the source."""
    state, row = scene.state, ROWS[scene.state.row]
    about = gradient_here(scene) if state.picture == GRADIENTS else how_far_off(scene)
    key, name = state.tokens[state.chosen_key], row_name(row)
    return Work(
        heading=f"The arithmetic behind “{key}” in the row “{name}”",
        lines=lambda: lines_of(scene),
        numpy=lambda: numpy_program(scene),
        torch=lambda: torch_program(scene),
        functions=lambda: functions_of(scene),
        said=(what_each_takes(scene), about),
        unseen=[
            f"Row {row_name(each)}: {what_it_reads('query', state.tokens, weights)}"
            for each, weights in zip(ROWS, scene.weights, strict=True)
        ],
    )


def functions_of(scene: Scene) -> tuple[Callable[..., Any], ...]:
    """Return the functions behind the chosen row."""
    row = ROWS[scene.state.row]
    functions: list[Callable[..., Any]] = [weights_of]
    if row == FREQUENCIES:
        functions += [pile_up, expected_error]
    if row in (FREQUENCIES, SAMPLE, STRAIGHT):
        functions += [draw_keys, gumbel_noise]
    if row == GUMBEL:
        functions += [gumbel_softmax, gumbel_noise]
    if scene.state.picture == GRADIENTS:
        from core.hard_gradients import sweep_logit, torch_weights

        functions += [torch_weights, sweep_logit]
    return (*functions, softmax, scaled_dot_product_attention)


def take_arrays() -> dict[str, Tabular]:
    """Return every matrix on the page by name, and what its pictures are drawn from."""
    scene = see(STORE.current)
    parts = (part for row in rows_of(scene) for part in row)
    arrays: dict[str, Tabular] = {part.id: part for part in parts if isinstance(part, Matrix)}
    arrays["errors"] = _errors(scene)
    for kind, sweep in scene.sweeps.items():
        columns = ("scaled score", "output", "autograd", "finite difference")
        values = np.stack([sweep.places, sweep.output, sweep.gradient, sweep.difference], axis=-1)
        arrays[f"sweep_{kind}"] = _table(values, "place", columns)
    trained = TRAINER.trained
    if trained is not None:
        arrays |= _curves(trained.run)
    return arrays


def _curves(run: KeyRun) -> dict[str, Tabular]:
    """Return what was measured while training: a row a step, a column a method and seed."""
    steps = Axis("step", tuple(str(point.step) for point in run.curve))
    methods, seeds = run.settings.methods, run.settings.seeds
    runs = Axis("run", tuple(f"{method} seed {seed}" for method in methods for seed in seeds))
    curves: dict[str, Tabular] = {
        f"training_{measure}": Table(
            np.array([getattr(point, measure).ravel() for point in run.curve]), (steps, runs)
        )
        for measure in ("found", "loss", "entropy")
    }
    # Of the first repeat, and NaN at steps where it was not measured.
    scattered = np.array([point.variance for point in run.curve])
    return curves | {"training_variance": Table(scattered, (steps, Axis("method", methods)))}


def _errors(scene: Scene) -> Table:
    sizes = scene.draws.sizes
    expected = expected_error(scene.weights[0], sizes)
    values = np.stack([sizes.astype(float), scene.draws.errors, expected], axis=-1)
    return _table(values, "size", ("draws", "error", "expected"))


def _table(values: NDArray[np.float64], rows: str, columns: tuple[str, ...]) -> Table:
    labels = tuple(str(index + 1) for index in range(len(values)))
    return Table(values, (Axis(rows, labels), Axis("measure", columns)))


def take_notebook() -> str:
    """Return a notebook that computes what is on the page, one step at a time."""
    cells = notebook_cells(see(STORE.current))
    trained = TRAINER.trained
    if trained is not None:
        cells.append(Markdown("**Training**, from the beginning. It takes a while."))
        cells.append(Code(training_program(trained.settings)))
    return notebook(cells)


def take_about() -> About:
    """Return what files and pictures say about themselves."""
    state, trained = STORE.current, TRAINER.trained
    training = [] if trained is None else [_how_trained(trained)]
    if state.picture == TRAINING and training:
        return About(page="Soft vs hard", state=training[0])
    seed = f", seed {state.seed}" if state.preset == RANDOM else ""
    edited = "" if state.untouched else ", edited"
    parts = [
        f"{state.preset}{seed}{edited}",
        f"temperature {state.temperature:g}",
        f"τ {state.tau:g}",
        f"{state.n_draws:,} draws with seed {state.draw_seed}",
    ]
    return About(page="Soft vs hard", state=" · ".join(parts + training))


def _how_trained(trained: Trained[KeySettings, KeyRun]) -> str:
    """Say of a training how it was done, and how far it has come."""
    settings, step = trained.settings, trained.run.step
    # A curve that is taken along has no other legend.
    methods = ", ".join(f"{METHOD_NAMES[each]} ({COLOUR_NAMES[each]})" for each in settings.methods)
    repeats = f", {settings.n_repeat} repeats from" if settings.n_repeat > 1 else ","
    tau = f", τ {settings.tau:g}" if GUMBEL_METHOD in settings.methods else ""
    return (
        f"Find the key after {step:,} steps: {methods}; learning rate "
        f"{settings.learning_rate:g}{repeats} seed {settings.seed}{tau}"
    )


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)
