"""What can be taken along from the Transformer page: arrays, a notebook, and what they are of."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.anatomy import NamedTensor
from core.notebook import Code, Markdown, notebook
from pages._shared import transformer_runs as runs
from pages._shared.block_pictures import take_block
from pages._shared.block_program import block_notebook, row_of
from pages._shared.block_words import place_name
from pages._shared.files import About, Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.size_choice import is_as_known
from pages._shared.size_view import take_sizes
from pages._shared.size_work import numpy_program
from pages._shared.stream_view import take_stream
from pages._shared.take import Takeaway
from pages._shared.transformer_choice import COMPARED, DRAWING, SIZES, STREAM
from pages._shared.transformer_scene import Scene, scene_of, see
from pages._shared.transformer_state import STORE

_TITLE: Final = "# How do attention layers make a Transformer?"
# In the order of the bars.
_PRINT_COUNTS: Final = """\
names = ["attention", "feed_forward", "embeddings", "positions", "norms", "head"]
print("parameters", np.array([parameters[name] for name in names]), sep="\\n")"""


def take_arrays() -> dict[str, Tabular]:
    """Return the arrays behind what is on the page."""
    scene = see(STORE.current)
    if scene.state.view == SIZES:
        return take_sizes(scene.state.sizes)
    arrays: dict[str, Tabular] = {"parameters": _parameters(scene)}
    if scene.state.view == COMPARED:
        other = scene_of(scene.state, scene.state.beside)
        return arrays | {"parameters_of_the_other": _parameters(other)}
    if scene.state.view == STREAM:
        return arrays | take_stream(scene)
    tensors = _tensors(scene)
    row = row_of(tensors, scene.state.block).row
    arrays["row"] = Table(row, (Axis("number", tuple(map(str, range(1, len(row) + 1)))),))
    return arrays | take_block(tensors)


def take_notebook() -> str:
    """Return a notebook that computes the last row of the open block, or the counts."""
    scene = see(STORE.current)
    if scene.state.view == SIZES:
        counts = Code(numpy_program(scene.state.sizes))
        return notebook([Markdown(f"{_TITLE}\n\nSizes."), counts, Code(_PRINT_COUNTS)])
    if scene.state.view in (COMPARED, STREAM):
        return notebook(
            [
                Markdown(f"{_TITLE}\n\n{scene.state.model}: its learned numbers, by block."),
                Code(_counting_program(scene)),
            ]
        )
    place = place_name(scene.block)
    about = f"{_TITLE}\n\n{scene.state.model}, {place}."
    return block_notebook(_tensors(scene), scene.state.block, about)


def take_about() -> About:
    """Return what files and pictures say about themselves."""
    scene = see(STORE.current)
    state = scene.state
    what = {
        SIZES: state.sizes.preset + ("" if is_as_known(state.sizes) else ", changed"),
        COMPARED: f"{state.model} and {state.beside}",
        DRAWING: f"{state.model} · {place_name(scene.block)}",
    }.get(state.view, state.model)
    given = () if state.view == SIZES else (scene.subject,)  # sizes are of no text
    return About(page="Transformer", state=" · ".join((what, *given, state.view)))


def _tensors(scene: Scene) -> tuple[NamedTensor, ...]:
    """Return what the open block computed; of the tokens, which are no numbers, the next block."""
    if scene.tensors:
        return scene.tensors
    blocks = list(scene.anatomy.blocks)
    after = blocks[blocks.index(scene.block) + 1]
    return runs.open_block(scene.given, after.place, scene.off)


def _parameters(scene: Scene) -> Table:
    blocks = scene.anatomy.blocks
    counts = np.array([block.n_parameters for block in blocks])
    return Table(counts, (Axis("block", tuple(map(place_name, blocks))),))


def _counting_program(scene: Scene) -> str:
    counts = {
        place_name(block): [list(one.shape) for one in block.parameters]
        for block in scene.anatomy.blocks
    }
    lines = "\n".join(f"    {name!r}: {shapes!r}," for name, shapes in counts.items())
    return (
        "import numpy as np\n\nnp.set_printoptions(threshold=100_000)\n\n"
        f"# Every learned array of every block, by its shape.\nblocks = {{\n{lines}\n}}\n"
        "parameters = np.array(\n"
        "    [sum(int(np.prod(shape)) for shape in shapes) for shapes in blocks.values()]\n)\n"
        'print("parameters", parameters, sep="\\n")\n'
        'print(f"all: {parameters.sum():,}")\n'
    )


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)
