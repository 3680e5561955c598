"""Train the language model again, on the lab's own stories: nothing is fetched.

The lab itself never runs this. From the root of the repository::

    PYTHONPATH=. python assets/gpt/train.py

It writes the vocabulary and the weights beside this script (or into the folder that is named) and
prints the SHA-256 to be entered in ``core/gpt_model.py``. Another processor or another version of
torch rounds differently, and the weights come out a little different. Then
``python -m tests.benchmarks.gpt`` measures every figure of the model card again.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

import torch
from safetensors.torch import save_file

from core.gpt_model import GptWeights
from core.gpt_training import GptRecipe, loss_of, to_batch, train_gpt
from core.stories import held_out_stories, training_stories
from core.vocabulary import Vocabulary
from core.weights import file_sha256

HERE = Path(__file__).parent
# The words of so many stories are the vocabulary. What is rarer stays unknown.
N_STORIES_OF_WORDS = 100_000
# One entry, because safetensors writes several in no fixed order and the hash would not be fixed.
ABOUT = "Small language model of Attention Lab, trained on its own generated stories."


def main() -> None:
    """Train, round to half precision, save, and compare with what was rounded."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=HERE)
    parser.add_argument("--steps", type=int, help="other than the recipe's, to try something out")
    options = parser.parse_args()
    torch.set_num_threads(1)

    recipe = GptRecipe(seed=options.seed)
    recipe = replace(recipe, n_steps=options.steps or recipe.n_steps)
    vocabulary = words_of_stories()
    options.folder.mkdir(exist_ok=True)
    (options.folder / "vocabulary.json").write_text(
        json.dumps({"words": vocabulary.words}) + "\n", encoding="utf-8"
    )
    print(f"seed {recipe.seed}: {len(vocabulary.words)} words")
    weights = trained(vocabulary, recipe)

    path = options.folder / "gpt.safetensors"
    half = {name: tensor.half().contiguous() for name, tensor in weights.state_dict().items()}
    save_file(half, path, metadata={"about": ABOUT})
    path.chmod(0o644)
    print(f"{path.name}: {path.stat().st_size:,} bytes, SHA-256 {file_sha256(path)}")

    rounded = GptWeights(len(vocabulary))
    rounded.load_state_dict({name: tensor.float() for name, tensor in half.items()})
    held_out = [vocabulary.encode(story.words) for story in held_out_stories(500)]
    with torch.no_grad():
        before, after = (loss_of(each, to_batch(held_out)).item() for each in (weights, rounded))
    print(f"loss on 500 stories kept out: {before:.4f}, in half precision {after:.4f}")


def words_of_stories() -> Vocabulary:
    """Return the words of the first stories, sorted."""
    stories = islice(training_stories(), N_STORIES_OF_WORDS)
    return Vocabulary(tuple(sorted({word for story in stories for word in story.words})))


def trained(vocabulary: Vocabulary, recipe: GptRecipe) -> GptWeights:
    """Train and say how it goes."""
    started = time.process_time()
    losses: list[float] = []

    def report(step: int, loss: float) -> None:
        losses.append(loss)
        if step % 100 == 0:
            minutes = (time.process_time() - started) / 60
            mean = sum(losses[-100:]) / 100
            print(f"step {step:5d}  loss {mean:.3f}  {minutes:.1f} min of CPU", flush=True)

    return train_gpt(vocabulary, training_stories(recipe.seed), recipe, report)


if __name__ == "__main__":
    main()
