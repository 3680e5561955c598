"""Beam search: several beginnings of a translation followed side by side, and kept as a tree.

Greedy decoding takes the most probable word at every step and so may miss the most probable
sentence. A beam of width w follows w beginnings (as in Sutskever et al. 2014, arXiv:1409.3215):
every one is continued, the best w of all continuations stay, and one that comes to its end takes
its place in the beam with it. NumPy only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from core.decoding import State, Step, Stepper
from core.translation import START
from core.vocabulary import END_ID, START_ID

NodeState = Literal["live", "pruned", "finished"]


@dataclass(frozen=True)
class BeamNode:
    """One word that was tried after one beginning.

    Attributes
    ----------
    id, parent : int
        Place in `Beam.nodes`, and that of the word before; the root, the start, is 0 and its
        parent -1.
    step : int
        How many words lead to it, itself counted; 0 for the root.
    word : str
    log_probability : float
        Of this word after those before it.
    total : float
        Log probability of all words up to here: the sum along the path.
    score : float
        `total` divided by `step`, so that sentences of different lengths can be compared: without
        it every further word costs, and the shortest wins.
    state : {"live", "pruned", "finished"}
        Whether it stayed in the beam and was to be continued, fell out of it, or is an end.
    """

    id: int
    parent: int
    step: int
    word: str
    log_probability: float
    total: float
    score: float
    state: NodeState


@dataclass(frozen=True)
class Beam:
    """All that a beam search tried, as a tree.

    Attributes
    ----------
    nodes : tuple of BeamNode
        In the order of their steps; within a step those that came from the more probable
        beginning first.
    width : int
        How many beginnings were followed.
    """

    nodes: tuple[BeamNode, ...]
    width: int

    @property
    def ends(self) -> tuple[BeamNode, ...]:
        """The translations that were found, best first.

        Those that came to an end; if none did, those that were stopped after too many words.
        """
        finished = [node for node in self.nodes if node.state == "finished"]
        last = self.nodes[-1].step
        stopped = [node for node in self.nodes if node.state == "live" and node.step == last]
        return tuple(sorted(finished or stopped, key=lambda node: -node.score))

    @property
    def best(self) -> BeamNode:
        """The last word of the best translation."""
        return self.ends[0]

    def path(self, node: BeamNode) -> tuple[BeamNode, ...]:
        """Return the nodes from the first word to this one; the root is left out."""
        steps = [node]
        while steps[-1].parent > 0:
            steps.append(self.nodes[steps[-1].parent])
        return tuple(reversed(steps)) if node.parent >= 0 else ()

    def words(self, node: BeamNode) -> tuple[str, ...]:
        """Return the words from the first to this one."""
        return tuple(step.word for step in self.path(node))


def search(
    step: Stepper[State],
    state: State,
    *,
    width: int,
    n_most: int,
    name: Callable[[int], str] = str,
) -> Beam:
    """Search with any model that can be asked for its next step.

    Parameters
    ----------
    step : Stepper
        The model.
    state : State
        Its first state.
    width : int
        Beginnings to follow, at least 1.
    n_most : int
        Most words to write, at least 1.
    name : function from int to str
        The word with a number.

    Returns
    -------
    Beam
        Every beginning that was followed has its `width` most probable continuations as nodes.

    Raises
    ------
    ValueError
        If `width` or `n_most` is less than 1.
    """
    if width < 1 or n_most < 1:
        raise ValueError("A beam needs a width and a number of words of at least 1.")
    nodes = [BeamNode(0, -1, 0, START, 0.0, 0.0, 0.0, "live")]
    beam: list[tuple[BeamNode, int, State]] = [(nodes[0], START_ID, state)]
    free = width
    while beam and nodes[-1].step < n_most:
        tried: list[tuple[BeamNode, int, State]] = []
        for parent, last, before in beam:
            made = step(last, before)
            for number in _most_probable(made, width):
                log_probability = float(made.log_probabilities[number - END_ID])
                child = _child(parent, len(nodes) + len(tried), name(number), log_probability)
                tried.append((child, number, made.state))
        # Sorting is stable, so of equals the one from the better beginning stays.
        kept = {child.id for child, *_ in sorted(tried, key=lambda of: -of[0].total)[:free]}
        beam = []
        for child, number, after in tried:
            node = replace(child, state=_state(child.id in kept, number == END_ID))
            nodes.append(node)
            free -= node.state == "finished"
            if node.state == "live":
                beam.append((node, number, after))
        beam.sort(key=lambda of: -of[0].total)
    return Beam(nodes=tuple(nodes), width=width)


def _most_probable(step: Step[State], n: int) -> list[int]:
    order = np.argsort(-step.log_probabilities, kind="stable")[:n]
    return [int(index) + END_ID for index in order]


def _child(parent: BeamNode, node_id: int, word: str, log_probability: float) -> BeamNode:
    total = parent.total + log_probability
    return BeamNode(
        id=node_id,
        parent=parent.id,
        step=parent.step + 1,
        word=word,
        log_probability=log_probability,
        total=total,
        score=total / (parent.step + 1),
        state="pruned",
    )


def _state(is_kept: bool, is_end: bool) -> NodeState:
    if not is_kept:
        return "pruned"
    return "finished" if is_end else "live"
