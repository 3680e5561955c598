"""Measure again every figure of the translators' model card, from the weights.

From the root of the repository; with ``--folder``, the weights that ``train.py`` wrote there::

    python -m tests.benchmarks.translation

Everything runs on one thread, through the forward passes that the lab shows.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from typing import TypeVar

import numpy as np
import torch

from core.alignment import alignment_error_rate, gold_links, links_of, mean_of_heads
from core.bilingual import SentencePair
from core.bilingual.lexicon.nouns import Noun, nouns_with
from core.bilingual.training import training_splits
from core.recurrent_translator import load_recurrent_translator, translate_recurrent
from core.translation import DOUBTFUL, Interventions, Translation
from core.translator import Translator, beam_search, load_translator, teacher_forced, translate
from core.translator_model import ASSETS
from core.turning import HeadTurn, head_that_turns
from core.weights import file_sha256

UNKNOWN = "zyzzyva"  # in no vocabulary
CROSSING = "the {} did not cross the {} because it was too {} ."

Of = TypeVar("Of")
Pairs = Sequence[SentencePair]
Translate = Callable[..., Translation]  # of English words and interventions
Read = Callable[..., Translation]  # of English and French words and interventions


@dataclass(frozen=True)
class Model:
    """One translator: how it translates, and how it reads a translation that is given."""

    name: str
    translate: Translate
    read: Read


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ASSETS)
    parser.add_argument("--sentences", type=int, default=1000, help="of each test set, at most")
    options = parser.parse_args()
    torch.set_num_threads(1)
    made = training_splits()
    sets = {
        name: getattr(made, name)[: options.sentences] for name in ("novel", "pairs", "pronouns")
    }

    transformer = loaded(options.folder, "transformer", load_translator)
    recurrent = loaded(options.folder, "recurrent", load_recurrent_translator)
    models = [
        Model("Transformer", partial(translate, transformer), partial(teacher_forced, transformer)),
        Model(
            "recurrent",
            partial(translate_recurrent, recurrent),
            lambda english, french, *changes: translate_recurrent(
                recurrent, english, *changes, given=french
            ),
        ),
    ]
    for model in models:
        print(f"\n{model.name}")
        exact_match(model, sets)
        alignment(model, sets["novel"])
        doubt(model, sets["novel"])
        pronouns(model)
        hiding(model, sets["novel"][:100])
        timing(model, sets["novel"][:300])
    print("\nTransformer alone")
    turning(transformer)
    beams(transformer, sets["novel"][:200])


def loaded(folder: Path, name: str, load: Callable[[Path, Path], Of]) -> Of:
    """Load a model, and print its file's size and hash and the time it took."""
    path, vocabulary = folder / f"{name}.safetensors", folder / "vocabulary.json"
    times = []
    for _ in range(5):
        start = time.perf_counter()
        model = load(path, vocabulary)
        times.append(time.perf_counter() - start)
    print(f"{path.name}: {path.stat().st_size:,} bytes, SHA-256 {file_sha256(path)}")
    print(f"  loaded in {times[0]:.2f} s, again in {statistics.median(times[1:]):.3f} s")
    return model


def exact_match(model: Model, sets: dict[str, Pairs]) -> None:
    """Print the share of each test set that is translated word for word."""
    for name, pairs in sets.items():
        n_right = sum(model.translate(pair.english).french == pair.french for pair in pairs)
        print(f"  exact match, {name}: {n_right / len(pairs):.2%} of {len(pairs)}")


def alignment(model: Model, pairs: Pairs) -> None:
    """Print alignment error rates, of the right row and of the row that a word enters by."""
    read = [(model.read(pair.english, pair.french), pair) for pair in pairs]

    def rate(weights: Callable[[Translation], np.ndarray]) -> float:
        return alignment_error_rate(
            (
                links_of(weights(translation), len(pair.french), len(pair.english)),
                gold_links(pair.alignment),
            )
            for translation, pair in read
        )

    print(f"  alignment error rate, mean of the heads: {rate(mean_of_heads):.3f}")
    print(f"  the same, the row after: {rate(lambda of: mean_of_heads(of)[1:]):.3f}")
    heads = {
        (layer, head): rate(lambda of, at=(layer, head): of.cross_weights[at])
        for layer, head in np.ndindex(*read[0][0].cross_weights.shape[:2])
    }
    (layer, head), least = min(heads.items(), key=lambda item: item[1])
    print(f"  the best head alone (layer {layer + 1}, head {head + 1}): {least:.3f}")


