"""Train the translators again, from the lab's own sentences: nothing is fetched.

The lab itself never runs this. From the root of the repository, one model after the other::

    PYTHONPATH=. python assets/translator/train.py transformer
    PYTHONPATH=. python assets/translator/train.py recurrent

Each writes the vocabulary and its weights beside this script (or into the folder that is named)
and prints the SHA-256 to be entered in ``core/translator_model.py`` or
``core/recurrent_model.py``. Another processor or another version of torch rounds differently,
and the weights come out a little different. Then ``python -m tests.benchmarks.translation``
measures every figure of the model card again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from core.bilingual import english_vocabulary, french_vocabulary
from core.bilingual.batches import Recipe
from core.bilingual.pair import SentencePair
from core.bilingual.training import (
    recurrent_log_probabilities,
    train,
    training_splits,
    transformer_log_probabilities,
)
from core.recurrent_model import RecurrentWeights, build_recurrent_translator
from core.recurrent_translator import translate_recurrent
from core.translator import translate
from core.translator_model import TransformerWeights, build_translator
from core.vocabulary import Vocabulary
from core.weights import file_sha256

HERE = Path(__file__).parent
RECIPES = {
    "transformer": Recipe(n_steps=7000, learning_rate=2e-3),
    "recurrent": Recipe(n_steps=8000, learning_rate=3e-3),
}
# One entry, because safetensors writes several in no fixed order and the hash would not be fixed.
ABOUT = "English-French {model} of Attention Lab, trained on its own generated sentences."

Tensors = dict[str, Tensor]
Translate = Callable[[Sequence[str]], tuple[str, ...]]


def main() -> None:
    """Train, round to half precision, save, and compare with what was rounded."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", choices=RECIPES)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=HERE)
    parser.add_argument("--steps", type=int, help="other than the recipe's, to try something out")
    options = parser.parse_args()
    torch.set_num_threads(1)

    recipe = RECIPES[options.model]
    n_steps = options.steps or recipe.n_steps
    recipe = Recipe(n_steps=n_steps, learning_rate=recipe.learning_rate, seed=options.seed)
    english, french = Vocabulary(english_vocabulary()), Vocabulary(french_vocabulary())
    sets = training_splits()
    print(f"{options.model}, seed {recipe.seed}: {len(sets.train):,} sentence pairs")
    single = trained(options.model, sets.train, (english, french), recipe)

    options.folder.mkdir(exist_ok=True)
    write_vocabulary(options.folder / "vocabulary.json", english, french)
    path = options.folder / f"{options.model}.safetensors"
    half = {name: tensor.half() for name, tensor in single.items()}
    save_file(half, path, metadata={"about": ABOUT.format(model=options.model)})
    path.chmod(0o644)
    print(f"{path.name}: {path.stat().st_size:,} bytes, SHA-256 {file_sha256(path)}")

    before = translator(options.model, single, english, french)
    rounded = {name: tensor.float() for name, tensor in half.items()}
    after = translator(options.model, rounded, english, french)
    compared = [pair for part in (sets.novel, sets.pairs, sets.pronouns) for pair in part]
    changed = sum(before(pair.english) != after(pair.english) for pair in compared)
    print(f"rounding to half precision changed {changed} of {len(compared)} translations")


def trained(
    model: str,
    pairs: Sequence[SentencePair],
    vocabularies: tuple[Vocabulary, Vocabulary],
    recipe: Recipe,
) -> Tensors:
    """Train one model and say how it goes."""
    started = time.process_time()
    sizes = (len(vocabularies[0]), len(vocabularies[1]))
    losses: list[float] = []

    def report(step: int, loss: float) -> None:
        losses.append(loss)
        if step % 100 == 0:
            minutes = (time.process_time() - started) / 60
            mean = sum(losses[-100:]) / 100
            print(f"step {step:5d}  loss {mean:.3f}  {minutes:.1f} min of CPU", flush=True)

    if model == "transformer":
        transformer = train(
            lambda: TransformerWeights(*sizes),
            transformer_log_probabilities,
            pairs,
            vocabularies,
            recipe,
            report,
        )
        return dict(transformer.state_dict())
    recurrent = train(
        lambda: RecurrentWeights(*sizes),
        recurrent_log_probabilities,
        pairs,
        vocabularies,
        recipe,
        report,
    )
    return dict(recurrent.state_dict())


def translator(model: str, tensors: Tensors, english: Vocabulary, french: Vocabulary) -> Translate:
    """Return the function that translates with these weights."""
    if model == "transformer":
        transformer = build_translator(tensors, english, french)
        return lambda words: translate(transformer, words).words
    recurrent = build_recurrent_translator(tensors, english, french)
    return lambda words: translate_recurrent(recurrent, words).words


def write_vocabulary(path: Path, english: Vocabulary, french: Vocabulary) -> None:
    """Write both lists of words, one line for each language."""
    lists = {"english": english.words, "french": french.words}
    lines = [
        f" {json.dumps(name)}: {json.dumps(words, ensure_ascii=False)}"
        for name, words in lists.items()
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
