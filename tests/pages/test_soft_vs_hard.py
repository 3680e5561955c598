"""The page on soft and hard attention: every control at its ends, and the words that follow."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.attention import scaled_dot_product_attention
from core.draws import gumbel_noise
from core.hard_attention import KINDS, weights_of
from core.key_settings import METHODS, KeySettings
from core.key_training import advance, begin
from pages._shared import soft_hard_charts, soft_vs_hard_work
from pages._shared.drawing import Mark
from pages._shared.matrix import Choice
from pages._shared.soft_hard_controls import METHOD_NAMES
from pages._shared.soft_hard_curves import MEASURES, curves_frame
from pages._shared.soft_hard_scene import ROWS
from pages._shared.soft_hard_sweeps import SMOOTH, jumps
from pages._shared.soft_hard_toys import RANDOM, TOYS, load_toy
from pages._shared.soft_hard_training import HEADINGS, TRAINER, results
from pages._shared.soft_hard_training_work import training_program
from pages._shared.soft_hard_words import kind_name, lines_of, small, what_each_takes
from pages._shared.soft_vs_hard_state import (
    DRAWS,
    GRADIENTS,
    N_DRAWS,
    NAME,
    PICTURES,
    RATES,
    STEPS,
    STORE,
    TAUS,
    TRAINING,
    HardState,
    see,
)
from pages._shared.training import Trained
from pages._shared.words import number
from tests.pages.app import (
    ask,
    board,
    component,
    components,
    html,
    matrices,
    named,
    open_in,
    open_page,
    press,
    session_of,
    spoken,
    sums,
    tools,
    trigger,
)
from tests.pages.programs import code_in, run_programs

FILE = "pages/soft_vs_hard.py"


@pytest.fixture
def page() -> AppTest:
    app = open_page(FILE).run()
    assert not app.exception
    return app


def open_with(**changes: object) -> AppTest:
    """Open the page as a reader who had done something before."""
    return open_in(STORE, replace(HardState.start(), **changes))  # type: ignore[arg-type]


def check_board(app: AppTest, state: HardState) -> None:
    """The board shows what core computes from this state."""
    shown = matrices(app)
    attention = scaled_dot_product_attention(state.query, state.key, state.value)
    logits = attention.logits[0] / state.temperature
    noise = gumbel_noise(state.n_draws, 8, state.draw_seed)[:, : len(state.tokens)]
    for kind in KINDS:
        expected = weights_of(kind, logits, noise[0], state.tau)
        np.testing.assert_allclose(shown["weights"][ROWS.index(kind)], expected)
    choices = (logits + noise).argmax(axis=1)
    shares = np.bincount(choices, minlength=len(logits)) / state.n_draws
    np.testing.assert_allclose(shown["weights"][1], shares)
    np.testing.assert_allclose(shown["output"], shown["weights"] @ state.value, atol=1e-12)
    np.testing.assert_allclose(shown["scaled"], attention.logits)


def test_the_page_starts_at_a_fork_where_the_kinds_part(page: AppTest) -> None:
    check_board(page, HardState.start())
    said = sums(page).texts["said"]
    assert said[0] == (
        "Soft reads “left” (0.48), “right” (0.42) and “ahead” (0.09). Argmax takes “left” alone, "
        "the sample “right”."
    )
    assert re.fullmatch(
        r"After 1,000 draws the frequencies lie 0\.022 from the soft weights; 0\.024 is to be "
        r"expected, and a tenth of that after 100,000\.",
        said[1],
    )
    assert tools(page)["note"] == load_toy(TOYS[0], 0).note
    assert board(page)["chosen"] == {"kind": 0, "key": 0}
    assert component(page, "drawing")["text"].endswith(said[1])


@pytest.mark.parametrize("preset", TOYS)
def test_every_preset_is_shown(page: AppTest, preset: str) -> None:
    page.selectbox(key=f"{NAME}.preset").set_value(preset).run()
    assert not page.exception
    check_board(page, HardState.load(preset))
    if preset == RANDOM:
        named(page.number_input, f"{NAME}.seed").set_value(9999).run()
        assert not page.exception
        check_board(page, HardState.load(RANDOM, 9999))


@pytest.mark.parametrize(
    ("temperature", "tau", "n_draws"), [*product((0.1, 10.0), (TAUS[0], TAUS[-1]), (1, 10_000))]
)
def test_every_slider_at_its_ends(
    page: AppTest, temperature: float, tau: float, n_draws: int
) -> None:
    page.select_slider(key=f"{NAME}.temperature").set_value(temperature)
    page.select_slider(key=f"{NAME}.tau").set_value(tau)
    page.select_slider(key=f"{NAME}.n_draws").set_value(n_draws)
    named(page.number_input, f"{NAME}.draw_seed").set_value(9999)
    for picture in (DRAWS, GRADIENTS):
        press(page, f"{NAME}.picture", picture)
        assert not page.exception
        check_board(
            page,
            replace(
                HardState.start(),
                temperature=temperature,
                tau=tau,
                n_draws=n_draws,
                draw_seed=9999,
            ),
        )


@pytest.mark.parametrize(
    "text", ["a b", "one two three four five six seven eight", "right left", "<b>x</b> **y** 猫"]
)
def test_keys_are_renamed_added_and_removed(page: AppTest, text: str) -> None:
    named(page.text_input, f"{NAME}.tokens").set_value(text).run()
    assert not page.exception
    state = HardState.start().renamed(tuple(text.split()))
    check_board(page, state)
    assert tools(page)["note"] == ""


def test_a_key_that_stays_keeps_its_numbers(page: AppTest) -> None:
    before = matrices(page)
    named(page.text_input, f"{NAME}.tokens").set_value("right ahead new").run()
    after = matrices(page)
    np.testing.assert_array_equal(after["key"][:2], before["key"][[1, 2]])
    np.testing.assert_array_equal(after["value"][:2], before["value"][[1, 2]])
    # What comes back has the numbers that it had in the toy.
    named(page.text_input, f"{NAME}.tokens").set_value("left right ahead new").run()
    np.testing.assert_array_equal(matrices(page)["key"][0], before["key"][0])


@pytest.mark.parametrize("text", ["", "alone", "a b c d e f g h i", f"x {'y' * 25}"])
def test_what_cannot_be_keys_is_said(page: AppTest, text: str) -> None:
    named(page.text_input, f"{NAME}.tokens").set_value(text).run()
    assert not page.exception
    assert "The board still shows the keys before." in page.warning[0].value
    check_board(page, HardState.start())


@pytest.mark.parametrize(("row", "picture"), [*product(range(6), (DRAWS, GRADIENTS))])
def test_every_row_has_its_arithmetic(row: int, picture: str) -> None:
    app = open_with(row=row, chosen_key=1, picture=picture, temperature=0.5)
    scene = see(replace(HardState.start(), row=row, chosen_key=1, temperature=0.5))
    lines = sums(app).texts["line"]
    text = " ".join(lines)
    weight = f"{scene.weights[row, 1]:.4f}" if row in (0, 1, 4) else f"{scene.weights[row, 1]:.0f}"
    assert weight in text
    assert lines[-1 if picture == DRAWS else 4 if row < 3 else -2].startswith("output") or any(
        line.startswith("output = ") for line in lines
    )
    assert ("gradient" in text) == (picture == GRADIENTS)
    if picture == GRADIENTS:
        here = see(
            replace(HardState.start(), row=row, chosen_key=1, temperature=0.5, picture=GRADIENTS)
        ).here
        kind = ROWS[row] if ROWS[row] in here else "soft"
        shown = f"{here[kind].gradient[0]:.2f}".replace("-", "−")
        assert shown in text or kind in ("argmax", "sample")


def test_straight_through_is_said_to_disagree_with_itself() -> None:
    app = open_with(row=5, chosen_key=1, picture=GRADIENTS)
    assert sums(app).texts["said"][1] == (
        "Straight-through, by the scaled score of “right”: autograd says 0.80, the finite "
        "difference 0.00. They disagree on purpose: forwards it is a step, backwards it pretends "
        "to be Gumbel-softmax."
    )


def test_large_numbers_are_no_trouble() -> None:
    for value in (9.0, -9.0, 0.0):
        app = open_with(
            query=np.full((1, 2), value), key=np.full((4, 2), 9.0), picture=GRADIENTS, row=4
        )
        check_board(
            app, replace(HardState.start(), query=np.full((1, 2), value), key=np.full((4, 2), 9.0))
        )
        assert not app.exception


def test_choosing_takes_over_only_what_there_is() -> None:
    start = HardState.start()
    assert start.chosen(Choice("weights", 4, 2)).row == 4
    assert start.chosen(Choice("scaled", 0, 3)).chosen_key == 3
    output = start.chosen(Choice("output", 2, 1))
    assert (output.row, output.coordinate) == (2, 1)
    assert start.chosen(Choice("key", 1, 1)) is start


def test_the_chosen_key_goes_where_it_went() -> None:
    state = replace(HardState.start(), chosen_key=2).renamed(("ahead", "left", "right", "back"))
    assert state.chosen_key == 0
    assert state.renamed(("left", "right")).chosen_key == 0


# ---- pictures


def texts(marks: Sequence[Mark]) -> list[str]:
    return [mark.text for mark in marks if mark.tag == "text"]


def points(mark: Mark) -> list[tuple[float, float]]:
    """Return the corners of a line in pixels."""
    pairs = (pair.split() for pair in str(mark.attributes["d"]).removeprefix("M").split("L"))
    return [(float(x), float(y)) for x, y in pairs]


def test_the_picture_of_the_draws_has_the_numbers_of_the_board() -> None:
    scene = see(HardState.start())
    marks, (width, height) = soft_hard_charts.draws_picture(scene)
    said = texts(marks)
    assert [text for text in said if text in scene.state.tokens] == list(scene.state.tokens)
    assert {number(share, 3) for share in scene.draws.frequencies} <= set(said)
    bars = [mark for mark in marks if mark.tag == "rect"][::2]
    widths = np.array([float(bar.attributes["width"]) for bar in bars])
    np.testing.assert_allclose(widths / widths.sum(), scene.weights[1], atol=1e-3)
    assert all(0 <= x <= width and 0 <= y <= height for m in marks[-2:] for x, y in points(m))


def test_a_long_name_is_cut_in_the_picture_alone() -> None:
    scene = see(replace(HardState.start(), tokens=("x" * 24, "right", "ahead", "back")))
    assert "xxxxxxxxxxx…" in texts(soft_hard_charts.draws_picture(scene)[0])


@pytest.mark.parametrize(("word", "most"), [("W" * 24, 6), ("漢" * 24, 6), ("i" * 24, 12)])
def test_broad_letters_take_more_room_in_the_picture(word: str, most: int) -> None:
    scene = see(replace(HardState.start(), tokens=(word, "right", "ahead", "back")))
    (cut,) = (text for text in texts(soft_hard_charts.draws_picture(scene)[0]) if "…" in text)
    assert word.startswith(cut[:-1])
    assert len(cut) <= most


# ---- words


@pytest.mark.parametrize("preset", TOYS)
def test_a_note_goes_where_another_temperature_makes_it_untrue(preset: str) -> None:
    state = HardState.load(preset)
    assert state.note
    always = preset in ("A tie", RANDOM)
    assert bool(replace(state, temperature=10.0).note) == always
    assert bool(replace(state, temperature=0.1).note) == always


def test_a_tie_is_said_where_argmax_decides_it() -> None:
    lines = sums(open_in(STORE, replace(HardState.load("A tie"), row=2, chosen_key=1))).texts
    assert (
        "the largest of (1.41, 1.41, −0.35) is 1.41, which 2 keys have, and the first of them "
        "takes all: weight = 0" in lines["line"]
    )


def test_two_keys_of_one_name_are_two_keys() -> None:
    state = HardState.start()
    said = what_each_takes(see(replace(state, tokens=("it", "it", "ahead", "back"))))
    assert said.endswith("Argmax takes “it” alone, the sample another “it”.")


def test_keys_that_are_read_alike_are_all_named() -> None:
    said = what_each_takes(see(HardState.load("One against many")))
    assert all(f"“{name}” (0.10)" in said for name in "bcdefgh")


def test_the_distance_of_the_draws_is_written_out() -> None:
    scene = see(replace(HardState.start(), row=1, n_draws=100))
    (line,) = (line for line in lines_of(scene) if line.startswith("distance"))
    pairs = re.findall(r"\(([\d.]+) − ([\d.]+)\)²", line)
    shares, weights = np.array(pairs, dtype=float).T
    np.testing.assert_allclose(shares, scene.draws.frequencies, atol=6e-4)
    np.testing.assert_allclose(weights, scene.weights[0], atol=6e-4)
    assert line.endswith(f" = {small(float(np.sqrt(((shares - weights) ** 2).sum())))}")


@pytest.mark.parametrize("temperature", [0.5, 1.0, 10.0])
def test_what_reinforce_is_said_to_be_is_what_is_computed(temperature: float) -> None:
    state = replace(HardState.start(), row=3, chosen_key=1, picture=GRADIENTS, n_draws=10_000)
    scene = see(replace(state, temperature=temperature))
    (line,) = (line for line in lines_of(scene) if line.startswith("REINFORCE"))
    said = re.search(r"= (\S+); the mean's true gradient = (\S+)$", line)
    assert said
    assert (" / " in line) == (temperature != 1.0)
    drawn = scene.draws.choices == 1
    each = state.value[scene.draws.choices, 0] * (drawn - scene.weights[0, 1])
    expected = each.mean() / temperature
    estimate, true = (float(text.replace("−", "-")) for text in said.groups())
    assert estimate == pytest.approx(expected, abs=0.0051)
    assert estimate == pytest.approx(true, abs=0.1)


def test_an_error_of_nothing_leaves_a_gap() -> None:
    sure = see(replace(HardState.load("A clear winner"), temperature=0.1))
    marks = soft_hard_charts.draws_picture(sure)[0]
    assert marks[-1].attributes["d"] == "", "what rounding leaves is drawn as an error"


@pytest.mark.parametrize("row", range(len(ROWS)))
def test_the_gradient_of_every_kind_stands_below_its_lines(row: int) -> None:
    scene = see(replace(HardState.start(), picture=GRADIENTS, row=row, chosen_key=1))
    marks, (_, height) = soft_hard_charts.sweep_picture(scene)
    said = texts(marks)
    table = said[said.index("Soft") :]
    for place, kind in enumerate(KINDS):
        here = scene.here[kind]
        numbers = [small(float(each[0])) for each in (here.gradient, here.difference)]
        assert table[3 * place : 3 * place + 3] == [kind_name(kind), *numbers]
    assert "scaled score of “right”" in said
    assert max(float(mark.attributes["y"]) for mark in marks if mark.tag == "text") < height
    # Outputs, gradients, and the swatches; the thickest is that of the chosen row.
    lines = [mark.attributes for mark in marks if mark.tag == "path"]
    thick = [line["stroke"] for line in lines if line["stroke-width"] == 3.5]
    kind = soft_hard_charts.chosen_kind(scene)
    assert thick == [soft_hard_charts.COLOUR_OF[kind]] * 3


def test_a_step_jumps_and_a_slope_never_does() -> None:
    # So sharp that between two places of the sweep Gumbel-softmax is all but a step.
    state = replace(HardState.start(), picture=GRADIENTS, tau=0.01, temperature=0.1)
    scene = see(state)
    for kind, sweep in scene.sweeps.items():
        assert jumps(kind, sweep).sum() == (0 if kind in SMOOTH else 1), kind
        if kind in SMOOTH:
            np.testing.assert_allclose(sweep.difference, sweep.gradient, rtol=1e-3, atol=1e-6)
    limit = soft_hard_charts.gradient_limit(scene)
    assert all(np.abs(sweep.gradient).max() <= limit for sweep in scene.sweeps.values())


def test_a_tie_says_that_it_jumps() -> None:
    scene = see(replace(HardState.load("A tie"), picture=GRADIENTS, row=2, chosen_key=1))
    assert "a jump" in texts(soft_hard_charts.sweep_picture(scene)[0])


@pytest.mark.parametrize("n", N_DRAWS)
def test_the_error_is_said_at_every_number_of_draws(n: int) -> None:
    app = open_with(n_draws=n)
    assert (
        sums(app).texts["said"][1].startswith("After 1 draw " if n == 1 else f"After {n:,} draws ")
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00"),
        (3e-8, "0.00"),
        (0.25, "0.25"),
        (0.0951, "0.10"),
        (0.0246, "0.025"),
        (-0.0021, "−0.0021"),
        (1.9e-5, "0.000019"),
    ],
)
def test_small_numbers_keep_two_digits(value: float, text: str) -> None:
    assert small(value) == text


# ---- the work


def test_both_programs_print_the_numbers_on_the_screen() -> None:
    state = replace(HardState.load("A tie"), temperature=0.7, tau=0.2, chosen_key=1, row=5)
    scene = see(replace(state, picture=GRADIENTS))
    work = soft_vs_hard_work.work_of(scene)
    assert work.numpy is not None
    assert work.torch is not None
    numpy_run, torch_run = run_programs([work.numpy(), work.torch()])
    assert not numpy_run.warned + torch_run.warned
    text = re.sub(r"[\[\]a-z]", " ", numpy_run.printed)
    printed = np.array(text.split(), dtype=float)
    np.testing.assert_allclose(
        printed, np.concatenate([scene.weights.ravel(), scene.output.ravel()]), atol=6e-5
    )
    gradients = re.findall(r"scaled score of blue: (-?[\d.]+)", torch_run.printed)
    expected = [scene.here[kind].gradient[0] for kind in KINDS]
    np.testing.assert_allclose(np.array(gradients, dtype=float), expected, atol=6e-5)


@pytest.mark.parametrize("row", range(6))
def test_the_code_that_ran_is_that_of_the_chosen_row(row: int) -> None:
    app = open_with(row=row, picture=GRADIENTS)
    press(app, f"{NAME}.work", "The code that ran")
    assert not app.exception
    code = app.code[0].value
    assert "def weights_of(" in code
    assert ("def pile_up(" in code) == (row == 1)
    assert "def sweep_logit(" in code


# ---- training


def tick(app: AppTest, act: str) -> AppTest:
    """Ask as the browser does."""
    data = component(app, "training")
    trigger(app, "training", "act", {"act": act, "serial": data["serial"]})
    assert not app.exception
    return app


def trained_in(app: AppTest) -> Trained[KeySettings, object]:
    with session_of(app):
        kept = TRAINER.trained
    assert kept is not None
    return kept


def table(app: AppTest) -> str:
    (body,) = (body for body in html(app) if "<table>" in body)
    return body


def test_training_is_seen_as_it_goes() -> None:
    app = open_with(picture=TRAINING, training=KeySettings(n_steps=50, n_repeat=2))
    assert component(app, "training")["state"] == "new"
    assert [name for name, _ in components(app) if name == "matrix_board"] == []
    tick(app, "start")
    assert component(app, "training")["running"]
    assert "not yet" in table(app)
    steps = [0]
    while component(app, "training")["running"]:
        tick(app, "tick")
        steps.append(component(app, "training")["done"])
    assert steps[-1] == 50
    assert steps == sorted(steps)
    assert len(spoken(app)) == len(MEASURES)
    for heading in (*HEADINGS, *METHOD_NAMES.values()):
        assert heading in table(app)
    assert "measured at step 50" in table(app)
    frame = curves_frame(trained_in(app).run)  # type: ignore[arg-type]
    assert len(frame) == 6 * len(METHODS)
    assert (frame["found_low"] <= frame["found"]).all()
    assert matrices(app)["sentence"].sum(axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    with session_of(app):
        rows = results(trained_in(app))  # type: ignore[arg-type]
    for row in rows:
        for cell in row:
            assert cell in table(app)
    assert tools(app)["linkNote"] == "What was trained stays here; the link has its settings."


def test_stopping_and_leaving_keep_what_was_learned() -> None:
    app = open_with(picture=TRAINING, training=KeySettings(("soft",), n_steps=1_000))
    tick(tick(app, "start"), "tick")
    tick(app, "stop")
    step = component(app, "training")["done"]
    assert 0 < step < 1_000
    assert component(app, "training")["state"] == "begun"
    press(app, f"{NAME}.picture", DRAWS)
    assert not [name for name, _ in components(app) if name == "training"]
    press(app, f"{NAME}.picture", TRAINING)
    assert component(app, "training")["done"] == step
    tick(app, "start")
    tick(app, "tick")
    assert component(app, "training")["done"] > step
    # While something trains, it is to be seen, and goes on, beside the other pictures.
    press(app, f"{NAME}.picture", GRADIENTS)
    step = component(app, "training")["done"]
    tick(app, "tick")
    assert component(app, "training")["done"] > step


def test_other_settings_are_said_and_begin_anew() -> None:
    app = open_with(picture=TRAINING, training=KeySettings(("soft",), n_steps=50))
    tick(tick(app, "start"), "stop")
    app.select_slider(key=f"{NAME}.learning_rate").set_value(0.03).run()
    assert component(app, "training")["state"] == "other"
    tick(app, "start")
    assert trained_in(app).settings.learning_rate == 0.03


@pytest.mark.parametrize("end", [0, -1])
def test_every_control_of_training_at_its_ends(end: int) -> None:
    app = open_with(picture=TRAINING)
    ends = {"n_steps": STEPS, "learning_rate": RATES, "n_repeat": (1, 5), "train_tau": TAUS}
    for name, options in ends.items():
        app.select_slider(key=f"{NAME}.{name}").set_value(options[end])
    named(app.number_input, f"{NAME}.train_seed").set_value(9999 if end else 0)
    app.button_group(key=f"{NAME}.methods").set_value([METHODS[end]]).run()
    assert not app.exception
    with session_of(app):
        settings = STORE.current.training
    assert settings.methods == (METHODS[end],)
    assert settings.n_repeat == (5 if end else 1)
    tick(tick(app, "start"), "tick")
    assert trained_in(app).settings == settings


def test_training_nothing_is_refused_in_words() -> None:
    app = open_with(picture=TRAINING)
    app.button_group(key=f"{NAME}.methods").set_value([]).run()
    assert not app.exception
    assert app.warning[0].value.startswith("Choose at least one method.")
    with session_of(app):
        assert STORE.current.training.methods == METHODS


def test_two_sessions_share_nothing() -> None:
    apps = [
        open_with(picture=TRAINING, training=KeySettings(("gumbel",), n_steps=50, seed=seed))
        for seed in (1, 2, 1)
    ]
    for app in apps:
        tick(app, "start")
    while any(component(app, "training")["running"] for app in apps):
        for app in apps:
            tick(app, "tick")
    first, second, third = (trained_in(app).run.curve[-1] for app in apps)  # type: ignore[attr-defined]
    np.testing.assert_array_equal(first.loss, third.loss)
    assert not np.array_equal(first.loss, second.loss)


def test_every_picture_is_named() -> None:
    assert PICTURES == (DRAWS, GRADIENTS, TRAINING)


def test_the_program_trains_as_the_page_does() -> None:
    settings = KeySettings(n_steps=120, seed=3, n_repeat=2)
    (run,) = run_programs([training_program(settings)])
    assert not run.warned
    trained = advance(begin(settings), 120)
    expected = [
        f"{method}: finds the key in {100 * shares.mean():.0f}% of the sentences"
        for method, shares in zip(METHODS, trained.curve[-1].found, strict=True)
    ]
    assert run.printed.splitlines() == expected


def test_the_work_of_the_training_is_made_on_demand() -> None:
    app = open_with(picture=TRAINING, training=KeySettings(("soft", "plain"), n_steps=50))
    press(app, f"{NAME}.training.work", "In numbers")
    assert sums(app).texts["line"] == ["Nothing is trained yet."]
    tick(tick(app, "start"), "stop")
    app.run()
    bodies = [body for body in html(app) if "class='line'" in body]
    assert bodies[0].count("weight of the wanted key") == 2
    press(app, f"{NAME}.training.work", "PyTorch")
    assert "torch.optim.Adam" in app.code[0].value
    press(app, f"{NAME}.training.work", "The code that ran")
    assert "def loss_of(" in app.code[0].value


def test_what_was_measured_can_be_taken_along() -> None:
    app = open_with(picture=TRAINING, training=KeySettings(("soft", "plain"), 50, n_repeat=2))
    tick(app, "start")
    while component(app, "training")["running"]:
        tick(app, "tick")
    reply = ask(app, {"id": "1", "what": "npz", "address": ""})
    with np.load(io.BytesIO(base64.b64decode(reply["file"]["content"]))) as arrays:
        # Few tables, each to be read at a glance: a row a step, a column a method and seed.
        assert arrays["training_found"].shape == (6, 4)
        last = trained_in(app).run.curve[-1]  # type: ignore[attr-defined]
        np.testing.assert_array_equal(arrays["training_loss"][-1], last.loss.ravel())
        np.testing.assert_array_equal(arrays["training_variance"][-1], last.variance)
        about = json.loads(str(arrays["about"]))
    assert "Find the key after 50 steps: Soft (blue), REINFORCE without (pink); " in json.dumps(
        about
    )
    assert "2 repeats from seed 0" in json.dumps(about)
    reply = ask(app, {"id": "2", "what": "notebook", "address": ""})
    cells = code_in(base64.b64decode(reply["file"]["content"]).decode())
    assert cells[-1].strip() == training_program(trained_in(app).settings).strip()
