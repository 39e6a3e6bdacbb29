"""PyTorch's compiler, put off until somebody compiles.

torchvision's import and the first optimizer both import `torch._dynamo`: two seconds of every process, half of its
start, for three functions that mean nothing as long as nothing is compiled. Until something else of the compiler is
asked for, stand-ins answer for these three; then the real modules take their places.
"""

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

_PACKAGE = "torch._dynamo"
_UTILS = f"{_PACKAGE}.utils"


class _PutOff(ModuleType):
    """A module that is imported when anything but what was given to it is asked for."""

    def __init__(self, name: str, **given: Any) -> None:
        super().__init__(name)
        self.__dict__.update(given)

    def __getattr__(self, name: str) -> Any:
        # Importing a submodule that nothing stands in for asks the package for its path.
        if name.startswith("__") and (self.__name__, name) != (_PACKAGE, "__path__"):
            raise AttributeError(name)
        return getattr(_real(self.__name__), name)


def _real(name: str) -> ModuleType:
    for stand_in in (_PACKAGE, _UTILS):
        if isinstance(sys.modules.get(stand_in), _PutOff):
            del sys.modules[stand_in]
    return importlib.import_module(name)


def _disable(function: Callable[..., Any], *_: Any, **__: Any) -> Callable[..., Any]:
    """`torch._dynamo.disable` where nothing is compiled: the function as it is."""
    return function


def _graph_break(*_: Any, **__: Any) -> None:
    """`torch._dynamo.graph_break` where there is no graph."""


def _is_compile_supported(device: Any) -> bool:
    """`torch._dynamo.utils.is_compile_supported`, which torchvision imports and asks only when it compiles."""
    supported: bool = _real(_UTILS).is_compile_supported(device)
    return supported


def put_off() -> None:
    """Let the stand-ins answer, unless the compiler is there already."""
    if _PACKAGE not in sys.modules:
        utils = _PutOff(_UTILS, is_compile_supported=_is_compile_supported)
        sys.modules[_PACKAGE] = _PutOff(_PACKAGE, utils=utils, disable=_disable, graph_break=_graph_break)
        sys.modules[_UTILS] = utils
