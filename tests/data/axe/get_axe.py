"""Fetch axe-core from npm again and check that it is what lies here. Run from the repository root.

    python tests/data/axe/get_axe.py

Needs ``npm``. Nothing is written unless every file has the hash that is expected of it.
"""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
VERSION: Final = "4.14.1"
HASHES: Final = {
    "axe.min.js": "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
    "LICENSE": "af175b9d96ee93c21a036152e1b905b0b95304d4ae8c2c921c7609100ba8df7e",
    "LICENSE-3RD-PARTY.txt": "4f8563870d0fca38bbc3e00b6f670cb7fa9f380ba9f26a7f7d1184a6b18b1653",
}


def fetch(version: str) -> dict[str, bytes]:
    """Return the files of `HASHES` as the package of this version has them."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "pack", f"axe-core@{version}", "--silent"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            members = {name: package.extractfile(f"package/{name}") for name in HASHES}
            return {name: member.read() for name, member in members.items() if member is not None}


def wrong(files: dict[str, bytes]) -> list[str]:
    """Return the names of the files that are missing or not as expected."""
    found = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return [name for name, expected in HASHES.items() if found.get(name) != expected]


def main() -> None:
    """Write the files beside this script."""
    files = fetch(VERSION)
    if strangers := wrong(files):
        raise SystemExit(f"Not axe-core {VERSION} as it was: {', '.join(strangers)}.")
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)
        print(f"{name}: {len(data):,} bytes, as expected")


if __name__ == "__main__":
    main()
