"""Make the starter photos and ``centre.safetensors`` again.

The lab itself never runs this. The photos come from one package, as ``photos.json`` lists them,
and the centre from the lab's own sample photos and model. From the root of the repository::

    mkdir packages && cd packages && apt-get download gcompris-qt-data
    dpkg-deb -x gcompris-qt-data_*.deb gcompris-qt-data && cd ..
    python -m assets.starter_photos.rebuild packages

Each photo is scaled to a shorter side of at most 192 pixels and saved as JPEG; nothing is cropped.
Photos that ``photos.json`` takes from ``assets/photos`` are left as they are there.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from safetensors.numpy import save

from assets.photos.rebuild import read_source
from core.images import decode_picture, fit_to_patches
from core.prototypes import CENTRE_PATH, feature_of
from core.vit import forward
from core.vit_model import load_vision_transformer

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "photos"
SHORTER_SIDE = 192
QUALITY = 80
# As the lab cuts a picture coarsely: see pages/_shared/vision_picture.py.
N_PATCHES = 256


def main() -> None:
    """Write every photo of ``photos.json`` and the centre."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("packages", type=Path, help="folder with the unpacked package")
    write_photos(parser.parse_args().packages)
    write_centre()


def write_photos(packages: Path) -> None:
    """Scale every photo that is not one of the sample photos."""
    for photo in json.loads((HERE / "photos.json").read_text(encoding="utf-8")):
        if photo["file"].startswith(".."):
            continue
        data = read_source(packages / photo["package"], photo["package_file"])
        with Image.open(io.BytesIO(data)) as image:
            picture = ImageOps.exif_transpose(image).convert("RGB")
        scale = min(1.0, SHORTER_SIDE / min(picture.size))
        size = (round(picture.width * scale), round(picture.height * scale))
        target = HERE / photo["file"]
        picture = picture.resize(size, Image.Resampling.LANCZOS)
        picture.save(target, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        print(f"{target.name}: {picture.width} x {picture.height}, {target.stat().st_size:,} bytes")


def write_centre() -> None:
    """Average the features of the sample photos."""
    model = load_vision_transformer()
    features = []
    for photo in json.loads((SAMPLES / "photos.json").read_text(encoding="utf-8")):
        decoded = decode_picture((SAMPLES / photo["file"]).read_bytes())
        attention = forward(model, fit_to_patches(decoded, n_patches_target=N_PATCHES))
        features.append(feature_of(attention))
    centre = np.mean(features, axis=0, dtype=np.float64).astype(np.float32)
    CENTRE_PATH.write_bytes(save({"centre": centre}))
    print(f"{CENTRE_PATH.name}: the mean of {len(features)} features of width {len(centre)}")


if __name__ == "__main__":
    main()
