"""The Vision Transformer's experiments: each answer against a computation of its own.

The oracles take queries and keys from a pass of the model made here, and use plain loops and
NumPy's own routines from there on.
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.vision_attention import Interventions, VisionAttention
from core.weight_edits import WeightEdit
from pages._shared import vision, vision_scene
from pages._shared.experiments import vision_answers, vision_measures
from pages._shared.experiments.vision_transformer import EXPERIMENTS, picked, see, start_state
from pages._shared.lesson import Answer, Choices, Experiment, Number, Place, find_answer
from pages._shared.picture_choice import find_picture
from pages._shared.vision import Picture, prepare_picture
from pages._shared.vision_scene import Scene
from pages._shared.vision_state import (
    ATTENTION,
    HIDE_PATCH,
    ROLLOUT,
    SALIENCY,
    Point,
    VisionState,
)

ROOT = Path(__file__).parents[2]
BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}
OTHER_PHOTOS = ("liberty.jpg", "minaret.jpg", "tabby.jpg")  # two upright, one that the cat fills
PHOTOS_HERE = ("cows.jpg", "koala.jpg", "macaw.jpg", "puppies.jpg", "kangaroo.jpg")
LAST = 11

Floats = NDArray[np.float64]


def run(photo: str, *hidden: int, edits: tuple[WeightEdit, ...] = ()) -> VisionAttention:
    """Return a pass of the model that goes through none of the page's caches."""
    from core.vit import forward

    pixels = find_picture(photo).pixels[vision.COARSE]
    changes = Interventions(hidden_patches=frozenset(hidden), weight_edits=edits)
    return forward(vision.load_model(), pixels, changes)


@cache
def passed(photo: str) -> VisionAttention:
    return run(photo)


def weights_of(attention: VisionAttention, layer: int) -> Floats:
    """Return softmax(q k / sqrt(64)) in double precision, (head, query, key)."""
    query, key = (array[layer].astype(np.float64) for array in (attention.query, attention.key))
    exponentials = np.exp(np.einsum("hqd,hkd->hqk", query, key) / 8)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def distance(weights: Floats, grid: tuple[int, int]) -> float:
    """Return one head's mean distance in patches, one query after the other."""
    total = weighted = 0.0
    for asking in range(grid[0] * grid[1]):
        row, column = divmod(asking, grid[1])
        of_query = weights[1 + asking, 1:].reshape(grid)
        for other_row in range(grid[0]):
            for other_column in range(grid[1]):
                weight = of_query[other_row, other_column]
                total += weight
                weighted += weight * math.hypot(row - other_row, column - other_column)
    return weighted / total


def stands_out(attention: VisionAttention) -> NDArray[np.bool_]:
    """Return per patch, (patch,), whether its 8 x 8 cells of saliency come to one half."""
    rows, columns = attention.grid
    return np.array(
        [
            attention.saliency[8 * row : 8 * row + 8, 8 * column : 8 * column + 8].mean() >= 0.5
            for row in range(rows)
            for column in range(columns)
        ]
    )


def rolled(attention: VisionAttention, start: int) -> Floats:
    """Return the class token's rollout, (patch,)."""
    product = np.eye(attention.n_tokens)
    for layer in range(start, 12):
        step = (weights_of(attention, layer).mean(axis=0) + np.eye(attention.n_tokens)) / 2
        product = step @ product
    return product[0, 1:]


def answered(name: str, **changes: object) -> tuple[Answer, VisionState]:
    """Return an experiment's answer under its set-up with changes, and the page before it."""
    experiment = BY_NAME[name]
    state = replace(experiment.set_up(start_state()), **changes)
    return find_answer(experiment, state, see), state


def percents(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"([\d.]+)%", text)]


def fits(experiment: Experiment[VisionState, Scene], answer: Answer) -> bool:
    """Whether an answer is of the kind that the question asks for."""
    ask, value = experiment.ask, answer.value
    if isinstance(ask, Choices):
        return type(value) is int and 0 <= value < len(ask.options)
    if isinstance(ask, Number):
        return ask.low <= value <= ask.high
    return type(value) is tuple and [type(part) for part in value] == [int, int]


def n_sentences(text: str) -> int:
    return len(re.findall(r"[.!?](?:\s|$)", text))


def a_picture(decoded: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch) -> Picture:
    """Put a reader's own picture on the page."""
    picture = prepare_picture(decoded, "the reader's own")
    monkeypatch.setattr(vision_scene, "find_picture", lambda _name: picture)
    return picture


