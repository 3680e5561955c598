"""The Vision Transformer's sums and programs, held to the model's own weights."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.attention_maps import cosine_similarity
from core.explain import attention_rollout
from core.images import decode_picture, fit_to_patches
from core.notebook import Code, Markdown, notebook
from core.vision_attention import VisionAttention
from core.weight_edits import WeightEdit
from pages._shared.vision_arithmetic import (
    likeness_line,
    rollout_lines,
    softmax_line,
    times_line,
    weight_lines,
)
from pages._shared.vision_case import VisionCase, vision_case
from pages._shared.vision_panels import attention_panels
from pages._shared.vision_snippets import (
    vision_notebook_cells,
    vision_numpy_snippet,
    vision_torch_snippet,
)
from tests.pages.html_reader import read_html
from tests.pages.programs import code_in, imports_of, run_notebooks, run_programs

GRID = (3, 5)
N_LAYERS, N_HEADS, D_HEAD = 3, 4, 64
N_TOKENS = 16
MEAN = N_HEADS
READS = r"(.+) reads (.+): ([\d.]+), ([\d.]+) times the uniform weight"


def made_up(**fields: object) -> VisionAttention:
    """Return a pass of no model: queries and keys large enough for weights far from uniform."""
    rng = np.random.default_rng(4)
    query, key = 1.6 * rng.standard_normal((2, N_LAYERS, N_HEADS, N_TOKENS, D_HEAD))
    arrays: dict[str, object] = {
        "query": query.astype(np.float32),
        "key": key.astype(np.float32),
        "tokens": rng.standard_normal((N_TOKENS, 12)).astype(np.float32),
        "class_tokens": np.zeros((N_LAYERS, 12), dtype=np.float32),
        "saliency": np.zeros((24, 40), dtype=np.float32),
    }
    return VisionAttention(grid=GRID, n_prefix_tokens=1, **{**arrays, **fields})  # type: ignore[arg-type]


ATTENTION = made_up()


def every_case(attention: VisionAttention) -> list[VisionCase]:
    n_heads = attention.n_heads
    return [
        vision_case(attention, layer, head, patch, key_patch)
        for layer, head, patch, key_patch in (
            (0, 0, -1, None),
            (2, n_heads - 1, 7, None),
            (2, 1, -1, -1),
            (1, 2, 14, 3),
            (0, n_heads, -1, None),
            (2, n_heads, 7, 2),
        )
    ]


def code_of(case: VisionCase) -> list[str]:
    return code_in(notebook(vision_notebook_cells(case, "# A page")))


@pytest.fixture(scope="module")
def trained() -> VisionAttention:
    from core.vit import forward, load_vision_transformer

    photo = Path(__file__).parents[2] / "assets/photos/kitten.jpg"
    picture = fit_to_patches(decode_picture(photo.read_bytes()), n_patches_target=64)
    return forward(load_vision_transformer(), picture)


@pytest.mark.parametrize("head", range(MEAN + 1))
@pytest.mark.parametrize("patch", [-1, 8])
def test_a_case_is_the_map_on_the_screen(head: int, patch: int) -> None:
    case = vision_case(ATTENTION, 1, head, patch)
    panel = attention_panels(ATTENTION, 1, patch)[head]
    np.testing.assert_array_equal(ATTENTION.patch_maps(case.row) * N_TOKENS, panel.values)
    assert case.key_token == 1 + panel.values.argmax()
    weights = np.exp(case.logits - case.log_sums[:, np.newaxis])
    np.testing.assert_allclose(weights.mean(axis=0), case.row, rtol=1e-5)
    np.testing.assert_allclose(
        case.scores, np.einsum("hd,htd->ht", case.query, case.key), rtol=1e-4, atol=1e-4
    )
    assert case.query.shape == (N_HEADS if head == MEAN else 1, D_HEAD)


def test_the_strongest_come_first_and_the_chosen_is_always_there() -> None:
    case = vision_case(ATTENTION, 0, 0, -1)
    strongest = case.strongest(3)
    assert case.key_token in strongest
    np.testing.assert_array_equal(case.row[strongest], np.sort(case.row)[:-4:-1])
    weakest = int(case.row[1:].argmin())
    case = vision_case(ATTENTION, 0, 0, -1, weakest)
    np.testing.assert_array_equal(case.strongest(3), [*strongest, 1 + weakest])


def test_forced_weights_have_no_sum() -> None:
    forced = made_up(weight_edits=(WeightEdit(1, 0, 0, 3, 0.5),))
    with pytest.raises(ValueError, match="Weights of layer 1 were forced"):
        vision_case(forced, 1, 0, -1)
    vision_case(forced, 2, 0, -1)


def check_snippets(cases: list[VisionCase]) -> None:
    programs = [
        write(case) for case in cases for write in (vision_numpy_snippet, vision_torch_snippet)
    ]
    for case, run in zip(np.repeat(np.array(cases), 2), run_programs(programs), strict=True):
        assert not run.warned
        tokens = case.strongest(3)
        lines = run.printed.splitlines()
        assert len(lines) == len(tokens)
        for token, line in zip(tokens, lines, strict=True):
            reader, read, weight, times = re.fullmatch(READS, line).groups()  # type: ignore[union-attr]
            assert (reader, read) == (case.name(case.query_token), case.name(token))
            assert float(weight) == pytest.approx(case.row[token], rel=2e-4, abs=1.1e-6)
            assert float(times) == pytest.approx(
                case.row[token] * case.n_tokens, rel=2e-4, abs=0.011
            )


def check_notebooks(cases: list[VisionCase]) -> None:
    for case, run in zip(cases, run_notebooks([code_of(case) for case in cases]), strict=True):
        assert not run.warned
        strongest, class_token, reads, difference = run.printed.splitlines()
        patches = case.row[1:].reshape(case.grid)
        row, column = np.unravel_index(patches.argmax(), patches.shape)
        found = re.fullmatch(
            r"strongest patch: row (\d+), column (\d+), ([\d.]+) times the uniform weight, "
            r"([\d.]+)% of all weight",
            strongest,
        )
        assert found is not None
        assert (int(found[1]), int(found[2])) == (row + 1, column + 1)
        assert float(found[3]) == pytest.approx(patches.max() * case.n_tokens, rel=2e-4, abs=0.011)
        assert float(found[4]) == pytest.approx(100 * patches.max(), abs=0.11)
        assert class_token.endswith("% of all weight")
        share = float(class_token.removeprefix("class token: ").partition("%")[0])
        assert share == pytest.approx(100 * case.row[0], abs=0.11)
        before, _, weight = reads.rpartition(": ")
        assert before == f"{case.name(case.query_token)} reads {case.name(case.key_token)}"
        assert float(weight) == pytest.approx(case.row[case.key_token], rel=2e-4, abs=1.1e-6)
        assert float(difference.rpartition(": ")[2]) < 1e-5


def test_programs_print_the_weights_on_the_screen() -> None:
    check_snippets(every_case(ATTENTION))


def test_notebooks_print_what_the_screen_says() -> None:
    check_notebooks(every_case(ATTENTION))


@pytest.mark.slow
def test_programs_hold_for_the_trained_model(trained: VisionAttention) -> None:
    """Its fourth layer has logits of 180, where an exponential alone would overflow."""
    cases = [
        *every_case(trained),
        vision_case(trained, 3, 0, -1),
        vision_case(trained, trained.n_layers - 1, trained.n_heads, -1),
    ]
    check_snippets(cases)
    check_notebooks(cases)


@pytest.mark.parametrize("write", [vision_numpy_snippet, vision_torch_snippet])
def test_programs_need_one_library_and_say_what_is_left_out(
    write: Callable[[VisionCase], str],
) -> None:
    library = {"numpy"} if write is vision_numpy_snippet else {"torch"}
    for case in every_case(ATTENTION):
        program = write(case)
        assert imports_of(program) == library
        assert max(map(len, program.splitlines())) <= 100
        assert ("13 times 64 numbers, are left out" in program.replace("\n# ", " ")) == (
            not case.is_mean and len(case.strongest(3)) == 3
        )
        assert ("mean of 4 heads" in program) == case.is_mean
        assert ("choose one head on the page" in program) == case.is_mean


def test_notebooks_hold_every_key_and_explain_each_step() -> None:
    case = vision_case(ATTENTION, 1, 2, -1)
    cells = vision_notebook_cells(case, "# What does it look at?\n")
    assert cells[0].source.startswith(
        "# What does it look at?\n\nLayer 2, head 3: what the class token reads of 15 patches"
    )
    *code, last = code_of(case)
    assert set().union(*map(imports_of, code)) == {"base64", "numpy"}
    assert imports_of(last) == {"torch", "torch.nn.functional"}
    assert max(len(line) for cell in cells for line in cell.source.splitlines()) <= 200
    kinds = [type(cell) for cell in cells[1:]]
    assert kinds == [Markdown, Code] * (len(kinds) // 2)


def numbers_in(line: str) -> list[float]:
    text = read_html(line).text.replace("−", "-").replace(",", "")
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def test_the_sum_behind_a_weight_of_one_head() -> None:
    case = vision_case(ATTENTION, 2, 1, 6)
    score, scaled, less, softmax, weight, times = weight_lines(case)
    token, expected = case.key_token, float(case.row[case.key_token])
    assert read_html(score).text.startswith("score = q · k = ")
    assert "… 56 more …" in score
    assert numbers_in(score)[-1] == pytest.approx(case.scores[0, token], abs=0.006)
    assert numbers_in(scaled) == pytest.approx(
        [case.scores[0, token], 64, case.logits[0, token]], abs=0.006
    )
    peak = case.logits[0].max()
    assert numbers_in(less)[-2:] == pytest.approx([peak, case.logits[0, token] - peak], abs=0.011)
    assert softmax == softmax_line(N_TOKENS)
    assert "… 8 more …" in weight
    *_, power, total, result = numbers_in(weight)
    assert result == pytest.approx(expected, abs=1e-6)
    assert np.exp(power) / total == pytest.approx(expected, rel=0.02)
    assert times == times_line(expected, N_TOKENS)


def test_the_sum_behind_a_mean_names_every_head() -> None:
    case = vision_case(ATTENTION, 2, MEAN, -1)
    softmax, *heads, mean, times = weight_lines(case)
    assert softmax == softmax_line(N_TOKENS)
    rows = ATTENTION.rows(2, 0)[:, case.key_token]
    assert [int(numbers_in(line)[0]) for line in heads] == [1, 2, 3, 4]
    for line, weight in zip(heads, rows, strict=True):
        _, power, total, result = numbers_in(line)
        assert result == pytest.approx(weight, abs=1e-6)
        assert np.exp(power) / total == pytest.approx(weight, rel=0.02, abs=1e-6)
    assert numbers_in(mean) == pytest.approx([*rows, 4, rows.mean()], abs=1e-6)
    assert times == times_line(float(case.row[case.key_token]), N_TOKENS)


def test_a_multiple_has_the_digits_that_mean_something() -> None:
    assert times_line(0.25, 16) == "0.250000 · 16 = 4.00 times the uniform weight 1/16"
    assert times_line(0.000976, 1025) == (
        "0.000976 · 1,025 = 1.00 times the uniform weight 1/1,025"
    )


@pytest.mark.parametrize("start", [0, 1, 2])
@pytest.mark.parametrize(("patch", "key_patch"), [(-1, 4), (4, 4), (4, -1), (-1, -1)])
def test_a_rollout_is_the_last_row_times_what_lies_below(
    start: int, patch: int, key_patch: int
) -> None:
    last = N_LAYERS - 1
    layers = [ATTENTION.weights(layer) for layer in range(N_LAYERS)]
    below = attention_rollout(layers[start:last]) if start < last else None
    rolled = attention_rollout(layers[start:])
    *lines, times = rollout_lines(ATTENTION, below, start, patch, key_patch)
    expected = float(rolled[patch + 1, key_patch + 1])
    assert numbers_in(lines[-1])[-1] == pytest.approx(expected, abs=1e-6)
    assert numbers_in(times)[0] == pytest.approx(expected, abs=1e-6)
    assert f"+ {int(patch == key_patch)}) / 2" in lines[1]
    assert len(lines) == (2 if start == last else 3)
    if start == 0:
        assert lines[2].startswith("rollout = layer 3 · layers 1 to 2 = ")
    if start == 1:
        assert lines[2].startswith("rollout = layer 3 · layer 2 = ")


def test_likeness_is_a_cosine() -> None:
    features = ATTENTION.patch_features
    line = likeness_line(features, 3, 9)
    assert numbers_in(line)[-1] == pytest.approx(cosine_similarity(features, 3)[9], abs=1e-4)
    assert "… 4 more …" in line
    assert likeness_line(np.zeros((2, 3), dtype=np.float32), 0, 1).endswith(" = 0.0000")


def test_lines_hold_numbers_and_fixed_words_alone() -> None:
    lines = [line for case in every_case(ATTENTION) for line in weight_lines(case)]
    lines += rollout_lines(ATTENTION, attention_rollout([ATTENTION.weights(0)]), 0, -1, 3)
    lines.append(likeness_line(ATTENTION.patch_features, 0, 1))
    for line in lines:
        assert set(read_html(line).tags) <= {"span", "i", "sup"}
        assert not re.search(r"[0-9]-|-[0-9]|nan|inf|&", read_html(line).text)
