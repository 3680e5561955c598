"""Make ``digits.npz`` again from the package that carries the pictures.

The lab itself never runs this. From the root of the repository::

    pip download --no-deps scikit-learn==1.9.1
    PYTHONPATH=. python assets/digits/make_digits.py scikit_learn-1.9.1-*.whl

Any wheel of that version will do: the file inside is checked. The package is only read, never
installed or run.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
TARGET = HERE / "digits.npz"
SOURCE = "sklearn/datasets/data/digits.csv.gz"
SOURCE_SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"


def main() -> None:
    """Read the pictures out of the wheel and write them as small arrays."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wheel", type=Path, help="scikit_learn-1.9.1-*.whl")
    packed = zipfile.ZipFile(parser.parse_args().wheel).read(SOURCE)
    if hashlib.sha256(packed).hexdigest() != SOURCE_SHA256:
        raise SystemExit(f"{SOURCE} is not the expected file (SHA-256 {SOURCE_SHA256}).")
    table = np.loadtxt(io.BytesIO(gzip.decompress(packed)), delimiter=",").astype(np.uint8)
    images, labels = table[:, :64].reshape(-1, 8, 8), table[:, 64]
    np.savez_compressed(TARGET, images=images, labels=labels)
    found = hashlib.sha256(TARGET.read_bytes()).hexdigest()
    print(f"{len(images):,} pictures, {TARGET.stat().st_size:,} bytes, SHA-256 {found}")


if __name__ == "__main__":
    main()
