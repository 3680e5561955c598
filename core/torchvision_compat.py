"""Import timm where torchvision's compiled operators do not fit the installed torch.

timm needs only the Python part of torchvision. The usual torchvision wheel for Linux is built
for CUDA: beside a CPU-only torch its compiled library cannot be loaded, and ``import
torchvision`` stops with ``operator torchvision::nms does not exist`` while it registers shape
rules for its operators. On exactly that failure the missing operator is declared (a name and a
signature, no code to run) and the import tried again. Where torchvision works, nothing is done:
a second declaration would clash with its own.
"""

from __future__ import annotations

import importlib
import re
import sys
from types import ModuleType

import torch

MAX_MISSING_OPERATORS = 16

_MISSING_OPERATOR = re.compile(r"operator torchvision::(\w+) does not exist")


def import_timm() -> ModuleType:
    """Import timm, with torchvision mended first where that is needed.

    Returns
    -------
    ModuleType
        The module ``timm``.

    Raises
    ------
    ImportError
        If torchvision cannot be imported even with its operators declared.
    """
    declare_missing_operators()
    return importlib.import_module("timm")


def declare_missing_operators() -> tuple[str, ...]:
    """Import torchvision, declaring the operators that its own library failed to bring.

    Returns
    -------
    tuple of str
        Names of the operators declared; empty where torchvision works as installed.

    Raises
    ------
    ImportError
        If the import still fails after `MAX_MISSING_OPERATORS` declarations.
    RuntimeError
        Any other failure of torchvision's import, unchanged.
    """
    declared: list[str] = []
    while len(declared) <= MAX_MISSING_OPERATORS:
        try:
            importlib.import_module("torchvision")
        except RuntimeError as error:
            missing = _MISSING_OPERATOR.search(str(error))
            if missing is None:
                raise
            _declare(missing[1])
            declared.append(missing[1])
            _forget_half_imported_torchvision()
        else:
            return tuple(declared)
    raise ImportError(
        f"torchvision {declared} could not be declared beside torch {torch.__version__}: "
        "install the two in versions that belong together (see requirements.txt)."
    )


def _declare(operator: str) -> None:
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    signature = f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
    library.define(signature)  # type: ignore[no-untyped-call]
    # A declaration dies with its Library object, so torch's own namespace is asked to hold it.
    setattr(torch.ops.torchvision, f"_declared_{operator}", library)


def _forget_half_imported_torchvision() -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
