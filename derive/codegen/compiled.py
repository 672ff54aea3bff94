"""A system made fast: ``compile_system`` picks a back end and gives a function of arrays; float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from derive.codegen.graph import Program
from derive.codegen.programs import kept, name_of
from derive.codegen.system import program_for
from derive.errors import InputError, UnsupportedError
from derive.system import RecurrenceSystem

__all__ = ["BACKENDS", "CompiledSystem", "Source", "compile_network", "compile_system", "runner_for"]

#: what gives a system, the factors that are multiplied up, and what is shown
Source = Callable[[], tuple[RecurrenceSystem, Mapping[str, sp.Expr], Mapping[str, sp.Expr]]]

BACKENDS = ("auto", "c", "numba", "numpy", "jax")
_AUTO = ("c", "numba", "numpy")


def runner_for(program: Program, backend: str) -> Any:
    """The runner of a program, by name; "auto" takes the first that works here of c, numba and numpy.

    Raises :class:`~derive.errors.UnsupportedError` where what the back end needs is not installed.
    """
    if backend not in BACKENDS:
        raise InputError(f"there is no back end {backend!r}; choose one of {', '.join(BACKENDS)}")
    if backend != "auto":
        return _runner_class(backend)(program)
    for name in _AUTO[:-1]:
        try:
            return _runner_class(name)(program)
        except UnsupportedError:
            continue
    return _runner_class(_AUTO[-1])(program)


def _runner_class(backend: str) -> Any:
    if backend == "c":
        from derive.codegen.backends.c_backend import CRunner

        return CRunner
    if backend == "numba":
        from derive.codegen.backends.numba_backend import NumbaRunner

        return NumbaRunner
    if backend == "jax":
        from derive.codegen.backends.jax_backend import JaxRunner

        return JaxRunner
    from derive.codegen.backends.numpy_backend import NumpyRunner

    return NumpyRunner


class CompiledSystem:
    """A compiled system: ``f(depth, **arrays)`` iterates from the states given; see :func:`compile_system`."""

    def __init__(self, program: Program, backend: str) -> None:
        self.program = program
        self.runner = runner_for(program, backend)

    @cached_property
    def backend(self) -> str:
        """The back end that was taken."""
        return self.runner.name

    def __call__(self, depth: int, trajectory: bool = False, threads: int = 1, **arrays: Any) -> dict[str, np.ndarray]:
        inputs, shape = self.broadcast(arrays)
        result = self.runner.run(depth, inputs, trajectory, threads)
        found = result.layers if trajectory else result.final
        return {n: a.reshape((*a.shape[:-1], *shape)) for n, a in found.items()}

    def broadcast(self, arrays: Mapping[str, Any]) -> tuple[dict[str, np.ndarray], tuple[int, ...]]:
        """States and parameters as arrays of one length, and the shape they had together."""
        names = [*self.program.states, *self.program.parameters]
        unknown = sorted(set(arrays) - set(names))
        missing = [n for n in names if n not in arrays]
        if unknown or missing:
            what = f"unknown {', '.join(unknown)}" if unknown else f"missing {', '.join(missing)}"
            raise InputError(f"{what}; this system takes {', '.join(names)}")
        given = [as_floats(n, arrays[n]) for n in names]
        try:
            wide = np.broadcast_arrays(*given)
        except ValueError as error:
            shapes = ", ".join(f"{n} {a.shape}" for n, a in zip(names, given, strict=True) if a.ndim)
            raise InputError(f"the arrays do not broadcast together: {shapes}") from error
        return {n: np.ascontiguousarray(a).ravel() for n, a in zip(names, wide, strict=True)}, wide[0].shape


def as_floats(name: str, value: Any) -> np.ndarray:
    """A number or array of numbers as float64."""
    if isinstance(value, (str, bytes)):
        raise InputError(f"{name} = {value!r} is text; give numbers or an array of them")
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "iufO" or array.dtype.kind == "b":
            raise TypeError
        return array.astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be real numbers, not {type(value).__name__} {str(value)[:60]}") from error


def compile_system(
    system: RecurrenceSystem,
    backend: str = "auto",
    factors: Mapping[str, sp.Expr] | None = None,
    shown: Mapping[str, sp.Expr] | None = None,
) -> CompiledSystem:
    """Compile a recurrence system into a function of arrays.

    The result is called as ``f(depth, **states_and_parameters)``; arrays are broadcast together.  It gives the states
    after ``depth`` layers by name and the logarithm of the product of each of ``factors``; with ``trajectory=True``
    everything at layers 0..depth along a first axis (factors as they are, NaN at layer 0).  ``threads`` work on
    different points.

    >>> import derive as dv
    >>> q, w = sp.Symbol("q", positive=True), sp.Symbol("w", positive=True)
    >>> f = compile_system(dv.RecurrenceSystem([(q, w * dv.V("tanh", q))]), backend="numpy")
    >>> round(float(f(1, q=1.0, w=2.0)["q"]), 12)
    0.788588980796
    """
    return CompiledSystem(program_for(system, factors, shown), backend)


def compile_network(decides: tuple[Any, ...], source: Source, backend: str) -> CompiledSystem:
    """Compile what ``source`` gives, as :func:`compile_system` does; it is not called where the disk has the program.

    ``decides`` holds what it depends on: texts, numbers and activations.
    """
    return CompiledSystem(kept(name_of("network", *decides), lambda: program_for(*source())), backend)
