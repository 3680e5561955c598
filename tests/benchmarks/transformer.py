"""Measure which blocks the models need, what the logit lens says, and what a pass costs.

From the root of the repository::

    python -m tests.benchmarks.transformer

Everything runs on one thread, through the forward passes that the lab shows.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core import anatomy_encoder, anatomy_gpt, anatomy_translator, anatomy_vit
from core.anatomy import Anatomy, Place
from core.bilingual import tokenise_english
from core.block_tests import ask_classifier, ask_encoder, ask_gpt, ask_translator
from core.digit_vit import load_digit_vit
from core.digits import as_picture, load_digits
from core.encoder import forward as encode
from core.encoder import load_encoder
from core.gpt import Sampling, load_gpt, write
from core.logit_lens import Lens, lens_of
from core.needed_blocks import Needs, needs_of, place_of
from core.residual_stream import stream_of
from core.stack_run import Ending, StackRun, last_stream
from core.text import tokenise
from core.translator import load_translator, translate

SENTENCES = (
    "The cat sat on the mat.",
    "The animal did not cross the street because it was too tired.",
    "The animal did not cross the street because it was too wide.",
    "Where are my shoes?",
    "The black cat sleeps under the table.",
    "She gave the book to her brother.",
    "My sister does not like the red car.",
    "We saw the woman who sings.",
    "The children are playing in the garden.",
    "I have never eaten an apple.",
)
N_DIGITS = 50
N_REPEATS = 20


@dataclass(frozen=True)
class Case:
    """One text or picture of a model: how its answer is made, and what it does without blocks."""

    name: str
    needs: Needs
    run: StackRun
    ending: Ending | None = None
    answers: tuple[int, ...] = ()


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    of_translator()
    of_gpt()
    of_encoder()
    of_digits()


def of_translator() -> None:
    """Measure the translator on the sentences."""
    model = load_translator()
    anatomy = anatomy_translator.anatomy_of(model)
    cases = []
    for sentence in SENTENCES:
        done = translate(model, tokenise_english(sentence))
        ending = anatomy_translator.ending_of(model, done)
        cases.append(
            Case(
                sentence,
                needs_of(_places(anatomy), lambda off, done=done: ask_translator(model, done, off)),
                anatomy_translator.decoder_run(model, done),
                ending,
                tuple(ending.names.index(word) for word in done.words),
            )
        )
    print_cases(anatomy, cases, "mean log probability of a word", "another translation")
    print_lens(cases)
    for case in cases[:2]:
        for one in case.needs.changed:
            print(f"  without {place_of(one).id}: {' '.join(one.answer[:-1])}")


def of_gpt() -> None:
    """Measure the language model on texts that it writes itself, most probable word by word."""
    model = load_gpt()
    anatomy = anatomy_gpt.anatomy_of(model)
    cases = []
    for seed in range(len(SENTENCES)):
        words = write(model, (), Sampling(seed=seed), 40).text
        ending = anatomy_gpt.ending_of(model, words)
        cases.append(
            Case(
                " ".join(words),
                needs_of(_places(anatomy), lambda off, words=words: ask_gpt(model, words, off)),
                anatomy_gpt.run_of(model, words),
                ending,
                tuple(ending.names.index(word) for word in words),
            )
        )
    print_cases(anatomy, cases, "mean log probability of a word", "another next word")
    print_lens(cases)


def of_encoder() -> None:
    """Measure the text encoder on the sentences."""
    model = load_encoder()
    anatomy = anatomy_encoder.anatomy_of(model)
    cases = []
    for sentence in SENTENCES:
        tokens = tokenise(sentence)
        own = encode(model, tokens).embedding
        needs = needs_of(
            _places(anatomy),
            lambda off, tokens=tokens, own=own: ask_encoder(model, tokens, own, off),
        )
        cases.append(Case(sentence, needs, anatomy_encoder.run_of(model, tokens)))
    print_cases(anatomy, cases, "cosine with the embedding", "")


def of_digits() -> None:
    """Measure the digit model on held-out digits."""
    model = load_digit_vit()
    anatomy = anatomy_vit.anatomy_of(model)
    digits = load_digits()
    cases = []
    for image, label in zip(digits.images[-N_DIGITS:], digits.labels[-N_DIGITS:], strict=True):
        picture = as_picture(image)
        needs = needs_of(
            _places(anatomy),
            lambda off, picture=picture, label=label: ask_classifier(
                model, picture, int(label), off
            ),
        )
        run = anatomy_vit.run_of(model, picture)
        cases.append(Case(str(label), needs, run, anatomy_vit.ending_of(model), (int(label),)))
    print_cases(anatomy, cases, "probability of the right digit", "another digit")
    print_lens(cases)


def print_cases(anatomy: Anatomy, cases: Sequence[Case], value: str, changed: str) -> None:
    """Print what each block writes and what its absence does, and the time of a pass."""
    before = statistics.mean(case.needs.before.value for case in cases)
    milliseconds = 1000 * _seconds(lambda: last_stream(cases[0].run))
    print(f"\n{anatomy.name}: {anatomy.n_parameters:,} parameters, {len(cases)} cases")
    print(f"  {value}, all blocks: {before:.3f}; a pass through {cases[0].run.name} ", end="")
    print(f"{milliseconds:.1f} ms with {len(cases[0].run.rows)} tokens")
    written = {
        place: np.mean([_written(case.run)[place] for case in cases])
        for place in cases[0].run.places
    }
    rows = []
    for at, place in enumerate(_places(anatomy)):
        left = statistics.mean(case.needs.without[at].value for case in cases)
        others = sum(case.needs.without[at].answer != case.needs.before.answer for case in cases)
        rows.append((left, place, others))
    for left, place, others in sorted(rows):
        length = f"{written[place]:7.1f}" if place in written else "      -"
        answer = f"   {changed}: {others} of {len(cases)}" if changed else ""
        print(f"  without {place.id:24} {left:8.3f}   writes {length}{answer}")


def print_lens(cases: Sequence[Case]) -> None:
    """Print how often the answer is the most probable one after each block."""
    lenses = [
        lens_of(case.run, case.ending, case.answers) for case in cases if case.ending is not None
    ]
    n_rows = [len(case.answers) for case in cases]
    print("  logit lens: how often the right answer is the most probable one, and its mean chance")
    for depth, place in enumerate(lenses[0].places):
        first = [_of_answers(lens, depth, n) for lens, n in zip(lenses, n_rows, strict=True)]
        ranks, chances = (np.concatenate(parts) for parts in zip(*first, strict=True))
        print(f"    after {place.id:24} {np.mean(ranks == 1):6.1%}   {chances.mean():.3f}")


def _of_answers(lens: Lens, depth: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    return lens.ranks[depth, :n], lens.probabilities[depth, :n]


def _written(run: StackRun) -> dict[Place, float]:
    stream = stream_of(run)
    return dict(zip(stream.places, stream.written.mean(axis=1).tolist(), strict=True))


def _places(anatomy: Anatomy) -> list[Place]:
    return [block.place for block in anatomy.writers]


def _seconds(act: Callable[[], object]) -> float:
    times = []
    for _ in range(N_REPEATS):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    main()
