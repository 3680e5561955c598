"""What is taken from a page agrees: its notebook prints the arrays that the page hands out."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pages._shared.catalog import PAGES
from pages._shared.classify_scene import DIGITS, HEADS, ClassifyState
from pages._shared.vision_state import VisionState
from tests.pages.app import ask, find_stores, open_in
from tests.pages.link_states import STATES
from tests.pages.programs import code_in, run_notebooks

Arrays = Mapping[str, NDArray[Any]]
VISION: Final = "pages/vision_transformer.py"
CLASSIFICATION: Final = "pages/image_classification.py"
STORES: Final = find_stores()
N_TOGETHER: Final = 6
# What a reader is told where there is nothing to compute.
NOTHING: Final = (
    *("There is no word to translate", "There is no word here"),
    *("This model has not been fetched", "Nothing is taught yet"),
)


def taken(file: str, state: object) -> tuple[list[str], Arrays]:
    """Return the cells of the notebook and the arrays that a reader of this page gets."""
    store = STORES[file]
    app, files = open_in(store, state), {}
    for what in ("notebook", "npz"):
        reply = ask(app, {"id": what, "what": what, "address": ""})
        assume(not str(reply.get("problem", "")).startswith(NOTHING))
        assert "file" in reply, f"{file} could not make its {what}: {reply}"
        files[what] = base64.b64decode(reply["file"]["content"])
    with np.load(io.BytesIO(files["npz"]), allow_pickle=False) as arrays:
        return code_in(files["notebook"].decode()), dict(arrays)


def expect_arrays(printed: str, arrays: Arrays, state: object) -> None:
    """Every array that is printed below its name is the one of that name, to four decimals."""
    del state  # the same in every one
    blocks = re.findall(r"^(\w+)\n(\[.*?\])$(?!\n *\[)", printed, flags=re.DOTALL | re.MULTILINE)
    found = {name: text for name, text in blocks if name in arrays}
    assert found, (
        f"the notebook prints none of {', '.join(arrays.keys() - {'about'})} below its name, as in "
        'print("weights", weights, sep="\\n"). Let it do so, or say in PRINTED of '
        "tests/pages/test_notebooks.py what it prints instead."
    )
    for name, text in found.items():
        expected = arrays[name].astype(float)
        numbers = np.array(re.sub(r"[\[\]]", " ", text).split(), dtype=float)
        rounding = 2e-3 if arrays[name].dtype == np.float16 else 1e-5
        np.testing.assert_allclose(
            numbers, expected.ravel(), rtol=rounding, atol=1.01e-4, err_msg=name
        )


def expect_row(printed: str, arrays: Arrays, state: VisionState) -> None:
    """The strongest patch, the class token and the weight read are of the chosen head's row."""
    name = f"weights_layer_{state.layer}"
    _, keys = json.loads(str(arrays["about"]))["axes"][name]
    strongest, class_token, read = printed.splitlines()[:3]
    place = re.match(r"strongest patch: (row \d+, column \d+), ", strongest)
    weight = re.search(r" reads the patch in (row \d+, column \d+): ([\d.]+)$", read)
    assert place and weight, printed
    assert place[1] == weight[1]
    row = np.vstack([arrays[name], arrays[name].mean(axis=0)])[state.head - 1]
    assert keys["labels"][1 + row[1:].argmax()] == place[1]
    assert float(weight[2]) == pytest.approx(row[1:].max(), rel=2e-4, abs=1.1e-6)
    share = float(class_token.removeprefix("class token: ").partition("%")[0])
    assert share == pytest.approx(100 * row[0], abs=0.11)


def expect_digit(printed: str, arrays: Arrays, state: ClassifyState) -> None:
    """In the view of the heads a weight of the chosen row is printed, else arrays as elsewhere."""
    if (state.model, state.shown_view) != (DIGITS, HEADS):
        expect_arrays(printed, arrays, state)
        return
    _, keys = json.loads(str(arrays["about"]))["axes"]["row"]
    weight = re.search(
        r" reads? (?:the patch in )?(row \d+, column \d+|.*class.*): ([\d.]+)", printed
    )
    assert weight, printed
    name = "class" if "class" in weight[1] else weight[1]
    expected = arrays["row"][0][keys["labels"].index(name)]
    assert float(weight[2]) == pytest.approx(expected, rel=2e-4, abs=1.1e-6)


# What a notebook prints other than arrays below their names.
PRINTED: Final[Mapping[str, Callable[[str, Arrays, Any], None]]] = {
    VISION: expect_row,
    CLASSIFICATION: expect_digit,
}


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(
            page.file, marks=[pytest.mark.slow] if page.section == "Trained models" else []
        )
        for page in PAGES
    ],
)
@settings(max_examples=2, phases=[Phase.generate])  # smaller states would say no more
@given(data=st.data())
def test_the_notebook_prints_what_the_tables_hold(file: str, data: st.DataObject) -> None:
    # Several at a time: what takes long is to start Python and import torch.
    drawn = data.draw(st.lists(STATES[file], min_size=N_TOGETHER, max_size=N_TOGETHER))
    # Hypothesis begins with the plainest of all lists: the same state throughout.
    states = list({repr(state): state for state in drawn}.values())
    cells, arrays = zip(*(taken(file, state) for state in states), strict=True)
    for run, *taken_along in zip(run_notebooks(cells), arrays, states, strict=True):
        PRINTED.get(file, expect_arrays)(run.printed, *taken_along)
