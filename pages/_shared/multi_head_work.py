"""The work behind the multi-head page, and what can be taken along from it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attention import scaled_dot_product_attention
from core.head_counts import count_flops
from core.heads import attend_in_groups
from core.masks import causal_mask
from core.multi_head import merge_heads, multi_head_attention, split_heads
from core.notebook import notebook
from core.softmax import softmax
from pages._shared import arithmetic, multi_head_snippets, trained_heads, trained_heads_work
from pages._shared.files import About, Tabular
from pages._shared.multi_head_board import all_matrices, heads_named
from pages._shared.multi_head_counts import sizes_of
from pages._shared.multi_head_cut import CACHE, SEEDED
from pages._shared.multi_head_scene import Scene, see
from pages._shared.multi_head_state import STORE
from pages._shared.take import Takeaway
from pages._shared.trap import trap_matrices
from pages._shared.traps.multi_head import TRAPS
from pages._shared.words import bracketed, number, what_it_reads
from pages._shared.work import Work


def work_of(scene: Scene) -> Work:
    """Return the arithmetic of the chosen weight and output, the programs and the source."""
    state, attention = scene.state, scene.result.attention
    head, i, j = chosen_place(scene)
    words, weights = state.words, scene.weights[head, i]
    readings = [what_it_reads(words[i], words, scene.weights[h, i]) for h in range(state.n_head)]

    def lines() -> list[str]:
        group = head // state.group
        score, scaled = attention.scores[head, i, j], attention.logits[head, i, j]
        value, read = scene.result.value[group], attention.output[head, i]
        n_read = i + 1 if scene.state.is_causal else len(words)
        query, key = scene.result.query[head, i], scene.result.key[group, j]
        return (
            [
                arithmetic.score_line(query, key, score),
                arithmetic.scaled_line(
                    score, state.d_head, True, float(score) / float(np.sqrt(state.d_head))
                ),
                arithmetic.weight_line(attention.logits[head, i], j, 1.0, weights[j]),
                "of this head: " + arithmetic.output_line(weights[:n_read], value[:n_read], read),
                _share_line(scene, i),
            ]
            if np.isfinite(scaled)
            else ["weight = 0: this key is blocked", _share_line(scene, i)]
        )

    return Work(
        heading=f"The arithmetic behind “{words[i]}” reading “{words[j]}” in head {head + 1}",
        lines=lines,
        numpy=lambda: multi_head_snippets.numpy_program(scene),
        torch=lambda: multi_head_snippets.torch_program(scene),
        functions=lambda: (
            multi_head_attention,
            attend_in_groups,
            split_heads,
            merge_heads,
            scaled_dot_product_attention,
            softmax,
            *((causal_mask,) if scene.state.is_causal else ()),
        ),
        said=(f"In head {head + 1} {readings[head]}", *_said(scene)),
        unseen=[f"Head {h + 1}: {text}" for h, text in enumerate(readings) if h != head],
    )


def chosen_place(scene: Scene) -> tuple[int, int, int]:
    """Return head, query and key of the chosen weight; the new word's while the cache is shown."""
    state = scene.state
    if state.part != CACHE:
        return state.head, state.reader, state.source
    return state.head, state.n_cached - 1, min(state.source, state.n_cached - 1)


def _share_line(scene: Scene, word: int) -> str:
    """Write the word's largest output as the sum of what every head adds to it."""
    state, result = scene.state, scene.result
    place = int(np.abs(scene.whole.output[word]).argmax())
    shares = result.concatenated[word] * state.output[:, place]
    by_head = shares.reshape(state.n_head, state.d_head).sum(axis=1)
    terms = [f"{bracketed(share, 3)} (head {h + 1})" for h, share in enumerate(by_head)]
    total = number(result.output[word, place], 3)
    return f"output, number {place + 1} = {arithmetic.sum_of(terms)} = {total}"


def _said(scene: Scene) -> list[str]:
    """Say what dropping, averaging and caching come to."""
    said = []
    if scene.state.dropped:
        change = np.abs(scene.result.output - scene.whole.output)  # (n_word, d_model)
        if scene.state.part == CACHE:  # which shows the output of one word
            change = change[scene.state.n_cached - 1]
        rest = "the other heads' weights stay as they are" if scene.kept else "no head is left"
        said.append(
            f"Without {heads_named(scene.state.dropped)} the output changes by at most "
            f"{number(float(change.max()))}; {rest}."
        )
    if scene.state.part == CACHE:
        said.append(_cache_sentence(scene))
    elif scene.state.mean and scene.kept:
        nearest = min(scene.kept, key=lambda head: float(scene.elsewhere[head]))
        said.append(
            f"The head nearest to the mean is head {nearest + 1}, and "
            f"{100 * float(scene.elsewhere[nearest]):.0f}% of its weight lies elsewhere."
        )
    return said


def _cache_sentence(scene: Scene) -> str:
    n, sizes = scene.state.n_cached, sizes_of(scene.state)
    steps: NDArray[Any] = np.concatenate([step.output for step in scene.steps])
    gap = float(np.abs(steps - scene.result.output[:n]).max())
    return (
        f"Word {n} cost {count_flops(sizes, 1, n).total:,} operations and {sizes.n_head} × {n} "
        f"weights; without the cache it would have been {count_flops(sizes, n, n).total:,} and "
        f"{sizes.n_head} × {n * n}. Largest difference from the full causal pass: {gap:.1g}."
    )


def take_arrays() -> dict[str, Tabular]:
    """Return every matrix of the page by name; of the trained heads while they are on it."""
    scene = see(STORE.current)
    if scene.state.trained.on:
        return trained_heads_work.arrays_of(trained_heads.see(scene.state.trained))
    return {**all_matrices(scene), **trap_matrices(TRAPS, scene.state.trap, scene)}


def take_notebook() -> str:
    """Return a notebook that computes what is on the page, one step at a time."""
    trained = STORE.current.trained
    if trained.on:
        return notebook(trained_heads_work.notebook_of(trained_heads.see(trained)))
    return notebook(multi_head_snippets.notebook_cells(see(STORE.current)))


def take_about() -> About:
    """Return what files and pictures say about themselves."""
    state = STORE.current
    if state.trained.on:
        shown = trained_heads.see(state.trained).shown
        return About(page="Multi-head", state=f"{state.trained.text} · {shown.name}")
    seed = f", seed {state.seed}" if state.preset in SEEDED else ""
    parts = [state.preset + seed + (", edited" if state.edited_arrays else "")]
    many = f"{state.n_head} head{'s' * (state.n_head > 1)}"
    shared = f", {state.sharing.lower()} ({state.n_kv_head} for keys and values)"
    parts += [many + shared * (state.group > 1)]
    parts += [f"without {heads_named(state.dropped)}"] if state.dropped else []
    parts += ["causal"] if state.is_causal else []
    return About(page="Multi-head", state=" · ".join(parts))


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)
