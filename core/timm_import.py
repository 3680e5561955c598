"""Import the part of timm that Vision Transformers are built with.

``import timm`` runs a hundred modules of other models, a client for uploads, and all of
torchvision, whose operators bring PyTorch's compiler and sympy along: 120 MB of memory and 1.3
seconds for what here takes 10 MB and 0.1 s. So the packages whose ``__init__`` pulls that in are
entered without running it; every module inside that is asked for runs as its authors wrote it.

torchvision's compiled library is never loaded either. That matters where it does not fit: the
usual wheel for Linux is built for CUDA, and beside a CPU-only torch the whole package stops with
``operator torchvision::nms does not exist``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Final

# Entered without their __init__, parents first. timm asks torchvision for one class, in
# torchvision.ops.misc.
_PACKAGES: Final = ("torchvision", "torchvision.ops", "timm", "timm.data", "timm.models")
# timm tries to import this, for tracing features, and does without.
_LEFT_OUT: Final = ("torchvision.models",)
# So it does without the client of a model hub, which it asks this package for by name. The package
# itself stays importable, so that another thread may fetch a model meanwhile (core.model_fetch).
_HUB: Final = "huggingface_hub"
# What models and names the lab takes from timm; deit brings the distilled models.
_MODULES: Final = (
    "timm.models.vision_transformer",
    "timm.models.deit",
    "timm.data.imagenet_info",
)


def import_timm() -> ModuleType:
    """Import timm's layers, its Vision Transformers and the names of ImageNet's classes.

    In this process timm and torchvision stay what was imported here; if timm was imported
    before, whole, it is taken as it is.

    Returns
    -------
    ModuleType
        The module ``timm`` with ``create_model``, ``layers``, ``models.vision_transformer``,
        ``models.deit`` and ``data.imagenet_info``.

    Raises
    ------
    ImportError
        If timm or torchvision is not installed, or is laid out in another way.
    """
    if "timm" not in sys.modules:
        with _without(*_LEFT_OUT), _without_lazy_names(_HUB):
            _import_part()
    return sys.modules["timm"]


def _import_part() -> None:
    for package in _PACKAGES:
        if package not in sys.modules:
            _enter(package)
    timm, data = sys.modules["timm"], sys.modules["timm.data"]
    # What the modules below import from the packages themselves.
    timm.__dict__["__version__"] = import_module("timm.version").__version__
    constants = vars(import_module("timm.data.constants"))
    data.__dict__.update({name: constants[name] for name in constants if name.isupper()})

    for module in _MODULES:
        import_module(module)
    timm.__dict__["create_model"] = import_module("timm.models._factory").create_model


def _enter(package: str) -> None:
    """Let modules inside a package be imported without running its ``__init__``."""
    spec = find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(
            f"There is no package {package}: install what requirements.txt lists."
        )
    sys.modules[package] = module_from_spec(spec)
    parent, _, name = package.rpartition(".")
    if parent:
        setattr(sys.modules[parent], name, sys.modules[package])


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Let imports of these modules fail meanwhile, as if they were not installed."""
    before = {name: sys.modules[name] for name in names if name in sys.modules}
    sys.modules.update(dict.fromkeys(names))  # type: ignore[arg-type]  # None: "not to be found"
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
        sys.modules.update(before)


@contextmanager
def _without_lazy_names(package: str) -> Iterator[None]:
    """Let a package have no names meanwhile but those that were imported into it before."""
    if find_spec(package) is None:
        yield
        return
    names = vars(import_module(package))
    lazy = names.pop("__getattr__", None)
    try:
        yield
    finally:
        if lazy is not None:
            names["__getattr__"] = lazy
