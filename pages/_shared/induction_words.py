"""What the view of induction heads says: everything in it is counted on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from core.induction import LETTERS
from pages._shared.head_grid import Head
from pages._shared.induction_curves import GUESSING
from pages._shared.induction_scene import InductionScene
from pages._shared.words import number

if TYPE_CHECKING:
    from core.induction_scores import Measured

_LEFT = " style='text-align: left; font-weight: 500; padding-right: 0.4rem; min-width: 5.2rem'"
_CELL = " style='text-align: center; padding: 0 0.15rem; min-width: 2rem'"
_N_COLUMNS = 8


def head_name(head: Head) -> str:
    """Name a head, such as "head 3 of layer 1"."""
    return f"head {head[1] + 1} of layer {head[0] + 1}"


def heads_named(heads: frozenset[Head]) -> str:
    """Name several heads."""
    names = [head_name(head) for head in sorted(heads)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def whole_text(scene: InductionScene) -> str:
    """Say what the large head does, and what is lost without it or without the dropped ones."""
    from core.induction_scores import N_TESTED, TEST_LETTERS  # torch, which is loaded by then

    before = scene.measured()
    layer, head = scene.head
    name = head_name(scene.head)
    prefix, previous = before.prefix[layer][head], before.previous[layer][head]
    copied = f"{before.accuracy:.0%} of the letters that can be copied are foretold"
    said = [
        f"Step {scene.step}, measured on {N_TESTED} sequences of two times {TEST_LETTERS} "
        f"letters: {copied}, at a loss of {number(before.second)} nats (guessing costs "
        f"ln {len(LETTERS)} = {number(GUESSING)}).",
        f"{_capital(name)} reads the token after the earlier occurrence with a mean weight of "
        f"{number(prefix)}, and the token before with {number(previous)}.",
    ]
    gone = scene.dropped or frozenset({scene.head})
    after = scene.measured(gone)
    verb = "are" if scene.dropped else "would be"
    said.append(
        f"Without {heads_named(gone)}, {after.accuracy:.0%} of them {verb} foretold, at a loss of "
        f"{number(after.second)}."
    )
    said.append(_composition(before, after, gone))
    return " ".join(part for part in said if part)


def _composition(before: Measured, after: Measured, gone: frozenset[Head]) -> str:
    """Say what becomes of layer 2's finding, where only heads of layer 1 are gone."""
    if any(layer for layer, _ in gone):
        return ""
    head = int(np.argmax(before.prefix[1]))
    was, now = before.prefix[1][head], after.prefix[1][head]
    said = (
        f"The prefix-matching score of {head_name((1, head))} is then {number(now)} instead of "
        f"{number(was)}"
    )
    return f"{said}: it found its token by what layer 1 wrote." if now < was / 2 else f"{said}."


def circuit_text(scene: InductionScene) -> str:
    """Say whether the large head copies what it reads, whatever it reads."""
    found = scene.circuit(scene.head)
    share = f"{found.own_letter:.0%}"
    return (
        f"Its circuit W_V W_O: read with weight 1, {share} of the {len(LETTERS)} letters raise "
        f"their own logit more than any other; eigenvalue score {number(found.eigenvalues)} "
        "(1 copies in every direction)."
    )


def map_text(scene: InductionScene) -> str:
    """Say what the chosen token reads, and what it would have to read to copy."""
    row, column = scene.cell
    tokens = scene.tokens
    said = (
        f"“{tokens[row]}” (token {row + 1}) reads “{tokens[column]}” (token {column + 1}) with "
        f"weight {number(float(scene.map[row, column]))}."
    )
    targets = np.flatnonzero(scene.targets[row])
    if not len(targets):
        return f"{said} It has not occurred before: nothing can be copied here."
    total = float(scene.map[row, targets].sum())
    named = " and ".join(f"“{tokens[at]}” (token {at + 1})" for at in targets[:3])
    return f"{said} After its earlier occurrence came {named}, read with {number(total)}."


def curve_text(*, layer_2: int) -> str:
    """Say what the lines of the two pictures are."""
    heads = "head" if layer_2 == 1 else f"{layer_2} heads"
    return (
        "Left: blue, the letters that can be copied; orange, dashed, those that come for the first "
        "time, which can but be guessed; dotted, guessing. Right: blue, the weight on the token "
        "after the earlier occurrence (prefix matching); orange, on the token before; dashed for "
        f"the heads of layer 1, unbroken for the {heads} of layer 2; thick for the head chosen."
    )


def foretold_table(scene: InductionScene) -> str:
    """Return what was foretold after each token, and what came, as an HTML table."""
    rows = scene.shown.log_probabilities
    best = rows.argmax(axis=1)
    chance = np.exp(rows.max(axis=1))
    came = scene.probabilities(scene.shown)
    copied = scene.can_be_copied
    right = (best == scene.answers) & copied  # what was guessed by chance is not foretold
    lines = (
        ("After", [escape(token) for token in scene.tokens]),
        ("Foretold", [_bold(LETTERS[at], on=ok) for at, ok in zip(best, right, strict=True)]),
        ("probability", [_short(one) for one in chance]),
        ("Came", [_under(a, on=on) for a, on in zip(scene.letters, copied, strict=True)]),
        ("probability", [_short(one) for one in came]),
    )
    starts = range(0, len(scene.tokens), _N_COLUMNS)
    tables = "".join(_table(lines, start) for start in starts)
    return (
        "<div style='overflow-x: auto; display: flex; flex-wrap: wrap; gap: 0.75rem 1.5rem' "
        f"tabindex='0' role='region' aria-label='Letters foretold'>{tables}</div>"
    )


def _table(lines: Sequence[tuple[str, Sequence[str]]], start: int) -> str:
    """Return some columns of the table: a telephone has room for no more."""
    body = "".join(
        f"<tr><th scope='row'{_LEFT}>{name}</th>"
        + "".join(f"<td{_CELL}>{cell}</td>" for cell in cells[start : start + _N_COLUMNS])
        + "</tr>"
        for name, cells in lines
    )
    return f"<table>{body}</table>"


def _short(probability: float) -> str:
    return number(float(probability)).removeprefix("0")


def sequence_text(scene: InductionScene) -> str:
    """Say how many letters of the sequence can be copied, and how many of them are foretold."""
    copied = scene.can_be_copied
    if not copied.any():
        return "In this sequence nothing comes after a letter that came after it before."
    best = scene.shown.log_probabilities.argmax(axis=1)
    right = int((best == scene.answers)[copied].sum())
    now = float(scene.probabilities(scene.shown)[copied].mean())
    said = (
        f"{int(copied.sum())} of the {len(scene.letters)} letters came before after the same "
        f"letter (underlined); {right} of them are foretold (bold), at a mean probability of "
        f"{number(now)}"
    )
    if scene.dropped:
        was = float(scene.probabilities(scene.plain)[copied].mean())
        return f"{said}, with all heads {number(was)}."
    return f"{said}."


def _bold(letter: str, *, on: bool) -> str:
    return f"<b>{letter}</b>" if on else letter


def _under(letter: str, *, on: bool) -> str:
    # A line that left out what reaches below it would not be seen under a "j".
    return f"<u style='text-decoration-skip-ink: none'>{letter}</u>" if on else letter


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
