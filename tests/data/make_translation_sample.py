"""Write ``translation_sample.json``: some of the sentences that the translators are tested with.

Making all training sentences, to know which are new, takes longer than the tests may. From
the root of the repository, after a change to the grammar::

    PYTHONPATH=. python tests/data/make_translation_sample.py
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from core.bilingual.training import training_splits

TARGET = Path(__file__).with_name("translation_sample.json")
SIZES = {"novel": 100, "pairs": 100, "pronouns": 60}

if __name__ == "__main__":
    sets = training_splits()
    sample = {
        name: [asdict(pair) for pair in getattr(sets, name)[:size]] for name, size in SIZES.items()
    }
    lines = [
        f' "{name}": [\n  '
        + ",\n  ".join(json.dumps(pair, ensure_ascii=False) for pair in pairs)
        + "\n ]"
        for name, pairs in sample.items()
    ]
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