def doubt(model: Model, pairs: Pairs) -> None:
    """Print the share of sentences with a word below `DOUBTFUL`: as they are, and spoiled."""
    rng = Random(0)
    kinds = {"as they are": [pair.english for pair in pairs]}
    kinds["words shuffled"] = [
        (*rng.sample(pair.english[:-1], len(pair.english) - 1), pair.english[-1]) for pair in pairs
    ]
    places = [rng.randrange(max(1, len(pair.english) - 1)) for pair in pairs]
    kinds["one word unknown"] = [
        (*pair.english[:place], UNKNOWN, *pair.english[place + 1 :])
        for pair, place in zip(pairs, places, strict=True)
    ]
    for kind, sentences in kinds.items():
        share = sum(model.translate(english).is_doubtful for english in sentences) / len(sentences)
        print(f"  with a word less probable than {DOUBTFUL}, {kind}: {share:.1%}")


def crossings() -> Iterator[tuple[Noun, Noun]]:
    """Return every animal and everything that it may cross."""
    animals = [noun for noun in nouns_with("animal") if not noun.same_plural]
    yield from product(animals, nouns_with("cross"))


def pronouns(model: Model) -> None:
    """Print how often it is il or elle as it should be, over all animals and things to cross."""
    n_right, n_all, n_turned, n_turning = 0, 0, 0, 0
    for animal, place in crossings():
        found = []
        for adjective, noun in (("tired", animal), ("wide", place)):
            english = CROSSING.format(animal.english, place.english, adjective).split()
            french = model.translate(english).french
            found.append(("elle" if noun.feminine else "il") in french)
        n_right, n_all = n_right + sum(found), n_all + 2
        if animal.feminine != place.feminine:
            n_turned, n_turning = n_turned + all(found), n_turning + 1
    print(f"  il or elle right: {n_right} of {n_all}")
    print(f"  turned by tired and wide where it should: {n_turned} of {n_turning} pairs")


def hiding(model: Model, pairs: Pairs) -> None:
    """Print what becomes of a word's probability when the word it reads most is hidden."""
    rng = Random(0)
    plain, hidden, other = [], [], []
    for pair in pairs:
        translation = model.read(pair.english, pair.french)
        plain += list(translation.probabilities[:-1])
        mean = mean_of_heads(translation)[:, : len(pair.english)]
        for word in range(len(pair.french)):
            most_read = int(mean[word].argmax())
            rest = [place for place in range(len(pair.english)) if place != most_read]
            for place, values in ((most_read, hidden), (rng.choice(rest or [0]), other)):
                changes = Interventions(hidden_words=frozenset({place}))
                values.append(model.read(pair.english, pair.french, changes).probabilities[word])
    print(
        f"  median probability of a word: {np.median(plain):.2f}; with the word hidden that it "
        f"reads most: {np.median(hidden):.2f}; with another one hidden: {np.median(other):.2f}"
    )


def timing(model: Model, pairs: Pairs) -> None:
    """Print the time that a sentence takes, greedily, with every weight."""
    clocks = {"on the clock": time.perf_counter, "of the processor": time.process_time}
    for name, clock in clocks.items():
        times = []
        for pair in pairs:
            start = clock()
            model.translate(pair.english)
            times.append((clock() - start) * 1000)
        middle, most = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        print(f"  a sentence takes {middle:.1f} ms {name}; 19 of 20 under {most:.1f}")


def turning(model: Translator) -> None:
    """Print which head turns il into elle, and which moves most in the encoder."""
    turned, moved, before, after = Counter[str](), Counter[str](), [], []
    for animal, place in crossings():
        tired, wide = (
            tuple(CROSSING.format(animal.english, place.english, word).split())
            for word in ("tired", "wide")
        )
        if animal.feminine == place.feminine:
            continue
        try:
            found = head_that_turns(model, tired, wide)
        except ValueError:
            continue
        if set(found.words) != {"il", "elle"}:
            continue
        best, most = found.heads[0], found.moved_most("encoder")
        turned[named(best)] += 1
        moved[f"{named(most)}, at {found.first.source[most.row]!r}"] += 1
        before.append(found.before)
        after.append(best.probability)
    print(f"  the head whose weights, exchanged alone, turn the pronoun: {dict(turned)}")
    print(
        f"  probability of the other pronoun: median {np.median(before):.3f}, "
        f"with that head's weights exchanged {np.median(after):.3f}; "
        f"turned in {sum(p > 0.5 for p in after)} of {len(after)}"
    )
    print(f"  the encoder's head that moves most: {dict(moved)}")


def named(turn: HeadTurn) -> str:
    """Name a head as the screen does."""
    return f"{turn.part} layer {turn.layer + 1} head {turn.head + 1}"


def beams(model: Translator, pairs: Pairs) -> None:
    """Print how often a beam of 4 finds something else than greedy decoding, and who is right."""
    found = Counter[str]()
    for pair in pairs:
        greedy = translate(model, pair.english).words
        beam = beam_search(model, pair.english, 4)
        if (wide := beam.words(beam.best)) != greedy:
            right = (*pair.french, greedy[-1])
            found[
                "beam right" if wide == right else "greedy right" if greedy == right else "none"
            ] += 1
    print(f"  a beam of 4 differs from greedy in {found.total()} of {len(pairs)}: {dict(found)}")


if __name__ == "__main__":
    main()