class TestAll:
    @pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda one: one.name)
    def test_the_stated_answer_is_the_computed_one_and_spoiling_changes_it(
        self, experiment: Experiment[VisionState, Scene]
    ) -> None:
        state = experiment.set_up(start_state())
        right = find_answer(experiment, state, see)
        assert right.value == experiment.stated
        assert experiment.ask.grade(experiment.stated, right.value).right
        spoiled = find_answer(experiment, experiment.spoiled(state), see)
        assert not experiment.ask.grade(experiment.stated, spoiled.value).right

    @pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda one: one.name)
    def test_the_set_up_is_the_same_whatever_the_page_shows(
        self, experiment: Experiment[VisionState, Scene]
    ) -> None:
        moved = VisionState(
            "owl.jpg", SALIENCY, vision.FINE, 3, 2, 9, HIDE_PATCH, Point(1, 2, 3, 4), 5
        )
        assert experiment.set_up(moved) == experiment.set_up(start_state())
        assert experiment.set_up(moved).n_patches == vision.COARSE

    @pytest.mark.parametrize("photo", OTHER_PHOTOS)
    def test_other_photos_are_answered(self, photo: str) -> None:
        for experiment in EXPERIMENTS:
            state = replace(experiment.set_up(start_state()), photo=photo)
            answer = find_answer(experiment, state, see)
            assert fits(experiment, answer), experiment.name
            assert n_sentences(answer.because) == 2, answer.because
            assert "in this picture" in answer.because.lower()

    @pytest.mark.parametrize("kind", ["grey", "noise", "narrow"])
    def test_a_picture_of_the_readers_is_answered_or_refused_in_a_sentence(
        self, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        noise = np.random.default_rng(4).integers(0, 255, (300, 280, 3), dtype=np.uint8)
        made = {
            "grey": np.full((200, 300, 3), 128, np.uint8),
            "noise": noise,
            "narrow": noise[:, :20],
        }
        a_picture(made[kind], monkeypatch)
        for experiment in EXPERIMENTS:
            try:
                answer = find_answer(experiment, experiment.set_up(start_state()), see)
            except ValueError as error:
                assert n_sentences(str(error)) == 1
            else:
                assert fits(experiment, answer)
                assert not re.search(r"nan|inf\b", answer.because)

    def test_kinds_are_mixed_and_every_question_is_short(self) -> None:
        assert {type(experiment.ask) for experiment in EXPERIMENTS} == {Choices, Number, Place}
        assert len(BY_NAME) == len(EXPERIMENTS) <= 5
        for experiment in EXPERIMENTS:
            assert n_sentences(experiment.question) <= 2

    def test_the_experiments_are_listed_without_torch(self) -> None:
        code = (
            "import sys; from pages._shared.experiments.vision_transformer import EXPERIMENTS; "
            "assert EXPERIMENTS; print([m for m in ('torch', 'timm') if m in sys.modules])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "[]"


class TestNearestLayer:
    def test_the_distances_are_those_of_a_plain_loop(self) -> None:
        answer, state = answered("nearest-layer")
        attention = passed(state.photo)
        expected = [
            np.mean([distance(head, attention.grid) for head in weights_of(attention, layer)])
            for layer in (0, 1, 3, LAST)
        ]
        even = distance(np.ones((attention.n_tokens,) * 2), attention.grid)
        assert answer.value == np.argmin(expected)
        for layer, mean in zip((1, 2, 4, 12), expected, strict=True):
            assert f"{mean:.1f} in layer {layer}" in answer.because
        assert f"uniform weights would make it {even:.1f}" in answer.because

    @pytest.mark.parametrize("photo", [*PHOTOS_HERE[:1], *OTHER_PHOTOS])
    def test_most_heads_of_layer_1_read_far_across_the_picture(self, photo: str) -> None:
        # What the reason for not answering "Layer 1" says.
        scene = see(replace(start_state(), photo=photo))
        heads = vision_measures.head_distances(scene, 1)
        assert np.mean(heads > 0.75 * vision_measures.uniform_distance(scene)) > 0.6

    def test_the_page_then_shows_that_layer(self) -> None:
        state = BY_NAME["nearest-layer"].set_up(start_state())
        shown = BY_NAME["nearest-layer"].change(state)
        assert (shown.view, shown.layer, shown.point) == (ATTENTION, 2, state.point)

    def test_layers_that_read_equally_far_have_an_answer_of_their_own(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        even = np.full((12, 6), 5.0, np.float32)
        monkeypatch.setattr(vision, "distances", lambda *_: even)
        answer, _ = answered("nearest-layer")
        assert answer.value == len(BY_NAME["nearest-layer"].ask.options) - 1

    def test_where_the_slider_stands_changes_nothing(self) -> None:
        assert answered("nearest-layer", layer=3, head=2)[0] == answered("nearest-layer")[0]


class TestOntoTheSubject:
    def test_shares_are_those_of_plain_sums(self) -> None:
        answer, state = answered("onto-the-subject")
        attention = passed(state.photo)
        inside = stands_out(attention)
        asking = state.point.row * attention.grid[1] + state.point.column
        assert inside[asking]
        shares = {}
        for layer in (3, LAST):
            to_patches = weights_of(attention, layer).mean(axis=0)[1:, 1:]
            shares[layer] = [row[inside].sum() / row.sum() for row in to_patches]
        assert answer.value == round(100 * shares[LAST][asking])
        of_subject = [np.mean([shares[at][i] for i in np.flatnonzero(inside)]) for at in (3, LAST)]
        expected = [shares[LAST][asking], inside.mean(), shares[3][asking], *of_subject]
        np.testing.assert_allclose(percents(answer.because), np.multiply(expected, 100), atol=0.5)

    @pytest.mark.parametrize("photo", PHOTOS_HERE)
    def test_features_of_one_thing_are_alike(self, photo: str) -> None:
        # What the explanation says.
        attention = passed(photo)
        inside, features = stands_out(attention), attention.patch_features
        directions = features / np.linalg.norm(features, axis=1, keepdims=True)
        cosines = directions @ directions.T
        assert cosines[inside][:, inside].mean() > cosines[inside][:, ~inside].mean() + 0.3

    @pytest.mark.parametrize(
        ("early", "late", "words"), [(0.4, 0.8, "are alike."), (0.8, 0.4, "gathers nothing.")]
    )
    def test_the_reason_follows_the_numbers(
        self, early: float, late: float, words: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            vision_measures, "subject_on_itself", lambda _, layer: late if layer == 12 else early
        )
        because = answered("onto-the-subject")[0].because
        assert because.endswith(words)
        assert f"from {early:.0%} to {late:.0%}" in because

    def test_any_token_can_ask(self) -> None:
        answer, state = answered("onto-the-subject", point=None)
        attention = passed(state.photo)
        row = weights_of(attention, LAST).mean(axis=0)[0, 1:]
        assert answer.value == round(100 * row[stands_out(attention)].sum() / row.sum())
        assert "the class token reads" in answer.because


class TestBackgroundHead:
    @pytest.mark.parametrize(("photo", "value"), [("macaw.jpg", 1), ("puppies.jpg", 2)])
    def test_shares_are_those_of_plain_sums(self, photo: str, value: int) -> None:
        answer, _ = answered("background-head", photo=photo)
        attention = passed(photo)
        background = ~stands_out(attention)
        to_patches = weights_of(attention, LAST)[:, 0, 1:]
        shares = np.array([head[background].sum() / head.sum() for head in to_patches])
        first, *others = np.sort(shares)[::-1]
        assert answer.value == value
        assert (np.sum(shares > 0.5) == 1) == (value == 1)
        assert f"head {shares.argmax() + 1} reads" in answer.because
        expected = np.multiply([first, background.mean(), others[-1], others[0]], 100)
        np.testing.assert_allclose(percents(answer.because), expected, atol=0.5)

    def test_no_head_and_all_heads_have_answers_of_their_own(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for share, value in ((0.2, 0), (0.8, 3)):
            monkeypatch.setattr(
                vision_measures, "background_shares", lambda *_, share=share: np.full(6, share)
            )
            assert answered("background-head")[0].value == value

    def test_the_page_then_shows_that_head(self) -> None:
        experiment = BY_NAME["background-head"]
        shown = experiment.change(experiment.set_up(start_state()))
        assert (shown.view, shown.layer, shown.head, shown.point) == (ATTENTION, 12, 4, None)

    @pytest.mark.parametrize(("saliency", "words"), [(0.9, "no background"), (0.1, "no subject")])
    def test_a_picture_without_both_is_refused(self, saliency: float, words: str) -> None:
        scene = see(start_state())
        even = np.full_like(scene.look.attention.saliency, saliency)
        look = replace(scene.look, attention=replace(scene.look.attention, saliency=even))
        with pytest.raises(ValueError, match=words):
            vision_answers.background_heads(replace(scene, look=look), scene)


class TestRolloutSink:
    def test_the_pile_is_that_of_a_plain_product(self) -> None:
        answer, state = answered("rollout-sink")
        attention = passed(state.photo)
        held, later = rolled(attention, 0), rolled(attention, 1)
        patch = held.argmax()
        assert answer.value == divmod(patch, attention.grid[1])
        by_head = weights_of(attention, 0)[:, :, 1 + patch].mean(axis=1)
        expected = np.multiply([held[patch], later[patch], by_head.max()], 100)
        np.testing.assert_allclose(percents(answer.because), expected, rtol=0.02, atol=0.05)
        assert f"{held[patch] * attention.n_tokens:.0f} times the uniform weight" in answer.because
        assert f"Head {by_head.argmax() + 1} of layer 1" in answer.because

    def test_it_is_the_class_token_that_asks(self) -> None:
        scene = see(replace(start_state(), photo="puppies.jpg"))
        np.testing.assert_allclose(
            vision_measures.rollout_map(scene, 9).ravel(),
            rolled(passed("puppies.jpg"), 8),
            atol=1e-5,
        )

    def test_a_patch_beside_it_counts_and_one_further_off_does_not(self) -> None:
        ask = BY_NAME["rollout-sink"].ask
        assert ask.grade((10, 2), (11, 1)).right
        wrong = ask.grade((11, 3), (11, 1))
        assert not wrong.right
        assert wrong.reason
        assert not ask.grade((9, 1), (11, 1)).right
        assert ask.name((11, 1), see(start_state())) == "row 12, column 2"

    def test_the_place_is_the_patch_chosen_on_the_page(self) -> None:
        state = BY_NAME["rollout-sink"].set_up(start_state())
        assert picked(state) is None
        grid = see(state).grid
        chosen = replace(state, point=Point.of(11 * grid[1] + 1, grid))
        assert picked(chosen) == (11, 1)
        # Choosing a patch is not to change the question.
        assert answered("rollout-sink", point=chosen.point)[0] == answered("rollout-sink")[0]

    def test_the_page_then_shows_the_rollout_from_layer_1(self) -> None:
        experiment = BY_NAME["rollout-sink"]
        shown = experiment.change(experiment.set_up(start_state()))
        assert (shown.view, shown.start_layer, shown.point) == (ROLLOUT, 1, None)


class TestMostRead:
    def test_the_changes_are_those_of_passes_made_here(self) -> None:
        answer, state = answered("most-read")
        attention = passed(state.photo)
        to_patches = weights_of(attention, LAST)[:, 0, 1:].mean(axis=0)
        most_read = int(to_patches.argmax())
        others = [patch for patch in range(to_patches.size) if patch != most_read]
        drawn = np.random.default_rng(0).choice(others, 5, replace=False)
        change, *changes = (
            np.mean(np.abs(run(state.photo, int(patch)).saliency - attention.saliency))
            for patch in (most_read, *drawn)
        )
        n_less = sum(other < change for other in changes)
        assert 0 < n_less < 5
        assert answer.value == 1
        row, column = divmod(most_read, attention.grid[1])
        assert f"row {row + 1}, column {column + 1}" in answer.because
        assert f"{to_patches.max() * attention.n_tokens:.0f} times" in answer.because
        for figure in (change, min(changes), max(changes)):
            assert f"{figure:.4f}" in answer.because
        in_words = {1: "One", 2: "Two", 3: "Three", 4: "Four"}
        assert f"{in_words[n_less]} of the five changed it less" in answer.because

    def test_the_others_are_five_different_patches_without_the_one_read_most(self) -> None:
        scene = see(start_state())
        drawn = vision_measures.draw_patches(scene, 5, but=7)
        assert len(set(drawn)) == 5
        assert 7 not in drawn
        assert set(drawn) <= set(range(scene.grid[0] * scene.grid[1]))
        assert set(vision_measures.draw_patches(scene, 251, but=7)) == set(range(252)) - {7}

    @pytest.mark.parametrize(("others", "value"), [(0.0, 0), (0.5, 2), (0.9, 2)])
    def test_all_and_none_have_answers_of_their_own(
        self, others: float, value: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scene = see(BY_NAME["most-read"].set_up(start_state()))
        most_read, _ = vision_measures.most_read_patch(scene, 12)
        monkeypatch.setattr(
            vision_measures,
            "change_without",
            lambda _scene, patch: 0.5 if patch == most_read else others,
        )
        assert answered("most-read")[0].value == value

    def test_what_the_class_token_reads_last_does_not_enter_the_saliency(self) -> None:
        # What the explanation says.
        stare = tuple(WeightEdit(LAST, head, query=0, key=9, weight=1.0) for head in range(6))
        before, after = passed("cows.jpg"), run("cows.jpg", edits=stare)
        assert np.abs(after.tokens[0] - before.tokens[0]).max() > 0.1
        np.testing.assert_array_equal(after.saliency, before.saliency)
        elsewhere = (replace(stare[0], query=30),)
        assert (run("cows.jpg", edits=elsewhere).saliency != before.saliency).any()

    def test_the_page_then_hides_that_patch(self) -> None:
        experiment = BY_NAME["most-read"]
        state = experiment.set_up(start_state())
        shown = experiment.change(state)
        assert (shown.view, shown.test) == (SALIENCY, HIDE_PATCH)
        most_read, _ = vision_measures.most_read_patch(see(state), 12)
        changes, _ = vision_scene.interventions(see(shown))
        assert changes.hidden_patches == {most_read}
