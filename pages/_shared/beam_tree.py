"""Beam search as a tree: what was tried at each step, what stayed, and what was given up.

One inline component. It is laid out here: a column for each step, and within it beginnings that
share a parent stand together.
"""

from __future__ import annotations

from typing import Any, Final

from core.beam import Beam, BeamNode
from core.bilingual import join_french
from core.translation import END
from pages._shared.light_component import FRONTEND, light_component
from pages._shared.palette import ACCENT
from pages._shared.words import number

BEAM_TREE: Final = light_component(
    "beam_tree",
    html="<figure class='beam'></figure>",
    css=(FRONTEND / "beam_tree.css").read_text("utf-8"),
    constants={"COLOUR": ACCENT},
)


def beam_tree(beam: Beam, *, key: str) -> None:
    """Draw the tree of a beam search."""
    BEAM_TREE.draw(key=key, data={**laid_out(beam), "text": in_words(beam)})


def laid_out(beam: Beam) -> dict[str, Any]:
    """Return the nodes that are drawn with their places.

    Of what was given up at a step, the best as many as the beam is wide: the others are many, and
    differ only in how improbable they were.
    """
    shown = [node for step in _by_step(beam) for node in _worth_drawing(step, beam.width)]
    best = {0, *(node.id for node in beam.path(beam.best))}
    places = _places(shown)
    return {
        "nodes": [
            {
                "id": node.id,
                "parent": node.parent,
                "word": node.word,
                "total": number(node.total) if node.step else "",
                "state": node.state,
                "best": node.id in best,
                "column": node.step,
                "row": places[node.id],
            }
            for node in shown
        ],
        "columns": 1 + max(node.step for node in shown),
        "rows": 1 + max(places.values()),
    }


def in_words(beam: Beam) -> str:
    """Say how many were tried, what was found, and which sentence was chosen."""
    tried, kept = len(beam.nodes) - 1, sum(node.state != "pruned" for node in beam.nodes) - 1
    found = [
        f"“{written(beam, node)}”: log probability {number(node.total)}, "
        f"{number(node.score)} for each word"
        for node in beam.ends
    ]
    return (
        f"{tried} continuations were tried and {kept} kept, {beam.width} at most in each step. "
        f"Below each word stands the log probability of all words up to it. "
        f"{'Sentences found, the best first' if len(found) > 1 else 'Sentence found'}: "
        f"{'; '.join(found)}."
    )


def written(beam: Beam, node: BeamNode) -> str:
    """Return the sentence that ends with a node."""
    return join_french([word for word in beam.words(node) if word != END])


def _by_step(beam: Beam) -> list[list[BeamNode]]:
    steps: list[list[BeamNode]] = [[] for _ in range(beam.nodes[-1].step + 1)]
    for node in beam.nodes:
        steps[node.step].append(node)
    return steps


def _worth_drawing(step: list[BeamNode], width: int) -> list[BeamNode]:
    pruned = sorted((node for node in step if node.state == "pruned"), key=lambda one: -one.total)
    drawn = {node.id for node in pruned[:width]}
    return [node for node in step if node.state != "pruned" or node.id in drawn]


def _places(shown: list[BeamNode]) -> dict[int, int]:
    """Return the row of each node: below those of higher parents, the more probable first."""
    places: dict[int, int] = {}
    for step in range(1 + max(node.step for node in shown)):
        column = [node for node in shown if node.step == step]
        column.sort(key=lambda node: (places.get(node.parent, 0), -node.total))
        places |= {node.id: row for row, node in enumerate(column)}
    return places
