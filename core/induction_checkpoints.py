"""The training of the induction model that comes with the lab: its states, and how it was measured.

``assets/induction/train.py`` trained it. One file holds all states, one above the other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from core.induction_model import InductionWeights, start_weights
from core.induction_scores import Measured
from core.induction_training import Replay
from core.weights import WeightsError, read_weights

WEIGHTS_PATH: Final = Path(__file__).parents[1] / "assets" / "induction" / "induction.safetensors"
WEIGHTS_SHA256: Final = "4d5132936b29b54120e8d34638dba94eb260bdd46e0b8b921954d6e7d764a13e"
_NUMBERS: Final = ("first", "second", "accuracy")
_SCORES: Final = ("prefix_1", "prefix_2", "previous_1", "previous_2")
_CURVE: Final = (*_NUMBERS, *_SCORES, "by_letter")


def load_replay(path: Path = WEIGHTS_PATH) -> Replay:
    """Load the training that comes with the lab. Opens one file and no connection.

    Parameters
    ----------
    path : Path
        A file made by ``assets/induction/train.py``. The lab's own is checked against its SHA-256.

    Raises
    ------
    WeightsError
        If the file is missing, damaged or of another model.
    """
    sha256 = WEIGHTS_SHA256 if path == WEIGHTS_PATH else None
    names = (*InductionWeights._fields, *_CURVE, "steps", "curve_steps")
    parts = read_weights(path, sha256=sha256, required=names)
    kept = [parts[name] for name in InductionWeights._fields]
    expected = [part.shape for part in start_weights(0)]
    steps = tuple(parts["steps"].tolist())
    if any(one.shape != (len(steps), *shape) for one, shape in zip(kept, expected, strict=True)):
        raise WeightsError(f"The weights at {path} do not fit the model for induction heads.")
    weights = tuple(InductionWeights(*(part[at] for part in kept)) for at in range(len(steps)))
    curve_steps = tuple(parts["curve_steps"].tolist())
    curve = tuple(_measured(parts, at) for at in range(len(curve_steps)))
    return Replay(steps, weights, curve_steps, curve)


def as_tensors(replay: Replay) -> dict[str, Tensor]:
    """Return a training as the tensors of a file; what was learned in half precision."""
    parts = {
        name: torch.stack([getattr(one, name) for one in replay.weights]).half()
        for name in InductionWeights._fields
    }
    curve = replay.curve
    for name in _NUMBERS:
        parts[name] = torch.tensor([getattr(one, name) for one in curve])
    for name in _SCORES:
        kind, layer = name.split("_")
        parts[name] = torch.tensor([getattr(one, kind)[int(layer) - 1] for one in curve])
    parts["by_letter"] = torch.tensor(np.stack([one.by_letter for one in curve])).float()
    parts["steps"] = torch.tensor(replay.steps)
    parts["curve_steps"] = torch.tensor(replay.curve_steps)
    return parts


def _measured(parts: dict[str, Tensor], at: int) -> Measured:
    scores = [tuple(parts[name][at].tolist()) for name in _SCORES]
    return Measured(
        first=float(parts["first"][at]),
        second=float(parts["second"][at]),
        accuracy=float(parts["accuracy"][at]),
        by_letter=parts["by_letter"][at].double().numpy(),
        prefix=(scores[0], scores[1]),
        previous=(scores[2], scores[3]),
    )
