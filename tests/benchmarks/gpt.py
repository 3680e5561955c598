"""Measure again every figure of the language model's card, from the weights.

From the root of the repository; with ``--folder``, the weights that ``train.py`` wrote there::

    python -m tests.benchmarks.gpt

Everything runs on one thread, through the forward pass that the lab shows.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import torch

from core.gpt import (
    Gpt,
    GptInterventions,
    GptPass,
    Sampling,
    cache_of,
    forward,
    load_gpt,
    no_cache,
    numbers_per_word,
    step,
    write,
)
from core.gpt_model import ASSETS
from core.gpt_training import GptRecipe
from core.stories import (
    COPY,
    DEDUCED,
    PRONOUN,
    Story,
    generate,
    held_out,
    held_out_stories,
    training_stories,
)
from core.stories.generator import SENTENCE
from core.stories.world import COLOURED, COLOURS, NAMES, person
from core.translation import START
from core.weights import file_sha256
from tests.ngrams import NgramModel

N_STORIES = 500
LENGTHS = (8, 16, 32, 48, 63)
Row = Callable[[int], np.ndarray]  # the probabilities after so many words of a text


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ASSETS)
    parser.add_argument("--stories", type=int, default=N_STORIES, help="in each set")
    parser.add_argument("--without-ngrams", action="store_true", help="they take two minutes")
    options = parser.parse_args()
    torch.set_num_threads(1)
    path = options.folder / "gpt.safetensors"
    model = load_gpt(path, options.folder / "vocabulary.json")
    print(f"{path.name}: {path.stat().st_size:,} bytes, SHA-256 {file_sha256(path)}")
    print(f"{model.n_parameters:,} parameters, {len(model.vocabulary.words)} words")

    sets = test_sets(options.stories)
    for name, stories in sets.items():
        print(f"\n{name}: {len(stories)} texts, {sum(len(s.words) for s in stories):,} words")
        passes = [forward(model, story.words) for story in stories]
        quality("Transformer", stories, [np.exp(p.log_probabilities) for p in passes], model)
    if not options.without_ngrams:
        ngrams(model, sets)
    print()
    hiding(model, sets["stories kept out"][:200])
    telling_apart(model, sets["new stories"])
    writing(model)
    same_with_cache(model, sets["stories kept out"][:50])
    timing(model, sets["stories kept out"])


def test_sets(n: int) -> dict[str, tuple[Story, ...]]:
    """Return texts that training did not show."""
    fresh = generate(2_000_000)
    new = [story for story in islice(fresh, 20 * n) if not held_out(story)]
    return {
        "stories kept out": held_out_stories(n),
        "new stories": tuple(story for story in new if story.kind != SENTENCE)[:n],
        "single sentences": tuple(story for story in new if story.kind == SENTENCE)[:n],
    }


def quality(name: str, stories: Sequence[Story], rows: Sequence[np.ndarray], model: Gpt) -> None:
    """Print loss, perplexity, and how often the word that follows is the most probable one.

    `rows` are for each story the probabilities, (position, word), its end included.
    """
    columns = {word: column for column, word in enumerate(model.written)}
    logs: list[float] = []
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for story, probabilities in zip(stories, rows, strict=True):
        kept = {word for pair in held_out(story) for word in pair}
        for place, word in enumerate((*story.words, model.written[0])):
            if word not in columns:
                continue
            logs.append(float(np.log(probabilities[place, columns[word]])))
            kind = (*story.follows, "")[place]
            hit = int(probabilities[place].argmax()) == columns[word]
            right["any word"].append(hit)
            if kind:
                right[kind].append(hit)
            if kind == COPY and word in kept:
                right["copy of a word of the pair kept out"].append(hit)
    loss = -statistics.fmean(logs)
    print(f"  {name}: loss {loss:.3f} nats a word, perplexity {np.exp(loss):.2f}")
    for kind in ("any word", COPY, "copy of a word of the pair kept out", PRONOUN, DEDUCED):
        if hits := right[kind]:
            print(f"    most probable and right, {kind}: {statistics.fmean(hits):.1%} "
                  f"of {len(hits):,}")  # fmt: skip


def ngrams(model: Gpt, sets: dict[str, tuple[Story, ...]]) -> None:
    """Print the same of n-gram models that read as many texts as the Transformer."""
    columns = {word: column for column, word in enumerate(model.written)}
    recipe = GptRecipe()
    n_texts = recipe.n_steps * recipe.batch_size

    def numbers(story: Story) -> list[int]:
        return [*(columns[word] for word in story.words if word in columns), 0]

    texts = [numbers(story) for story in islice(training_stories(), n_texts)]
    for order, name in enumerate(("unigram", "bigram", "trigram"), start=1):
        counted = NgramModel(order, len(columns)).read(texts)
        for kind, stories in sets.items():
            print(f"\n{kind}, after {n_texts:,} texts")
            rows = [
                np.stack([
                    counted.probabilities([columns.get(word, 0) for word in story.words[:place]])
                    for place in range(len(story.words) + 1)
                ])
                for story in stories
            ]  # fmt: skip
            quality(name, stories, rows, model)


def hiding(model: Gpt, stories: Sequence[Story]) -> None:
    """Print what becomes of a copied word when what it is copied from is hidden."""
    rng = Random(0)
    plain, hidden, other = [], [], []
    for story in stories:
        found = forward(model, story.words)
        for place, (word, kind) in enumerate(zip(story.words, story.follows, strict=True)):
            before = story.words[:place]
            if kind != COPY or word not in before or len(word) < 3:
                continue
            same = frozenset(at + 1 for at, each in enumerate(before) if each == word)
            rest = [at + 1 for at, each in enumerate(before) if each != word]
            elsewhere = frozenset(rng.sample(rest, min(len(same), len(rest))))
            plain.append(found.probability(place, word))
            for places, values in ((same, hidden), (elsewhere, other)):
                changed = forward(model, story.words[:place], GptInterventions(places))
                values.append(changed.probability(place, word))
    print(
        f"median probability of a copied word: {np.median(plain):.3f}; with the same word before "
        f"it hidden: {np.median(hidden):.3f}; with as many others hidden: {np.median(other):.3f} "
        f"({len(plain):,} words)"
    )


def telling_apart(model: Gpt, stories: Sequence[Story]) -> None:
    """Print the right ones by plot, and whether it knows which of two bought what."""
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for story in stories:
        found = forward(model, story.words)
        for place, (word, kind) in enumerate(zip(story.words, story.follows, strict=True)):
            if kind in {COPY, DEDUCED}:
                right[story.kind].append(found.rank(place, word) == 1)
    shares = {plot: f"{statistics.fmean(hits):.0%}" for plot, hits in sorted(right.items())}
    print(f"copied and deduced words that are right, by plot: {shares}")

    rng = Random(0)
    chosen: dict[str, list[bool]] = {"first": [], "second": []}
    for _ in range(200):
        people = [person(name) for name in rng.sample(NAMES, 2)]
        colours, things = rng.sample(COLOURS, 2), rng.sample(COLOURED, 2)
        told = " ".join(
            f"{who.name} bought a {colour} {thing} ."
            for who, colour, thing in zip(people, colours, things, strict=True)
        )
        opening = f"{people[0].name} and {people[1].name} went to the market . {told}"
        for at, rank in enumerate(chosen):
            who = people[at]
            words = f"{opening} what did {who.name} buy ? {who.he} bought a".split()
            found = forward(model, words)
            of_each = [found.probability(len(words), colour) for colour in colours]
            chosen[rank].append(of_each[at] > of_each[1 - at])
    for rank, hits in chosen.items():
        print(
            f"what did the {rank} of two buy? the right colour is the more probable one in "
            f"{sum(hits)} of {len(hits)}"
        )


def writing(model: Gpt) -> None:
    """Print some texts that it writes, and how many come to their end."""
    for name, sampling in {
        "as trained": Sampling(),
        "top-p .9": Sampling(top_p=0.9),
        "temperature 0": Sampling(temperature=0.0),
    }.items():
        made = [
            write(model, (), Sampling(sampling.temperature, sampling.top_k, sampling.top_p, seed),
                  model.max_words)
            for seed in range(40)
        ]  # fmt: skip
        print(f"{name}: {sum(each.finished for each in made)} of {len(made)} come to their end")
        print(f"  {' '.join(made[0].text)}")


def same_with_cache(model: Gpt, stories: Sequence[Story]) -> None:
    """Print how far the rows of a cached step are from those of a whole pass."""
    most = 0.0
    for story in stories:
        whole: GptPass = forward(model, story.words)
        cache = no_cache(model)
        for place, word in enumerate((START, *story.words)):
            made = step(model, cache, word)
            cache = made.cache
            apart = np.abs(made.log_probabilities - whole.log_probabilities[place]).max()
            most = max(most, float(apart))
    print(f"log-probabilities with and without the cache: at most {most:.1e} apart")
    print(f"the cache holds {numbers_per_word(model):,} numbers a word")


def timing(model: Gpt, stories: Sequence[Story]) -> None:
    """Print the time of a step at several lengths, with the cache and without it."""
    words = [word for story in stories for word in story.words][: model.max_words]
    for name, clock in {"clock": time.perf_counter, "processor": time.process_time}.items():
        print(f"milliseconds on the {name}, medians of 60")
        for length in LENGTHS:
            before = cache_of(model, words[: length - 1]).cache
            with_cache = _median(lambda at=before, n=length: step(model, at, words[n - 1]), clock)
            without = _median(lambda n=length: forward(model, words[:n]), clock)
            print(f"  word {length}: {with_cache:.1f} with the cache, {without:.1f} without")


def _median(do: Callable[[], object], clock: Callable[[], float]) -> float:
    times = []
    for _ in range(60):
        start = clock()
        do()
        times.append((clock() - start) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
