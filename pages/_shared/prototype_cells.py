"""A notebook that compares a photo's feature with classes that were taught."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.notebook import Code, Markdown
from core.prototypes import Prototypes
from pages._shared.code_text import words_code
from pages._shared.row_code import packed_array
from pages._shared.snippets import Cell


def prototype_cells(prototypes: Prototypes, feature: NDArray[Any], about: str) -> list[Cell]:
    """Return the cells; `about` is their opening, in Markdown.

    Parameters
    ----------
    prototypes : Prototypes
    feature : ndarray of float32, (d_model,)
    about : str
    """
    names = "\n".join(
        (
            words_code("classes", prototypes.names),
            packed_array("feature", feature.astype(np.float32), "(d_model,)"),
            packed_array("centre", prototypes.centre, "(d_model,)"),
            packed_array("directions", prototypes.directions, "(class, d_model)"),
            f"least = {prototypes.least!r}",
        )
    )
    return [
        Markdown(
            f"{about.strip()}\n\nA photo's feature against the directions of classes that were "
            "taught with a few photos each. NumPy is all that it takes."
        ),
        Code(f"import base64\n\nimport numpy as np\n\n{names}"),
        Markdown("**Cosines.** The centre is taken off; each direction has length 1."),
        Code(
            "seen = feature - centre  # (d_model,)\n"
            "similarities = directions @ (seen / np.linalg.norm(seen))  # (class,)\n"
            'print("similarities", similarities, sep="\\n")'
        ),
        Markdown("**What the page says.**"),
        Code(
            "nearest = int(similarities.argmax())\n"
            "name = classes[nearest] if similarities[nearest] >= least else 'none of these'\n"
            'print(f"{name}: {similarities[nearest]:.4f}, threshold {least:.4f}")'
        ),
    ]
