"""Expectations inside functions made by ``sympy.lambdify``: one named callable per mean and target module.

A printer asks for the name of a mean; the generated code imports that name from this module and calls it with the
numbers.  Targets: ``mpmath`` (values to the current working precision) and ``numpy`` (arrays, float64).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["register"]

_means: dict[tuple[str, Any], str] = {}
_callables: dict[str, Callable[..., Any]] = {}


def register(mean: Any, target: str, printer: Any) -> str:
    """The name under which generated code finds the values of ``mean`` as a function of its numbers."""
    key = (target, (type(mean), mean.functions))
    if key not in _means:
        name = f"{target}_mean_{len(_means)}"
        _means[key], _callables[name] = name, _make(mean, target)
    return printer._module_format(f"{__name__}.{_means[key]}")


def __getattr__(name: str) -> Callable[..., Any]:
    if name in _callables:
        return _callables[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _make(mean: Any, target: str) -> Callable[..., Any]:
    if target == "mpmath":
        return mean._mp_

    def values(*numbers: Any) -> Any:
        import numpy as np

        found = np.vectorize(lambda *row: float(mean._value(*map(float, row), digits=17)), otypes=[float])(*numbers)
        return found if found.ndim else float(found)

    return values
