"""Make the photos again from the packages that carry them, as ``photos.json`` lists them.

The lab itself never runs this. Fetch and unpack the packages into one folder, then run it from
the root of the repository::

    mkdir packages && cd packages
    apt-get download gcompris-qt-data lomiri-wallpapers-16.04
    pip download --no-deps scikit-image==0.25.2
    for deb in *.deb; do dpkg-deb -x $deb ${deb%%_*}; done
    unzip scikit_image-*.whl -d scikit-image && cd ..
    python assets/photos/rebuild.py packages

Each photo is scaled to a longest side of 640 pixels and saved as JPEG; nothing is cropped.
"""

from __future__ import annotations

import argparse
import io
import json
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageOps

HERE = Path(__file__).parent
LONGEST_SIDE = 640
QUALITY = 82


def main() -> None:
    """Write every photo of ``photos.json`` beside it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", type=Path, help="folder with the unpacked packages")
    packages = parser.parse_args().packages
    for photo in json.loads((HERE / "photos.json").read_text(encoding="utf-8")):
        data = read_source(packages / photo["package"], photo["package_file"])
        with Image.open(io.BytesIO(data)) as image:
            picture = ImageOps.exif_transpose(image).convert("RGB")
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        target = HERE / photo["file"]
        picture.save(target, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        print(f"{target.name}: {picture.width} x {picture.height}, {target.stat().st_size:,} bytes")


def read_source(package: Path, name: str) -> bytes:
    """Read a file of an unpacked package; ``a.rcc!b`` is file ``b`` inside the resource ``a``."""
    outer, _, inner = name.partition("!")
    data = (package / outer).read_bytes()
    return resource_file(data, inner) if inner else data


def resource_file(data: bytes, path: str) -> bytes:
    """Take one file out of a Qt resource file (``.rcc``, a tree of names before the data)."""
    magic, version, tree, contents, names = struct.unpack(">4s4I", data[:20])
    if magic != b"qres":
        raise ValueError("This is not a Qt resource file.")
    entry_size = 14 if version < 2 else 22

    def name_of(entry: int) -> str:
        start = names + struct.unpack(">I", data[entry : entry + 4])[0]
        length = struct.unpack(">H", data[start : start + 2])[0]
        return data[start + 6 : start + 6 + 2 * length].decode("utf-16-be")

    entry = tree
    for part in path.split("/"):
        n_children, first_child = struct.unpack(">2I", data[entry + 6 : entry + 14])
        children = [tree + entry_size * (first_child + index) for index in range(n_children)]
        entry = next(child for child in children if name_of(child) == part)
    flags, offset = struct.unpack(">H4xI", data[entry + 4 : entry + 14])
    start = contents + offset
    size = struct.unpack(">I", data[start : start + 4])[0]
    body = data[start + 4 : start + 4 + size]
    return zlib.decompress(body[4:]) if flags & 1 else body


if __name__ == "__main__":
    main()
