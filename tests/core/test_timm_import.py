"""Only the part of timm that Vision Transformers need is imported, and it is timm's own."""

from __future__ import annotations

import json
import subprocess
import sys
from types import ModuleType

import pytest

from core import timm_import
from core.timm_import import import_timm

# What an import of all of timm brings along: 120 MB and more than a second.
NOT_NEEDED = (
    "huggingface_hub.hf_api",
    "sympy",
    "timm.models.resnet",
    "torch._dynamo",
    "torchvision.datasets",
    "torchvision.models",
)
# Each runs in a process of its own, as what is imported stays.
LOADING = """
from core.vit import forward, load_vision_transformer
import numpy as np
forward(load_vision_transformer(), np.zeros((28, 28, 3), np.uint8))
"""
TEXT_MODELS = """
from core.encoder import embed, load_encoder
from core.recurrent_translator import load_recurrent_translator, translate_recurrent
from core.text import tokenise
from core.translator import load_translator, translate
embed(load_encoder(), [tokenise("A cat.")])
translate(load_translator(), ["the", "cat"])
translate_recurrent(load_recurrent_translator(), ["the", "cat"])
"""
FETCHING_FIRST = """
import core.model_fetch
from core.imagenet_vit import class_names
assert len(class_names()) == 1000
"""
WHOLE_FIRST = """
import sys
from types import ModuleType
sys.modules["timm"] = whole = ModuleType("timm")
from core.timm_import import import_timm
assert import_timm() is whole
"""


def modules_after(program: str) -> set[str]:
    """Return the names of all modules imported once a program ran."""
    program += "\nimport json, sys; print(json.dumps([n for n, m in sys.modules.items() if m]))"
    ran = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout))


def test_loading_and_running_the_model_imports_little_of_timm() -> None:
    imported = modules_after(LOADING)
    assert "timm.models.vision_transformer" in imported
    assert imported.isdisjoint(NOT_NEEDED)


def test_the_text_models_need_neither_timm_nor_the_compiler() -> None:
    imported = modules_after(TEXT_MODELS)
    assert "torch" in imported
    assert imported.isdisjoint({*NOT_NEEDED, "timm", "torchvision"})


def test_a_timm_that_was_imported_before_is_left_alone() -> None:
    assert "timm.models" not in modules_after(WHOLE_FIRST)


def test_models_can_be_fetched_and_built_in_one_process() -> None:
    imported = modules_after(FETCHING_FIRST)
    assert {"huggingface_hub.file_download", "timm.models.deit"} <= imported
    assert imported.isdisjoint(NOT_NEEDED)


def test_another_thread_can_import_the_hub_meanwhile() -> None:
    import huggingface_hub

    with timm_import._without_lazy_names("huggingface_hub"):
        from huggingface_hub import constants

        assert constants.SAFETENSORS_SINGLE_FILE == "model.safetensors"
        if "HfApi" not in vars(huggingface_hub):
            with pytest.raises(ImportError):
                from huggingface_hub import HfApi  # noqa: F401
    assert callable(huggingface_hub.try_to_load_from_cache)


def test_a_hub_that_is_not_installed_is_not_missed() -> None:
    with timm_import._without_lazy_names("no_such_package"):
        assert "no_such_package" not in sys.modules


def test_it_is_the_installed_timm_and_builds_its_model() -> None:
    timm = import_timm()
    assert timm.__version__ == timm.version.__version__
    model = timm.create_model("vit_tiny_patch16_224", weight_init="skip", device="meta")
    assert type(model) is timm.models.vision_transformer.VisionTransformer
    assert import_timm() is timm
    distilled = timm.create_model(
        "deit_tiny_distilled_patch16_224", weight_init="skip", device="meta"
    )
    assert type(distilled) is timm.models.deit.VisionTransformerDistilled


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"no_such_package.*requirements\.txt"):
        timm_import._enter("no_such_package")


def test_what_is_left_out_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ModuleType("made_up_for_a_test")
    monkeypatch.setitem(sys.modules, before.__name__, before)
    with (
        pytest.raises(RuntimeError, match="inside"),
        timm_import._without(before.__name__, "another_for_a_test"),
    ):
        with pytest.raises(ModuleNotFoundError):
            __import__(before.__name__)
        raise RuntimeError("inside")
    assert sys.modules[before.__name__] is before
    assert "another_for_a_test" not in sys.modules
